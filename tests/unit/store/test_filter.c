#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/case.h"

#define NOW 1800000000

static struct row
row_new(void)
{
	return (struct row){.id = {"abcdefghij"},
	    .account = "bounces",
	    .recipient = "Bob@Partner.example",
	    .domain = "partner.example",
	    .status = "4.4.1",
	    .subject = "Your Invoice of May",
	    .original_message_id = "<1@example.org>",
	    .from = "Alice <alice@example.org>",
	    .mta = "postfix",
	    .trail = "o-x",
	    .last_seen = NOW - 3 * 86400,
	    .state = STATE_GAVE_UP,
	    .cause = CAUSE_CONNECT_TIMEOUT,
	    .handling = HANDLING_OPEN,
	    .lane = LANE_CASES,
	    .is_new = true};
}

static const struct {
	const char *text;
	bool want;
} matches[] = {
    {"", true},
    {"  ", true},
    {"to:bob", true},
    {"to:BOB@partner", true},
    {"to:eve", false},
    {"-to:eve", true},
    {"-to:bob", false},
    {"domain:partner.example", true},
    {"domain:partner", true},
    {"domain:example", true},
    {"domain:PARTNER.example", true},
    {"domain:artner.example", false},
    {"domain:partner.exam", false},
    {"domain:\"\"", false},
    {"from:alice", true},
    {"subject:invoice", true},
    {"subject:\"invoice of\"", true},
    {"subject:\"invoice  of\"", false},
    {"-subject:\"invoice of\"", false},
    {"\"of may\"", true},
    {"code:4", true},
    {"code:4.4", true},
    {"code:4.4.", true},
    {"code:4.4.1", true},
    {"code:4.4.10", false},
    {"code:4.4.2", false},
    {"code:x.4.1", true},
    {"code:x.5", false},
    {"code:4.", true},
    {"code:44", false},
    {"code:\"\"", false},
    {"cause:connect", true},
    {"cause:connect-timeout", true},
    {"cause:connect-refused", false},
    {"state:gave-up", true},
    {"state:trying", false},
    {"is:open", true},
    {"is:due", false},
    {"-is:due", true},
    {"is:ours", true},
    {"is:notours", false},
    {"is:new", true},
    {"mta:POST", true},
    {"age:<4d", true},
    {"age:<3d", false},
    {"age:>3d", false},
    {"age:>71h", true},
    {"age:<1w", true},
    {"age:>1m", false},
    {"age:<1y", true},
    {"id:abc", true},
    {"id:abd", false},
    {"id:ABC", true},
    {"account:bounces", true},
    {"account:BOUNCES", true},
    {"account:bounce", false},
    {"account:bounces2", false},
    {"-account:other", true},
    {"to:bob subject:invoice code:4.4", true},
    {"to:bob subject:invoice code:5", false},
    {"partner", true},
    {"timeout", true},
    {"postfix", true},
    {"4.4.1", true},
    {"nothing", false},
    {"-nothing bob", true},
};

static void
test_matches(void **state)
{
	struct row row = row_new();

	(void)state;
	for (size_t i = 0; i < sizeof(matches) / sizeof(*matches); i++) {
		struct filter *f = NULL;
		struct err e;

		if (filter_parse(&f, matches[i].text, &e) != 0)
			fail_msg("%s: %s", matches[i].text, e.text);
		if (filter_match(f, &row, NOW) != matches[i].want)
			fail_msg("%s: wanted %d", matches[i].text, matches[i].want);
		filter_free(&f);
	}
}

static const struct {
	const char *text, *part;
} faults[] = {
    {"foo:bar", "to: domain: from:"},
    {"To:bob", "domain:"},
    {"is:closed", "open resent due"},
    {"state:bounced", "gave-up"},
    {"cause:moon", "connect-timeout"},
    {"age:2d", "age:<2d"},
    {"age:<2", "age:<2d"},
    {"age:<-2d", "age:<2d"},
    {"age:<99999999999999999999d", "age:<2d"},
    {"to:", "missing"},
    {"-", "missing"},
    {"\"\"", "missing"},
    {"id:\"\"", "id"},
    {"subject:\"open", "quote"},
    {"\x1b[31m:x y:z", "allowed"},
    {"a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a", "32"},
};

static void
test_faults_say_what_is_allowed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		struct filter *f = NULL;
		struct err e;

		if (filter_parse(&f, faults[i].text, &e) != -1)
			fail_msg("%s: was taken", faults[i].text);
		if (e.code != ERR_USAGE || strstr(e.text, faults[i].part) == NULL)
			fail_msg("%s: said \"%s\"", faults[i].text, e.text);
		assert_null(strchr(e.text, '\x1b'));
		assert_null(f);
	}
}

static const struct {
	const char *text;
	enum handling handling;
	enum lane lane;
	bool names, want;
} unasked[] = {
    {"", HANDLING_OPEN, LANE_CASES, false, true},
    {"", HANDLING_DUE, LANE_CASES, false, true},
    {"", HANDLING_DOUBT, LANE_CASES, false, true},
    {"", HANDLING_RESENT, LANE_CASES, false, true},
    {"", HANDLING_IGNORED, LANE_CASES, false, false},
    {"", HANDLING_DONE, LANE_CASES, false, false},
    {"", HANDLING_OPEN, LANE_NOT_OURS, false, false},
    {"bob", HANDLING_IGNORED, LANE_CASES, false, false},
    {"is:ignored", HANDLING_IGNORED, LANE_CASES, true, true},
    {"is:open", HANDLING_OPEN, LANE_AUTO_REPLIES, true, false},
    {"is:notours", HANDLING_OPEN, LANE_NOT_OURS, true, true},
    {"is:notours", HANDLING_IGNORED, LANE_NOT_OURS, true, false},
    {"is:notours is:ignored", HANDLING_IGNORED, LANE_NOT_OURS, true, true},
    {"is:auto-reply", HANDLING_OPEN, LANE_AUTO_REPLIES, true, true},
    {"is:new", HANDLING_IGNORED, LANE_CASES, false, false},
    {"id:abc", HANDLING_IGNORED, LANE_NOT_OURS, true, true},
};

static void
test_what_is_not_asked_for_stays_away(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(unasked) / sizeof(*unasked); i++) {
		struct row row = row_new();
		struct filter *f = NULL;
		struct err e;

		row.handling = unasked[i].handling;
		row.lane = unasked[i].lane;
		assert_int_equal(filter_parse(&f, unasked[i].text, &e), 0);
		if (filter_match(f, &row, NOW) != unasked[i].want ||
		    filter_names_handling(f) != unasked[i].names)
			fail_msg("row %zu: \"%s\"", i, unasked[i].text);
		filter_free(&f);
		filter_free(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_matches),
	    cmocka_unit_test(test_faults_say_what_is_allowed),
	    cmocka_unit_test(test_what_is_not_asked_for_stays_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
