/* What comes of a draft: sent and copied to Sent, kept in Drafts, or dropped. */
#include <inttypes.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/log.h"
#include "msg/addr.h"
#include "msg/field.h"
#include "store/box.h"
#include "work/notes.h"
#include "work/own.h"

struct ending {
	struct worker *w;
	const struct letter *l;
	struct arena *arena;
	struct row first;
	struct slice bytes; /* ready for the wire */
	struct slice *recipients;
	size_t n_recipients;
	const char *message_id;
};

static int
get_ready(struct ending *n, struct err *e)
{
	struct slice report = SLICE_EMPTY;
	struct slice header, body;

	if (cache_row(n->w->cache, &n->l->cases[0], n->arena, &n->first, e) != 0)
		return -1;
	if (n->l->note_to == NOTE_POSTMASTER)
		report = note_report(n->w, n->arena, &n->l->cases[0]);
	if (note_finish(
		n->arena, n->l->text, report, &n->bytes, &n->recipients, &n->n_recipients, e) != 0)
		return -1;
	field_split(n->bytes, &header, &body);
	n->message_id = arena_slicedup(n->arena, slice_trim(field_get(header, "Message-ID")));
	return 0;
}

/* Into the folder that is marked so, or the configured one. */
static int
append(struct worker *w, struct arena *a, struct slice bytes, bool is_draft, const char **where_r,
    struct err *e)
{
	struct imap_folders marked;
	const char *folder = is_draft ? w->o.account->postpone : w->o.account->copy_to;
	uint32_t uid;

	if (w->imap == NULL)
		return online_select(w, w->mailbox, w->o.read_only, e);
	if (folder[0] == '\0') {
		if (imap_folders(w->imap, &marked, e) != 0)
			return -1;
		folder = is_draft ? marked.drafts : marked.sent;
	}
	if (folder[0] == '\0')
		return err_set(e, ERR_NOT_FOUND, "the server marks no folder as %s",
		    is_draft ? "Drafts" : "Sent");
	*where_r = clean(a, slice_of(folder)).s;
	return imap_append(w->imap, folder, is_draft ? "\\Draft \\Seen" : "\\Seen", bytes, &uid, e);
}

static int
keep_in_file(struct ending *n, const char **where_r, struct err *e)
{
	const char *folder = arena_printf(n->arena, "%s/drafts", n->w->o.state_dir);

	*where_r = folder;
	return box_deliver(folder, n->bytes, "DS", NULL, e);
}

static void
save_draft(struct ending *n)
{
	struct worker *w = n->w;
	const char *where = "";
	struct err e, why;

	err_clear(&why);
	if (!w->is_local) {
		if (append(w, n->arena, n->bytes, true, &where, &why) == 0) {
			tell_result(
			    w, n->l->request, &n->l->cases[0], NULL, "the draft is in %s", where);
			tell_done(w, n->l->request);
			return;
		}
		online_failed(w, &why);
	}
	if (keep_in_file(n, &where, &e) != 0) {
		tell_failed(w, n->l->request, &e);
		return;
	}
	tell_result(w, n->l->request, &n->l->cases[0], NULL, "the draft is in the Maildir %s%s%s",
	    where, why.text[0] != '\0' ? ", because " : "", why.text);
	tell_done(w, n->l->request);
}

static int
journal_notes(struct ending *n, struct journal_item *items, struct err *e)
{
	int64_t now = clock_now();

	for (size_t i = 0; i < n->l->n_cases; i++) {
		items[i] = (struct journal_item){
		    .kind = JOURNAL_NOTE,
		    .state = JOURNAL_SENDING,
		    .case_id = n->l->cases[i],
		    .account = n->w->o.account->name,
		    .recipient = arena_slicedup(n->arena, n->recipients[0]),
		    .envelope_from =
			arena_slicedup(n->arena, own_address(n->arena, n->w->o.account)),
		    .message_id = n->message_id,
		    .envelope_id = "",
		    .resent_id = "",
		    .words = "",
		    .created_at = now,
		    .due_at = now,
		    .started_at = now,
		};
	}
	return journal_add(n->w->journal, items, n->l->n_cases, e);
}

static void
end_items(
    struct ending *n, const struct journal_item *items, enum journal_state state, const char *words)
{
	struct buf touched = BUF_INIT;
	struct err e;

	for (size_t i = 0; i < n->l->n_cases; i++) {
		if (journal_end(n->w->journal, items[i].id, state, clock_now(), words, &e) != 0)
			log_line("work", "item %" PRId64 ": %s", items[i].id, e.text);
		id_set_add(&n->w->handled, &n->l->cases[i]);
		buf_add(&touched, &n->l->cases[i], sizeof(case_id));
	}
	n->w->marks_are_due = true;
	rows_touched(n->w, n->l->request, &touched);
	buf_free(&touched);
}

/* So that the next one finds the address, and that there was one. */
static void
remember(struct ending *n)
{
	struct worker *w = n->w;
	const char *to = arena_slicedup(n->arena, n->recipients[0]);
	struct err e;
	int r = journal_remember(w->journal, note_key(n->arena, w, &n->first, n->l->note_to),
	    arena_printf(n->arena, "%" PRId64, clock_now()), &e);

	if (r == 0 && n->l->note_to == NOTE_RECIPIENT &&
	    !addr_same(n->recipients[0], slice_of(n->first.recipient)))
		r = journal_remember(
		    w->journal, arena_printf(n->arena, "other:%s", n->first.recipient), to, &e);
	if (r != 0)
		log_line("work", "note: %s", e.text);
}

/* Once, after the server took it. That it failed is no reason to send again. */
void
sent_copy(struct worker *w, struct arena *a, struct slice bytes, const char *what)
{
	const char *where = "";
	struct err e;

	if (w->is_local)
		return; /* what a Maildir sends lies in a Maildir */
	if (append(w, a, bytes, false, &where, &e) == 0)
		return;
	online_failed(w, &e);
	err_add(&e, "%s was sent, but not copied to Sent", what);
	tell_status(w, w->imap != NULL ? ONLINE_YES : ONLINE_NO, &e, "%s", e.text);
}

static enum outgoing_outcome
put_on_wire(struct ending *n, struct outgoing *out, char *reply, struct err *e)
{
	struct outgoing_result *results = arena_calloc(n->arena, n->n_recipients, sizeof(*results));
	struct outgoing_mail mail = {
	    .envelope_from = own_address(n->arena, n->w->o.account),
	    .recipients = n->recipients,
	    .n_recipients = n->n_recipients,
	    .envelope_id = SLICE_EMPTY,
	    .bytes = n->bytes,
	};

	for (size_t i = 0; i < n->bytes.n && !mail.has_8bit; i++)
		mail.has_8bit = (unsigned char)n->bytes.p[i] > 127;
	return outbox_send(n->w, out, &mail, results, reply, e);
}

static void
say_sent(struct ending *n, enum outgoing_outcome outcome, const struct err *e)
{
	const char *to = clean(n->arena, n->recipients[0]).s;

	if (outcome == OUT_SENT)
		tell_result(
		    n->w, n->l->request, &n->l->cases[0], NULL, "the note was sent to %s", to);
	else
		tell_result(n->w, n->l->request, &n->l->cases[0], e,
		    outcome == OUT_PARTLY ? "the note was not sent to all: %s"
					  : "the note may have been sent: %s",
		    e->text);
	keywords_mark(n->w);
	tell_done(n->w, n->l->request);
}

static void
send_with(struct ending *n, struct outgoing *out)
{
	struct journal_item *items = arena_calloc(n->arena, n->l->n_cases, sizeof(*items));
	enum outgoing_outcome outcome;
	enum journal_state state = JOURNAL_FAILED;
	char reply[400] = "";
	struct err e;

	err_clear(&e);
	if (journal_notes(n, items, &e) != 0) {
		tell_failed(n->w, n->l->request, &e);
		return;
	}
	outcome = put_on_wire(n, out, reply, &e);
	if (outcome == OUT_SENT || outcome == OUT_PARTLY)
		state = JOURNAL_SENT;
	else if (outcome == OUT_DOUBT)
		state = JOURNAL_DOUBT;
	end_items(n, items, state, outcome == OUT_SENT ? reply : e.text);
	if (state == JOURNAL_FAILED) {
		err_add(&e, "the note was not sent");
		tell_failed(n->w, n->l->request, &e);
		return;
	}
	remember(n);
	if (state == JOURNAL_SENT)
		sent_copy(n->w, n->arena, n->bytes, "the note");
	say_sent(n, outcome, &e);
}

static int
check_send(struct ending *n, struct err *e)
{
	struct worker *w = n->w;
	int64_t lately = note_sent_lately(w, n->arena, &n->first, n->l->note_to);
	char when[WHEN_BYTES];

	if (w->journal == NULL) {
		*e = w->journal_err;
		return -1;
	}
	if (lately == 0 || n->l->confirmed)
		return 0;
	err_set(e, ERR_REFUSED, "a note about this went there already, at %s",
	    when_words(when, lately));
	return err_todo(e, "one a day is enough; confirm to send another");
}

static void
send_note(struct ending *n)
{
	struct outgoing *out = NULL;
	struct err e;

	if (check_send(n, &e) != 0 || outbox_open(n->w, &out, &e) != 0) {
		tell_failed(n->w, n->l->request, &e);
		return;
	}
	send_with(n, out);
	outgoing_close(&out);
}

void
note_ended(struct worker *w, struct letter *l)
{
	struct ending n = {.w = w, .l = l};
	struct err e;

	if (l->note_end == NOTE_DISCARD) {
		tell_done(w, l->request);
		return;
	}
	if (w->o.read_only) {
		err_set(&e, ERR_REFUSED, "no mail and no draft is written with --read-only");
		tell_failed(w, l->request, &e);
		return;
	}
	n.arena = arena_new();
	if (get_ready(&n, &e) != 0)
		tell_failed(w, l->request, &e);
	else if (l->note_end == NOTE_SEND)
		send_note(&n);
	else
		save_draft(&n);
	arena_free(&n.arena);
}
