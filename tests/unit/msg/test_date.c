#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "msg/date.h"

#define T INT64_C(1795166040) /* Fri, 20 Nov 2026 09:14:00 +0000 */

static const struct row {
	const char *text;
	int64_t time; /* 0: no date */
	int zone;
} rows[] = {
    {"Fri, 20 Nov 2026 10:14:00 +0100", T, 60},
    {"Fri, 20 Nov 2026 10:14:00 +0100 (CET)", T, 60},
    {"Fri, 20 Nov 2026 10:14 +0100", T, 60},
    {"20 Nov 2026 04:14:00 -0500", T, -300},
    {"Fri,20 Nov 2026 09:14:00 GMT", T, 0},
    {"Fri, 20 Nov 2026 09:14:00 UT", T, 0},
    {"Fri, 20 Nov 2026 09:14:00 Z", T, 0},
    {"Fri, 20 Nov 2026 04:14:00 EST", T, -300},
    {"Fri, 20 Nov 2026 18:14:00 JST", T, 540},
    {"Fri, 20 Nov 2026 09:14:00", T, 0},
    {"Fri, 20 Nov 2026 09:14:00 XYZ", T, 0},
    {"fri, 20 NOV 26 09:14:00 utc", T, 0},
    {"Fri, 20 Nov 126 09:14:00 +0000", T, 0},
    {"Fri, 020 Nov 2026 09:14:00 +0000", T, 0},
    {"Sat, 20 Nov 99 09:14:00 +0000", 943089240, 0},
    {"Fri, (comment (nested \\) 1)) 20 Nov (x) 2026 09:14:00 +0000", T, 0},
    {"  'Fri, 20 Nov 2026 10:14:00 +0100'", T, 60},
    {"Fri,  20 Nov 2026\r\n 10:14:00 +0100", T, 60},
    {"Fri, 20 Nov 2026 10:14:00 +0100 From: x 11 May 1999", T, 60},
    {"Fri, 20 Nov 2026 11:14:00 GMT+0200", T, 120},
    {"Fri, 20 Nov 2026 11:14:00 +02:00", T, 120},
    {"Fri, 20 Nov 2026 09:14:00 -0000", T, 0},
    {"Fri Nov 20 09:14:00 2026", T, 0},
    {"Fri Nov 20 10:14:00 CET 2026", T, 60},
    {"Fri Nov 20 10:14:00 2026 +0100", T, 60},
    {"Fri Nov 20 10:14:00 +0100 2026", T, 60},
    {"Tue Nov 24 00:04:08 2026", 1795478648, 0},
    {"Tue Nov  3 00:04:08 2026", 1793664248, 0},
    {"Friday, November 20, 2026 9:14:00 AM", T, 0},
    {"Friday, November 20, 2026 9:14:00 PM +0000", T + 43200, 0},
    {"Friday, November 20, 2026 12:14:00 AM", T - 9 * 3600, 0},
    {"2026-11-20T09:14:00Z", T, 0},
    {"2026-11-20T10:14:00+01:00", T, 60},
    {"2026-11-20T10:14:00.123456+01:00", T, 60},
    {"2026-11-20 10:14:00 +0100", T, 60},
    {"2026-11-20 09:14", T, 0},
    {"2026-11-20 09-14-00", T, 0},
    {"2026-11-20", T - 9 * 3600 - 14 * 60, 0},
    {"20-11-2026 09:14", T, 0},
    {"20-Nov-2026 09:14:00 +0000", T, 0},
    {"29 Feb 2024 00:00:00 +0000", 1709164800, 0},
    {"31 Dec 9999 23:59:59 +0000", INT64_C(253402300799), 0},
    {"20 Nov 2026 09:13:60 +0000", T, 0},
    {"1 Jan 1970 00:00:01 +0000", 1, 0},
    /* not these */
    {"", 0, 0},
    {"yesterday", 0, 0},
    {"Fri,", 0, 0},
    {"20 Nov", 0, 0},
    {"Nov 2026", 0, 0},
    {"29 Feb 2023 00:00:00 +0000", 0, 0},
    {"31 Nov 2026 00:00:00 +0000", 0, 0},
    {"0 Nov 2026 00:00:00 +0000", 0, 0},
    {"20 Nov 2026 25:00:00 +0000", 0, 0},
    {"20 Nov 2026 10:60:00 +0000", 0, 0},
    {"20 Nov 2026 10:: +0000", 0, 0},
    {"31 Dec 9999 23:59:59 -0100", 0, 0},
    {"1 Jan 1970 00:00:00 +0100", 0, 0},
    {"1 Jan 1969 00:00:00 +0000", 0, 0},
    {"20 Nov 99999 09:14:00 +0000", 0, 0},
    {"99999999999999999999", 0, 0},
    {"2026-13-20", 0, 0},
    {"2026--11", 0, 0},
    {"20-", 0, 0},
    {"(((((((", 0, 0},
    {"+", 0, 0},
};

static void
test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t t = -1;
		int zone = -1;

		print_message("  %s\n", rows[i].text);
		assert_int_equal(date_read(slice_of(rows[i].text), &t, &zone), rows[i].time != 0);
		assert_int_equal(t, rows[i].time);
		assert_int_equal(zone, rows[i].zone);
		assert_int_equal(date_read(slice_of(rows[i].text), &t, NULL), rows[i].time != 0);
	}
}

static void
test_write(void **state)
{
	char text[DATE_TEXT_BYTES];

	(void)state;
	assert_string_equal(date_rfc3339(text, T), "2026-11-20T09:14:00Z");
	assert_string_equal(date_rfc3339(text, 0), "");
	assert_string_equal(date_rfc5322(text, T, 60), "Fri, 20 Nov 2026 10:14:00 +0100");
	assert_string_equal(date_rfc5322(text, T, -210), "Fri, 20 Nov 2026 05:44:00 -0330");
	assert_string_equal(date_rfc5322(text, T, 99999), "Fri, 20 Nov 2026 09:14:00 +0000");
	assert_in_range(date_local_zone(T) + 24 * 60, 0, 48 * 60);
}

static void
test_what_is_written_is_read(void **state)
{
	(void)state;
	for (int64_t t = 1; t < INT64_C(253402214400); t += INT64_C(86399) * 41) {
		char text[DATE_TEXT_BYTES];
		int64_t got;
		int zone;
		int want = (int)(t % 1440) - 720;

		assert_true(date_read(slice_of(date_rfc5322(text, t + 86400, want)), &got, &zone));
		assert_int_equal(got, t + 86400);
		assert_int_equal(zone, want);
		assert_true(date_read(slice_of(date_rfc3339(text, t)), &got, NULL));
		assert_int_equal(got, t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_write),
	    cmocka_unit_test(test_what_is_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
