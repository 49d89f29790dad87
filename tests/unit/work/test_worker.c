/* What the worker does, letter by letter. */
#include "scene.h"

static void
test_rows_and_detail(void **state)
{
	struct scene s;
	struct talk *t = xcalloc(1, sizeof(*t));
	struct letter *detailed;
	case_id id;

	(void)state;
	scene_open(&s, NULL);
	start(&s, false);
	send_and_listen(&s, ask_about(&s, LETTER_OPEN, NULL), t);
	assert_int_equal(t->last->type, LETTER_DONE);
	assert_int_equal(row_of(t, "bob@partner.test")->state, STATE_GAVE_UP);
	assert_int_equal(row_of(t, "jane@old.test")->state, STATE_REFUSED);
	assert_int_equal(row_of(t, "tim@slow.test")->state, STATE_TRYING);
	assert_string_equal(row_of(t, "bob@partner.test")->status, "4.4.1");
	id = row_of(t, "bob@partner.test")->id;
	forget(t);
	send_and_listen(&s, ask_about(&s, LETTER_DETAIL, &id), t);
	detailed = find(t, LETTER_DETAILED);
	assert_non_null(detailed);
	assert_non_null(detailed->detail->explanation);
	assert_string_equal(detailed->detail->explanation->code, "4.4.1");
	assert_true(detailed->detail->n_events > 0);
	forget(t);
	send_and_listen(&s, ask_about(&s, LETTER_RAW, &id), t);
	assert_true(slice_find(find(t, LETTER_TEXT)->text, "Reporting-MTA") != SLICE_NONE);
	forget(t);
	send_and_listen(&s, ask_about(&s, LETTER_ORIGINAL, &id), t);
	assert_true(slice_find(find(t, LETTER_TEXT)->text, "The minutes.") != SLICE_NONE);
	forget(t);
	send_and_listen(&s, ask_about(&s, LETTER_DETAIL, &(case_id){"zzzzzzzzzz"}), t);
	assert_int_equal(t->last->type, LETTER_FAILED);
	forget(t);
	free(t);
	scene_close(&s);
}

static void
test_resend_once(void **state)
{
	struct scene s;
	struct talk *t = xcalloc(1, sizeof(*t));
	struct buf got = BUF_INIT;
	struct letter *l;
	enum handling h;
	case_id id;

	(void)state;
	scene_open(&s, NULL);
	start(&s, false);
	id = open_and_find(&s, "bob@partner.test", &h);
	assert_int_equal(h, HANDLING_OPEN);
	send_and_listen(&s, ask_about(&s, LETTER_PREVIEW, &id), t);
	l = find(t, LETTER_PREVIEWED);
	assert_int_equal(l->preview->n_ok, 1);
	assert_string_equal(l->preview->cases[0].recipient, "bob@partner.test");
	assert_true(slice_find(l->preview->bytes, "Resent-To: ") != SLICE_NONE);
	forget(t);
	assert_int_equal(delivered(&s, NULL), 0);
	send_and_listen(&s, ask_about(&s, LETTER_RESEND, &id), t);
	assert_int_equal(find(t, LETTER_RESULT)->err.code, ERR_NONE);
	assert_int_equal(row_of(t, "bob@partner.test")->handling, HANDLING_RESENT);
	forget(t);
	assert_int_equal(delivered(&s, &got), 1);
	assert_true(slice_find(buf_slice(&got), "Message-ID: <bob.1@example.org>") != SLICE_NONE);
	assert_true(slice_find(buf_slice(&got), "Resent-Message-ID: <") != SLICE_NONE);
	assert_true(slice_find(buf_slice(&got), "secret@example.net") == SLICE_NONE);
	/* At once again, and after a restart: asked first, and nothing goes. */
	send_and_listen(&s, ask_about(&s, LETTER_RESEND, &id), t);
	assert_int_equal(find(t, LETTER_RESULT)->err.code, ERR_REFUSED);
	forget(t);
	worker_stop(&s.worker);
	start(&s, true);
	id = open_and_find(&s, "bob@partner.test", &h);
	assert_int_equal(h, HANDLING_RESENT);
	assert_int_equal(delivered(&s, NULL), 1);
	buf_free(&got);
	free(t);
	scene_close(&s);
}

static const struct refusal {
	const char *recipient;
	bool confirmed, typed;
	bool is_sent;
} refusals[] = {
    {"jane@old.test", true, true, false},  /* refused: never */
    {"tim@slow.test", true, false, false}, /* trying: must be typed */
    {"tim@slow.test", true, true, true},
};

static void
test_guards_hold(void **state)
{
	struct scene s;
	struct talk *t = xcalloc(1, sizeof(*t));

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		struct letter *l;
		case_id id;

		scene_open(&s, NULL);
		start(&s, false);
		id = open_and_find(&s, r->recipient, NULL);
		l = ask_about(&s, LETTER_RESEND, &id);
		l->confirmed = r->confirmed;
		l->typed = r->typed;
		send_and_listen(&s, l, t);
		assert_int_equal(
		    find(t, LETTER_RESULT)->err.code, r->is_sent ? ERR_NONE : ERR_REFUSED);
		forget(t);
		assert_int_equal(delivered(&s, NULL), r->is_sent);
		scene_close(&s);
	}
	free(t);
}

static void
test_later_and_undo(void **state)
{
	struct scene s;
	struct talk *t = xcalloc(1, sizeof(*t));
	struct letter *l;
	enum handling h;
	case_id id;

	(void)state;
	scene_open(&s, NULL);
	start(&s, false);
	id = open_and_find(&s, "bob@partner.test", NULL);
	l = ask_about(&s, LETTER_RESEND, &id);
	l->at = INT64_C(4000000000);
	send_and_listen(&s, l, t);
	assert_int_equal(row_of(t, "bob@partner.test")->handling, HANDLING_DUE);
	forget(t);
	/* Due already: not twice; survives a restart; taken back; nothing was sent. */
	l = ask_about(&s, LETTER_RESEND, &id);
	l->confirmed = l->typed = true;
	send_and_listen(&s, l, t);
	assert_int_equal(find(t, LETTER_RESULT)->err.code, ERR_REFUSED);
	forget(t);
	worker_stop(&s.worker);
	start(&s, true);
	id = open_and_find(&s, "bob@partner.test", &h);
	assert_int_equal(h, HANDLING_DUE);
	send_and_listen(&s, ask_about(&s, LETTER_UNDO, &id), t);
	assert_int_equal(row_of(t, "bob@partner.test")->handling, HANDLING_OPEN);
	forget(t);
	assert_int_equal(delivered(&s, NULL), 0);
	/* With a moment to take it back, and nobody does: the open screen sends it. */
	l = ask_about(&s, LETTER_RESEND, &id);
	l->number = 1;
	send_and_listen(&s, l, t);
	forget(t);
	for (bool is_sent = false; !is_sent;) {
		l = next_letter(&s);
		is_sent = l->type == LETTER_RESULT && l->request == 0 && l->err.code == ERR_NONE;
		letter_free(l);
	}
	assert_int_equal(delivered(&s, NULL), 1);
	free(t);
	scene_close(&s);
}

static void
test_due_by_sync(void **state)
{
	struct scene s;
	struct talk *t = xcalloc(1, sizeof(*t));
	struct letter *l;
	enum handling h;
	case_id id;

	(void)state;
	scene_open(&s, NULL);
	start(&s, false);
	id = open_and_find(&s, "bob@partner.test", NULL);
	l = ask_about(&s, LETTER_RESEND, &id);
	l->at = 1; /* long ago */
	send_and_listen(&s, l, t);
	forget(t);
	assert_int_equal(delivered(&s, NULL), 0); /* headless: only when asked for */
	worker_stop(&s.worker);
	start(&s, false);
	open_and_find(&s, "bob@partner.test", &h);
	assert_int_equal(h, HANDLING_DUE);
	l = ask_about(&s, LETTER_SYNC, NULL);
	l->flag = true;
	send_and_listen(&s, l, t);
	assert_int_equal(find(t, LETTER_RESULT)->err.code, ERR_NONE);
	assert_int_equal(delivered(&s, NULL), 1);
	forget(t);
	free(t);
	scene_close(&s);
}

static void
test_ignore_survives(void **state)
{
	struct scene s;
	struct talk *t = xcalloc(1, sizeof(*t));
	enum handling h;
	case_id id;
	char cache[256];

	(void)state;
	scene_open(&s, NULL);
	start(&s, false);
	id = open_and_find(&s, "bob@partner.test", NULL);
	send_and_listen(&s, ask_about(&s, LETTER_IGNORE, &id), t);
	assert_int_equal(row_of(t, "bob@partner.test")->handling, HANDLING_IGNORED);
	forget(t);
	worker_stop(&s.worker);
	nftw(path_in(&s, "cache", cache), remove_one, 16, FTW_DEPTH | FTW_PHYS);
	start(&s, false);
	id = open_and_find(&s, "bob@partner.test", &h);
	assert_int_equal(h, HANDLING_IGNORED);
	send_and_listen(&s, ask_about(&s, LETTER_UNDO, &id), t);
	assert_int_equal(row_of(t, "bob@partner.test")->handling, HANDLING_OPEN);
	forget(t);
	send_and_listen(&s, ask_about(&s, LETTER_UNDO, &id), t);
	assert_int_equal(find(t, LETTER_RESULT)->err.code, ERR_REFUSED);
	forget(t);
	free(t);
	scene_close(&s);
}

/* Nobody asks: the clock alone brings it back to a screen that watches. */
static void
test_ignore_ends(void **state)
{
	struct scene s;
	struct talk *t = xcalloc(1, sizeof(*t));
	const struct row *row = NULL;
	struct letter *l;
	case_id id;

	(void)state;
	scene_open(&s, NULL);
	start(&s, true);
	id = open_and_find(&s, "bob@partner.test", NULL);
	l = ask_about(&s, LETTER_IGNORE, &id);
	l->at = time(NULL) + 2;
	l->text = SLICE_LIT("they move house");
	send_and_listen(&s, l, t);
	assert_int_equal(row_of(t, "bob@partner.test")->handling, HANDLING_IGNORED);
	forget(t);
	while (row == NULL || row->handling != HANDLING_OPEN) {
		forget(t);
		t->letters[t->n++] = next_letter(&s);
		row = row_of(t, "bob@partner.test");
	}
	forget(t);
	/* a time that is past is no time */
	l = ask_about(&s, LETTER_IGNORE, &id);
	l->at = time(NULL) - 2;
	send_and_listen(&s, l, t);
	assert_int_equal(find(t, LETTER_RESULT)->err.code, ERR_USAGE);
	forget(t);
	/* only looked at */
	l = ask_about(&s, LETTER_IGNORE, &id);
	l->flag = true;
	send_and_listen(&s, l, t);
	assert_int_equal(find(t, LETTER_RESULT)->err.code, ERR_NONE);
	assert_null(row_of(t, "bob@partner.test"));
	forget(t);
	free(t);
	scene_close(&s);
}

static void
test_notes(void **state)
{
	struct scene s;
	struct talk *t = xcalloc(1, sizeof(*t));
	struct buf got = BUF_INIT;
	struct letter *l;
	case_id id;

	(void)state;
	scene_open(&s, NULL);
	start(&s, false);
	id = open_and_find(&s, "bob@partner.test", NULL);
	for (int round = 0; round < 2; round++) {
		l = ask_about(&s, LETTER_NOTE, &id);
		l->note_to = NOTE_POSTMASTER;
		send_and_listen(&s, l, t);
		if (t->last->type != LETTER_DONE)
			fail_msg("%s", t->last->err.text);
		assert_string_equal(find(t, LETTER_DRAFTED)->title, "postmaster@partner.test");
		assert_true(find(t, LETTER_DRAFTED)->err.text[0] != '\0');
		assert_true(slice_find(find(t, LETTER_DRAFTED)->text, "timed out") != SLICE_NONE);
		assert_true(slice_find(find(t, LETTER_DRAFTED)->text, "bob@") == SLICE_NONE);
		l = ask_about(&s, LETTER_NOTE_END, &id);
		l->note_to = NOTE_POSTMASTER;
		l->note_end = NOTE_SEND;
		l->text = arena_copy(l->arena, find(t, LETTER_DRAFTED)->text);
		forget(t);
		send_and_listen(&s, l, t);
		/* One a day is enough. */
		assert_int_equal(t->last->type, round == 0 ? LETTER_DONE : LETTER_FAILED);
		forget(t);
	}
	assert_int_equal(delivered(&s, &got), 1);
	assert_true(slice_find(buf_slice(&got), "To: postmaster@partner.test") != SLICE_NONE);
	assert_true(slice_find(buf_slice(&got), "Final-Recipient") != SLICE_NONE);
	buf_free(&got);
	free(t);
	scene_close(&s);
}

static void
test_read_only(void **state)
{
	struct scene s;
	struct talk *t = xcalloc(1, sizeof(*t));
	struct letter *l;
	case_id id;

	(void)state;
	scene_open(&s, NULL);
	start(&s, false);
	id = open_and_find(&s, "bob@partner.test", NULL);
	worker_stop(&s.worker);
	{
		char state_dir[256], cache_dir[256];
		struct worker_options o = {.conf = s.conf,
		    .account = &s.conf->accounts[0],
		    .state_dir = path_in(&s, "state", state_dir),
		    .cache_dir = path_in(&s, "cache", cache_dir),
		    .template_dir = "",
		    .read_only = true};
		struct err e;

		assert_int_equal(worker_start(&s.worker, &o, &e), 0);
		l = ask_about(&s, LETTER_RESEND, &id);
		l->confirmed = l->typed = true;
		send_and_listen(&s, l, t);
		assert_int_equal(find(t, LETTER_RESULT)->err.code, ERR_REFUSED);
		forget(t);
		send_and_listen(&s, ask_about(&s, LETTER_IGNORE, &id), t);
		assert_int_equal(t->last->type, LETTER_FAILED);
		forget(t);
		worker_stop(&s.worker);
	}
	assert_int_equal(delivered(&s, NULL), 0);
	free(t);
	scene_close(&s);
}

static void
test_broken_journal(void **state)
{
	struct scene s;
	struct talk *t = xcalloc(1, sizeof(*t));
	struct letter *l;
	case_id id;
	char path[256];

	(void)state;
	scene_open(&s, NULL);
	assert_int_equal(mkdir(path_in(&s, "state", path), 0700), 0);
	write_file(path_in(&s, "state/journal.db", path), "this is no database, and was never one");
	start(&s, false);
	id = open_and_find(&s, "bob@partner.test", NULL); /* reading goes on */
	l = ask_about(&s, LETTER_RESEND, &id);
	l->confirmed = l->typed = true;
	send_and_listen(&s, l, t);
	assert_int_not_equal(find(t, LETTER_RESULT)->err.code, ERR_NONE);
	forget(t);
	send_and_listen(&s, ask_about(&s, LETTER_IGNORE, &id), t);
	assert_int_equal(t->last->type, LETTER_FAILED);
	forget(t);
	assert_int_equal(delivered(&s, NULL), 0);
	free(t);
	scene_close(&s);
}

static void
test_check_and_quit(void **state)
{
	struct scene s;
	struct talk *t = xcalloc(1, sizeof(*t));

	(void)state;
	scene_open(&s, NULL);
	start(&s, false);
	send_and_listen(&s, ask_about(&s, LETTER_CHECK, NULL), t);
	if (t->last->type != LETTER_DONE)
		fail_msg("%s", t->last->err.text);
	assert_non_null(find(t, LETTER_TEXT));
	forget(t);
	send_and_listen(&s, ask_about(&s, LETTER_QUIT, NULL), t);
	assert_int_equal(t->last->type, LETTER_DONE);
	forget(t);
	free(t);
	scene_close(&s);
}

/* Two windows of one person: what the other one has put into the cache was never new here. */
static void
test_read_by_another(void **state)
{
	struct scene s, other;
	struct talk *t = xcalloc(1, sizeof(*t));
	char path[256];

	(void)state;
	scene_open(&s, NULL);
	start(&s, false);
	(void)open_and_find(&s, "bob@partner.test", NULL);
	other = s;
	other.worker = NULL;
	start(&other, false);
	make_report(&s, "ann@new.test", "failed", "4.4.1",
	    "connect to mx.new.test[192.0.2.9]:25: Connection timed out");
	(void)open_and_find(&other, "ann@new.test", NULL);
	send_and_listen(&s, ask_about(&s, LETTER_SYNC, NULL), t);
	assert_int_equal(t->last->type, LETTER_DONE);
	assert_non_null(row_of(t, "ann@new.test"));
	forget(t);
	/* Once is enough. */
	send_and_listen(&s, ask_about(&s, LETTER_SYNC, NULL), t);
	assert_null(row_of(t, "ann@new.test"));
	forget(t);
	/* What it took out of the cache, too. */
	unlink(path_in(&s, "Mail/new/ann@new.test", path));
	send_and_listen(&other, ask_about(&other, LETTER_SYNC, NULL), t);
	assert_int_equal(find(t, LETTER_GONE)->n_cases, 1);
	forget(t);
	send_and_listen(&s, ask_about(&s, LETTER_SYNC, NULL), t);
	assert_int_equal(find(t, LETTER_ONLY)->n_cases, 3);
	assert_true(
	    case_id_is_in(&row_of(t, "bob@partner.test")->id, find(t, LETTER_ONLY)->cases, 3));
	assert_null(row_of(t, "ann@new.test"));
	forget(t);
	free(t);
	worker_stop(&other.worker);
	scene_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows_and_detail),
	    cmocka_unit_test(test_resend_once),
	    cmocka_unit_test(test_guards_hold),
	    cmocka_unit_test(test_later_and_undo),
	    cmocka_unit_test(test_due_by_sync),
	    cmocka_unit_test(test_ignore_survives),
	    cmocka_unit_test(test_ignore_ends),
	    cmocka_unit_test(test_notes),
	    cmocka_unit_test(test_read_only),
	    cmocka_unit_test(test_broken_journal),
	    cmocka_unit_test(test_check_and_quit),
	    cmocka_unit_test(test_read_by_another),
	};

	net_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
