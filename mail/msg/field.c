#include "msg/field.h"

#include "msg/coding.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Length of "LF", "CRLF" or "CR" at the beginning of s; 0 if there is none. */
static size_t
line_end_bytes(struct slice s)
{
	if (s.n == 0 || (s.p[0] != '\n' && s.p[0] != '\r'))
		return 0;
	return s.n > 1 && s.p[0] == '\r' && s.p[1] == '\n' ? 2 : 1;
}

static size_t
line_bytes(struct slice s)
{
	size_t n = slice_eol(s);

	return n + line_end_bytes(slice_from(s, n));
}

/* field-name = 1*ftext (RFC 5322 3.6.8). Length of the name, and where the colon
 * stands; 0 if this line is no field. */
static size_t
name_bytes(struct slice s, size_t *colon)
{
	size_t n = 0;
	size_t i;

	while (n < s.n && s.p[n] > 32 && s.p[n] < 127 && s.p[n] != ':')
		n++;
	i = n;
	while (i < s.n && is_blank(s.p[i]))
		i++;
	*colon = i;
	return i < s.n && s.p[i] == ':' ? n : 0;
}

/* All lines of the field: the first, and those that begin with a blank. */
static size_t
folded_bytes(struct slice s)
{
	size_t n = line_bytes(s);

	while (n < s.n && is_blank(s.p[n]))
		n += line_bytes(slice_from(s, n));
	return n;
}

/* "From alice@example.org Fri Nov 20 …" in an mbox file, ">From " when quoted. */
static bool
is_mbox_line(struct slice s)
{
	size_t colon;

	if (!slice_starts(s, "From ") && !slice_starts(s, ">From "))
		return false;
	return name_bytes(slice_from(s, line_bytes(s)), &colon) > 0;
}

bool
field_next(struct slice *rest, struct field *f)
{
	size_t colon;
	size_t n = name_bytes(*rest, &colon);

	if (n == 0 && is_mbox_line(*rest)) {
		*rest = slice_from(*rest, line_bytes(*rest));
		n = name_bytes(*rest, &colon);
	}
	if (n == 0) {
		*rest = slice_from(*rest, line_end_bytes(*rest));
		return false;
	}
	f->name = slice_sub(*rest, 0, n);
	f->whole = slice_sub(*rest, 0, folded_bytes(*rest));
	f->value = slice_trim(slice_from(f->whole, colon + 1));
	*rest = slice_from(*rest, f->whole.n);
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
