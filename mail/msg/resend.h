/* Builds the message that is sent again (RFC 5322 3.6.6).
 *
 * Headers and body stay byte for byte as they were, Message-ID and Date too, so
 * that DKIM holds and receivers that have it already can tell. A Resent-* block
 * is put before them. Line ends become CRLF, nothing else changes.
 *
 * Left out: Bcc, Resent-Bcc, Return-Path, Delivered-To, X-Original-To,
 * X-Envelope-To, and the trace that was added after us: the run of Received,
 * Received-SPF, Authentication-Results and ARC-* fields at the very top. Any other
 * field ends the run (a DKIM-Signature too), what stands below it stays, and so
 * does the oldest Received, which tells that we submitted the message. No signer
 * covers these (RFC 6376 5.4.1).
 *
 * Resent-To names one recipient; of several only those that stand in To or Cc, so
 * that two who got the message blindly do not learn of each other. */
#ifndef MSG_RESEND_H
#define MSG_RESEND_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include <stdint.h>

struct resend_options {
	struct slice original;          /* the whole message, raw */
	const struct slice *recipients; /* wire-safe addresses */
	size_t n_recipients;
	struct slice from;       /* Resent-From, "Alice <alice@example.org>" */
	struct slice message_id; /* of the Resent-Message-ID, with <> */
	int64_t now;
	int zone_minutes;
	bool drop_dkim; /* the relay signs anew and refuses a second signature */
};

struct resend_message {
	struct slice bytes;  /* CRLF, not dot-stuffed; in the arena */
	struct slice *added; /* header lines, for the preview */
	size_t n_added;
	struct slice *removed;
	size_t n_removed;
	bool has_8bit;
	bool has_utf8_header;    /* raw, as RFC 6532 allows: only SMTPUTF8 carries it */
	bool is_list_mail;       /* List-Id or Precedence: a verbatim resend is dropped silently */
	bool is_automatic;       /* Auto-Submitted other than no, null Return-Path */
	bool was_too_long_lines; /* lines over 998 bytes (RFC 5322 2.1.1) */
};

/* Is there raw UTF-8 in the header of a message? Other bytes are nobody's letters. */
bool resend_needs_utf8(struct slice message);

/* ERR_REFUSED when the original has no header or a recipient is not wire-safe. */
int resend_build(
    struct arena *a, const struct resend_options *o, struct resend_message *m, struct err *e);

/* Do the returned headers and a found copy belong to the same message? Compares
 * Message-ID, Date, From and Subject as far as both have them; `why` gets words. */
bool resend_is_same(
    struct arena *a, struct slice returned_header, struct slice found_header, struct slice *why);

/* The same by what a server that writes its own Message-ID leaves alone: equal Date and
 * Subject, a From that does not differ, and `recipient` in To, Cc or Bcc. A guess,
 * which a person has to confirm. */
bool resend_is_alike(struct arena *a, struct slice returned_header, struct slice found_header,
    struct slice recipient, struct slice *why);

/* Does To, Cc or Bcc of the message name this address? A report that is forged
 * can name any; a Bcc that was taken out, or a list's member, is named nowhere. */
bool resend_is_named(struct arena *a, struct slice message, struct slice recipient);

#endif
