/* What was done last can be taken back: resends and notes that have not gone, ignores, tags. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tui/app.h"

static void
push_deed(struct app *app, enum deed_kind kind, struct case_key *cases, size_t n)
{
	if (app->n_undo == APP_MAX_UNDO) {
		free(app->undo[0].cases);
		memmove(app->undo, app->undo + 1, (APP_MAX_UNDO - 1) * sizeof(app->undo[0]));
		app->n_undo--;
	}
	app->undo[app->n_undo++] = (struct deed){kind, cases, n, 0};
}

void
deed_remember(struct app *app, enum deed_kind kind, uint32_t group)
{
	struct case_key *cases;

	if (app->n_targets == 0)
		return;
	cases = xmalloc(app->n_targets * sizeof(*cases));
	memcpy(cases, app->targets, app->n_targets * sizeof(*cases));
	push_deed(app, kind, cases, app->n_targets);
	app->undo[app->n_undo - 1].group = group;
	if (app->is_of_tagged)
		model_untag(app->model);
}

static void
drop_deed(struct app *app, size_t i)
{
	if (app->undo[i].kind == DEED_RESEND)
		app->send_at = 0;
	free(app->undo[i].cases);
	memmove(&app->undo[i], &app->undo[i + 1], (app->n_undo - i - 1) * sizeof(app->undo[0]));
	app->n_undo--;
}

void
deed_refused(struct app *app, uint32_t group, const struct case_key *key)
{
	for (size_t i = 0; i < app->n_undo; i++) {
		struct deed *d = &app->undo[i];
		size_t n = 0;

		if (d->group != group)
			continue;
		for (size_t k = 0; k < d->n_cases; k++) {
			if (!key_same(&d->cases[k], key))
				d->cases[n++] = d->cases[k];
		}
		d->n_cases = n;
		if (n == 0)
			drop_deed(app, i);
		return;
	}
}

void
deed_tags(struct app *app)
{
	size_t n;
	struct case_key *tagged = model_all_tagged(app->model, &n);

	push_deed(app, DEED_TAGS, tagged, n);
}

void
deed_tag(struct app *app)
{
	if (pager_top(app) != NULL)
		return;
	deed_tags(app);
	model_tag(app->model, app->pos);
	place_move(app, app->pos + 1);
}

void
deed_note_dropped(struct app *app)
{
	push_deed(app, DEED_NOTE, NULL, 0);
}

void
deed_note_ended(struct app *app)
{
	struct case_key *first = xmalloc(sizeof(*first));

	first[0] = app->note.cases[0];
	push_deed(app, DEED_NOTE_END, first, 1);
	if (app->note.end == NOTE_SEND)
		app->send_at = clock_now() + app->o->conf->undo_seconds;
}

void
deed_note_not_ended(struct app *app)
{
	app->send_at = 0;
	if (app->n_undo > 0 && app->undo[app->n_undo - 1].kind == DEED_NOTE_END)
		free(app->undo[--app->n_undo].cases);
}

/* Unless another was written since, its text is at hand for the next undo. */
static void
undo_note_end(struct app *app, const struct deed *d)
{
	struct letter *l = app_letter(app, LETTER_UNDO, d->cases, d->n_cases);
	struct note_draft *n = &app->note;

	l->note_end = NOTE_SAVE_DRAFT;
	app_send(app, office_of(app, &d->cases[0]), l);
	app->send_at = 0;
	if (n->n_cases == 0 || !key_same(&n->cases[0], &d->cases[0]))
		return;
	n->end = NOTE_DISCARD;
	deed_note_dropped(app);
}

static void
undo_tags(struct app *app, const struct deed *d)
{
	model_tag_these(app->model, d->cases, d->n_cases);
	app_say(app, ROLE_TEXT, "tags as before: %zu tagged", d->n_cases);
}

static void
undo_cases(struct app *app, const struct deed *d)
{
	uint32_t group = app_send_parts(app, LETTER_UNDO, d->cases, d->n_cases, NULL);

	for (size_t i = 0; i < d->n_cases; i++) {
		struct asked *asked = app_asked_in(office_of(app, &d->cases[i]), group);

		if (asked != NULL)
			asked->undone = d->kind;
	}
}

void
deed_undo(struct app *app)
{
	struct deed d;

	if (app->n_undo == 0) {
		app_say(app, ROLE_DIM, "nothing to take back");
		return;
	}
	d = app->undo[--app->n_undo];
	if (d.kind == DEED_TAGS)
		undo_tags(app, &d);
	else if (d.kind == DEED_NOTE)
		deed_note_again(app);
	else if (d.kind == DEED_NOTE_END)
		undo_note_end(app, &d);
	else if (d.kind == DEED_RESOLVE)
		deed_resolve_undo(app, &d);
	else
		undo_cases(app, &d);
	if (d.kind == DEED_RESEND)
		app->send_at = 0;
	free(d.cases);
}
