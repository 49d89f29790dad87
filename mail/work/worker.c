#include "work/worker.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/slept.h"
#include "work/own.h"
#include "work/pending.h"
#include "work/work.h"

#define LETTERS_IN 64
#define LETTERS_OUT 32   /* each may hold hundreds of rows */
#define END_PATIENCE_S 5 /* for a message that is on the wire */
#define IDLE_POLL_S 600
#define PENDING_POLL_MS 100
#define SLEEP_MS 2000 /* a wait so long may see the machine sleep */

static void
free_letter(void *l)
{
	letter_free(l);
}

bool
work_is_quitting(struct worker *w)
{
	bool is_quitting;

	pthread_mutex_lock(&w->lock);
	is_quitting = w->shared.is_quitting;
	pthread_mutex_unlock(&w->lock);
	return is_quitting;
}

void
job_begin(struct worker *w, struct job *job, uint32_t request)
{
	*job = (struct job){.request = request, .below = w->job};
	w->job = job;
	pthread_mutex_lock(&w->lock);
	w->shared.request = request;
	if (!w->shared.is_quitting) {
		cancel_reset(w->cancel);
		cancel_reset(w->send_cancel);
	}
	pthread_mutex_unlock(&w->lock);
}

void
job_end(struct worker *w, struct job *job)
{
	w->job = job->below;
	pthread_mutex_lock(&w->lock);
	w->shared.request = w->job != NULL ? w->job->request : 0;
	pthread_mutex_unlock(&w->lock);
}

/* The jobs that run are marked; what waits is answered at once. */
static void
cancel_request(struct worker *w, uint32_t request)
{
	struct err e;
	bool is_found = false;

	if (request == 0)
		return;
	for (struct job *job = w->job; job != NULL; job = job->below) {
		if (job->request == request)
			job->is_cancelled = is_found = true;
	}
	if (is_found)
		return;
	if (pending_drop(&w->pending, request) || waiter_drop(w, request)) {
		err_set(&e, ERR_CANCELLED, "cancelled");
		tell_failed(w, request, &e);
	}
}

/* What cannot wait is done here, the rest is kept in its order. */
static void
hear(struct worker *w)
{
	struct letter *l;

	while ((l = queue_take(w->in)) != NULL) {
		switch (l->type) {
		case LETTER_CANCEL:
			cancel_request(w, (uint32_t)l->number);
			letter_free(l);
			break;
		case LETTER_QUIT:
			w->quit_request = l->request;
			letter_free(l);
			break;
		case LETTER_ANSWER:
			letter_free(w->answer);
			w->answer = l;
			break;
		default:
			pending_add(&w->pending, l);
		}
	}
}

/* Serves every letter that need not wait, in order. */
static void
serve_pending(struct worker *w, bool is_nested)
{
	for (size_t i = 0; i < w->pending.n && !work_is_quitting(w);) {
		struct letter *l = pending_take(&w->pending, i);

		if (serve(w, l, is_nested)) {
			letter_free(l);
			hear(w);
			i = 0; /* what it was waiting for may be there now */
		} else {
			pending_put_back(&w->pending, i, l);
			i++;
		}
	}
}

bool
work_breathe(struct worker *w)
{
	bool is_nested = w->job != NULL && w->job->below != NULL;

	hear(w);
	if (!is_nested) {
		serve_pending(w, true);
		if (!w->is_sending && outbox_next(w) != 0 && outbox_next(w) <= clock_now())
			outbox_run(w, 0);
	}
	return !work_is_quitting(w) && (w->job == NULL || !w->job->is_cancelled);
}

/* Until a letter comes, `fd` (-1: none) is readable, the machine wakes up, or all ends. */
static void
doze(struct worker *w, int fd, int ms)
{
	struct pollfd fds[4] = {{.fd = queue_fd(w->in), .events = POLLIN},
	    {.fd = cancel_fd(w->cancel), .events = POLLIN}, {.fd = fd, .events = POLLIN},
	    {.fd = ms < SLEEP_MS ? -1 : slept_open(), .events = POLLIN}};

	if (poll(fds, 4, ms) < 0 && errno != EINTR)
		log_line("work", "poll failed: %s", strerror(errno));
	slept_close(fds[3].fd);
}

bool
work_pause(struct worker *w, int64_t until)
{
	int64_t end = clock_mono_ms() + (until - clock_now()) * 1000;
	int64_t left;

	while (work_breathe(w)) {
		left = end - clock_mono_ms();
		if (left <= 0 && !w->is_paused)
			return true;
		doze(w, -1, left > 0 && left < IDLE_POLL_S * 1000 ? (int)left : IDLE_POLL_S * 1000);
	}
	return false;
}

char *
work_ask(struct worker *w, const char *what)
{
	struct letter *l = letter_new(LETTER_ASK, w->job != NULL ? w->job->request : 0);
	char *secret = NULL;

	l->text = arena_copy(l->arena, slice_of(what));
	tell(w, l);
	while (w->answer == NULL) {
		if (!work_breathe(w))
			return NULL;
		if (w->answer == NULL)
			doze(w, -1, IDLE_POLL_S * 1000);
	}
	if (w->answer->text.n > 0)
		secret = xslicedup(w->answer->text);
	letter_free(w->answer);
	w->answer = NULL;
	return secret;
}

/* Milliseconds until something is to be done without a letter. */
static int
patience_ms(struct worker *w)
{
	int64_t ms = (int64_t)IDLE_POLL_S * 1000;
	int64_t due = w->is_store_open ? outbox_next(w) : 0;

	if (w->next_change != 0 && (due == 0 || w->next_change < due))
		due = w->next_change;
	if (due != 0 && (due - clock_now()) * 1000 < ms)
		ms = (due - clock_now()) * 1000;
	if (w->wants_online && !w->is_held && w->imap == NULL && w->connecting == NULL &&
	    w->next_try_ms - clock_mono_ms() < ms)
		ms = w->next_try_ms - clock_mono_ms();
	if (w->imap != NULL && w->next_sync_ms != 0 && w->next_sync_ms - clock_mono_ms() < ms)
		ms = w->next_sync_ms - clock_mono_ms();
	if (w->pending.n > 0 && w->connecting == NULL && ms > PENDING_POLL_MS)
		ms = PENDING_POLL_MS;
	return ms < 0 ? 0 : (int)ms;
}

static void
wait_on_server(struct worker *w, int ms)
{
	struct err e;
	bool has_news = false;
	unsigned seconds = (unsigned)(ms + 999) / 1000;

	if (online_select(w, w->mailbox, w->o.read_only, &e) != 0 ||
	    imap_wait(w->imap, queue_fd(w->in), seconds, &has_news, &e) != 0)
		online_failed(w, &e);
	if (has_news && w->next_sync_ms == 0)
		w->wants_sync = true;
}

static void
wait_for_something(struct worker *w)
{
	struct job job;
	int ms = patience_ms(w);

	job_begin(w, &job, 0);
	if (w->imap != NULL && w->o.watch && ms > 0)
		wait_on_server(w, ms);
	else
		doze(w, online_fd(w), ms);
	job_end(w, &job);
}

static void
end(struct worker *w)
{
	struct err e;
	struct letter *l;

	err_set(&e, ERR_CANCELLED, "cancelled, because the program ends");
	hear(w);
	while (w->pending.n > 0) {
		l = pending_take(&w->pending, 0);
		tell_failed(w, l->request, &e);
		letter_free(l);
	}
	waiters_fail(w, &e);
	online_close(w);
	store_close(w);
	tell_done(w, w->quit_request);
	pthread_mutex_lock(&w->lock);
	w->shared.has_ended = true;
	pthread_cond_broadcast(&w->ended);
	pthread_mutex_unlock(&w->lock);
}

static void *
work_run(void *arg)
{
	struct worker *w = arg;

	while (!work_is_quitting(w)) {
		hear(w);
		serve_pending(w, false);
		if (work_is_quitting(w))
			break;
		/* What was put off may be settled by what came meanwhile: that is read first. */
		if (w->is_store_open && !w->wants_sync && outbox_next(w) != 0 &&
		    outbox_next(w) <= clock_now())
			outbox_run(w, 0);
		changes_run(w);
		online_step(w);
		if (w->imap != NULL && w->next_sync_ms != 0 && w->next_sync_ms <= clock_mono_ms())
			w->wants_sync = true;
		if (w->wants_sync && w->cache != NULL && (w->is_local || w->imap != NULL))
			sync_run(w);
		else if (w->marks_are_due && w->imap != NULL)
			keywords_mark(w);
		else
			wait_for_something(w);
	}
	end(w);
	return NULL;
}

static int
start_thread(struct worker *w, struct err *e)
{
	pthread_attr_t attr;
	int r;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, WORK_STACK_BYTES);
	r = pthread_create(&w->thread, &attr, work_run, w);
	pthread_attr_destroy(&attr);
	if (r != 0)
		return err_set(e, ERR_IO, "cannot start a thread: %s", strerror(r));
	return 0;
}

static void
free_worker(struct worker *w)
{
	queue_free(&w->in, free_letter);
	queue_free(&w->out, free_letter);
	pending_free(&w->pending);
	pace_free(&w->pace);
	letter_free(w->answer);
	id_set_free(&w->handled);
	id_set_free(&w->behind);
	buf_free(&w->changes);
	cancel_free(&w->cancel);
	cancel_free(&w->send_cancel);
	pthread_cond_destroy(&w->ended);
	pthread_mutex_destroy(&w->lock);
	arena_free(&w->arena);
	free(w);
}

int
worker_start(struct worker **w_r, const struct worker_options *o, struct err *e)
{
	struct worker *w = xcalloc(1, sizeof(*w));

	w->o = *o;
	w->arena = arena_new();
	w->is_local =
	    o->account->source.scheme == URL_MAILDIR || o->account->source.scheme == URL_MBOX;
	w->mailbox = o->account->source.path;
	if (w->mailbox[0] == '\0' && !w->is_local)
		w->mailbox = "INBOX";
	w->n_own = own_list(w->arena, o->account, &w->own);
	w->in = queue_new(LETTERS_IN);
	w->out = queue_new(LETTERS_OUT);
	w->cancel = cancel_new();
	w->send_cancel = cancel_new();
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->ended, NULL);
	if (start_thread(w, e) != 0) {
		free_worker(w);
		return -1;
	}
	*w_r = w;
	return 0;
}

/* Under the lock, after the letter is queued: it may have to break a wait. */
static void
knock(struct worker *w, enum letter_type type, uint32_t number)
{
	bool is_of_this = type == LETTER_CANCEL && number != 0 && number == w->shared.request;

	if (type == LETTER_QUIT)
		w->shared.is_quitting = true;
	if (type == LETTER_QUIT || is_of_this)
		cancel_fire(w->cancel);
	/* A message on the wire is not broken off: that would only make a doubt. */
	if (!w->shared.is_on_wire && (type == LETTER_QUIT || is_of_this))
		cancel_fire(w->send_cancel);
}

bool
worker_send(struct worker *w, struct letter *l)
{
	enum letter_type type = l->type;
	uint32_t number = (uint32_t)l->number;
	bool is_sent;

	pthread_mutex_lock(&w->lock);
	if (type == LETTER_DETAIL && w->shared.desk != NULL) {
		is_sent = desk_send(w->shared.desk, l);
	} else {
		is_sent = queue_put(w->in, l);
		if (is_sent)
			knock(w, type, number);
	}
	pthread_mutex_unlock(&w->lock);
	return is_sent;
}

struct letter *
worker_receive(struct worker *w)
{
	return queue_take(w->out);
}

int
worker_fd(const struct worker *w)
{
	return queue_fd(w->out);
}

/* Gives a message on the wire a moment to be answered. */
static void
await_end(struct worker *w)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += END_PATIENCE_S;
	pthread_mutex_lock(&w->lock);
	while (w->shared.is_on_wire && !w->shared.has_ended) {
		if (pthread_cond_timedwait(&w->ended, &w->lock, &until) == ETIMEDOUT)
			break;
	}
	pthread_mutex_unlock(&w->lock);
}

void
worker_stop(struct worker **w)
{
	if (w == NULL || *w == NULL)
		return;
	pthread_mutex_lock(&(*w)->lock);
	knock(*w, LETTER_QUIT, 0);
	pthread_mutex_unlock(&(*w)->lock);
	queue_close((*w)->out);
	queue_close((*w)->in);
	await_end(*w);
	cancel_fire((*w)->send_cancel);
	pthread_join((*w)->thread, NULL);
	desk_free(&(*w)->shared.desk);
	free_worker(*w);
	*w = NULL;
}
