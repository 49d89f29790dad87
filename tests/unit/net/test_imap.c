/* IMAP on a real Dovecot: everything that imap.h promises. */
#include "peers.h"

#include <pthread.h>

#include "net/imap.h"

static struct peer server;
static bool is_here;
static char *ca_file;
static struct net_options options = {.timeout_s = 20};

#define NEEDS_SERVER            \
	do {                    \
		if (!is_here)   \
			skip(); \
	} while (0)

static struct account
account_by(enum url_scheme scheme, enum conf_auth auth)
{
	struct account a = {.name = "test", .auth = auth};

	a.source = (struct url){.scheme = scheme,
	    .text = "",
	    .user = "bounces@example.org",
	    .password = "",
	    .host = "localhost",
	    .port = peer_port(&server, scheme == URL_IMAPS ? "IMAPS_PORT" : "IMAP_PORT"),
	    .path = "INBOX"};
	return a;
}

static struct imap *
session(void)
{
	struct account a = account_by(URL_IMAPS, AUTH_AUTO);
	struct imap *s = NULL;
	struct err e;

	if (imap_open(&s, &a, "secret", &options, &e) != 0)
		fail_msg("%s", e.text);
	return s;
}

static struct imap_box
box_of(struct imap *s, const char *name)
{
	struct imap_box box;
	struct err e;

	if (imap_select(s, name, false, &box, &e) != 0)
		fail_msg("%s", e.text);
	return box;
}

static uint32_t
append_mail(struct imap *s, const char *mailbox, unsigned number, size_t body_bytes)
{
	struct buf mail = BUF_INIT;
	uint32_t uid = 0;
	struct err e;

	buf_addf(&mail, "Message-ID: <m%u@example.org>\r\nSubject: %u\r\n\r\n", number, number);
	while (body_bytes-- > 0)
		buf_addc(&mail, body_bytes % 60 == 1 ? '\r' : body_bytes % 60 == 0 ? '\n' : 'x');
	if (imap_append(s, mailbox, "", buf_slice(&mail), &uid, &e) != 0)
		fail_msg("%s", e.text);
	assert_true(uid > 0);
	buf_free(&mail);
	return uid;
}

static void
test_every_login(void **state)
{
	static const struct {
		enum url_scheme scheme;
		enum conf_auth auth;
	} rows[] = {{URL_IMAPS, AUTH_AUTO}, {URL_IMAPS, AUTH_PLAIN}, {URL_IMAPS, AUTH_LOGIN},
	    {URL_IMAPS, AUTH_CRAM_MD5}, {URL_IMAPS, AUTH_SCRAM_SHA_1},
	    {URL_IMAPS, AUTH_SCRAM_SHA_256}, {URL_IMAP, AUTH_AUTO}, {URL_IMAP_INSECURE, AUTH_AUTO}};

	(void)state;
	NEEDS_SERVER;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct account a = account_by(rows[i].scheme, rows[i].auth);
		struct imap *s = NULL;
		struct err e;

		if (imap_open(&s, &a, "secret", &options, &e) != 0)
			fail_msg("row %zu: %s", i, e.text);
		assert_true(
		    (imap_tls_words(s)[0] != '\0') == (rows[i].scheme != URL_IMAP_INSECURE));
		/* Asked for again after the login. */
		assert_true(imap_caps(s)->condstore && imap_caps(s)->uidplus && imap_caps(s)->move);
		imap_close(&s);
	}
}

static void
test_wrong_password(void **state)
{
	static const enum conf_auth rows[] = {
	    AUTH_AUTO, AUTH_PLAIN, AUTH_LOGIN, AUTH_CRAM_MD5, AUTH_SCRAM_SHA_256};

	(void)state;
	NEEDS_SERVER;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct account a = account_by(URL_IMAPS, rows[i]);
		struct imap *s = NULL;
		struct err e;

		assert_int_equal(imap_open(&s, &a, "not the password", &options, &e), -1);
		assert_int_equal(e.code, ERR_LOGIN);
		assert_non_null(strstr(e.text, "Authentication failed"));
		assert_null(strstr(e.text, "not the password"));
		assert_true(e.todo[0] != '\0');
	}
}

static void
test_missing_mailbox(void **state)
{
	struct imap_box box;
	struct imap *s;
	struct err e;

	(void)state;
	NEEDS_SERVER;
	s = session();
	assert_int_equal(imap_select(s, "No such box", false, &box, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_non_null(strstr(e.text, "No such box"));
	/* And the session goes on. */
	box_of(s, "INBOX");
	imap_close(&s);
}

static void
test_special_folders(void **state)
{
	struct imap_folders f;
	struct imap *s;
	struct err e;

	(void)state;
	NEEDS_SERVER;
	s = session();
	assert_int_equal(imap_folders(s, &f, &e), 0);
	assert_string_equal(f.sent, "Sent");
	assert_string_equal(f.drafts, "Drafts");
	assert_string_equal(f.all, "");
	imap_close(&s);
}

static void
test_names_beyond_ascii(void **state)
{
	static const char *const names[] = {
	    "Entw\xc3\xbcrfe", "R&D", "\xe5\x8f\xb0\xe5\x8c\x97/\xf0\x9f\x93\xac", "a \"b\" \\c"};
	struct imap *s;
	struct err e;

	(void)state;
	NEEDS_SERVER;
	s = session();
	for (size_t i = 0; i < 3; i++) {
		if (imap_create(s, names[i], &e) != 0)
			fail_msg("%s: %s", names[i], e.text);
		append_mail(s, names[i], 1, 10);
		assert_int_equal(box_of(s, names[i]).exists, 1);
	}
	imap_close(&s);
}

static void
test_read_only(void **state)
{
	struct imap_box box;
	bool conflict;
	uint32_t uid;
	struct imap *s;
	struct err e;

	(void)state;
	NEEDS_SERVER;
	s = session();
	uid = append_mail(s, "INBOX", 1, 10);
	assert_int_equal(imap_select(s, "INBOX", true, &box, &e), 0);
	assert_true(box.read_only && !box.keywords);
	assert_int_equal(imap_store(s, &uid, 1, true, "bb-x", 0, &conflict, &e), -1);
	assert_int_equal(e.code, ERR_REFUSED);
	imap_close(&s);
}

struct rows {
	unsigned n;
	size_t bytes;
	uint32_t uids[2000];
	char keyword[40];
	uint64_t modseq;
};

static bool
keep_row(void *ctx, const struct imap_message *m)
{
	struct rows *r = ctx;

	assert_true(r->n < 2000);
	r->uids[r->n++] = m->uid;
	r->bytes += m->bytes.n;
	r->modseq = m->modseq;
	if (m->n_keywords > 0)
		snprintf(r->keyword, sizeof(r->keyword), "%s", m->keywords[0]);
	return true;
}

static void
test_fetch_in_batches(void **state)
{
	struct imap_range ranges[2] = {{1, 500}, {502, UINT32_MAX}};
	struct imap_range one = {501, 501}, beyond = {5000, UINT32_MAX};
	static struct rows rows;
	struct imap_box box;
	uint32_t *uids;
	size_t n;
	struct imap *s;
	struct err e;

	(void)state;
	NEEDS_SERVER;
	s = session();
	assert_int_equal(imap_create(s, "Many", &e), 0);
	for (unsigned i = 1; i <= 603; i++)
		append_mail(s, "Many", i, i == 5 ? 5000 : 30);
	box = box_of(s, "Many");
	assert_int_equal(box.exists, 603);
	if (imap_fetch(s, &(struct imap_ranges){ranges, 2, NULL, 0},
		&(struct imap_ranges){&one, 1, NULL, 0}, 100, keep_row, &rows, &e) != 0)
		fail_msg("%s", e.text);
	/* What was sent ahead may have been answered first. */
	assert_true(rows.n == 602 || rows.n == 603);
	if (imap_fetch(
		s, &(struct imap_ranges){&one, 1, NULL, 0}, NULL, 100, keep_row, &rows, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(rows.n, 603);
	/* The partial body of the long one, the whole of the others. */
	assert_true(rows.bytes > 601 * 60 && rows.bytes <= 603 * 100);
	assert_true(rows.modseq > 0);
	assert_int_equal(imap_uids(s, &uids, &n, &e), 0);
	assert_int_equal(n, 603);
	free(uids);
	rows.n = 0;
	assert_int_equal(imap_fetch_last(s, &box, 40, 100, keep_row, &rows, &e), 0);
	assert_int_equal(rows.n, 40);
	assert_int_equal(rows.uids[0], 564);
	assert_int_equal(rows.uids[39], 603);
	/* "…:*" names the last message whatever its UID is: it was not asked for. */
	rows.n = 0;
	assert_int_equal(imap_fetch(s, &(struct imap_ranges){&beyond, 1, NULL, 0}, NULL, 10,
			     keep_row, &rows, &e),
	    0);
	assert_int_equal(rows.n, 0);
	imap_close(&s);
}

static void
test_append_search_fetch(void **state)
{
	struct slice mail =
	    SLICE_LIT("Message-ID: <x\"y@example.org>\r\nSubject: z\r\n\r\n\0one\r\n");
	struct buf whole = BUF_INIT;
	uint32_t uid, *uids;
	size_t n;
	struct imap *s;
	struct err e;

	(void)state;
	NEEDS_SERVER;
	s = session();
	mail.n = strlen(mail.p); /* a NUL may not be sent */
	assert_int_equal(imap_append(s, "Drafts", "\\Draft \\Seen", mail, &uid, &e), 0);
	box_of(s, "Drafts");
	assert_int_equal(
	    imap_search_message_id(s, SLICE_LIT("<x\"y@example.org>"), &uids, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(uids[0], uid);
	free(uids);
	assert_int_equal(
	    imap_search_message_id(s, SLICE_LIT("<none@example.org>"), &uids, &n, &e), 0);
	assert_int_equal(n, 0);
	free(uids);
	assert_int_equal(imap_search_message_id(s, SLICE_LIT("a\r\nx LOGOUT"), &uids, &n, &e), 0);
	assert_int_equal(n, 0);
	free(uids);
	assert_int_equal(imap_fetch_whole(s, uid, 1000, &whole, &e), 0);
	assert_true(slice_eq(buf_slice(&whole), mail));
	assert_int_equal(imap_fetch_whole(s, uid, 10, &whole, &e), -1);
	assert_int_equal(e.code, ERR_LIMIT);
	assert_int_equal(imap_fetch_whole(s, 4000000000u, 10, &whole, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(imap_append(s, "Not there", "", mail, &uid, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	buf_free(&whole);
	imap_close(&s);
}

/* Two sessions want the same message: only one gets it. */
static void
test_claim_by_unchangedsince(void **state)
{
	static struct rows rows;
	struct imap *one, *two;
	struct imap_box box;
	bool conflict;
	uint32_t uid;
	struct err e;

	(void)state;
	NEEDS_SERVER;
	one = session();
	two = session();
	uid = append_mail(one, "INBOX", 77, 10);
	box = box_of(one, "INBOX");
	assert_true(box.keywords && !box.read_only && box.modseq > 0);
	box_of(two, "INBOX");
	assert_int_equal(
	    imap_store(one, &uid, 1, true, "bb-claim-1", box.modseq, &conflict, &e), 0);
	assert_false(conflict);
	assert_int_equal(
	    imap_store(two, &uid, 1, true, "bb-claim-2", box.modseq, &conflict, &e), 0);
	assert_true(conflict);
	assert_int_equal(imap_fetch_flags(two, box.modseq, keep_row, &rows, &e), 0);
	assert_int_equal(rows.n, 1);
	assert_string_equal(rows.keyword, "bb-claim-1");
	assert_true(rows.modseq > box.modseq);
	assert_int_equal(
	    imap_store(two, &uid, 1, false, "bb-claim-1", rows.modseq, &conflict, &e), 0);
	assert_false(conflict);
	assert_int_equal(imap_store(two, &uid, 1, true, "bb x) +FLAGS", 0, &conflict, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	imap_close(&one);
	imap_close(&two);
}

struct mailer {
	struct imap *s;
	int go; /* a pipe: written to when the other side waits */
};

static void *
append_later(void *ctx)
{
	struct mailer *m = ctx;
	char c;

	if (read(m->go, &c, 1) == 1)
		append_mail(m->s, "INBOX", 99, 10);
	return NULL;
}

static void
test_news_arrive(void **state)
{
	struct imap *waiting;
	struct mailer mailer;
	int pipe_fd[2];
	pthread_t thread;
	bool news = true;
	struct err e;

	(void)state;
	NEEDS_SERVER;
	waiting = session();
	mailer.s = session();
	assert_int_equal(pipe(pipe_fd), 0);
	mailer.go = pipe_fd[0];
	box_of(waiting, "INBOX");
	/* Nothing comes: not a failure. */
	assert_int_equal(imap_wait(waiting, -1, 0, &news, &e), 0);
	assert_false(news);
	/* Woken by somebody else. */
	assert_int_equal(write(pipe_fd[1], "x", 1), 1);
	assert_int_equal(imap_wait(waiting, pipe_fd[0], 20, &news, &e), 0);
	assert_false(news);
	assert_int_equal(pthread_create(&thread, NULL, append_later, &mailer), 0);
	if (imap_wait(waiting, -1, 20, &news, &e) != 0)
		fail_msg("%s", e.text);
	assert_true(news);
	pthread_join(thread, NULL);
	/* The session still works behind IDLE. */
	box_of(waiting, "INBOX");
	imap_close(&waiting);
	imap_close(&mailer.s);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
}

static void *
fire(void *ctx)
{
	usleep(100000);
	cancel_fire(ctx);
	return NULL;
}

static void
test_cancel_ends_idle(void **state)
{
	struct net_options o = options;
	struct account a;
	pthread_t thread;
	struct imap *s;
	bool news;
	struct err e;

	(void)state;
	NEEDS_SERVER;
	o.cancel = cancel_new();
	a = account_by(URL_IMAPS, AUTH_AUTO);
	assert_int_equal(imap_open(&s, &a, "secret", &o, &e), 0);
	box_of(s, "INBOX");
	assert_int_equal(pthread_create(&thread, NULL, fire, o.cancel), 0);
	assert_int_equal(imap_wait(s, -1, 600, &news, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	pthread_join(thread, NULL);
	assert_int_equal(imap_fetch_flags(s, 0, keep_row, NULL, &e), -1);
	imap_close(&s);
	cancel_free(&o.cancel);
}

static void
restart_with(const char *name, const char *value)
{
	dovecot_stop(&server);
	setenv(name, value, 1);
	assert_true(dovecot_start(&server));
	unsetenv(name);
}

/* Without extensions: slower ways to the same ends. */
static void
test_bare_server(void **state)
{
	static struct rows rows;
	struct imap_folders f;
	struct imap_box box;
	uint32_t uid, *uids;
	bool conflict, news;
	size_t n;
	struct imap *s;
	struct err e;

	(void)state;
	NEEDS_SERVER;
	restart_with("IMAP_CAPABILITY", "IMAP4rev1");
	s = session();
	assert_false(imap_caps(s)->idle || imap_caps(s)->condstore || imap_caps(s)->uidplus ||
	    imap_caps(s)->esearch);
	assert_int_equal(
	    imap_append(s, "INBOX", "", SLICE_LIT("Message-ID: <bare@x>\r\n\r\nx\r\n"), &uid, &e),
	    0);
	box = box_of(s, "INBOX");
	assert_int_equal(box.modseq, 0);
	assert_int_equal(imap_search_message_id(s, SLICE_LIT("<bare@x>"), &uids, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(imap_store(s, uids, 1, true, "bb-bare", 0, &conflict, &e), 0);
	assert_int_equal(
	    imap_fetch(s, &(struct imap_ranges){&(struct imap_range){uids[0], uids[0]}, 1, NULL, 0},
		NULL, 20, keep_row, &rows, &e),
	    0);
	assert_string_equal(rows.keyword, "bb-bare");
	assert_int_equal(imap_folders(s, &f, &e), 0);
	assert_string_equal(f.sent, "Sent");
	assert_int_equal(imap_wait(s, -1, 0, &news, &e), 0);
	free(uids);
	imap_close(&s);
}

/* The same rows either way, and the wire carries a fraction. */
static void
test_compression(void **state)
{
	struct imap_range all = {1, UINT32_MAX};
	struct net_options before = options;
	static struct rows rows[2];
	uint64_t bytes[2];

	(void)state;
	NEEDS_SERVER;
	restart_with("IMAP_COMPRESS", "1");
	for (unsigned i = 0; i < 2; i++) {
		struct imap_box box;
		struct imap *s;
		bool news;
		struct err e;

		options.compress_always = i == 1;
		s = session();
		assert_true(imap_caps(s)->compress);
		if (i == 0)
			assert_int_equal(imap_create(s, "Packed", &e), 0);
		for (unsigned k = 0; i == 0 && k < 50; k++)
			append_mail(s, "Packed", k, 3000);
		box = box_of(s, "Packed");
		assert_int_equal(box.exists, 50 + i);
		bytes[i] = imap_bytes_in(s);
		if (imap_fetch(s, &(struct imap_ranges){&all, 1, NULL, 0}, NULL, 4000, keep_row,
			&rows[i], &e) != 0)
			fail_msg("%s", e.text);
		bytes[i] = imap_bytes_in(s) - bytes[i];
		/* And what waits for bytes sees those that are packed. */
		append_mail(s, "Packed", 100 + i, 10);
		assert_int_equal(imap_wait(s, -1, 10, &news, &e), 0);
		assert_true(news);
		imap_close(&s);
		all.last = rows[0].uids[rows[0].n - 1]; /* without the one that came last */
	}
	options = before;
	assert_int_equal(rows[0].n, 50);
	assert_int_equal(rows[1].n, 50);
	assert_int_equal(rows[0].bytes, rows[1].bytes);
	assert_true(bytes[1] < bytes[0] / 5);
	restart_with("IMAP_COMPRESS", "");
}

static int
setup(void **state)
{
	(void)state;
	net_init();
	is_here = dovecot_start(&server);
	if (!is_here) {
		print_message("skipped: Dovecot is not on this machine\n");
		return 0;
	}
	ca_file = peer_get(&server, "IMAP_CA");
	options.ca_file = ca_file;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	if (is_here)
		dovecot_stop(&server);
	peer_remove(&server);
	free(ca_file);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_login),
	    cmocka_unit_test(test_wrong_password),
	    cmocka_unit_test(test_missing_mailbox),
	    cmocka_unit_test(test_special_folders),
	    cmocka_unit_test(test_names_beyond_ascii),
	    cmocka_unit_test(test_read_only),
	    cmocka_unit_test(test_fetch_in_batches),
	    cmocka_unit_test(test_append_search_fetch),
	    cmocka_unit_test(test_claim_by_unchangedsince),
	    cmocka_unit_test(test_news_arrive),
	    cmocka_unit_test(test_cancel_ends_idle),
	    cmocka_unit_test(test_compression),
	    cmocka_unit_test(test_bare_server),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
