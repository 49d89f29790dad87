#include "base/slice.h"

#include "base/scan.h"

struct slice
slice_of(const char *cstr)
{
	if (cstr == NULL)
		return SLICE_EMPTY;
	return (struct slice){cstr, strlen(cstr)};
}

struct slice
slice_range(const char *begin, const char *end)
{
	return (struct slice){begin, end > begin ? (size_t)(end - begin) : 0};
}

struct slice
slice_sub(struct slice s, size_t from, size_t len)
{
	if (from > s.n)
		from = s.n;
	if (len > s.n - from)
		len = s.n - from;
	return (struct slice){s.p + from, len};
}

struct slice
slice_from(struct slice s, size_t from)
{
	return slice_sub(s, from, s.n);
}

bool
slice_eq(struct slice a, struct slice b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

bool
slice_is(struct slice a, const char *cstr)
{
	return slice_eq(a, slice_of(cstr));
}

static bool
equal_folded(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (ascii_lower(a[i]) != ascii_lower(b[i]))
			return false;
	}
	return true;
}

bool
slice_ieq(struct slice a, struct slice b)
{
	return a.n == b.n && equal_folded(a.p, b.p, a.n);
}

bool
slice_iis(struct slice a, const char *cstr)
{
	/* Most comparisons fail at the first letter: no strlen before that. */
	for (size_t i = 0; i < a.n; i++) {
		if (cstr[i] == '\0' || ascii_lower(a.p[i]) != ascii_lower(cstr[i]))
			return false;
	}
	return cstr[a.n] == '\0';
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
slice_starts(struct slice s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && memcmp(s.p, prefix, n) == 0;
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

bool
slice_iends(struct slice s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.n >= n && equal_folded(s.p + s.n - n, suffix, n);
}

size_t
slice_find(struct slice s, const char *needle)
{
	const char *hit = memmem(s.p, s.n, needle, strlen(needle));

	return hit == NULL ? SLICE_NONE : (size_t)(hit - s.p);
}

size_t
slice_ifind(struct slice s, const char *needle)
{
	size_t n = strlen(needle);

	if (n == 0)
		return 0;
	for (size_t i = 0; i + n <= s.n; i++) {
		if (ascii_lower(s.p[i]) == ascii_lower(needle[0]) &&
		    equal_folded(s.p + i, needle, n))
			return i;
	}
	return SLICE_NONE;
}

size_t
slice_chr(struct slice s, char c)
{
	const char *hit = s.n == 0 ? NULL : memchr(s.p, c, s.n);

	return hit == NULL ? SLICE_NONE : (size_t)(hit - s.p);
}

static bool
is_trimmed(char c)
{
	return ascii_isspace(c) || c == '\0';
}

struct slice
slice_trim(struct slice s)
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
