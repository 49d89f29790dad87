/* A worker on a Maildir, with a Maildir or a command as the way out: nothing
 * leaves the folder that is made for each test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "net/net.h"
#include "work/worker.h"

#define PATIENCE_MS 30000 /* only ever waited for when something is broken */
#define KILLS 25

struct scene {
	char dir[64];
	struct conf *conf;
	struct worker *worker;
	uint32_t last_request;
};

static const char *
path_in(const struct scene *s, const char *name, char buf[256])
{
	snprintf(buf, 256, "%s/%s", s->dir, name);
	return buf;
}

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void
make_report(const struct scene *s, const char *to, const char *action, const char *status,
    const char *diagnostic)
{
	struct buf b = BUF_INIT;
	char path[256], name[64];

	buf_addf(&b,
	    "Return-Path: <>\nFrom: MAILER-DAEMON@mail.example.org\nTo: alice@example.org\n"
	    "Subject: Undelivered Mail Returned to Sender\n"
	    "Date: Fri, 20 Nov 2026 10:14:00 +0000\nMessage-ID: <report.%s>\n"
	    "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;\n"
	    "\tboundary=\"b\"\n\n--b\nContent-Type: text/plain\n\nIt failed.\n\n",
	    to);
	buf_addf(&b,
	    "--b\nContent-Type: message/delivery-status\n\n"
	    "Reporting-MTA: dns; mail.example.org\nArrival-Date: Fri, 20 Nov 2026 09:00:00 +0000\n"
	    "\nFinal-Recipient: rfc822; %s\nOriginal-Recipient: rfc822;%s\nAction: %s\n"
	    "Status: %s\nDiagnostic-Code: X-Postfix; %s\n\n",
	    to, to, action, status, diagnostic);
	buf_addf(&b,
	    "--b\nContent-Type: message/rfc822\n\nReturn-Path: <alice@example.org>\n"
	    "From: Alice Example <alice@example.org>\nTo: %s\nBcc: secret@example.net\n"
	    "Subject: Minutes for %s\nMessage-ID: <%.3s.1@example.org>\n"
	    "Date: Fri, 20 Nov 2026 08:59:00 +0000\n\nThe minutes.\n\n--b--\n",
	    to, to, to);
	snprintf(name, sizeof(name), "Mail/new/%s", to);
	write_file(path_in(s, name, path), b.data);
	buf_free(&b);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

/* `outgoing` NULL: a Maildir. */
static void
scene_open(struct scene *s, const char *outgoing)
{
	static const char *const folders[] = {"Mail", "Mail/new", "Mail/cur", "Mail/tmp"};
	struct buf conf = BUF_INIT, problems = BUF_INIT;
	char path[256];
	struct err e;

	memset(s, 0, sizeof(*s));
	snprintf(s->dir, sizeof(s->dir), "/tmp/bb-worker.XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		assert_int_equal(mkdir(path_in(s, folders[i], path), 0700), 0);
	make_report(s, "bob@partner.test", "failed", "4.4.1",
	    "connect to mx.partner.test[192.0.2.7]:25: Connection timed out");
	make_report(s, "jane@old.test", "failed", "5.1.1",
	    "host mx.old.test said: 550 5.1.1 <jane@old.test>: no such user");
	make_report(s, "tim@slow.test", "delayed", "4.4.1",
	    "connect to mx.slow.test[192.0.2.8]:25: Connection timed out");
	buf_addf(&conf, "[work]\nsource = maildir://%s/Mail\nfrom = Alice <alice@example.org>\n",
	    s->dir);
	if (outgoing != NULL)
		buf_addf(&conf, "outgoing = %s\n", outgoing);
	else
		buf_addf(&conf, "outgoing = maildir://%s/Out\n", s->dir);
	write_file(path_in(s, "conf", path), conf.data);
	if (conf_read(path, &s->conf, &problems, &e) != 0)
		fail_msg("%s %s", e.text, buf_cstr(&problems));
	buf_free(&conf);
	buf_free(&problems);
}

static void
start(struct scene *s, bool watch)
{
	char state[256], cache[256];
	struct worker_options o = {
	    .conf = s->conf,
	    .account = &s->conf->accounts[0],
	    .state_dir = path_in(s, "state", state),
	    .cache_dir = path_in(s, "cache", cache),
	    .template_dir = TEST_DATA "/../mail/work/templates",
	    .watch = watch,
	};
	struct err e;

	/* The worker keeps the pointers; these live as long as the configuration. */
	o.state_dir = arena_strdup(s->conf->arena, state);
	o.cache_dir = arena_strdup(s->conf->arena, cache);
	assert_int_equal(worker_start(&s->worker, &o, &e), 0);
}

static void
scene_close(struct scene *s)
{
	worker_stop(&s->worker);
	conf_free(&s->conf);
	nftw(s->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* What came back until the last answer of a request. */
struct talk {
	struct letter *letters[2000];
	size_t n;
	struct letter *last; /* DONE or FAILED */
};

static struct letter *
next_letter(struct scene *s)
{
	struct pollfd p = {.fd = worker_fd(s->worker), .events = POLLIN};
	struct letter *l = worker_receive(s->worker);

	if (l == NULL && poll(&p, 1, PATIENCE_MS) == 1)
		l = worker_receive(s->worker);
	if (l == NULL)
		fail_msg("no letter came");
	return l;
}

static void
listen(struct scene *s, struct talk *t, uint32_t request)
{
	t->n = 0;
	t->last = NULL;
	while (t->last == NULL) {
		struct letter *l = next_letter(s);

		assert_true(t->n < sizeof(t->letters) / sizeof(t->letters[0]));
		t->letters[t->n++] = l;
		if (l->request == request && (l->type == LETTER_DONE || l->type == LETTER_FAILED))
			t->last = l;
	}
}

static void
forget(struct talk *t)
{
	for (size_t i = 0; i < t->n; i++)
		letter_free(t->letters[i]);
	t->n = 0;
}

static struct letter *
ask_about(struct scene *s, enum letter_type type, const case_id *id)
{
	struct letter *l = letter_new(type, ++s->last_request);

	if (id != NULL) {
		l->cases = arena_alloc(l->arena, sizeof(*id));
		l->cases[0] = *id;
		l->n_cases = 1;
	}
	return l;
}

static void
send_and_listen(struct scene *s, struct letter *l, struct talk *t)
{
	uint32_t request = l->request;

	assert_true(worker_send(s->worker, l));
	listen(s, t, request);
}

static struct letter *
find(struct talk *t, enum letter_type type)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->letters[i]->type == type)
			return t->letters[i];
	}
	return NULL;
}

/* The last row that came of a recipient; NULL if none did. */
static const struct row *
row_of(struct talk *t, const char *recipient)
{
	const struct row *found = NULL;

	for (size_t i = 0; i < t->n; i++) {
		for (size_t k = 0; k < t->letters[i]->n_rows; k++) {
			if (strcmp(t->letters[i]->rows[k].recipient, recipient) == 0)
				found = &t->letters[i]->rows[k];
		}
	}
	return found;
}

static case_id
open_and_find(struct scene *s, const char *recipient, enum handling *h_r)
{
	struct talk *t = xcalloc(1, sizeof(*t));
	const struct row *row;
	case_id id;

	send_and_listen(s, ask_about(s, LETTER_OPEN, NULL), t);
	if (t->last->type != LETTER_DONE)
		fail_msg("%s", t->last->err.text);
	row = row_of(t, recipient);
	if (row == NULL)
		fail_msg("%s is not listed", recipient);
	id = row->id;
	if (h_r != NULL)
		*h_r = row->handling;
	forget(t);
	free(t);
	return id;
}

static size_t
delivered(const struct scene *s, struct buf *first)
{
	char path[256], file[512];
	size_t n = 0;
	DIR *d = opendir(path_in(s, "Out/new", path));
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		n++;
		if (first != NULL && n == 1) {
			char bytes[8192];
			int fd;

			snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
			fd = open(file, O_RDONLY);
			buf_add(first, bytes, (size_t)read(fd, bytes, sizeof(bytes)));
			close(fd);
		}
	}
	if (d != NULL)
		closedir(d);
	return n;
}

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
		l = ask_about(&s, LETTER_RESOLVE, &id);
		l->flag = kill_rows[i].went;
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
	    cmocka_unit_test(test_killed_on_the_wire),
	    cmocka_unit_test(test_killed_at_any_moment),
	    cmocka_unit_test(test_read_only),
	    cmocka_unit_test(test_broken_journal),
	    cmocka_unit_test(test_check_and_quit),
	};

	net_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
