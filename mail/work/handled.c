#include "work/handled.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void
add_trail(struct handled *h, char letter, int64_t at)
{
	size_t used = strlen(h->trail);

	/* The newest are worth most, but a trail this long says enough. */
	if (used + 24 > sizeof(h->trail))
		return;
	snprintf(h->trail + used, sizeof(h->trail) - used, "%s%c@%" PRId64, used > 0 ? " " : "",
	    letter, at);
}

static int64_t
last_change(const struct journal_item *item)
{
	int64_t at = item->created_at;

	if (item->ended_at != 0)
		at = item->ended_at;
	else if (item->started_at != 0)
		at = item->started_at;
	/* A clock that was set back: nothing ended before it began. */
	return at > item->created_at ? at : item->created_at;
}

/* A report can come before the last answer did, which may take ten minutes, and long
 * before a person said that it went. */
static int64_t
on_wire(const struct journal_item *item)
{
	return item->started_at > item->created_at ? item->started_at : item->created_at;
}

static void
settle(struct handled *h, enum handling handling, int64_t at)
{
	h->handling = handling;
	h->handled_at = at;
}

static void
take_words(struct handled *h, const char *words)
{
	snprintf(h->words, sizeof(h->words), "%s", words == NULL ? "" : words + (words[0] == '\t'));
}

static void
count_try(struct handled *h, int64_t at, int64_t now)
{
	if (at > now - HANDLED_TRY_SPAN_S)
		h->tries++;
}

static void
add_doubt(struct handled *h, const struct journal_item *item, int64_t at)
{
	if (h->doubt_item == 0) {
		h->doubt_item = item->id;
		h->is_doubt_note = item->kind == JOURNAL_NOTE;
	}
	add_trail(h, '?', at);
}

/* Or by another process, right now. */
static void
add_due(struct handled *h, const struct journal_item *item)
{
	settle(h, HANDLING_DUE, item->created_at);
	h->due_at = item->due_at;
	h->due_item = item->id;
	h->is_due_note = item->kind == JOURNAL_NOTE;
	h->is_being_sent = item->state == JOURNAL_SENDING;
	take_words(h, item->words != NULL ? strchr(item->words, '\t') : NULL);
}

static void
take_names(struct handled *h, const struct journal_item *item)
{
	/* An edited message is known by its own. */
	const char *const ids[] = {item->envelope_id,
	    item->resent_id != NULL && item->resent_id[0] != '\0' ? item->resent_id
								  : item->message_id};

	for (size_t i = 0; i < 2; i++)
		snprintf(h->sent_as[i], sizeof(h->sent_as[i]), "%.*s",
		    SLICE_FMT(case_sent_name(slice_of(ids[i] != NULL ? ids[i] : ""))));
}

bool
handled_is_named(const struct handled *h, struct slice name)
{
	return name.n > 0 && (slice_is(name, h->sent_as[0]) || slice_is(name, h->sent_as[1]));
}

static void
add_resend(struct handled *h, const struct journal_item *item, int64_t now)
{
	int64_t at = on_wire(item);

	if (item->id > h->last_resend)
		h->last_resend = item->id;
	switch (item->state) {
	case JOURNAL_DUE:
	case JOURNAL_SENDING:
		add_due(h, item);
		break;
	case JOURNAL_SENT:
	case JOURNAL_WENT:
		settle(h, HANDLING_RESENT, at);
		h->resends++;
		h->sent_at = at;
		take_names(h, item);
		count_try(h, at, now);
		add_trail(h, 'R', at);
		break;
	case JOURNAL_DOUBT:
		count_try(h, at, now);
		add_doubt(h, item, at);
		break;
	case JOURNAL_FAILED:
		snprintf(h->words, sizeof(h->words), CASE_NOT_SENT "%s",
		    item->words != NULL ? item->words : "");
		break;
	case JOURNAL_UNDONE:
	case JOURNAL_DID_NOT:
		break;
	}
}

static void
add_ignore(struct handled *h, const struct journal_item *item)
{
	bool has_end = item->due_at == CASE_UNTIL_NEXT_BOUNCE || item->due_at > item->created_at;

	h->has_ignored = h->is_ignored_here = true;
	if (h->handling != HANDLING_IGNORED) {
		h->before_ignore = h->handling;
		h->before_ignore_at = h->handled_at;
	}
	settle(h, HANDLING_IGNORED, last_change(item));
	h->ignored_until = has_end ? item->due_at : 0;
	h->ignored_known = item->started_at;
	take_words(h, item->words);
	add_trail(h, 'i', last_change(item));
}

static void
add_other(struct handled *h, const struct journal_item *item)
{
	int64_t at = last_change(item);

	if (item->state == JOURNAL_UNDONE || item->state == JOURNAL_FAILED)
		return;
	switch (item->kind) {
	case JOURNAL_IGNORE:
		add_ignore(h, item);
		break;
	case JOURNAL_UNIGNORE:
		h->has_ignored = true;
		h->is_ignored_here = false;
		settle(h, h->before_ignore, h->before_ignore_at);
		take_words(h, item->words);
		h->was_unignored = true;
		add_trail(h, 'u', at);
		break;
	case JOURNAL_NOTE:
		if (item->state == JOURNAL_DOUBT)
			add_doubt(h, item, at);
		if (item->state == JOURNAL_DUE || item->state == JOURNAL_SENDING)
			add_due(h, item);
		if (item->state != JOURNAL_SENT && item->state != JOURNAL_WENT)
			break;
		settle(h, HANDLING_NOTED, item->created_at);
		add_trail(h, 'N', at);
		break;
	case JOURNAL_DONE:
		settle(h, HANDLING_DONE, at);
		break;
	case JOURNAL_REOPEN:
		h->is_ignored_here = false;
		if (h->ignored_until > 0)
			settle(h, h->before_ignore, h->before_ignore_at);
		else
			settle(h, HANDLING_OPEN, at);
		take_words(h, item->words);
		h->was_unignored = true;
		add_trail(h, 'u', at);
		break;
	case JOURNAL_RESEND:
		break;
	}
}

void
handled_add(struct handled *h, const struct journal_item *item, int64_t now)
{
	h->n_items++;
	h->last_item = item->id;
	h->was_unignored = false;
	h->words[0] = '\0';
	if (last_change(item) > h->changed_at)
		h->changed_at = last_change(item);
	if (item->kind == JOURNAL_RESEND)
		add_resend(h, item, now);
	else
		add_other(h, item);
	/* Whatever came after it: a doubt stays until a person resolves it. */
	if (h->doubt_item != 0)
		h->handling = HANDLING_DOUBT;
}

static void
news_of_ignored(struct handled *h, const struct row *row, int64_t now)
{
	if (h->ignored_until == CASE_UNTIL_NEXT_BOUNCE)
		h->is_over = row->last_seen > h->ignored_known && row->state != STATE_DELIVERED;
	else if (h->ignored_until != 0)
		h->is_over = h->ignored_until <= now;
	if (h->is_over)
		h->handling = HANDLING_OPEN;
	else if (h->ignored_until > 0)
		h->next_change = h->ignored_until;
}

static bool
has_failed(enum state state)
{
	return state == STATE_GAVE_UP || state == STATE_REFUSED || state == STATE_UNKNOWN;
}

static void
news_of_resent(struct handled *h, const struct row *row, enum told_end end, int64_t now)
{
	bool has_news = end != TOLD_NO_END || row->last_seen > h->handled_at;
	int64_t quiet_since = row->last_seen > h->handled_at ? row->last_seen : h->handled_at;

	/* A late warning of a server on the way does not take a failure back. */
	if (has_news &&
	    (has_failed(row->state) || (end == TOLD_FAILED && row->state != STATE_DELIVERED)))
		h->handling = HANDLING_OPEN;
	else if ((has_news && row->state == STATE_DELIVERED) ||
	    now - quiet_since >= HANDLED_SILENCE_S)
		h->handling = HANDLING_DONE;
	else
		h->next_change = quiet_since + HANDLED_SILENCE_S;
}

/* A note says what was known when it was begun: what failed for good since is open. */
static void
news_of_noted(struct handled *h, const struct row *row)
{
	if (row->last_seen > h->handled_at && has_failed(row->state))
		h->handling = HANDLING_OPEN;
}

void
handled_news(struct handled *h, const struct row *row, enum told_end end, int64_t now)
{
	if (h->handling == HANDLING_IGNORED)
		news_of_ignored(h, row, now);
	else if (h->handling == HANDLING_RESENT)
		news_of_resent(h, row, end, now);
	else if (h->handling == HANDLING_NOTED)
		news_of_noted(h, row);
}

bool
handled_is_last(const struct handled *h, const struct row *row, enum told_end end)
{
	return h->sent_at != 0 && h->sent_at >= row->last_seen && end == TOLD_NO_END;
}

void
handled_elsewhere(struct handled *h, const struct row *row, int64_t now)
{
	bool is_known = (row->handling == HANDLING_RESENT || row->handling == HANDLING_DONE) &&
	    row->handled_at >= row->last_seen;
	int64_t seen_at = is_known ? row->handled_at : now;

	settle(h, HANDLING_RESENT, seen_at > row->last_seen ? seen_at : row->last_seen);
	news_of_resent(h, row, TOLD_NO_END, now);
}

bool
handled_is_hearsay(const struct handled *h)
{
	return h->was_unignored && strcmp(h->words, HANDLED_HEARSAY) == 0;
}

static int64_t
due_of(const struct handled *h)
{
	if (h->handling == HANDLING_IGNORED)
		return h->ignored_until;
	return h->handling == HANDLING_DUE ? h->due_at : 0;
}

void
handled_to_cache(const struct handled *h, struct cache_handled *out)
{
	*out = (struct cache_handled){
	    .handling = h->handling,
	    .handled_at = h->handled_at,
	    .due_at = due_of(h),
	    .is_due_note = h->handling == HANDLING_DUE && h->is_due_note,
	    .is_being_sent = h->handling == HANDLING_DUE && h->is_being_sent,
	    .is_not_sent =
		h->handling == HANDLING_OPEN && slice_starts(slice_of(h->words), CASE_NOT_SENT),
	    .resends = h->resends,
	    .words = h->words,
	    .trail = h->trail,
	};
}
