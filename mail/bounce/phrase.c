#include "bounce/phrase.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The lowest byte first on every machine, as in phrases.py. */
static inline uint32_t
load4(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (uint32_t)u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 24;
}

static inline uint64_t
load8(const char *p)
{
	return (uint64_t)load4(p) | (uint64_t)load4(p + 4) << 32;
}

static inline unsigned
hash4(const char *p)
{
	return (load4(p) * 2654435761u) >> 20;
}

static inline unsigned
hash8(const char *p)
{
	return 4096u + (unsigned)((load8(p) * UINT64_C(0x9E3779B97F4A7C15)) >> 52);
}

/* What the filter lets through begins and ends alike; mostly that is all of it. */
static const struct phrase *
longest_of(unsigned h, const char *low, size_t left, bool in_subject)
{
	const struct phrase *best = NULL;
	const struct phrase *p = &phrase_table[phrase_first[h]];
	const struct phrase *end = p + phrase_count[h];

	for (; p < end; p++) {
		if (p->len > left || (best != NULL && p->len <= best->len) ||
		    (p->len >= 8 ? load8(low + p->len - 8) : load4(low + p->len - 4)) != p->tail)
			continue;
		if ((p->kind >= PHRASE_SUBJECT_FAIL) == in_subject &&
		    memcmp(p->text, low, p->len) == 0)
			best = p;
	}
	return best;
}

static const struct phrase *
longest_at(const char *low, size_t left, bool in_subject)
{
	const struct phrase *p = NULL;
	unsigned h = left >= 8 ? hash8(low) : 0;

	if (left >= 8 && phrase_count[h] > 0)
		p = longest_of(h, low, left, in_subject);
	h = hash4(low);
	return p != NULL || phrase_count[h] == 0 ? p : longest_of(h, low, left, in_subject);
}

static inline bool
may_begin(const char *p)
{
	unsigned h = (load4(p) * 2654435761u) >> 17;

	return (phrase_begins[h >> 3] >> (h & 7) & 1) != 0;
}

/* Is `c` part of a word? Bytes of UTF-8 are words of their own: no blanks part
 * Japanese ones. */
static inline bool
in_word(char c)
{
	return ascii_isdigit(c) || (c >= 'a' && c <= 'z');
}

#define WIDTH 16

/* A bit for each of the WIDTH places from `i` on, and not behind `n`, where a word
 * may begin: at what is no blank, unless it goes on with a word. */
static inline unsigned
begins_in(const char *low, size_t i, size_t n)
{
	unsigned begins = 0;

#ifdef __SSE2__
	if (n - i >= WIDTH) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)(low + i));
		__m128i digit = _mm_and_si128(_mm_cmpgt_epi8(x, _mm_set1_epi8('0' - 1)),
		    _mm_cmplt_epi8(x, _mm_set1_epi8('9' + 1)));
		__m128i letter = _mm_and_si128(_mm_cmpgt_epi8(x, _mm_set1_epi8('a' - 1)),
		    _mm_cmplt_epi8(x, _mm_set1_epi8('z' + 1)));
		__m128i blank = _mm_and_si128(_mm_cmpgt_epi8(x, _mm_set1_epi8(-1)),
		    _mm_cmplt_epi8(x, _mm_set1_epi8(' ' + 1)));
		unsigned word = (unsigned)_mm_movemask_epi8(_mm_or_si128(digit, letter));
		unsigned before = word << 1 | (i > 0 && in_word(low[i - 1]));

		return ~((word & before) | (unsigned)_mm_movemask_epi8(blank)) & 0xffffu;
	}
#endif
	for (size_t k = 0; k < WIDTH && i + k < n; k++) {
		const char *p = low + i + k;

		if ((unsigned char)*p > ' ' && !(in_word(*p) && i + k > 0 && in_word(p[-1])))
			begins |= 1u << k;
	}
	return begins;
}

size_t
phrase_scan(const char *low, size_t n, bool in_subject, struct phrase_hit *hits, size_t max)
{
	size_t n_hits = 0;
	size_t end = 0;

	for (size_t from = 0; from < n; from += WIDTH) {
		unsigned begins = begins_in(low, from, n);

		for (; begins != 0; begins &= begins - 1) {
			size_t i = from + (size_t)__builtin_ctz(begins);
			const struct phrase *p;

			if (i + 4 > n || n_hits == max)
				return n_hits;
			if (!may_begin(low + i))
				continue;
			p = longest_at(low + i, n - i, in_subject);
			if (p == NULL || i + p->len <= end)
				continue; /* none, or within a longer one */
			end = i + p->len;
			hits[n_hits++] = (struct phrase_hit){(uint32_t)i, (uint32_t)end, p};
		}
	}
	return n_hits;
}
