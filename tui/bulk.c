/* What becomes of many resends: they are summed up when the last of them has gone, for
 * what was said of each while they went is soon out of sight. */
#include <stdlib.h>
#include <string.h>

#include "tui/app.h"

enum fate {
	FATE_NONE, /* not heard yet */
	FATE_SENT,
	FATE_NOT_SENT,
	FATE_DOUBT,
	FATE_LATER, /* could not go now, and is tried again */
	FATE_STOPPED,
	FATE_BACK,
	FATE_LEFT_OUT, /* was not let in */
	FATE_N,
};

struct bulk {
	struct bulk *next;
	uint32_t group;        /* of the request */
	bool is_answered;      /* what was not let in is known */
	bool is_now;           /* nothing waits for its undo: they go before the answer */
	struct case_key *keys; /* in order */
	unsigned char *fates;  /* of each */
	size_t n;
	size_t n_of[FATE_N];
};

static int
by_key(const void *pa, const void *pb)
{
	const struct case_key *a = pa;
	const struct case_key *b = pb;
	int n = memcmp(a->id.text, b->id.text, CASE_ID_LEN);

	return n != 0 ? n : (int)a->account - (int)b->account;
}

static void
put_fate(struct bulk *b, size_t i, enum fate fate)
{
	b->n_of[b->fates[i]]--;
	b->fates[i] = (unsigned char)fate;
	b->n_of[fate]++;
}

/* Of the one that is not heard of yet; NULL if it is none of these. */
static unsigned char *
find_open(const struct bulk *b, const struct case_key *key)
{
	const struct case_key *found = bsearch(key, b->keys, b->n, sizeof(*key), by_key);

	if (found == NULL || b->fates[found - b->keys] != FATE_NONE)
		return NULL;
	return &b->fates[found - b->keys];
}

void
bulk_begin(struct app *app, uint32_t group)
{
	struct bulk *b;

	if (app->n_targets < 2)
		return;
	b = xcalloc(1, sizeof(*b));
	*b = (struct bulk){.next = app->bulks,
	    .group = group,
	    .is_now = app->resend_at == 0 && app->o->conf->undo_seconds == 0,
	    .keys = xcalloc(app->n_targets, sizeof(*b->keys)),
	    .fates = xcalloc(app->n_targets, sizeof(*b->fates)),
	    .n = app->n_targets};
	memcpy(b->keys, app->targets, b->n * sizeof(*b->keys));
	qsort(b->keys, b->n, sizeof(*b->keys), by_key);
	b->n_of[FATE_NONE] = b->n;
	app->bulks = b;
}

static void
drop(struct app *app, struct bulk *b)
{
	struct bulk **at = &app->bulks;

	while (*at != b)
		at = &(*at)->next;
	*at = b->next;
	free(b->keys);
	free(b->fates);
	free(b);
}

void
bulks_free(struct app *app)
{
	while (app->bulks != NULL)
		drop(app, app->bulks);
}

/* "5 resent, 2 not sent" */
static void
sum_words(const struct bulk *b, struct buf *out)
{
	static const char *const words[] = {"due", "resent", "not sent", "in doubt",
	    "not sent yet and tried again", "not sent, stopped", "taken back", "left out"};

	_Static_assert(sizeof(words) / sizeof(words[0]) == FATE_N, "words for each");
	for (size_t i = 0; i < FATE_N; i++) {
		size_t n = b->n_of[i];

		if (n > 0)
			buf_addf(out, "%s%zu %s", out->len > 0 ? ", " : "", n, words[i]);
	}
}

static void
say_sum(struct app *app, const struct bulk *b)
{
	bool is_over = b->n_of[FATE_NONE] == 0;
	bool is_bad = b->n_of[FATE_NOT_SENT] + b->n_of[FATE_DOUBT] + b->n_of[FATE_LEFT_OUT] > 0;
	struct buf words = BUF_INIT;

	sum_words(b, &words);
	app_keep_sum(app, is_bad ? ROLE_WARN : ROLE_GOOD, buf_slice(&words), is_over);
	buf_free(&words);
}

/* All that can be told of it was told: it is forgotten. */
static void
end(struct app *app, struct bulk *b)
{
	size_t n_gone =
	    b->n_of[FATE_SENT] + b->n_of[FATE_NOT_SENT] + b->n_of[FATE_DOUBT] + b->n_of[FATE_LATER];

	/* That it was taken back, or stopped, has been said by who did it. */
	if (n_gone > 0)
		say_sum(app, b);
	else if (app->is_unread_due)
		app_drop_sum(app);
	drop(app, b);
}

void
bulks_check(struct app *app)
{
	for (struct bulk *b = app->bulks, *next; b != NULL; b = next) {
		next = b->next;
		if (b->is_answered && b->n_of[FATE_NONE] == 0)
			end(app, b);
	}
}

static enum fate
fate_of(const struct letter *l, enum letter_type asked)
{
	if (l->err.code == ERR_NONE)
		return asked == LETTER_UNDO ? FATE_BACK
		    : asked == LETTER_STOP  ? FATE_STOPPED
					    : FATE_SENT;
	if (l->at != 0)
		return FATE_LATER;
	return l->err.code == ERR_DOUBT ? FATE_DOUBT : FATE_NOT_SENT;
}

void
bulks_hear_result(
    struct app *app, const struct case_key *key, const struct letter *l, const struct asked *asked)
{
	enum letter_type type = asked != NULL ? asked->type : LETTER_RESULT;
	unsigned char *at;

	/* That it is too late changes nothing; a note or an ignore is another affair. */
	if (type != LETTER_RESULT && type != LETTER_RESEND &&
	    ((type != LETTER_UNDO && type != LETTER_STOP) || l->err.code != ERR_NONE))
		return;
	for (struct bulk *b = app->bulks; b != NULL; b = b->next) {
		if (b->is_answered ? type == LETTER_RESEND
				   : type != LETTER_RESEND || asked->group != b->group)
			continue;
		at = find_open(b, key);
		if (at != NULL)
			put_fate(b, (size_t)(at - b->fates), fate_of(l, type));
	}
}

/* Of what nobody told: another process sent it, or it was taken back there. */
static enum fate
fate_of_row(const struct row *row)
{
	switch (row->handling) {
	case HANDLING_DUE:
		return FATE_NONE;
	case HANDLING_RESENT:
	case HANDLING_DONE:
		return FATE_SENT;
	case HANDLING_DOUBT:
		return FATE_DOUBT;
	default:
		return row->is_not_sent ? FATE_NOT_SENT : FATE_BACK;
	}
}

void
bulk_answered(struct app *app, uint32_t group)
{
	struct bulk *b = app->bulks;

	while (b != NULL && b->group != group)
		b = b->next;
	if (b == NULL)
		return;
	b->is_answered = true;
	for (size_t i = 0; i < b->n; i++) {
		const struct row *row = model_row(app->model, &b->keys[i]);
		bool waits = row != NULL && row->handling == HANDLING_DUE;

		/* "Due" is no end; and what was refused before it was due was not tried. */
		if (waits && b->fates[i] != FATE_LATER)
			put_fate(b, i, FATE_NONE);
		else if (!b->is_now && b->fates[i] == FATE_NOT_SENT)
			put_fate(b, i, FATE_LEFT_OUT);
		else if (b->fates[i] == FATE_NONE)
			put_fate(b, i,
			    row != NULL && fate_of_row(row) == FATE_SENT ? FATE_SENT
									 : FATE_LEFT_OUT);
	}
	if (b->n_of[FATE_NONE] > 0 || b->n_of[FATE_LEFT_OUT] == b->n)
		say_sum(app, b);
	if (b->n_of[FATE_NONE] == 0)
		end(app, b);
}

void
bulks_hear_rows(struct app *app, uint16_t account, const struct letter *l)
{
	for (struct bulk *b = app->bulks; b != NULL; b = b->next) {
		for (size_t i = 0; b->is_answered && i < l->n_rows; i++) {
			struct case_key key = {l->rows[i].id, account};
			unsigned char *at = find_open(b, &key);

			if (at != NULL)
				put_fate(b, (size_t)(at - b->fates), fate_of_row(&l->rows[i]));
		}
	}
}
