/* Edit as new: a returned message becomes a new one (RFC 5322 3.6.4).
 *
 * The draft is the original's header and its text, readable and to be changed in
 * an editor, under lines Envelope-To: the recipients of its envelope, one a line, which
 * never reach the wire. Message-ID and Date are new; In-Reply-To, References, To and Cc stay.
 * Trace, Resent-*, Bcc, signatures and what deliveries and filters have added are
 * left out. A field whose draft was left as it was goes on byte for byte, and so
 * does a body whose text was; attachments always do. */
#ifndef MSG_ANEW_H
#define MSG_ANEW_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define ANEW_ENVELOPE "Envelope-To"

struct anew_original {
	struct slice bytes; /* the message, or the header and what came back of the body */
	bool is_whole;      /* else only its text is used, not its structure */
};

struct anew_options {
	struct slice recipient;   /* wire-safe */
	const struct slice *more; /* further ones */
	size_t n_more;
	struct slice from, to, subject; /* where the original has none */
	struct slice message_id;
	int64_t now;
	int zone_minutes;
};

/* LF line ends, UTF-8. ERR_REFUSED if a recipient is not wire-safe. */
int anew_draft(struct arena *a, struct buf *out, const struct anew_original *original,
    const struct anew_options *o, struct err *e);

struct anew_message {
	struct slice bytes;       /* CRLF, not dot-stuffed; in the arena */
	struct slice recipient;   /* the first of … */
	struct slice *recipients; /* … these */
	size_t n_recipients;
	struct slice message_id;
	struct slice *added; /* header lines that the original has not, for the preview */
	size_t n_added;
	struct slice *removed;
	size_t n_removed;
	bool has_8bit;
	bool is_text_changed;
	bool is_html_dropped; /* it said what the text said before */
};

/* What came back from the editor, made ready for the wire. ERR_REFUSED with words
 * when a needed line is missing or broken, when there is no recipient, one that is not
 * wire-safe, one twice or more than max_recipients, when the Message-ID is the original's, or when the text of a message
 * that is signed, encrypted or has no text was written. */
int anew_finish(struct arena *a, struct slice edited, const struct anew_original *original,
    struct anew_message *m, struct err *e); /* for one recipient */
int anew_finish_for(struct arena *a, struct slice edited, const struct anew_original *original,
    size_t max_recipients, struct anew_message *m, struct err *e);

#endif
