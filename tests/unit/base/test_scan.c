/* The searches look at many bytes at once: at every place, in every length, they
 * must find what a walk finds, and nothing behind the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/scan.h"

static void
test_every_place(void **state)
{
	(void)state;
	for (size_t n = 0; n < 70; n++) {
		char *p = malloc(n + 1); /* exact, so that a read too far is seen */

		assert_non_null(p);
		for (size_t at = 0; at < n; at++) {
			memset(p, 'x', n);
			p[at] = 'a';
			assert_ptr_equal(scan_either(p, p + n, 'a', 'b'), p + at);
			assert_ptr_equal(scan_either(p, p + n, 'b', 'a'), p + at);
			assert_ptr_equal(scan_pair(p, p + n, 'a', 'b'), p + n);
			assert_ptr_equal(scan_either(p, p + at, 'a', 'b'), p + at);
			if (at + 1 == n)
				continue;
			p[at + 1] = 'b';
			assert_ptr_equal(scan_pair(p, p + n, 'a', 'b'), p + at);
			assert_ptr_equal(scan_pair(p, p + at + 1, 'a', 'b'), p + at + 1);
			assert_ptr_equal(scan_pair(p, p + n, 'b', 'a'), p + n);
		}
		free(p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_place)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
