#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bounce/codes.h"

static void
test_has_all_registered_codes(void **state)
{
	static const unsigned last_detail[] = {0, 10, 4, 6, 7, 6, 10, 30};
	unsigned n = 0;

	(void)state;
	for (uint16_t subject = 0; subject < 8; subject++) {
		for (uint16_t detail = 0; detail <= last_detail[subject]; detail++, n++)
			assert_true(code_is_registered((struct status){5, subject, detail}));
		assert_false(code_is_registered(
		    (struct status){5, subject, (uint16_t)(last_detail[subject] + 1)}));
	}
	assert_int_equal(n, 81);
}

static void
test_finds_the_nearest(void **state)
{
	static const struct {
		struct status s;
		const char *pattern; /* "" = none */
	} rows[] = {
	    {{4, 4, 1}, "X.4.1"},
	    {{5, 4, 316}, "X.4.*"},
	    {{4, 9, 9}, "4.*.*"},
	    {{9, 9, 9}, ""},
	    {{0, 0, 0}, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct code_info *code = code_find(rows[i].s);

		assert_string_equal(code != NULL ? code->pattern : "", rows[i].pattern);
	}
}

static void
test_causes_are_known_by_id(void **state)
{
	(void)state;
	for (int c = 0; c < CAUSE_COUNT; c++) {
		assert_int_equal(cause_info((enum cause)c)->cause, c);
		assert_int_equal(cause_by_id(slice_of(cause_id((enum cause)c))), c);
	}
	assert_string_equal(cause_id(CAUSE_CONNECT_TIMEOUT), "connect-timeout");
	assert_string_equal(cause_id(CAUSE_I18N), "i18n");
	assert_int_equal(cause_by_id(SLICE_LIT("no such cause")), CAUSE_COUNT);
	assert_string_equal(cause_id((enum cause)99), "unknown");
}

static void
test_vendors_read_codes_their_way(void **state)
{
	static const struct {
		const char *vendor;
		struct status s;
		enum cause want; /* CAUSE_COUNT = as registered */
	} rows[] = {
	    {"microsoft", {5, 4, 1}, CAUSE_USER_UNKNOWN},
	    {"microsoft", {5, 7, 620}, CAUSE_REPUTATION},
	    {"microsoft", {5, 1, 1}, CAUSE_COUNT},
	    {"google", {4, 7, 27}, CAUSE_AUTH},
	    {"zoho", {5, 4, 1}, CAUSE_POLICY},
	    {"zoho", {4, 4, 1}, CAUSE_COUNT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct vendor_info *v = NULL;
		const struct reading_info *r;

		for (size_t k = 0; k < vendor_table_n; k++) {
			if (strcmp(vendor_table[k].id, rows[i].vendor) == 0)
				v = &vendor_table[k];
		}
		r = reading_find(v, rows[i].s);
		assert_int_equal(r != NULL ? r->cause : CAUSE_COUNT, rows[i].want);
	}
	assert_null(reading_find(NULL, (struct status){5, 4, 1}));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_has_all_registered_codes),
	    cmocka_unit_test(test_finds_the_nearest),
	    cmocka_unit_test(test_causes_are_known_by_id),
	    cmocka_unit_test(test_vendors_read_codes_their_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
