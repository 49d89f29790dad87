/* Keywords on the server follow the journal, also after a time offline: at each
 * pass the cases that changed since the last one are marked. That may be done twice
 * without harm, but for an ignore, which another machine may have taken back since, and
 * for taking one back. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "work/claim.h"
#include "work/keywords.h"
#include "work/work.h"

struct mark {
	uint32_t uid;
	enum handling handling, wanted; /* by the report; by the case */
	case_id id;
	bool is_part;    /* resent, but not all of the report's cases are */
	bool is_removed; /* an ignore that was taken back */
};

struct marks_of {
	struct mark *marks;
	size_t n;
};

struct marking {
	struct worker *w;
	int64_t since, last_id; /* of the last pass; time has seconds only */
	int64_t id;             /* the last one of this */
	struct id_set changed;
	struct mark *marks;
	size_t n, cap;
};

static int64_t
newest(const struct journal_item *item)
{
	return item->ended_at > item->created_at ? item->ended_at : item->created_at;
}

static bool
note_changed(void *ctx, const struct journal_item *item)
{
	struct marking *m = ctx;
	bool is_deed = item->kind == JOURNAL_IGNORE || item->kind == JOURNAL_UNIGNORE ||
	    item->kind == JOURNAL_REOPEN; /* done as it is written */
	bool is_known = is_deed && item->state != JOURNAL_UNDONE && item->id <= m->last_id;

	if (item->id > m->id)
		m->id = item->id;
	if (newest(item) >= m->since && !is_known)
		id_set_add(&m->changed, &item->case_id);
	return true;
}

static void
add_mark(struct marking *m, uint32_t uid, const case_id *id, const struct handled *h)
{
	if (m->n == m->cap) {
		m->cap = m->cap == 0 ? 64 : 2 * m->cap;
		m->marks = xrealloc(m->marks, m->cap, sizeof(*m->marks));
	}
	m->marks[m->n++] = (struct mark){
	    .uid = uid,
	    .handling = h->was_unignored ? HANDLING_IGNORED : h->handling,
	    .wanted = h->handling,
	    .id = *id,
	    .is_removed = h->was_unignored,
	};
}

struct marking_case {
	struct marking *m;
	const case_id *id;
	const struct handled *h;
};

/* A report that tells of the resend, or came after what was done, has to be seen
 * everywhere, and a mark would hide it. */
static bool
is_news(const struct handled *h, const struct cache_sent *report)
{
	if (h->handling == HANDLING_NOTED)
		return report->at > h->handled_at;
	return (h->handling == HANDLING_RESENT || h->handling == HANDLING_DONE) &&
	    (report->at > h->handled_at || handled_is_named(h, report->name));
}

static void
mark_report(void *ctx, const struct cache_sent *report)
{
	struct marking_case *c = ctx;

	if (strcmp(report->mailbox, c->m->w->mailbox) != 0 || report->uid == 0)
		return;
	if (!c->h->was_unignored && is_news(c->h, report))
		return;
	add_mark(c->m, report->uid, c->id, c->h);
}

static void
mark_case(struct marking *m, const case_id *id)
{
	struct handled h;
	struct marking_case c = {m, id, &h};
	struct err e;

	if (handled_of_case(m->w, id, &h, &e) == 0 && !handled_is_hearsay(&h) &&
	    (keyword_of(h.handling)[0] != '\0' || h.was_unignored) &&
	    cache_sent(m->w->cache, id, mark_report, &c, &e) != 0)
		log_line("work", "keywords: %s", e.text);
}

static int
by_uid(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	return x->uid < y->uid ? -1 : x->uid > y->uid;
}

/* A report of several recipients is marked when all its cases have come so far. Until
 * then it says of each that was resent only to which part it belongs: nobody else may
 * send that again unasked. */
static void
drop_unfinished(void *ctx, const case_id *id, enum handling handling)
{
	struct marks_of *of = ctx;

	(void)id;
	for (size_t i = 0; i < of->n; i++) {
		struct mark *mark = &of->marks[i];

		if (mark->is_removed || handling == mark->wanted)
			continue;
		mark->is_part = mark->is_part || mark->wanted == HANDLING_RESENT;
		mark->handling = HANDLING_OPEN; /* no keyword */
	}
}

/* The cases of a message stand side by side. */
static int
look_at_others(struct marking *m, struct err *e)
{
	struct worker *w = m->w;

	for (size_t i = 0, next; i < m->n; i = next) {
		struct marks_of of = {&m->marks[i], 0};

		for (next = i; next < m->n && m->marks[next].uid == m->marks[i].uid; next++)
			of.n++;
		if (cache_of_message(w->cache, w->o.account->name, w->mailbox, m->marks[i].uid,
			drop_unfinished, &of, e) != 0)
			return -1;
	}
	return 0;
}

/* What goes from the server later was taken away by others. */
static int
note_told(struct worker *w, const uint32_t *uids, size_t n, bool add, struct err *e)
{
	imap_delta_free(&w->delta); /* it is of before */
	w->is_box_fresh = false;
	return cache_keyword(w->cache, w->o.account->name, w->mailbox, uids, n,
	    keyword_of(HANDLING_IGNORED), add, e);
}

static int
store(struct marking *m, enum handling handling, bool is_removed, struct err *e)
{
	uint32_t *uids = xcalloc(m->n + 1, sizeof(*uids));
	bool has_conflict = false;
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < m->n; i++) {
		if (m->marks[i].handling == handling && m->marks[i].is_removed == is_removed &&
		    (n == 0 || uids[n - 1] != m->marks[i].uid))
			uids[n++] = m->marks[i].uid;
	}
	if (n > 0)
		r = imap_store(
		    m->w->imap, uids, n, !is_removed, keyword_of(handling), 0, &has_conflict, e);
	if (r == 0 && handling == HANDLING_IGNORED)
		r = note_told(m->w, uids, n, !is_removed, e);
	free(uids);
	return r;
}

static int
store_parts(struct marking *m, struct err *e)
{
	uint32_t *uids = xcalloc(m->n + 1, sizeof(*uids));
	bool has_conflict = false;
	int r = 0;

	for (unsigned part = 0; part < CASE_PARTS && r == 0; part++) {
		char keyword[KEYWORD_PART_BYTES];
		const case_id *id = NULL;
		size_t n = 0;

		for (size_t i = 0; i < m->n; i++) {
			if (!m->marks[i].is_part || case_part(&m->marks[i].id) != part)
				continue;
			id = &m->marks[i].id;
			if (n == 0 || uids[n - 1] != m->marks[i].uid)
				uids[n++] = m->marks[i].uid;
		}
		if (n > 0)
			r = imap_store(m->w->imap, uids, n, true, keyword_part(keyword, id), 0,
			    &has_conflict, e);
	}
	free(uids);
	return r;
}

static int
store_all(struct marking *m, struct err *e)
{
	static const enum handling kinds[] = {
	    HANDLING_RESENT, HANDLING_NOTED, HANDLING_IGNORED, HANDLING_DONE};

	if (m->n == 0)
		return 0;
	qsort(m->marks, m->n, sizeof(*m->marks), by_uid);
	if (look_at_others(m, e) != 0 || online_select(m->w, m->w->mailbox, false, e) != 0)
		return -1;
	if (store_parts(m, e) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (store(m, kinds[i], false, e) != 0)
			return -1;
	}
	return store(m, HANDLING_IGNORED, true, e);
}

struct behind {
	const struct handled *h;
	const char *mailbox;
	struct buf uids;
};

static void
add_behind(void *ctx, const struct cache_sent *report)
{
	struct behind *b = ctx;

	if (strcmp(report->mailbox, b->mailbox) == 0 && report->uid != 0 &&
	    report->at > b->h->sent_at && report->name.n == 0 &&
	    strstr(report->keywords, KEYWORD_PERHAPS) == NULL)
		buf_add(&b->uids, &report->uid, sizeof(report->uid));
}

/* Reports that came after what was done here, and do not say that they are about it. */
static int
mark_behind(struct marking *m, const case_id *id, struct err *e)
{
	struct worker *w = m->w;
	struct handled h;
	struct behind b = {.h = &h, .mailbox = w->mailbox, .uids = BUF_INIT};
	bool has_conflict;
	int r = handled_of_case(w, id, &h, e);

	if (r == 0 && h.doubt_item != 0) {
		claim_renew(w, id);
		return w->imap != NULL ? 0 : err_set(e, ERR_CLOSED, "the connection was lost");
	}
	if (r == 0 && h.sent_at != 0)
		r = cache_sent(w->cache, id, add_behind, &b, e);
	if (r == 0 && b.uids.len > 0)
		r = online_select(w, w->mailbox, false, e) != 0
		    ? -1
		    : imap_store(w->imap, (const uint32_t *)(const void *)b.uids.data,
			  b.uids.len / sizeof(uint32_t), true, KEYWORD_PERHAPS, 0, &has_conflict,
			  e);
	buf_free(&b.uids);
	return r;
}

static int
mark_all_behind(struct marking *m, struct err *e)
{
	for (size_t i = 0; i < m->w->behind.n; i++) {
		if (mark_behind(m, &m->w->behind.ids[i], e) != 0)
			return -1;
	}
	id_set_free(&m->w->behind);
	m->w->behind = (struct id_set){.n = 0};
	return 0;
}

static void
tidy_claims(struct marking *m)
{
	for (size_t i = 0; i < m->changed.n && m->w->imap != NULL; i++) {
		struct handled h;
		struct err e;

		if (handled_of_case(m->w, &m->changed.ids[i], &h, &e) == 0)
			claim_tidy(m->w, &m->changed.ids[i], h.handling);
	}
}

static int
mark_changed(struct marking *m, const char *key, struct arena *a, struct err *e)
{
	struct worker *w = m->w;
	int64_t begun = clock_now();
	const char *since;
	char *rest;

	if (journal_recall(w->journal, key, a, &since, e) != 0)
		return -1;
	m->since = strtoll(since, &rest, 10);
	m->last_id = strtoll(rest, NULL, 10);
	if (m->since > begun) /* the clock was set back: nobody knows what is newer */
		m->since = 0;
	if (journal_all(w->journal, w->o.account->name, note_changed, m, e) != 0)
		return -1;
	for (size_t i = 0; i < m->changed.n; i++)
		mark_case(m, &m->changed.ids[i]);
	if (store_all(m, e) != 0)
		return -1;
	if (mark_all_behind(m, e) != 0)
		return -1;
	tidy_claims(m);
	if (w->imap == NULL)
		return err_set(e, ERR_CLOSED, "the connection was lost");
	return journal_remember(
	    w->journal, key, arena_printf(a, "%" PRId64 " %" PRId64, begun, m->id), e);
}

void
keywords_mark(struct worker *w)
{
	struct marking m = {.w = w};
	struct arena *a;
	struct job job;
	struct err e;

	if (w->imap == NULL || !w->marks_are_due)
		return;
	w->marks_are_due = false;
	if (w->o.read_only || !w->box.keywords || w->box.read_only || w->journal == NULL)
		return;
	a = arena_new();
	job_begin(w, &job, 0);
	if (mark_changed(&m, arena_printf(a, "marked:%s", w->o.account->name), a, &e) != 0) {
		log_line("work", "keywords: %s", e.text);
		online_failed(w, &e);
		if (w->imap != NULL)
			tell_status(w, ONLINE_YES, &e, "could not mark on the server: %s", e.text);
	}
	job_end(w, &job);
	id_set_free(&m.changed);
	free(m.marks);
	arena_free(&a);
}
