#include <string.h>

#include "work/doubt.h"
#include "work/edit.h"

static int
check_store(struct worker *w, struct err *e)
{
	store_open(w);
	if (w->cache != NULL)
		return 0;
	*e = w->cache_err;
	return -1;
}

bool
waiter_add(struct worker *w, uint32_t request, bool sends_due)
{
	if (w->n_waiters == WORK_MAX_WAITERS)
		return false;
	w->waiters[w->n_waiters++] = (struct waiter){request, sends_due};
	return true;
}

bool
waiter_drop(struct worker *w, uint32_t request)
{
	for (size_t i = 0; i < w->n_waiters; i++) {
		if (w->waiters[i].request != request)
			continue;
		memmove(&w->waiters[i], &w->waiters[i + 1],
		    (w->n_waiters - i - 1) * sizeof(w->waiters[0]));
		w->n_waiters--;
		return true;
	}
	return false;
}

void
waiters_fail(struct worker *w, const struct err *e)
{
	struct waiter all[WORK_MAX_WAITERS];
	size_t n = w->n_waiters;

	memcpy(all, w->waiters, sizeof(all));
	w->n_waiters = 0;
	for (size_t i = 0; i < n; i++)
		tell_failed(w, all[i].request, e);
}

/* Rows at once, then all that is new. */
static void
serve_open(struct worker *w, struct letter *l)
{
	struct err e;

	rows_all(w, l->request);
	if (w->o.offline) {
		tell_status(w, ONLINE_NO, NULL, "offline: what was read last time");
		tell_done(w, l->request);
		return;
	}
	if (!waiter_add(w, l->request, false)) {
		err_set(&e, ERR_LIMIT, "too many requests wait already");
		tell_failed(w, l->request, &e);
		return;
	}
	w->wants_sync = true;
	online_want(w);
}

static void
serve_sync(struct worker *w, struct letter *l)
{
	struct err e;

	if (w->o.offline) {
		err_set(&e, ERR_USAGE, "cannot sync: --offline was asked for");
		tell_failed(w, l->request, &e);
		return;
	}
	if (l->flag && w->o.read_only) {
		err_set(&e, ERR_REFUSED, "nothing is sent with --read-only");
		tell_failed(w, l->request, &e);
		return;
	}
	if (!waiter_add(w, l->request, l->flag)) {
		err_set(&e, ERR_LIMIT, "too many requests wait already");
		tell_failed(w, l->request, &e);
		return;
	}
	w->wants_sync = true;
	online_want(w);
}

static void
serve_look(struct worker *w, struct letter *l)
{
	struct buf ids = BUF_INIT;

	buf_add(&ids, l->cases, l->n_cases * sizeof(*l->cases));
	rows_touched(w, l->request, &ids);
	buf_free(&ids);
	tell_done(w, l->request);
}

static void
serve_raw(struct worker *w, struct letter *l)
{
	struct buf raw = BUF_INIT;
	struct err e;

	if (raw_of_case(w, &l->cases[0], &raw, &e) != 0) {
		tell_failed(w, l->request, &e);
	} else {
		tell_text(w, l->request, "report", buf_slice(&raw));
		tell_done(w, l->request);
	}
	buf_free(&raw);
}

static void
serve_original(struct worker *w, struct letter *l)
{
	struct arena *a = arena_new();
	struct found f;
	struct err e;

	if (original_find(w, &l->cases[0], a, &f, &e) != 0) {
		tell_failed(w, l->request, &e);
	} else {
		tell_text(w, l->request, f.where, f.bytes);
		tell_done(w, l->request);
	}
	arena_free(&a);
}

/* Which session-less worker could not do it? */
static bool
needs_session(const struct worker *w, const struct letter *l)
{
	if (w->is_local)
		return false;
	switch (l->type) {
	case LETTER_RAW:
	case LETTER_ORIGINAL:
	case LETTER_PREVIEW:
	case LETTER_EDIT:
		return true;
	case LETTER_RESEND:
		return l->text.n > 0 || (l->at == 0 && l->number == 0);
	case LETTER_RESOLVE: /* the server was told */
		return l->resolve == RESOLVE_UNDO;
	case LETTER_NOTE_END:
		return l->note_end != NOTE_DISCARD;
	default:
		return false;
	}
}

static bool
needs_case(enum letter_type type)
{
	return type != LETTER_OPEN && type != LETTER_SYNC && type != LETTER_CHECK &&
	    type != LETTER_PAUSE && type != LETTER_STOP;
}

static void serve_now(struct worker *w, struct letter *l);

/* A resend is promised in the journal, and sent when there is a connection; so is a note
 * that attaches nothing from the server. A draft of it is kept on the disk meanwhile. */
static bool
can_wait_in_journal(const struct worker *w, const struct letter *l)
{
	if (!w->o.watch || w->cache == NULL || l->n_cases == 0)
		return false;
	if (l->type == LETTER_NOTE_END)
		return l->note_to == NOTE_RECIPIENT;
	return l->text.n == 0 && (l->type == LETTER_PREVIEW || l->type == LETTER_RESEND);
}

/* Why it needs the server. */
static const char *
need_words(const struct letter *l)
{
	switch (l->type) {
	case LETTER_RAW:
		return "the report lies on the server";
	case LETTER_EDIT:
		return "what is to be edited lies on the server";
	case LETTER_NOTE_END:
		return l->note_to == NOTE_POSTMASTER
		    ? "the report, which the note attaches, lies on the server"
		    : "the note goes through the server";
	case LETTER_RESEND:
		return "it is claimed on the server before it goes";
	default:
		return "the original is looked for on the server";
	}
}

static void
serve_without(struct worker *w, struct letter *l, const struct err *e)
{
	struct err why = *e;
	struct job job;

	if (!can_wait_in_journal(w, l)) {
		err_add(&why, "%s, and there is no connection", need_words(l));
		if (w->o.watch && !w->is_held)
			err_todo(&why, "try again when the line is back: it connects by itself");
		tell_failed(w, l->request, &why);
		return;
	}
	job_begin(w, &job, l->request);
	serve_now(w, l);
	job_end(w, &job);
}

void
serve_without_session(struct worker *w, const struct err *e)
{
	for (size_t i = 0; i < w->pending.n;) {
		struct letter *l = w->pending.letters[i];

		if (!needs_session(w, l)) {
			i++;
			continue;
		}
		memmove(&w->pending.letters[i], &w->pending.letters[i + 1],
		    (w->pending.n - i - 1) * sizeof(struct letter *));
		w->pending.n--;
		serve_without(w, l, e);
		letter_free(l);
	}
}

static void
serve_now(struct worker *w, struct letter *l)
{
	struct err e;

	switch (l->type) {
	case LETTER_OPEN:
		serve_open(w, l);
		break;
	case LETTER_SYNC:
		serve_sync(w, l);
		break;
	case LETTER_DETAIL:
		detail_serve(w->cache, w->o.account, w->out, l);
		break;
	case LETTER_LOOK:
		serve_look(w, l);
		break;
	case LETTER_RAW:
		serve_raw(w, l);
		break;
	case LETTER_ORIGINAL:
		serve_original(w, l);
		break;
	case LETTER_PREVIEW:
		resend_preview(w, l);
		break;
	case LETTER_RESEND:
		resend_request(w, l);
		break;
	case LETTER_EDIT:
		edit_request(w, l);
		break;
	case LETTER_UNDO:
		act_undo(w, l);
		break;
	case LETTER_IGNORE:
		act_ignore(w, l);
		break;
	case LETTER_STOP:
		act_stop(w, l);
		break;
	case LETTER_RESOLVE:
		doubt_answer(w, l);
		break;
	case LETTER_NOTE:
		note_request(w, l);
		break;
	case LETTER_NOTE_END:
		note_ended(w, l);
		break;
	case LETTER_PAUSE:
		w->is_paused = l->flag;
		tell_done(w, l->request);
		break;
	case LETTER_CHECK:
		check_run(w, l);
		break;
	default:
		err_set(&e, ERR_USAGE, "this letter is no request");
		tell_failed(w, l->request, &e);
	}
}

/* A long job does not run inside of another. */
static bool
is_long(enum letter_type type)
{
	return type == LETTER_OPEN || type == LETTER_SYNC || type == LETTER_CHECK;
}

/* Before the line has been silent for as long as that takes. */
static void
say_waits(struct worker *w, struct letter *l)
{
	if (w->lost.code != ERR_NONE && w->o.watch && !l->is_waiting)
		tell_status(w, ONLINE_CONNECTING, &w->lost, "%s: connecting once more (before: %s)",
		    need_words(l), w->lost.text);
	l->is_waiting = true;
}

static bool
must_wait(struct worker *w, struct letter *l, bool is_nested)
{
	if (is_nested && is_long(l->type))
		return true;
	if (!needs_session(w, l) || w->imap != NULL || w->o.offline)
		return false;
	if (!is_nested)
		online_want(w);
	say_waits(w, l);
	return true;
}

bool
serve(struct worker *w, struct letter *l, bool is_nested)
{
	struct job job;
	struct err e;

	if (must_wait(w, l, is_nested))
		return false;
	job_begin(w, &job, l->request);
	if (l->type == LETTER_OPEN || l->type == LETTER_SYNC) {
		store_open_known(w);
		online_begin(w);
	}
	if (l->type != LETTER_CHECK && check_store(w, &e) != 0) {
		tell_failed(w, l->request, &e);
	} else if (needs_case(l->type) && l->n_cases == 0) {
		err_set(&e, ERR_USAGE, "no case was named");
		tell_failed(w, l->request, &e);
	} else if (w->o.offline && needs_session(w, l)) {
		err_set(&e, ERR_CONNECT, "this needs the mail server, and --offline was asked for");
		tell_failed(w, l->request, &e);
	} else {
		serve_now(w, l);
	}
	job_end(w, &job);
	return true;
}
