/* Takes a note back: one that waits for its time, or a draft that was saved. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/log.h"
#include "msg/addr.h"
#include "msg/field.h"
#include "store/box.h"
#include "work/again.h"
#include "work/notes.h"

#define MAX_DRAFT (1024 * 1024)
#define MAX_COPIES 10 /* with one Message-ID */
#define MAX_EARLIER 4096
#define STAYS "the draft stays in %s; delete it there"

/* FNV-1a: the very bytes that were saved, not more. */
static uint64_t
sum(struct slice bytes)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < bytes.n; i++)
		h = (h ^ (unsigned char)bytes.p[i]) * 1099511628211u;
	return h;
}

static const char *
draft_key(struct arena *a, const struct worker *w, const case_id *id)
{
	return arena_printf(a, "draft:%s:%s", w->o.account->name, id->text);
}

/* Before those of the same case that were saved earlier: each can be taken back. */
void
note_remember_draft(struct worker *w, const case_id *id, enum note_to to,
    const struct note_place *p, struct slice bytes)
{
	struct arena *a = arena_new();
	const char *earlier = "";
	struct err e;

	if (w->journal != NULL &&
	    (journal_recall(w->journal, draft_key(a, w, id), a, &earlier, &e) != 0 ||
		journal_remember(w->journal, draft_key(a, w, id),
		    arena_printf(a, "%016" PRIx64 "\n%u\n%s\n%s\n%s\n%" PRId64 " %s\n%s",
			sum(bytes), p->uid, p->message_id, p->file, p->folder, clock_now(),
			NOTE_TO_WORDS(to), strlen(earlier) < MAX_EARLIER ? earlier : ""),
		    &e) != 0))
		log_line("work", "draft: %s", e.text);
	arena_free(&a);
}

struct saved {
	struct note_place place;
	uint64_t sum;
	const char *where; /* for words */
	int64_t at;
	struct slice to;     /* of NOTE_TO_WORDS */
	const char *earlier; /* what was remembered before it */
	bool is_gone;        /* it was found to be there no longer */
};

/* False if none is known. */
static bool
recall(struct worker *w, const case_id *id, struct arena *a, struct saved *s, struct err *e)
{
	const char *value;
	struct slice rest, line[6] = {SLICE_EMPTY};

	if (journal_recall(w->journal, draft_key(a, w, id), a, &value, e) != 0)
		return false;
	rest = slice_of(value);
	for (size_t i = 0; i < 6; i++)
		slice_line(&rest, &line[i]);
	if (line[4].n == 0)
		return err_set(e, ERR_REFUSED, "there is nothing to take back") == 0;
	s->sum = strtoull(arena_slicedup(a, line[0]), NULL, 16);
	s->place.uid = (uint32_t)strtoul(arena_slicedup(a, line[1]), NULL, 10);
	s->place.message_id = arena_slicedup(a, line[2]);
	s->place.file = arena_slicedup(a, line[3]);
	s->place.folder = arena_slicedup(a, line[4]);
	s->where = clean(a, line[4]).s;
	s->is_gone = false;
	s->at = line[5].n > 0 ? strtoll(arena_slicedup(a, line[5]), NULL, 10) : 0;
	s->to = slice_from(line[5], line[5].n > 0 ? slice_chr(line[5], ' ') + 1 : 0);
	s->earlier = rest.n > 0 ? arena_slicedup(a, rest) : "";
	return true;
}

int
note_check_draft(struct worker *w, const struct letter *l, struct arena *a, struct err *e)
{
	char when[WHEN_BYTES];
	struct saved s;
	struct err none;

	for (size_t i = 0; i < l->n_cases && !l->confirmed && w->journal != NULL; i++) {
		if (!recall(w, &l->cases[i], a, &s, &none) || s.at <= clock_now() - NOTE_DAY_S ||
		    !slice_is(s.to, NOTE_TO_WORDS(l->note_to)))
			continue;
		err_set(e, ERR_REFUSED, "there is a draft about this already, in %s since %s",
		    s.where, when_words(when, s.at));
		return err_todo(e, "take it back, or confirm to save another");
	}
	return 0;
}

static int
remove_file(struct saved *s, bool is_dry, struct err *e)
{
	char *bytes = NULL;
	size_t n = 0;
	bool is_it;

	s->is_gone = box_read(s->place.file, 0, &bytes, &n, e) != 0;
	if (s->is_gone)
		return err_set(e, ERR_REFUSED, "the draft is no longer in %s", s->where);
	is_it = sum((struct slice){bytes, n}) == s->sum;
	free(bytes);
	if (!is_it) {
		err_set(e, ERR_REFUSED, "somebody has changed the draft");
		return err_todo(e, STAYS, s->where);
	}
	if (!is_dry && unlink(s->place.file) != 0)
		return err_set(e, ERR_REFUSED, "the draft in %s cannot be deleted", s->where);
	return 0;
}

/* Is that message the draft? By its Message-ID where the server told the UID; what
 * was searched for must be the same to the byte. ERR_NOT_FOUND if it is gone. */
static int
check_uid(struct worker *w, const struct saved *s, uint32_t uid, bool is_told, bool *is_it_r,
    struct err *e)
{
	struct buf whole = BUF_INIT;
	struct slice header, body;
	int r = imap_fetch_whole(w->imap, uid, MAX_DRAFT, &whole, e);

	field_split(buf_slice(&whole), &header, &body);
	*is_it_r = r == 0 &&
	    slice_is(slice_trim(field_get(header, "Message-ID")), s->place.message_id) &&
	    (is_told || sum(buf_slice(&whole)) == s->sum);
	buf_free(&whole);
	return r;
}

/* *uid_r 0 and words if the draft is not there, or not as it was. */
static int
find_draft(struct worker *w, struct saved *s, uint32_t *uid_r, struct err *e)
{
	uint32_t *uids = NULL;
	size_t n = 0;
	bool is_it = false;
	int r;

	*uid_r = 0;
	if (s->place.uid != 0) {
		r = check_uid(w, s, s->place.uid, true, &is_it, e);
		if (r == 0 && is_it)
			*uid_r = s->place.uid;
		if (*uid_r != 0 || (r != 0 && e->code != ERR_NOT_FOUND))
			return *uid_r != 0 ? 0 : -1;
	}
	if (imap_search_message_id(w->imap, slice_of(s->place.message_id), &uids, &n, e) != 0)
		return -1;
	r = 0;
	for (size_t i = 0; i < n && i < MAX_COPIES && *uid_r == 0 && r == 0 && s->place.uid == 0;
	     i++) {
		r = check_uid(w, s, uids[i], false, &is_it, e);
		if (r == 0 && is_it)
			*uid_r = uids[i];
	}
	free(uids);
	if (r != 0 || *uid_r != 0)
		return r;
	s->is_gone = n == 0;
	if (s->is_gone)
		return err_set(e, ERR_REFUSED, "the draft is no longer in %s", s->where);
	err_set(e, ERR_REFUSED, "somebody has changed the draft");
	return err_todo(e, STAYS, s->where);
}

static int
remove_on_server(struct worker *w, struct saved *s, bool is_dry, struct err *e)
{
	bool is_done = false;
	uint32_t uid;

	if (online_select(w, s->place.folder, is_dry, e) != 0 || find_draft(w, s, &uid, e) != 0)
		return -1;
	if (is_dry)
		return 0;
	if (imap_remove(w->imap, uid, &is_done, e) != 0) {
		err_add(e, "deleting the draft");
		return -1;
	}
	if (is_done)
		return 0;
	err_set(e, ERR_REFUSED,
	    "other messages there are marked as deleted, and this server deletes all or none");
	return err_todo(e, STAYS, s->where);
}

static int
take_back_draft(struct worker *w, const struct letter *l, struct saved *s, const case_id *id,
    struct arena *a, const char **words_r, struct err *e)
{
	struct err ignored;
	int r;

	*words_r = arena_printf(
	    a, "the draft %s from %s", l->flag ? "would be deleted" : "was deleted", s->where);
	if (s->place.file[0] != '\0')
		r = remove_file(s, l->flag, e);
	else
		r = remove_on_server(w, s, l->flag, e);
	if (r != 0 && s->place.file[0] == '\0')
		online_failed(w, e);
	if ((r == 0 || s->is_gone) && !l->flag)
		(void)journal_remember(w->journal, draft_key(a, w, id), s->earlier, &ignored);
	return r;
}

struct waiting {
	struct arena *arena;
	const char *message_id; /* NULL: none waits */
	const char *to_words;
};

static bool
find_waiting(void *ctx, const struct journal_item *item)
{
	struct waiting *x = ctx;

	if (item->kind != JOURNAL_NOTE || item->state != JOURNAL_DUE)
		return true;
	x->message_id = arena_strdup(x->arena, item->message_id);
	x->to_words = arena_slicedup(x->arena, again_marks(slice_of(item->words)));
	return true;
}

static bool
touch(void *ctx, const struct journal_item *item)
{
	if (item->kind == JOURNAL_NOTE)
		buf_add(ctx, &item->case_id, sizeof(item->case_id));
	return true;
}

static int
take_back_waiting(struct worker *w, const struct letter *l, const struct row *row, struct arena *a,
    struct buf *touched, const char **words_r, struct err *e)
{
	const char *account = w->o.account->name;
	struct waiting x = {.arena = a};
	size_t n = 0;

	*words_r = l->flag ? "the note would be taken back" : "the note was taken back";
	if (journal_of_case(w->journal, &row->id, find_waiting, &x, e) != 0)
		return -1;
	if (x.message_id == NULL)
		return err_set(e, ERR_REFUSED, "too late, it is being sent");
	if (l->flag)
		return 0;
	if (journal_undo_note(w->journal, account, x.message_id, clock_now(), &n, e) != 0)
		return -1;
	if (n == 0)
		return err_set(e, ERR_REFUSED, "too late, it is being sent");
	note_forget(w, &row->id, x.to_words);
	return journal_of_message(w->journal, account, x.message_id, touch, touched, e);
}

int
note_take_back(struct worker *w, const struct letter *l, const struct row *row,
    const struct handled *h, struct arena *a, struct buf *touched, const char **words_r,
    struct err *e)
{
	char when[WHEN_BYTES];
	struct saved s;

	if (h->is_due_note)
		return take_back_waiting(w, l, row, a, touched, words_r, e);
	if (recall(w, &row->id, a, &s, e))
		return take_back_draft(w, l, &s, &row->id, a, words_r, e);
	if (row->handling == HANDLING_NOTED)
		return err_set(e, ERR_REFUSED, "too late, a note was sent at %s",
		    when_words(when, row->handled_at));
	return -1;
}

struct doubting {
	struct arena *arena;
	int64_t item;
	const char *message_id;
	int64_t created_at;
	struct buf items; /* of that message, in doubt */
	struct buf *touched;
};

static bool
find_item(void *ctx, const struct journal_item *item)
{
	struct doubting *x = ctx;

	if (item->id != x->item)
		return true;
	x->message_id = arena_strdup(x->arena, item->message_id);
	x->created_at = item->created_at;
	return false;
}

static bool
gather_doubts(void *ctx, const struct journal_item *item)
{
	struct doubting *x = ctx;

	if (item->kind != JOURNAL_NOTE || item->state != JOURNAL_DOUBT)
		return true;
	buf_add(&x->items, &item->id, sizeof(item->id));
	buf_add(x->touched, &item->case_id, sizeof(item->case_id));
	return true;
}

int
note_resolve(struct worker *w, const case_id *id, int64_t item, bool went, struct buf *touched,
    struct err *e)
{
	struct doubting x = {.arena = arena_new(), .item = item, .touched = touched};
	int r = journal_of_case(w->journal, id, find_item, &x, e);

	if (r == 0)
		r = journal_of_message(
		    w->journal, w->o.account->name, x.message_id, gather_doubts, &x, e);
	for (size_t i = 0; r == 0 && i < x.items.len / sizeof(item); i++) {
		int64_t one = ((const int64_t *)(const void *)x.items.data)[i];

		r = journal_resolve(w->journal, one, went, clock_now(), e);
	}
	if (r == 0 && !went)
		note_forget_of(w, id, x.created_at);
	buf_free(&x.items);
	arena_free(&x.arena);
	return r;
}
