/* What a person says of a doubt: it went, it did not; and that taken back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "work/claim.h"
#include "work/doubt.h"
#include "work/keywords.h"
#include "work/notes.h"

struct asker {
	struct worker *w;
	uint32_t request;
};

static void
on_line(void *ctx, const char *what, const char *words)
{
	const struct asker *to = ctx;

	tell_text(to->w, to->request, what, slice_of(words));
}

/* What is known, and that it is not settled. */
static void
look(struct worker *w, const struct letter *l, const case_id *id)
{
	struct asker to = {w, l->request};
	bool is_doubt;
	struct err e;

	err_clear(&e);
	if (doubt_look(w, id, &is_doubt, on_line, &to, &e) == 0 && is_doubt) {
		err_set(&e, ERR_REFUSED, "in doubt: it may have gone or not");
		err_todo(&e, "say which: --went, or --not");
	} else if (e.code == ERR_NONE) {
		err_set(&e, ERR_REFUSED, "this case is not in doubt");
	}
	tell_result(w, l->request, id, &e, "%s", e.text);
}

static bool
is_told(struct worker *w, const case_id *id, struct arena *a, const char **proof_r)
{
	struct detail d;
	struct err e;

	if (detail_fill(w->cache, w->o.account, id, a, &d, &e) != 0 || d.doubt == NULL)
		return false;
	*proof_r = d.doubt->proof;
	return d.doubt->is_told;
}

/* Which keyword its reports had before: what is there already is of others, and stays
 * when the answer is taken back. */
static const char *
marked_key(struct arena *a, int64_t item)
{
	return arena_printf(a, "marked-before:%lld", (long long)item);
}

static void
remember_marks(
    struct worker *w, const case_id *id, int64_t item, enum handling went, struct arena *a)
{
	char part[KEYWORD_PART_BYTES];
	bool has = false;
	struct err e;

	if (cache_has_keyword(w->cache, id, 0, keyword_of(went), &has, &e) != 0 ||
	    (!has && cache_has_keyword(w->cache, id, 0, keyword_part(part, id), &has, &e) != 0) ||
	    journal_remember(w->journal, marked_key(a, item), has ? "yes" : "", &e) != 0)
		log_line("work", "case %s: %s", id->text, e.text);
}

static int
answer(struct worker *w, const struct letter *l, const case_id *id, struct arena *a,
    struct buf *touched, const char **words_r, struct err *e)
{
	bool went = l->resolve == RESOLVE_WENT;
	const char *proof = "";
	struct handled h;

	if (handled_of_case(w, id, &h, e) != 0)
		return -1;
	if (h.doubt_item == 0)
		return err_set(e, ERR_REFUSED, "this case is not in doubt");
	/* The next try would be a second copy. */
	if (!went && is_told(w, id, a, &proof)) {
		err_set(e, ERR_REFUSED, "it went: %s", proof);
		return err_todo(e, "say that it went");
	}
	*words_r = went ? (l->flag ? "would be noted that it went" : "noted that it went")
	    : l->flag   ? "would be noted that it did not go"
			: "noted that it did not go: the case is open again";
	if (l->flag)
		return 0;
	if (went)
		remember_marks(
		    w, id, h.doubt_item, h.is_doubt_note ? HANDLING_NOTED : HANDLING_RESENT, a);
	if (h.is_doubt_note)
		return note_resolve(w, id, h.doubt_item, went, touched, e);
	return journal_resolve(w->journal, h.doubt_item, went, clock_now(), e);
}

struct last {
	int64_t item;
	enum journal_kind kind;
	enum journal_state state;
	char message_id[256]; /* of a note, whose cases go together */
};

static bool
see_last(void *ctx, const struct journal_item *item)
{
	struct last *last = ctx;

	if (item->state == JOURNAL_UNDONE || item->state == JOURNAL_FAILED)
		return true;
	last->item = item->id;
	last->kind = item->kind;
	last->state = item->state;
	snprintf(last->message_id, sizeof(last->message_id), "%s", item->message_id);
	return true;
}

static bool
add_case(void *ctx, const struct journal_item *item)
{
	buf_add(ctx, &item->case_id, sizeof(item->case_id));
	return true;
}

static int
find_answer(struct worker *w, const case_id *id, struct last *last, struct err *e)
{
	if (journal_of_case(w->journal, id, see_last, last, e) != 0)
		return -1;
	if (last->item != 0 && (last->state == JOURNAL_WENT || last->state == JOURNAL_DID_NOT))
		return 0;
	return err_set(
	    e, ERR_REFUSED, "there is no answer to take back, or something was done since");
}

struct marked {
	const char *mailbox;
	int64_t since;
	struct buf uids;
};

static void
add_marked(void *ctx, const struct cache_sent *sent)
{
	struct marked *m = ctx;

	if (strcmp(sent->mailbox, m->mailbox) == 0 && sent->uid != 0 && sent->at > m->since)
		buf_add(&m->uids, &sent->uid, sizeof(sent->uid));
}

static int
unstore(struct worker *w, const char *keyword, const uint32_t *uids, size_t n, struct err *e)
{
	bool has_conflict;

	if (imap_store(w->imap, uids, n, false, keyword, 0, &has_conflict, e) != 0)
		return -1;
	imap_delta_free(&w->delta); /* it is of before */
	w->is_box_fresh = false;
	return cache_keyword(w->cache, w->o.account->name, w->mailbox, uids, n, keyword, false, e);
}

/* Of the reports that came since the last resend of ours: what "it went" put there. */
static int
unmark(struct worker *w, const case_id *id, bool is_note, struct err *e)
{
	struct marked m = {w->mailbox, 0, BUF_INIT};
	char part[KEYWORD_PART_BYTES];
	struct handled h;
	const uint32_t *uids;
	size_t n;
	int r;

	if (w->imap == NULL || online_is_alone(w))
		return 0;
	if (handled_of_case(w, id, &h, e) != 0)
		return -1;
	if (is_note && strchr(h.trail, 'N') != NULL)
		return 0; /* another one did go */
	m.since = is_note ? 0 : h.sent_at;
	r = cache_sent(w->cache, id, add_marked, &m, e);
	uids = (const uint32_t *)(const void *)m.uids.data;
	n = m.uids.len / sizeof(*uids);
	if (r == 0 && n > 0)
		r = online_select(w, w->mailbox, false, e);
	if (r == 0 && n > 0)
		r = unstore(w, keyword_of(is_note ? HANDLING_NOTED : HANDLING_RESENT), uids, n, e);
	if (r == 0 && n > 0 && !is_note)
		r = unstore(w, keyword_part(part, id), uids, n, e);
	buf_free(&m.uids);
	return r;
}

/* The server was told that it went. False if it could not be told otherwise. */
static bool
unmark_all(struct worker *w, const struct buf *cases, bool is_note)
{
	const case_id *ids = (const case_id *)(const void *)cases->data;
	struct err e;

	for (size_t i = 0; i < cases->len / sizeof(*ids); i++) {
		if (unmark(w, &ids[i], is_note, &e) == 0)
			continue;
		log_line("work", "case %s: %s", ids[i].text, e.text);
		online_failed(w, &e);
		return false;
	}
	return true;
}

/* As if nobody had said anything: also for the other machines. */
static int
take_back(struct worker *w, const struct letter *l, const case_id *id, struct arena *a,
    struct buf *touched, const char **words_r, struct err *e)
{
	/* However often it went: this is no new try. */
	const struct claim_known known = {.is_asked = true, .n_again = KEYWORD_MAX_AGAIN};
	struct last last = {.item = 0};
	struct buf cases = BUF_INIT;
	const char *marked = "";
	bool is_note;

	*words_r = l->flag ? "would be in doubt again" : "in doubt again, as if nothing was said";
	if (find_answer(w, id, &last, e) != 0)
		return -1;
	if (l->flag)
		return 0;
	is_note = last.kind == JOURNAL_NOTE;
	if (journal_recall(w->journal, marked_key(a, last.item), a, &marked, e) != 0 ||
	    (!is_note && claim_take(w, id, &known, e) != 0))
		return -1;
	if (journal_unresolve(w->journal, last.item, e) != 0) {
		claim_release(w, id, false);
		return -1;
	}
	buf_add(&cases, id, sizeof(*id));
	if (is_note)
		(void)journal_of_message(w->journal, w->o.account->name, last.message_id, add_case,
		    &cases, &(struct err){0});
	if (last.state == JOURNAL_WENT && marked[0] == '\0' && !unmark_all(w, &cases, is_note))
		*words_r = "in doubt again; the server could not be told";
	buf_add(touched, cases.data, cases.len);
	buf_free(&cases);
	return 0;
}

static void
answer_one(struct worker *w, const struct letter *l, const case_id *id, struct buf *touched)
{
	struct arena *a = arena_new();
	const char *words = "";
	struct err e;
	int r;

	err_clear(&e);
	if (l->resolve == RESOLVE_UNDO)
		r = take_back(w, l, id, a, touched, &words, &e);
	else
		r = answer(w, l, id, a, touched, &words, &e);
	if (r == 0)
		tell_result(w, l->request, id, NULL, "%s", words);
	else
		tell_result(w, l->request, id, &e, "%s: %s",
		    l->resolve == RESOLVE_UNDO ? "not taken back" : "not resolved", e.text);
	if (!l->flag)
		buf_add(touched, id, sizeof(*id));
	arena_free(&a);
}

void
doubt_answer(struct worker *w, struct letter *l)
{
	struct buf touched = BUF_INIT;

	if (l->resolve == RESOLVE_LOOK) {
		for (size_t i = 0; i < l->n_cases; i++)
			look(w, l, &l->cases[i]);
		tell_done(w, l->request);
		return;
	}
	if (!act_may(w, l))
		return;
	for (size_t i = 0; i < l->n_cases; i++)
		answer_one(w, l, &l->cases[i], &touched);
	act_finish(w, l, &touched);
}
