/* The way out: SMTP (RFC 5321), a sendmail-like command, or a Maildir for trying.
 *
 * The result says what is known, and never more: OUT_DOUBT when the last byte of
 * the message may have arrived and no answer came. One connection carries many
 * messages. Addresses are checked again here: a bad one never reaches the wire. */
#ifndef NET_OUTGOING_H
#define NET_OUTGOING_H

#include <stdint.h>

#include "base/slice.h"
#include "net/net.h"

struct outgoing;

int outgoing_open(struct outgoing **o_r, const struct account *account, const char *secret,
    const struct net_options *opt, struct err *e);

/* What EHLO offered; of a command or Maildir everything is offered. */
struct outgoing_caps {
	bool dsn, pipelining, eight_bit, smtputf8;
	uint64_t max_size; /* 0 = not told */
};
const struct outgoing_caps *outgoing_caps(const struct outgoing *o);
const char *outgoing_words(const struct outgoing *o); /* "smtp.example.org, TLSv1.3", cleaned */

enum outgoing_outcome {
	OUT_NOT_SENT, /* surely nothing was accepted: may be tried again */
	OUT_REFUSED,  /* a person must do something first (5xx) */
	OUT_PARTLY,   /* accepted for some recipients: see `results` */
	OUT_SENT,
	OUT_DOUBT,
};

struct outgoing_result {
	bool accepted;
	unsigned reply_code; /* 0 = none came */
	char reply[400];     /* exact text, cleaned, lines joined */
};

struct outgoing_mail {
	struct slice envelope_from; /* "" = <> */
	const struct slice *recipients;
	size_t n_recipients;
	const struct slice *original_recipients; /* ORCPT, may be NULL */
	struct slice envelope_id;                /* ENVID, "" = none; plain text */
	struct slice bytes;                      /* CRLF, not dot-stuffed */
	bool has_8bit;
};

/* Sends one message. `results` has n_recipients rows. `reply` (400 bytes, may be
 * NULL) gets the answer to the final dot, cleaned: it often holds the queue id.
 * Returns the outcome; *e has words for everything but OUT_SENT. After OUT_DOUBT
 * or a lost connection the session is dead. */
enum outgoing_outcome outgoing_send(struct outgoing *o, const struct outgoing_mail *m,
    struct outgoing_result *results, char *reply, struct err *e);

void outgoing_close(struct outgoing **o);

#endif
