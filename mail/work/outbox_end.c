/* What becomes of an item of the outbox. */
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

/* It stays due, and is tried again after a while; the program that ends at its next start. */
static void
go_later(struct outbox *o, const struct due *d, const struct err *e)
{
	struct arena *a;
	int64_t now = clock_now(), since = d->since != 0 ? d->since : now;
	int64_t at = now + again_wait(now - since, busy_wait_s(slice_of(e->text)));
	struct err journal;
	bool is_done = false;

	if (e->code == ERR_CANCELLED)
		return;
	if (!o->is_shut && (o->has_no_way || e->code == ERR_BUSY)) {
		o->is_shut = true;
		o->way_err = *e;
		outgoing_close(&o->out);
	}
	a = arena_new();
	if (journal_put_off(o->w->journal, d->id, at,
		again_words(a, again_marks(slice_of(d->words)), since, e->text), &is_done,
		&journal) != 0)
		log_line("work", "item %lld: %s", (long long)d->id, journal.text);
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
