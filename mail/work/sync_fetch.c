/* Fetches messages slice by slice, the newest first. The server works on the next
 * command while this one's answer is read; letters are heard between transactions.
 *
 * Where much of the mailbox is people's mail, a message is fetched in two steps: the
 * fields of its header that tell, and the rest of it if it may be a report. */
#include <poll.h>

#include "base/clock.h"
#include "bounce/sift.h"
#include "work/plan.h"
#include "work/sync_imap.h"

#define TURN_MS 400 /* so long a transaction: each commit writes pages all over the file */
#define TURN_MESSAGES 2000
#define MANY 200000     /* messages: the indices of cases outgrow a small memory */
#define SECOND_BATCH 20 /* so many that may be reports are worth a command */
#define MIX_SAMPLE 40   /* so many messages tell whether people's mail comes here too */

/* One command. */
struct step {
	struct imap_range ranges[PLAN_BATCH];
	struct imap_ranges set;
	size_t n; /* UIDs in it */
	bool is_second;
};

struct fetching {
	struct syncing *s;
	const uint32_t *uids;
	size_t n, at, slice;
	bool in_two_steps;
};

struct cache_message
sync_message(const struct imap_message *m)
{
	return (struct cache_message){
	    .uid = m->uid,
	    .size = m->size,
	    .internal_date = m->internal_date,
	    .seen = m->seen,
	    .keywords = m->keywords,
	    .n_keywords = m->n_keywords,
	    .path = "",
	};
}

static bool
on_message(void *ctx, const struct imap_message *m)
{
	struct syncing *s = ctx;
	struct cache_message c = sync_message(m);

	if (m->is_head)
		return intake_head(&s->in, &c, m->bytes);
	return intake_message(&s->in, &c, m->bytes, m->size > m->bytes.n);
}

int
sync_first_screen(struct syncing *s, struct err *e)
{
	int r;

	if (sync_begin(s, e) != 0)
		return -1;
	r = imap_fetch_last(s->w->imap, &s->w->box, PLAN_FIRST, INTAKE_PEEK, on_message, s, e);
	if (sync_end(s, r, e) != 0)
		return -1;
	return sync_stopped(s->w, e);
}

/* The first of the n UIDs, as many as a slice and a command take. */
static void
take_some(struct step *step, const uint32_t *uids, size_t n, size_t slice)
{
	step->n = n < slice ? n : slice;
	step->set.ranges = step->ranges;
	while ((step->set.n = plan_ranges(uids, step->n, step->ranges)) > IMAP_MAX_RANGES)
		step->n /= 2;
}

/* A quarter of ordinary mail pays for the second step. Once in two steps, less does. */
static void
choose_way(struct fetching *f)
{
	struct intake *in = &f->s->in;

	if (in->n_seen < MIX_SAMPLE)
		return;
	f->in_two_steps = in->n_ordinary * (f->in_two_steps ? 8 : 4) >= in->n_seen;
	in->n_seen = in->n_ordinary = 0;
}

/* The first of those that may be reports; false if they are not worth a command yet. */
static bool
take_second(struct fetching *f, struct step *step, struct buf *uids, uint32_t peek)
{
	size_t n = uids->len / sizeof(uint32_t), taken;

	if (n == 0 || (n < SECOND_BATCH && f->at < f->n))
		return false;
	take_some(step, (const uint32_t *)(const void *)uids->data, n, PLAN_BATCH);
	taken = step->n * sizeof(uint32_t);
	memmove(uids->data, uids->data + taken, uids->len - taken);
	buf_truncate(uids, uids->len - taken);
	step->set.peek = peek;
	return true;
}

static void
next_step(struct fetching *f, struct step *step)
{
	struct intake *in = &f->s->in;

	step->set = (struct imap_ranges){.n = 0};
	step->is_second = take_second(f, step, &in->likely, 0) ||
	    take_second(f, step, &in->perhaps, INTAKE_PERHAPS);
	if (step->is_second)
		return;
	choose_way(f);
	take_some(step, f->uids + f->at, f->n - f->at, f->slice);
	step->set.fields = f->in_two_steps ? sift_fields : NULL;
	f->at += step->n;
}

/* Several slices go into one transaction, unless a letter waits for its end. */
static bool
is_turn(const struct syncing *s)
{
	struct pollfd letters = {.fd = queue_fd(s->w->in), .events = POLLIN};

	return clock_mono_ms() - s->turned_ms >= TURN_MS ||
	    s->in.count - s->turned_at >= TURN_MESSAGES || poll(&letters, 1, 0) != 0;
}

static int
run_step(struct fetching *f, struct step *now, struct step *next, struct err *e)
{
	int64_t begun = clock_mono_ms();
	int r;

	next_step(f, next);
	r = imap_fetch(f->s->w->imap, &now->set, &next->set, INTAKE_PEEK, on_message, f->s, e);
	if (!now->is_second)
		f->slice = plan_slice(f->slice, clock_mono_ms() - begun);
	if (r == 0 && next->n == 0)
		next_step(f, next); /* what this one found */
	return r;
}

int
sync_fetch(struct syncing *s, const uint32_t *uids, size_t n, struct err *e)
{
	struct fetching f = {.s = s, .uids = uids, .n = n, .slice = PLAN_FIRST};
	struct step steps[2];
	unsigned turn = 0;
	bool is_open = false;

	if (n >= MANY)
		cache_work(s->w->cache);
	buf_clear(&s->in.likely);
	buf_clear(&s->in.perhaps);
	s->in.n_asked = n;
	next_step(&f, &steps[0]);
	while (steps[turn].n > 0) {
		struct step *now = &steps[turn], *next = &steps[turn = !turn];
		int r;

		if (!is_open && sync_begin(s, e) != 0)
			return -1;
		r = run_step(&f, now, next, e);
		if (r == 0 && n > PLAN_FIRST)
			tell_progress(s->w, f.at - next->n, n, "messages read");
		is_open = r == 0 && next->n > 0 && !is_turn(s);
		if (!is_open && (sync_end(s, r, e) != 0 || sync_stopped(s->w, e) != 0))
			return -1;
	}
	return 0;
}
