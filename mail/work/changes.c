/* When cases change by the clock alone: an ignore ends, a resend was quiet for long. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "work/work.h"

struct change {
	case_id id;
	int64_t at;
};

void
changes_add(struct worker *w, const case_id *id, int64_t at)
{
	struct change c = {*id, at};

	/* A command ends before its time comes. */
	if (at == 0 || !w->o.watch)
		return;
	buf_add(&w->changes, &c, sizeof(c));
	if (w->next_change == 0 || at < w->next_change)
		w->next_change = at;
}

/* Cases that are known by the keywords of others alone: the journal says nothing. */
void
changes_quiet(struct worker *w)
{
	int64_t now = clock_now();
	struct buf ids = BUF_INIT, touched = BUF_INIT;
	const case_id *list;
	struct arena *a = arena_new();
	struct err e;

	if (cache_resent_before(w->cache, now - HANDLED_SILENCE_S + 1, &ids, &e) != 0)
		log_line("work", "what is quiet: %s", e.text);
	list = (const case_id *)(const void *)ids.data;
	for (size_t i = 0; i < ids.len / sizeof(*list); i++) {
		struct handled h = {.handling = HANDLING_OPEN};
		struct cache_handled c;
		struct row row;

		arena_reset(a);
		if (id_set_has(&w->handled, &list[i]) ||
		    cache_row(w->cache, &list[i], a, &row, &e) != 0 ||
		    strcmp(row.account, w->o.account->name) != 0 || row.handling != HANDLING_RESENT)
			continue;
		handled_elsewhere(&h, &row, now);
		handled_to_cache(&h, &c);
		c.resends = row.resends;
		if (cache_handled(w->cache, &list[i], &c, &e) == 0)
			buf_add(&touched, &list[i], sizeof(*list));
	}
	rows_touched(w, 0, &touched);
	buf_free(&touched);
	buf_free(&ids);
	arena_free(&a);
}

void
changes_run(struct worker *w)
{
	struct buf all = w->changes;
	const struct change *list = (const struct change *)(const void *)all.data;
	struct buf touched = BUF_INIT;
	int64_t now = clock_now();

	if (w->next_change == 0 || w->next_change > now)
		return;
	w->changes = (struct buf)BUF_INIT;
	w->next_change = 0;
	for (size_t i = 0; i < all.len / sizeof(*list); i++) {
		if (list[i].at <= now)
			buf_add(&touched, &list[i].id, sizeof(case_id));
		else
			changes_add(w, &list[i].id, list[i].at);
	}
	rows_touched(w, 0, &touched);
	changes_quiet(w);
	buf_free(&touched);
	buf_free(&all);
}
