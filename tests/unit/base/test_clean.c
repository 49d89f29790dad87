#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clean.h"

#define SIGN "\xef\xbf\xbd"

struct row {
	const char *name;
	struct slice dirty;
	const char *want;
	const char *want_lines; /* NULL: the same */
};

static const struct row rows[] = {
    {"empty", {"", 0}, "", NULL},
    {"plain", {"plain ~", 7}, "plain ~", NULL},
    {"escape sequence", {"a\x1b[31mb", 7}, "a" SIGN "[31mb", NULL},
    {"run of controls is one sign", {"a\x01\x02\x7f\x80z", 6}, "a" SIGN "z", NULL},
    {"NUL", {"a\0b", 3}, "a" SIGN "b", NULL},
    {"tab", {"a\tb", 3}, "a b", NULL},
    {"LF", {"a\nb", 3}, "a b", "a\nb"},
    {"CR", {"a\rb", 3}, "a b", "a\nb"},
    {"CRLF is one break", {"a\r\nb", 4}, "a b", "a\nb"},
    {"two breaks", {"a\n\nb", 4}, "a  b", "a\n\nb"},
    {"CR at the end", {"a\r", 2}, "a ", "a\n"},
    {"line separator", {"a\xe2\x80\xa8z", 5}, "a z", "a\nz"},
    {"C1 as code point",
	{"a\xc2\x9b"
	 "31m",
	    6},
	"a" SIGN "31m", NULL},
    {"C1 as single byte",
	{"a\x9b"
	 "31m",
	    5},
	"a" SIGN "31m", NULL},
    {"NEL", {"a\xc2\x85z", 4}, "a" SIGN "z", NULL},
    {"bidi override", {"a\xe2\x80\xaez", 5}, "a" SIGN "z", NULL},
    {"bidi isolate", {"a\xe2\x81\xa6z", 5}, "a" SIGN "z", NULL},
    {"zero width space", {"a\xe2\x80\x8bz", 5}, "a" SIGN "z", NULL},
    {"byte order mark", {"\xef\xbb\xbfz", 4}, SIGN "z", NULL},
    {"soft hyphen", {"a\xc2\xadz", 4}, "a" SIGN "z", NULL},
    {"tag character", {"a\xf3\xa0\x81\x81z", 6}, "a" SIGN "z", NULL},
    {"variation selector is dropped", {"a\xef\xb8\x8fz", 5}, "az", NULL},
    {"surrogate", {"a\xed\xa0\x80z", 5}, "a" SIGN "z", NULL},
    {"noncharacter", {"a\xef\xbf\xbfz", 5}, "a" SIGN "z", NULL},
    {"noncharacter of plane 16", {"a\xf4\x8f\xbf\xbez", 6}, "a" SIGN "z", NULL},
    {"beyond Unicode", {"a\xf4\x90\x80\x80z", 6}, "a" SIGN "z", NULL},
    {"overlong", {"a\xc0\xafz", 4}, "a" SIGN "z", NULL},
    {"cut in a character", {"a\xe2\x82", 3}, "a" SIGN, NULL},
    {"resynchronises", {"\xe2\x82\xc3\xa4", 4}, SIGN "\xc3\xa4", NULL},
    {"good UTF-8 stays", {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xb6", 9},
	"\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xb6", NULL},
};

static void
test_table(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];

		print_message("  %s\n", r->name);
		assert_string_equal(clean(a, r->dirty).s, r->want);
		assert_string_equal(
		    clean_lines(a, r->dirty).s, r->want_lines == NULL ? r->want : r->want_lines);
	}
	arena_free(&a);
}

static void
test_cut(void **state)
{
	static const struct {
		const char *dirty;
		size_t max;
		const char *want;
		bool is_cut;
	} cuts[] = {
	    {"abcdef", 6, "abcdef", false},
	    {"abcdefg", 6, "abc\xe2\x80\xa6", true},
	    {"ab\xc3\xa4\xc3\xa4z", 6, "ab\xe2\x80\xa6", true},
	    {"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 8, "\xe2\x82\xac\xe2\x80\xa6", true},
	    {"abcd", 3, "\xe2\x80\xa6", true},
	    {"abcd", 2, "", true},
	    {"abcd", 0, "", true},
	    {"", 0, "", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		struct buf b = BUF_INIT;

		buf_adds(&b, "x");
		assert_int_equal(
		    clean_append(&b, slice_of(cuts[i].dirty), cuts[i].max), cuts[i].is_cut);
		assert_string_equal(buf_cstr(&b) + 1, cuts[i].want);
		assert_true(b.len - 1 <= cuts[i].max);
		buf_free(&b);
	}
}

static void
test_long_line_is_cut_lines_are_not(void **state)
{
	struct arena *a = arena_new();
	char *big = arena_alloc(a, 100000);

	(void)state;
	memset(big, 'x', 100000);
	assert_int_equal(strlen(clean(a, (struct slice){big, 100000}).s), CLEAN_MAX_BYTES);
	assert_int_equal(strlen(clean_lines(a, (struct slice){big, 100000}).s), 100000);
	arena_free(&a);
}

static void
test_width(void **state)
{
	static const struct {
		unsigned cp;
		int width;
	} widths[] = {
	    {'a', 1},
	    {0x07, 0},
	    {0x7f, 0},
	    {0xe4, 1},
	    {0x301, 0},
	    {0x1100, 2},
	    {0x1161, 0},
	    {0x200b, 0},
	    {0x20ac, 1},
	    {0x3042, 2},
	    {0x4e00, 2},
	    {0x9fff, 2},
	    {0xac00, 2},
	    {0xff01, 2},
	    {0xff71, 1},
	    {0xfffd, 1},
	    {0x1f436, 2},
	    {0x20000, 2},
	    {0x2fffd, 2},
	    {0xe0100, 0},
	    {0x10ffff, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		print_message("  U+%04X\n", widths[i].cp);
		assert_int_equal(utf8_width(widths[i].cp), widths[i].width);
	}
}

static void
test_fit(void **state)
{
	/* a, two columns, e with an accent of its own, z */
	const char *text = "a\xe3\x81\x82"
			   "e\xcc\x81z";
	static const size_t bytes[] = {0, 1, 1, 4, 7, 8, 8};
	static const int cols[] = {0, 1, 1, 3, 4, 5, 5};

	(void)state;
	assert_int_equal(utf8_columns(text), 5);
	assert_int_equal(utf8_columns(""), 0);
	for (int i = 0; i < 7; i++) {
		int used = -1;

		assert_int_equal(utf8_fit(text, i, &used), bytes[i]);
		assert_int_equal(used, cols[i]);
	}
	assert_int_equal(utf8_fit(text, 4, NULL), 7);
}

/* Every code point there is: decoding undoes encoding, and cleaning is safe. */
static void
test_every_code_point(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	for (unsigned cp = 0x80; cp < 0x110000; cp++) {
		char p[4] = {(char)(0xf0 | cp >> 18), (char)(0x80 | (cp >> 12 & 63)),
		    (char)(0x80 | (cp >> 6 & 63)), (char)(0x80 | (cp & 63))};
		size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
		char *from = p + 4 - n;
		unsigned got = 0;

		if (n == 2)
			from[0] = (char)(0xc0 | cp >> 6);
		if (n == 3)
			from[0] = (char)(0xe0 | cp >> 12);
		if (cp >= 0xd800 && cp < 0xe000) {
			assert_int_equal(utf8_decode(from, p + 4, &got), 0);
			continue;
		}
		assert_int_equal(utf8_decode(from, p + 4, &got), n);
		assert_int_equal(got, cp);
		assert_int_equal(utf8_decode(from, p + 3, &got), 0);
		assert_in_range(utf8_width(cp), 0, 2);
		buf_clear(&b);
		clean_append(&b, (struct slice){from, n}, 16);
		assert_true(cp >= 0xa0 || strcmp(b.data, SIGN) == 0);
	}
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_long_line_is_cut_lines_are_not),
	    cmocka_unit_test(test_width),
	    cmocka_unit_test(test_fit),
	    cmocka_unit_test(test_every_code_point),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
