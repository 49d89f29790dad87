/* Cells: what is cut, what is kept whole, what is dropped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tui/canvas.h"

#define WIDE "\xe6\xbc\xa2"
#define ACUTE "\xcc\x81"

static struct canvas c;

static void
start(int cols)
{
	canvas_init(&c);
	canvas_resize(&c, 1, cols);
}

static const char *
row_text(void)
{
	static char text[CELL_BYTES * 16];
	size_t n = 0;

	for (int i = 0; i < c.cols; i++) {
		for (const char *p = c.cells[i].text; *p != '\0'; p++)
			text[n++] = *p;
	}
	text[n] = '\0';
	return text;
}

static int
put(int col, int max_cols, const char *words)
{
	return canvas_put(&c, 0, col, max_cols, ROLE_TEXT, clean_literal(words));
}

static int
cut(int col, int max_cols, const char *words, bool ascii)
{
	return canvas_cut(&c, 0, col, max_cols, ROLE_TEXT, clean_literal(words), ascii);
}

static void
test_text_ends_at_the_limit_and_at_the_edge(void **state)
{
	(void)state;
	start(6);
	assert_int_equal(put(1, 3, "abcdef"), 3);
	assert_string_equal(row_text(), " abc  ");
	assert_int_equal(put(3, -1, "uvwxyz"), 3);
	assert_string_equal(row_text(), " abuvw");
	put(-2, -1, "12345");
	assert_string_equal(row_text(), "345uvw");
	canvas_free(&c);
}

static void
test_a_wide_one_that_does_not_fit_is_left_out(void **state)
{
	(void)state;
	start(4);
	assert_int_equal(put(0, 3, WIDE WIDE), 2);
	assert_string_equal(row_text(), WIDE "  ");
	canvas_clear(&c);
	assert_int_equal(put(3, -1, WIDE), 0);
	assert_string_equal(row_text(), "    ");
	put(-1, -1, WIDE "x");
	assert_string_equal(row_text(), " x  ");
	canvas_free(&c);
}

static void
test_no_half_stays_behind(void **state)
{
	(void)state;
	start(4);
	put(0, -1, WIDE WIDE);
	put(0, 1, "x");
	assert_string_equal(row_text(), "x " WIDE);
	put(1, 2, WIDE);
	assert_string_equal(row_text(), "x" WIDE " ");
	assert_string_equal(c.cells[2].text, "");
	put(2, 1, "y");
	assert_string_equal(row_text(), "x y ");
	put(0, -1, WIDE);
	put(0, -1, WIDE);
	assert_string_equal(row_text(), WIDE "y ");
	assert_string_equal(c.cells[1].text, "");
	canvas_free(&c);
}

static void
test_combining_ones_stay_with_theirs(void **state)
{
	(void)state;
	start(3);
	assert_int_equal(put(0, 1, "e" ACUTE "x"), 1);
	assert_string_equal(c.cells[0].text, "e" ACUTE);
	assert_string_equal(c.cells[1].text, " ");
	put(1, -1, WIDE ACUTE);
	assert_string_equal(c.cells[1].text, WIDE ACUTE);
	assert_string_equal(c.cells[2].text, "");
	canvas_clear(&c);
	assert_int_equal(put(0, -1, ACUTE "a"), 1);
	assert_string_equal(c.cells[0].text, "a");
	for (int i = 0; i < 30; i++)
		put(0, -1, "a" ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE);
	assert_string_equal(
	    c.cells[0].text, "a" ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE);
	canvas_free(&c);
}

static void
test_a_cut_is_seen(void **state)
{
	(void)state;
	start(6);
	assert_int_equal(cut(0, 4, "abcd", false), 4);
	assert_string_equal(row_text(), "abcd  ");
	assert_int_equal(cut(0, 4, "abcde", false), 4);
	assert_string_equal(row_text(), "abc\xe2\x80\xa6  ");
	assert_int_equal(cut(3, 99, "uvwxyz", true), 3);
	assert_string_equal(row_text(), "abcuv~");
	assert_int_equal(cut(0, 4, "a" WIDE WIDE, true), 4);
	assert_string_equal(row_text(), "a" WIDE "~v~");
	assert_int_equal(cut(0, 0, "abc", true), 0);
	assert_int_equal(cut(9, 4, "abc", true), 0);
	canvas_free(&c);
}

static void
test_roles_and_the_cursor_are_laid_over_what_is_there(void **state)
{
	(void)state;
	start(4);
	canvas_fill(&c, 0, -1, 3, ROLE_BAR, '-');
	assert_string_equal(row_text(), "--  ");
	assert_int_equal(c.cells[1].role, ROLE_BAR);
	assert_int_equal(c.cells[2].role, ROLE_TEXT);
	canvas_role(&c, 0, 1, 9, ROLE_ERROR);
	canvas_over(&c, 0, 3, 9);
	assert_string_equal(row_text(), "--  ");
	assert_int_equal(c.cells[0].role, ROLE_BAR);
	assert_int_equal(c.cells[3].role, ROLE_ERROR);
	assert_int_equal(c.cells[2].over, 0);
	assert_int_equal(c.cells[3].over, 1);
	canvas_clear(&c);
	assert_int_equal(c.cells[3].over, 0);
	canvas_free(&c);
}

static void
test_sizes_of_nothing_are_real(void **state)
{
	(void)state;
	start(0);
	assert_int_equal(put(0, -1, WIDE "a"), 0);
	assert_int_equal(cut(0, 5, "abc", true), 0);
	canvas_resize(&c, -3, -3);
	canvas_fill(&c, 0, 0, 5, ROLE_BAR, '-');
	canvas_over(&c, 0, 0, 5);
	assert_int_equal(c.rows, 0);
	assert_int_equal(c.cols, 0);
	canvas_free(&c);
	canvas_free(&c);
	assert_int_equal(c.cursor_row, -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text_ends_at_the_limit_and_at_the_edge),
	    cmocka_unit_test(test_a_wide_one_that_does_not_fit_is_left_out),
	    cmocka_unit_test(test_no_half_stays_behind),
	    cmocka_unit_test(test_combining_ones_stay_with_theirs),
	    cmocka_unit_test(test_a_cut_is_seen),
	    cmocka_unit_test(test_roles_and_the_cursor_are_laid_over_what_is_there),
	    cmocka_unit_test(test_sizes_of_nothing_are_real),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
