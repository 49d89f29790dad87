#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "work/guards.h"

#define NOW 1764000000
#define DAY 86400

struct facts {
	struct row row;
	struct recipient recipient;
	struct original original;
	struct handled handled;
	struct sent_told told;
	const char *to;
	bool is_read_only, is_edited, is_other_address, is_list_address;
};

static void
start(struct facts *f)
{
	memset(f, 0, sizeof(*f));
	f->row.state = STATE_GAVE_UP;
	f->row.cause = CAUSE_CONNECT_TIMEOUT;
	f->row.advice = RESEND_YES;
	f->row.lane = LANE_CASES;
	f->recipient.diagnostic = SLICE_LIT("connect to mx: Connection timed out");
	f->to = "bob@partner.example";
}

static void
plain(struct facts *f)
{
	(void)f;
}

static void
read_only(struct facts *f)
{
	f->is_read_only = true;
}

static void
not_ours(struct facts *f)
{
	f->row.lane = LANE_NOT_OURS;
}

static void
auto_reply(struct facts *f)
{
	f->row.lane = LANE_AUTO_REPLIES;
}

static void
in_doubt(struct facts *f)
{
	f->handled.doubt_item = 3;
}

static void
is_due(struct facts *f)
{
	f->handled.due_item = 4;
	f->handled.due_at = NOW + 60;
}

static void
delivered(struct facts *f)
{
	f->row.state = STATE_DELIVERED;
}

static void
loop(struct facts *f)
{
	f->row.cause = CAUSE_LOOP;
}

static void
bad_address(struct facts *f)
{
	f->to = "bob@x\r\nRCPT TO:<eve@y>";
}

static void
user_unknown(struct facts *f)
{
	f->row.state = STATE_REFUSED;
	f->row.cause = CAUSE_USER_UNKNOWN;
	f->row.advice = RESEND_NO;
}

static void
refused_by_policy(struct facts *f)
{
	f->row.state = STATE_REFUSED;
	f->row.cause = CAUSE_AUTH;
	f->row.advice = RESEND_AFTER_FIX;
}

static void
trying(struct facts *f)
{
	f->row.state = STATE_TRYING;
	f->row.retry_until = NOW + 3 * DAY;
}

static void
trying_and_read_only(struct facts *f)
{
	trying(f);
	f->is_read_only = true;
}

static void
resent_a_minute_ago(struct facts *f)
{
	f->handled.sent_at = NOW - 60;
	f->handled.tries = 1;
}

static void
resent_to_another(struct facts *f)
{
	resent_a_minute_ago(f);
	f->is_edited = f->is_other_address = true;
}

static void
resent_an_hour_ago_mailbox_full(struct facts *f)
{
	f->row.cause = CAUSE_MAILBOX_FULL;
	f->handled.sent_at = NOW - 3600;
	f->handled.tries = 1;
}

static void
resent_after_the_wait(struct facts *f)
{
	f->row.cause = CAUSE_MAILBOX_FULL;
	f->handled.sent_at = NOW - 4 * DAY;
	f->handled.tries = 1;
}

static void
three_tries(struct facts *f)
{
	f->handled.sent_at = NOW - DAY;
	f->handled.tries = 3;
}

static void
resent_elsewhere(struct facts *f)
{
	f->row.handling = HANDLING_RESENT;
	f->row.handled_at = NOW - DAY;
}

static void
ignored(struct facts *f)
{
	f->row.handling = HANDLING_IGNORED;
}

static void
null_sender(struct facts *f)
{
	f->original.is_null_sender = true;
}

static void
list_mail(struct facts *f)
{
	f->original.is_list_mail = true;
}

static void
automatic(struct facts *f)
{
	f->original.is_automatic = true;
}

static void
lost_after_the_dot(struct facts *f)
{
	f->recipient.diagnostic =
	    SLICE_LIT("lost connection with mx while sending end of data -- message may be sent "
		      "more than once");
}

static void
unknown_state(struct facts *f)
{
	f->row.state = STATE_UNKNOWN;
}

static void
list_address(struct facts *f)
{
	f->is_list_address = true;
}

static void
edited_list_mail(struct facts *f)
{
	f->is_edited = f->is_list_address = f->original.is_list_mail = true;
}

static void
edited_unknown_user(struct facts *f)
{
	user_unknown(f);
	f->is_edited = true;
}

static void
corrected_address(struct facts *f)
{
	edited_unknown_user(f);
	f->is_other_address = true;
}

static void
edited_refused(struct facts *f)
{
	refused_by_policy(f);
	f->is_edited = true;
}

static void
loop_to_another(struct facts *f)
{
	loop(f);
	f->is_edited = f->is_other_address = true;
}

static void
trying_to_another(struct facts *f)
{
	trying(f);
	f->is_edited = f->is_other_address = true;
}

static void
not_ours_to_another(struct facts *f)
{
	not_ours(f);
	f->is_edited = f->is_other_address = true;
}

static void
three_tries_edited(struct facts *f)
{
	three_tries(f);
	f->is_edited = f->is_other_address = true;
}

static void
marked_elsewhere(struct facts *f)
{
	f->told.before = SENT_BEFORE_YES;
	f->row.last_seen = NOW - DAY;
}

static void
marked_and_ignored(struct facts *f)
{
	marked_elsewhere(f);
	ignored(f);
}

static void
one_of_them_went(struct facts *f)
{
	f->told.before = SENT_BEFORE_SHARED;
}

static void
older_is_marked(struct facts *f)
{
	f->told.before = SENT_BEFORE_PERHAPS;
	f->row.last_seen = NOW - DAY;
}

static void
unnamed_report(struct facts *f)
{
	resent_after_the_wait(f);
	f->row.last_seen = NOW - DAY;
}

static void
named_report(struct facts *f)
{
	unnamed_report(f);
	f->told.end = TOLD_FAILED;
}

static void
marked_by_us(struct facts *f)
{
	resent_a_minute_ago(f);
	f->row.last_seen = NOW - DAY;
	f->told.before = SENT_BEFORE_YES;
}

static void
trying_and_marked(struct facts *f)
{
	trying(f);
	marked_elsewhere(f);
}

static void
claimed(struct facts *f)
{
	f->told.is_claimed = true;
}

static const struct guard_row {
	const char *name;
	void (*change)(struct facts *f);
	enum guard guard;
	const char *word; /* of the reason */
	bool is_alone, is_again;
} guard_rows[] = {
    {"gave up on a time-out", plain, GUARD_OK, "", false, false},
    {"read-only", read_only, GUARD_NEVER, "read-only", false, false},
    {"not ours", not_ours, GUARD_NEVER, "not ours", false, false},
    {"an automatic reply", auto_reply, GUARD_NEVER, "no failed delivery", false, false},
    {"in doubt", in_doubt, GUARD_NEVER, "doubt", false, false},
    {"due already", is_due, GUARD_NEVER, "due already", false, false},
    {"delivered", delivered, GUARD_NEVER, "delivered", false, false},
    {"a mail loop", loop, GUARD_NEVER, "circle", false, false},
    {"an address that would inject a command", bad_address, GUARD_NEVER, "no address", false,
	false},
    {"no such user", user_unknown, GUARD_NEVER, "refused", false, false},
    {"refused, to be mended first", refused_by_policy, GUARD_TYPE, "mended", false, false},
    {"still trying", trying, GUARD_TYPE, "still tries, until", false, false},
    {"the strictest holds", trying_and_read_only, GUARD_NEVER, "read-only", false, false},
    {"resent a minute ago", resent_a_minute_ago, GUARD_TYPE, "resent at", true, false},
    {"resent a minute ago, and another address", resent_to_another, GUARD_ASK, "resent at", true,
	false},
    {"resent before the cause could pass", resent_an_hour_ago_mailbox_full, GUARD_ASK, "wait until",
	true, false},
    {"resent when the cause could have passed", resent_after_the_wait, GUARD_OK, "", false, false},
    {"three tries in five days", three_tries, GUARD_ASK, "3 times", true, false},
    {"resent by another machine", resent_elsewhere, GUARD_ASK, "another machine", true, true},
    {"ignored", ignored, GUARD_ASK, "ignored", false, false},
    {"null sender", null_sender, GUARD_ASK, "<>", true, false},
    {"list mail", list_mail, GUARD_ASK, "list", true, false},
    {"automatic mail", automatic, GUARD_ASK, "program", true, false},
    {"may have arrived", lost_after_the_dot, GUARD_ASK, "may be there", true, false},
    {"state not known", unknown_state, GUARD_ASK, "does not say", false, false},
    {"a mailing list", list_address, GUARD_ASK, "mailing list", true, false},
    {"list mail, edited as new", edited_list_mail, GUARD_OK, "", false, false},
    {"no such user, edited", edited_unknown_user, GUARD_NEVER, "address is the same", false, false},
    {"the address corrected", corrected_address, GUARD_OK, "", false, false},
    {"refused, and edited", edited_refused, GUARD_ASK, "mend the cause", false, false},
    {"a loop, and another address", loop_to_another, GUARD_OK, "", false, false},
    {"still trying, and another address", trying_to_another, GUARD_TYPE, "still tries", false,
	false},
    {"not ours, edited", not_ours_to_another, GUARD_NEVER, "not ours", false, false},
    {"three tries, edited", three_tries_edited, GUARD_ASK, "3 times", true, false},
    {"marked by another machine, cache not there yet", marked_elsewhere, GUARD_ASK,
	"from another machine, and no failure", true, true},
    {"marked, and ignored afterwards", marked_and_ignored, GUARD_ASK, "from another machine", true,
	true},
    {"one of the recipients went", one_of_them_went, GUARD_ASK, "perhaps this one", true, true},
    {"an older report is marked", older_is_marked, GUARD_ASK, "may have arrived", true, true},
    {"a report that names no resend", unnamed_report, GUARD_ASK, "may have arrived", true, true},
    {"the resend failed too", named_report, GUARD_OK, "", false, false},
    {"marked by ourselves", marked_by_us, GUARD_TYPE, "resent at", true, true},
    {"claimed by another machine", claimed, GUARD_TYPE, "just now", true, false},
    {"still trying, and marked", trying_and_marked, GUARD_TYPE, "besides: resent", true, true},
};

static void
test_guards(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(guard_rows) / sizeof(guard_rows[0]); i++) {
		const struct guard_row *r = &guard_rows[i];
		struct facts f;
		struct guard_input in;
		struct guard_verdict v;

		print_message("  %s\n", r->name);
		start(&f);
		r->change(&f);
		in = (struct guard_input){.row = &f.row,
		    .recipient = &f.recipient,
		    .original = &f.original,
		    .handled = &f.handled,
		    .told = f.told,
		    .to = slice_of(f.to),
		    .is_read_only = f.is_read_only,
		    .is_edited = f.is_edited,
		    .is_other_address = f.is_other_address,
		    .is_list_address = f.is_list_address,
		    .now = NOW};
		v = guard_resend(a, &in);
		assert_int_equal(v.guard, r->guard);
		assert_non_null(strstr(v.why, r->word));
		assert_int_equal(v.why[0] == '\0', r->guard == GUARD_OK);
		assert_null(strpbrk(v.why, "\r\n"));
		assert_int_equal(v.is_alone, r->is_alone);
		assert_int_equal(v.is_again, r->is_again);
	}
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_guards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
