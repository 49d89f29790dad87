/* Header fields (RFC 5322 2.2), read from borrowed bytes.
 *
 * Liberal: white space before the colon, any line end, obsolete forms. A line
 * that is no field ends the header, except that an mbox "From " line before a
 * field is passed over. Limits: FIELD_MAX_COUNT, FIELD_MAX_BYTES. */
#ifndef MSG_FIELD_H
#define MSG_FIELD_H

#include "base/arena.h"
#include "base/slice.h"

#define FIELD_MAX_COUNT 2000          /* more than any real mail by a factor of ten */
#define FIELD_MAX_BYTES (1024 * 1024) /* of the whole header */

struct field {
	struct slice name;
	struct slice value; /* raw: still folded, white space at both ends left out */
	struct slice whole; /* name, colon, value and line end, as it came */
};

/* Takes the next field off `rest`; false at the end of the header, where `rest`
 * begins with the body (the empty line is taken too). */
bool field_next(struct slice *rest, struct field *f);

/* Splits at the empty line, which is in neither. `body` is empty if there is none.
 * The limits are kept here: what lies behind them counts as body. */
void field_split(struct slice message, struct slice *header, struct slice *body);

/* First field of that name, value raw; the empty slice if none. nth counts from 0. */
struct slice field_get(struct slice header, const char *name);
struct slice field_get_nth(struct slice header, const char *name, unsigned nth);

/* Unfolds (RFC 5322 2.2.3), the blanks around a fold become one, and trims. Borrows when there is nothing to do. */
struct slice field_unfold(struct arena *a, struct slice value);
/* Unfolds, then decodes RFC 2047 words: UTF-8. */
struct slice field_text(struct arena *a, struct slice value);

#endif
