/* One question to a name server. Private to this room. */
#ifndef NET_DNS_H
#define NET_DNS_H

#include "net/probe.h"

#define DNS_ANSWER_BYTES 8192
#define DNS_NAME_BYTES 256

struct dns_answer {
	bool is_no_name; /* there is no such name */
	size_t n;
	unsigned char bytes[DNS_ANSWER_BYTES]; /* the whole message, for ns_initparse */
};

/* Asks beside this thread, so that a cancel does not wait for a name server. `type`
 * is an ns_type. -1: nobody could say (ERR_DNS, ERR_TIMEOUT, ERR_CANCELLED). */
int dns_ask(const char *name, int type, const struct probe_options *o, struct dns_answer *answer,
    struct err *e);

/* A domain in the form that is asked for: ASCII, names beyond it by IDNA 2008.
 * malloc'ed; NULL and words if it is none. */
char *dns_name(struct slice domain, struct err *e);

/* Letters, digits, - and dots: what may be asked of a name server; an answer may name
 * anything. */
bool dns_is_name(const char *s);

#endif
