/* The half of clean.h that knows what UTF-8 is and how wide it stands. */
#include "base/clean.h"

#include <stdint.h>

#include "base/utf8_table.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool
is_tail(const char *p)
{
	return ((unsigned char)*p & 0xc0) == 0x80;
}

static unsigned
tail(const char *p)
{
	return (unsigned char)*p & 0x3fU;
}

size_t
utf8_decode(const char *p, const char *end, unsigned *cp)
{
	size_t left = end > p ? (size_t)(end - p) : 0;
	unsigned char c = left > 0 ? (unsigned char)*p : 0xff;

	if (c < 0x80) {
		*cp = c;
		return 1;
	}
	if (c >= 0xc2 && c < 0xe0 && left >= 2 && is_tail(p + 1)) {
		*cp = (c & 0x1fU) << 6 | tail(p + 1);
		return 2;
	}
	if (c >= 0xe0 && c < 0xf0 && left >= 3 && is_tail(p + 1) && is_tail(p + 2)) {
		*cp = (c & 0x0fU) << 12 | tail(p + 1) << 6 | tail(p + 2);
		return *cp < 0x800 || (*cp >= 0xd800 && *cp <= 0xdfff) ? 0 : 3;
	}
	if (c >= 0xf0 && c < 0xf5 && left >= 4 && is_tail(p + 1) && is_tail(p + 2) &&
	    is_tail(p + 3)) {
		*cp = (c & 0x07U) << 18 | tail(p + 1) << 12 | tail(p + 2) << 6 | tail(p + 3);
		return *cp < 0x10000 || *cp > 0x10ffff ? 0 : 4;
	}
	return 0;
}

static bool
is_in(const struct utf8_range *table, size_t n, unsigned cp)
{
	size_t low = 0;
	size_t high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (cp > table[mid].last)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && cp >= table[low].first;
}

int
utf8_width(unsigned cp)
{
	if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
		return 0;
	if (cp < 0x300)
		return 1;
	if (is_in(zero_width, COUNT(zero_width), cp))
		return 0;
	return cp >= 0x1100 && is_in(two_columns, COUNT(two_columns), cp) ? 2 : 1;
}

size_t
utf8_fit(const char *cleaned, int cols, int *used_cols)
{
	const char *end = cleaned + strlen(cleaned);
	const char *p = cleaned;
	int used = 0;

	while (p < end) {
		unsigned cp = 0;
		size_t n = utf8_decode(p, end, &cp);
		int width = n == 0 ? 1 : utf8_width(cp);

		if (width > cols - used)
			break;
		used += width;
		p += n == 0 ? 1 : n;
	}
	if (used_cols != NULL)
		*used_cols = used;
	return (size_t)(p - cleaned);
}

int
utf8_columns(const char *cleaned)
{
	int used;

	utf8_fit(cleaned, INT32_MAX, &used);
	return used;
}

size_t
utf8_encode(char out[4], unsigned cp)
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 63));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 63));
		out[2] = (char)(0x80 | (cp & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 63));
	out[2] = (char)(0x80 | (cp >> 6 & 63));
	out[3] = (char)(0x80 | (cp & 63));
	return 4;
}
