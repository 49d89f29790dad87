#include "base/clean.h"

#include <stdint.h>

/* One sign for a run of what must not be shown. */
#define SIGN "\xef\xbf\xbd"     /* U+FFFD */
#define ELLIPSIS "\xe2\x80\xa6" /* U+2026 */
#define ELLIPSIS_BYTES 3

enum look { LOOK_PLAIN, LOOK_BREAK, LOOK_SPACE, LOOK_DROP, LOOK_SIGN };

/* What is dangerous or hidden on a screen: bidi controls, which reorder the
 * words around them, and what Unicode calls default ignorable. */
static const struct hidden {
	unsigned first;
	unsigned last;
} hidden[] = {
    {0x0080, 0x009f},   /* C1 */
    {0x00ad, 0x00ad},   /* soft hyphen: terminals disagree about its width */
    {0x034f, 0x034f},   /* combining grapheme joiner */
    {0x061c, 0x061c},   /* Arabic letter mark */
    {0x115f, 0x1160},   /* Hangul fillers */
    {0x17b4, 0x17b5},   /* Khmer inherent vowels */
    {0x180b, 0x180f},   /* Mongolian selectors */
    {0x200b, 0x200f},   /* zero width, left-to-right and right-to-left marks */
    {0x202a, 0x202e},   /* bidi embedding and override */
    {0x2060, 0x206f},   /* joiners, invisible operators, bidi isolates */
    {0x3164, 0x3164},   /* Hangul filler */
    {0xfdd0, 0xfdef},   /* noncharacters */
    {0xfeff, 0xfeff},   /* byte order mark */
    {0xffa0, 0xffa0},   /* half-width Hangul filler */
    {0xfff0, 0xfffb},   /* interlinear annotation */
    {0x1bca0, 0x1bca3}, /* shorthand format */
    {0x1d173, 0x1d17a}, /* musical format */
    {0xe0000, 0xe0fff}, /* tags and selectors */
};

static bool
is_hidden(unsigned cp)
{
	if ((cp & 0xfffeU) == 0xfffeU)
		return true;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]) && cp >= hidden[i].first; i++) {
		if (cp <= hidden[i].last)
			return true;
	}
	return false;
}

static enum look
look_of(unsigned cp)
{
	if (cp == '\n' || cp == '\r' || cp == 0x2028 || cp == 0x2029)
		return LOOK_BREAK;
	if (cp == '\t')
		return LOOK_SPACE;
	if (cp < 0x20 || cp == 0x7f)
		return LOOK_SIGN;
	if (cp < 0x80)
		return LOOK_PLAIN;
	if (cp >= 0xfe00 && cp <= 0xfe0f) /* they make widths a matter of taste */
		return LOOK_DROP;
	return is_hidden(cp) ? LOOK_SIGN : LOOK_PLAIN;
}

struct cleaner {
	struct buf *out;
	size_t begin;
	size_t max_bytes;
	size_t fit; /* length of `out` that leaves room for the ellipsis */
	bool keeps_lines;
	bool after_sign;
};

/* False when it does not fit. */
static bool
put(struct cleaner *c, const char *p, size_t n)
{
	if (n > c->max_bytes - (c->out->len - c->begin))
		return false;
	buf_add(c->out, p, n);
	if (c->max_bytes - (c->out->len - c->begin) >= ELLIPSIS_BYTES)
		c->fit = c->out->len;
	return true;
}

static bool
put_ascii(struct cleaner *c, const char *p, size_t n)
{
	size_t room = c->max_bytes - (c->out->len - c->begin);
	size_t shown = n < room ? n : room;

	c->after_sign = false;
	if (room > ELLIPSIS_BYTES)
		c->fit =
		    c->out->len + (shown < room - ELLIPSIS_BYTES ? shown : room - ELLIPSIS_BYTES);
	buf_add(c->out, p, shown);
	return shown == n;
}

/* Takes one code point or one bad byte of [p, end). */
static bool
put_one(struct cleaner *c, const char **p, const char *end)
{
	unsigned cp = 0;
	size_t n = utf8_decode(*p, end, &cp);
	enum look look = n == 0 ? LOOK_SIGN : look_of(cp);
	const char *from = *p;
	bool was_sign = c->after_sign;

	if (cp == '\r' && end - *p > 1 && (*p)[1] == '\n')
		n = 2;
	*p += n == 0 ? 1 : n;
	c->after_sign = look == LOOK_SIGN;
	switch (look) {
	case LOOK_PLAIN:
		return put(c, from, n);
	case LOOK_BREAK:
		return put(c, c->keeps_lines ? "\n" : " ", 1);
	case LOOK_SPACE:
		return put(c, " ", 1);
	case LOOK_DROP:
		return true;
	case LOOK_SIGN:
		break;
	}
	return was_sign || put(c, SIGN, sizeof(SIGN) - 1);
}

static bool
clean_into(struct cleaner *c, struct slice dirty)
{
	const char *p = dirty.p;
	const char *end = dirty.p + dirty.n;

	c->begin = c->fit = c->out->len;
	while (p < end) {
		const char *q = p;

		while (q < end && *q >= 0x20 && *q < 0x7f)
			q++;
		if (q > p ? !put_ascii(c, p, (size_t)(q - p)) : !put_one(c, &q, end)) {
			buf_truncate(c->out, c->fit);
			if (c->max_bytes >= ELLIPSIS_BYTES)
				buf_add(c->out, ELLIPSIS, ELLIPSIS_BYTES);
			return true;
		}
		p = q;
	}
	return false;
}

bool
clean_append(struct buf *b, struct slice dirty, size_t max_bytes)
{
	struct cleaner c = {.out = b, .max_bytes = max_bytes};

	return clean_into(&c, dirty);
}

static struct clean_text
clean_to_arena(struct arena *a, struct slice dirty, size_t max_bytes, bool keeps_lines)
{
	struct buf b = BUF_INIT;
	struct cleaner c = {.out = &b, .max_bytes = max_bytes, .keeps_lines = keeps_lines};
	struct clean_text text;

	clean_into(&c, dirty);
	text.s = arena_slicedup(a, buf_slice(&b));
	buf_free(&b);
	return text;
}

struct clean_text
clean(struct arena *a, struct slice dirty)
{
	return clean_to_arena(a, dirty, CLEAN_MAX_BYTES, false);
}

struct clean_text
clean_lines(struct arena *a, struct slice dirty)
{
	return clean_to_arena(a, dirty, SIZE_MAX / 8, true);
}

struct clean_text
clean_literal(const char *ours)
{
	return (struct clean_text){ours == NULL ? "" : ours};
}
