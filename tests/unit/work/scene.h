/* A worker on a Maildir, with a Maildir or a command as the way out: nothing
 * leaves the folder that is made for each test. */
#ifndef TEST_SCENE_H
#define TEST_SCENE_H

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

struct scene {
	char dir[64];
	struct conf *conf;
	struct worker *worker;
	uint32_t last_request;
};

static inline const char *
path_in(const struct scene *s, const char *name, char buf[256])
{
	snprintf(buf, 256, "%s/%s", s->dir, name);
	return buf;
}

static inline void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static inline void
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

static inline int
remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

/* `outgoing` NULL: a Maildir. */
static inline void
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

static inline void
start_account(struct scene *s, size_t account, bool watch)
{
	char state[256], cache[256];
	struct worker_options o = {
	    .conf = s->conf,
	    .account = &s->conf->accounts[account],
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

static inline void
start(struct scene *s, bool watch)
{
	start_account(s, 0, watch);
}

static inline void
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

static inline struct letter *
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

static inline void
hear_out(struct scene *s, struct talk *t, uint32_t request)
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

static inline void
forget(struct talk *t)
{
	for (size_t i = 0; i < t->n; i++)
		letter_free(t->letters[i]);
	t->n = 0;
}

static inline struct letter *
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

static inline void
send_and_listen(struct scene *s, struct letter *l, struct talk *t)
{
	uint32_t request = l->request;

	assert_true(worker_send(s->worker, l));
	hear_out(s, t, request);
}

static inline struct letter *
find(struct talk *t, enum letter_type type)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->letters[i]->type == type)
			return t->letters[i];
	}
	return NULL;
}

/* The last row that came of a recipient; NULL if none did. */
static inline const struct row *
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

static inline case_id
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

static inline size_t
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

#endif
