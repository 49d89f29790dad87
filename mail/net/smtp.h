/* One SMTP session (RFC 5321), over libetpan's stream with our driver below it.
 * Private to this room. */
#ifndef NET_SMTP_H
#define NET_SMTP_H

#include "net/stream.h"
#include "net/way.h"

#define SMTP_FINAL_TIMEOUT_S 600 /* after the final dot, RFC 5321 4.5.3.2.6 */

struct smtp {
	struct stream *st;
	mailstream *ms;
	MMAPString *line;
	char *host;
	unsigned port;
	unsigned timeout_s;
	struct outgoing_caps caps;
	bool starttls;
	bool enhanced;
	char *mechanisms; /* of AUTH, separated by spaces */
	bool needs_reset; /* the last transaction was left open */
	unsigned code;    /* of the last reply */
	struct buf reply; /* "250 2.0.0 Ok: queued", lines joined, raw */
};

/* Sends "text CRLF" without waiting; smtp_flush brings it on its way. */
int smtp_put(struct smtp *s, const char *text, struct err *e);
int smtp_flush(struct smtp *s, struct err *e);
/* Reads one reply into code and reply. Anything that is none kills the session. */
int smtp_get(struct smtp *s, struct err *e);
/* put, flush, get */
int smtp_ask(struct smtp *s, const char *text, struct err *e);
int smtp_check(const struct smtp *s, struct err *e);
/* The last reply as an error: "smtp.example.org says: 550 5.1.1 …". */
int smtp_refused(const struct smtp *s, struct err *e);
int smtp_login(struct smtp *s, const struct account *account, const char *secret, struct err *e);

enum outgoing_outcome smtp_send(void *state, const struct outgoing_mail *m,
    struct outgoing_result *results, char *reply, struct err *e);

#endif
