#include <string.h>

#include "base/clock.h"
#include "net/busy.h"
#include "work/work.h"

/* Those that asked are done; some of them want what is due to be sent first. */
static void
finish_waiters(struct worker *w)
{
	struct waiter all[WORK_MAX_WAITERS];
	size_t n = w->n_waiters;

	memcpy(all, w->waiters, sizeof(all));
	w->n_waiters = 0;
	for (size_t i = 0; i < n; i++) {
		struct job job;

		if (all[i].sends_due) {
			job_begin(w, &job, all[i].request);
			outbox_run(w, all[i].request);
			job_end(w, &job);
			keywords_mark(w);
		}
		tell_done(w, all[i].request);
	}
}

#define BUSY_WAIT_S 60 /* where the server suggests nothing */

/* The session lives, and the server asks for patience. */
static void
sync_later(struct worker *w, const struct err *e)
{
	unsigned wait = busy_wait_s(slice_of(e->text));

	if (wait == 0)
		wait = BUSY_WAIT_S;
	w->next_sync_ms = clock_mono_ms() + (int64_t)wait * 1000;
	tell_status(w, ONLINE_YES, e, "read again in %u s: %s", wait, e->text);
}

static void
sync_ended_badly(struct worker *w, const struct job *job, const struct err *e)
{
	struct err said = *e;

	if (job->is_cancelled) {
		err_set(&said, ERR_CANCELLED, "cancelled; what was read is kept");
		if (waiter_drop(w, job->request))
			tell_failed(w, job->request, &said);
		w->is_held = w->n_waiters == 0;
		if (w->is_held)
			tell_status(w, w->is_local ? ONLINE_LOCAL : ONLINE_NO, NULL,
			    "reading was stopped; sync goes on with it");
		w->wants_sync = w->n_waiters > 0;
		return;
	}
	waiters_fail(w, &said);
	if (said.code == ERR_BUSY && w->imap != NULL && w->o.watch) {
		sync_later(w, &said);
		return;
	}
	/* The line: after it stands again. The disk or the like: when asked. */
	if (w->imap != NULL || w->is_local)
		tell_status(w, w->is_local ? ONLINE_LOCAL : ONLINE_YES, &said, "%s", said.text);
}

/* Of a request to open that failed nobody would hear it. */
static void
tell_whole(struct worker *w)
{
	struct letter *l;

	if (w->told_whole)
		return;
	w->told_whole = true;
	l = letter_new(LETTER_STATUS, 0);
	l->online = w->is_local ? ONLINE_LOCAL : ONLINE_YES;
	l->text = w->is_local ? arena_copy(l->arena, slice_of(w->o.account->source.text))
			      : SLICE_LIT("online");
	l->flag = true;
	tell(w, l);
}

static bool
add_id(void *ctx, const struct row *row)
{
	buf_add(ctx, &row->id, sizeof(row->id));
	return true;
}

/* What another program has read into the cache is new here too; and what it took out of
 * it, because it is gone from the server, nobody will find missing here. */
static void
tell_what_is_there(struct worker *w)
{
	struct letter *l = letter_new(LETTER_ONLY, 0);
	struct buf ids = BUF_INIT;
	struct err e;

	rows_all(w, 0);
	if (cache_rows(w->cache, w->o.account->name, add_id, &ids, &e) == 0) {
		l->n_cases = id_unique((case_id *)(void *)ids.data, ids.len / sizeof(case_id));
		l->cases = arena_alloc(l->arena, (l->n_cases + 1) * sizeof(*l->cases));
		if (l->n_cases > 0)
			memcpy(l->cases, ids.data, l->n_cases * sizeof(*l->cases));
		tell(w, l);
	} else {
		letter_free(l);
	}
	buf_free(&ids);
}

void
sync_run(struct worker *w)
{
	struct job job;
	struct err e;
	int r;

	w->wants_sync = false;
	w->next_sync_ms = 0;
	job_begin(w, &job, w->n_waiters > 0 ? w->waiters[0].request : 0);
	r = w->is_local ? sync_local(w, &e) : sync_imap(w, &e);
	if (r != 0 && !w->is_local)
		online_failed(w, &e);
	if (w->cache != NULL)
		cache_rest(w->cache);
	job_end(w, &job);
	if (r != 0) {
		sync_ended_badly(w, &job, &e);
		return;
	}
	changes_quiet(w);
	put_off_due(w);
	if (cache_changed_elsewhere(w->cache))
		tell_what_is_there(w);
	/* What was done offline, or ended by itself: a headless command ends with DONE. */
	w->marks_are_due = w->marks_are_due || w->handled.n > 0;
	keywords_mark(w);
	finish_waiters(w);
	tell_whole(w);
	if (w->is_local)
		tell_status(w, ONLINE_LOCAL, NULL, "%s", w->o.account->source.text);
}
