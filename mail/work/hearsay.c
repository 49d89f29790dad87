#include "work/hearsay.h"

#include <stdlib.h>

#include "base/clock.h"
#include "work/keywords.h"

/* Has its last deed gone to the server? Until then the keyword there is of before. */
static bool
is_told(struct worker *w, const struct handled *h)
{
	struct arena *a = arena_new();
	const char *marked = "";
	char *rest;
	struct err e;
	bool is = false;

	if (journal_recall(w->journal, arena_printf(a, "marked:%s", w->o.account->name), a, &marked,
		&e) == 0) {
		(void)strtoll(marked, &rest, 10);
		is = strtoll(rest, NULL, 10) >= h->last_item;
	}
	arena_free(&a);
	return is;
}

void
hearsay_ignored(struct worker *w, const struct row *row, struct handled *h)
{
	bool is_ignored = false;
	struct err e;

	/* Of an ignore of its own the keyword may have been left; of before a resend it stands
	 * on older reports. */
	if (h->handling != HANDLING_OPEN || h->is_ignored_here)
		return;
	if (cache_has_keyword(w->cache, &row->id, h->resends > 0 ? row->uid : 0,
		keyword_of(HANDLING_IGNORED), &is_ignored, &e) != 0 ||
	    !is_ignored || (h->has_ignored && !handled_is_hearsay(h) && !is_told(w, h)))
		return;
	h->handling = HANDLING_IGNORED;
	h->handled_at = row->last_seen;
	h->ignored_until = 0;
	h->words[0] = '\0';
}

void
hearsay_noted(struct worker *w, const struct row *row, struct handled *h)
{
	bool is_noted = false;
	struct err e;

	/* Its own stands on no report that came after it. */
	if (h->handling != HANDLING_OPEN || row->uid == 0 ||
	    cache_has_keyword(
		w->cache, &row->id, row->uid, keyword_of(HANDLING_NOTED), &is_noted, &e) != 0 ||
	    !is_noted)
		return;
	h->handling = HANDLING_NOTED;
	h->handled_at = row->last_seen;
	h->words[0] = '\0';
}

int
hearsay_taken_back(struct worker *w, const case_id *id, struct err *e)
{
	struct handled h;
	struct journal_item item = {
	    .kind = JOURNAL_UNIGNORE,
	    .state = JOURNAL_SENT,
	    .case_id = *id,
	    .account = w->o.account->name,
	    .words = HANDLED_HEARSAY,
	    .created_at = clock_now(),
	};
	bool is_told = false;

	if (!id_set_has(&w->handled, id) || w->journal == NULL || w->o.read_only)
		return 0;
	if (handled_of_case(w, id, &h, e) != 0 ||
	    cache_has_keyword(w->cache, id, 0, keyword_of(HANDLING_IGNORED), &is_told, e) != 0)
		return -1;
	if (h.handling != HANDLING_IGNORED || is_told)
		return 0;
	item.due_at = item.started_at = item.ended_at = item.created_at;
	return journal_add(w->journal, &item, 1, e);
}
