#include "work/intake.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "bounce/sift.h"
#include "msg/field.h"
#include "work/elsewhere.h"
#include "work/hearsay.h"
#include "work/keywords.h"

#define READ_AT_ONCE 100 /* messages: no thread is worth its start for so few */

void
intake_begin(struct intake *in, struct worker *w, const struct cache_box *box)
{
	*in = (struct intake){.w = w, .box = box, .arena = arena_new()};
}

void
intake_end(struct intake *in)
{
	reader_free(&in->reader);
	arena_free(&in->arena);
	buf_free(&in->touched);
	buf_free(&in->longer);
	buf_free(&in->likely);
	buf_free(&in->perhaps);
	buf_free(&in->taken);
	buf_free(&in->marks);
}

/* Was the part that matters cut off? */
static bool
wants_more(const struct report *r, struct slice bytes)
{
	struct slice header, body;

	if (r->kind == KIND_OTHER) {
		field_split(bytes, &header, &body);
		return slice_ifind(field_get(header, "Content-Type"), "multipart/report") !=
		    SLICE_NONE;
	}
	return r->n_recipients == 0 || r->recipients[0].action_from == ACTION_INFERRED;
}

/* Of a case that a message with keywords tells of. */
struct keyword_mark {
	case_id id;
	uint32_t uid;
	bool is_marked;
	bool has_part; /* one of its recipients was resent */
	enum handling handling;
};

static void
note_keywords(struct intake *in, const struct cache_message *m, size_t first_touched)
{
	const case_id *ids = (const case_id *)(const void *)in->touched.data;
	size_t n = in->touched.len / sizeof(case_id);
	struct keyword_mark mark = {.uid = m->uid, .handling = HANDLING_OPEN};

	mark.is_marked = keywords_read(m->keywords, m->n_keywords, &mark.handling);
	mark.has_part = keywords_have_part(m->keywords, m->n_keywords);
	for (size_t i = first_touched; i < n; i++) {
		mark.id = ids[i];
		if (!id_set_has(&in->w->handled, &ids[i])) /* by the journal: handled_refresh */
			buf_add(&in->marks, &mark, sizeof(mark));
	}
}

/* A new report without keywords is news of a case that is known by those of others. */
static void
note_none(struct intake *in, const struct cache_message *m, size_t first_touched)
{
	const case_id *ids = (const case_id *)(const void *)in->touched.data;
	size_t n = in->touched.len / sizeof(case_id);

	for (size_t i = first_touched; i < n; i++) {
		enum handling h = HANDLING_OPEN;
		struct err e;

		if (cache_handling(in->w->cache, &ids[i], &h, &e) == 0 && h != HANDLING_OPEN) {
			note_keywords(in, m, first_touched);
			return;
		}
	}
}

static int
resent_elsewhere(struct worker *w, const struct row *row, uint32_t uid, struct err *e)
{
	struct handled h = {.handling = HANDLING_OPEN};
	struct cache_handled c;

	/* It failed again after the resend that an older report is marked with. */
	if (row->uid != uid)
		return 0;
	handled_elsewhere(&h, row, clock_now());
	changes_add(w, &row->id, h.next_change);
	handled_to_cache(&h, &c);
	c.resends = 1;
	return cache_handled(w->cache, &row->id, &c, e);
}

/* Of several recipients of a report this one was resent, and nothing was done after. */
static bool
is_part_sent(struct intake *in, const struct keyword_mark *mark)
{
	struct sent_told told;
	struct err e;

	return mark->has_part && (!mark->is_marked || mark->handling == HANDLING_NOTED) &&
	    elsewhere_look(in->w->cache, &mark->id, NULL, "", &told, &e) == 0 &&
	    told.before == SENT_BEFORE_YES;
}

static int
apply_mark(struct intake *in, const struct keyword_mark *mark, struct err *e)
{
	struct cache_handled h = {.handling = mark->handling, .trail = ""};
	struct err unknown;
	struct row row;
	bool is_marked = mark->is_marked;

	arena_reset(in->arena);
	if (cache_row(in->w->cache, &mark->id, in->arena, &row, &unknown) != 0)
		return 0;
	if (is_part_sent(in, mark))
		return resent_elsewhere(in->w, &row, mark->uid, e);
	/* One of several reports may be marked and the others not. */
	if (!mark->is_marked && row.handling == HANDLING_IGNORED) {
		if (cache_has_keyword(in->w->cache, &mark->id, 0, keyword_of(HANDLING_IGNORED),
			&is_marked, e) != 0)
			return -1;
		if (is_marked)
			return 0;
	} else if (!mark->is_marked && (row.uid != mark->uid || row.handling == HANDLING_OPEN)) {
		return 0;
	}
	if (mark->handling == HANDLING_RESENT || mark->handling == HANDLING_DONE)
		return resent_elsewhere(in->w, &row, mark->uid, e);
	h.handled_at = mark->is_marked ? row.last_seen : 0;
	h.resends = row.resends; /* that it was resent once stays known: its mark may be gone */
	/* Nobody knows when it was written: when it was seen first, at the latest. */
	if (mark->handling == HANDLING_NOTED)
		h.handled_at = row.handling == HANDLING_NOTED && row.handled_at >= row.last_seen
		    ? row.handled_at
		    : clock_now();
	return cache_handled(in->w->cache, &mark->id, &h, e);
}

static int
hear_all_taken_back(struct intake *in, struct err *e)
{
	const case_id *ids = (const case_id *)(const void *)in->taken.data;
	size_t n = in->taken.len / sizeof(case_id);
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = hearsay_taken_back(in->w, &ids[i], e);
	buf_clear(&in->taken);
	return r;
}

int
intake_apply_keywords(struct intake *in, struct err *e)
{
	size_t n = in->marks.len / sizeof(struct keyword_mark);
	struct err commit;
	int r = 0;

	if (in->taken.len > 0 && hear_all_taken_back(in, e) != 0)
		return -1;
	if (n == 0)
		return 0;
	if (cache_begin(in->w->cache, e) != 0)
		return -1;
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct keyword_mark mark;

		memcpy(&mark, in->marks.data + i * sizeof(mark), sizeof(mark));
		r = apply_mark(in, &mark, e);
	}
	buf_clear(&in->marks);
	if (cache_commit(in->w->cache, r == 0 ? e : &commit) != 0)
		r = -1;
	return r;
}

static bool
fail(struct intake *in)
{
	in->has_failed = true;
	return false;
}

static void
note_longer(struct intake *in, const struct cache_message *m)
{
	struct cache_message c = *m;

	c.keywords = NULL; /* they live no longer than this call, and are noted */
	c.n_keywords = 0;
	c.path = "";
	buf_add(&in->longer, &c, sizeof(c));
}

static bool
is_ordinary(struct intake *in, struct slice message)
{
	struct slice header, body;

	field_split(message, &header, &body);
	return sift_header(in->arena, header) == SIFT_NO;
}

static bool
take_report(struct intake *in, const struct cache_message *m, const struct report *r,
    struct slice bytes, bool is_partly)
{
	struct worker *w = in->w;
	size_t before = in->touched.len / sizeof(case_id);

	in->n_seen++;
	if (r->kind == KIND_OTHER && is_ordinary(in, bytes))
		in->n_ordinary++;
	if (is_partly && wants_more(r, bytes))
		note_longer(in, m);
	if (cache_put(w->cache, in->box, m, r, w->own, w->n_own, &in->touched, &in->err) != 0)
		return fail(in);
	if (m->n_keywords > 0)
		note_keywords(in, m, before);
	else
		note_none(in, m, before);
	return true;
}

static bool
take_bundle(struct intake *in, struct bundle *b)
{
	for (size_t i = 0; i < b->n && !in->has_failed; i++) {
		const struct reading_job *job = &b->jobs[i];

		arena_reset(in->arena);
		take_report(in, &job->m, &job->r, bundle_bytes(b, job), job->is_partly);
	}
	reader_give_back(in->reader, b);
	return !in->has_failed;
}

/* What has been read; with `all` also what is still to be read. */
static bool
take_bundles(struct intake *in, bool all)
{
	struct bundle *b;

	while ((b = reader_take(in->reader, all)) != NULL)
		take_bundle(in, b);
	return !in->has_failed;
}

static void
send_bundle(struct intake *in)
{
	if (in->bundle != NULL)
		reader_send(in->reader, in->bundle);
	in->bundle = NULL;
}

bool
intake_drain(struct intake *in)
{
	if (in->reader == NULL)
		return !in->has_failed;
	send_bundle(in);
	return take_bundles(in, true);
}

/* False if it is too long to be copied. */
static bool
hand_over(struct intake *in, const struct cache_message *m, struct slice bytes, bool is_partly)
{
	if (bytes.n > READER_BYTES)
		return false;
	if (in->bundle != NULL && bundle_add(in->bundle, m, bytes, is_partly))
		return true;
	send_bundle(in);
	take_bundles(in, false);
	while ((in->bundle = reader_empty(in->reader)) == NULL)
		take_bundle(in, reader_take(in->reader, true));
	return bundle_add(in->bundle, m, bytes, is_partly);
}

bool
intake_message(struct intake *in, const struct cache_message *m, struct slice bytes, bool is_partly)
{
	struct report r;

	/* Headers count too, and may have passed that number. */
	if (++in->count >= READ_AT_ONCE && in->reader == NULL && !in->is_alone) {
		in->reader = reader_new();
		in->is_alone = in->reader == NULL;
	}
	if (in->reader != NULL && hand_over(in, m, bytes, is_partly))
		return !in->has_failed && !work_is_quitting(in->w);
	if (!intake_drain(in))
		return false;
	arena_reset(in->arena);
	report_read(in->arena, bytes, &r);
	return take_report(in, m, &r, bytes, is_partly) && !work_is_quitting(in->w);
}

bool
intake_head(struct intake *in, const struct cache_message *m, struct slice header)
{
	const struct report other = {.kind = KIND_OTHER};
	struct worker *w = in->w;
	enum sift sift;

	arena_reset(in->arena);
	in->n_seen++;
	/* Of a cut header the field that tells may be missing. */
	sift = header.n >= IMAP_MAX_HEAD ? SIFT_LIKELY : sift_header(in->arena, header);
	/* A server that gives headers whatever it is asked for must not be asked for ever. */
	if (sift != SIFT_NO && in->n_asked > 0) {
		in->n_asked--;
		buf_add(sift == SIFT_LIKELY ? &in->likely : &in->perhaps, &m->uid, sizeof(m->uid));
		return !work_is_quitting(w);
	}
	in->n_ordinary++;
	in->count++;
	if (cache_put(w->cache, in->box, m, &other, w->own, w->n_own, &in->touched, &in->err) != 0)
		return fail(in);
	return !work_is_quitting(w);
}

bool
intake_flags(struct intake *in, const struct cache_message *m)
{
	size_t before = in->touched.len / sizeof(case_id);
	bool was_ignored = false;

	arena_reset(in->arena);
	if (cache_message_has(in->w->cache, in->box, m->uid, keyword_of(HANDLING_IGNORED),
		&was_ignored, &in->err) != 0)
		return fail(in);
	if (cache_flags(in->w->cache, in->box, m, &in->touched, &in->err) != 0)
		return fail(in);
	note_keywords(in, m, before);
	if (was_ignored)
		buf_add(&in->taken, in->touched.data + before * sizeof(case_id),
		    in->touched.len - before * sizeof(case_id));
	return !work_is_quitting(in->w);
}
