/* A note that is due: its items go together, once, like any resend of the outbox. */
#include <inttypes.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/log.h"
#include "msg/coding.h"
#include "work/again.h"
#include "work/notes.h"

struct due_note {
	struct worker *w;
	uint32_t request;
	struct arena *arena;
	const char *message_id;
	struct slice bytes;
	struct slice *recipients;
	size_t n_recipients;
	const char *envelope_from;
	const char *to_words; /* of NOTE_TO_WORDS */
	case_id *cases;
	int64_t *items;
	size_t n;
	struct buf *touched;
};

static bool
gather(void *ctx, const struct journal_item *item)
{
	struct due_note *n = ctx;
	struct slice rest = slice_of(item->recipient), line;

	if (item->kind != JOURNAL_NOTE || item->state != JOURNAL_DUE)
		return true;
	if (n->n == NOTE_MAX_CASES)
		return false;
	n->cases[n->n] = item->case_id;
	n->items[n->n++] = item->id;
	if (n->n > 1)
		return true;
	n->envelope_from = arena_strdup(n->arena, item->envelope_from);
	n->to_words = arena_slicedup(n->arena, again_marks(slice_of(item->words)));
	n->recipients =
	    arena_alloc(n->arena, (strlen(item->recipient) + 1) * sizeof(*n->recipients));
	while (slice_line(&rest, &line))
		n->recipients[n->n_recipients++] = arena_copy(n->arena, line);
	return true;
}

/* False and words: it is not ours to send. */
static bool
win(struct due_note *n, int64_t item, struct err *e)
{
	struct journal *j = n->w->journal;
	const char *account = n->w->o.account->name;
	size_t n_won = 0;

	n->cases = arena_calloc(n->arena, NOTE_MAX_CASES, sizeof(*n->cases));
	n->items = arena_calloc(n->arena, NOTE_MAX_CASES, sizeof(*n->items));
	if (journal_edited(j, item, n->arena, &n->bytes, e) != 0 ||
	    journal_of_message(j, account, n->message_id, gather, n, e) != 0 ||
	    journal_start_note(j, account, n->message_id, clock_now(), &n_won, e) != 0)
		return false;
	/* Notes are taken back whole, so who wins one item wins them all. */
	if (n_won == n->n && n->n > 0)
		return true;
	err_set(e, ERR_REFUSED, "another process sends it, or it was taken back");
	return false;
}

static void
end_items(struct due_note *n, enum journal_state state, const char *words)
{
	struct err e;

	for (size_t i = 0; i < n->n; i++) {
		if (journal_end(n->w->journal, n->items[i], state, clock_now(), words, &e) != 0)
			log_line("work", "item %" PRId64 ": %s", n->items[i], e.text);
		id_set_add(&n->w->handled, &n->cases[i]);
		buf_add(n->touched, &n->cases[i], sizeof(case_id));
	}
	n->w->marks_are_due = true;
}

static enum outgoing_outcome
put_on_wire(struct due_note *n, struct outgoing *out, char *reply, struct err *e)
{
	struct outgoing_result *results = arena_calloc(n->arena, n->n_recipients, sizeof(*results));
	struct outgoing_mail mail = {
	    .envelope_from = slice_of(n->envelope_from),
	    .recipients = n->recipients,
	    .n_recipients = n->n_recipients,
	    .envelope_id = SLICE_EMPTY,
	    .bytes = n->bytes,
	    .has_8bit = !coding_is_ascii(n->bytes),
	};

	return outbox_send(n->w, out, &mail, results, reply, e);
}

static void
send_won(struct due_note *n, struct outgoing **out)
{
	const char *to = clean(n->arena, n->recipients[0]).s;
	enum outgoing_outcome outcome;
	char reply[400] = "";
	struct err e;

	err_clear(&e);
	outbox_shows(n->w, n->cases, n->n);
	outcome = put_on_wire(n, *out, reply, &e);
	if (outcome == OUT_SENT || outcome == OUT_PARTLY)
		end_items(n, JOURNAL_SENT, outcome == OUT_SENT ? reply : e.text);
	else
		end_items(n, outcome == OUT_DOUBT ? JOURNAL_DOUBT : JOURNAL_FAILED, e.text);
	if (outcome == OUT_SENT)
		tell_result(n->w, n->request, &n->cases[0], NULL, "the note was sent to %s", to);
	else if (outcome == OUT_PARTLY)
		tell_result(
		    n->w, n->request, &n->cases[0], &e, "the note was not sent to all: %s", e.text);
	else
		tell_result(n->w, n->request, &n->cases[0], &e, "%s: %s",
		    outcome == OUT_DOUBT ? "in doubt, the note may have been sent"
					 : "the note was not sent",
		    e.text);
	if ((outcome == OUT_SENT || outcome == OUT_PARTLY) &&
	    strcmp(n->to_words, NOTE_TO_WORDS(NOTE_RECIPIENT)) == 0)
		note_remember_other(n->w, &n->cases[0], n->recipients[0]);
	if (outcome == OUT_SENT || outcome == OUT_PARTLY)
		sent_copy(n->w, n->arena, n->bytes, "the note");
	else if (outcome != OUT_DOUBT)
		note_forget(n->w, &n->cases[0], n->to_words);
	if (outcome == OUT_DOUBT || e.code == ERR_CLOSED || e.code == ERR_TIMEOUT ||
	    e.code == ERR_PROTOCOL || e.code == ERR_CANCELLED)
		outgoing_close(out);
}

void
note_send(struct worker *w, uint32_t request, int64_t item, const char *message_id,
    struct outgoing **out, const struct err *way_err, struct buf *touched)
{
	struct due_note n = {
	    .w = w,
	    .request = request,
	    .arena = arena_new(),
	    .message_id = message_id,
	    .touched = touched,
	};
	struct err e;

	if (!win(&n, item, &e)) {
		if (n.n > 0)
			tell_result(
			    w, request, &n.cases[0], &e, "the note was not sent here: %s", e.text);
	} else if (*out == NULL) {
		end_items(&n, JOURNAL_FAILED, way_err->text);
		note_forget(w, &n.cases[0], n.to_words);
		tell_result(
		    w, request, &n.cases[0], way_err, "the note was not sent: %s", way_err->text);
	} else {
		send_won(&n, out);
	}
	arena_free(&n.arena);
}
