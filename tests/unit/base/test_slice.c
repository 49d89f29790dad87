/* Comparisons and searches look at many bytes at once: at every length and place
 * they must say what a walk says, and read nothing behind the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/slice.h"

/* Neighbours of the letters, and what differs from one in the bit of its case. */
static const char signs[] = "@A`aZz[{MmKk\xc1\xe1\x01!";

static size_t
walk(struct slice s, const char *needle, bool folds)
{
	size_t n = strlen(needle);

	for (size_t i = 0; i + n <= s.n; i++) {
		size_t k = 0;

		while (k < n &&
		    (folds ? ascii_lower(s.p[i + k]) == ascii_lower(needle[k])
			   : s.p[i + k] == needle[k]))
			k++;
		if (k == n)
			return i;
	}
	return SLICE_NONE;
}

static void
test_one_byte_differs(void **state)
{
	(void)state;
	for (size_t n = 1; n < 40; n++) {
		char *a = malloc(n); /* exact, so that a read too far is seen */
		char *b = malloc(n);

		assert_non_null(a);
		assert_non_null(b);
		memset(a, 'q', n);
		memset(b, 'Q', n);
		assert_true(slice_ieq((struct slice){a, n}, (struct slice){b, n}));
		for (size_t at = 0; at < n; at++) {
			for (unsigned x = 0; x < 256; x++) {
				for (size_t i = 0; i + 1 < sizeof(signs); i++) {
					a[at] = (char)x;
					b[at] = signs[i];
					assert_int_equal(
					    slice_ieq((struct slice){a, n}, (struct slice){b, n}),
					    ascii_lower((char)x) == ascii_lower(signs[i]));
				}
			}
			a[at] = 'q';
			b[at] = 'Q';
		}
		free(a);
		free(b);
	}
}

static void
test_searches(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (unsigned round = 0; round < 60000; round++) {
		char needle[40];
		size_t length = round % 7 == 0 ? 1 + round % 39 : 1 + round % 4;
		size_t n = round % 97;
		char *p = malloc(n + 1);
		struct slice s = {p, n};

		assert_non_null(p);
		for (size_t i = 0; i < n; i++)
			p[i] = "aAbBcx"[(seed = seed * 1103515245u + 12345u) >> 16 & 3];
		for (size_t i = 0; i < length; i++)
			needle[i] = "aAbB"[(seed = seed * 1103515245u + 12345u) >> 16 & 3];
		needle[length] = '\0';
		if (length <= n && round % 3 == 0)
			memcpy(p + (seed >> 8) % (n - length + 1), needle, length);
		s.p = realloc(p, n == 0 ? 1 : n);
		assert_int_equal(slice_find(s, needle), walk(s, needle, false));
		assert_int_equal(slice_ifind(s, needle), walk(s, needle, true));
		free((char *)(uintptr_t)s.p);
	}
	assert_int_equal(slice_find(SLICE_EMPTY, "ab"), SLICE_NONE);
	assert_int_equal(slice_ifind(SLICE_EMPTY, "a"), SLICE_NONE);
	assert_int_equal(slice_find(SLICE_EMPTY, ""), 0);
}

static void
test_ends(void **state)
{
	(void)state;
	assert_true(slice_eq(slice_trim(SLICE_LIT(" \t\r\n\0a \0")), SLICE_LIT("a")));
	assert_true(slice_eq(slice_trim(SLICE_LIT("\x01")), SLICE_LIT("\x01")));
	assert_int_equal(slice_trim(SLICE_LIT(" \n ")).n, 0);
	assert_true(slice_iis(SLICE_EMPTY, ""));
	assert_false(slice_iis(SLICE_LIT("a\0"), "a"));
	assert_true(slice_iends(SLICE_LIT("Fold.EXAMPLE"), ".example"));
	assert_true(slice_starts(SLICE_LIT("From x"), "From "));
	assert_int_equal(slice_from(SLICE_LIT("abc"), 9).n, 0);
	assert_int_equal(slice_sub(SLICE_LIT("abc"), 1, 9).n, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_byte_differs),
	    cmocka_unit_test(test_searches),
	    cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
