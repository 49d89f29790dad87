#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "msg/field.h"

#define MAX 5

static const struct row {
	const char *name;
	const char *message;
	const char *fields[MAX]; /* "name=value" */
	const char *body;
} rows[] = {
    {"plain", "A: 1\nB: 2\n\nbody\n", {"A=1", "B=2"}, "body\n"},
    {"CRLF", "A: 1\r\nB: 2\r\n\r\nbody\r\n", {"A=1", "B=2"}, "body\r\n"},
    {"CR", "A: 1\rB: 2\r\rbody\r", {"A=1", "B=2"}, "body\r"},
    {"mixed ends", "A: 1\r\nB: 2\nC: 3\r\nbody", {"A=1", "B=2", "C=3"}, "body"},
    {"no body", "A: 1\nB: 2\n", {"A=1", "B=2"}, ""},
    {"no last line end", "A: 1\nB: 2", {"A=1", "B=2"}, ""},
    {"empty", "", {NULL}, ""},
    {"empty header", "\nbody", {NULL}, "body"},
    {"no header", "Hello world\n\nbody", {NULL}, "Hello world\n\nbody"},
    {"folded", "A: 1\n\t2\n  3\nB: 4\n\n", {"A=1\n\t2\n  3", "B=4"}, ""},
    {"folded CR", "A: 1\r 2\rB: 4\r\rx", {"A=1\r 2", "B=4"}, "x"},
    {"folded with an empty fold", "A: 1\n \n 2\nB: 3\n\n", {"A=1\n \n 2", "B=3"}, ""},
    {"blank before the colon", "A : 1\nB\t:2\n\n", {"A=1", "B=2"}, ""},
    {"no value", "A:\nB: \n\n", {"A=", "B="}, ""},
    {"colon in the value", "A: b: c\n\n", {"A=b: c"}, ""},
    {"no name", ": 1\n\nx", {NULL}, ": 1\n\nx"},
    {"text ends the header", "A: 1\nno field here\nB: 2\n", {"A=1"}, "no field here\nB: 2\n"},
    {"8-bit name is none", "A: 1\n\xc3\xa4: 2\n", {"A=1"}, "\xc3\xa4: 2\n"},
    {"mbox line", "From a@b Fri Nov 20 10:14:00 2026\nA: 1\n\nx", {"A=1"}, "x"},
    {"quoted mbox line", ">From a@b Fri Nov 20 10:14:00 2026\nA: 1\n\nx", {"A=1"}, "x"},
    {"mbox line with CR", "From a@b Fri Nov 20 10:14:00 2026\rA: 1\r\rx", {"A=1"}, "x"},
    {"text that begins as an mbox line", "A: 1\nFrom here on it is text\nand more\n", {"A=1"},
	"From here on it is text\nand more\n"},
    {"leading continuation", " x\nA: 1\n", {NULL}, " x\nA: 1\n"},
};

static void
test_table(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice rest = slice_of(rows[i].message);
		struct slice header;
		struct slice body;
		struct field f;
		size_t n = 0;

		print_message("  %s\n", rows[i].name);
		while (field_next(&rest, &f)) {
			buf_clear(&b);
			buf_addf(&b, "%.*s=%.*s", SLICE_FMT(f.name), SLICE_FMT(f.value));
			assert_true(n < MAX && rows[i].fields[n] != NULL);
			assert_string_equal(b.data, rows[i].fields[n]);
			n++;
		}
		assert_true(n == MAX || rows[i].fields[n] == NULL);
		assert_true(slice_is(rest, rows[i].body));
		field_split(slice_of(rows[i].message), &header, &body);
		assert_true(slice_eq(body, rest));
		assert_ptr_equal(header.p, rows[i].message);
	}
	buf_free(&b);
}

static void
test_get(void **state)
{
	struct slice h = SLICE_LIT("To: a\nReceived: 1\nreceived: 2\nSubject: x\n");

	(void)state;
	assert_true(slice_is(field_get(h, "subject"), "x"));
	assert_true(slice_is(field_get(h, "RECEIVED"), "1"));
	assert_true(slice_is(field_get_nth(h, "Received", 1), "2"));
	assert_int_equal(field_get_nth(h, "Received", 2).n, 0);
	assert_int_equal(field_get(h, "Cc").n, 0);
	assert_non_null(field_get(h, "Cc").p);
}

static void
test_unfold(void **state)
{
	static const char *const texts[][2] = {
	    {"", ""},
	    {"  a b  ", "a b"},
	    {"a\n b", "a b"},
	    {"a \r\n\t b", "a b"},
	    {"a\r b\r c", "a b c"},
	    {"a\n \n b", "a b"},
	    {"a\n  b\n", "a b"},
	    {"\n a", "a"},
	    {"=?utf-8?q?=C3=A4?=\n =?utf-8?q?b?=",
		"\xc3\xa4"
		"b"},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct slice got = i + 1 == sizeof(texts) / sizeof(texts[0])
		    ? field_text(a, slice_of(texts[i][0]))
		    : field_unfold(a, slice_of(texts[i][0]));

		print_message("  %.*s\n", SLICE_FMT(got));
		assert_true(slice_is(got, texts[i][1]));
	}
	arena_free(&a);
}

static void
test_limits(void **state)
{
	struct buf b = BUF_INIT;
	struct slice header;
	struct slice body;

	(void)state;
	for (int i = 0; i < FIELD_MAX_COUNT + 10; i++)
		buf_adds(&b, "A: 1\n");
	field_split(buf_slice(&b), &header, &body);
	assert_int_equal(header.n, FIELD_MAX_COUNT * 5);
	assert_int_equal(body.n, 50);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_get),
	    cmocka_unit_test(test_unfold),
	    cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
