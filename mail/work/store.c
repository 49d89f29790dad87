#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "work/doubt.h"
#include "work/edit.h"
#include "work/elsewhere.h"
#include "work/hearsay.h"
#include "work/keywords.h"

#define ROWS_A_LETTER 250
#define FIRST_ROWS 100 /* more than a screen, and there at once */

struct short_item {
	case_id id;
	int64_t item;
	struct journal_item facts; /* without most of its strings */
};

struct short_items {
	struct worker *w;
	struct short_item *items;
	size_t n, cap;
	struct arena *arena; /* of the strings that are kept */
};

static bool
keep_item(void *ctx, const struct journal_item *item)
{
	struct short_items *all = ctx;
	struct short_item *s;

	edit_alias(all->w, item);
	if (all->n == all->cap) {
		all->cap = all->cap == 0 ? 256 : 2 * all->cap;
		all->items = xrealloc(all->items, all->cap, sizeof(*all->items));
	}
	s = &all->items[all->n++];
	s->id = item->case_id;
	s->item = item->id;
	s->facts = *item;
	s->facts.account = s->facts.recipient = s->facts.envelope_from = s->facts.message_id = "";
	s->facts.envelope_id = s->facts.resent_id = s->facts.words = "";
	if (item->state == JOURNAL_SENT || item->state == JOURNAL_WENT) {
		s->facts.message_id = arena_strdup(all->arena, item->message_id);
		s->facts.envelope_id = arena_strdup(all->arena, item->envelope_id);
		s->facts.resent_id = arena_strdup(all->arena, item->resent_id);
	}
	if (item->kind == JOURNAL_IGNORE || item->kind == JOURNAL_REOPEN ||
	    item->kind == JOURNAL_UNIGNORE || item->state == JOURNAL_DUE ||
	    item->state == JOURNAL_FAILED)
		s->facts.words = arena_strdup(all->arena, item->words);
	return true;
}

static int
by_case_then_item(const void *a, const void *b)
{
	const struct short_item *x = a, *y = b;
	int r = strcmp(x->id.text, y->id.text);

	if (r != 0)
		return r;
	return x->item < y->item ? -1 : x->item > y->item;
}

/* An ignore that ended by itself is written down, so that it shows in the timeline
 * and its keyword goes from the server. */
static int
reopen(struct worker *w, const case_id *id, struct handled *h, struct err *e)
{
	int64_t now = clock_now();
	struct journal_item item = {
	    .kind = JOURNAL_REOPEN,
	    .state = JOURNAL_SENT,
	    .case_id = *id,
	    .account = w->o.account->name,
	    .words = h->ignored_until == CASE_UNTIL_NEXT_BOUNCE ? "it bounced again"
								: "it was ignored until now",
	    .created_at = now,
	    .due_at = now,
	    .started_at = now,
	    .ended_at = now,
	};

	if (journal_add(w->journal, &item, 1, e) != 0)
		return -1;
	handled_add(h, &item, now);
	w->marks_are_due = true;
	return 0;
}

/* Open by the journal; but the keyword of its newest report may say more. What this
 * machine sent since that report came put the keyword there itself. */
static void
look_elsewhere(const struct row *row, const struct sent_told *told, struct handled *h)
{
	if (h->handling == HANDLING_OPEN && row->uid != 0 && told->before == SENT_BEFORE_YES &&
	    !handled_is_last(h, row, told->end))
		handled_elsewhere(h, row, clock_now());
}

/* What is in doubt, or was sent again and may have arrived, has to be seen on reports that
 * came since too: the others may be taken away. */
static void
note_behind(
    struct worker *w, const struct row *row, const struct sent_told *told, const struct handled *h)
{
	bool is_unclear =
	    h->sent_at != 0 && row->last_seen > h->sent_at && told->end == TOLD_NO_END;

	if (h->doubt_item == 0 && (!is_unclear || told->before != SENT_BEFORE_NOT))
		return;
	id_set_add(&w->behind, &row->id);
	w->marks_are_due = true;
}

static int
put_handled(struct worker *w, const case_id *id, struct handled *h, struct err *e)
{
	struct sent_told told = {.before = SENT_BEFORE_NOT};
	bool wants_told;
	struct cache_handled c;
	struct arena *a = arena_new();
	struct row row;
	int r;

	wants_told = h->handling == HANDLING_RESENT || h->handling == HANDLING_OPEN;
	if (cache_row(w->cache, id, a, &row, e) == 0 &&
	    (!wants_told || elsewhere_look(w->cache, id, h, "", &told, e) == 0)) {
		handled_news(h, &row, told.end, clock_now());
		if (!h->is_over)
			look_elsewhere(&row, &told, h);
		if (!h->is_over)
			hearsay_ignored(w, &row, h);
		if (!h->is_over)
			hearsay_noted(w, &row, h);
		note_behind(w, &row, &told, h);
	}
	if (h->is_over && !w->o.read_only) {
		if (reopen(w, id, h, e) != 0) {
			arena_free(&a);
			return -1;
		}
		handled_news(h, &row, told.end, clock_now());
	}
	changes_add(w, id, h->next_change);
	handled_to_cache(h, &c);
	if (h->doubt_item != 0)
		c.words = doubt_text(w, id, h->doubt_item, a);
	r = cache_handled(w->cache, id, &c, e);
	arena_free(&a);
	return r;
}

/* The next report of what we sent again names it by the ids that we gave it. */
int
handled_alias(struct worker *w, const struct journal_item *item, struct err *e)
{
	if (item->kind != JOURNAL_RESEND)
		return 0;
	if (cache_alias(w->cache, item->envelope_id, &item->case_id, e) != 0)
		return -1;
	return cache_alias(w->cache, item->resent_id, &item->case_id, e);
}

static bool
add_alias(void *ctx, const struct journal_item *item)
{
	struct err e;

	if (handled_alias(ctx, item, &e) != 0)
		log_line("work", "case %s: %s", item->case_id.text, e.text);
	return true;
}

/* The journal is the truth, the cache has a copy: made at each start. */
static void
copy_journal(struct worker *w)
{
	struct short_items all = {.w = w, .arena = arena_new()};
	struct err e;

	if (journal_all(w->journal, w->o.account->name, keep_item, &all, &e) != 0 ||
	    cache_begin(w->cache, &e) != 0) {
		tell_status(w, ONLINE_NO, &e, "what was done before cannot be shown");
		free(all.items);
		arena_free(&all.arena);
		return;
	}
	if (all.n > 0)
		qsort(all.items, all.n, sizeof(*all.items), by_case_then_item);
	if (journal_all(w->journal, w->o.account->name, add_alias, w, &e) != 0)
		log_line("work", "names of resends: %s", e.text);
	for (size_t i = 0; i < all.n;) {
		struct handled h = {.n_items = 0};
		const case_id *id = &all.items[i].id;

		for (; i < all.n && strcmp(all.items[i].id.text, id->text) == 0; i++)
			handled_add(&h, &all.items[i].facts, clock_now());
		id_set_add(&w->handled, id);
		if (put_handled(w, id, &h, &e) != 0)
			log_line("work", "case %s: %s", id->text, e.text);
	}
	if (cache_commit(w->cache, &e) != 0)
		tell_status(w, ONLINE_NO, &e, "what was done before cannot be shown");
	free(all.items);
	arena_free(&all.arena);
}

static bool
add_item(void *ctx, const struct journal_item *item)
{
	handled_add(ctx, item, clock_now());
	return true;
}

int
handled_of_case(struct worker *w, const case_id *id, struct handled *h, struct err *e)
{
	*h = (struct handled){.n_items = 0};
	if (w->journal == NULL) {
		*e = w->journal_err;
		return -1;
	}
	return journal_of_case(w->journal, id, add_item, h, e);
}

int
handled_refresh(struct worker *w, const case_id *id, struct err *e)
{
	struct handled h;

	if (handled_of_case(w, id, &h, e) != 0)
		return -1;
	id_set_add(&w->handled, id);
	return put_handled(w, id, &h, e);
}

static char *
cache_path(struct worker *w)
{
	return arena_printf(w->arena, "%s/cache.db", w->o.cache_dir);
}

static int
open_cache(struct worker *w)
{
	char *path = cache_path(w);
	struct err e;

	err_clear(&e);
	if (path_make_dir(w->o.cache_dir, &w->cache_err) != 0 ||
	    cache_open(&w->cache, path, &w->cache_err) != 0) {
		err_add(&w->cache_err, "opening the cache");
		w->cache = NULL;
		return -1;
	}
	pthread_mutex_lock(&w->lock);
	if (w->shared.desk == NULL)
		w->shared.desk = desk_new(path, w->o.account, w->out);
	pthread_mutex_unlock(&w->lock);
	return 0;
}

void
store_open(struct worker *w)
{
	if (w->is_store_open)
		return;
	if (w->cache == NULL && open_cache(w) != 0)
		return; /* the next letter tries again */
	w->is_store_open = true;
	if (path_make_dir(w->o.state_dir, &w->journal_err) != 0 ||
	    journal_open(&w->journal, arena_printf(w->arena, "%s/journal.db", w->o.state_dir),
		&w->journal_err) != 0) {
		w->journal = NULL;
		err_add(&w->journal_err, "opening the journal");
		tell_status(w, ONLINE_NO, &w->journal_err,
		    "cases can be read, but nothing can be done with them: there is no journal");
		return;
	}
	copy_journal(w);
}

void
store_open_known(struct worker *w)
{
	if (w->cache == NULL && access(cache_path(w), F_OK) == 0)
		(void)open_cache(w); /* store_open says why not */
}

void
store_close(struct worker *w)
{
	journal_close(&w->journal);
	cache_close(&w->cache);
}

struct row
row_copy(struct arena *a, const struct row *row)
{
	struct row r = *row;

	r.account = arena_strdup(a, row->account);
	r.recipient = arena_strdup(a, row->recipient);
	r.domain = arena_strdup(a, row->domain);
	r.status = arena_strdup(a, row->status);
	r.subject = arena_strdup(a, row->subject);
	r.original_message_id = arena_strdup(a, row->original_message_id);
	r.from = arena_strdup(a, row->from);
	r.mta = arena_strdup(a, row->mta);
	r.trail = arena_strdup(a, row->trail);
	return r;
}

struct row_stream {
	struct worker *w;
	uint32_t request;
	struct letter *l;
	size_t limit;
};

static void
flush_rows(struct row_stream *s)
{
	if (s->l != NULL && s->l->n_rows > 0)
		tell(s->w, s->l);
	else
		letter_free(s->l);
	s->l = NULL;
}

static bool
stream_row(void *ctx, const struct row *row)
{
	struct row_stream *s = ctx;

	if (s->l == NULL) {
		s->l = letter_new(LETTER_ROWS, s->request);
		s->l->rows = arena_alloc(s->l->arena, s->limit * sizeof(*row));
	}
	s->l->rows[s->l->n_rows++] = row_copy(s->l->arena, row);
	if (s->l->n_rows == s->limit) {
		flush_rows(s);
		s->limit = ROWS_A_LETTER;
	}
	return !work_is_quitting(s->w);
}

/* Doubts first: they want a person. */
static bool
stream_doubt(void *ctx, const struct row *row)
{
	return row->handling != HANDLING_DOUBT || stream_row(ctx, row);
}

void
rows_all(struct worker *w, uint32_t request)
{
	struct row_stream s = {w, request, NULL, FIRST_ROWS};
	struct err e;
	int r = 0;

	(void)cache_changed_elsewhere(w->cache); /* from here on */
	if (w->handled.n > 0)
		r = cache_rows(w->cache, w->o.account->name, stream_doubt, &s, &e);
	if (r == 0)
		r = cache_rows(w->cache, w->o.account->name, stream_row, &s, &e);
	flush_rows(&s);
	if (r != 0)
		tell_status(w, ONLINE_NO, &e, "what was read before cannot be shown");
	cache_rest(w->cache);
}

static struct letter *
gone_letter(uint32_t request, size_t most)
{
	struct letter *l = letter_new(LETTER_GONE, request);

	l->cases = arena_alloc(l->arena, most * sizeof(*l->cases));
	return l;
}

void
rows_touched(struct worker *w, uint32_t request, struct buf *touched)
{
	struct row_stream s = {w, request, NULL, ROWS_A_LETTER};
	size_t n = touched->len / sizeof(case_id);
	case_id *ids = (case_id *)(void *)touched->data;
	struct letter *gone;
	struct arena *a;
	struct err e;

	if (n == 0)
		return;
	n = id_unique(ids, n);
	gone = gone_letter(request, n);
	a = arena_new();
	for (size_t i = 0; i < n; i++) {
		struct row row;
		bool is_here; /* or in another account only */

		if (w->journal != NULL && id_set_has(&w->handled, &ids[i]) &&
		    handled_refresh(w, &ids[i], &e) != 0)
			log_line("work", "case %s: %s", ids[i].text, e.text);
		if (cache_row(w->cache, &ids[i], a, &row, &e) == 0)
			is_here = strcmp(row.account, w->o.account->name) == 0;
		else if (e.code == ERR_NOT_FOUND)
			is_here = false;
		else
			continue;
		if (is_here)
			stream_row(&s, &row);
		else
			gone->cases[gone->n_cases++] = ids[i];
		arena_reset(a);
	}
	flush_rows(&s);
	if (gone->n_cases > 0)
		tell(w, gone);
	else
		letter_free(gone);
	arena_free(&a);
	buf_clear(touched);
}
