/* Stands between an IMAP server's bytes and the parser, and looks at each line
 * before the parser sees it. Private to this room. Pure: bytes in, bytes out.
 *
 * The parser (libetpan 1.9) trusts its server: it asks for any amount of memory,
 * recurses over parentheses, loses its way at an untagged response that it does
 * not know, and drops the words of a BYE. So: lines, literals and nesting have
 * ceilings, unknown untagged responses are left out, a malformed PERMANENTFLAGS
 * is left out, BYE ends the stream with its words, and changes of the mailbox
 * are counted whoever's answer they came in. */
#ifndef NET_GUARD_H
#define NET_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

#define GUARD_MAX_LINE (16u << 20) /* a SEARCH over two million messages */
#define GUARD_MAX_HELD 8192        /* a status response; real ones are under 1 KB */
#define GUARD_MAX_DEPTH 50         /* parentheses in one response */

enum guard_state { GUARD_HOLD, GUARD_LINE, GUARD_LITERAL };

struct guard {
	enum guard_state state;
	uint64_t max_literal; /* set by who asks for a body */
	bool passes_vanished; /* whoever asks can read it */
	bool is_dropped;      /* of the line we are in */
	bool after_literal;   /* the line goes on behind a literal */
	uint64_t literal_left;
	size_t line_bytes;
	unsigned depth;
	char tail[24]; /* the end of the line so far, for {n} */
	size_t n_tail;
	struct buf held;     /* the beginning of a line that is not decided yet */
	struct buf tagged;   /* the last line that was no untagged response, raw */
	struct buf greeting; /* the first line, raw */
	uint32_t exists;     /* the last EXISTS; UINT32_MAX = none came */
	unsigned n_changes;  /* EXISTS, EXPUNGE and VANISHED so far */
	unsigned n_fetches;
};

void guard_init(struct guard *g, uint64_t max_literal);
/* Appends to `out` what may pass. -1 when the server must not be listened to any
 * longer; what came before it is in `out` all the same. */
int guard_feed(struct guard *g, struct slice in, struct buf *out, struct err *e);
void guard_free(struct guard *g);

#endif
