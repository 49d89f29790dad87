/* Sends what is due: exactly one process wins an item, the intent is on the disk
 * before the wire sees a byte, the outcome after. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "msg/addr.h"
#include "msg/coding.h"
#include "work/again.h"
#include "work/claim.h"
#include "work/edit.h"
#include "work/hearsay.h"
#include "work/notes.h"
#include "work/outbox.h"

int64_t
outbox_next(struct worker *w)
{
	int64_t at = 0;
	struct err e;

	if (!w->o.watch || w->o.read_only || w->o.offline || w->is_paused || w->journal == NULL ||
	    (!w->is_local && w->imap == NULL))
		return 0;
	/* What the pace held back waits; what has become due since then does not. */
	if (journal_next_due(w->journal, w->o.account->name, w->paced_until != 0 ? w->paced_at : 0,
		&at, &e) != 0)
		return 0;
	if (w->paced_until != 0 && (at == 0 || w->paced_until < at))
		at = w->paced_until;
	return at;
}

static bool
is_wanted(const struct outbox *o, int64_t id)
{
	for (size_t i = 0; i < o->n_only; i++) {
		if (o->only[i] == id)
			return true;
	}
	return o->only == NULL;
}

static bool
has_mark(struct slice words, const char *mark)
{
	return slice_find(again_marks(words), mark) != SLICE_NONE;
}

/* "confirmed again 2" */
static unsigned
n_again(struct slice words)
{
	struct slice n = slice_from(words, sizeof(RESEND_AGAIN " ") - 1);

	return slice_starts(words, RESEND_AGAIN " ") && n.n > 0 && ascii_isdigit(n.p[0])
	    ? (unsigned)(n.p[0] - '0')
	    : 0;
}

static bool
collect(void *ctx, const struct journal_item *item)
{
	struct outbox *o = ctx;

	bool is_note = item->kind == JOURNAL_NOTE;

	if ((item->kind != JOURNAL_RESEND && !is_note) || !is_wanted(o, item->id))
		return true;
	for (size_t i = 0; i < o->n && is_note; i++) {
		if (o->list[i].is_note && strcmp(o->list[i].message_id, item->message_id) == 0)
			return true;
	}
	if (o->n == o->cap) {
		o->cap = o->cap == 0 ? 16 : 2 * o->cap;
		o->list = xrealloc(o->list, o->cap, sizeof(*o->list));
	}
	o->list[o->n++] = (struct due){
	    .id = item->id,
	    .case_id = item->case_id,
	    .recipient = arena_strdup(o->arena, item->recipient),
	    .envelope_from = arena_strdup(o->arena, item->envelope_from),
	    .envelope_id = arena_strdup(o->arena, item->envelope_id),
	    .resent_id = arena_strdup(o->arena, item->resent_id),
	    .message_id = arena_strdup(o->arena, item->message_id),
	    .words = arena_strdup(o->arena, item->words),
	    .since = again_since(slice_of(item->words)),
	    .is_note = is_note,
	    .is_edited = item->resent_id[0] == '\0',
	    .is_confirmed = slice_starts(slice_of(item->words), RESEND_CONFIRMED),
	    .is_again = slice_starts(slice_of(item->words), RESEND_AGAIN),
	    .n_again = n_again(slice_of(item->words)),
	    .is_typed = has_mark(slice_of(item->words), RESEND_TYPED),
	    .is_ignored = has_mark(slice_of(item->words), RESEND_IGNORED),
	};
	return true;
}

/* This process and this machine have it, and the wire may see it. */
static bool
win(struct outbox *o, const struct due *d)
{
	struct worker *w = o->w;
	bool is_won = false, has_claim = !w->is_local;
	struct claim_known known;
	struct err e;

	err_clear(&e);
	if (has_claim && w->imap == NULL && online_select(w, w->mailbox, w->o.read_only, &e) != 0) {
		outbox_not_sent(o, d, &e);
		return false;
	}
	/* Killed while it claims, nothing has gone: no doubt. */
	if (journal_start(w->journal, d->id, has_claim ? 0 : clock_now(), &is_won, &e) != 0) {
		tell_result(w, o->request, &d->case_id, &e, "not sent: %s", e.text);
		return false;
	}
	if (!is_won) {
		err_set(&e, ERR_REFUSED, "another process sends it, or it was taken back");
		tell_result(w, o->request, &d->case_id, &e, "not sent here: %s", e.text);
		return false;
	}
	if (!has_claim)
		return true;
	known = (struct claim_known){d->is_again, d->n_again, d->is_typed};
	if (claim_take(w, &d->case_id, &known, &e) != 0) {
		if (outbox_waits(o, d, &e))
			outbox_due_again(o, d, &e);
		else
			outbox_failed(o, d, &e);
		return false;
	}
	if (journal_wire(w->journal, d->id, clock_now(), &e) == 0)
		return true;
	outbox_failed(o, d, &e);
	claim_release(w, &d->case_id, false);
	return false;
}

static enum journal_state
state_after(enum outgoing_outcome outcome, const struct outgoing_result *r)
{
	switch (outcome) {
	case OUT_SENT:
		return JOURNAL_SENT;
	case OUT_PARTLY:
		return r->accepted ? JOURNAL_SENT : JOURNAL_FAILED;
	case OUT_DOUBT:
		return JOURNAL_DOUBT;
	case OUT_NOT_SENT:
	case OUT_REFUSED:
		break;
	}
	return JOURNAL_FAILED;
}

/* Whoever looks on sees what is true while the answer is awaited. */
void
outbox_shows(struct worker *w, const case_id *cases, size_t n)
{
	struct buf ids = BUF_INIT;

	if (!w->o.watch)
		return;
	buf_add(&ids, cases, n * sizeof(*cases));
	rows_touched(w, 0, &ids);
	buf_free(&ids);
}

static bool
put_on_wire(struct outbox *o, const struct due *d, const struct resend_message *m,
    struct slice original_recipient)
{
	struct slice to = slice_of(d->recipient);
	struct outgoing_mail mail = {
	    .envelope_from = slice_of(d->envelope_from),
	    .recipients = &to,
	    .n_recipients = 1,
	    .original_recipients = original_recipient.n > 0 ? &original_recipient : NULL,
	    .envelope_id = slice_of(d->envelope_id),
	    .bytes = m->bytes,
	    .has_8bit = m->has_8bit,
	};
	struct outgoing_result result = {.accepted = false};
	char reply[400] = "";
	enum outgoing_outcome outcome;
	struct err e;

	err_clear(&e);
	if (!win(o, d))
		return false;
	outbox_shows(o->w, &d->case_id, 1);
	outcome = outbox_send(o->w, o->out, &mail, &result, reply, &e);
	if (outcome == OUT_NOT_SENT && outbox_waits(o, d, &e)) {
		claim_release(o->w, &d->case_id, false);
		outbox_due_again(o, d, &e);
	} else if (outcome == OUT_NOT_SENT || outcome == OUT_REFUSED) {
		outbox_failed(o, d, &e);
		claim_release(o->w, &d->case_id, false);
	} else {
		outbox_record(
		    o, d, state_after(outcome, &result), outcome == OUT_SENT ? reply : e.text, &e);
		/* With a resent keyword first, nobody could think in between that it is free. */
		if (outcome == OUT_PARTLY)
			claim_release(o->w, &d->case_id, false);
	}
	if (outcome == OUT_DOUBT || e.code == ERR_CLOSED || e.code == ERR_TIMEOUT ||
	    e.code == ERR_PROTOCOL || e.code == ERR_CANCELLED)
		outgoing_close(&o->out);
	return outcome == OUT_SENT;
}

static int
open_way(struct outbox *o, struct err *e)
{
	if (o->out != NULL)
		return 0;
	if (!o->has_no_way && outbox_open(o->w, &o->out, &o->way_err) == 0)
		return 0;
	o->has_no_way = true;
	*e = o->way_err;
	return -1;
}

/* News since it was put into the journal. */
static int
still_wanted(struct outbox *o, const struct due *d, struct arena *a, struct err *e)
{
	struct handled h;
	struct row row;

	if (cache_row(o->w->cache, &d->case_id, a, &row, e) != 0 ||
	    handled_of_case(o->w, &d->case_id, &h, e) != 0)
		return -1;
	h.handling = HANDLING_OPEN; /* but for this */
	hearsay_ignored(o->w, &row, &h);
	if (h.handling == HANDLING_IGNORED && !d->is_ignored && !o->w->is_local)
		return err_set(e, ERR_REFUSED, "somebody ignores it meanwhile");
	if (row.state == STATE_DELIVERED)
		return err_set(e, ERR_REFUSED, "it was delivered meanwhile");
	if (row.lane != LANE_CASES)
		return err_set(e, ERR_REFUSED, "it is none of our failed deliveries any more");
	/* Else it arrives twice. */
	if (row.state == STATE_TRYING && !d->is_typed) {
		err_set(e, ERR_REFUSED, "a mail server still tries meanwhile: it may arrive twice");
		return err_todo(e, "wait for the next report");
	}
	/* Nobody was let put it into the journal as that. */
	if (row.state == STATE_REFUSED && row.advice == RESEND_NO && !d->is_edited) {
		err_set(e, ERR_REFUSED, "it was refused for good meanwhile");
		return err_todo(e, "look at the newest report; edit it as new for another address");
	}
	return 0;
}

/* To whom else could a forged report make us send? */
static int
check_named(const struct due *d, struct arena *a, const struct found *f, struct err *e)
{
	if (!d->is_confirmed && f->is_guess) {
		err_set(e, ERR_REFUSED, "%s", RESEND_GUESSED);
		return err_todo(e, "resend it alone, by its id: the preview shows it and asks");
	}
	if (d->is_confirmed || resend_is_named(a, f->bytes, slice_of(d->recipient)))
		return 0;
	err_set(e, ERR_REFUSED, "%s", RESEND_NOT_NAMED);
	return err_todo(e, "resend it alone: the preview shows it and asks");
}

/* The message: edited ones as they were written, others as the original is. */
static int
build(struct outbox *o, const struct due *d, struct arena *a, struct resend_message *m,
    struct slice *original_recipient, struct err *e)
{
	struct found f;

	if (d->is_edited) {
		*m = (struct resend_message){.bytes = SLICE_EMPTY};
		*original_recipient = slice_of(d->recipient);
		if (journal_edited(o->w->journal, d->id, a, &m->bytes, e) != 0)
			return -1;
		m->has_8bit = !coding_is_ascii(m->bytes);
		return 0;
	}
	if (resend_make(o->w, &d->case_id, slice_of(d->recipient), d->resent_id, a, &f, m, e) != 0)
		return -1;
	/* So that the next report says for whom it was, even behind a forwarder. */
	*original_recipient = slice_of(d->recipient);
	return check_named(d, a, &f, e);
}

static void
send_note(struct outbox *o, const struct due *d)
{
	struct err e;

	err_clear(&e);
	if (open_way(o, &e) != 0 && outbox_waits(o, d, &e)) {
		outbox_not_sent(o, d, &e);
		buf_add(&o->touched, &d->case_id, sizeof(d->case_id));
		rows_touched(o->w, o->request, &o->touched);
		return;
	}
	note_send(o->w, o->request, d->id, d->message_id, &o->out, &e, &o->touched);
	rows_touched(o->w, o->request, &o->touched);
}

static void
send_one(struct outbox *o, const struct due *d)
{
	struct arena *a = arena_new();
	struct slice original_recipient;
	struct resend_message m;
	struct err e;

	err_clear(&e);
	if (o->is_shut)
		outbox_not_sent(o, d, &o->way_err);
	else if (still_wanted(o, d, a, &e) != 0 ||
	    build(o, d, a, &m, &original_recipient, &e) != 0 || open_way(o, &e) != 0)
		outbox_not_sent(o, d, &e);
	else if (put_on_wire(o, d, &m, original_recipient) && d->is_edited &&
	    !edit_is_copied(o->w, d->message_id, d->id))
		sent_copy(o->w, a, m.bytes, "the message");
	buf_add(&o->touched, &d->case_id, sizeof(d->case_id));
	rows_touched(o->w, o->request, &o->touched);
	arena_free(&a);
}

static int
undo(struct outbox *o, const struct due *d, bool *is_done, struct err *e)
{
	size_t n;
	int r;

	if (!d->is_note)
		return journal_undo(o->w->journal, d->id, clock_now(), is_done, e);
	r = journal_undo_note(
	    o->w->journal, o->w->o.account->name, d->message_id, clock_now(), &n, e);
	*is_done = n > 0;
	if (*is_done)
		note_forget(
		    o->w, &d->case_id, arena_slicedup(o->arena, again_marks(slice_of(d->words))));
	return r;
}

/* What was asked for now and was cancelled does not go later. */
static void
take_back(struct outbox *o, size_t from)
{
	struct err e, journal;
	bool is_done;

	if (o->only == NULL)
		return;
	err_set(&e, ERR_CANCELLED, "not sent, stopped");
	for (size_t i = from; i < o->n; i++) {
		if (undo(o, &o->list[i], &is_done, &journal) == 0 && is_done)
			tell_result(o->w, o->request, &o->list[i].case_id, &e, "%s", e.text);
		buf_add(&o->touched, &o->list[i].case_id, sizeof(case_id));
	}
	rows_touched(o->w, o->request, &o->touched);
}

/* Whoever asked does not wait for it: a later run takes it up. */
static void
hold_back(struct outbox *o, const struct due *d, int64_t at)
{
	struct worker *w = o->w;

	if (w->paced_until == 0 || at < w->paced_until)
		w->paced_until = at;
	if (o->request != 0)
		tell_due(w, o->request, &d->case_id, at, "stays due: the pace holds it back until");
}

/* True: it may go now. False: the pace holds it back, or all ends. */
static bool
await_pace(struct outbox *o, const struct due *d, bool *ends_r)
{
	struct worker *w = o->w;
	const struct account *a = w->o.account;
	struct slice domain = addr_domain(slice_of(d->recipient));
	int64_t now = clock_now();
	int64_t at = pace_next(&w->pace, domain, now, a->per_minute, a->per_domain);

	*ends_r = false;
	if (at > now && o->only == NULL) {
		hold_back(o, d, at);
		return false;
	}
	if (at > now || w->is_paused)
		*ends_r = !work_pause(w, at);
	if (!*ends_r)
		pace_add(&w->pace, domain, clock_now());
	return !*ends_r;
}

static bool
count_sent(void *ctx, const struct journal_item *item)
{
	pace_add(ctx, addr_domain(slice_of(item->recipient)), item->started_at);
	return true;
}

/* A timer that starts the program often sends no faster for it. */
static void
know_pace(struct worker *w)
{
	struct err e;

	if (w->is_pace_known)
		return;
	if (journal_lately(w->journal, w->o.account->name, clock_now() - PACE_SPAN_S, count_sent,
		&w->pace, &e) != 0)
		log_line("work", "what was sent lately: %s", e.text);
	w->is_pace_known = true;
}

/* Whoever took it back while others went has said so. */
static bool
is_taken_back(const struct outbox *o, const struct due *d)
{
	enum journal_state state = JOURNAL_DUE;
	struct err e;

	if (journal_state(o->w->journal, d->id, &state, &e) != 0)
		log_line("work", "item %lld: %s", (long long)d->id, e.text);
	return state == JOURNAL_UNDONE;
}

/* Nothing can be looked for or claimed: what is left goes with the next connection. */
static bool
is_cut_off(const struct outbox *o)
{
	return !o->w->is_local && o->w->imap == NULL && !outbox_is_awaited(o);
}

static void
leave_due(struct outbox *o, size_t from)
{
	struct err why = o->w->lost;

	err_add(&why, "stays due");
	for (size_t i = from; i < o->n && o->request != 0; i++)
		tell_result(o->w, o->request, &o->list[i].case_id, &why, "%s", why.text);
}

static void
send_all(struct outbox *o)
{
	size_t n_held = 0, n_back = 0;
	bool is_said = o->w->paced_at != 0; /* how many wait */
	uint64_t n_sent = is_said ? o->w->n_paced : 0;

	o->w->paced_until = o->w->paced_at = 0;
	for (size_t i = 0; i < o->n; i++) {
		bool ends;

		if (is_taken_back(o, &o->list[i])) {
			n_back++;
			continue;
		}
		if (is_cut_off(o)) {
			leave_due(o, i);
			return;
		}
		if (await_pace(o, &o->list[i], &ends)) {
			(o->list[i].is_note ? send_note : send_one)(o, &o->list[i]);
			n_sent++;
		} else if (ends) {
			take_back(o, i);
			return;
		} else {
			n_held++;
		}
		if (n_sent + n_held > 1)
			tell_progress(
			    o->w, n_sent, n_sent + n_held + (o->n - i - 1), "messages sent");
		if (!work_breathe(o->w) || (o->w->is_paused && o->request == 0)) {
			take_back(o, i + 1);
			return;
		}
	}
	if ((o->n == 0 || n_back > 0) &&
	    (n_sent > 0 || is_said)) /* there is less to do than was said */
		tell_progress(o->w, n_sent, n_sent + n_held, "messages sent");
	if (n_held > 0) {
		o->w->paced_at = clock_now();
		o->w->n_paced = n_sent;
	}
}

void
outbox_run_items(struct worker *w, uint32_t request, const int64_t *items, size_t n)
{
	struct outbox o = {.w = w, .request = request, .only = items, .n_only = n};
	struct err e;

	if (w->o.read_only || w->journal == NULL || w->is_sending)
		return;
	w->is_sending = true;
	if (items == NULL) /* a person who asks for some of them now need not wait for others */
		know_pace(w);
	o.arena = arena_new();
	if (journal_due(w->journal, w->o.account->name, clock_now(), collect, &o, &e) != 0)
		tell_status(w, w->is_local ? ONLINE_LOCAL : ONLINE_YES, &e, "%s", e.text);
	else
		send_all(&o);
	outgoing_close(&o.out);
	arena_free(&o.arena);
	buf_free(&o.touched);
	free(o.list);
	w->is_sending = false;
}

void
outbox_run(struct worker *w, uint32_t request)
{
	outbox_run_items(w, request, NULL, 0);
}
