/* What is kept of a doubt, and the answers of a person, which can be taken back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "folder.h"
#include "store/doubt.h"
#include "store/journal.h"

static void
test_written_and_read(void **state)
{
	static const struct doubt rows[] = {
	    {.kind = DOUBT_RESEND,
		.at = 1790000000,
		.name = "<bouncebox.a@example.org>",
		.envelope_id = "bouncebox.a.1",
		.recipient = "bob@partner.test",
		.account = "bounces",
		.words = "lost after the final dot: closed"},
	    {.kind = DOUBT_NOTE,
		.at = 1,
		.name = "<n@example.org>",
		.envelope_id = "",
		.recipient = "a@b.test\nc@d.test",
		.account = "",
		.words = "two\tlines\nof it"},
	};
	struct arena *a = arena_new();
	struct doubt d;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = BUF_INIT;

		doubt_write(&b, &rows[i]);
		assert_true(doubt_read(a, buf_slice(&b), &d));
		buf_free(&b);
		assert_int_equal(d.kind, rows[i].kind);
		assert_int_equal(d.at, rows[i].at);
		assert_string_equal(d.name, rows[i].name);
		assert_string_equal(d.envelope_id, rows[i].envelope_id);
		assert_string_equal(d.account, rows[i].account);
		assert_string_equal(d.what, "");
	}
	assert_false(doubt_is_of_several(&d));
	d.kind = DOUBT_EDITED;
	d.name = "<bouncebox-case.abcdefghij.1@example.org>";
	assert_false(doubt_is_of_several(&d));
	d.name = "<bouncebox-cases.abcdefghij.1@example.org>";
	assert_true(doubt_is_of_several(&d));
	assert_string_equal(d.recipient, "a@b.test c@d.test");
	assert_string_equal(d.words, "two lines of it");
	assert_false(doubt_read(a, SLICE_LIT(""), &d));
	assert_false(doubt_read(a, SLICE_LIT("the program ended"), &d));
	assert_false(doubt_read(a, SLICE_LIT("7\t1\ta\tb\tc\td\te"), &d));
	assert_false(doubt_read(a, SLICE_LIT("-1\t1\ta\tb\tc\td\te"), &d));
	assert_false(doubt_read(a, SLICE_LIT("0\t1\ta\tb\tc\td"), &d));
	assert_true(doubt_read(a, SLICE_LIT("0\t1\ta\tb\tc\td\t"), &d));
	arena_free(&a);
}

static struct journal_item
item_of(const char *id, enum journal_kind kind, const char *message_id)
{
	struct journal_item item = {.kind = kind,
	    .state = JOURNAL_DUE,
	    .account = "bounces",
	    .message_id = message_id,
	    .created_at = 1000};

	snprintf(item.case_id.text, sizeof(item.case_id.text), "%s", id);
	return item;
}

/* In doubt, and answered so. */
static void
add_answered(struct journal *j, struct journal_item *item, bool went)
{
	struct err e;
	bool won;

	assert_int_equal(journal_add(j, item, 1, &e), 0);
	assert_int_equal(journal_start(j, item->id, 1001, &won, &e), 0);
	assert_int_equal(journal_end(j, item->id, JOURNAL_DOUBT, 1002, "lost", &e), 0);
	assert_int_equal(journal_resolve(j, item->id, went, 1003, &e), 0);
	assert_int_equal(journal_resolve(j, item->id, went, 1003, &e), -1);
}

static void
assert_state(struct journal *j, const struct journal_item *item, enum journal_state want)
{
	enum journal_state state;
	struct err e;

	assert_int_equal(journal_state(j, item->id, &state, &e), 0);
	assert_int_equal(state, want);
}

static bool
check_doubt(void *ctx, const struct journal_item *item)
{
	(*(size_t *)ctx)++;
	assert_string_equal(item->words, "lost");
	assert_int_equal(item->started_at, 1001);
	assert_int_equal(item->ended_at, 1001);
	return true;
}

static void
test_an_answer_is_taken_back(void **state)
{
	static const struct {
		enum journal_state newer;
		bool may;
	} rows[] = {{JOURNAL_FAILED, true}, {JOURNAL_UNDONE, true}, {JOURNAL_SENT, false},
	    {JOURNAL_DUE, false}};
	char *folder = folder_new(), *path = folder_path(folder, "journal.db");
	struct journal_item first = item_of("zzzzzzzzzz", JOURNAL_RESEND, "<a@b>");
	struct journal *j;
	struct err e;
	size_t n = 0;

	(void)state;
	assert_int_equal(journal_open(&j, path, &e), 0);
	add_answered(j, &first, true);
	assert_int_equal(journal_unresolve(j, first.id, &e), 0);
	assert_int_equal(journal_of_case(j, &first.case_id, check_doubt, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(journal_unresolve(j, first.id, &e), -1);
	assert_int_equal(e.code, ERR_REFUSED);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char id[] = "aaaaaaaaaa";
		struct journal_item item, newer;

		id[9] = (char)('a' + i);
		item = newer = item_of(id, JOURNAL_RESEND, "<a@b>");
		add_answered(j, &item, false);
		newer.state = rows[i].newer;
		assert_int_equal(journal_add(j, &newer, 1, &e), 0);
		assert_int_equal(journal_unresolve(j, item.id, &e), rows[i].may ? 0 : -1);
		assert_state(j, &item, rows[i].may ? JOURNAL_DOUBT : JOURNAL_DID_NOT);
	}
	journal_close(&j);
	free(path);
	folder_free(folder);
}

/* The items of a note go together. */
static void
test_an_answer_about_a_note(void **state)
{
	char *folder = folder_new(), *path = folder_path(folder, "journal.db");
	struct journal_item one = item_of("aaaaaaaaaa", JOURNAL_NOTE, "<1@b>");
	struct journal_item two = item_of("bbbbbbbbbb", JOURNAL_NOTE, "<1@b>");
	struct journal_item other = item_of("cccccccccc", JOURNAL_NOTE, "<2@b>");
	struct journal_item newer = item_of("bbbbbbbbbb", JOURNAL_IGNORE, "");
	struct journal *j;
	struct err e;

	(void)state;
	assert_int_equal(journal_open(&j, path, &e), 0);
	add_answered(j, &one, true);
	add_answered(j, &two, true);
	add_answered(j, &other, true);
	assert_int_equal(journal_unresolve(j, one.id, &e), 0);
	assert_state(j, &one, JOURNAL_DOUBT);
	assert_state(j, &two, JOURNAL_DOUBT);
	assert_state(j, &other, JOURNAL_WENT);
	assert_int_equal(journal_resolve(j, one.id, true, 1004, &e), 0);
	assert_int_equal(journal_resolve(j, two.id, true, 1004, &e), 0);
	newer.state = JOURNAL_SENT;
	assert_int_equal(journal_add(j, &newer, 1, &e), 0);
	assert_int_equal(journal_unresolve(j, one.id, &e), -1);
	assert_state(j, &one, JOURNAL_WENT);
	assert_state(j, &two, JOURNAL_WENT);
	journal_close(&j);
	free(path);
	folder_free(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_written_and_read),
	    cmocka_unit_test(test_an_answer_is_taken_back),
	    cmocka_unit_test(test_an_answer_about_a_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
