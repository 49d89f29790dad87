/* When cases change by the clock alone: an ignore ends, a resend was quiet for long. */
#include "base/clock.h"
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
	buf_free(&touched);
	buf_free(&all);
}
