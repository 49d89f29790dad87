/* A preview is shown when each account that has a case in it has answered. */
#include <stdlib.h>
#include <string.h>

#include "tui/app.h"

void
parts_free(struct part **parts, size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		letter_free((*parts)[i].letter);
	free(*parts);
	*parts = NULL;
	*n = 0;
}

struct preview
parts_sum(const struct part *parts, size_t n)
{
	struct preview sum = {.edit = ""};

	if (n == 1)
		return *parts[0].letter->preview;
	for (size_t i = 0; i < n; i++) {
		const struct preview *pre = parts[i].letter->preview;

		sum.n_cases += pre->n_cases;
		sum.n_ok += pre->n_ok;
		sum.n_ask += pre->n_ask;
		sum.n_type += pre->n_type;
		sum.n_never += pre->n_never;
	}
	return sum;
}

/* An account is told of its own cases only, but a yes is one to all of them. */
static void
fill_preview(struct app *app, struct letter *l, const struct case_key *keys)
{
	l->number = app->n_previewed;
	if (app->preview_fill != NULL)
		app->preview_fill(app, l, keys);
}

void
previews_ask(struct app *app, const struct case_key *keys, size_t n,
    void (*fill)(struct app *app, struct letter *l, const struct case_key *keys))
{
	parts_free(&app->parts, &app->n_parts);
	app->n_previewed = n;
	app->preview_fill = fill;
	app->preview_group = app_send_parts(app, LETTER_PREVIEW, keys, n, fill_preview);
}

static bool
is_awaited(const struct app *app, uint32_t group)
{
	for (size_t i = 0; i < app->n_offices; i++) {
		for (size_t k = 0; k < APP_MAX_ASKED; k++) {
			const struct asked *asked = &app->offices[i].asked[k];

			if (asked->request != 0 && asked->group == group && !asked->is_heard)
				return true;
		}
	}
	return false;
}

void
previews_check(struct app *app, uint32_t group)
{
	struct part *parts = app->parts;
	size_t n = app->n_parts;
	size_t n_unseen = 0, n_seen;

	if (group != app->preview_group || n == 0 || is_awaited(app, group))
		return;
	app->parts = NULL;
	app->n_parts = 0;
	/* Something else is being asked: its answer must not become this one's. */
	if (app->prompt.is_open) {
		app_say(app, ROLE_WARN, "a preview came while something else was asked: try again");
		parts_free(&parts, &n);
		return;
	}
	/* What could not be looked at is not sent either. */
	n_seen = parts_sum(parts, n).n_cases;
	if (!parts[0].letter->flag && n_seen < app->n_previewed)
		n_unseen = app->n_previewed - n_seen;
	deed_previewed(app, parts, n, n_unseen);
}

void
previews_hear(struct app *app, struct office *o, struct letter *l)
{
	struct asked *asked = app_asked(app, l->request);

	/* Another one was asked for since. */
	if (asked == NULL || asked->group != app->preview_group) {
		letter_free(l);
		return;
	}
	asked->is_heard = true;
	app->parts = xrealloc(app->parts, app->n_parts + 1, sizeof(*app->parts));
	app->parts[app->n_parts++] = (struct part){l, office_number(app, o)};
	previews_check(app, asked->group);
}
