/* A case of which nobody knows whether it went: what is said of it, and the ways out. */
#include <string.h>

#include "store/doubt.h"
#include "tui/app.h"

void
page_doubt(struct page *p, const struct doubt *d, bool is_full)
{
	page_words(p, 0, 2, ROLE_DOUBT, slice_of(arena_printf(p->arena, "In doubt: %s", d->what)));
	page_words(p, 2, 4, ROLE_EVIDENCE, slice_of(d->words));
	page_words(p, 2, 4, d->is_told ? ROLE_GOOD : ROLE_TEXT,
	    slice_of(arena_printf(p->arena, "Reports: %s", d->proof)));
	/* The steps have it too. */
	if (is_full)
		page_words(p, 2, 4, ROLE_DIM, slice_of(d->names));
}

bool
doubt_hides(const struct row *row, enum command_id id)
{
	bool is_doubt = row != NULL && row->handling == HANDLING_DOUBT;

	if (id == CMD_RESEND || id == CMD_RESEND_LATER || id == CMD_IGNORE)
		return is_doubt;
	return id == CMD_RESOLVE && !is_doubt;
}

static void
answer(struct app *app, enum resolve what)
{
	struct letter *l = app_letter(app, LETTER_RESOLVE, app->targets, 1);
	uint32_t request = l->request;

	l->resolve = what;
	app_send(app, office_of(app, &app->targets[0]), l);
	deed_remember(app, DEED_RESOLVE, request);
}

/* NULL if that is not known yet. */
static const struct doubt *
doubt_of(const struct app *app)
{
	const struct detail *d = app_detail(app, &app->targets[0]);

	return d == NULL ? NULL : d->doubt;
}

/* The worker takes one letter after the other: what is asked for then is of a case that
 * is open again. */
static void
send_again(struct app *app, const struct doubt *d, const struct row *row)
{
	if (d == NULL || d->kind != DOUBT_NOTE)
		deed_resend(app, 0);
	else
		deed_note(app,
		    row != NULL && strcmp(d->recipient, row->recipient) == 0 ? NOTE_RECIPIENT
									     : NOTE_POSTMASTER);
}

static void
answered(struct app *app, const char *text)
{
	if (text == NULL || app->n_targets == 0)
		return;
	answer(app, text[0] == 'w' ? RESOLVE_WENT : RESOLVE_NOT);
	if (text[0] == 's')
		send_again(app, doubt_of(app), model_row(app->model, &app->targets[0]));
}

void
deed_resolve(struct app *app, const char *arg)
{
	static const struct {
		const char *arg, *key;
	} ways[] = {{"went", "w"}, {"not", "n"}, {"again", "s"}};
	const struct row *row =
	    app->n_targets == 1 ? model_row(app->model, &app->targets[0]) : NULL;
	const struct doubt *d = row == NULL ? NULL : doubt_of(app);

	if (row == NULL || row->handling != HANDLING_DOUBT) {
		app_say(app, ROLE_WARN, "resolve: this case is not in doubt");
		return;
	}
	for (size_t i = 0; arg != NULL && i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(arg, ways[i].arg) == 0) {
			answered(app, ways[i].key);
			return;
		}
	}
	if (d != NULL && d->is_told)
		prompt_keys(
		    app, "A report names it, so it went. [w] note that it went ", "w", answered);
	else
		prompt_keys(app,
		    "It may have gone or not. [w] it went  [n] it did not  [s] send again ", "wns",
		    answered);
}

void
deed_resolve_undo(struct app *app, const struct deed *d)
{
	struct letter *l = app_letter(app, LETTER_RESOLVE, d->cases, d->n_cases);

	l->resolve = RESOLVE_UNDO;
	app_send(app, office_of(app, &d->cases[0]), l);
}

bool
doubt_refuses(struct app *app, const struct preview *pre, const char *name)
{
	if (pre->n_cases != 1 || pre->cases[0].handling != HANDLING_DOUBT)
		return false;
	pager_close(app); /* the preview: the key that helps is one of the list */
	app_say(app, ROLE_WARN, "%s: an earlier one may have gone: %s says whether it went", name,
	    keymap_key(app->keymap, CMD_RESOLVE));
	return true;
}
