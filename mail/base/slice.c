#include "base/slice.h"

#include <stdint.h>

#include "base/scan.h"

struct slice
slice_of(const char *cstr)
{
	if (cstr == NULL)
		return SLICE_EMPTY;
	return (struct slice){cstr, strlen(cstr)};
}

/* Are eight bytes the same but for the case of letters, which is one bit? */
static inline bool
same8(uint64_t a, uint64_t b)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t differ = a ^ b;
	uint64_t low, from_a, above_z;

	if (differ == 0)
		return true;
	if ((differ & ~(ones * 0x20)) != 0)
		return false;
	low = (a | ones * 0x20) & (ones * 0x7f);
	from_a = low + ones * (0x80 - 'a');
	above_z = low + ones * (0x7f - 'z');
	return (differ << 2 & ~((from_a ^ above_z) & ~a)) == 0;
}

static inline uint64_t
load8(const char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	return x;
}

static inline uint64_t
load4(const char *p)
{
	uint32_t x;

	memcpy(&x, p, sizeof(x));
	return x;
}

bool
slice_same_folded(const char *a, const char *b, size_t n)
{
	/* The last word of a long one overlaps the one before it. */
	if (n >= 8) {
		for (size_t i = 0; i + 8 < n; i += 8) {
			if (!same8(load8(a + i), load8(b + i)))
				return false;
		}
		return same8(load8(a + n - 8), load8(b + n - 8));
	}
	if (n >= 4)
		return same8(load4(a) | load4(a + n - 4) << 32, load4(b) | load4(b + n - 4) << 32);
	for (size_t i = 0; i < n; i++) {
		if (ascii_lower(a[i]) != ascii_lower(b[i]))
			return false;
	}
	return true;
}

bool
slice_iis_any(struct slice a, const char *const *cstrs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (slice_iis(a, cstrs[i]))
			return true;
	}
	return false;
}

int
slice_cmp(struct slice a, struct slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = memcmp(a.p, b.p, n);

	if (c != 0)
		return c;
	return a.n < b.n ? -1 : a.n > b.n;
}

bool
slice_istarts(struct slice s, const char *prefix)
{
	for (size_t i = 0; prefix[i] != '\0'; i++) {
		if (i == s.n || ascii_lower(s.p[i]) != ascii_lower(prefix[i]))
			return false;
	}
	return true;
}

/* The needles are words of ours: short ones, whose first two bytes tell enough. */
#define SHORT_NEEDLE 32

size_t
slice_find(struct slice s, const char *needle)
{
	const char *end = s.p + s.n;
	size_t n = strlen(needle);
	const char *hit = NULL;

	if (n < 2 || n > SHORT_NEEDLE) {
		hit = memmem(s.p, s.n, needle, n);
		return hit == NULL ? SLICE_NONE : (size_t)(hit - s.p);
	}
	for (const char *p = s.p; (p = scan_pair(p, end, needle[0], needle[1])) < end; p++) {
		if ((size_t)(end - p) < n)
			break;
		if (memcmp(p, needle, n) == 0)
			return (size_t)(p - s.p);
	}
	return SLICE_NONE;
}

#ifdef __SSE2__
/* Sixteen places at a time, by the first and the last letter; how many were looked
 * at is left in `at`. */
static size_t
ifind_wide(struct slice s, const char *needle, size_t n, size_t *at)
{
	const char first = ascii_lower(needle[0]);
	const char last = ascii_lower(needle[n - 1]);
	const __m128i first_low = _mm_set1_epi8(first);
	const __m128i first_up = _mm_set1_epi8(ascii_upper(first));
	const __m128i last_low = _mm_set1_epi8(last);
	const __m128i last_up = _mm_set1_epi8(ascii_upper(last));
	size_t i = 0;

	for (; i + n + 15 <= s.n; i += 16) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i));
		__m128i y = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i + n - 1));
		int hits;

		x = _mm_or_si128(_mm_cmpeq_epi8(x, first_low), _mm_cmpeq_epi8(x, first_up));
		y = _mm_or_si128(_mm_cmpeq_epi8(y, last_low), _mm_cmpeq_epi8(y, last_up));
		hits = _mm_movemask_epi8(_mm_and_si128(x, y));
		for (; hits != 0; hits &= hits - 1) {
			size_t k = i + (size_t)__builtin_ctz((unsigned)hits);

			if (slice_same_folded(s.p + k, needle, n))
				return k;
		}
	}
	*at = i;
	return SLICE_NONE;
}
#endif

size_t
slice_ifind(struct slice s, const char *needle)
{
	size_t n = strlen(needle);
	size_t i = 0;

	if (n == 0)
		return 0;
#ifdef __SSE2__
	size_t hit = ifind_wide(s, needle, n, &i);

	if (hit != SLICE_NONE)
		return hit;
#endif
	for (; i + n <= s.n; i++) {
		if (ascii_lower(s.p[i]) == ascii_lower(needle[0]) &&
		    slice_same_folded(s.p + i, needle, n))
			return i;
	}
	return SLICE_NONE;
}

static bool
is_trimmed(char c)
{
	return ascii_isspace(c) || c == '\0';
}

struct slice
slice_trim_ends(struct slice s)
{
	while (s.n > 0 && is_trimmed(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_trimmed(s.p[s.n - 1]))
		s.n--;
	return s;
}

size_t
slice_eol(struct slice s)
{
	return (size_t)(scan_either(s.p, s.p + s.n, '\n', '\r') - s.p);
}

bool
slice_line(struct slice *rest, struct slice *line)
{
	size_t i = slice_eol(*rest);
	size_t skip;

	if (rest->n == 0)
		return false;
	*line = slice_sub(*rest, 0, i);
	skip = i < rest->n ? 1 : 0;
	if (i + 1 < rest->n && rest->p[i] == '\r' && rest->p[i + 1] == '\n')
		skip = 2;
	*rest = slice_from(*rest, i + skip);
	return true;
}
