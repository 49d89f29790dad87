#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"

static void
test_grows_and_terminates(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "%d,", i);
	assert_int_equal(b.len, 10 * 2 + 90 * 3 + 900 * 4);
	assert_int_equal(b.data[b.len], '\0');
	buf_truncate(&b, 3);
	assert_string_equal(buf_cstr(&b), "0,1");
	buf_free(&b);
	assert_string_equal(buf_cstr(&b), "");
	buf_free(&b);
}

static void
test_take_is_never_null(void **state)
{
	struct buf b = BUF_INIT;
	char *p = buf_take(&b);

	(void)state;
	assert_string_equal(p, "");
	free(p);
}

static void
test_arena_keeps_what_it_gave(void **state)
{
	struct arena *a = arena_new();
	char *first = arena_strdup(a, "first");
	char *big = arena_alloc(a, 100000);

	(void)state;
	memset(big, 'x', 100000);
	for (int i = 0; i < 10000; i++)
		arena_printf(a, "number %d", i);
	assert_string_equal(first, "first");
	assert_int_equal((uintptr_t)big % _Alignof(max_align_t), 0);
	arena_reset(a);
	assert_int_equal(arena_used(a), 0);
	arena_free(&a);
	assert_null(a);
	arena_free(&a);
}

static void
test_lines_of_any_ending(void **state)
{
	struct slice rest = SLICE_LIT("a\r\nb\rc\n\nd");
	static const char *const want[] = {"a", "b", "c", "", "d"};
	struct slice line;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		assert_true(slice_line(&rest, &line));
		assert_true(slice_is(line, want[i]));
	}
	assert_false(slice_line(&rest, &line));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_grows_and_terminates),
	    cmocka_unit_test(test_take_is_never_null),
	    cmocka_unit_test(test_arena_keeps_what_it_gave),
	    cmocka_unit_test(test_lines_of_any_ending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
