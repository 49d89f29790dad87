/* A borrowed run of bytes. Not NUL-terminated, may hold any byte.
 *
 * "Not known" is the empty slice, never NULL: `p` is always a valid pointer.
 * A slice lives as long as what it points into; it owns nothing. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
	const char *p;
	size_t n;
};

#define SLICE_EMPTY ((struct slice){"", 0})
/* Of a string literal. */
#define SLICE_LIT(s) ((struct slice){(s), sizeof(s) - 1})
/* For printf: `%.*s`. Only for text of our own; strangers' text goes through clean. */
#define SLICE_FMT(s) (int)(s).n, (s).p

/* ASCII only, independent of the locale. */
static inline char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static inline char
ascii_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

static inline bool
ascii_isdigit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
ascii_isalpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool
ascii_isspace(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct slice slice_of(const char *cstr); /* NULL gives the empty slice */

static inline struct slice
slice_range(const char *begin, const char *end)
{
	return (struct slice){begin, end > begin ? (size_t)(end - begin) : 0};
}

/* Clamps: never reaches outside of s. */
static inline struct slice
slice_sub(struct slice s, size_t from, size_t len)
{
	if (from > s.n)
		from = s.n;
	if (len > s.n - from)
		len = s.n - from;
	return (struct slice){s.p + from, len};
}

static inline struct slice
slice_from(struct slice s, size_t from)
{
	if (from > s.n)
		from = s.n;
	return (struct slice){s.p + from, s.n - from};
}

/* ASCII case folding only: what header names and keywords need (RFC 5322 1.2.2). */
bool slice_same_folded(const char *a, const char *b, size_t n);
int slice_cmp(struct slice a, struct slice b);
bool slice_iis_any(struct slice a, const char *const *cstrs, size_t n);
bool slice_istarts(struct slice s, const char *prefix);

static inline bool
slice_eq(struct slice a, struct slice b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

/* Most comparisons fail at the first letter, which differs in more than its case. */
static inline bool
slice_may_begin(struct slice a, char c)
{
	return a.n == 0 || ((a.p[0] ^ c) & 0xdf) == 0;
}

static inline bool
slice_ieq(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || slice_may_begin(a, b.p[0])) &&
	    slice_same_folded(a.p, b.p, a.n);
}

/* Here, so that the length of a literal is known when it is compiled. */
static inline bool
slice_is(struct slice a, const char *cstr)
{
	return a.n == strlen(cstr) && memcmp(a.p, cstr, a.n) == 0;
}

static inline bool
slice_iis(struct slice a, const char *cstr)
{
	return slice_may_begin(a, cstr[0]) && a.n == strlen(cstr) &&
	    slice_same_folded(a.p, cstr, a.n);
}

static inline bool
slice_starts(struct slice s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && memcmp(s.p, prefix, n) == 0;
}

static inline bool
slice_iends(struct slice s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.n >= n && slice_same_folded(s.p + s.n - n, suffix, n);
}

#define SLICE_NONE ((size_t)-1)
/* Index of the first hit, or SLICE_NONE. */
size_t slice_find(struct slice s, const char *needle);
size_t slice_ifind(struct slice s, const char *needle);

static inline size_t
slice_chr(struct slice s, char c)
{
	const char *hit = s.n == 0 ? NULL : memchr(s.p, c, s.n);

	return hit == NULL ? SLICE_NONE : (size_t)(hit - s.p);
}

struct slice slice_trim_ends(struct slice s);

/* SP, HT, CR, LF, NUL at both ends; mostly there are none. */
static inline struct slice
slice_trim(struct slice s)
{
	if (s.n > 0 && (unsigned char)s.p[0] > ' ' && (unsigned char)s.p[s.n - 1] > ' ')
		return s;
	return slice_trim_ends(s);
}

/* Index of the first CR or LF, or s.n. Never looks far behind it: a walk over all
 * lines is linear whatever ends them. */
size_t slice_eol(struct slice s);

/* Takes the next line off `rest`; LF, CRLF and lone CR all end a line and are
 * left out of it. False when nothing is left. */
bool slice_line(struct slice *rest, struct slice *line);

#endif
