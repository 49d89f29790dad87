/* Notes: a template and facts make a draft message (RFC 5322, RFC 3676).
 *
 * A template is a text of `Subject: …`, an empty line and a body, with
 * {placeholders}; a line whose placeholders are all empty is left out. Those whose
 * names begin with "if_" only say that a line holds: neither their value nor the
 * blank behind them is shown. An unknown placeholder is an error with its line.
 * Further lines of a value begin with the blanks and ">" that its first line begins
 * with, and below the column of the first line if that is indented. Values pass
 * through clean, and in the subject they stay on one line. */
#ifndef MSG_NOTE_H
#define MSG_NOTE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct note_value {
	const char *name;
	struct slice value; /* UTF-8; may have several lines */
};

struct note_options {
	struct slice template_text;
	const char *template_name; /* for messages */
	const struct note_value *values;
	size_t n_values;
	struct slice from; /* "Alice Example <alice@example.org>" */
	struct slice to;   /* wire-safe address */
	struct slice message_id;
	struct slice in_reply_to; /* Message-ID of the original, "" if none */
	struct slice report;      /* not in the draft: note_finish attaches it */
	int64_t now;
	int zone_minutes;
};

/* The draft as a message with LF line ends and UTF-8 text/plain, readable and
 * editable as it stands. */
int note_draft(struct buf *out, const struct note_options *o, struct err *e);

/* What came back from the editor, made ready for the wire: CRLF, header words
 * encoded, MIME fields, attachment. Recipients are read from To, Cc and Bcc (which
 * is taken out) and checked; ERR_REFUSED with words if there is none, one is not
 * wire-safe or was not understood. Nothing is invented: From, Subject, Date and
 * Message-ID must be there once and readable, else ERR_REFUSED. */
int note_finish(struct arena *a, struct slice edited, struct slice report, struct slice *bytes,
    struct slice **recipients, size_t *n_recipients, struct err *e);

#endif
