/* What was done with a case, and what later reports and the clock make of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "work/handled.h"

#define NOW 1764000000
#define DAY 86400

/* Items in the order of their ids; `at` is when they ended. */
static const struct handled_row {
	const char *name;
	struct {
		enum journal_kind kind;
		enum journal_state state;
		int64_t at;
	} items[4];
	size_t n;
	enum handling handling;
	uint32_t resends, tries;
	const char *letters;
} handled_rows[] = {
    {"nothing", {{0}}, 0, HANDLING_OPEN, 0, 0, ""},
    {"due", {{JOURNAL_RESEND, JOURNAL_DUE, NOW}}, 1, HANDLING_DUE, 0, 0, ""},
    {"resent", {{JOURNAL_RESEND, JOURNAL_SENT, NOW - 9}}, 1, HANDLING_RESENT, 1, 1, "R"},
    {"taken back", {{JOURNAL_RESEND, JOURNAL_UNDONE, NOW}}, 1, HANDLING_OPEN, 0, 0, ""},
    {"failed", {{JOURNAL_RESEND, JOURNAL_FAILED, NOW}}, 1, HANDLING_OPEN, 0, 0, ""},
    {"doubt", {{JOURNAL_RESEND, JOURNAL_DOUBT, NOW}}, 1, HANDLING_DOUBT, 0, 1, "?"},
    {"a doubt outlives what comes after",
	{{JOURNAL_RESEND, JOURNAL_DOUBT, NOW - 9}, {JOURNAL_IGNORE, JOURNAL_SENT, NOW}}, 2,
	HANDLING_DOUBT, 0, 1, "?i"},
    {"a doubt that went", {{JOURNAL_RESEND, JOURNAL_WENT, NOW}}, 1, HANDLING_RESENT, 1, 1, "R"},
    {"a doubt that did not", {{JOURNAL_RESEND, JOURNAL_DID_NOT, NOW}}, 1, HANDLING_OPEN, 0, 0, ""},
    {"an old resend is no try any more", {{JOURNAL_RESEND, JOURNAL_SENT, NOW - 6 * DAY}}, 1,
	HANDLING_RESENT, 1, 0, "R"},
    {"ignored", {{JOURNAL_IGNORE, JOURNAL_SENT, NOW}}, 1, HANDLING_IGNORED, 0, 0, "i"},
    {"ignored and taken back",
	{{JOURNAL_IGNORE, JOURNAL_SENT, NOW - 1}, {JOURNAL_UNIGNORE, JOURNAL_SENT, NOW}}, 2,
	HANDLING_OPEN, 0, 0, "iu"},
    {"back to what it was before",
	{{JOURNAL_RESEND, JOURNAL_SENT, NOW - 3}, {JOURNAL_IGNORE, JOURNAL_SENT, NOW - 2},
	    {JOURNAL_UNIGNORE, JOURNAL_SENT, NOW - 1}},
	3, HANDLING_RESENT, 1, 1, "Riu"},
    {"noted", {{JOURNAL_NOTE, JOURNAL_SENT, NOW}}, 1, HANDLING_NOTED, 0, 0, "N"},
    {"a note that failed", {{JOURNAL_NOTE, JOURNAL_FAILED, NOW}}, 1, HANDLING_OPEN, 0, 0, ""},
    {"a note that is due", {{JOURNAL_NOTE, JOURNAL_DUE, NOW}}, 1, HANDLING_DUE, 0, 0, ""},
    {"a note taken back", {{JOURNAL_NOTE, JOURNAL_UNDONE, NOW}}, 1, HANDLING_OPEN, 0, 0, ""},
    {"a note in doubt", {{JOURNAL_NOTE, JOURNAL_DOUBT, NOW}}, 1, HANDLING_DOUBT, 0, 0, "?"},
};

static void
test_handled(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(handled_rows) / sizeof(handled_rows[0]); i++) {
		const struct handled_row *r = &handled_rows[i];
		struct handled h = {.n_items = 0};
		size_t n_letters = 0;

		print_message("  %s\n", r->name);
		for (size_t k = 0; k < r->n; k++) {
			struct journal_item item = {.id = (int64_t)k + 1,
			    .kind = r->items[k].kind,
			    .state = r->items[k].state,
			    .created_at = r->items[k].at - 1,
			    .started_at = r->items[k].at,
			    .ended_at = r->items[k].at};

			handled_add(&h, &item, NOW);
		}
		assert_int_equal(h.handling, r->handling);
		assert_int_equal(h.resends, r->resends);
		assert_int_equal(h.tries, r->tries);
		for (const char *p = h.trail; *p != '\0'; p++) {
			if ((*p >= '0' && *p <= '9') || *p == '@' || *p == ' ')
				continue;
			assert_int_equal(*p, r->letters[n_letters]);
			n_letters++;
		}
		assert_int_equal(n_letters, strlen(r->letters));
	}
}

static void
test_later_news(void **state)
{
	struct journal_item sent = {.id = 1,
	    .kind = JOURNAL_RESEND,
	    .state = JOURNAL_SENT,
	    .started_at = NOW,
	    .ended_at = NOW + 5};
	struct handled h = {.n_items = 0};
	struct row row = {.state = STATE_GAVE_UP, .last_seen = NOW - 10};

	(void)state;
	handled_add(&h, &sent, NOW);
	handled_news(&h, &row, TOLD_NO_END, NOW + 20);
	assert_int_equal(h.handling, HANDLING_RESENT);
	/* Its clock is slow, but it names the resend. */
	handled_news(&h, &row, TOLD_FAILED, NOW + 20);
	assert_int_equal(h.handling, HANDLING_OPEN);
	h.handling = HANDLING_RESENT;
	row.last_seen = NOW + 10;
	row.state = STATE_TRYING;
	handled_news(&h, &row, TOLD_NO_END, NOW + 20);
	assert_int_equal(h.handling, HANDLING_RESENT);
	row.state = STATE_GAVE_UP;
	handled_news(&h, &row, TOLD_NO_END, NOW + 20);
	assert_int_equal(h.handling, HANDLING_OPEN);
	/* A late warning does not take back that it failed, nor does a report hide it that says
	 * nothing of its end. */
	h.handling = HANDLING_RESENT;
	row.state = STATE_TRYING;
	handled_news(&h, &row, TOLD_FAILED, NOW + 20);
	assert_int_equal(h.handling, HANDLING_OPEN);
	h.handling = HANDLING_RESENT;
	row.state = STATE_UNKNOWN;
	handled_news(&h, &row, TOLD_NO_END, NOW + 20);
	assert_int_equal(h.handling, HANDLING_OPEN);
	h.handling = HANDLING_RESENT;
	row.state = STATE_DELIVERED;
	handled_news(&h, &row, TOLD_NO_END, NOW + 20);
	assert_int_equal(h.handling, HANDLING_DONE);
}

/* What the clock and later reports make of an ignore and of a quiet resend. */
static void
test_ends_by_itself(void **state)
{
	static const struct {
		enum journal_kind kind;
		int64_t until; /* 0 = none, else seconds after NOW, or as it stands if < 0 */
		int64_t seen;  /* last report, seconds after NOW; the known one is at 0 */
		enum state state;
		int64_t now; /* seconds after NOW */
		enum handling handling;
		int64_t change; /* seconds after NOW, 0 = none */
	} rows[] = {
	    {JOURNAL_IGNORE, 0, 500, STATE_GAVE_UP, 400 * DAY, HANDLING_IGNORED, 0},
	    {JOURNAL_IGNORE, 100, 0, STATE_GAVE_UP, 99, HANDLING_IGNORED, 100},
	    {JOURNAL_IGNORE, 100, 50, STATE_GAVE_UP, 99, HANDLING_IGNORED, 100},
	    {JOURNAL_IGNORE, 100, 0, STATE_GAVE_UP, 100, HANDLING_OPEN, 0},
	    {JOURNAL_IGNORE, -1, 0, STATE_GAVE_UP, 400 * DAY, HANDLING_IGNORED, 0},
	    {JOURNAL_IGNORE, -1, 1, STATE_GAVE_UP, 2, HANDLING_OPEN, 0},
	    {JOURNAL_IGNORE, -1, 1, STATE_TRYING, 2, HANDLING_OPEN, 0},
	    {JOURNAL_IGNORE, -1, 1, STATE_DELIVERED, 2, HANDLING_IGNORED, 0},
	    {JOURNAL_RESEND, 0, -9, STATE_GAVE_UP, HANDLED_SILENCE_S - 1, HANDLING_RESENT,
		HANDLED_SILENCE_S},
	    {JOURNAL_RESEND, 0, -9, STATE_GAVE_UP, HANDLED_SILENCE_S, HANDLING_DONE, 0},
	    {JOURNAL_RESEND, 0, 9, STATE_TRYING, HANDLED_SILENCE_S, HANDLING_RESENT,
		HANDLED_SILENCE_S + 9},
	    {JOURNAL_RESEND, 0, 9, STATE_GAVE_UP, HANDLED_SILENCE_S, HANDLING_OPEN, 0},
	    {JOURNAL_RESEND, 0, 9, STATE_DELIVERED, 10, HANDLING_DONE, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct journal_item item = {.id = 1,
		    .kind = rows[i].kind,
		    .state = JOURNAL_SENT,
		    .words = "on holiday",
		    .created_at = NOW,
		    .due_at = rows[i].until > 0 ? NOW + rows[i].until
			: rows[i].until < 0     ? CASE_UNTIL_NEXT_BOUNCE
						: NOW,
		    .started_at = NOW,
		    .ended_at = NOW};
		struct row row = {.state = rows[i].state, .last_seen = NOW + rows[i].seen};
		struct handled h = {.n_items = 0};

		handled_add(&h, &item, NOW + rows[i].now);
		handled_news(&h, &row, TOLD_NO_END, NOW + rows[i].now);
		assert_int_equal(h.handling, rows[i].handling);
		assert_int_equal(h.next_change, rows[i].change == 0 ? 0 : NOW + rows[i].change);
		assert_int_equal(
		    h.is_over, rows[i].kind == JOURNAL_IGNORE && rows[i].handling == HANDLING_OPEN);
		if (rows[i].kind == JOURNAL_IGNORE)
			assert_string_equal(h.words, "on holiday");
	}
}

static void
handled_of(struct handled *h, const struct journal_item *items, size_t n)
{
	*h = (struct handled){.n_items = 0};
	for (size_t i = 0; i < n; i++)
		handled_add(h, &items[i], NOW + 1000);
}

/* What failed for good after it was noted, or before an ignore that was taken back, is
 * open, as if nothing else had been done. */
static void
test_a_failure_is_not_hidden_by_what_came_beside_it(void **state)
{
	struct journal_item resend = {.id = 1,
	    .kind = JOURNAL_RESEND,
	    .state = JOURNAL_SENT,
	    .created_at = NOW,
	    .started_at = NOW,
	    .ended_at = NOW};
	struct journal_item note = {.id = 2,
	    .kind = JOURNAL_NOTE,
	    .state = JOURNAL_SENT,
	    .created_at = NOW + 10,
	    .started_at = NOW + 16,
	    .ended_at = NOW + 16};
	struct journal_item ignored = {.id = 2,
	    .kind = JOURNAL_IGNORE,
	    .state = JOURNAL_SENT,
	    .created_at = NOW + 50,
	    .ended_at = NOW + 50};
	struct journal_item taken_back = {.id = 3,
	    .kind = JOURNAL_UNIGNORE,
	    .state = JOURNAL_SENT,
	    .created_at = NOW + 60,
	    .ended_at = NOW + 60};
	struct journal_item until = ignored, over = taken_back;
	struct row row = {.state = STATE_REFUSED, .last_seen = NOW + 20};
	struct handled h;

	(void)state;
	handled_of(&h, (struct journal_item[]){resend, note}, 2);
	assert_int_equal(h.handling, HANDLING_NOTED);
	handled_news(&h, &row, TOLD_FAILED, NOW + 1000);
	assert_int_equal(h.handling, HANDLING_OPEN);
	row.last_seen = NOW + 12; /* between the draft and its sending */
	handled_of(&h, &note, 1);
	handled_news(&h, &row, TOLD_NO_END, NOW + 1000);
	assert_int_equal(h.handling, HANDLING_OPEN);
	row.last_seen = NOW + 5;
	handled_of(&h, &note, 1);
	handled_news(&h, &row, TOLD_NO_END, NOW + 1000);
	assert_int_equal(h.handling, HANDLING_NOTED);
	row = (struct row){.state = STATE_TRYING, .last_seen = NOW + 20};
	handled_of(&h, &note, 1);
	handled_news(&h, &row, TOLD_NO_END, NOW + 1000);
	assert_int_equal(h.handling, HANDLING_NOTED);

	row.state = STATE_GAVE_UP;
	handled_of(&h, (struct journal_item[]){resend, ignored, taken_back}, 3);
	handled_news(&h, &row, TOLD_NO_END, NOW + 1000);
	assert_int_equal(h.handling, HANDLING_OPEN);
	/* An ignore that ended by its time goes back as well: what was resent is resent. */
	until.due_at = NOW + 60;
	over.kind = JOURNAL_REOPEN;
	handled_of(&h, (struct journal_item[]){resend, until, over}, 3);
	assert_int_equal(h.handling, HANDLING_RESENT);
	until.due_at = CASE_UNTIL_NEXT_BOUNCE;
	handled_of(&h, (struct journal_item[]){resend, until, over}, 3);
	assert_int_equal(h.handling, HANDLING_OPEN);
}

static void
test_id_set(void **state)
{
	struct id_set s = {NULL, 0, 0};
	case_id ids[] = {{"bbbb"}, {"aaaa"}, {"bbbb"}, {"cccc"}, {"aaaa"}};

	(void)state;
	for (size_t i = 0; i < 5; i++)
		id_set_add(&s, &ids[i]);
	assert_int_equal(s.n, 3);
	assert_true(id_set_has(&s, &ids[3]));
	assert_false(id_set_has(&s, &(case_id){"dddd"}));
	assert_int_equal(id_unique(ids, 5), 3);
	assert_string_equal(ids[0].text, "aaaa");
	assert_string_equal(ids[2].text, "cccc");
	assert_int_equal(id_unique(ids, 0), 0);
	id_set_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_handled),
	    cmocka_unit_test(test_later_news),
	    cmocka_unit_test(test_ends_by_itself),
	    cmocka_unit_test(test_a_failure_is_not_hidden_by_what_came_beside_it),
	    cmocka_unit_test(test_id_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
