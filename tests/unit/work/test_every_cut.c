/* A resend whose line is cut after each byte of the claim on the IMAP server and of the
 * SMTP dialogue, both ways. Whatever is shown after a restart must be true of what the
 * server accepted, nothing goes twice, nothing is lost, and no claim is left.
 * EVERY=1: after each byte; else some of them. */
#include "store/box.h"
#include "tiny_servers.h"

#define SOME 12 /* cuts a way without EVERY */

static const char *const way_names[] = {"claim, to the server", "claim, from the server",
    "SMTP, to the server", "SMTP, from the server"};

struct tally {
	unsigned cuts, open, resent, doubt, doubt_accepted;
};

static unsigned
accepted(struct tiny *t)
{
	unsigned n;

	pthread_mutex_lock(&t->lock);
	n = t->accepted;
	pthread_mutex_unlock(&t->lock);
	return n;
}

/* A mailbox as it was before anything was done, and a machine without a past. */
static void
begin(struct tiny *t, struct tiny_line lines[2], struct scene *s)
{
	struct buf conf = BUF_INIT, problems = BUF_INIT;
	char path[256];
	struct err e;

	pthread_mutex_lock(&t->lock);
	t->keywords[0] = '\0';
	t->modseq += 10;
	t->accepted = 0;
	t->way = NO_WAY;
	pthread_mutex_unlock(&t->lock);
	memset(s, 0, sizeof(*s));
	snprintf(s->dir, sizeof(s->dir), "%s/bb-cut.XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(s->dir));
	buf_addf(&conf,
	    "[work]\nsource = imap+insecure://me:secret@127.0.0.1:%u/INBOX\n"
	    "outgoing = smtp+insecure://127.0.0.1:%u\nfrom = Alice <alice@example.org>\n",
	    lines[0].port, lines[1].port);
	write_file(path_in(s, "conf", path), conf.data);
	assert_int_equal(chmod(path, 0600), 0);
	if (conf_read(path, &s->conf, &problems, &e) != 0)
		fail_msg("%s %s", e.text, buf_cstr(&problems));
	buf_free(&conf);
	buf_free(&problems);
}

static void
arm(struct tiny *t, enum way way, size_t left)
{
	pthread_mutex_lock(&t->lock);
	memset(t->count, 0, sizeof(t->count));
	t->way = way;
	t->left = left;
	pthread_mutex_unlock(&t->lock);
}

static void
resend_once(struct scene *s, struct tiny *t, enum way way, size_t left)
{
	struct talk *talk = xcalloc(1, sizeof(*talk));
	case_id id;

	start(s, false);
	id = open_and_find(s, "bob@partner.test", NULL);
	arm(t, way, left);
	send_and_listen(s, ask_about(s, LETTER_RESEND, &id), talk);
	forget(talk);
	free(talk);
	worker_stop(&s->worker);
}

/* After a restart, with a line that holds. */
static void
settle(struct scene *s, struct tiny *t, enum way way, size_t left, struct tally *sum)
{
	struct talk *talk = xcalloc(1, sizeof(*talk));
	unsigned before = accepted(t);
	enum handling h;
	case_id id;

	arm(t, NO_WAY, 0);
	start(s, false);
	id = open_and_find(s, "bob@partner.test", &h);
	sum->cuts++;
	sum->open += h == HANDLING_OPEN;
	sum->resent += h == HANDLING_RESENT;
	sum->doubt += h == HANDLING_DOUBT;
	sum->doubt_accepted += h == HANDLING_DOUBT && before == 1;
	if (before > 1 ||
	    (h != HANDLING_DOUBT && h != (before == 0 ? HANDLING_OPEN : HANDLING_RESENT)))
		fail_msg("%s, byte %zu: %u accepted, shown as %s", way_names[way], left, before,
		    handling_id(h));
	send_and_listen(s, ask_about(s, LETTER_RESEND, &id), talk);
	forget(talk);
	if (accepted(t) != (h == HANDLING_DOUBT ? before : 1))
		fail_msg("%s, byte %zu: shown as %s, then accepted %u times", way_names[way], left,
		    handling_id(h), accepted(t));
	worker_stop(&s->worker);
	if (h != HANDLING_DOUBT && strstr(t->keywords, "sending") != NULL)
		fail_msg("%s, byte %zu: left behind:%s", way_names[way], left, t->keywords);
	if (h != HANDLING_DOUBT && strstr(t->keywords, "bouncebox-resent") == NULL)
		fail_msg("%s, byte %zu: not marked:%s", way_names[way], left, t->keywords);
	free(talk);
}

static void
sweep(struct tiny *t, struct tiny_line lines[2], enum way way)
{
	bool is_every = getenv("EVERY") != NULL && strcmp(getenv("EVERY"), "1") == 0;
	struct tally sum = {0};
	struct scene s;
	size_t total;

	begin(t, lines, &s);
	resend_once(&s, t, NO_WAY, 0);
	total = t->count[way];
	assert_true(accepted(t) == 1 && total > 50);
	scene_close(&s);
	for (size_t i = 1; i <= total; i += is_every ? 1 : total / SOME + 1) {
		begin(t, lines, &s);
		resend_once(&s, t, way, i);
		settle(&s, t, way, i, &sum);
		scene_close(&s);
	}
	print_message(
	    "  %s, %zu bytes: %u cuts: open %u, resent %u, in doubt %u (%u of them arrived)\n",
	    way_names[way], total, sum.cuts, sum.open, sum.resent, sum.doubt, sum.doubt_accepted);
	/* Before the message is under way there is nothing to doubt. */
	if (way == IMAP_IN || way == IMAP_OUT)
		assert_int_equal(sum.doubt, 0);
}

static void
test_cut_after_each_byte(void **state)
{
	struct tiny t = {.lock = PTHREAD_MUTEX_INITIALIZER, .way = NO_WAY, .modseq = 1};
	struct buf mail = BUF_INIT;
	struct tiny_line lines[2];
	struct scene s;
	char path[256];
	char *bytes = NULL;
	size_t n = 0;
	struct err e;

	(void)state;
	scene_open(&s, NULL);
	assert_int_equal(
	    box_read(path_in(&s, "Mail/new/bob@partner.test", path), 0, &bytes, &n, &e), 0);
	scene_close(&s);
	for (size_t i = 0; i < n; i++)
		buf_adds(&mail, bytes[i] == '\n' ? "\r\n" : (char[]){bytes[i], '\0'});
	t.mail = buf_slice(&mail);
	tiny_start(&t, &lines[0], false);
	tiny_start(&t, &lines[1], true);
	for (int way = IMAP_IN; way <= SMTP_OUT; way++)
		sweep(&t, lines, (enum way)way);
	tiny_end(&lines[0]);
	tiny_end(&lines[1]);
	buf_free(&mail);
	free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cut_after_each_byte),
	};

	net_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
