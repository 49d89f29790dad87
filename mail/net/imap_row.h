/* Reads one FETCH or LIST response (RFC 9051 7.5.2, 7.3.1). Private to this room. Pure. */
#ifndef NET_IMAP_ROW_H
#define NET_IMAP_ROW_H

#include "base/buf.h"
#include "net/imap.h"

#define IMAP_ROW_KEYWORDS 64 /* of one message; more are left out */

struct imap_row {
	struct imap_message m;
	bool has_bytes; /* a body was in it, were it an empty one */
	const char *keywords[IMAP_ROW_KEYWORDS];
	struct buf words;    /* the keywords, each with its NUL */
	struct buf unquoted; /* a body that came as a quoted string */
};

/* `line` is "12 FETCH (…)" with its literals' bytes right behind their "{n}", as
 * imap_read gives it. False if it makes no sense, or the UID is over 32 bits.
 * Slices point into `line` or `row`; m.uid 0: it names none. */
bool imap_row_read(struct imap_row *row, struct slice line);
bool imap_row_is(struct slice line); /* is it a FETCH response at all? */
/* Of "LIST (\\Sent) "/" name": what is between the first parentheses, and the name as it
 * is on the wire. False if it is no such response. */
bool imap_list_read(struct slice line, struct slice *flags, struct buf *name);
void imap_row_free(struct imap_row *row);

#endif
