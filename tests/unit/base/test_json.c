#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "base/json.h"

static void
test_structure(void **state)
{
	struct buf b = BUF_INIT;
	struct json j;

	(void)state;
	json_begin(&j, &b);
	json_object(&j, NULL);
	json_cstr(&j, "a", "x");
	json_list(&j, "empty");
	json_end_list(&j);
	json_list(&j, "l");
	json_int(&j, NULL, 1);
	json_int(&j, NULL, -20);
	json_object(&j, NULL);
	json_end_object(&j);
	json_bool(&j, NULL, false);
	json_end_list(&j);
	json_bool(&j, "yes", true);
	json_end_object(&j);
	assert_string_equal(
	    b.data, "{\"a\":\"x\",\"empty\":[],\"l\":[1,-20,{},false],\"yes\":true}");
	buf_free(&b);
}

static void
test_strings(void **state)
{
	static const struct {
		const char *name;
		struct slice value;
		const char *want;
	} rows[] = {
	    {"empty", {"", 0}, "\"\""},
	    {"long and plain", {"0123456789abcdefghi", 19}, "\"0123456789abcdefghi\""},
	    {"quote and backslash", {"\"\\", 2}, "\"\\\"\\\\\""},
	    {"quote late in a word", {"1234567\"9", 9}, "\"1234567\\\"9\""},
	    {"short escapes", {"\b\f\n\r\t", 5}, "\"\\b\\f\\n\\r\\t\""},
	    {"NUL", {"a\0b", 3}, "\"a\\u0000b\""},
	    {"escape", {"12345678\x1b", 9}, "\"12345678\\u001b\""},
	    {"DEL", {"\x7f", 1}, "\"\\u007f\""},
	    {"C1", {"\xc2\x9b", 2}, "\"\\u009b\""},
	    {"UTF-8", {"\xc3\xa4 \xf0\x9f\x90\xb6", 7}, "\"\xc3\xa4 \xf0\x9f\x90\xb6\""},
	    {"broken", {"a\xff\xe2\x82z", 5}, "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\""},
	    {"surrogate", {"\xed\xa0\x80", 3}, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = BUF_INIT;
		struct json j;

		print_message("  %s\n", rows[i].name);
		json_begin(&j, &b);
		json_str(&j, NULL, rows[i].value);
		assert_string_equal(buf_cstr(&b), rows[i].want);
		buf_free(&b);
	}
}

/* The quick look at eight bytes must agree with the slow look at one. */
static void
test_every_byte_at_every_place(void **state)
{
	(void)state;
	for (int c = 0; c < 128; c++) {
		for (size_t at = 0; at < 20; at++) {
			char text[20];
			struct buf b = BUF_INIT;
			struct json j;
			bool is_plain = c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;

			memset(text, 'x', sizeof(text));
			text[at] = (char)c;
			json_begin(&j, &b);
			json_str(&j, NULL, (struct slice){text, sizeof(text)});
			assert_int_equal(b.len == sizeof(text) + 2, is_plain);
			buf_free(&b);
		}
	}
}

static void
test_numbers(void **state)
{
	static const struct {
		double value;
		const char *want;
	} weights[] = {{0, "0.00"}, {0.934, "0.93"}, {0.995, "1.00"}, {1, "1.00"}, {-1, "0.00"},
	    {12.345, "12.35"}, {NAN, "0.00"}, {INFINITY, "1000000000.00"}};
	struct buf b = BUF_INIT;
	struct json j;

	(void)state;
	for (size_t i = 0; i < sizeof(weights) / sizeof(weights[0]); i++) {
		buf_clear(&b);
		json_begin(&j, &b);
		json_weight(&j, NULL, weights[i].value);
		assert_string_equal(b.data, weights[i].want);
	}
	buf_clear(&b);
	json_begin(&j, &b);
	json_int(&j, "i", INT64_MIN);
	json_int(&j, "a", INT64_MAX);
	assert_string_equal(b.data, "\"i\":-9223372036854775808,\"a\":9223372036854775807");
	buf_free(&b);
}

static void
test_times(void **state)
{
	static const struct {
		int64_t time;
		const char *want;
	} rows[] = {
	    {0, "\"\""},
	    {1, "\"1970-01-01T00:00:01Z\""},
	    {951782400, "\"2000-02-29T00:00:00Z\""},
	    {951868799, "\"2000-02-29T23:59:59Z\""},
	    {1795166040, "\"2026-11-20T09:14:00Z\""},
	    {INT64_C(4107542400), "\"2100-03-01T00:00:00Z\""},
	    {INT64_C(253402300799), "\"9999-12-31T23:59:59Z\""},
	    {INT64_MAX, "\"9999-12-31T23:59:59Z\""},
	    {-5, "\"1970-01-01T00:00:00Z\""},
	};
	struct buf b = BUF_INIT;
	struct json j;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&b);
		json_begin(&j, &b);
		json_time(&j, NULL, rows[i].time);
		assert_string_equal(b.data, rows[i].want);
	}
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_structure),
	    cmocka_unit_test(test_strings),
	    cmocka_unit_test(test_every_byte_at_every_place),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
