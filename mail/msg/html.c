/* The text of an HTML part: enough to read what a mail system says, not a browser. */
#include "msg/coding.h"

#include <stdint.h>

#define MAX_NAME 12

struct html {
	struct slice rest;
	char *out;
	size_t n;
	bool is_pre;
	const char *gt; /* the next ">", or the end: it is not looked for at each "<" */
};

static const struct entity {
	const char *name;
	unsigned cp;
} entities[] = {
    {"amp", '&'},
    {"lt", '<'},
    {"gt", '>'},
    {"quot", '"'},
    {"apos", '\''},
    {"nbsp", ' '},
    {"ensp", ' '},
    {"emsp", ' '},
    {"copy", 0xa9},
    {"reg", 0xae},
    {"trade", 0x2122},
    {"euro", 0x20ac},
    {"bull", 0x2022},
    {"middot", 0xb7},
    {"hellip", 0x2026},
    {"ndash", 0x2013},
    {"mdash", 0x2014},
    {"lsquo", 0x2018},
    {"rsquo", 0x2019},
    {"sbquo", 0x201a},
    {"ldquo", 0x201c},
    {"rdquo", 0x201d},
    {"bdquo", 0x201e},
    {"laquo", 0xab},
    {"raquo", 0xbb},
    {"auml", 0xe4},
    {"ouml", 0xf6},
    {"uuml", 0xfc},
    {"Auml", 0xc4},
    {"Ouml", 0xd6},
    {"Uuml", 0xdc},
    {"szlig", 0xdf},
    {"agrave", 0xe0},
    {"aacute", 0xe1},
    {"acirc", 0xe2},
    {"atilde", 0xe3},
    {"aring", 0xe5},
    {"aelig", 0xe6},
    {"ccedil", 0xe7},
    {"egrave", 0xe8},
    {"eacute", 0xe9},
    {"ecirc", 0xea},
    {"euml", 0xeb},
    {"icirc", 0xee},
    {"iuml", 0xef},
    {"iacute", 0xed},
    {"ntilde", 0xf1},
    {"oacute", 0xf3},
    {"ocirc", 0xf4},
    {"otilde", 0xf5},
    {"oslash", 0xf8},
    {"uacute", 0xfa},
    {"ucirc", 0xfb},
    {"ugrave", 0xf9},
    {"Eacute", 0xc9},
    {"Agrave", 0xc0},
};

static const char *const blocks[] = {"p", "div", "tr", "li", "ul", "ol", "dl", "dt", "dd", "table",
    "h1", "h2", "h3", "h4", "h5", "h6", "hr", "pre", "blockquote", "title", "head", "body", "html",
    "center", "form", "section", "article", "header", "footer"};

static bool
is_block(const char *name)
{
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		if (strcmp(name, blocks[i]) == 0)
			return true;
	}
	return false;
}

static void
add_char(struct html *h, unsigned cp)
{
	if (cp < 0x80) {
		h->out[h->n++] = (char)cp;
	} else if (cp < 0x800) {
		h->out[h->n++] = (char)(0xc0 | cp >> 6);
		h->out[h->n++] = (char)(0x80 | (cp & 63));
	} else {
		if (cp >= 0x10000)
			h->out[h->n++] = (char)(0xf0 | cp >> 18);
		h->out[h->n++] = (char)(cp >= 0x10000 ? 0x80 | (cp >> 12 & 63) : 0xe0 | cp >> 12);
		h->out[h->n++] = (char)(0x80 | (cp >> 6 & 63));
		h->out[h->n++] = (char)(0x80 | (cp & 63));
	}
}

/* A blank, unless the line is new or has one already. */
static void
add_blank(struct html *h)
{
	if (h->n > 0 && h->out[h->n - 1] != ' ' && h->out[h->n - 1] != '\n')
		h->out[h->n++] = ' ';
}

static void
end_line(struct html *h)
{
	while (h->n > 0 && h->out[h->n - 1] == ' ')
		h->n--;
	if (h->n > 0 && h->out[h->n - 1] != '\n')
		h->out[h->n++] = '\n';
}

static void
skip(struct html *h, size_t n)
{
	h->rest = slice_from(h->rest, n);
}

/* Behind "<script …>": goes to its end tag, or to the end of all. */
static void
skip_element(struct html *h, const char *end_tag)
{
	size_t end = slice_ifind(h->rest, end_tag);

	skip(h, end == SLICE_NONE ? h->rest.n : end);
}

/* Lower-case name of the tag in "<name …>" or "</name>"; "" for anything else. */
static void
tag_name(struct slice tag, char name[MAX_NAME])
{
	size_t i = tag.n > 1 && tag.p[1] == '/' ? 2 : 1;
	size_t n = 0;

	while (
	    i < tag.n && n < MAX_NAME - 1 && (ascii_isalpha(tag.p[i]) || ascii_isdigit(tag.p[i])))
		name[n++] = ascii_lower(tag.p[i++]);
	name[n] = '\0';
}

static void
read_named_tag(struct html *h, struct slice tag)
{
	char name[MAX_NAME];
	bool is_end = tag.n > 1 && tag.p[1] == '/';

	tag_name(tag, name);
	if (strcmp(name, "br") == 0) {
		while (h->n > 0 && h->out[h->n - 1] == ' ')
			h->n--;
		h->out[h->n++] = '\n';
	} else if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0) {
		add_blank(h);
	} else if (is_block(name)) {
		end_line(h);
		if (strcmp(name, "pre") == 0)
			h->is_pre = !is_end;
	} else if (strcmp(name, "script") == 0 && !is_end) {
		skip_element(h, "</script");
	} else if (strcmp(name, "style") == 0 && !is_end) {
		skip_element(h, "</style");
	}
}

/* At "<". What looks like an address or a sum is text that was not escaped. */
static bool
is_markup(struct slice s, size_t gt)
{
	char c = s.n > 1 ? s.p[1] : ' ';

	if (c == '!' || c == '?')
		return true;
	if (c != '/' && !ascii_isalpha(c))
		return false;
	for (size_t i = 1; i < gt; i++) {
		if (ascii_isspace(s.p[i]))
			return true;
		if (s.p[i] == '@' || s.p[i] == '<')
			return false;
	}
	return true;
}

/* Bytes up to the next ">"; SLICE_NONE if there is none. */
static size_t
next_gt(struct html *h)
{
	const char *end = h->rest.p + h->rest.n;

	if (h->gt < h->rest.p) {
		h->gt = memchr(h->rest.p, '>', h->rest.n);
		h->gt = h->gt == NULL ? end : h->gt;
	}
	return h->gt == end ? SLICE_NONE : (size_t)(h->gt - h->rest.p);
}

static void
read_tag(struct html *h)
{
	size_t gt = next_gt(h);
	struct slice tag = slice_sub(h->rest, 0, gt);

	if (slice_starts(h->rest, "<!--")) {
		size_t end = slice_find(h->rest, "-->");

		skip(h, end == SLICE_NONE ? h->rest.n : end + 3);
		return;
	}
	if (gt == SLICE_NONE || !is_markup(h->rest, gt)) {
		add_char(h, '<');
		skip(h, 1);
		return;
	}
	skip(h, gt + 1);
	read_named_tag(h, tag);
}

/* "&#228;", "&#xe4;": bytes taken, 0 if it is none. */
static size_t
numeric_entity(struct slice s, unsigned *cp)
{
	bool is_hex = s.n > 2 && ascii_lower(s.p[2]) == 'x';
	size_t begin = is_hex ? 3 : 2;
	size_t i = begin;

	for (*cp = 0; i < s.n; i++) {
		char c = ascii_lower(s.p[i]);

		if (ascii_isdigit(c))
			*cp = *cp * (is_hex ? 16 : 10) + (unsigned)(c - '0');
		else if (is_hex && c >= 'a' && c <= 'f')
			*cp = *cp * 16 + (unsigned)(c - 'a' + 10);
		else
			break;
		if (*cp > 0x10ffff)
			*cp = 0x110000; /* and stays above, however many digits follow */
	}
	if (i == begin)
		return 0;
	if (*cp > 0x10ffff || *cp == 0 || (*cp >= 0xd800 && *cp < 0xe000))
		*cp = '?';
	return i < s.n && s.p[i] == ';' ? i + 1 : i;
}

static void
read_entity(struct html *h)
{
	unsigned cp = '&';
	size_t taken = 0;
	size_t end;

	if (h->rest.n > 1 && h->rest.p[1] == '#') {
		taken = numeric_entity(h->rest, &cp);
	} else {
		end = slice_chr(slice_sub(h->rest, 0, 10), ';');
		for (size_t i = 0; end != SLICE_NONE && i < sizeof(entities) / sizeof(entities[0]);
		     i++) {
			if (slice_is(slice_sub(h->rest, 1, end - 1), entities[i].name)) {
				cp = entities[i].cp;
				taken = end + 1;
				break;
			}
		}
	}
	/* Never more bytes than were taken: "&#9829" has seven for three. */
	add_char(h, cp == 0xa0 ? ' ' : taken == 0 ? '&' : cp);
	skip(h, taken == 0 ? 1 : taken);
}

static void
read_blank(struct html *h)
{
	if (h->is_pre && (h->rest.p[0] == '\n' || h->rest.p[0] == ' '))
		h->out[h->n++] = h->rest.p[0];
	else if (!h->is_pre || h->rest.p[0] != '\r')
		add_blank(h);
	skip(h, 1);
}

struct slice
coding_html_text(struct arena *a, struct slice html_utf8)
{
	struct html h = {.rest = html_utf8, .out = arena_alloc(a, html_utf8.n + 1)};

	h.gt = html_utf8.n == 0 ? NULL : memchr(html_utf8.p, '>', html_utf8.n);
	if (h.gt == NULL)
		h.gt = html_utf8.p + html_utf8.n;

	while (h.rest.n > 0) {
		char c = h.rest.p[0];

		if (c == '<') {
			read_tag(&h);
		} else if (c == '&') {
			read_entity(&h);
		} else if (ascii_isspace(c)) {
			read_blank(&h);
		} else {
			h.out[h.n++] = c;
			skip(&h, 1);
		}
	}
	return (struct slice){h.out, h.n};
}
