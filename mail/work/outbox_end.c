/* What becomes of an item of the outbox. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/busy.h"
#include "work/again.h"
#include "work/outbox.h"

/* Somebody who waits for the result of this very message is told; all else goes later. */
bool
outbox_is_awaited(const struct outbox *o)
{
	return o->only != NULL && !o->w->o.watch;
}

bool
outbox_waits(const struct outbox *o, const struct due *d, const struct err *e)
{
	if (e->code == ERR_CANCELLED)
		return o->only == NULL; /* the program ends */
	return again_may_help(e->code) && !outbox_is_awaited(o) &&
	    (d->since == 0 || clock_now() - d->since < AGAIN_SPAN_S);
}

struct items {
	struct buf ids;
	struct buf *touched;
};

static bool
add_item(void *ctx, const struct journal_item *item)
{
	struct items *all = ctx;

	if (item->kind != JOURNAL_NOTE || item->state != JOURNAL_DUE)
		return true;
	buf_add(&all->ids, &item->id, sizeof(item->id));
	buf_add(all->touched, &item->case_id, sizeof(item->case_id));
	return true;
}

/* The items of a note wait together. False: somebody was quicker. */
static bool
put_off(struct outbox *o, const struct due *d, int64_t at, const char *words)
{
	struct journal *j = o->w->journal;
	struct items all = {.ids = BUF_INIT, .touched = &o->touched};
	bool is_done = false;
	struct err e;
	int r = 0;

	if (d->is_note)
		r = journal_of_message(j, o->w->o.account->name, d->message_id, add_item, &all, &e);
	else
		buf_add(&all.ids, &d->id, sizeof(d->id));
	for (size_t i = 0; r == 0 && i < all.ids.len / sizeof(int64_t); i++) {
		int64_t id;

		memcpy(&id, all.ids.data + i * sizeof(id), sizeof(id));
		r = journal_put_off(j, id, at, words, &is_done, &e);
	}
	if (r != 0)
		log_line("work", "item %lld: %s", (long long)d->id, e.text);
	buf_free(&all.ids);
	return is_done;
}

/* It stays due, and is tried again after a while; the program that ends at its next start. */
static void
go_later(struct outbox *o, const struct due *d, const struct err *e)
{
	struct arena *a;
	int64_t now = clock_now(), since = d->since != 0 ? d->since : now;
	int64_t at = now + again_wait(now - since, busy_wait_s(slice_of(e->text)));
	bool is_done;

	if (e->code == ERR_CANCELLED)
		return;
	/* Lost while it was claimed: with the next connection, and only then later. */
	if (!o->w->is_local && o->w->imap == NULL && d->since == 0)
		at = now;
	if (!o->is_shut && (o->has_no_way || e->code == ERR_BUSY)) {
		o->is_shut = true;
		o->way_err = *e;
		outgoing_close(&o->out);
	}
	a = arena_new();
	is_done =
	    put_off(o, d, at, again_words(a, again_marks(slice_of(d->words)), since, e->text));
	if (is_done)
		tell_later(o->w, o->request, &d->case_id, at, e);
	arena_free(&a);
}

/* It was begun, and surely nothing was sent. */
void
outbox_due_again(struct outbox *o, const struct due *d, const struct err *e)
{
	struct err journal;

	if (journal_end(o->w->journal, d->id, JOURNAL_DUE, clock_now(), "", &journal) != 0)
		log_line("work", "item %lld: %s", (long long)d->id, journal.text);
	else
		go_later(o, d, e);
}

static void
say_since(const struct due *d, struct err *e)
{
	char when[WHEN_BYTES];

	if (d->since != 0)
		err_add(e, "tried since %s", when_words(when, d->since));
}

/* Surely nothing was sent: the case is open again, with words. */
void
outbox_not_sent(struct outbox *o, const struct due *d, const struct err *why)
{
	struct err e = *why, journal;
	bool is_won = false;

	if (outbox_waits(o, d, &e)) {
		go_later(o, d, &e);
		return;
	}
	if (journal_start(o->w->journal, d->id, clock_now(), &is_won, &journal) != 0 || !is_won)
		return; /* it is another process's now, or was taken back */
	say_since(d, &e);
	if (journal_end(o->w->journal, d->id, JOURNAL_FAILED, clock_now(), e.text, &journal) != 0)
		log_line("work", "item %lld: %s", (long long)d->id, journal.text);
	tell_result(o->w, o->request, &d->case_id, &e, "not sent: %s", e.text);
}

/* What came of it, into the journal first, then to the screen. */
void
outbox_record(struct outbox *o, const struct due *d, enum journal_state state, const char *words,
    const struct err *e)
{
	struct err journal;

	if (journal_end(o->w->journal, d->id, state, clock_now(), words, &journal) != 0) {
		err_add(&journal, "the outcome (%s) could not be written",
		    state == JOURNAL_SENT ? "sent" : "not known or not sent");
		tell_result(o->w, o->request, &d->case_id, &journal,
		    "in doubt after the next start: %s", journal.text);
		return;
	}
	if (state == JOURNAL_SENT)
		tell_result(o->w, o->request, &d->case_id, NULL, "resent to %s%s%s", d->recipient,
		    words[0] != '\0' ? ": " : "", words);
	else if (state == JOURNAL_DOUBT)
		tell_result(o->w, o->request, &d->case_id, e, "in doubt, it may have been sent: %s",
		    e->text);
	else
		tell_result(o->w, o->request, &d->case_id, e, "not sent: %s", e->text);
	o->w->marks_are_due = true;
}

void
outbox_failed(struct outbox *o, const struct due *d, struct err *e)
{
	say_since(d, e);
	outbox_record(o, d, JOURNAL_FAILED, e->text, e);
}
