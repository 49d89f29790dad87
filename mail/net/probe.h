/* Does a domain's mail server answer, seen from here?
 *
 * Looks up the MX (RFC 5321 5.1, RFC 7505), connects to each host, reads its
 * greeting and says QUIT: no envelope, ever, so nobody's addresses are tried. What
 * is silent from here may answer elsewhere: port 25 is closed to many machines. */
#ifndef NET_PROBE_H
#define NET_PROBE_H

#include "net/net.h"

#define PROBE_MAX_HOSTS 4
#define PROBE_TIMEOUT_S 8 /* of each host */

struct probe_options {
	const struct net_options *net;
	const char *nameserver; /* "" = the system's; an IPv4 address in tests */
	unsigned dns_port;      /* 0 = 53 */
	unsigned smtp_port;     /* 0 = 25 */
};

enum probe_verdict {
	PROBE_ANSWERS,   /* at least one greets with 220 */
	PROBE_BUSY,      /* answers, but none with 220 */
	PROBE_SILENT,    /* none could be reached from here */
	PROBE_NO_MAIL,   /* null MX */
	PROBE_NO_DOMAIN, /* no such name */
	PROBE_UNKNOWN,   /* nobody could say, or it was cancelled: *e */
};

/* A line as it is known: `what` is a host or "MX"; both raw. */
typedef void (*probe_line_fn)(void *ctx, const char *what, const char *words, bool is_good);

enum probe_verdict probe_domain(struct slice domain, const struct probe_options *o,
    probe_line_fn say, void *ctx, struct err *e);

/* Whom the domain names in its records, an address a line: `what` is SOA (who runs its
 * names, RFC 1035), TLSRPT (RFC 8460) or DMARC (RFC 7489), who want to hear of trouble
 * with TLS and with proofs of origin. -1: no name server said. */
int probe_published(struct slice domain, const struct probe_options *o, probe_line_fn say,
    void *ctx, struct err *e);

#endif
