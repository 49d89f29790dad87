/* How rows are kept: 80 bytes each, and every text once. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tui/model_int.h"

#define TEXT_MAX ((size_t)16 * 1024) /* longer ones are cut: nobody sees their end */

static_assert(CAUSE_COUNT <= UINT8_MAX, "a cause takes one byte of an entry");

static uint32_t
hash(const char *s, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return h;
}

const char *
texts_at(const struct texts *t, uint32_t at)
{
	return t->chunks[at >> TEXTS_SHIFT] + (at & (TEXTS_CHUNK - 1));
}

static uint32_t
add_text(struct texts *t, const char *s, size_t n)
{
	uint32_t at;

	if (t->n_chunks == 0 || TEXTS_CHUNK - t->used < n + 1) {
		t->chunks = xrealloc(t->chunks, t->n_chunks + 1, sizeof(*t->chunks));
		t->chunks[t->n_chunks++] = xmalloc(TEXTS_CHUNK);
		t->used = 0;
	}
	at = (uint32_t)((t->n_chunks - 1) << TEXTS_SHIFT | t->used);
	memcpy(t->chunks[t->n_chunks - 1] + t->used, s, n);
	t->chunks[t->n_chunks - 1][t->used + n] = '\0';
	t->used += n + 1;
	return at;
}

void
texts_init(struct texts *t)
{
	*t = (struct texts){.cap = 1024};
	t->index = xcalloc(t->cap, sizeof(*t->index));
	add_text(t, "", 0); /* 0 is the empty one */
}

void
texts_free(struct texts *t)
{
	for (size_t i = 0; i < t->n_chunks; i++)
		free(t->chunks[i]);
	free(t->chunks);
	free(t->index);
}

static void
grow(struct texts *t)
{
	size_t cap = t->cap * 2;
	uint32_t *index = xcalloc(cap, sizeof(*index));

	for (size_t i = 0; i < t->cap; i++) {
		const char *s = texts_at(t, t->index[i]);
		size_t at = hash(s, strlen(s)) & (cap - 1);

		if (t->index[i] == 0)
			continue;
		while (index[at] != 0)
			at = (at + 1) & (cap - 1);
		index[at] = t->index[i];
	}
	free(t->index);
	t->index = index;
	t->cap = cap;
}

uint32_t
texts_put(struct texts *t, const char *s)
{
	size_t n = s == NULL ? 0 : strnlen(s, TEXT_MAX);
	size_t at;

	if (n == 0)
		return 0;
	if ((t->n + 1) * 4 >= t->cap * 3)
		grow(t);
	for (at = hash(s, n) & (t->cap - 1); t->index[at] != 0; at = (at + 1) & (t->cap - 1)) {
		const char *known = texts_at(t, t->index[at]);

		if (strncmp(known, s, n) == 0 && known[n] == '\0')
			return t->index[at];
	}
	t->n++;
	return t->index[at] = add_text(t, s, n);
}

/* Seconds since 1970 until 2106; what lies outside is taken for its end. */
static uint32_t
short_time(int64_t t)
{
	if (t < 0)
		return 0;
	return t > UINT32_MAX ? UINT32_MAX : (uint32_t)t;
}

void
entry_pack(struct model *m, struct entry *e, const struct row *row)
{
	struct texts *t = &m->texts;

	memcpy(e->id, row->id.text, sizeof(e->id));
	e->recipient = texts_put(t, row->recipient);
	e->domain = texts_put(t, row->domain);
	e->status = texts_put(t, row->status);
	e->subject = texts_put(t, row->subject);
	e->from = texts_put(t, row->from);
	e->mta = texts_put(t, row->mta);
	e->trail = texts_put(t, row->trail);
	e->first_seen = short_time(row->first_seen);
	e->last_seen = short_time(row->last_seen);
	e->retry_until = short_time(row->retry_until);
	e->due_at = short_time(row->due_at);
	e->handled_at = short_time(row->handled_at);
	e->reports = row->reports;
	e->resends = row->resends;
	e->uid = row->uid;
	e->state = (uint8_t)row->state;
	e->cause = (uint8_t)row->cause;
	e->handling = (uint8_t)row->handling;
	e->lane = (uint8_t)row->lane;
	e->advice = (uint8_t)row->advice;
	e->is_till_next = row->due_at == CASE_UNTIL_NEXT_BOUNCE;
	e->is_due_note = row->is_due_note;
	e->is_being_sent = row->is_being_sent;
	e->is_not_sent = row->is_not_sent;
	e->is_new = row->is_new;
	e->is_permanent = row->is_permanent;
}

void
entry_unpack(const struct model *m, const struct entry *e, struct row *row)
{
	const struct texts *t = &m->texts;

	*row = (struct row){.account = m->accounts[e->account],
	    .recipient = texts_at(t, e->recipient),
	    .domain = texts_at(t, e->domain),
	    .status = texts_at(t, e->status),
	    .subject = texts_at(t, e->subject),
	    .original_message_id = "", /* nothing here asks for it, and none repeats */
	    .from = texts_at(t, e->from),
	    .mta = texts_at(t, e->mta),
	    .trail = texts_at(t, e->trail),
	    .first_seen = e->first_seen,
	    .last_seen = e->last_seen,
	    .retry_until = e->retry_until,
	    .due_at = e->is_till_next ? CASE_UNTIL_NEXT_BOUNCE : (int64_t)e->due_at,
	    .handled_at = e->handled_at,
	    .reports = e->reports,
	    .resends = e->resends,
	    .uid = e->uid,
	    .state = (enum state)e->state,
	    .cause = (enum cause)e->cause,
	    .handling = (enum handling)e->handling,
	    .lane = (enum lane)e->lane,
	    .advice = (enum resend_advice)e->advice,
	    .is_due_note = e->is_due_note,
	    .is_being_sent = e->is_being_sent,
	    .is_not_sent = e->is_not_sent,
	    .is_new = e->is_new,
	    .is_permanent = e->is_permanent};
	memcpy(row->id.text, e->id, sizeof(e->id));
}

struct case_key
entry_key(const struct entry *e)
{
	struct case_key key = {.account = e->account};

	memcpy(key.id.text, e->id, sizeof(e->id));
	return key;
}

const struct row *
model_show(const struct model *m, const struct entry *e)
{
	struct row *row = &m->shown->rows[m->shown->next++ % MODEL_ROWS];

	entry_unpack(m, e, row);
	return row;
}
