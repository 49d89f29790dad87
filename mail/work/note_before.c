/* What was written before: one note a domain, cause and day is enough, whoever of those who
 * look after the mailbox wrote it; and an address that took a note once is used again. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "msg/addr.h"
#include "work/keywords.h"
#include "work/notes.h"

const char *
note_key(struct arena *a, const struct worker *w, const struct row *row, enum note_to to)
{
	return arena_printf(a, "note:%s:%s:%s", w->o.account->name,
	    to == NOTE_POSTMASTER ? row->domain : row->recipient, cause_id(row->cause));
}

static int64_t
remembered(struct worker *w, struct arena *a, const struct row *row, enum note_to to)
{
	const char *value = "";
	struct err e;

	if (w->journal == NULL ||
	    journal_recall(w->journal, note_key(a, w, row, to), a, &value, &e) != 0)
		return 0;
	return strtoll(value, NULL, 10);
}

int64_t
note_sent_lately(struct worker *w, struct arena *a, const struct row *row, enum note_to to)
{
	int64_t at = remembered(w, a, row, to);

	return at > clock_now() - NOTE_DAY_S ? at : 0;
}

void
note_forget(struct worker *w, const case_id *id, const char *to_words)
{
	enum note_to to = strcmp(to_words, NOTE_TO_WORDS(NOTE_POSTMASTER)) == 0 ? NOTE_POSTMASTER
										: NOTE_RECIPIENT;
	struct arena *a = arena_new();
	struct row row;
	struct err e;

	if (cache_row(w->cache, id, a, &row, &e) != 0 ||
	    journal_remember(w->journal, note_key(a, w, &row, to), "0", &e) != 0)
		log_line("work", "note: %s", e.text);
	arena_free(&a);
}

/* To whom it went is no longer known, but it was remembered when it was made. */
void
note_forget_of(struct worker *w, const case_id *id, int64_t created_at)
{
	static const enum note_to both[] = {NOTE_RECIPIENT, NOTE_POSTMASTER};
	struct arena *a = arena_new();
	struct row row;
	struct err e;

	for (size_t i = 0; cache_row(w->cache, id, a, &row, &e) == 0 && i < 2; i++) {
		int64_t at = remembered(w, a, &row, both[i]);

		if (at <= created_at && at >= created_at - 2)
			note_forget(w, id, NOTE_TO_WORDS(both[i]));
	}
	arena_free(&a);
}

struct looking {
	struct worker *w;
	const struct row *about;
	enum note_to to;
	int64_t at;
};

/* By its keyword: what this machine wrote is remembered here. */
static bool
is_noted_elsewhere(struct worker *w, const struct row *row)
{
	struct handled h;
	struct err e;

	if (row->handling != HANDLING_NOTED || row->handled_at <= clock_now() - NOTE_DAY_S)
		return false;
	return !id_set_has(&w->handled, &row->id) || handled_of_case(w, &row->id, &h, &e) != 0 ||
	    strchr(h.trail, 'N') == NULL;
}

static bool
look_at(void *ctx, const struct row *row)
{
	struct looking *l = ctx;
	const struct row *about = l->about;

	if (row->cause == about->cause &&
	    (l->to == NOTE_POSTMASTER
		    ? strcmp(row->domain, about->domain) == 0
		    : addr_same(slice_of(row->recipient), slice_of(about->recipient))) &&
	    row->handled_at > l->at && is_noted_elsewhere(l->w, row))
		l->at = row->handled_at;
	return true;
}

int64_t
note_sent_elsewhere(struct worker *w, const struct row *row, enum note_to to)
{
	struct looking l = {.w = w, .about = row, .to = to};
	struct err e;

	if (cache_rows(w->cache, w->o.account->name, look_at, &l, &e) != 0)
		log_line("work", "note: %s", e.text);
	return l.at;
}

static const char *
other_key(struct arena *a, const struct row *row)
{
	return arena_printf(a, "other:%s", row->recipient);
}

struct slice
note_other(struct worker *w, struct arena *a, const struct row *row, int64_t *at_r)
{
	const char *known = "";
	struct slice rest, address = SLICE_EMPTY, at = SLICE_EMPTY;
	struct err e;

	*at_r = 0;
	if (w->journal == NULL || journal_recall(w->journal, other_key(a, row), a, &known, &e) != 0)
		return SLICE_EMPTY;
	rest = slice_of(known);
	slice_line(&rest, &address);
	slice_line(&rest, &at);
	*at_r = at.n > 0 ? strtoll(arena_slicedup(a, at), NULL, 10) : 0;
	return addr_is_wire_safe(address) ? address : SLICE_EMPTY;
}

void
note_remember_other(struct worker *w, const case_id *id, struct slice address)
{
	struct arena *a = arena_new();
	struct row row;
	struct err e;

	if (cache_row(w->cache, id, a, &row, &e) == 0 &&
	    !addr_same(address, slice_of(row.recipient)) &&
	    journal_remember(w->journal, other_key(a, &row),
		arena_printf(a, "%.*s\n%" PRId64, SLICE_FMT(address), clock_now()), &e) != 0)
		log_line("work", "note: %s", e.text);
	arena_free(&a);
}
