/* A domain that fails again: what is due for its other recipients waits longer. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "msg/addr.h"
#include "work/again.h"
#include "work/later.h"
#include "work/work.h"

struct waiting {
	int64_t id;
	case_id case_id;
	int64_t created_at;
	int64_t due_at;
	int64_t new_due;
	const char *words;
	struct slice domain;
};

struct putting_off {
	struct arena *arena;
	struct waiting *list;
	size_t n, cap;
};

static bool
collect(void *ctx, const struct journal_item *item)
{
	struct putting_off *p = ctx;

	if (item->kind != JOURNAL_RESEND)
		return true;
	if (p->n == p->cap) {
		p->cap = p->cap == 0 ? 16 : 2 * p->cap;
		p->list = xrealloc(p->list, p->cap, sizeof(*p->list));
	}
	p->list[p->n++] = (struct waiting){
	    .id = item->id,
	    .case_id = item->case_id,
	    .created_at = item->created_at,
	    .due_at = item->due_at,
	    .words = arena_strdup(p->arena, item->words),
	    .domain = addr_domain(slice_of(arena_strdup(p->arena, item->recipient))),
	};
	return true;
}

/* One that brought no news yet has not failed. */
static uint32_t
failed_resends(const struct row *row)
{
	bool is_out = row->handling == HANDLING_RESENT && row->resends > 0;

	return row->resends - (is_out ? 1 : 0);
}

/* Only what nobody knew when it was put off. */
static bool
compare(void *ctx, const struct row *row)
{
	struct putting_off *p = ctx;

	if (row->lane != LANE_CASES || !later_is_of_domain(row->cause) ||
	    (row->state != STATE_TRYING && row->state != STATE_GAVE_UP))
		return true;
	for (size_t i = 0; i < p->n; i++) {
		struct waiting *x = &p->list[i];
		int64_t next = row->last_seen +
		    later_wait(row->cause, failed_resends(row), row->last_seen - row->first_seen);

		if (row->last_seen > x->created_at && next > x->due_at && next > x->new_due &&
		    slice_iis(x->domain, row->domain))
			x->new_due = next;
	}
	return true;
}

static void
put_off(struct worker *w, struct arena *a, const struct waiting *x, struct buf *touched)
{
	const char *why = arena_printf(a, "%.*s failed again", SLICE_FMT(x->domain));
	char when[WHEN_BYTES];
	bool is_done;
	struct err e;

	if (journal_put_off(w->journal, x->id, x->new_due,
		arena_printf(a, "%.*s\t%s", SLICE_FMT(again_marks(slice_of(x->words))), why),
		&is_done, &e) != 0) {
		log_line("work", "item %lld: %s", (long long)x->id, e.text);
		return;
	}
	if (!is_done)
		return;
	tell_result(
	    w, 0, &x->case_id, NULL, "put off until %s: %s", when_words(when, x->new_due), why);
	buf_add(touched, &x->case_id, sizeof(x->case_id));
}

void
put_off_due(struct worker *w)
{
	struct putting_off p = {.arena = NULL};
	struct buf touched = BUF_INIT;
	struct err e;
	int64_t next = 0;

	if (w->journal == NULL || w->o.read_only ||
	    journal_next_due(w->journal, w->o.account->name, 0, &next, &e) != 0 || next == 0)
		return;
	p.arena = arena_new();
	if (journal_due(w->journal, w->o.account->name, INT64_MAX, collect, &p, &e) != 0 ||
	    (p.n > 0 && cache_rows(w->cache, w->o.account->name, compare, &p, &e) != 0))
		log_line("work", "what is due: %s", e.text);
	for (size_t i = 0; i < p.n; i++) {
		if (p.list[i].new_due != 0)
			put_off(w, p.arena, &p.list[i], &touched);
	}
	rows_touched(w, 0, &touched);
	buf_free(&touched);
	free(p.list);
	arena_free(&p.arena);
}
