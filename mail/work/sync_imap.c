/* What is new on the server, newest first; then what is gone or was marked. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "work/plan.h"
#include "work/sync_imap.h"

#define REMOVE_BATCH 1000

static bool
on_flags(void *ctx, const struct imap_message *m)
{
	struct syncing *s = ctx;
	struct cache_message c = sync_message(m);

	return intake_flags(&s->in, &c);
}

/* The whole of what is open is put into the cache, and shown. */
static int
settle(struct syncing *s, int r, struct err *e)
{
	struct err commit;

	if (s->in.has_failed) {
		*e = s->in.err;
		r = -1;
	}
	if (cache_commit(s->w->cache, &commit) != 0 && r == 0) {
		*e = commit;
		r = -1;
	}
	if (r == 0)
		r = intake_apply_keywords(&s->in, e);
	rows_touched(s->w, 0, &s->in.touched);
	return r;
}

static int
read_whole(struct syncing *s, const struct cache_message *m, struct err *e)
{
	struct buf whole = BUF_INIT;
	struct arena *a = arena_new();
	struct report r;
	int result = imap_fetch_whole(s->w->imap, m->uid, INTAKE_WHOLE_MAX, &whole, e);

	if (result == 0) {
		report_read(a, buf_slice(&whole), &r);
		result = cache_put(
		    s->w->cache, &s->box, m, &r, s->w->own, s->w->n_own, &s->in.touched, e);
	} else if (imap_is_dead(s->w->imap)) {
		result = -1;
	} else if (e->code == ERR_LIMIT || e->code == ERR_REFUSED || e->code == ERR_NOT_FOUND) {
		result = 0; /* what its beginning told must do */
	}
	arena_free(&a);
	buf_free(&whole);
	return result;
}

/* Reports that lay behind a long human part. */
static int
read_longer(struct syncing *s, struct err *e)
{
	struct slice all = buf_slice(&s->in.longer);
	struct cache_message m;
	int r = 0;

	for (; r == 0 && all.n >= sizeof(m); all = slice_from(all, sizeof(m))) {
		memcpy(&m, all.p, sizeof(m));
		r = read_whole(s, &m, e);
	}
	buf_clear(&s->in.longer);
	return r;
}

int
sync_begin(struct syncing *s, struct err *e)
{
	if (online_select(s->w, s->w->mailbox, s->w->o.read_only, e) != 0)
		return -1;
	s->turned_ms = clock_mono_ms();
	s->turned_at = s->in.count;
	return cache_begin(s->w->cache, e);
}

int
sync_end(struct syncing *s, int r, struct err *e)
{
	if (intake_drain(&s->in) && r == 0)
		r = read_longer(s, e);
	return settle(s, r, e);
}

int
sync_stopped(struct worker *w, struct err *e)
{
	if (work_breathe(w))
		return 0;
	return err_set(e, ERR_CANCELLED, "stopped");
}

static int
remove_gone(struct syncing *s, const uint32_t *uids, size_t n, struct err *e)
{
	for (size_t at = 0; at < n; at += REMOVE_BATCH) {
		size_t now = n - at < REMOVE_BATCH ? n - at : REMOVE_BATCH;
		int r;

		if (cache_begin(s->w->cache, e) != 0)
			return -1;
		r = cache_remove(s->w->cache, &s->box, uids + at, now, &s->in.touched, e);
		if (settle(s, r, e) != 0 || sync_stopped(s->w, e) != 0)
			return -1;
	}
	return 0;
}

static int
read_flags(struct syncing *s, uint64_t since, struct err *e)
{
	int r;

	if (online_select(s->w, s->w->mailbox, s->w->o.read_only, e) != 0 ||
	    cache_begin(s->w->cache, e) != 0)
		return -1;
	r = imap_fetch_flags(s->w->imap, since, on_flags, s, e);
	return settle(s, r, e);
}

static bool
keep_id(void *ctx, const struct row *row)
{
	buf_add(ctx, &row->id, sizeof(row->id));
	return true;
}

/* Another UIDVALIDITY: what was known of the mailbox counts no more. */
static int
find_box(struct syncing *s, struct err *e)
{
	struct worker *w = s->w;
	const char *account = w->o.account->name;
	struct buf before = BUF_INIT;
	bool is_fresh = false;
	int r = cache_box(w->cache, account, w->mailbox, 0, &s->box, &is_fresh, e);

	if (r == 0 && s->box.uidvalidity != 0 && s->box.uidvalidity != w->box.uidvalidity)
		r = cache_rows(w->cache, account, keep_id, &before, e);
	if (r == 0)
		r = cache_box(
		    w->cache, account, w->mailbox, w->box.uidvalidity, &s->box, &is_fresh, e);
	rows_touched(w, 0, &before);
	buf_free(&before);
	return r;
}

/* All UIDs here and there, side by side. */
static int
compare_all(struct syncing *s, size_t n_known, uint32_t *known, struct err *e)
{
	struct sync_plan plan;
	uint32_t *there = NULL;
	size_t n_there = 0;
	int r;

	if (imap_uids(s->w->imap, &there, &n_there, e) != 0)
		return -1;
	plan_make(&plan, known, n_known, there, n_there);
	r = sync_fetch(s, plan.fresh, plan.n_fresh, e);
	if (r == 0)
		r = remove_gone(s, plan.gone, plan.n_gone, e);
	plan_free(&plan);
	free(there);
	return r;
}

/* Only additions, as nearly always while watching: no list of all UIDs. */
static bool
only_grew(const struct imap_box *now, const struct cache_box *before, size_t n_known)
{
	return before->uidnext != 0 && now->uidnext >= before->uidnext &&
	    now->exists == n_known + (now->uidnext - before->uidnext);
}

/* The newest may have come and gone between two looks: then fewer are found than UIDs
 * were given away. */
static int
fetch_tail(struct syncing *s, const struct imap_box *now, size_t *n_r, struct err *e)
{
	uint32_t uids[PLAN_BATCH];
	uint64_t before = s->in.count;
	size_t n = 0;

	for (uint32_t uid = now->uidnext; uid > s->box.uidnext && n < PLAN_BATCH;)
		uids[n++] = --uid;
	if (sync_fetch(s, uids, n, e) != 0)
		return -1;
	*n_r = (size_t)(s->in.count - before);
	return 0;
}

/* Both ends have what the other has: nothing more can be missing. */
static int
read_tail(
    struct syncing *s, const struct imap_box *now, size_t n_known, bool *is_whole_r, struct err *e)
{
	size_t n = 0;

	*is_whole_r = false;
	if (s->box.uidnext == 0 || now->uidnext < s->box.uidnext ||
	    now->uidnext - s->box.uidnext > PLAN_BATCH)
		return 0;
	if (fetch_tail(s, now, &n, e) != 0)
		return -1;
	*is_whole_r = now->exists == n_known + n;
	return 0;
}

/* What the server told in the answer to SELECT. Of UIDs that were never known it may
 * tell as it likes; the count shows what it did not tell. */
static int
apply_delta(struct syncing *s, uint32_t *known, size_t *n_known, struct err *e)
{
	uint32_t *gone = xcalloc(*n_known + 1, sizeof(*gone));
	size_t n_gone = plan_gone(&s->delta.gone, known, n_known, gone);
	int r = remove_gone(s, gone, n_gone, e);

	free(gone);
	if (r != 0 || s->delta.flags.len == 0)
		return r;
	if (cache_begin(s->w->cache, e) != 0)
		return -1;
	(void)imap_delta_flags(&s->delta, on_flags, s);
	return settle(s, 0, e);
}

static bool
has_delta(const struct syncing *s)
{
	return s->delta.is_whole && s->box.modseq != 0 && s->box.modseq >= s->delta.since;
}

static int
read_messages(struct syncing *s, const struct imap_box *now, struct err *e)
{
	struct worker *w = s->w;
	uint32_t *known = NULL;
	bool is_whole = false;
	size_t n = 0;
	int r;

	if (cache_uids(w->cache, &s->box, &known, &n, e) != 0 ||
	    cache_mix(w->cache, &s->box, &s->in.n_ordinary, &s->in.n_seen, e) != 0)
		return -1;
	r = has_delta(s) ? apply_delta(s, known, &n, e) : 0;
	if (r == 0 && (has_delta(s) || only_grew(now, &s->box, n)))
		r = read_tail(s, now, n, &is_whole, e);
	if (r != 0 || is_whole) {
		free(known);
		return r;
	}
	if (n == 0 && now->exists > PLAN_FIRST) {
		r = sync_first_screen(s, e);
		free(known);
		known = NULL;
	}
	if (r == 0 && known == NULL)
		r = cache_uids(w->cache, &s->box, &known, &n, e);
	if (r == 0)
		r = online_select(w, w->mailbox, w->o.read_only, e);
	if (r == 0)
		r = compare_all(s, n, known, e);
	free(known);
	return r;
}

void
sync_known(struct worker *w, struct imap_known *known)
{
	struct cache_box box = {.modseq = 0};
	uint32_t *uids = NULL;
	bool is_fresh;
	struct err e;

	*known = (struct imap_known){.modseq = 0};
	if (w->cache == NULL ||
	    cache_box(w->cache, w->o.account->name, w->mailbox, 0, &box, &is_fresh, &e) != 0 ||
	    box.modseq == 0 || cache_uids(w->cache, &box, &uids, &known->n, &e) != 0)
		return;
	known->uids = uids;
	known->uidvalidity = box.uidvalidity;
	known->modseq = box.modseq;
}

/* The numbers of now, and where the server tells them the changes. */
static int
select_anew(struct syncing *s, struct err *e)
{
	struct worker *w = s->w;
	struct imap_known known;
	struct imap_box box;
	int r;

	if (w->is_box_fresh) {
		w->is_box_fresh = false;
		s->delta = w->delta;
		w->delta = (struct imap_delta){.is_whole = false};
		return online_select(w, w->mailbox, w->o.read_only, e);
	}
	if (w->imap == NULL)
		return online_select(w, w->mailbox, w->o.read_only, e); /* says why */
	sync_known(w, &known);
	r = imap_resync(w->imap, w->mailbox, w->o.read_only, &known, &box, &s->delta, e);
	free((void *)known.uids);
	online_selected(w, r == 0 ? w->mailbox : NULL, w->o.read_only);
	if (r == 0)
		w->box = box;
	return r;
}

static int
run(struct syncing *s, struct err *e)
{
	struct worker *w = s->w;
	struct imap_box now;
	uint64_t since;

	if (select_anew(s, e) != 0)
		return -1;
	now = w->box;
	if (now.uidvalidity == 0)
		return err_set(e, ERR_REFUSED,
		    "the server gives no UIDVALIDITY: nobody can tell one message from another");
	if (find_box(s, e) != 0)
		return -1;
	/* Lower than it was: the server was set back, and what it knows of changes too. */
	since = s->box.modseq <= now.modseq ? s->box.modseq : 0;
	if (read_messages(s, &now, e) != 0)
		return -1;
	if (s->box.uidnext != 0 && !has_delta(s) && (now.modseq == 0 || since != now.modseq) &&
	    read_flags(s, now.modseq != 0 ? since : 0, e) != 0)
		return -1;
	s->box.uidnext = now.uidnext;
	s->box.modseq = now.modseq;
	return cache_box_synced(w->cache, &s->box, e);
}

int
sync_imap(struct worker *w, struct err *e)
{
	struct syncing s = {.w = w};
	int r;

	intake_begin(&s.in, w, &s.box);
	r = run(&s, e);
	intake_end(&s.in);
	imap_delta_free(&s.delta);
	return r;
}
