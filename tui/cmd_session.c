#include "tui/cmd_session.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clean.h"
#include "net/net.h"
#include "tui/cmd_terminal.h"

/* The signal only has to end a wait: EINTR is the message. */
static void
on_interrupt(int number)
{
	(void)number;
}

/* Held back in all threads, and let in by ppoll alone, so that none is lost. */
static void
hold_interrupts(struct session *s)
{
	struct sigaction act = {.sa_handler = on_interrupt};
	sigset_t set;

	sigemptyset(&act.sa_mask);
	sigaction(SIGINT, &act, &s->old_int);
	sigaction(SIGTERM, &act, &s->old_term);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, &s->old_mask);
}

static void
release_interrupts(const struct session *s)
{
	pthread_sigmask(SIG_SETMASK, &s->old_mask, NULL);
	sigaction(SIGINT, &s->old_int, NULL);
	sigaction(SIGTERM, &s->old_term, NULL);
}

int
session_open(struct session *s, const struct cmd_globals *g)
{
	struct worker_options o = {0};
	struct err e;
	int status;

	memset(s, 0, sizeof(*s));
	status = setup_open(&s->setup, g, NULL);
	if (status != 0)
		return status;
	o.conf = s->setup.conf;
	o.account = s->setup.account;
	o.state_dir = s->setup.state_dir;
	o.cache_dir = s->setup.cache_dir;
	o.template_dir = s->setup.template_dir;
	o.read_only = g->read_only;
	/* The sample is new each time: there is no cache to look at. */
	o.offline = g->offline && !g->demo;
	s->progress = isatty(STDERR_FILENO) != 0;
	hold_interrupts(s);
	net_init();
	if (worker_start(&s->worker, &o, &e) == 0)
		return 0;
	release_interrupts(s);
	setup_close(&s->setup);
	return cmd_fail(&e);
}

static void
clear_progress(struct session *s)
{
	if (s->progress_shown)
		fputs("\r\033[K", stderr);
	s->progress_shown = false;
}

void
session_close(struct session *s)
{
	clear_progress(s);
	worker_stop(&s->worker);
	setup_close(&s->setup);
	release_interrupts(s);
}

struct letter *
session_letter(struct session *s, enum letter_type type)
{
	return letter_new(type, ++s->last_request);
}

static void
show_progress(struct session *s, const struct letter *l)
{
	struct buf words = BUF_INIT;

	if (!s->progress)
		return;
	clean_append(&words, l->text, 60);
	if (l->total > 0)
		fprintf(stderr, "\r\033[K%s %llu/%llu", buf_cstr(&words),
		    (unsigned long long)l->number, (unsigned long long)l->total);
	else
		fprintf(stderr, "\r\033[K%s", buf_cstr(&words));
	fflush(stderr);
	s->progress_shown = true;
	buf_free(&words);
}

/* A full queue empties soon: the worker takes a letter between slices of work. */
static void
send_letter(struct session *s, struct letter *l)
{
	struct timespec pause = {0, 10 * 1000 * 1000};

	while (!worker_send(s->worker, l))
		nanosleep(&pause, NULL);
}

static void
answer_secret(struct session *s, const struct letter *l)
{
	struct letter *answer = letter_new(LETTER_ANSWER, l->request);
	struct buf prompt = BUF_INIT;
	char *secret;

	clear_progress(s);
	clean_append(&prompt, l->text, 200);
	buf_adds(&prompt, ": ");
	secret = terminal_ask(buf_cstr(&prompt), true);
	answer->flag = secret != NULL;
	if (secret != NULL) {
		answer->text = arena_copy(answer->arena, slice_of(secret));
		secret_wipe(secret, strlen(secret));
		free(secret);
	}
	buf_free(&prompt);
	send_letter(s, answer);
}

/* True when the last answer has come. */
static bool
take_letter(struct session *s, const struct letter *l, uint32_t request, session_fn fn, void *ctx)
{
	switch (l->type) {
	case LETTER_PROGRESS:
		show_progress(s, l);
		return false;
	case LETTER_ASK:
		answer_secret(s, l);
		return false;
	case LETTER_DONE:
	case LETTER_FAILED:
		return l->request == request;
	default:
		clear_progress(s);
		if (fn != NULL)
			fn(ctx, l);
		return false;
	}
}

/* False at an interrupt. */
static bool
wait_for_letters(struct session *s)
{
	struct pollfd wait = {.fd = worker_fd(s->worker), .events = POLLIN};
	sigset_t set;

	pthread_sigmask(SIG_SETMASK, NULL, &set);
	sigdelset(&set, SIGINT);
	sigdelset(&set, SIGTERM);
	return ppoll(&wait, 1, NULL, &set) >= 0 || errno != EINTR;
}

static void
cancel(struct session *s, uint32_t request)
{
	struct letter *l = session_letter(s, LETTER_CANCEL);

	l->number = request;
	send_letter(s, l);
	s->interrupted = true;
}

int
session_ask(struct session *s, struct letter *l, session_fn fn, void *ctx, struct err *e)
{
	uint32_t request = l->request;
	bool is_last = false;
	int rc = 0;

	send_letter(s, l);
	while (!is_last) {
		struct letter *got = worker_receive(s->worker);

		if (got != NULL) {
			is_last = take_letter(s, got, request, fn, ctx);
			if (is_last && got->type == LETTER_FAILED) {
				*e = got->err;
				rc = -1;
			}
			letter_free(got);
		} else if (!wait_for_letters(s)) {
			if (s->interrupted)
				return err_set(e, ERR_CANCELLED, "interrupted");
			cancel(s, request);
		}
	}
	clear_progress(s);
	return rc;
}
