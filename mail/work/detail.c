#include "base/clean.h"
#include "base/clock.h"
#include "work/doubt.h"
#include "work/later.h"
#include "work/notes.h"

#define OUTAGE_SPAN_S 86400
#define HISTORY_SPAN_S (5 * 86400)

static bool
is_connection_cause(enum cause c)
{
	return c == CAUSE_CONNECT_TIMEOUT || c == CAUSE_CONNECT_REFUSED || c == CAUSE_NO_ROUTE ||
	    c == CAUSE_LOCAL_NET || c == CAUSE_CONN_DROP;
}

/* One bounce cannot tell them from us, several can. */
const char *
verdict_words(struct arena *a, const struct cache_outage *o, const char *domain)
{
	char when[WHEN_BYTES];

	if (o->domains >= 3)
		return arena_printf(a,
		    "%u cases of %u domains failed to connect since %s: look at your own port 25 "
		    "and network first.",
		    o->cases, o->domains, when_words(when, o->since));
	if (o->domains == 1 && o->this_domain >= 2)
		return arena_printf(a,
		    "Only %s cannot be reached since %s (%u cases), no other domain: it is theirs.",
		    clean(a, slice_of(domain)).s, when_words(when, o->since), o->this_domain);
	return "";
}

static const char *
verdict(struct cache *c, const struct account *account, struct arena *a, const struct row *row)
{
	struct cache_outage o = {0, 0, 0, 0};
	struct err e;

	if (!is_connection_cause(row->cause))
		return "";
	if (cache_outage(c, account->name, row->domain, row->last_seen - OUTAGE_SPAN_S, &o, &e) !=
	    0)
		return "";
	return verdict_words(a, &o, row->domain);
}

/* What the cause alone suggests, put later by what was tried and by how long the
 * whole domain has failed. */
static void
suggest(struct cache *c, const struct account *account, struct arena *a, struct detail *d)
{
	struct explanation *x = d->explanation;
	const struct row *row = &d->row;
	struct cache_history h = {0, 0, 0};
	char when[WHEN_BYTES];
	struct err e;
	int64_t at;

	if (x->suggest_at == 0)
		return;
	if (later_is_of_domain(row->cause) &&
	    cache_history(c, account->name, row->domain, clock_now() - HISTORY_SPAN_S,
		later_is_of_domain, &h, &e) != 0)
		return;
	if (row->last_seen > h.last)
		h.last = row->last_seen;
	at = h.last + later_wait(row->cause, row->resends, h.first == 0 ? 0 : h.last - h.first);
	if (at <= x->suggest_at)
		return;
	x->suggest_at = at;
	if (h.cases > 1)
		x->wait = arena_printf(a, "%u cases of %s failed, the last at %s: not before %s.",
		    h.cases, clean(a, slice_of(row->domain)).s, when_words(when, h.last),
		    arena_strdup(a, when_words((char[WHEN_BYTES]){""}, at)));
	else if (row->resends > 0)
		x->wait =
		    arena_printf(a, "Resent %u %s already, and it failed again: not before %s.",
			row->resends, row->resends == 1 ? "time" : "times", when_words(when, at));
	else
		x->wait = arena_printf(a, "%s has failed for long: not before %s.",
		    clean(a, slice_of(row->domain)).s, when_words(when, at));
}

int
detail_fill(struct cache *c, const struct account *account, const case_id *id, struct arena *a,
    struct detail *d, struct err *e)
{
	struct explain_input in;

	if (cache_use(c, account->name, e) != 0 || cache_detail(c, id, a, d, e) != 0)
		return -1;
	in = (struct explain_input){
	    .recipient = &d->recipient,
	    .mta = d->report.mta,
	    .arrival_date = d->report.arrival_date,
	    .now = clock_now(),
	};
	d->explanation = arena_calloc(a, 1, sizeof(*d->explanation));
	explain(a, &in, d->explanation);
	suggest(c, account, a, d);
	d->verdict = verdict(c, account, a, &d->row);
	doubt_explain(c, account, a, d);
	return 0;
}

static void
put(struct queue *out, struct letter *l)
{
	if (!queue_put_wait(out, l, -1))
		letter_free(l);
}

void
detail_serve(struct cache *c, const struct account *account, struct queue *out, struct letter *l)
{
	struct letter *answer = letter_new(LETTER_DETAILED, l->request);
	struct err e = {ERR_USAGE, "no case was named", ""};

	answer->detail = arena_calloc(answer->arena, 1, sizeof(*answer->detail));
	if (l->n_cases == 0 ||
	    detail_fill(c, account, &l->cases[0], answer->arena, answer->detail, &e) != 0) {
		answer->type = LETTER_FAILED;
		answer->detail = NULL;
		answer->err = e;
		put(out, answer);
		return;
	}
	if (answer->detail->row.lane == LANE_CASES &&
	    answer->detail->row.state != STATE_DELIVERED) {
		answer->rungs = arena_calloc(answer->arena, LADDER_MAX, sizeof(*answer->rungs));
		answer->n_rungs = ladder_make(answer->arena, answer->detail,
		    note_known_contact(
			answer->arena, account, slice_of(answer->detail->row.domain)),
		    answer->rungs);
	}
	put(out, answer);
	put(out, letter_new(LETTER_DONE, l->request));
}
