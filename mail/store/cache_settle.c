/* From reports to the row of a case. All that is known of it is put in the order of
 * its dates: the result does not depend on what came first. Of a case that is new
 * all is still in memory; of others it is read again. */
#include <stdlib.h>

#include "msg/addr.h"
#include "store/cache_sql.h"

#define MAX_FACT_BYTES ((size_t)2 << 20) /* of those that are kept in memory */

struct facts {
	struct fact *list;
	size_t n;
	size_t cap;
};

static int
compare_number(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int
compare_facts(const void *x, const void *y)
{
	const struct fact *a = x;
	const struct fact *b = y;
	int r = compare_number(a->at, b->at);

	if (r == 0)
		r = compare_number(a->state, b->state);
	if (r == 0)
		r = slice_cmp(a->message_id, b->message_id);
	if (r == 0)
		r = slice_cmp(a->address, b->address);
	if (r == 0)
		r = compare_number(a->uid, b->uid);
	return r != 0 ? r : compare_number(a->box, b->box);
}

static void
read_fact(sqlite3_stmt *s, struct arena *a, struct fact *f)
{
	f->id = sqlite3_column_int64(s, 0);
	f->at = sqlite3_column_int64(s, 1);
	f->state = (enum state)sqlite3_column_int(s, 2);
	f->message_id = cache_copy(s, 3, a);
	f->address = cache_copy(s, 4, a);
	f->box = sqlite3_column_int64(s, 5);
	f->uid = sqlite3_column_int64(s, 6);
	f->action = (enum action)sqlite3_column_int(s, 7);
	f->original_recipient = cache_copy(s, 8, a);
	f->status = cache_copy(s, 9, a);
	f->reply_code = cache_copy(s, 10, a);
	f->o_subject = cache_copy(s, 11, a);
	f->o_message_id = cache_copy(s, 12, a);
	f->o_sender = cache_copy(s, 13, a);
	f->mta = cache_copy(s, 14, a);
	f->lane = (enum lane)sqlite3_column_int(s, 15);
	f->ours = cache_copy(s, 16, a);
	f->will_retry_until = sqlite3_column_int64(s, 17);
	f->is_permanent = sqlite3_column_int(s, 18) != 0;
	f->advice = (enum resend_advice)sqlite3_column_int(s, 19);
	f->causes = cache_copy(s, 20, a);
	f->is_seen = sqlite3_column_int(s, 21) != 0;
	f->kind = (enum report_kind)sqlite3_column_int(s, 22);
	f->subject = cache_copy(s, 23, a);
	f->reporting_mta = cache_copy(s, 24, a);
	f->resend = cache_copy(s, 25, a);
}

/* The same report again: another copy of it, or the message was moved. */
static bool
is_same_report(const struct fact *a, const struct fact *b)
{
	return a->at == b->at && a->state == b->state && a->message_id.n > 0 &&
	    slice_eq(a->message_id, b->message_id) && slice_eq(a->address, b->address);
}

static void
sort_facts(struct facts *all)
{
	size_t kept = 0;

	qsort(all->list, all->n, sizeof(*all->list), compare_facts);
	for (size_t i = 0; i < all->n; i++) {
		if (kept > 0 && is_same_report(&all->list[kept - 1], &all->list[i])) {
			bool is_seen = all->list[kept - 1].is_seen || all->list[i].is_seen;

			all->list[kept - 1] = all->list[i];
			all->list[kept - 1].is_seen = is_seen;
		} else {
			all->list[kept++] = all->list[i];
		}
	}
	all->n = kept;
}

static void
add_fact(struct facts *all, const struct fact *f)
{
	if (all->n == all->cap) {
		all->cap = all->cap == 0 ? 4 : all->cap * 2;
		all->list = xrealloc(all->list, all->cap, sizeof(*all->list));
	}
	all->list[all->n++] = *f;
}

#define MAX_FACTS 1000 /* the newest count */

static int
read_facts_by(
    struct cache *c, enum sql which, const struct dirty *d, struct facts *all, struct err *e)
{
	sqlite3_stmt *s = cache_stmt(c, which, e);
	int step;

	all->n = 0;
	if (s == NULL)
		return -1;
	cache_bind(s, "ii", d->account, d->case_number);
	while ((step = cache_step(c, s, e)) == 1) {
		struct fact f;

		read_fact(s, c->arena, &f);
		add_fact(all, &f);
	}
	return step;
}

/* Most cases have one report or two: SQLite need not sort them. */
static int
read_facts(struct cache *c, const struct dirty *d, struct facts *all, struct err *e)
{
	int r = read_facts_by(c, SQL_CASE_DELIVERIES, d, all, e);

	if (r == 0 && all->n > MAX_FACTS)
		r = read_facts_by(c, SQL_CASE_NEWEST, d, all, e);
	if (r == 0 && all->n > 1)
		sort_facts(all);
	return r;
}

static const struct fact *
copy_fact(struct arena *a, const struct fact *f)
{
	struct fact *copy = arena_alloc(a, sizeof(*copy));
	struct slice *const strings[] = {&copy->message_id, &copy->address,
	    &copy->original_recipient, &copy->status, &copy->reply_code, &copy->o_subject,
	    &copy->o_message_id, &copy->o_sender, &copy->mta, &copy->ours, &copy->causes,
	    &copy->subject, &copy->reporting_mta, &copy->resend};

	*copy = *f;
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		if (strings[i]->n > 0)
			*strings[i] = arena_copy(a, *strings[i]);
	return copy;
}

static bool
is_terminal(const struct fact *f)
{
	return f->state != STATE_TRYING;
}

/* Behind one address of a user may stand several: that one of them was reached does
 * not mend that another was not. */
static bool
is_mended(const struct fact *failure, const struct fact *success)
{
	struct slice to = failure->original_recipient;

	return failure->address.n == 0 || success->address.n == 0 || to.n == 0 ||
	    addr_same(failure->address, to) || addr_same(failure->address, success->address);
}

#define CLOCK_SLACK_S 3600

/* That it was passed on is no end: what failed at the next server did so, whatever the
 * clocks of the two say. */
static bool
is_passed_on(const struct fact *failure, const struct fact *relayed)
{
	return relayed->action == ACTION_RELAYED &&
	    (failure->state == STATE_GAVE_UP || failure->state == STATE_REFUSED) &&
	    failure->at >= relayed->at - CLOCK_SLACK_S &&
	    slice_eq(failure->resend, relayed->resend);
}

/* Which report the state comes from: the last word, where a delivery is not
 * taken back by a late warning of the same queue. */
static const struct fact *
choose(const struct facts *all)
{
	const struct fact *chosen = &all->list[0];

	for (size_t i = 1; i < all->n; i++) {
		const struct fact *f = &all->list[i];

		if (f->state == STATE_DELIVERED && chosen->state != STATE_DELIVERED &&
		    (!is_mended(chosen, f) || is_passed_on(chosen, f)))
			continue;
		if (is_terminal(f) || chosen->state != STATE_DELIVERED || !is_mended(f, chosen))
			chosen = f;
	}
	return chosen;
}

/* The newest that says anything. */
static struct slice
newest(const struct facts *all, size_t offset)
{
	for (size_t i = all->n; i-- > 0;) {
		const struct slice *s =
		    (const struct slice *)(const void *)((const char *)&all->list[i] + offset);

		if (s->n > 0)
			return *s;
	}
	return SLICE_EMPTY;
}

static char
letter_of(const struct fact *f)
{
	if (f->kind != KIND_BOUNCE && f->kind != KIND_DELIVERED)
		return '\0';
	if (f->state == STATE_TRYING)
		return 'o';
	return f->state == STATE_DELIVERED ? 'v' : 'x';
}

static const char *
told_of(const struct facts *all, struct arena *a)
{
	struct buf b = BUF_INIT;
	const char *told;

	for (size_t i = 0; i < all->n; i++)
		if (letter_of(&all->list[i]) != '\0')
			buf_addf(&b, "%s%c@%lld", b.len > 0 ? " " : "", letter_of(&all->list[i]),
			    (long long)all->list[i].at);
	told = arena_slicedup(a, buf_slice(&b));
	buf_free(&b);
	return told;
}

/* One proof in any of the reports is proof enough. */
static const struct fact *
lane_of(const struct facts *all, const struct fact *chosen)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].lane == LANE_CASES && chosen->lane == LANE_NOT_OURS)
			return &all->list[i];
	return chosen;
}

static struct slice
lower(struct arena *a, struct slice s)
{
	char *p = arena_slicedup(a, s);

	for (size_t i = 0; i < s.n; i++)
		p[i] = ascii_lower(p[i]);
	return (struct slice){p, s.n};
}

/* What was done with it, as cache_handled was told. */
struct done {
	int64_t handling, handled_at, due_at, resends;
	const char *trail;
};

static int
read_done(struct cache *c, int64_t number, struct done *d, struct err *e)
{
	sqlite3_stmt *s = cache_stmt(c, SQL_HANDLED_FIND, e);
	int step;

	*d = (struct done){.trail = ""};
	if (c->handled == KNOWN_NONE)
		return 0;
	if (s == NULL)
		return -1;
	cache_bind(s, "i", number);
	step = cache_step(c, s, e);
	if (step == 1) {
		d->handling = sqlite3_column_int64(s, 0);
		d->handled_at = sqlite3_column_int64(s, 1);
		d->due_at = sqlite3_column_int64(s, 2);
		d->resends = sqlite3_column_int64(s, 3);
		d->trail = arena_slicedup(c->arena, cache_text(s, 4));
		sqlite3_reset(s);
	}
	return step < 0 ? -1 : 0;
}

/* To whom it was written: as the first report says. A later one may tell of an
 * address behind a forwarder, and nothing may be sent there. */
static struct slice
recipient_of(const struct facts *all)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct fact *f = &all->list[i];

		if (f->original_recipient.n > 0 || f->address.n > 0)
			return f->original_recipient.n > 0 ? f->original_recipient : f->address;
	}
	return SLICE_EMPTY;
}

static int
write_row(struct cache *c, const struct dirty *d, const struct facts *all, const struct done *done,
    struct err *e)
{
	const struct fact *f = choose(all);
	const struct fact *last = &all->list[all->n - 1];
	const struct fact *lane = lane_of(all, f);
	struct slice recipient = recipient_of(all);
	struct slice subject = newest(all, offsetof(struct fact, o_subject));
	struct slice status = f->status.n > 0 ? f->status : f->reply_code;
	const char *told = told_of(all, c->arena);
	struct cause_hit hits[REPORT_MAX_CAUSES];
	size_t n_hits = causes_read(f->causes, hits);
	struct buf trail = BUF_INIT;
	int result;

	trail_merge(&trail, told, done->trail);
	if (subject.n == 0 && lane->lane != LANE_CASES && lane->lane != LANE_NOT_OURS)
		subject = last->subject;
	result = cache_run(c, SQL_CASE_ADD, e, "iiiisssssssstsiiiiiiiiiiiiii", d->account, last->at,
	    d->case_number, all->list[0].at, recipient, lower(c->arena, addr_domain(recipient)),
	    status, subject, newest(all, offsetof(struct fact, o_message_id)),
	    newest(all, offsetof(struct fact, o_sender)),
	    last->mta.n > 0 ? last->mta : last->reporting_mta, buf_slice(&trail), told, lane->ours,
	    f->state == STATE_TRYING ? f->will_retry_until : (int64_t)0, (int64_t)all->n, last->uid,
	    (int64_t)f->state, (int64_t)(n_hits > 0 ? hits[0].cause : CAUSE_UNKNOWN),
	    (int64_t)lane->lane, (int64_t)f->advice, (int64_t)!last->is_seen,
	    (int64_t)f->is_permanent, done->handling, done->handled_at, done->due_at, done->resends,
	    f->id);
	buf_free(&trail);
	return result;
}

/* If the case was not known before this transaction, its facts are those that were
 * put, and nothing need be read. *is_new_r is false if it was known. */
static int
settle_new(struct cache *c, const struct dirty *d, size_t n, struct facts *all, bool *is_new_r,
    struct err *e)
{
	struct done done;

	*is_new_r = false;
	all->n = 0;
	if (n > MAX_FACTS)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (d[i].fact == NULL)
			return 0;
		add_fact(all, d[i].fact);
	}
	if (read_done(c, d->case_number, &done, e) < 0)
		return -1;
	if (n > 1)
		sort_facts(all);
	if (write_row(c, d, all, &done, e) < 0)
		return -1;
	*is_new_r = sqlite3_changes(c->db) > 0;
	return 0;
}

static int
settle_known(struct cache *c, const struct dirty *d, struct facts *all, struct err *e)
{
	struct done done;

	if (read_facts(c, d, all, e) < 0 || read_done(c, d->case_number, &done, e) < 0)
		return -1;
	/* All reports of it went, but not what we did with it. */
	if (all->n == 0 &&
	    (done.handling != HANDLING_OPEN || done.resends > 0 || done.trail[0] != '\0'))
		return cache_run(c, SQL_CASE_EMPTY, e, "ii", d->case_number, d->account);
	if (cache_run(c, SQL_CASE_DELETE, e, "ii", d->case_number, d->account) < 0)
		return -1;
	return all->n == 0 ? 0 : write_row(c, d, all, &done, e);
}

static int
compare_dirty(const void *x, const void *y)
{
	const struct dirty *a = x;
	const struct dirty *b = y;
	int r = compare_number(a->case_number, b->case_number);

	return r != 0 ? r : compare_number(a->account, b->account);
}

/* The same case comes as often as reports of it were put. */
static size_t
same_case(const struct dirty *list, size_t n)
{
	size_t i = 1;

	while (i < n && compare_dirty(&list[0], &list[i]) == 0)
		i++;
	return i;
}

int
cache_settle(struct cache *c, struct err *e)
{
	struct dirty *list = (struct dirty *)(void *)c->dirty.data;
	size_t n = c->dirty.len / sizeof(*list);
	struct facts all = {NULL, 0, 0};
	int result = cache_know(c, SQL_HANDLED_ANY, &c->handled, e);

	if (n > 1)
		qsort(list, n, sizeof(*list), compare_dirty);
	for (size_t i = 0; i < n && result == 0;) {
		size_t same = same_case(&list[i], n - i);
		bool is_new;

		result = settle_new(c, &list[i], same, &all, &is_new, e);
		if (result == 0 && !is_new)
			result = settle_known(c, &list[i], &all, e);
		arena_reset(c->arena);
		i += same;
	}
	free(all.list);
	cache_clean(c);
	return result;
}

void
cache_clean(struct cache *c)
{
	buf_clear(&c->dirty);
	arena_reset(c->facts);
}

void
cache_touch_fact(
    struct cache *c, int64_t account, int64_t number, const struct fact *f, struct buf *touched)
{
	struct dirty d = {account, number, NULL};

	if (f != NULL && arena_used(c->facts) < MAX_FACT_BYTES)
		d.fact = copy_fact(c->facts, f);
	buf_add(&c->dirty, &d, sizeof(d));
	if (touched != NULL) {
		case_id id = case_of_number(number);

		buf_add(touched, &id, sizeof(id));
	}
}

void
cache_touch(struct cache *c, int64_t account, int64_t number, struct buf *touched)
{
	cache_touch_fact(c, account, number, NULL, touched);
}

int
cache_touch_message(struct cache *c, int64_t box, int64_t uid, struct buf *touched, struct err *e)
{
	sqlite3_stmt *s = cache_stmt(c, SQL_DELIVERY_CASES, e);
	int step;

	if (s == NULL)
		return -1;
	cache_bind(s, "ii", box, uid);
	while ((step = cache_step(c, s, e)) == 1)
		cache_touch(c, sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), touched);
	return step;
}
