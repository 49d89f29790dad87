/* One case in full: the facts of the report that its state comes from, and the
 * timeline of what was told and done. */
#include <stdlib.h>

#include "msg/addr.h"
#include "store/cache_sql.h"
#include "store/doubt.h"

static void
read_recipient(sqlite3_stmt *s, struct arena *a, struct recipient *r)
{
	*r = (struct recipient){.address = cache_copy(s, 0, a),
	    .original_recipient = cache_copy(s, 1, a),
	    .state = (enum state)sqlite3_column_int(s, 2),
	    .action = (enum action)sqlite3_column_int(s, 3),
	    .action_from = (enum action_from)sqlite3_column_int(s, 4),
	    .status = cache_copy(s, 5, a),
	    .status_from = (enum status_from)sqlite3_column_int(s, 6),
	    .status_field = cache_copy(s, 7, a),
	    .reply_code = cache_copy(s, 8, a),
	    .diagnostic = cache_copy(s, 9, a),
	    .remote_mta = cache_copy(s, 10, a),
	    .final_log_id = cache_copy(s, 11, a),
	    .last_attempt = sqlite3_column_int64(s, 12),
	    .will_retry_until = sqlite3_column_int64(s, 13),
	    .permanent = sqlite3_column_int(s, 14) != 0,
	    .resend = (enum resend_advice)sqlite3_column_int(s, 15)};
	r->n_causes = causes_read(cache_copy(s, 16, a), r->causes);
}

static void
read_report(sqlite3_stmt *s, struct arena *a, struct report *r)
{
	struct original *o = &r->original;
	int marks = sqlite3_column_int(s, 37);

	*r = (struct report){.kind = (enum report_kind)sqlite3_column_int(s, 17),
	    .message_id = cache_copy(s, 18, a),
	    .from = cache_copy(s, 19, a),
	    .to = cache_copy(s, 20, a),
	    .subject = cache_copy(s, 21, a),
	    .date = sqlite3_column_int64(s, 22),
	    .reporting_mta = cache_copy(s, 23, a),
	    .arrival_date = sqlite3_column_int64(s, 24),
	    .envelope_id = cache_copy(s, 25, a),
	    .queue_id = cache_copy(s, 26, a),
	    .mta = cache_copy(s, 27, a),
	    .is_cut = sqlite3_column_int(s, 38) != 0};
	*o = (struct original){.message_id = cache_copy(s, 28, a),
	    .from = cache_copy(s, 29, a),
	    .to = cache_copy(s, 30, a),
	    .subject = cache_copy(s, 31, a),
	    .date = cache_copy(s, 32, a),
	    .header = SLICE_EMPTY,
	    .raw = SLICE_EMPTY,
	    .part = (enum original_part)sqlite3_column_int(s, 33),
	    .dkim_domain = cache_copy(s, 34, a),
	    .return_path = cache_copy(s, 35, a),
	    .first_received = cache_copy(s, 36, a),
	    .is_null_sender = (marks & MARK_NULL_SENDER) != 0,
	    .is_automatic = (marks & MARK_AUTOMATIC) != 0,
	    .is_list_mail = (marks & MARK_LIST) != 0};
}

/* The rows of the tables that the causes come from are found again: they hold
 * vendor and remedy. */
static void
find_table_rows(struct arena *a, struct recipient *r, struct slice reporting_mta)
{
	struct recipient again = *r;

	if (r->state == STATE_DELIVERED)
		return;
	causes_derive(a, &again, reporting_mta);
	for (size_t i = 0; i < r->n_causes; i++)
		for (size_t k = 0; k < again.n_causes; k++)
			if (again.causes[k].cause == r->causes[i].cause)
				r->causes[i].row = again.causes[k].row;
}

static void
clear_facts(struct detail *d)
{
	struct recipient *r = &d->recipient;
	struct report *p = &d->report;
	struct original *o = &p->original;

	r->address = r->original_recipient = r->status = r->status_field = r->reply_code =
	    r->diagnostic = r->remote_mta = r->final_log_id = SLICE_EMPTY;
	p->message_id = p->from = p->to = p->subject = p->reporting_mta = p->envelope_id =
	    p->queue_id = p->mta = SLICE_EMPTY;
	o->message_id = o->from = o->to = o->subject = o->date = o->header = o->raw =
	    o->dkim_domain = o->return_path = o->first_received = SLICE_EMPTY;
}

/* A case whose reports all went has a row, and what we did, but no facts. */
static int
read_facts(struct cache *c, int64_t delivery, struct arena *a, struct detail *d, struct err *e)
{
	sqlite3_stmt *s = cache_stmt(c, SQL_FACTS, e);
	case_id edited;
	int step;

	clear_facts(d);
	if (s == NULL)
		return -1;
	cache_bind(s, "i", delivery);
	step = cache_step(c, s, e);
	if (step < 1)
		return step;
	read_recipient(s, a, &d->recipient);
	read_report(s, a, &d->report);
	sqlite3_reset(s);
	find_table_rows(a, &d->recipient, d->report.reporting_mta);
	/* The report may know only the address behind a forwarder. What was edited went
	 * to whom the editor wrote it. */
	if (d->recipient.original_recipient.n == 0 &&
	    !case_of_edited(d->report.original.message_id, &edited) &&
	    !addr_same(d->recipient.address, slice_of(d->row.recipient)))
		d->recipient.original_recipient = slice_of(d->row.recipient);
	return 0;
}

static enum event_kind
kind_of_report(enum report_kind kind, enum action action, enum state state)
{
	if (kind != KIND_BOUNCE && kind != KIND_DELIVERED)
		return EVENT_REPORT;
	if (action == ACTION_RELAYED || action == ACTION_EXPANDED)
		return EVENT_RELAYED;
	if (state == STATE_TRYING)
		return EVENT_DELAYED;
	return state == STATE_DELIVERED ? EVENT_DELIVERED : EVENT_FAILED;
}

static bool
is_twice(const struct buf *events, const struct slice *id, struct slice last, int64_t at)
{
	const struct event *list = (const struct event *)(const void *)events->data;
	size_t n = events->len / sizeof(*list);

	return n > 0 && id->n > 0 && slice_eq(*id, last) && list[n - 1].at == at;
}

static int
read_told(struct cache *c, const case_id *id, int64_t account, struct arena *a, struct buf *events,
    struct err *e)
{
	sqlite3_stmt *s = cache_stmt(c, SQL_EVENTS, e);
	struct slice last = SLICE_EMPTY;
	int step;

	if (s == NULL)
		return -1;
	cache_bind(s, "ii", case_number(id), account);
	while ((step = cache_step(c, s, e)) == 1) {
		enum report_kind kind = (enum report_kind)sqlite3_column_int(s, 2);
		struct event ev = {
		    .at = sqlite3_column_int64(s, 3), .uid = (uint32_t)sqlite3_column_int64(s, 4)};
		struct slice message_id = cache_text(s, 7);

		if (is_twice(events, &message_id, last, ev.at))
			continue;
		ev.kind = kind_of_report(kind, (enum action)sqlite3_column_int(s, 0),
		    (enum state)sqlite3_column_int(s, 1));
		ev.words = arena_slicedup(a, cache_text(s, ev.kind == EVENT_REPORT ? 6 : 5));
		last = arena_copy(a, message_id);
		buf_add(events, &ev, sizeof(ev));
	}
	return step;
}

static enum event_kind
kind_of_letter(char letter)
{
	switch (letter) {
	case 'N':
		return EVENT_NOTED;
	case '?':
		return EVENT_DOUBT;
	case 'i':
		return EVENT_IGNORED;
	case 'u':
		return EVENT_REOPENED;
	default:
		return EVENT_RESENT;
	}
}

static enum event_kind
event_of(int handling)
{
	if (handling == HANDLING_IGNORED)
		return EVENT_IGNORED;
	return handling == HANDLING_DUE ? EVENT_DUE : EVENT_REOPENED;
}

/* What was said about the handling stands beside what made it so. */
static void
say_why(struct buf *events, enum event_kind kind, const char *words)
{
	struct event *list = (struct event *)(void *)events->data;

	for (size_t i = events->len / sizeof(*list); i > 0; i--) {
		if (list[i - 1].kind != kind)
			continue;
		list[i - 1].words = words;
		return;
	}
}

/* Its kind is that of a resend that waits, so that scripts find it. */
static const char *
due_words(const struct row *row)
{
	if (row->is_being_sent)
		return row->is_due_note ? "a note, being sent just now" : "being sent just now";
	return row->is_due_note ? "a note" : "";
}

/* The oldest doubt is the one that is asked about; a long trail may have left it out. */
static void
read_doubt(struct arena *a, struct detail *d, struct buf *events)
{
	struct event *list = (struct event *)(void *)events->data;
	struct event ev = {.kind = EVENT_DOUBT};
	size_t i = 0, n = events->len / sizeof(*list);

	d->doubt = arena_calloc(a, 1, sizeof(*d->doubt));
	if (!doubt_read(a, slice_of(d->reason), d->doubt)) {
		d->doubt = NULL;
		return;
	}
	d->reason = ev.words = d->doubt->words;
	ev.at = d->doubt->at;
	while (i < n && list[i].kind != EVENT_DOUBT)
		i++;
	if (i < n)
		list[i] = ev;
	else
		buf_add(events, &ev, sizeof(ev));
}

static int
read_done(struct cache *c, const case_id *id, struct arena *a, struct detail *d, struct buf *events,
    struct err *e)
{
	sqlite3_stmt *s = cache_stmt(c, SQL_HANDLED_FIND, e);
	struct event ev = {.words = ""};
	const char *trail;
	char letter;
	int step;

	if (s == NULL)
		return -1;
	cache_bind(s, "i", case_number(id));
	step = cache_step(c, s, e);
	if (step < 1)
		return step;
	for (trail = cache_cstr(s, 4); trail_next(&trail, &letter, &ev.at);) {
		ev.kind = kind_of_letter(letter);
		buf_add(events, &ev, sizeof(ev));
	}
	if (sqlite3_column_int(s, 0) == HANDLING_DUE) {
		ev.kind = EVENT_DUE;
		ev.at = cache_due(sqlite3_column_int64(s, 2), NULL);
		ev.words = due_words(&d->row);
		buf_add(events, &ev, sizeof(ev));
	}
	d->reason = arena_slicedup(a, cache_text(s, 5));
	if (sqlite3_column_int(s, 0) == HANDLING_DOUBT)
		read_doubt(a, d, events);
	else if (d->reason[0] != '\0' && !slice_starts(slice_of(d->reason), CASE_NOT_SENT))
		say_why(events, event_of(sqlite3_column_int(s, 0)), d->reason);
	sqlite3_reset(s);
	return 0;
}

/* Reports first at the same moment: they are what was acted on. */
static int
compare_events(const void *x, const void *y)
{
	const struct event *a = x;
	const struct event *b = y;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if ((a->uid == 0) != (b->uid == 0))
		return a->uid == 0 ? 1 : -1;
	return a->kind < b->kind ? -1 : a->kind > b->kind;
}

int
cache_detail(struct cache *c, const case_id *id, struct arena *a, struct detail *d, struct err *e)
{
	struct buf events = BUF_INIT;
	struct cache_behind b;
	int result = -1;

	*d = (struct detail){.verdict = "", .reason = ""};
	if (cache_find_row(c, id, a, &d->row, &b, e) == 0 &&
	    read_facts(c, b.delivery, a, d, e) == 0 &&
	    read_told(c, id, b.account, a, &events, e) == 0 &&
	    read_done(c, id, a, d, &events, e) == 0)
		result = 0;
	d->ours = result == 0 ? b.ours : "";
	d->n_events = events.len / sizeof(*d->events);
	if (d->n_events > 1)
		qsort(events.data, d->n_events, sizeof(*d->events), compare_events);
	d->events = arena_alloc(a, events.len);
	if (events.len > 0)
		memcpy(d->events, events.data, events.len);
	buf_free(&events);
	return result;
}
