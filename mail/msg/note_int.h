/* What notes and messages that are edited as new share. Private to the room. */
#ifndef MSG_NOTE_INT_H
#define MSG_NOTE_INT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "msg/field.h"

/* What came back from an editor: without a byte order mark, in UTF-8. */
struct slice note_utf8(struct arena *a, struct slice edited);
/* From, Subject, Date and Message-ID are there once and can be read (RFC 5322 3.6).
 * `what` for the words: "the note". */
int note_check(struct arena *a, struct slice header, const char *what, struct err *e);
/* A field as typed, in the form that its name asks for. Bcc and what MIME needs are
 * left out. */
void note_add_field(struct arena *a, struct buf *out, const struct field *f);
/* Content-Type and -Transfer-Encoding, the empty line, and the text. `more` are
 * further parameters, "; format=flowed" or "". */
void note_add_text(struct buf *out, struct slice text, const char *more);

#endif
