#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bounce/explain.h"

#define NOW 1795500000
#define DAY 86400

static struct recipient
recipient_of(enum state state, const char *status, enum cause cause)
{
	struct recipient r;

	memset(&r, 0, sizeof(r));
	r.address = r.original_recipient = r.status_field = r.reply_code = SLICE_EMPTY;
	r.diagnostic = r.remote_mta = r.final_log_id = SLICE_EMPTY;
	r.state = state;
	r.status = slice_of(status);
	if (cause != CAUSE_UNKNOWN) {
		r.causes[0] = (struct cause_hit){cause, 0.9, SLICE_LIT("words"), NULL};
		r.n_causes = 1;
	}
	return r;
}

static bool
has_step(const struct explanation *x, const char *command)
{
	for (size_t i = 0; i < x->n_steps; i++) {
		if (strcmp(x->steps[i].command, command) == 0)
			return true;
	}
	return false;
}

static void
test_state_decides_what_to_do(void **state)
{
	static const struct {
		enum state state;
		const char *badge, *permanent;
		bool resend, suggests;
	} rows[] = {
	    {STATE_TRYING, "still trying", "No. It is only late", false, false},
	    {STATE_GAVE_UP, "nobody is trying", "No. The trouble was temporary", true, true},
	    {STATE_REFUSED, "permanent", "Yes, as the server put it", true, false},
	    {STATE_DELIVERED, "delivered", "There is nothing to mend", false, false},
	    {STATE_UNKNOWN, "temporary", "No. A code that begins with 4", true, true},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct recipient r = recipient_of(rows[i].state, "4.4.1", CAUSE_CONNECT_TIMEOUT);
		struct explain_input in = {&r, SLICE_LIT("postfix"), NOW - DAY, NOW};
		struct explanation x;

		explain(a, &in, &x);
		assert_string_equal(x.code, "4.4.1");
		assert_non_null(strstr(x.badge, rows[i].badge));
		assert_non_null(strstr(x.permanent, rows[i].permanent));
		assert_int_equal(has_step(&x, "resend"), rows[i].resend);
		assert_int_equal(x.suggest_at != 0, rows[i].suggests);
		assert_true(x.n_steps > 0);
	}
	arena_free(&a);
}

static void
test_wait_is_a_number_of_this_case(void **state)
{
	static const struct {
		const char *name, *mta;
		enum state state;
		int64_t arrival, until, last;
		const char *want;
		int64_t suggest;
	} rows[] = {
	    {"said by the report", "", STATE_TRYING, 0, NOW + 2 * DAY + 3600, 0, "2 d 1 h more", 0},
	    {"habit of the system", "exim", STATE_TRYING, NOW - DAY, 0, 0, "About 3 days more", 0},
	    {"only the system known", "exim", STATE_TRYING, 0, 0, 0, "Exim tries for about 4 days",
		0},
	    {"nothing known", "", STATE_TRYING, 0, 0, 0, "four to five days", 0},
	    {"ran out", "", STATE_TRYING, 0, NOW - 7200, 0, "ran out 2 hours ago", 0},
	    {"long ago", "", STATE_GAVE_UP, 0, 0, NOW - 2 * DAY, "the last try was 2 days ago",
		NOW},
	    {"just now", "", STATE_GAVE_UP, 0, 0, NOW - 600, "in 50 min", NOW + 3000},
	    {"last try unknown", "", STATE_GAVE_UP, 0, 0, 0, "in 1 hour", NOW + 3600},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct recipient r = recipient_of(rows[i].state, "4.4.1", CAUSE_CONNECT_TIMEOUT);
		struct explain_input in = {&r, slice_of(rows[i].mta), rows[i].arrival, NOW};
		struct explanation x;

		r.will_retry_until = rows[i].until;
		r.last_attempt = rows[i].last;
		explain(a, &in, &x);
		if (strstr(x.wait, rows[i].want) == NULL)
			fail_msg("%s: %s", rows[i].name, x.wait);
		assert_int_equal(x.suggest_at, rows[i].suggest);
	}
	arena_free(&a);
}

static void
test_texts_of_the_command_line(void **state)
{
	static const struct {
		const char *text, *code, *title, *registry; /* title "" = nothing to explain */
		bool permanent;
	} rows[] = {
	    {"4.4.1", "4.4.1", "No answer from host", "", false},
	    {" 451 ", "451", "Local error, try later", "", false},
	    {"550 5.4.1 Recipient address rejected: Access denied", "5.4.1", "No such mailbox",
		"No answer from host", true},
	    {"550 5.1.10 x [AM0PR01.prod.exchangelabs.com]", "5.1.10", "Recipient not found",
		"null MX", true},
	    {"4.9.9", "4.9.9", "Temporary trouble", "not registered", false},
	    {"9.9.9", "", "", "", false},
	    {"hello", "", "", "", false},
	    {"", "", "", "", false},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct recipient r;
		struct explanation x;

		assert_int_equal(
		    explain_text(a, slice_of(rows[i].text), NOW, &r, &x), rows[i].title[0] != '\0');
		if (rows[i].title[0] == '\0')
			continue;
		assert_string_equal(x.code, rows[i].code);
		assert_string_equal(x.title, rows[i].title);
		assert_non_null(strstr(x.registry, rows[i].registry));
		assert_int_equal(r.permanent, rows[i].permanent);
	}
	arena_free(&a);
}

static void
test_441_names_the_usual_suspects(void **state)
{
	struct arena *a = arena_new();
	struct recipient r = recipient_of(STATE_GAVE_UP, "4.4.1", CAUSE_CONNECT_TIMEOUT);
	struct explain_input in = {&r, SLICE_EMPTY, 0, NOW};
	struct explanation x;

	(void)state;
	explain(a, &in, &x);
	assert_non_null(strstr(x.against, "full mailbox"));
	assert_non_null(strstr(x.against, "content"));
	assert_int_equal(x.causes[1].cause, CAUSE_LOCAL_NET);
	assert_true(has_step(&x, "diagnose") && has_step(&x, "resend-later") &&
	    has_step(&x, "note-postmaster") && has_step(&x, "note-recipient") &&
	    has_step(&x, "original"));
	r.causes[1] = (struct cause_hit){CAUSE_MAILBOX_FULL, 0.05, SLICE_LIT("full"), NULL};
	r.n_causes = 2;
	explain(a, &in, &x);
	assert_null(strstr(x.against, "full mailbox"));
	assert_non_null(strstr(x.against, "content"));
	arena_free(&a);
}

static void
test_contradictions_are_said(void **state)
{
	struct arena *a = arena_new();
	struct recipient r = recipient_of(STATE_REFUSED, "4.0.0", CAUSE_REPUTATION);
	struct explain_input in = {&r, SLICE_EMPTY, 0, NOW};
	struct explanation x;

	(void)state;
	r.reply_code = SLICE_LIT("554");
	explain(a, &in, &x);
	assert_non_null(strstr(x.contradiction, "4.0.0"));
	assert_non_null(strstr(x.contradiction, "554"));
	assert_string_equal(x.badge, "permanent · refused");
	/* Without a report around it the badge is no bolder than the answer. */
	r.state = STATE_UNKNOWN;
	explain(a, &in, &x);
	assert_string_equal(x.badge, "contradictory, as if permanent");
	assert_non_null(strstr(x.permanent, "contradicts itself"));
	assert_int_equal(x.suggest_at, 0);
	r.state = STATE_REFUSED;
	r.reply_code = SLICE_LIT("451");
	explain(a, &in, &x);
	assert_string_equal(x.contradiction, "");
	arena_free(&a);
}

static void
test_every_cause_in_every_state_has_words(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (int c = 0; c < CAUSE_COUNT; c++) {
		for (int s = STATE_UNKNOWN; s <= STATE_DELIVERED; s++) {
			struct recipient r = recipient_of((enum state)s, "", (enum cause)c);
			struct explain_input in = {&r, SLICE_EMPTY, 0, NOW};
			struct explanation x;

			explain(a, &in, &x);
			assert_true(
			    x.title[0] != '\0' && x.meaning[0] != '\0' && x.permanent[0] != '\0');
			assert_true(
			    x.who[0] != '\0' && x.wait[0] != '\0' && x.prevention[0] != '\0');
			assert_true(x.n_steps > 0);
			if (s == STATE_TRYING)
				assert_false(
				    has_step(&x, "resend") || has_step(&x, "resend-later"));
		}
	}
	arena_free(&a);
}

static void
test_hostile_words_are_cleaned_and_wrapped(void **state)
{
	struct arena *a = arena_new();
	struct buf out = BUF_INIT;
	struct recipient r;
	struct explanation x;

	(void)state;
	assert_true(
	    explain_text(a, SLICE_LIT("user unknown\x1b[2J\xff\x80 in \x1b table"), NOW, &r, &x));
	x.causes[0].evidence = SLICE_LIT("user unknown\x1b[2J\xff\x80");
	explain_print(&out, &x, 1);
	assert_null(strchr(buf_cstr(&out), '\x1b'));
	assert_null(strchr(buf_cstr(&out), '\xff'));
	buf_free(&out);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_state_decides_what_to_do),
	    cmocka_unit_test(test_wait_is_a_number_of_this_case),
	    cmocka_unit_test(test_texts_of_the_command_line),
	    cmocka_unit_test(test_441_names_the_usual_suspects),
	    cmocka_unit_test(test_contradictions_are_said),
	    cmocka_unit_test(test_every_cause_in_every_state_has_words),
	    cmocka_unit_test(test_hostile_words_are_cleaned_and_wrapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
