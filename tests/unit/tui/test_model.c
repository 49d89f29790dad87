/* The rows of the list: kept, sorted, grouped, tagged, of several accounts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/model.h"

static struct row
made(const char *id, const char *recipient, const char *domain, int64_t at)
{
	struct row row = {.account = "a",
	    .recipient = recipient,
	    .domain = domain,
	    .status = "4.4.1",
	    .subject = "s",
	    .original_message_id = "",
	    .from = "",
	    .mta = "",
	    .trail = "x"};

	snprintf(row.id.text, sizeof(row.id.text), "%s", id);
	row.last_seen = at;
	return row;
}

static const char *const accounts[] = {"a", "b"};

/* More texts than a chunk or the first index holds, the longest in one piece. */
static void
test_the_model_keeps_many_texts(void **state)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	struct model *m = model_new(accounts, 1);
	char *longest = xmalloc(40001);

	(void)state;
	memset(longest, 'x', 40000);
	longest[40000] = '\0';
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 5000; i++) {
			char id[CASE_ID_LEN + 1] = "aaaaaaaaaa", to[40];
			struct row row;

			for (unsigned k = 0, rest = i; k < 4; k++, rest /= 32)
				id[k] = letters[rest % 32];
			snprintf(to, sizeof(to), "user%u.%u@host.test", i, round);
			row = made(id, to, "host.test", (int64_t)i);
			row.subject = i % 1000 == 0 ? longest : to;
			row.due_at = i == 3 ? INT64_C(1) << 40 : -5;
			model_put(m, 0, &row, 1);
		}
	}
	assert_int_equal(model_lines(m), 5000);
	for (unsigned i = 0; i < 5000; i++) {
		const struct row *row = model_line(m, 4999 - i).row;
		char to[40];

		snprintf(to, sizeof(to), "user%u.1@host.test", i);
		assert_string_equal(row->recipient, to);
		assert_string_equal(row->domain, "host.test");
		if (i % 1000 == 0)
			assert_int_equal(strlen(row->subject), 16384);
		else
			assert_string_equal(row->subject, to);
		/* 32 bits of seconds, no more and no less */
		assert_int_equal(row->due_at, i == 3 ? UINT32_MAX : 0);
	}
	free(longest);
	model_free(&m);
}

/* An ignore that ends with the next bounce has no time, but is not without an end. */
static void
test_an_end_that_is_no_time(void **state)
{
	struct model *m = model_new(accounts, 1);
	struct row row = made("aaaaaaaaaa", "bob@x.test", "x.test", 10);
	struct case_key bob = {{"aaaaaaaaaa"}, 0};

	(void)state;
	row.due_at = CASE_UNTIL_NEXT_BOUNCE;
	model_put(m, 0, &row, 1);
	assert_int_equal(model_row(m, &bob)->due_at, CASE_UNTIL_NEXT_BOUNCE);
	row.due_at = 0;
	model_put(m, 0, &row, 1);
	assert_int_equal(model_row(m, &bob)->due_at, 0);
	model_free(&m);
}

static void
test_the_model_sorts_groups_and_tags(void **state)
{
	struct model *m = model_new(accounts, 1);
	struct row rows[] = {made("aaaaaaaaaa", "bob@x.test", "x.test", 10),
	    made("bbbbbbbbbb", "amy@y.test", "y.test", 30),
	    made("cccccccccc", "kim@x.test", "x.test", 20)};
	struct err e;
	size_t n;
	struct case_key *keys, bob = {{"aaaaaaaaaa"}, 0}, amy = {{"bbbbbbbbbb"}, 0};

	(void)state;
	rows[0].handling = HANDLING_DOUBT;
	model_put(m, 0, rows, 3);
	model_put(m, 0, rows, 3);
	assert_int_equal(model_lines(m), 3);
	assert_string_equal(model_line(m, 0).row->recipient, "bob@x.test"); /* in doubt: first */
	assert_string_equal(model_line(m, 1).row->recipient, "amy@y.test");
	rows[1].last_seen = 5; /* one row changes: it alone moves */
	model_put(m, 0, &rows[1], 1);
	assert_int_equal(model_lines(m), 3);
	assert_string_equal(model_line(m, 2).row->recipient, "amy@y.test");
	assert_int_equal(model_find(m, &amy), 2);
	assert_int_equal(model_count(m).doubt, 1);
	model_sort(m, SORT_RECIPIENT);
	assert_string_equal(model_line(m, 0).row->recipient, "amy@y.test");
	model_sort(m, SORT_RECIPIENT);
	assert_string_equal(model_line(m, 0).row->recipient, "kim@x.test");
	assert_int_equal(model_search(m, "AMY", 0, false), 2);
	assert_int_equal(model_search(m, "amy", 0, true), 2);
	assert_int_equal(model_search(m, "zoe", 0, false), SIZE_MAX);
	model_group(m, GROUP_DOMAIN);
	assert_int_equal(model_lines(m), 5);
	assert_int_equal(model_line(m, 0).n_cases, 2);
	assert_string_equal(model_line(m, 0).title, "x.test");
	model_tag(m, 0);
	assert_int_equal(model_n_tagged(m), 2);
	model_fold(m, 0);
	assert_int_equal(model_lines(m), 3);
	keys = model_of_line(m, 0, &n);
	assert_int_equal(n, 2);
	free(keys);
	assert_int_equal(model_filter(m, "is:nonsense", &e), -1);
	assert_int_equal(model_filter(m, "domain:y.test", &e), 0);
	assert_int_equal(model_count(m).shown, 1);
	model_drop(m, 0, &rows[0].id, 1);
	assert_int_equal(model_n_tagged(m), 1);
	assert_null(model_row(m, &bob));
	model_free(&m);
}

/* The same bounce in two mailboxes: two rows, each with what was done there. */
static void
test_all_but_these_are_gone(void **state)
{
	struct model *m = model_new(accounts, 2);
	const struct row rows[] = {made("cccccccccc", "kim@x.test", "x.test", 20),
	    made("aaaaaaaaaa", "bob@x.test", "x.test", 10),
	    made("bbbbbbbbbb", "amy@y.test", "y.test", 30)};
	const case_id left[] = {{"aaaaaaaaaa"}, {"bbbbbbbbbb"}, {"dddddddddd"}};
	struct case_key kim = {{"cccccccccc"}, 0}, same = {{"cccccccccc"}, 1};

	(void)state;
	model_put(m, 0, rows, 3);
	model_put(m, 1, rows, 3);
	model_tag(m, model_find(m, &kim));
	assert_true(model_keep(m, 0, left, 3));
	assert_int_equal(model_lines(m), 2);
	assert_null(model_row(m, &kim));
	assert_int_equal(model_n_tagged(m), 0);
	assert_int_equal(model_count_of(m, 0).all, 2);
	assert_non_null(model_row(m, &same)); /* of the other account */
	assert_false(model_keep(m, 0, left, 3));
	assert_true(model_keep(m, 0, left, 0));
	assert_int_equal(model_lines(m), 0);
	model_free(&m);
}

static void
test_a_case_in_two_accounts(void **state)
{
	struct model *m = model_new(accounts, 2);
	struct row row = made("aaaaaaaaaa", "bob@x.test", "x.test", 10);
	struct case_key here = {{"aaaaaaaaaa"}, 0}, there = {{"aaaaaaaaaa"}, 1};
	struct case_key *keys;
	struct err e;
	size_t n;

	(void)state;
	model_put(m, 0, &row, 1);
	row.handling = HANDLING_DOUBT;
	model_put(m, 1, &row, 1);
	model_set_account(m, MODEL_ALL);
	assert_int_equal(model_lines(m), 2);
	assert_int_equal(model_row(m, &here)->handling, HANDLING_OPEN);
	assert_int_equal(model_row(m, &there)->handling, HANDLING_DOUBT);
	assert_string_equal(model_row(m, &here)->account, "a");
	assert_string_equal(model_row(m, &there)->account, "b");
	assert_int_equal(model_find(m, &there), 0);
	assert_int_equal(model_find(m, &here), 1);
	keys = model_of_line(m, 0, &n);
	assert_int_equal(n, 1);
	assert_true(key_same(&keys[0], &there));
	free(keys);
	model_tag(m, 0);
	assert_true(model_is_tagged(m, &there));
	assert_false(model_is_tagged(m, &here));
	keys = model_tagged(m, &n);
	assert_int_equal(n, 1);
	assert_true(key_same(&keys[0], &there));
	model_untag(m);
	model_tag_these(m, keys, n);
	assert_true(model_is_tagged(m, &there));
	free(keys);
	model_group(m, GROUP_ACCOUNT);
	assert_int_equal(model_lines(m), 4);
	assert_string_equal(model_line(m, 0).title, "a");
	assert_string_equal(model_line(m, 3).row->account, "b");
	model_group(m, GROUP_NONE);
	assert_int_equal(model_filter(m, "account:A", &e), 0);
	assert_int_equal(model_find(m, &there), SIZE_MAX);
	assert_int_equal(model_find(m, &here), 0);
	assert_int_equal(model_filter(m, "is:doubt", &e), 0);
	assert_int_equal(model_find(m, &here), SIZE_MAX);
	model_drop(m, 1, &row.id, 1);
	assert_null(model_row(m, &there));
	assert_non_null(model_row(m, &here));
	assert_int_equal(model_n_tagged(m), 0);
	model_free(&m);
}

/* Rows, counts and tags are those of the accounts that are shown. */
static void
test_one_account_or_all(void **state)
{
	struct model *m = model_new(accounts, 2);
	struct row rows[] = {made("aaaaaaaaaa", "bob@x.test", "x.test", 10),
	    made("bbbbbbbbbb", "amy@y.test", "y.test", 30)};
	struct row late = made("cccccccccc", "kim@x.test", "x.test", 20);
	struct case_key amy = {{"bbbbbbbbbb"}, 1}, kim = {{"cccccccccc"}, 1};
	struct case_key *keys;
	size_t n;

	(void)state;
	model_put(m, 0, rows, 2);
	model_put(m, 1, &rows[1], 1);
	assert_int_equal(model_lines(m), 2);
	assert_int_equal(model_find(m, &amy), SIZE_MAX);
	model_tag_all(m);
	/* What comes for the other account moves nothing here. */
	model_put(m, 1, &late, 1);
	assert_int_equal(model_lines(m), 2);
	assert_int_equal(model_count(m).open, 2);
	assert_int_equal(model_count_of(m, 1).open, 2);
	model_set_account(m, 1);
	assert_int_equal(model_account(m), 1);
	assert_int_equal(model_lines(m), 2);
	assert_int_equal(model_find(m, &kim), 1);
	assert_int_equal(model_n_tagged(m), 0);
	model_tag(m, 1);
	keys = model_tagged(m, &n);
	assert_int_equal(n, 1);
	assert_true(key_same(&keys[0], &kim));
	free(keys);
	model_set_account(m, MODEL_ALL);
	assert_int_equal(model_lines(m), 4);
	assert_int_equal(model_count(m).open, 4);
	assert_int_equal(model_count(m).shown, 4);
	assert_int_equal(model_n_tagged(m), 3);
	late.last_seen = 40; /* it alone moves */
	model_put(m, 1, &late, 1);
	assert_int_equal(model_find(m, &kim), 0);
	model_sort(m, SORT_ACCOUNT);
	assert_string_equal(model_line(m, 1).row->account, "a");
	assert_int_equal(model_find(m, &kim), 2);
	model_sort(m, SORT_ACCOUNT);
	assert_int_equal(model_find(m, &kim), 0);
	model_sort(m, SORT_AGE);
	/* Of the account that is shown, and no other. */
	model_set_account(m, 0);
	model_untag(m);
	assert_int_equal(model_n_tagged(m), 0);
	keys = model_all_tagged(m, &n);
	assert_int_equal(n, 1);
	model_tag_all(m);
	model_tag_these(m, keys, n);
	assert_int_equal(model_n_tagged(m), 0);
	assert_true(model_is_tagged(m, &kim));
	free(keys);
	model_drop(m, 1, &late.id, 1);
	assert_int_equal(model_count_of(m, 1).all, 1);
	model_set_account(m, MODEL_ALL);
	assert_int_equal(model_n_tagged(m), 0);
	model_free(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_model_keeps_many_texts),
	    cmocka_unit_test(test_an_end_that_is_no_time),
	    cmocka_unit_test(test_the_model_sorts_groups_and_tags),
	    cmocka_unit_test(test_all_but_these_are_gone),
	    cmocka_unit_test(test_a_case_in_two_accounts),
	    cmocka_unit_test(test_one_account_or_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
