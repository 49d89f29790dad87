/* Searches for one byte of two, or for two in a row: what readers of mail do most.
 *
 * memchr stops at each hit of its one byte, and memmem is slower than a walk when
 * the needle is short; these look at sixteen bytes at a time where the machine
 * can. Nothing at or behind `end` is read. Each gives `end` if there is no hit. */
#ifndef BASE_SCAN_H
#define BASE_SCAN_H

#include <stddef.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The first `a` or `b`. */
static inline const char *
scan_either(const char *p, const char *end, char a, char b)
{
#ifdef __SSE2__
	const __m128i as = _mm_set1_epi8(a);
	const __m128i bs = _mm_set1_epi8(b);

	for (; end - p >= 16; p += 16) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
		int hits =
		    _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(x, as), _mm_cmpeq_epi8(x, bs)));

		if (hits != 0)
			return p + __builtin_ctz((unsigned)hits);
	}
#endif
	while (p < end && *p != a && *p != b)
		p++;
	return p;
}

/* The first `a` that `b` follows. `b` is asked for first: it should be the rarer. */
static inline const char *
scan_pair(const char *p, const char *end, char a, char b)
{
#ifdef __SSE2__
	const __m128i as = _mm_set1_epi8(a);
	const __m128i bs = _mm_set1_epi8(b);

	for (; end - p >= 33; p += 32) {
		const __m128i *at = (const __m128i *)(const void *)p;
		const __m128i *next = (const __m128i *)(const void *)(p + 1);
		__m128i low = _mm_cmpeq_epi8(_mm_loadu_si128(next), bs);
		__m128i high = _mm_cmpeq_epi8(_mm_loadu_si128(next + 1), bs);
		unsigned hits;

		if (_mm_movemask_epi8(_mm_or_si128(low, high)) == 0)
			continue;
		low = _mm_and_si128(low, _mm_cmpeq_epi8(_mm_loadu_si128(at), as));
		high = _mm_and_si128(high, _mm_cmpeq_epi8(_mm_loadu_si128(at + 1), as));
		hits = (unsigned)_mm_movemask_epi8(high) << 16 | (unsigned)_mm_movemask_epi8(low);
		if (hits != 0)
			return p + __builtin_ctz(hits);
	}
	if (end - p >= 17) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i y = _mm_loadu_si128((const __m128i *)(const void *)(p + 1));
		int hits =
		    _mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(x, as), _mm_cmpeq_epi8(y, bs)));

		if (hits != 0)
			return p + __builtin_ctz((unsigned)hits);
		p += 16;
	}
#endif
	for (; end - p >= 2; p++) {
		if (p[0] == a && p[1] == b)
			return p;
	}
	return end;
}

#endif
