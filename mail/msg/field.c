#include "msg/field.h"

#include "base/scan.h"
#include "msg/coding.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Behind the "LF", "CRLF" or "CR" that stands at p; p if there is none. */
static inline const char *
behind_line_end(const char *p, const char *end)
{
	if (p < end && *p == '\r')
		p++;
	else if (p < end && *p == '\n')
		return p + 1;
	else
		return p;
	return p < end && *p == '\n' ? p + 1 : p;
}

static inline const char *
behind_line(const char *p, const char *end)
{
	return behind_line_end(scan_either(p, end, '\n', '\r'), end);
}

/* The first byte that is no ftext (RFC 5322 3.6.8), or `end`. */
static inline const char *
name_end(const char *p, const char *end)
{
#ifdef __SSE2__
	const __m128i first = _mm_set1_epi8(33);
	const __m128i del = _mm_set1_epi8(127);
	const __m128i colon = _mm_set1_epi8(':');

	for (; end - p >= 16; p += 16) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
		/* signed: bytes from 0x80 on are below 33 too */
		__m128i odd = _mm_or_si128(_mm_cmplt_epi8(x, first),
		    _mm_or_si128(_mm_cmpeq_epi8(x, del), _mm_cmpeq_epi8(x, colon)));
		int hits = _mm_movemask_epi8(odd);

		if (hits != 0)
			return p + __builtin_ctz((unsigned)hits);
	}
#endif
	while (p < end && (unsigned char)*p > 32 && (unsigned char)*p < 127 && *p != ':')
		p++;
	return p;
}

/* field-name = 1*ftext. Length of the name, and where the colon stands; 0 if this
 * line is no field. */
static inline size_t
name_bytes(const char *begin, const char *end, const char **colon)
{
	const char *p = name_end(begin, end);
	size_t n = (size_t)(p - begin);

	while (p < end && is_blank(*p))
		p++;
	*colon = p;
	return p < end && *p == ':' ? n : 0;
}

/* "From alice@example.org Fri Nov 20 …" in an mbox file, ">From " when quoted:
 * behind it if a field follows, else NULL. */
static const char *
behind_mbox_line(const char *p, const char *end)
{
	struct slice s = slice_range(p, end);
	const char *next;
	const char *colon;

	if (!slice_starts(s, "From ") && !slice_starts(s, ">From "))
		return NULL;
	next = behind_line(p, end);
	return name_bytes(next, end, &colon) > 0 ? next : NULL;
}

bool
field_next(struct slice *rest, struct field *f)
{
	const char *begin = rest->p;
	const char *end = rest->p + rest->n;
	const char *value_end;
	const char *colon;
	const char *p;
	size_t n = name_bytes(begin, end, &colon);

	if (n == 0) {
		p = behind_mbox_line(begin, end);
		if (p == NULL) {
			*rest = slice_range(behind_line_end(begin, end), end);
			return false;
		}
		begin = p;
		n = name_bytes(begin, end, &colon);
	}
	/* all its lines: the first, and those that begin with a blank */
	p = colon + 1;
	do {
		value_end = scan_either(p, end, '\n', '\r');
		p = behind_line_end(value_end, end);
	} while (p < end && is_blank(*p));
	f->name = (struct slice){begin, n};
	f->whole = slice_range(begin, p);
	colon += colon + 1 < value_end && colon[1] == ' ' ? 2 : 1; /* as nearly all write it */
	f->value = slice_trim(slice_range(colon, value_end));
	*rest = slice_range(p, end);
	return true;
}

void
field_split(struct slice message, struct slice *header, struct slice *body)
{
	struct slice rest = message;
	struct slice before = message;
	struct field f;

	for (unsigned i = 0; i < FIELD_MAX_COUNT && rest.p - message.p < FIELD_MAX_BYTES; i++) {
		if (!field_next(&rest, &f))
			break;
		before = rest;
	}
	*header = slice_range(message.p, before.p);
	*body = rest;
}

struct slice
field_get_nth(struct slice header, const char *name, unsigned nth)
{
	struct slice wanted = slice_of(name);
	struct field f;

	while (field_next(&header, &f)) {
		if (slice_ieq(f.name, wanted) && nth-- == 0)
			return f.value;
	}
	return SLICE_EMPTY;
}

struct slice
field_get(struct slice header, const char *name)
{
	return field_get_nth(header, name, 0);
}

struct slice
field_unfold(struct arena *a, struct slice value)
{
	size_t i;
	size_t n = 0;
	char *out;

	value = slice_trim(value);
	i = slice_eol(value);
	if (i == value.n)
		return value;
	out = arena_alloc(a, value.n);
	for (struct slice rest = value; rest.n > 0; i = slice_eol(rest)) {
		while (i > 0 && is_blank(rest.p[i - 1]) && i < rest.n)
			i--;
		memcpy(out + n, rest.p, i);
		n += i;
		rest = slice_from(rest, i);
		if (rest.n == 0)
			break;
		while (rest.n > 0 && ascii_isspace(rest.p[0]))
			rest = slice_from(rest, 1);
		out[n++] = ' ';
	}
	return (struct slice){out, n};
}

struct slice
field_text(struct arena *a, struct slice value)
{
	return coding_words(a, field_unfold(a, value));
}
