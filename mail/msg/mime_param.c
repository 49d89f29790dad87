/* Parameters of Content-Type and the like (RFC 2045 5.1, RFC 2231).
 *
 *   parameter = attribute ["*" section] ["*"] "=" value
 *   value     = token / quoted-string
 *
 * Liberal: semicolons may be missing, comments may stand anywhere, a quoted
 * string may stay open, a token may hold any character but ";" and blanks. */
#include "msg/coding.h"
#include "msg/mime.h"

#define MAX_SECTIONS 32

enum { IN_NAME = 1, IN_VALUE = 2 };
static const unsigned char ends_token[256] = {
    [' '] = IN_NAME | IN_VALUE,
    ['\t'] = IN_NAME | IN_VALUE,
    ['\r'] = IN_NAME | IN_VALUE,
    ['\n'] = IN_NAME | IN_VALUE,
    [';'] = IN_NAME | IN_VALUE,
    ['='] = IN_NAME,
};

struct section {
	struct slice value;
	bool is_encoded; /* percent signs; the first one begins with charset'language' */
};

struct found {
	struct slice plain;
	bool has_plain;
	unsigned n_sections;                   /* the highest one that was seen, and one */
	struct section sections[MAX_SECTIONS]; /* above that not set */
};

static void
skip(struct slice *s, size_t n)
{
	*s = slice_from(*s, n);
}

static void
skip_blanks_and_comments(struct slice *s)
{
	unsigned depth = 0;

	while (s->n > 0) {
		char c = s->p[0];

		if (c == '(')
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (depth > 0 && c == '\\')
			skip(s, 1);
		else if (depth == 0 && !ascii_isspace(c))
			return;
		skip(s, 1);
	}
}

/* Without quotes, backslashes and folds. Borrows when there are none. */
static struct slice
unquote(struct arena *a, struct slice raw)
{
	char *out;
	size_t n = 0;

	if (slice_chr(raw, '\\') == SLICE_NONE && slice_eol(raw) == raw.n)
		return raw;
	out = arena_alloc(a, raw.n);
	for (size_t i = 0; i < raw.n; i++) {
		if (raw.p[i] == '\\' && i + 1 < raw.n)
			i++;
		if (raw.p[i] != '\r' && raw.p[i] != '\n')
			out[n++] = raw.p[i];
	}
	return (struct slice){out, n};
}

static struct slice
take_value(struct arena *a, struct slice *s)
{
	size_t n = 0;
	struct slice raw;

	if (s->n == 0 || s->p[0] != '"') {
		while (n < s->n && (ends_token[(unsigned char)s->p[n]] & IN_VALUE) == 0)
			n++;
		raw = slice_sub(*s, 0, n);
		skip(s, n);
		return raw;
	}
	skip(s, 1);
	while (n < s->n && s->p[n] != '"')
		n += s->p[n] == '\\' && n + 1 < s->n ? 2 : 1;
	raw = slice_sub(*s, 0, n);
	skip(s, n + 1);
	return unquote(a, raw);
}

/* "name", "name*", "name*0", "name*0*": which of them is `attribute`? */
static void
keep(struct found *f, struct slice attribute, size_t name_bytes, struct slice value)
{
	struct slice tail = slice_from(attribute, name_bytes);
	bool is_encoded = tail.n > 0 && tail.p[tail.n - 1] == '*';
	unsigned section = 0;

	if (tail.n == 0) {
		if (!f->has_plain)
			f->plain = value;
		f->has_plain = true;
		return;
	}
	if (tail.p[0] != '*')
		return;
	for (size_t i = 1; i < tail.n - is_encoded; i++) {
		if (!ascii_isdigit(tail.p[i]) || section >= MAX_SECTIONS)
			return;
		section = section * 10 + (unsigned)(tail.p[i] - '0');
	}
	if (section >= MAX_SECTIONS)
		return;
	while (f->n_sections <= section)
		f->sections[f->n_sections++] = (struct section){SLICE_EMPTY, false};
	f->sections[section] = (struct section){value, is_encoded};
}

static int
hex_of(char c)
{
	if (ascii_isdigit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t
add_percent_decoded(char *out, struct slice in)
{
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++) {
		int high = in.p[i] == '%' && in.n - i > 2 ? hex_of(in.p[i + 1]) : -1;
		int low = high >= 0 ? hex_of(in.p[i + 2]) : -1;

		out[n++] = low >= 0 ? (char)(high * 16 + low) : in.p[i];
		i += low >= 0 ? 2 : 0;
	}
	return n;
}

/* Takes "charset'language'" off; returns the charset. */
static struct slice
take_charset(struct slice *value)
{
	size_t quote = slice_chr(*value, '\'');
	struct slice charset;

	if (quote == SLICE_NONE)
		return SLICE_EMPTY;
	charset = slice_sub(*value, 0, quote);
	skip(value, quote + 1);
	quote = slice_chr(*value, '\'');
	if (quote != SLICE_NONE)
		skip(value, quote + 1);
	return charset;
}

static struct slice
join_sections(struct arena *a, struct found *f)
{
	struct slice charset = SLICE_EMPTY;
	size_t n = 0;
	char *out;

	for (unsigned i = 0; i < f->n_sections; i++)
		n += f->sections[i].value.n;
	out = arena_alloc(a, n);
	n = 0;
	for (unsigned i = 0; i < f->n_sections; i++) {
		struct section *s = &f->sections[i];

		if (i == 0 && s->is_encoded)
			charset = take_charset(&s->value);
		if (s->is_encoded)
			n += add_percent_decoded(out + n, s->value);
		else if (s->value.n > 0) {
			memcpy(out + n, s->value.p, s->value.n);
			n += s->value.n;
		}
	}
	return coding_to_utf8(a, (struct slice){out, n}, charset);
}

struct slice
mime_param(struct arena *a, struct slice value, const char *name)
{
	struct found f;
	size_t name_bytes = strlen(name);

	f.plain = SLICE_EMPTY;
	f.has_plain = false;
	f.n_sections = 0;
	while (value.n > 0) {
		struct slice attribute;
		size_t n = 0;

		skip_blanks_and_comments(&value);
		while (n < value.n && (ends_token[(unsigned char)value.p[n]] & IN_NAME) == 0)
			n++;
		attribute = slice_sub(value, 0, n);
		skip(&value, n);
		skip_blanks_and_comments(&value);
		if (value.n == 0 || value.p[0] != '=') {
			skip(&value, value.n > 0 && value.p[0] == ';');
			continue;
		}
		skip(&value, 1);
		skip_blanks_and_comments(&value);
		if (slice_istarts(attribute, name))
			keep(&f, attribute, name_bytes, take_value(a, &value));
		else
			take_value(a, &value);
	}
	return f.n_sections > 0 && f.sections[0].value.n > 0 ? join_sections(a, &f) : f.plain;
}
