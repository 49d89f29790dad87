/* Ignore, take back, stop: into the journal, then onto the screen. */
#include "base/clock.h"
#include "work/notes.h"

bool
act_may(struct worker *w, const struct letter *l)
{
	struct err e;

	if (w->journal == NULL) {
		tell_failed(w, l->request, &w->journal_err);
		return false;
	}
	if (w->o.read_only) {
		err_set(&e, ERR_REFUSED, "nothing is changed with --read-only");
		tell_failed(w, l->request, &e);
		return false;
	}
	return true;
}

/* A deed that is done as soon as it is written. */
static int
journal_deed(struct worker *w, const case_id *id, enum journal_kind kind, struct journal_item *how,
    struct err *e)
{
	int64_t now = clock_now();
	struct journal_item item = {
	    .kind = kind,
	    .state = JOURNAL_SENT,
	    .case_id = *id,
	    .account = w->o.account->name,
	    .recipient = "",
	    .envelope_from = "",
	    .message_id = "",
	    .envelope_id = "",
	    .resent_id = "",
	    .words = how != NULL ? how->words : "",
	    .created_at = now,
	    .due_at = how != NULL && how->due_at != 0 ? how->due_at : now,
	    .started_at = how != NULL ? how->started_at : now,
	    .ended_at = now,
	};

	return journal_add(w->journal, &item, 1, e);
}

void
act_finish(struct worker *w, const struct letter *l, struct buf *touched)
{
	w->marks_are_due = true;
	rows_touched(w, l->request, touched);
	buf_free(touched);
	keywords_mark(w); /* before DONE: a headless command ends with it */
	tell_done(w, l->request);
}

static void
note_others(void *ctx, const struct cache_sent *report)
{
	bool *has_others = ctx;

	*has_others = *has_others || (report->is_last && report->has_others);
}

/* Whoever does something for everybody is told if nobody else will see it. */
static const char *
for_whom(const struct worker *w, const case_id *id)
{
	bool has_others = false;
	struct err e;

	if (!w->is_local && !online_is_alone(w) &&
	    cache_sent(w->cache, id, note_others, &has_others, &e) == 0 && has_others)
		return ", on this machine only until the other recipients of its report are "
		       "handled "
		       "too";
	if (!online_is_alone(w))
		return "";
	return w->box.read_only ? ", on this machine only: you may only read the mailbox"
				: ", on this machine only: the server keeps no keywords";
}

/* "ignored until it bounces again" */
static const char *
ignored_words(struct arena *a, const struct letter *l, const char *verb)
{
	char when[WHEN_BYTES];

	if (l->at == CASE_UNTIL_NEXT_BOUNCE)
		return arena_printf(a, "%s until it bounces again", verb);
	return l->at == 0 ? verb : arena_printf(a, "%s until %s", verb, when_words(when, l->at));
}

static int
check_ignore(struct worker *w, const struct letter *l, const case_id *id, struct arena *a,
    struct journal_item *how, struct err *e)
{
	struct handled h;
	struct row row;

	if (handled_of_case(w, id, &h, e) != 0 || cache_row(w->cache, id, a, &row, e) != 0)
		return -1;
	if (h.doubt_item != 0 || h.due_item != 0) {
		err_set(e, ERR_REFUSED, "a %s is %s",
		    (h.doubt_item != 0 ? h.is_doubt_note : h.is_due_note) ? "note" : "resend",
		    h.doubt_item != 0     ? "in doubt"
			: h.is_being_sent ? "being sent just now"
					  : "due");
		return err_todo(e, "%s",
		    h.doubt_item != 0     ? "resolve it first: say whether it went"
			: h.is_being_sent ? "wait what comes of it"
					  : "undo it first");
	}
	if (l->at > 0 && l->at <= clock_now())
		return err_set(e, ERR_USAGE, "the time is past");
	*how = (struct journal_item){
	    .words = arena_slicedup(a, slice_sub(l->text, 0, HANDLED_WORDS_BYTES - 1)),
	    .due_at = l->at,
	    .started_at = row.last_seen,
	};
	/* 1: as it is already */
	return row.handling == HANDLING_IGNORED && l->at == 0 && l->text.n == 0;
}

static void
ignore_one(struct worker *w, const struct letter *l, const case_id *id, struct buf *touched)
{
	struct arena *a = arena_new();
	struct journal_item how;
	struct err e;
	int r;

	err_clear(&e);
	r = check_ignore(w, l, id, a, &how, &e);
	if (r == 0 && !l->flag && journal_deed(w, id, JOURNAL_IGNORE, &how, &e) != 0)
		r = -1;
	if (r < 0)
		tell_result(w, l->request, id, &e, "not ignored: %s", e.text);
	else if (r == 1)
		tell_result(w, l->request, id, NULL, "is ignored already");
	else
		tell_result(w, l->request, id, NULL, "%s%s",
		    ignored_words(a, l, l->flag ? "would be ignored" : "ignored"), for_whom(w, id));
	if (r == 0 && !l->flag) {
		id_set_add(&w->handled, id);
		buf_add(touched, id, sizeof(*id));
	}
	arena_free(&a);
}

void
act_ignore(struct worker *w, struct letter *l)
{
	struct buf touched = BUF_INIT;

	if (!act_may(w, l))
		return;
	for (size_t i = 0; i < l->n_cases; i++)
		ignore_one(w, l, &l->cases[i], &touched);
	act_finish(w, l, &touched);
}

/* A resend that is due, or an ignore; words for the one who asked. */
static int
take_back(struct worker *w, const struct letter *l, const case_id *id, const struct handled *h,
    const struct row *row, const char **words_r, struct err *e)
{
	bool is_done = l->flag;
	char when[WHEN_BYTES];

	if (h->due_item != 0) {
		*words_r = l->flag ? "the resend would be taken back" : "the resend was taken back";
		if (!l->flag &&
		    journal_undo(w->journal, h->due_item, clock_now(), &is_done, e) != 0)
			return -1;
		return is_done ? 0 : err_set(e, ERR_REFUSED, "too late, it is being sent");
	}
	if (row->handling == HANDLING_IGNORED) { /* here or on another machine */
		*words_r = l->flag ? "would be no longer ignored" : "no longer ignored";
		return l->flag ? 0 : journal_deed(w, id, JOURNAL_UNIGNORE, NULL, e);
	}
	if (h->sent_at != 0)
		return err_set(
		    e, ERR_REFUSED, "too late, it was resent at %s", when_words(when, h->sent_at));
	return err_set(e, ERR_REFUSED, "there is nothing to take back");
}

static void
undo_one(struct worker *w, const struct letter *l, const case_id *id, struct buf *touched)
{
	struct arena *a = arena_new();
	const char *words = "";
	struct handled h;
	struct row row;
	struct err e;
	int r;

	err_clear(&e);
	r = handled_of_case(w, id, &h, &e) != 0 || cache_row(w->cache, id, a, &row, &e) != 0 ? -1
											     : 0;
	if (r == 0 && (h.is_due_note || l->note_end != NOTE_DISCARD))
		r = note_take_back(w, l, &row, &h, a, touched, &words, &e);
	else if (r == 0)
		r = take_back(w, l, id, &h, &row, &words, &e);
	if (r == 0)
		tell_result(w, l->request, id, NULL, "%s", words);
	else
		tell_result(w, l->request, id, &e, "not taken back: %s", e.text);
	if (!l->flag) {
		id_set_add(&w->handled, id);
		buf_add(touched, id, sizeof(*id));
	}
	arena_free(&a);
}

/* Counts anew what the pace holds back. */
static void
count_paced(struct worker *w)
{
	if (w->paced_at != 0 && !w->is_sending)
		w->paced_until = clock_now();
}

void
act_undo(struct worker *w, struct letter *l)
{
	struct buf touched = BUF_INIT;

	if (!act_may(w, l))
		return;
	for (size_t i = 0; i < l->n_cases; i++)
		undo_one(w, l, &l->cases[i], &touched);
	count_paced(w);
	act_finish(w, l, &touched);
}

struct waiting {
	int64_t item;
	case_id case_id;
};

static bool
add_waiting(void *ctx, const struct journal_item *item)
{
	struct waiting x = {item->id, item->case_id};

	if (item->kind == JOURNAL_RESEND)
		buf_add(ctx, &x, sizeof(x));
	return true;
}

/* What is on the wire is finished: to break it off would only make a doubt. */
void
act_stop(struct worker *w, struct letter *l)
{
	struct buf touched = BUF_INIT, all = BUF_INIT;
	const struct waiting *list;
	struct err e;

	if (!act_may(w, l))
		return;
	if (journal_due(w->journal, w->o.account->name, clock_now() + (int64_t)l->number,
		add_waiting, &all, &e) != 0) {
		tell_failed(w, l->request, &e);
		buf_free(&all);
		return;
	}
	list = (const struct waiting *)(const void *)all.data;
	for (size_t i = 0; i < all.len / sizeof(*list); i++) {
		bool is_done = false;

		if (journal_undo(w->journal, list[i].item, clock_now(), &is_done, &e) != 0)
			tell_result(w, l->request, &list[i].case_id, &e, "not stopped: %s", e.text);
		else if (is_done)
			tell_result(w, l->request, &list[i].case_id, NULL, "not sent, stopped");
		id_set_add(&w->handled, &list[i].case_id);
		buf_add(&touched, &list[i].case_id, sizeof(case_id));
	}
	buf_free(&all);
	count_paced(w);
	act_finish(w, l, &touched);
}
