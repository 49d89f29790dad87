/* When to send: the ladder of waits, and the pace of a bulk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "work/again.h"
#include "work/handled.h"
#include "work/later.h"
#include "work/note_facts.h"
#include "work/pace.h"

#define NOW 1764000000
#define HOUR 3600

static void
test_wait(void **state)
{
	static const struct {
		enum cause cause;
		uint32_t resends;
		int64_t failing_for;
		int64_t least, most;
	} rows[] = {
	    {CAUSE_CONNECT_TIMEOUT, 0, 0, 60, HOUR},
	    {CAUSE_CONNECT_TIMEOUT, 0, 5 * HOUR, 4 * HOUR, 4 * HOUR},
	    {CAUSE_CONNECT_TIMEOUT, 0, 30 * HOUR, 24 * HOUR, 24 * HOUR},
	    {CAUSE_CONNECT_TIMEOUT, 1, 0, 4 * HOUR, 4 * HOUR},
	    {CAUSE_CONNECT_TIMEOUT, 2, 0, 24 * HOUR, 24 * HOUR},
	    {CAUSE_CONNECT_TIMEOUT, 9, 0, 24 * HOUR, 24 * HOUR},
	    {CAUSE_MAILBOX_FULL, 0, 0, 24 * HOUR, 24 * HOUR},
	    {CAUSE_GREYLIST, 0, 0, 15 * 60, HOUR},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t got = later_wait(rows[i].cause, rows[i].resends, rows[i].failing_for);

		if (got < rows[i].least || got > rows[i].most)
			fail_msg("row %zu: %lld s", i, (long long)got);
	}
	assert_true(later_is_of_domain(CAUSE_CONNECT_REFUSED));
	assert_false(later_is_of_domain(CAUSE_MAILBOX_FULL));
	assert_false(later_is_of_domain(CAUSE_USER_UNKNOWN));
}

static void
test_pace(void **state)
{
	struct pace p = {NULL, 0, 0};
	struct slice a = SLICE_LIT("a.test"), b = SLICE_LIT("b.test"), big = SLICE_LIT("A.TEST");

	(void)state;
	assert_int_equal(pace_next(&p, a, NOW, 3, 2), NOW);
	pace_add(&p, a, NOW);
	pace_add(&p, a, NOW + 5);
	/* two to a: the domain is full until the first is a minute old */
	assert_int_equal(pace_next(&p, a, NOW + 6, 3, 2), NOW + 60);
	assert_int_equal(pace_next(&p, big, NOW + 6, 3, 2), NOW + 60);
	assert_int_equal(pace_next(&p, b, NOW + 6, 3, 2), NOW + 6);
	pace_add(&p, b, NOW + 7);
	/* three in all */
	assert_int_equal(pace_next(&p, b, NOW + 8, 3, 2), NOW + 60);
	assert_int_equal(pace_next(&p, b, NOW + 60, 3, 2), NOW + 60);
	assert_int_equal(pace_next(&p, a, NOW + 60, 3, 2), NOW + 60);
	pace_add(&p, a, NOW + 60);
	assert_int_equal(pace_next(&p, a, NOW + 61, 3, 2), NOW + 65);
	/* the clock was set back by a day */
	assert_int_equal(pace_next(&p, a, NOW - 86400, 3, 2), NOW - 86400);
	pace_free(&p);
}

static void
test_long_domains(void **state)
{
	struct pace p = {NULL, 0, 0};
	char name[200];
	struct slice s = {name, sizeof(name)};

	(void)state;
	memset(name, 'x', sizeof(name));
	pace_add(&p, s, NOW);
	assert_int_equal(pace_next(&p, s, NOW, 9, 1), NOW + 60);
	name[199] = 'y';
	assert_int_equal(pace_next(&p, s, NOW, 9, 1), NOW);
	pace_free(&p);
}

static void
test_contacts_and_languages(void **state)
{
	struct slice contacts = SLICE_LIT("# ours\nacme.test\tit@helper.test\n"
					  "mx.acme.test   mx@helper.test\n\nbroken\n");
	struct slice languages = SLICE_LIT("jp=ja, acme.test = fr ,Example.de=de,broken,=en");
	static const struct {
		const char *domain, *contact, *language;
	} rows[] = {
	    {"acme.test", "it@helper.test", "fr"},
	    {"sub.ACME.test", "it@helper.test", "fr"},
	    {"mx.acme.test", "mx@helper.test", "fr"},
	    {"notacme.test", "", ""},
	    {"test", "", ""},
	    {"co.jp", "", "ja"},
	    {"a.example.de", "", "de"},
	    {"broken", "", ""},
	    {"", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice domain = slice_of(rows[i].domain);

		assert_true(slice_is(note_contact(contacts, domain), rows[i].contact));
		assert_true(slice_is(note_language(languages, domain), rows[i].language));
	}
}

static void
test_again_waits(void **state)
{
	static const struct {
		int64_t tried_for;
		unsigned asked;
		int64_t wait;
	} rows[] = {
	    {0, 0, 300},
	    {300, 0, 300},
	    {600, 0, 600},
	    {86400, 0, 3600},
	    {0, 4, 4},
	    {0, 2000, 2000},
	    {1200, 4, 1200},
	    {1200, 2000, 2000},
	    {-9, 0, 300},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(again_wait(rows[i].tried_for, rows[i].asked), rows[i].wait);
}

static void
test_again_words(void **state)
{
	static const char *const marks[] = {"", "confirmed", "confirmed again"};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		struct slice plain = slice_of(marks[i]);
		struct slice put_off =
		    slice_of(arena_printf(a, "%s\tpartner.test failed since 7", marks[i]));
		struct slice tried = slice_of(again_words(a, plain, 1764000000, "no since 9"));

		assert_true(slice_eq(again_marks(plain), plain));
		assert_true(slice_eq(again_marks(put_off), plain));
		assert_true(slice_eq(again_marks(tried), plain));
		assert_int_equal(again_since(plain), 0);
		assert_int_equal(again_since(put_off), 0);
		assert_int_equal(again_since(tried), 1764000000);
		assert_true(slice_starts(tried, marks[i]));
	}
	assert_int_equal(again_since(SLICE_LIT("since x\ty")), 0);
	assert_false(again_may_help(ERR_REFUSED) || again_may_help(ERR_DOUBT) ||
	    again_may_help(ERR_CONF) || again_may_help(ERR_CANCELLED));
	arena_free(&a);
}

static void
test_being_sent(void **state)
{
	static const struct {
		enum journal_kind kind;
		enum journal_state state;
		bool is_note, is_being_sent, is_not_sent;
	} rows[] = {
	    {JOURNAL_RESEND, JOURNAL_DUE, false, false, false},
	    {JOURNAL_RESEND, JOURNAL_SENDING, false, true, false},
	    {JOURNAL_RESEND, JOURNAL_FAILED, false, false, true},
	    {JOURNAL_RESEND, JOURNAL_UNDONE, false, false, false},
	    {JOURNAL_NOTE, JOURNAL_DUE, true, false, false},
	    {JOURNAL_NOTE, JOURNAL_SENDING, true, true, false},
	    {JOURNAL_NOTE, JOURNAL_SENT, false, false, false},
	    {JOURNAL_NOTE, JOURNAL_FAILED, false, false, false},
	    {JOURNAL_RESEND, JOURNAL_DOUBT, false, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct journal_item item = {.id = 1,
		    .kind = rows[i].kind,
		    .state = rows[i].state,
		    .created_at = 1000,
		    .due_at = 1000 + 5};
		struct handled h = {.n_items = 0};
		struct cache_handled c;

		handled_add(&h, &item, 1000);
		handled_to_cache(&h, &c);
		assert_int_equal(c.is_due_note, rows[i].is_note);
		assert_int_equal(c.is_being_sent, rows[i].is_being_sent);
		assert_int_equal(c.is_not_sent, rows[i].is_not_sent);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_wait),
	    cmocka_unit_test(test_pace),
	    cmocka_unit_test(test_long_domains),
	    cmocka_unit_test(test_contacts_and_languages),
	    cmocka_unit_test(test_again_waits),
	    cmocka_unit_test(test_again_words),
	    cmocka_unit_test(test_being_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
