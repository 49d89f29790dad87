/* Reads a Maildir, a folder of files or an mbox. Nothing in it is changed. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/box.h"
#include "work/intake.h"
#include "work/local.h"
#include "work/plan.h"

#define FIRST_TURN 100 /* a screenful and more, at once */
#define TURN_MS \
	500 /* then so long a transaction: UIDs are hashes, and each commit writes
			* pages all over the file */
#define LOCAL_VALIDITY 1

struct scan {
	struct worker *w;
	struct cache_box box;
	struct intake in;
	uint32_t *known; /* ascending */
	size_t n_known;
	struct buf there; /* UIDs that were seen */
	uint64_t count;
	int64_t turned_ms;
	uint64_t unread; /* files that could not be read */
	bool is_stopped;
	bool has_failed;
	struct err err;
};

static int
compare_uids(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static bool
is_known(const struct scan *s, uint32_t uid)
{
	return s->n_known > 0 &&
	    bsearch(&uid, s->known, s->n_known, sizeof(uid), compare_uids) != NULL;
}

uint32_t
local_uid(const struct worker *w, const struct box_message *m)
{
	if (w->o.account->source.scheme == URL_MBOX)
		return local_uid_of_bytes(m->bytes);
	return local_uid_of_file(slice_of(w->mailbox), slice_of(m->name));
}

static bool
fail(struct scan *s, const struct err *e)
{
	if (!s->has_failed)
		s->err = *e;
	s->has_failed = true;
	return false;
}

/* Commits, shows, hears letters, begins anew. */
static bool
turn(struct scan *s)
{
	struct err e;

	if (!intake_drain(&s->in))
		return fail(s, &s->in.err);
	if (cache_commit(s->w->cache, &e) != 0)
		return fail(s, &e);
	rows_touched(s->w, 0, &s->in.touched);
	s->is_stopped = !work_breathe(s->w);
	s->turned_ms = clock_mono_ms();
	if (cache_begin(s->w->cache, &e) != 0)
		return fail(s, &e);
	return !s->is_stopped;
}

static bool
on_file(void *ctx, const struct box_message *m)
{
	struct scan *s = ctx;
	struct cache_message c = {
	    .uid = local_uid(s->w, m),
	    .size = (uint32_t)m->bytes.n,
	    .internal_date = m->mtime,
	    .seen = m->seen,
	    .path = m->name,
	};

	if (m->error != NULL) {
		s->unread++;
		return true;
	}
	buf_add(&s->there, &c.uid, sizeof(c.uid));
	if (!is_known(s, c.uid) && !intake_message(&s->in, &c, m->bytes, false))
		return s->in.has_failed ? fail(s, &s->in.err) : false;
	if (++s->count == FIRST_TURN || clock_mono_ms() - s->turned_ms >= TURN_MS)
		return turn(s);
	return true;
}

static int
forget_gone(struct scan *s, struct err *e)
{
	size_t n = s->there.len / sizeof(uint32_t);
	uint32_t *there = (uint32_t *)(void *)s->there.data;
	struct sync_plan plan;
	int r = 0;

	if (n > 0)
		qsort(there, n, sizeof(*there), compare_uids);
	plan_make(&plan, s->known, s->n_known, there, n);
	if (plan.n_gone > 0)
		r = cache_remove(s->w->cache, &s->box, plan.gone, plan.n_gone, &s->in.touched, e);
	plan_free(&plan);
	return r;
}

static int
scan(struct scan *s, struct err *e)
{
	struct worker *w = s->w;
	bool is_fresh;
	int r;

	if (cache_box(w->cache, w->o.account->name, w->mailbox, LOCAL_VALIDITY, &s->box, &is_fresh,
		e) != 0 ||
	    cache_uids(w->cache, &s->box, &s->known, &s->n_known, e) != 0 ||
	    cache_begin(w->cache, e) != 0)
		return -1;
	r = box_walk(w->mailbox, on_file, s, e);
	if (!intake_drain(&s->in))
		fail(s, &s->in.err);
	if (s->has_failed) {
		*e = s->err;
		r = -1;
	} else if (s->is_stopped) {
		r = err_set(e, ERR_CANCELLED, "stopped");
	}
	if (r == 0 && s->unread == 0) /* what cannot be read is not gone */
		r = forget_gone(s, e);
	if (cache_commit(w->cache, s->has_failed ? &s->err : e) != 0)
		r = -1;
	rows_touched(w, 0, &s->in.touched);
	if (r == 0 && s->unread > 0)
		tell_status(w, ONLINE_LOCAL, NULL, "%llu files could not be read",
		    (unsigned long long)s->unread);
	return r;
}

int
sync_local(struct worker *w, struct err *e)
{
	struct scan s = {.w = w, .turned_ms = clock_mono_ms()};
	int r;

	intake_begin(&s.in, w, &s.box);
	cache_work(w->cache);
	r = scan(&s, e);
	intake_end(&s.in);
	buf_free(&s.there);
	free(s.known);
	return r;
}
