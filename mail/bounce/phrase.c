#include "bounce/phrase.h"

/* Is `c` part of a word? Bytes of UTF-8 are words of their own: no blanks part
 * Japanese ones. */
static const bool word_bytes[256] = {['0'] = true,
    ['1'] = true,
    ['2'] = true,
    ['3'] = true,
    ['4'] = true,
    ['5'] = true,
    ['6'] = true,
    ['7'] = true,
    ['8'] = true,
    ['9'] = true,
    ['a'] = true,
    ['b'] = true,
    ['c'] = true,
    ['d'] = true,
    ['e'] = true,
    ['f'] = true,
    ['g'] = true,
    ['h'] = true,
    ['i'] = true,
    ['j'] = true,
    ['k'] = true,
    ['l'] = true,
    ['m'] = true,
    ['n'] = true,
    ['o'] = true,
    ['p'] = true,
    ['q'] = true,
    ['r'] = true,
    ['s'] = true,
    ['t'] = true,
    ['u'] = true,
    ['v'] = true,
    ['w'] = true,
    ['x'] = true,
    ['y'] = true,
    ['z'] = true};

static inline bool
in_word(char c)
{
	return word_bytes[(unsigned char)c];
}

/* Both the same in phrases.py. */
static inline unsigned
hash4(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;
	uint32_t x =
	    (uint32_t)u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 24;

	return (x * 2654435761u) >> 20;
}

static inline unsigned
hash8(const char *p)
{
	uint64_t x = 0;

	for (unsigned i = 0; i < 8; i++)
		x |= (uint64_t)(unsigned char)p[i] << (8 * i);
	return 4096u + (unsigned)((x * UINT64_C(0x9E3779B97F4A7C15)) >> 52);
}

static const struct phrase *
longest_of(unsigned h, const char *low, size_t left, bool in_subject)
{
	const struct phrase *best = NULL;

	for (unsigned i = 0; i < phrase_count[h]; i++) {
		const struct phrase *p = &phrase_table[phrase_first[h] + i];

		if ((p->kind >= PHRASE_SUBJECT_FAIL) == in_subject && p->len <= left &&
		    (best == NULL || p->len > best->len) && memcmp(p->text, low, p->len) == 0)
			best = p;
	}
	return best;
}

static const struct phrase *
longest_at(const char *low, size_t left, bool in_subject)
{
	const struct phrase *p = NULL;

	if (left >= 8)
		p = longest_of(hash8(low), low, left, in_subject);
	return p != NULL ? p : longest_of(hash4(low), low, left, in_subject);
}

static inline bool
may_begin(const char *p)
{
	unsigned pair = (unsigned)(unsigned char)p[0] | (unsigned)(unsigned char)p[1] << 8;

	return (phrase_pairs[pair >> 3] >> (pair & 7) & 1) != 0;
}

/* The next place at or behind `i` where a word may begin; n if there is none. */
static inline size_t
next_word(const char *low, size_t i, size_t n)
{
	while (i < n && in_word(low[i]))
		i++;
	while (i < n && (unsigned char)low[i] <= ' ')
		i++;
	return i;
}

size_t
phrase_scan(const char *low, size_t n, bool in_subject, struct phrase_hit *hits, size_t max)
{
	size_t n_hits = 0;
	size_t end = 0;
	size_t i = 0;

	while (i + 4 <= n && n_hits < max) {
		const struct phrase *p = NULL;

		if (may_begin(low + i))
			p = longest_at(low + i, n - i, in_subject);
		if (p != NULL && i + p->len > end) { /* not within a longer one */
			end = i + p->len;
			hits[n_hits++] = (struct phrase_hit){(uint32_t)i, (uint32_t)end, p};
		}
		i = in_word(low[i]) ? next_word(low, i, n) : i + 1;
	}
	return n_hits;
}
