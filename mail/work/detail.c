#include "base/clean.h"
#include "base/clock.h"
#include "work/work.h"

#define OUTAGE_SPAN_S 86400

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

int
detail_fill(struct cache *c, const struct account *account, const case_id *id, struct arena *a,
    struct detail *d, struct err *e)
{
	struct explain_input in;

	if (cache_detail(c, id, a, d, e) != 0)
		return -1;
	in = (struct explain_input){
	    .recipient = &d->recipient,
	    .mta = d->report.mta,
	    .arrival_date = d->report.arrival_date,
	    .now = clock_now(),
	};
	d->explanation = arena_calloc(a, 1, sizeof(*d->explanation));
	explain(a, &in, d->explanation);
	d->verdict = verdict(c, account, a, &d->row);
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
	put(out, answer);
	put(out, letter_new(LETTER_DONE, l->request));
}
