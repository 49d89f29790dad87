#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/journal.h"

struct place {
	char folder[64];
	char path[96];
};

static int
set_up(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));

	snprintf(p->folder, sizeof(p->folder), "/tmp/bb-journal-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->path, sizeof(p->path), "%s/journal.db", p->folder);
	*state = p;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *p = *state;
	DIR *d = opendir(p->folder);

	for (struct dirent *entry; d != NULL && (entry = readdir(d)) != NULL;) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", p->folder, entry->d_name);
		unlink(path);
	}
	closedir(d);
	rmdir(p->folder);
	free(p);
	return 0;
}

static struct journal *
open_journal(const struct place *p)
{
	struct journal *j;
	struct err e;

	if (journal_open(&j, p->path, &e) != 0)
		fail_msg("%s", e.text);
	return j;
}

static struct journal_item
resend_of(const char *id)
{
	struct journal_item item = {.kind = JOURNAL_RESEND,
	    .state = JOURNAL_DUE,
	    .account = "bounces",
	    .recipient = "bob@partner.test",
	    .envelope_id = "env-1",
	    .created_at = 1000,
	    .due_at = 1005};

	snprintf(item.case_id.text, sizeof(item.case_id.text), "%s", id);
	return item;
}

struct seen {
	size_t n;
	struct journal_item last;
	char words[400];
};

static bool
see(void *ctx, const struct journal_item *item)
{
	struct seen *seen = ctx;

	seen->n++;
	seen->last = *item;
	snprintf(seen->words, sizeof(seen->words), "%s", item->words);
	return true;
}

static struct seen
look(struct journal *j, const char *id)
{
	struct seen seen = {0};
	case_id key = {{0}};
	struct err e;

	snprintf(key.text, sizeof(key.text), "%s", id);
	assert_int_equal(journal_of_case(j, &key, see, &seen, &e), 0);
	return seen;
}

static void
test_life_of_a_resend(void **state)
{
	struct journal *j = open_journal(*state);
	struct journal_item item = resend_of("aaaaaaaaaa");
	struct seen seen = {0};
	struct err e;
	int64_t at;
	bool yes;

	assert_int_equal(journal_add(j, &item, 1, &e), 0);
	assert_true(item.id > 0);
	assert_int_equal(journal_due(j, "bounces", 1004, see, &seen, &e), 0);
	assert_int_equal(seen.n, 0);
	assert_int_equal(journal_next_due(j, "bounces", 0, &at, &e), 0);
	assert_int_equal(at, 1005);
	assert_int_equal(journal_due(j, "bounces", 1005, see, &seen, &e), 0);
	assert_int_equal(seen.n, 1);
	assert_int_equal(journal_start(j, item.id, 1005, &yes, &e), 0);
	assert_true(yes);
	assert_int_equal(journal_start(j, item.id, 1005, &yes, &e), 0);
	assert_false(yes);
	assert_int_equal(journal_undo(j, item.id, 1006, &yes, &e), 0);
	assert_false(yes);
	assert_int_equal(journal_end(j, item.id, JOURNAL_SENT, 1007, "250 queued", &e), 0);
	assert_int_equal(journal_end(j, item.id, JOURNAL_FAILED, 1008, "", &e), -1);
	seen = look(j, "aaaaaaaaaa");
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.last.state, JOURNAL_SENT);
	assert_int_equal(seen.last.ended_at, 1007);
	assert_string_equal(seen.words, "250 queued");
	assert_int_equal(journal_next_due(j, "bounces", 0, &at, &e), 0);
	assert_int_equal(at, 0);
	journal_close(&j);
	assert_null(j);
}

static void
test_a_second_resend_is_refused(void **state)
{
	struct journal *j = open_journal(*state);
	struct journal_item first = resend_of("aaaaaaaaaa");
	struct journal_item two[] = {resend_of("bbbbbbbbbb"), resend_of("aaaaaaaaaa")};
	struct err e;
	bool yes;

	assert_int_equal(journal_add(j, &first, 1, &e), 0);
	assert_int_equal(journal_add(j, two, 2, &e), -1);
	assert_int_equal(e.code, ERR_REFUSED);
	/* all or nothing */
	assert_int_equal(look(j, "bbbbbbbbbb").n, 0);
	assert_int_equal(two[0].id, 0);
	assert_int_equal(journal_undo(j, first.id, 1001, &yes, &e), 0);
	assert_true(yes);
	assert_int_equal(journal_add(j, two, 2, &e), 0);
	journal_close(&j);
}

/* A child starts an item and is killed, or lives while another process opens. */
static void
test_a_killed_sender_leaves_doubt(void **state)
{
	struct place *p = *state;
	struct journal_item item = resend_of("aaaaaaaaaa");
	struct journal *j;
	struct err e;
	int started[2];
	char byte;
	pid_t child;

	assert_int_equal(pipe(started), 0);
	child = fork();
	if (child == 0) {
		bool won;

		j = open_journal(p);
		if (journal_add(j, &item, 1, &e) != 0 ||
		    journal_start(j, item.id, 1005, &won, &e) != 0 || !won)
			_exit(1);
		if (write(started[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(started[0], &byte, 1), 1);
	j = open_journal(p);
	assert_int_equal(look(j, "aaaaaaaaaa").last.state, JOURNAL_SENDING);
	journal_close(&j);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	j = open_journal(p);
	assert_int_equal(look(j, "aaaaaaaaaa").last.state, JOURNAL_DOUBT);
	item = look(j, "aaaaaaaaaa").last;
	assert_int_equal(journal_resolve(j, item.id, true, 1010, &e), 0);
	assert_int_equal(look(j, "aaaaaaaaaa").last.state, JOURNAL_WENT);
	assert_int_equal(journal_resolve(j, item.id, false, 1011, &e), -1);
	journal_close(&j);
	close(started[0]);
	close(started[1]);
}

/* … while it claims, say: the wire has seen nothing, and there is no doubt. */
static void
test_a_sender_killed_before_the_wire(void **state)
{
	struct place *p = *state;
	struct journal_item item = resend_of("aaaaaaaaaa");
	struct journal *j = open_journal(p), *other;
	struct err e;
	pid_t child;
	bool won;

	assert_int_equal(journal_add(j, &item, 1, &e), 0);
	child = fork();
	if (child == 0) {
		other = open_journal(p);
		if (journal_start(other, item.id, 0, &won, &e) != 0 || !won)
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(look(j, "aaaaaaaaaa").last.state, JOURNAL_SENDING);
	other = open_journal(p);
	assert_int_equal(look(j, "aaaaaaaaaa").last.state, JOURNAL_DUE);
	/* Won anew: who was thought dead, and is not, does not begin the wire. */
	assert_int_equal(journal_start(j, item.id, 0, &won, &e), 0);
	assert_true(won);
	assert_int_equal(journal_wire(other, item.id, 1006, &e), -1);
	assert_int_equal(e.code, ERR_REFUSED);
	assert_int_equal(journal_wire(j, item.id, 1006, &e), 0);
	assert_int_equal(look(j, "aaaaaaaaaa").last.started_at, 1006);
	assert_int_equal(journal_end(j, item.id, JOURNAL_SENT, 1007, "", &e), 0);
	assert_int_equal(journal_wire(j, item.id, 1008, &e), -1);
	journal_close(&other);
	journal_close(&j);
}

#define MAKERS 4

/* Two windows that are opened at once on a new machine. */
static void
test_made_by_several_at_once(void **state)
{
	struct place *p = *state;

	for (size_t round = 0; round < 30; round++) {
		pid_t makers[MAKERS];

		unlink(p->path);
		for (size_t i = 0; i < MAKERS; i++) {
			if ((makers[i] = fork()) == 0) {
				struct journal *j;
				struct err e;

				if (journal_open(&j, p->path, &e) != 0) {
					fprintf(stderr, "%s\n", e.text);
					_exit(1);
				}
				journal_close(&j);
				_exit(0);
			}
		}
		for (size_t i = 0; i < MAKERS; i++) {
			int status = 1;

			assert_int_equal(waitpid(makers[i], &status, 0), makers[i]);
			assert_int_equal(status, 0);
		}
	}
}

#define RACES 20

/* Exit status of a process that tries to start every item: how many it won. */
static int
race(const struct place *p, int go, const int64_t ids[RACES])
{
	struct journal *j = open_journal(p);
	struct err e;
	char byte;
	bool won;
	int n = 0;

	if (read(go, &byte, 1) != 1)
		return 100;
	for (size_t i = 0; i < RACES; i++) {
		if (journal_start(j, ids[i], 1005, &won, &e) != 0)
			return 101;
		if (won && journal_end(j, ids[i], JOURNAL_SENT, 1006, "", &e) != 0)
			return 102;
		n += won;
	}
	journal_close(&j);
	return n;
}

static void
test_two_processes_never_win_both(void **state)
{
	struct place *p = *state;
	struct journal *j = open_journal(p);
	int64_t ids[RACES];
	pid_t child[2];
	int go[2];
	int sum = 0;
	struct err e;

	for (size_t i = 0; i < RACES; i++) {
		char id[16];
		struct journal_item item;

		snprintf(id, sizeof(id), "case%06zu", i);
		item = resend_of(id);
		assert_int_equal(journal_add(j, &item, 1, &e), 0);
		ids[i] = item.id;
	}
	journal_close(&j);
	assert_int_equal(pipe(go), 0);
	for (int i = 0; i < 2; i++) {
		child[i] = fork();
		if (child[i] == 0)
			_exit(race(p, go[0], ids));
	}
	assert_int_equal(write(go[1], "xx", 2), 2);
	for (int i = 0; i < 2; i++) {
		int status;

		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_true(WIFEXITED(status));
		assert_in_range(WEXITSTATUS(status), 0, RACES);
		sum += WEXITSTATUS(status);
	}
	assert_int_equal(sum, RACES);
	close(go[0]);
	close(go[1]);
}

static void
test_what_is_no_journal_stays_untouched(void **state)
{
	struct place *p = *state;
	static const char text[] = "this is no database, but somebody's evidence";
	struct journal *j;
	struct stat st;
	struct err e;
	FILE *f = fopen(p->path, "w");

	assert_non_null(f);
	for (int i = 0; i < 100; i++)
		fputs(text, f);
	fclose(f);
	assert_int_equal(journal_open(&j, p->path, &e), -1);
	assert_null(j);
	assert_int_equal(e.code, ERR_CORRUPT);
	assert_non_null(strstr(e.text, p->path));
	assert_string_not_equal(e.todo, "");
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_size, 100 * (sizeof(text) - 1));
}

static void
test_no_folder(void **state)
{
	struct journal *j;
	struct err e;

	(void)state;
	assert_int_equal(journal_open(&j, "/nowhere/at/all/journal.db", &e), -1);
	assert_non_null(strstr(e.text, "/nowhere/at/all"));
}

/* In a child: the limit holds for the whole process. */
static int
fill_disk(const struct place *p)
{
	struct rlimit limit = {1024 * 1024, 1024 * 1024};
	struct journal *j;
	struct err e = {0};
	size_t added = 0;

	signal(SIGXFSZ, SIG_IGN);
	j = open_journal(p);
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return 2;
	for (; added < 100000; added++) {
		char id[16];
		struct journal_item item;

		snprintf(id, sizeof(id), "case%06zu", added);
		item = resend_of(id);
		if (journal_add(j, &item, 1, &e) != 0)
			break;
	}
	return added > 10 && added < 100000 && e.code == ERR_IO ? 0 : 3;
}

static void
test_a_full_disk_is_said_and_loses_nothing(void **state)
{
	struct place *p = *state;
	struct journal *j = open_journal(p);
	struct seen seen = {0};
	struct err e;
	int status;
	pid_t child;

	journal_close(&j);
	child = fork();
	if (child == 0)
		_exit(fill_disk(p));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	j = open_journal(p);
	assert_int_equal(journal_all(j, "bounces", see, &seen, &e), 0);
	assert_true(seen.n > 10);
	journal_close(&j);
}

static void
test_remembers(void **state)
{
	struct journal *j = open_journal(*state);
	struct arena *a = arena_new();
	const char *value;
	struct err e;

	assert_int_equal(journal_recall(j, "other:bob@a.test", a, &value, &e), 0);
	assert_string_equal(value, "");
	assert_int_equal(journal_remember(j, "other:bob@a.test", "bob@b.test", &e), 0);
	assert_int_equal(journal_remember(j, "other:bob@a.test", "bob@c.test", &e), 0);
	journal_close(&j);
	j = open_journal(*state);
	assert_int_equal(journal_recall(j, "other:bob@a.test", a, &value, &e), 0);
	assert_string_equal(value, "bob@c.test");
	journal_close(&j);
	arena_free(&a);
}

/* One that waited for the lock while another was decided, sent and done. */
static void
test_who_comes_late_does_not_send_again(void **state)
{
	struct journal *j = open_journal(*state);
	struct journal_item first = resend_of("aaaaaaaaaa"), late = resend_of("aaaaaaaaaa");
	bool won;
	struct err e;

	assert_int_equal(journal_add(j, &first, 1, &e), 0);
	assert_int_equal(journal_start(j, first.id, 1001, &won, &e), 0);
	assert_int_equal(journal_end(j, first.id, JOURNAL_SENT, 1002, "", &e), 0);
	assert_int_equal(journal_add(j, &late, 1, &e), -1);
	assert_int_equal(e.code, ERR_REFUSED);
	late.known_id = first.id;
	assert_int_equal(journal_add(j, &late, 1, &e), 0);
	journal_close(&j);
}

static void
test_an_edited_message_is_kept_with_its_intent(void **state)
{
	struct journal *j = open_journal(*state);
	struct journal_item item = resend_of("aaaaaaaaaa"), second = resend_of("aaaaaaaaaa");
	struct arena *a = arena_new();
	struct slice bytes;
	struct err e;

	assert_int_equal(journal_add_edited(j, &item, 1, SLICE_LIT("To: b\0\xff"), &e), 0);
	assert_int_equal(journal_add_edited(j, &second, 1, SLICE_LIT("other"), &e), -1);
	assert_int_equal(e.code, ERR_REFUSED);
	assert_int_equal(second.id, 0);
	journal_close(&j);
	j = open_journal(*state);
	assert_int_equal(journal_edited(j, item.id, a, &bytes, &e), 0);
	assert_int_equal(bytes.n, 7);
	assert_memory_equal(bytes.p, "To: b\0\xff", 7);
	assert_int_equal(journal_edited(j, item.id + 1, a, &bytes, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	journal_close(&j);
	arena_free(&a);
}

static bool
count_state(void *ctx, const struct journal_item *item)
{
	size_t *counts = ctx;

	counts[item->state]++;
	return true;
}

/* A note about several cases: one message, kept once, started or taken back as a whole. */
static void
test_items_of_a_note_go_together(void **state)
{
	struct journal *j = open_journal(*state);
	struct journal_item items[3] = {
	    resend_of("aaaaaaaaaa"), resend_of("bbbbbbbbbb"), resend_of("cccccccccc")};
	struct arena *a = arena_new();
	struct slice bytes;
	struct err e;
	size_t n;

	for (int round = 0; round < 2; round++) {
		size_t counts[8] = {0};
		const char *id = round == 0 ? "<one@example.org>" : "<two@example.org>";

		for (size_t i = 0; i < 3; i++) {
			items[i].id = 0;
			items[i].kind = JOURNAL_NOTE;
			items[i].message_id = id;
		}
		assert_int_equal(journal_add_edited(
				     j, items, 3, round == 0 ? SLICE_LIT("1") : SLICE_LIT("2"), &e),
		    0);
		for (size_t i = 0; i < 3; i++) {
			assert_int_equal(journal_edited(j, items[i].id, a, &bytes, &e), 0);
			assert_true(slice_is(bytes, round == 0 ? "1" : "2"));
		}
		assert_int_equal(journal_start_note(j, "another", id, 1001, &n, &e), 0);
		assert_int_equal(n, 0);
		assert_int_equal((round == 0 ? journal_start_note : journal_undo_note)(
				     j, items[0].account, id, 1001, &n, &e),
		    0);
		assert_int_equal(n, 3);
		assert_int_equal(journal_start_note(j, items[0].account, id, 1002, &n, &e), 0);
		assert_int_equal(n, 0);
		assert_int_equal(journal_undo_note(j, items[0].account, id, 1002, &n, &e), 0);
		assert_int_equal(n, 0);
		assert_int_equal(
		    journal_of_message(j, items[0].account, id, count_state, counts, &e), 0);
		assert_int_equal(counts[round == 0 ? JOURNAL_SENDING : JOURNAL_UNDONE], 3);
	}
	/* A resend of the same Message-ID is no note. */
	items[0] = resend_of("dddddddddd");
	assert_int_equal(journal_add(j, items, 1, &e), 0);
	assert_int_equal(
	    journal_start_note(j, items[0].account, items[0].message_id, 1003, &n, &e), 0);
	assert_int_equal(n, 0);
	journal_close(&j);
	arena_free(&a);
}

static void
test_one_of_several_remembers_a_time(void **state)
{
	struct journal *j = open_journal(*state), *k = open_journal(*state);
	bool won;
	struct err e;

	assert_int_equal(journal_remember_time(j, "note", 1000, 900, &won, &e), 0);
	assert_true(won);
	assert_int_equal(journal_remember_time(k, "note", 1001, 901, &won, &e), 0);
	assert_false(won);
	assert_int_equal(journal_remember_time(k, "another", 1001, 901, &won, &e), 0);
	assert_true(won);
	assert_int_equal(journal_remember_time(k, "note", 1200, 1100, &won, &e), 0);
	assert_true(won);
	/* taken back */
	assert_int_equal(journal_remember(j, "note", "0", &e), 0);
	assert_int_equal(journal_remember_time(k, "note", 1201, 1101, &won, &e), 0);
	assert_true(won);
	journal_close(&j);
	journal_close(&k);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_life_of_a_resend),
	    TEST(test_a_second_resend_is_refused),
	    TEST(test_a_killed_sender_leaves_doubt),
	    TEST(test_a_sender_killed_before_the_wire),
	    TEST(test_made_by_several_at_once),
	    TEST(test_two_processes_never_win_both),
	    TEST(test_what_is_no_journal_stays_untouched),
	    TEST(test_no_folder),
	    TEST(test_a_full_disk_is_said_and_loses_nothing),
	    TEST(test_who_comes_late_does_not_send_again),
	    TEST(test_an_edited_message_is_kept_with_its_intent),
	    TEST(test_items_of_a_note_go_together),
	    TEST(test_one_of_several_remembers_a_time),
	    TEST(test_remembers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
