/* The liberal half of addr.h: addresses as headers, reports and people write them. */
#include "msg/addr.h"

#include "base/clean.h"

/* Behind the closing sign of the quoted string or comment at the begin of s, or
 * behind all of s if it stays open. Comments nest. */
static size_t
quoted_bytes(struct slice s)
{
	bool is_comment = s.p[0] == '(';
	unsigned depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\\')
			i++;
		else if (is_comment && c == '(')
			depth++;
		else if (is_comment ? c == ')' && --depth == 0 : c == '"' && i > 0)
			return i + 1;
	}
	return s.n;
}

/* Blanks outside of quotes, and folds, are not part of an address: dropped. */
static struct slice
without_blanks(struct arena *a, struct slice s)
{
	bool is_quoted = false;
	size_t first = 0;
	size_t n = 0;
	char *out;

	while (first < s.n && !ascii_isspace(s.p[first]))
		first++;
	if (first == s.n)
		return s;
	out = arena_alloc(a, s.n);
	for (size_t i = 0; i < s.n; i++) {
		is_quoted ^= s.p[i] == '"';
		if (!ascii_isspace(s.p[i]) || (is_quoted && s.p[i] != '\r' && s.p[i] != '\n'))
			out[n++] = s.p[i];
	}
	return (struct slice){out, n};
}

/* What stood between angle brackets, or stands alone: "@relay:a@b", "mailto:a@b",
 * "'a@b'", "a@b." all mean a@b. Empty if it is no address. */
static struct slice
address_of(struct arena *a, struct slice s)
{
	size_t colon;
	struct slice domain;

	s = without_blanks(a, slice_trim(s));
	if (slice_istarts(s, "mailto:"))
		s = slice_from(s, 7);
	colon = s.n > 0 && s.p[0] == '@' ? slice_chr(s, ':') : SLICE_NONE;
	if (colon != SLICE_NONE)
		s = slice_from(s, colon + 1);
	if (s.n > 2 && s.p[0] == '\'' && s.p[s.n - 1] == '\'')
		s = slice_sub(s, 1, s.n - 2);
	while (s.n > 0 && (s.p[s.n - 1] == '.' || s.p[s.n - 1] == ','))
		s.n--;
	domain = addr_domain(s);
	return domain.n == 0 || addr_local(s).n == 0 ? SLICE_EMPTY : s;
}

/* One element of a list while it is read. */
struct element {
	struct slice name;  /* before the angle bracket */
	struct slice angle; /* between the brackets */
	struct slice word;  /* the word that has the "@" */
	bool has_angle;
	bool is_ended;
};

/* What no word goes over: blanks and ",;<>()". */
static const bool ends_word[256] = {
    ['\0'] = true,
    ['\t'] = true,
    ['\n'] = true,
    ['\r'] = true,
    [' '] = true,
    ['('] = true,
    [')'] = true,
    [','] = true,
    [';'] = true,
    ['<'] = true,
    ['>'] = true,
};

/* A run without blanks, commas, brackets or comments; a quoted string is part of it. */
static size_t
word_bytes(struct slice s)
{
	size_t i = 0;

	while (i < s.n && !ends_word[(unsigned char)s.p[i]])
		i += s.p[i] == '"' ? quoted_bytes(slice_from(s, i)) : 1;
	return i < s.n ? i : s.n;
}

/* "<a@b>"; where the ">" is missing, up to the next blank or comma. */
static size_t
angle_bytes(struct slice s, struct element *e)
{
	size_t i = 1;
	size_t n;

	while (i < s.n && s.p[i] != '>' && s.p[i] != '<')
		i += s.p[i] == '"' ? quoted_bytes(slice_from(s, i)) : 1;
	n = i < s.n ? i : s.n;
	if (i >= s.n || s.p[i] == '<')
		n = 1 + word_bytes(slice_sub(s, 1, n - 1));
	if (!e->has_angle)
		e->angle = slice_sub(s, 1, n - 1);
	e->has_angle = true;
	return n < s.n && s.p[n] == '>' ? n + 1 : n;
}

/* Behind the colon of "Group:" at the begin of a word; 0 if the word names no
 * group. Looks no further than it takes: "a:a:a:…" must not cost its square. */
static size_t
group_bytes(struct slice s)
{
	size_t i = 0;

	while (i < s.n && s.p[i] != ':') {
		if (s.p[i] == '@' || ends_word[(unsigned char)s.p[i]])
			return 0;
		i += s.p[i] == '"' ? quoted_bytes(slice_from(s, i)) : 1;
	}
	return i < s.n ? i + 1 : 0;
}

/* A word of an element. "Group: a@b, c@d;" begins anew behind its colon; a colon
 * behind the "@" is the begin of something else. */
static size_t
read_word(struct slice s, struct element *e)
{
	size_t group = group_bytes(s);
	size_t n = group > 0 ? group : word_bytes(s);
	struct slice word = slice_sub(s, 0, n);
	size_t colon = slice_chr(word, ':');

	if (n == 0)
		return 1;
	if (group > 0) {
		e->name = slice_sub(s, n, 0);
		return n;
	}
	if (colon != SLICE_NONE && slice_chr(word, '[') == SLICE_NONE)
		word.n = colon;
	if (e->word.n == 0 && slice_chr(word, '@') != SLICE_NONE)
		e->word = word;
	if (!e->has_angle)
		e->name = slice_range(e->name.p, s.p + n);
	return n;
}

static void
read_element(struct slice *rest, struct element *e)
{
	*e = (struct element){
	    .name = slice_sub(*rest, 0, 0), .angle = SLICE_EMPTY, .word = SLICE_EMPTY};
	while (rest->n > 0 && !e->is_ended) {
		char c = rest->p[0];
		size_t n = 1;

		if (c == ',' || c == ';')
			e->is_ended = true;
		else if (c == '(')
			n = quoted_bytes(*rest);
		else if (c == '<')
			n = angle_bytes(*rest, e);
		else if (!ascii_isspace(c))
			n = read_word(*rest, e);
		*rest = slice_from(*rest, n);
	}
}

bool
addr_next(struct arena *a, struct slice *rest, struct slice *address, struct slice *name)
{
	struct element e;

	while (rest->n > 0) {
		read_element(rest, &e);
		*address = address_of(a, e.has_angle ? e.angle : e.word);
		if (address->n == 0)
			continue;
		if (name != NULL)
			*name = e.has_angle ? slice_trim(e.name) : SLICE_EMPTY;
		return true;
	}
	return false;
}

size_t
addr_list_odd(struct arena *a, struct slice list)
{
	struct element e;
	size_t odd = 0;

	while (list.n > 0) {
		read_element(&list, &e);
		if (address_of(a, e.has_angle ? e.angle : e.word).n == 0)
			odd += e.has_angle || slice_trim(e.name).n > 0;
	}
	return odd;
}

/* address-type ";" (RFC 3464 2.3.1): "rfc822; a@b". Returns the type. */
static struct slice
take_type(struct slice *s)
{
	size_t n = 0;
	struct slice type;

	while (n < s->n && (ascii_isalpha(s->p[n]) || ascii_isdigit(s->p[n]) || s->p[n] == '-'))
		n++;
	type = slice_sub(*s, 0, n);
	while (n < s->n && ascii_isspace(s->p[n]))
		n++;
	if (type.n == 0 || n == s->n || s->p[n] != ';')
		return SLICE_EMPTY;
	*s = slice_trim(slice_from(*s, n + 1));
	return type;
}

/* EmbeddedUnicodeChar = "\x{" 2*6HEXDIG "}" (RFC 6533 3). Bytes taken, or 0. */
static size_t
embedded_char(struct slice s, unsigned *cp)
{
	size_t i = 3;

	if (!slice_istarts(s, "\\x{"))
		return 0;
	for (*cp = 0; i < s.n && i < 9; i++) {
		char c = ascii_lower(s.p[i]);

		if (ascii_isdigit(c))
			*cp = *cp * 16 + (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			*cp = *cp * 16 + (unsigned)(c - 'a' + 10);
		else
			break;
	}
	if (i < 5 || i >= s.n || s.p[i] != '}' || *cp > 0x10ffff || (*cp >= 0xd800 && *cp < 0xe000))
		return 0;
	return i + 1;
}

static struct slice
undo_embedded(struct arena *a, struct slice s)
{
	char *out;
	size_t n = 0;

	if (slice_chr(s, '\\') == SLICE_NONE)
		return s;
	out = arena_alloc(a, s.n);
	for (size_t i = 0; i < s.n;) {
		unsigned cp = 0;
		size_t taken = embedded_char(slice_from(s, i), &cp);

		if (taken > 0)
			n += utf8_encode(out + n, cp);
		else
			out[n++] = s.p[i];
		i += taken > 0 ? taken : 1;
	}
	return (struct slice){out, n};
}

struct slice
addr_read(struct arena *a, struct slice text)
{
	struct slice address;
	struct slice type;

	text = slice_trim(text);
	type = take_type(&text);
	if (slice_iis(type, "utf-8"))
		text = undo_embedded(a, text);
	return addr_next(a, &text, &address, NULL) ? address : SLICE_EMPTY;
}

/* In free text an ASCII local part does not go on into the words of a language
 * that writes no blanks, so the byte beside the "@" decides what belongs to it. */
static const char *
local_begin(const char *begin, const char *at)
{
	bool is_ascii = at > begin && (unsigned char)at[-1] < 0x80;
	const char *p = at;

	while (p > begin) {
		char c = p[-1];

		if ((unsigned char)c >= 0x80 ? is_ascii
					     : !ascii_isalpha(c) && !ascii_isdigit(c) &&
			    (c == '\0' || strchr(".!#$%&'*+-/=?^_`{|}~", c) == NULL))
			break;
		p--;
	}
	while (p < at && strchr(".'`-*|", *p) != NULL)
		p++;
	return p;
}

static const char *
domain_end(const char *p, const char *end)
{
	const char *begin = p;
	bool is_ascii = p < end && (unsigned char)*p < 0x80;

	if (p < end && *p == '[') {
		while (p < end &&
		    (ascii_isalpha(*p) || ascii_isdigit(*p) || strchr("[.:", *p) != NULL) &&
		    *p != '\0')
			p++;
		return p < end && *p == ']' ? p + 1 : begin;
	}
	while (p < end &&
	    (ascii_isalpha(*p) || ascii_isdigit(*p) || *p == '-' || *p == '.' ||
		((unsigned char)*p >= 0x80 && !is_ascii)))
		p++;
	while (p > begin && (p[-1] == '.' || p[-1] == '-'))
		p--;
	return p > begin && (*begin == '.' || *begin == '-') ? begin : p;
}

bool
addr_find(struct slice *rest, struct slice *address)
{
	const char *end = rest->p + rest->n;
	const char *begin = rest->p;
	const char *at;

	while (begin < end && (at = memchr(begin, '@', (size_t)(end - begin))) != NULL) {
		const char *first = local_begin(begin, at);
		const char *last = domain_end(at + 1, end);

		begin = at + 1;
		if (first == at || last == at + 1 || last - first > ADDR_MAX_BYTES)
			continue;
		*address = slice_range(first, last);
		*rest = slice_range(last, end);
		return true;
	}
	*rest = slice_range(end, end);
	return false;
}
