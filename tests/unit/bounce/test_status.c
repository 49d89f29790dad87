#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bounce/status.h"

static void
test_reads_whole_codes(void **state)
{
	static const struct {
		const char *text, *want; /* "" = none */
	} rows[] = {
	    {"4.4.1", "4.4.1"},
	    {" 5.7.26\r\n", "5.7.26"},
	    {"5.7.606", "5.7.606"},
	    {"2.0.0", "2.0.0"},
	    {"3.1.1", ""},
	    {"5.1", ""},
	    {"5.1.", ""},
	    {"5..1", ""},
	    {"5.1.1 (bad)", ""},
	    {"5.1.1000", ""},
	    {"", ""},
	    {"5.1.1.1", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct status s;
		char buf[STATUS_TEXT_BYTES];

		assert_int_equal(status_read(slice_of(rows[i].text), &s), rows[i].want[0] != '\0');
		assert_string_equal(status_format(buf, s), rows[i].want);
	}
}

static void
test_finds_codes_in_text(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	    {"550 5.1.1 <a@b>: unknown", "5.1.1"},
	    {"550-5.7.1 no", "5.7.1"},
	    {"Sorry. (#5.1.1)", "5.1.1"},
	    {"host 192.4.4.1 said nothing", ""},
	    {"4.4.1.2 is an address", ""},
	    {"the code is 4.4.1.", "4.4.1"},
	    {"Exim 4.96.2 at your service", ""},
	    {"v4.2.1 of the program", ""},
	    {"554 4.4.7 Message expired. <421 4.4.2 Connection timed out>", "4.4.7 4.4.2"},
	    {"5.1.1", "5.1.1"},
	    {"5.1", ""},
	    {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice rest = slice_of(rows[i].text), at;
		char all[64] = "";
		struct status s;

		while (status_find(&rest, &s, &at)) {
			char buf[STATUS_TEXT_BYTES];

			if (all[0] != '\0')
				strncat(all, " ", sizeof(all) - strlen(all) - 1);
			strncat(all, status_format(buf, s), sizeof(all) - strlen(all) - 1);
			assert_true(slice_is(at, buf));
		}
		assert_int_equal(rest.n, 0);
		assert_string_equal(all, rows[i].want);
	}
}

static void
test_finds_replies(void **state)
{
	static const struct {
		const char *text;
		unsigned want;
	} rows[] = {
	    {"550 no such user", 550},
	    {"host mx.example[192.0.2.1] said: 450 4.2.2 full", 450},
	    {"returned '550 5.4.316 Message expired'", 550},
	    {"SMTP error: 550-5.7.1 no", 550},
	    {"RCPT TO:<a@example.org>: 553 sorry", 553},
	    {"expired<421 4.4.2 Connection timed out>", 421},
	    {"first line\n554 second", 554},
	    {"Remote host said: 571 no", 571},
	    {"unable to deliver in 450 minutes", 0},
	    {"server with 450 messages", 0},
	    {"554 Message rejected", 554},
	    {"error 550 User unknown", 550},
	    {"call 555-1234 now", 0},
	    {"192.0.2.550 is none", 0},
	    {"port 4500", 0},
	    {"it took 500 of them", 0},
	    {"", 0},
	    {"55", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice rest = slice_of(rows[i].text), at;
		unsigned code;

		assert_int_equal(status_find_reply(&rest, &code, &at), rows[i].want != 0);
		assert_int_equal(code, rows[i].want);
		assert_int_equal(at.n, rows[i].want != 0 ? 3 : 0);
	}
}

static void
test_knows_what_says_little(void **state)
{
	static const struct {
		struct status s;
		bool vague;
	} rows[] = {
	    {{5, 0, 0}, true},
	    {{4, 4, 7}, true},
	    {{5, 7, 1}, true},
	    {{4, 4, 1}, false},
	    {{5, 6, 0}, false},
	    {{5, 1, 1}, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(status_is_vague(rows[i].s), rows[i].vague);
	assert_true(status_same((struct status){4, 4, 1}, (struct status){4, 4, 1}));
	assert_false(status_same((struct status){4, 4, 1}, (struct status){5, 4, 1}));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reads_whole_codes),
	    cmocka_unit_test(test_finds_codes_in_text),
	    cmocka_unit_test(test_finds_replies),
	    cmocka_unit_test(test_knows_what_says_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
