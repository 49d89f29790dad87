/* The same bounces in the mailboxes of two accounts, each with a worker: one cache, one
 * journal, and what was done with a case is known to both. */
#include "scene.h"

#define FOLDER "/Second"

struct two {
	struct scene first, second; /* one folder, one configuration */
	struct talk t;
};

static const char *
in_second(const struct two *two, const char *name, char buf[256])
{
	snprintf(buf, 256, "%s" FOLDER "/%s", two->first.dir, name);
	return buf;
}

static void
open_two(struct two *two)
{
	static const char *const folders[] = {"", "new", "cur", "tmp"};
	static const char *const names[] = {"new/bob@partner.test", "new/tim@slow.test"};
	struct scene *s = &two->first;
	char path[256], from[300];
	struct buf conf = BUF_INIT, problems = BUF_INIT;
	struct err e;

	memset(two, 0, sizeof(*two));
	scene_open(s, NULL);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		assert_int_equal(mkdir(in_second(two, folders[i], path), 0700), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(from, sizeof(from), "%s/Mail/%s", s->dir, names[i]);
		assert_int_equal(link(from, in_second(two, names[i], path)), 0);
	}
	conf_free(&s->conf);
	buf_addf(&conf,
	    "[work]\nsource = maildir://%s/Mail\nfrom = Alice <alice@example.org>\n"
	    "outgoing = maildir://%s/Out\n",
	    s->dir, s->dir);
	buf_addf(&conf,
	    "[second]\nsource = maildir://%s" FOLDER "\nfrom = Alice <alice@example.org>\n"
	    "outgoing = maildir://%s/Other\n",
	    s->dir, s->dir);
	write_file(path_in(s, "conf", path), conf.data);
	if (conf_read(path, &s->conf, &problems, &e) != 0)
		fail_msg("%s %s", e.text, buf_cstr(&problems));
	buf_free(&conf);
	buf_free(&problems);
	two->second = two->first;
	start_account(&two->first, 0, false);
	start_account(&two->second, 1, false);
}

static void
close_two(struct two *two)
{
	worker_stop(&two->second.worker);
	scene_close(&two->first);
}

/* The row of a request that is about one case; its account must be that one. */
static enum handling
handling_after(struct two *two, struct scene *s, struct letter *l, const char *account)
{
	const struct row *row;
	enum handling h;

	send_and_listen(s, l, &two->t);
	assert_int_equal(two->t.last->type, LETTER_DONE);
	row = row_of(&two->t, "bob@partner.test");
	assert_non_null(row);
	assert_string_equal(row->account, account);
	h = row->handling;
	forget(&two->t);
	return h;
}

static void
test_each_has_its_own_row(void **state)
{
	struct two two;
	struct scene *const scenes[] = {&two.first, &two.second};
	static const char *const names[] = {"work", "second"};
	case_id id;

	(void)state;
	open_two(&two);
	id = open_and_find(&two.first, "bob@partner.test", NULL);
	assert_memory_equal(
	    id.text, open_and_find(&two.second, "bob@partner.test", NULL).text, CASE_ID_LEN);
	for (size_t i = 0; i < 2; i++) {
		struct letter *l;

		send_and_listen(scenes[i], ask_about(scenes[i], LETTER_DETAIL, &id), &two.t);
		l = find(&two.t, LETTER_DETAILED);
		assert_non_null(l);
		assert_string_equal(l->detail->row.account, names[i]);
		forget(&two.t);
		assert_int_equal(handling_after(&two, scenes[i],
				     ask_about(scenes[i], LETTER_LOOK, &id), names[i]),
		    HANDLING_OPEN);
	}
	close_two(&two);
}

static void
test_what_one_did_the_other_knows(void **state)
{
	struct two two;
	struct scene *first = &two.first, *second = &two.second;
	case_id id;

	(void)state;
	open_two(&two);
	id = open_and_find(first, "bob@partner.test", NULL);
	open_and_find(second, "bob@partner.test", NULL);
	assert_int_equal(handling_after(&two, first, ask_about(first, LETTER_IGNORE, &id), "work"),
	    HANDLING_IGNORED);
	assert_int_equal(
	    handling_after(&two, second, ask_about(second, LETTER_LOOK, &id), "second"),
	    HANDLING_IGNORED);
	assert_int_equal(
	    handling_after(&two, first, ask_about(first, LETTER_UNDO, &id), "work"), HANDLING_OPEN);
	assert_int_equal(
	    handling_after(&two, second, ask_about(second, LETTER_IGNORE, &id), "second"),
	    HANDLING_IGNORED);
	/* Its own deeds are older than the other's. */
	worker_stop(&first->worker);
	start_account(first, 0, false);
	assert_int_equal(handling_after(&two, first, ask_about(first, LETTER_OPEN, NULL), "work"),
	    HANDLING_IGNORED);
	close_two(&two);
}

static void
test_what_left_one_stays_in_the_other(void **state)
{
	struct two two;
	char path[256];
	case_id id;

	(void)state;
	open_two(&two);
	id = open_and_find(&two.first, "tim@slow.test", NULL);
	open_and_find(&two.second, "tim@slow.test", NULL);
	assert_int_equal(unlink(in_second(&two, "new/tim@slow.test", path)), 0);
	send_and_listen(&two.second, ask_about(&two.second, LETTER_SYNC, NULL), &two.t);
	assert_int_equal(two.t.last->type, LETTER_DONE);
	assert_null(row_of(&two.t, "tim@slow.test"));
	assert_non_null(find(&two.t, LETTER_GONE));
	assert_memory_equal(find(&two.t, LETTER_GONE)->cases[0].text, id.text, CASE_ID_LEN);
	forget(&two.t);
	send_and_listen(&two.first, ask_about(&two.first, LETTER_LOOK, &id), &two.t);
	assert_non_null(row_of(&two.t, "tim@slow.test"));
	forget(&two.t);
	close_two(&two);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_has_its_own_row),
	    cmocka_unit_test(test_what_one_did_the_other_knows),
	    cmocka_unit_test(test_what_left_one_stays_in_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
