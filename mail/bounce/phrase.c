#include "bounce/phrase.h"

/* Is `c` part of a word? Bytes of UTF-8 are words of their own: no blanks part
 * Japanese ones. */
static inline bool
in_word(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* The same in phrases.py. */
static inline unsigned
hash4(const char *p)
{
	uint32_t x = (uint32_t)(unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8 |
	    (uint32_t)(unsigned char)p[2] << 16 | (uint32_t)(unsigned char)p[3] << 24;

	return (x * 2654435761u) >> 20;
}

static const struct phrase *
longest_at(const char *low, size_t left, bool in_subject)
{
	unsigned h = hash4(low);
	const struct phrase *best = NULL;

	for (unsigned i = 0; i < phrase_count[h]; i++) {
		const struct phrase *p = &phrase_table[phrase_first[h] + i];

		if ((p->kind >= PHRASE_SUBJECT_FAIL) == in_subject && p->len <= left &&
		    (best == NULL || p->len > best->len) && memcmp(p->text, low, p->len) == 0)
			best = p;
	}
	return best;
}

size_t
phrase_scan(const char *low, size_t n, bool in_subject, struct phrase_hit *hits, size_t max)
{
	size_t n_hits = 0;
	size_t end = 0;
	bool was_word = false;

	for (size_t i = 0; i + 4 <= n && n_hits < max; i++) {
		unsigned char c = (unsigned char)low[i];
		bool word = in_word(c);
		bool begins = (c >= 0xc0) || (c > ' ' && !(word && was_word));
		const struct phrase *p;

		was_word = word;
		if (!begins || phrase_count[hash4(low + i)] == 0)
			continue;
		p = longest_at(low + i, n - i, in_subject);
		if (p == NULL || i + p->len <= end)
			continue; /* nothing, or within a longer one */
		end = i + p->len;
		hits[n_hits++] = (struct phrase_hit){(uint32_t)i, (uint32_t)end, p};
	}
	return n_hits;
}
