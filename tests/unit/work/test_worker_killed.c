/* What is left when the program is killed while it sends. */
#include "scene.h"
#include "store/doubt.h"

#define KILLS 25

/* The way out kills the program: before anything went, or after all of it. */
static const struct kill_row {
	const char *name;
	const char *command;
	bool went;
} kill_rows[] = {
    {"killed before the message went", "kill -9 `cat %s/pid`; cat >/dev/null", false},
    {"killed after the message went",
	"cat >%s/took; mkdir -p %s/Out/new; mv %s/took %s/Out/new/1; kill -9 `cat %s/pid`", true},
};

static void
resend_in_child(struct scene *s, const char *recipient)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		struct talk *t = xcalloc(1, sizeof(*t));
		char path[256], pid[32];
		case_id id;

		snprintf(pid, sizeof(pid), "%ld", (long)getpid());
		write_file(path_in(s, "pid", path), pid);
		start(s, false);
		id = open_and_find(s, recipient, NULL);
		send_and_listen(s, ask_about(s, LETTER_RESEND, &id), t);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
}

static bool
says(const struct talk *t, const char *what, const char *words)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct letter *l = t->letters[i];

		if (l->type == LETTER_TEXT && strcmp(l->title, what) == 0 &&
		    slice_find(l->text, words) != SLICE_NONE)
			return true;
	}
	return false;
}

/* Beside a Maildir too a copy is looked for. */
static void
check_what_is_known(struct scene *s, const case_id *id, struct talk *t)
{
	char path[256], name[128] = "";
	const struct letter *detailed;
	struct buf copy = BUF_INIT;

	send_and_listen(s, ask_about(s, LETTER_DETAIL, id), t);
	detailed = find(t, LETTER_DETAILED);
	assert_non_null(detailed->detail->doubt);
	snprintf(name, sizeof(name), "%s", detailed->detail->doubt->name);
	assert_string_equal(detailed->detail->explanation->steps[0].command, "diagnose");
	forget(t);
	send_and_listen(s, ask_about(s, LETTER_RESOLVE, id), t);
	assert_true(says(t, "copies", "none is in Sent"));
	assert_true(says(t, "named", name));
	assert_int_equal(find(t, LETTER_RESULT)->err.code, ERR_REFUSED);
	forget(t);
	buf_addf(&copy, "Resent-Message-ID: %s\nFrom: a@example.org\n\nText\n", name);
	(void)mkdir(path_in(s, "Mail/.Sent", path), 0700);
	(void)mkdir(path_in(s, "Mail/.Sent/cur", path), 0700);
	(void)mkdir(path_in(s, "Mail/.Sent/new", path), 0700);
	(void)mkdir(path_in(s, "Mail/.Sent/tmp", path), 0700);
	write_file(path_in(s, "Mail/.Sent/cur/1:2,S", path), buf_cstr(&copy));
	buf_free(&copy);
	send_and_listen(s, ask_about(s, LETTER_RESOLVE, id), t);
	assert_true(says(t, "copies", "a copy is in Sent"));
	forget(t);
}

static void
test_killed_on_the_wire(void **state)
{
	struct talk *t = xcalloc(1, sizeof(*t));

	(void)state;
	for (size_t i = 0; i < sizeof(kill_rows) / sizeof(kill_rows[0]); i++) {
		struct scene s;
		struct letter *l;
		enum handling h;
		case_id id;
		char script[256], path[256];
		struct buf text = BUF_INIT;

		print_message("  %s\n", kill_rows[i].name);
		scene_open(&s, NULL);
		conf_free(&s.conf);
		buf_addf(&text, "#!/bin/sh\n");
		for (const char *p = kill_rows[i].command; *p != '\0'; p++) {
			if (p[0] == '%' && p[1] == 's') {
				buf_adds(&text, s.dir);
				p++;
			} else {
				buf_addc(&text, *p);
			}
		}
		write_file(path_in(&s, "out.sh", script), text.data);
		assert_int_equal(chmod(script, 0700), 0);
		buf_clear(&text);
		buf_addf(&text,
		    "[work]\nsource = maildir://%s/Mail\nfrom = alice@example.org\n"
		    "outgoing = %s\n",
		    s.dir, script);
		write_file(path_in(&s, "conf", path), text.data);
		buf_free(&text);
		assert_int_equal(conf_read(path, &s.conf, NULL, &(struct err){0}), 0);
		resend_in_child(&s, "bob@partner.test");
		assert_int_equal(delivered(&s, NULL), kill_rows[i].went);
		/* In doubt; nothing is repeated, whatever is confirmed; a person resolves. */
		start(&s, true);
		id = open_and_find(&s, "bob@partner.test", &h);
		assert_int_equal(h, HANDLING_DOUBT);
		l = ask_about(&s, LETTER_RESEND, &id);
		l->confirmed = l->typed = true;
		send_and_listen(&s, l, t);
		assert_int_equal(find(t, LETTER_RESULT)->err.code, ERR_REFUSED);
		forget(t);
		check_what_is_known(&s, &id, t);
		l = ask_about(&s, LETTER_RESOLVE, &id);
		l->resolve = kill_rows[i].went ? RESOLVE_WENT : RESOLVE_NOT;
		send_and_listen(&s, l, t);
		assert_int_equal(row_of(t, "bob@partner.test")->handling,
		    kill_rows[i].went ? HANDLING_RESENT : HANDLING_OPEN);
		forget(t);
		assert_int_equal(delivered(&s, NULL), kill_rows[i].went);
		scene_close(&s);
	}
	free(t);
}

/* Killed at any moment: what arrived is never shown as open, what is shown as
 * resent did arrive, and it is never there twice. */
static void
check_after_kill(struct scene *s, unsigned wait_us)
{
	pid_t child = fork();
	struct timespec pause = {0, (long)wait_us * 1000};
	enum handling h;
	size_t n;

	if (child == 0) {
		struct talk *t = xcalloc(1, sizeof(*t));
		case_id id;

		start(s, false);
		id = open_and_find(s, "bob@partner.test", NULL);
		send_and_listen(s, ask_about(s, LETTER_RESEND, &id), t);
		_exit(0);
	}
	nanosleep(&pause, NULL);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	n = delivered(s, NULL);
	start(s, false);
	open_and_find(s, "bob@partner.test", &h);
	if (n == 0)
		assert_true(h == HANDLING_OPEN || h == HANDLING_DUE || h == HANDLING_DOUBT);
	else
		assert_true(n == 1 && (h == HANDLING_RESENT || h == HANDLING_DOUBT));
}

static void
test_killed_at_any_moment(void **state)
{
	(void)state;
	for (unsigned i = 0; i < KILLS; i++) {
		struct scene s;

		scene_open(&s, NULL);
		check_after_kill(&s, 4000 * i);
		scene_close(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_killed_on_the_wire),
	    cmocka_unit_test(test_killed_at_any_moment),
	};

	net_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
