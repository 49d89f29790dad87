/* The one door from strangers' bytes to the screen and to the log.
 *
 * What comes out is valid UTF-8 on one line: control characters (C0, DEL, C1 as
 * code points and as single bytes), bidi controls, invisible format characters,
 * unpaired surrogates, noncharacters and broken UTF-8 become a visible sign;
 * tab and line ends become a space. Cleaning is for showing: the bytes as they
 * came are kept elsewhere, because they may be sent again. */
#ifndef BASE_CLEAN_H
#define BASE_CLEAN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

/* Only clean makes it; drawing and logging take only it. */
struct clean_text {
	const char *s; /* NUL-terminated, never NULL */
};

/* A line longer than this is cut with an ellipsis: nobody reads further. */
#define CLEAN_MAX_BYTES 4096

struct clean_text clean(struct arena *a, struct slice dirty);
/* Keeps line breaks as '\n'; no limit but the caller's. */
struct clean_text clean_lines(struct arena *a, struct slice dirty);
/* For words of our own that are literals. */
struct clean_text clean_literal(const char *ours);

/* The same, appended to b; returns whether it was cut at max_bytes. */
bool clean_append(struct buf *b, struct slice dirty, size_t max_bytes);

/* Reads one code point of [p, end): its length in bytes, or 0 for a byte that
 * starts no valid sequence (RFC 3629: no overlong forms, no surrogates). */
size_t utf8_decode(const char *p, const char *end, unsigned *cp);

/* One code point as UTF-8: 1 to 4 bytes. The caller sees to it that it is one. */
size_t utf8_encode(char out[4], unsigned cp);

/* Columns that a code point takes: 0, 1 or 2. Independent of the locale. */
int utf8_width(unsigned cp);
int utf8_columns(const char *cleaned);
/* Bytes of `cleaned` that fit in `cols` columns; never splits a character. */
size_t utf8_fit(const char *cleaned, int cols, int *used_cols);

#endif
