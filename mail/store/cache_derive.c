/* Words are derived: causes follow the tables of the program that runs, not of
 * the one that read the report. */
#include <stdio.h>
#include <stdlib.h>

#include "bounce/cause.h"
#include "store/cache_sql.h"

#define MAX_EVIDENCE_BYTES 1024

static void
add_plain(struct buf *out, struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_addc(out, s.p[i] == '\n' || s.p[i] == '\t' || s.p[i] == '\0' ? ' ' : s.p[i]);
}

void
causes_write(struct buf *out, const struct recipient *r)
{
	for (size_t i = 0; i < r->n_causes; i++) {
		const struct cause_hit *hit = &r->causes[i];

		buf_addf(out, "%s\t%.0f\t", cause_id(hit->cause), hit->weight * 1000);
		add_plain(out, slice_sub(hit->evidence, 0, MAX_EVIDENCE_BYTES));
		buf_addc(out, '\n');
	}
}

static struct slice
take_until(struct slice *rest, char c)
{
	size_t n = slice_chr(*rest, c);
	struct slice part = slice_sub(*rest, 0, n == SLICE_NONE ? rest->n : n);

	*rest = slice_from(*rest, n == SLICE_NONE ? rest->n : n + 1);
	return part;
}

size_t
causes_read(struct slice text, struct cause_hit hits[REPORT_MAX_CAUSES])
{
	size_t n = 0;

	while (text.n > 0 && n < REPORT_MAX_CAUSES) {
		struct slice line = take_until(&text, '\n');
		enum cause cause = cause_by_id(take_until(&line, '\t'));
		struct slice weight = take_until(&line, '\t');
		unsigned thousandths = 0;

		for (size_t i = 0; i < weight.n && i < 4 && ascii_isdigit(weight.p[i]); i++)
			thousandths = thousandths * 10 + (unsigned)(weight.p[i] - '0');
		if (cause == CAUSE_COUNT)
			continue; /* a cause that this program does not know any more */
		hits[n++] = (struct cause_hit){
		    .cause = cause, .weight = thousandths / 1000.0, .evidence = line};
	}
	return n;
}

/* As a reader of reports advises, from the state and the best cause. */
static enum resend_advice
advice_of(const struct recipient *r)
{
	enum resend_advice x = r->state == STATE_REFUSED ? RESEND_AFTER_FIX : RESEND_ASK;

	if (r->state == STATE_TRYING)
		return RESEND_WAIT;
	if (r->state == STATE_DELIVERED)
		return RESEND_NO;
	if (r->n_causes > 0) {
		const struct cause_hit *hit = &r->causes[0];

		x = hit->row != NULL ? hit->row->resend : cause_info(hit->cause)->resend;
	}
	return x == RESEND_WAIT && r->state == STATE_GAVE_UP ? RESEND_YES : x;
}

void
causes_derive(struct arena *a, struct recipient *r, struct slice reporting_mta)
{
	struct cause_hit hits[REPORT_MAX_CAUSES];
	struct cause_input in = {
	    r->diagnostic, SLICE_EMPTY, r->status, r->reply_code, r->remote_mta, reporting_mta};
	struct buf words = BUF_INIT;
	size_t n;

	/* The words beside the diagnostic are not kept, but what counted of them is. */
	for (size_t i = 0; i < r->n_causes; i++) {
		buf_addslice(&words, r->causes[i].evidence);
		buf_addc(&words, '\n');
	}
	in.text = arena_copy(a, buf_slice(&words));
	buf_free(&words);
	memset(hits, 0, sizeof(hits));
	n = cause_rank(a, &in, hits);
	if (n == 0)
		return;
	memcpy(r->causes, hits, sizeof(hits));
	r->n_causes = n;
	r->resend = advice_of(r);
}

static uint64_t
mix(uint64_t h, const void *data, size_t n)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 1099511628211u; /* FNV-1a */
	return h;
}

int64_t
tables_version(void)
{
	uint64_t h = 14695981039346656037u;

	for (int i = 0; i < CAUSE_COUNT; i++) {
		const struct cause_info *info = cause_info((enum cause)i);

		h = mix(h, info->id, strlen(info->id) + 1);
		h = mix(h, &info->resend, sizeof(info->resend));
	}
	for (size_t i = 0; i < diagnostic_table_n; i++) {
		const struct diagnostic_info *d = &diagnostic_table[i];

		h = mix(h, d->pattern, strlen(d->pattern) + 1);
		h = mix(h, d->codes, strlen(d->codes) + 1);
		h = mix(h, &d->cause, sizeof(d->cause));
		h = mix(h, &d->resend, sizeof(d->resend));
		h = mix(h, &d->tier, sizeof(d->tier));
	}
	return (int64_t)(h >> 1);
}

struct derived {
	int64_t id;
	enum resend_advice advice;
	char *causes;
};

/* One row of SQL_DERIVE_ALL; `causes` is NULL if nothing changes. */
static struct derived
derive_row(struct cache *c, sqlite3_stmt *s)
{
	struct recipient r = {.state = (enum state)sqlite3_column_int(s, 3),
	    .status = cache_text(s, 4),
	    .reply_code = cache_text(s, 5),
	    .diagnostic = cache_text(s, 6),
	    .remote_mta = cache_text(s, 7),
	    .resend = (enum resend_advice)sqlite3_column_int(s, 9)};
	struct derived d = {.id = sqlite3_column_int64(s, 0)};
	struct buf out = BUF_INIT;

	cache_touch(c, sqlite3_column_int64(s, 1), sqlite3_column_int64(s, 2), NULL);
	r.n_causes = causes_read(cache_text(s, 8), r.causes);
	if (r.state != STATE_DELIVERED)
		causes_derive(c->arena, &r, cache_text(s, 10));
	d.advice = r.resend;
	causes_write(&out, &r);
	if (d.advice != (enum resend_advice)sqlite3_column_int(s, 9) ||
	    !slice_eq(buf_slice(&out), cache_text(s, 8)))
		d.causes = buf_take(&out);
	buf_free(&out);
	return d;
}

static int
store_derived(struct cache *c, struct derived *all, size_t n, struct err *e)
{
	int result = 0;

	for (size_t i = 0; i < n; i++) {
		if (all[i].causes != NULL && result == 0)
			result = cache_run(c, SQL_DERIVE_SET, e, "iti", all[i].id, all[i].causes,
			    (int64_t)all[i].advice);
		free(all[i].causes);
	}
	return result;
}

/* The next thousand after *id; 1 while there are more. */
static int
derive_some(struct cache *c, int64_t *id, struct err *e)
{
	struct derived all[1000];
	sqlite3_stmt *s = cache_stmt(c, SQL_DERIVE_ALL, e);
	size_t n = 0;
	int step = -1;

	if (s == NULL)
		return -1;
	cache_bind(s, "i", *id);
	while (n < 1000 && (step = cache_step(c, s, e)) == 1) {
		all[n++] = derive_row(c, s);
		arena_reset(c->arena);
	}
	sqlite3_reset(s);
	if (n > 0)
		*id = all[n - 1].id;
	if (store_derived(c, all, n, e) < 0 || step < 0)
		return -1;
	return n == 1000;
}

int
cache_derive_all(struct cache *c, struct err *e)
{
	int64_t id = 0;
	int more;

	if (cache_begin(c, e) < 0)
		return -1;
	do {
		more = derive_some(c, &id, e);
	} while (more == 1);
	if (more == 0 && cache_run(c, SQL_TABLES_SET, e, "i", tables_version()) < 0)
		more = -1;
	if (more < 0) {
		struct err ignored;

		c->has_failed = true;
		cache_commit(c, &ignored); /* rolls back; the first failure is told */
		return -1;
	}
	return cache_commit(c, e);
}
