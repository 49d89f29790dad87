/* How a user proves who they are (RFC 4422), for IMAP and SMTP alike. Private to
 * this room. Pure: challenges in, replies out, both in base64.
 *
 * PLAIN (RFC 4616), LOGIN, CRAM-MD5 (RFC 2195), SCRAM-SHA-1 and -256 (RFC 5802,
 * RFC 7677; the server's signature is verified), XOAUTH2, OAUTHBEARER (RFC 7628). */
#ifndef NET_SASL_H
#define NET_SASL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"

struct sasl;

/* "SCRAM-SHA-256"; "" for AUTH_AUTO. */
const char *sasl_name(enum conf_auth mechanism);

/* The mechanism to use: what was asked for, else the best that `offered` (words
 * separated by spaces) has. ERR_LOGIN with words if there is none. AUTH_AUTO is
 * given back when nothing is offered at all. */
int sasl_pick(enum conf_auth wanted, const char *offered, bool is_private, enum conf_auth *pick_r,
    struct err *e);

/* Everything is copied. `host` and `port` go into OAUTHBEARER. ERR_LOGIN if user
 * or secret hold what no mechanism can carry. */
int sasl_new(struct sasl **s_r, enum conf_auth mechanism, const char *user, const char *secret,
    const char *host, unsigned port, struct err *e);
/* May the first reply go with the command (RFC 4959)? LOGIN and CRAM-MD5 wait. */
bool sasl_is_first(const struct sasl *s);
/* Answers a challenge; for the first reply the challenge is empty. Appends to reply. */
int sasl_step(struct sasl *s, struct slice challenge, struct buf *reply, struct err *e);
/* After a step: what is the client still to say? Nothing; an empty line, to the server's proof of
 * itself; or more, or who knows. */
enum sasl_rest { SASL_NOTHING, SASL_EMPTY, SASL_MORE };
enum sasl_rest sasl_rest(const struct sasl *s);
/* The server said OK: has it proved itself where the mechanism asks for that? */
int sasl_finish(const struct sasl *s, struct err *e);
/* The server said no, in `words` (raw): what happened and what to do. ERR_BUSY if the same
 * may go well later, else ERR_LOGIN. */
int sasl_refused(const struct sasl *s, struct slice words, struct err *e);
void sasl_free(struct sasl **s); /* wipes the secret */

void base64_add(struct buf *out, struct slice in);
bool base64_decode(struct slice in, struct buf *out); /* appends; false if it is none */

#endif
