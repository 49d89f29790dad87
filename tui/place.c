/* Where the cursor is: on a case, known by its id, not by its line. */
#include <string.h>

#include "tui/app.h"

/* The case that is read on top counts, even if it left the list meanwhile. */
static const struct case_key *
wanted(struct app *app)
{
	for (size_t i = app->n_pagers; i-- > 0;) {
		if (app->pagers[i].ops->is_case)
			return &app->pagers[i].key;
	}
	return &app->chosen;
}

void
place_detail(struct app *app)
{
	const struct case_key *key = wanted(app);

	if (key->id.text[0] == '\0' || app->detail_request != 0)
		return;
	if (app->pane_at != 0 && !app->is_pane_asked && app->n_pagers == 0)
		return; /* the next key may choose another */
	if (app_detail(app, key) != NULL)
		return;
	app->detail_request = app->last_request + 1;
	app_send(app, office_of(app, key), app_letter(app, LETTER_DETAIL, key, 1));
	if (app_asked(app, app->detail_request) == NULL)
		app->detail_request = 0;
}

void
place_chosen(struct app *app)
{
	size_t n = model_lines(app->model);
	struct case_key before = app->chosen;

	app->chosen = (struct case_key){.id = {""}};
	if (n > 0) {
		struct line line = model_line(app->model, app->pos);

		if (!line.is_group)
			app->chosen = line.key;
	}
	if (!key_same(&before, &app->chosen))
		app->pane_top = 0;
	place_detail(app);
}

void
place_move(struct app *app, size_t pos)
{
	size_t n = model_lines(app->model);

	app->pos = n == 0 ? 0 : pos >= n ? n - 1 : pos;
	place_chosen(app);
}

void
place_walk(struct app *app, size_t pos)
{
	pane_put_off(app);
	place_move(app, pos);
}

void
place_keep(struct app *app)
{
	size_t there = SIZE_MAX;

	/* At the very top the newest stays in view; elsewhere the case stays. */
	if (app->chosen.id.text[0] != '\0')
		there = model_find(app->model, &app->chosen);
	if (there != SIZE_MAX && app->top > 0 && app->top <= app->pos) {
		size_t offset = app->pos - app->top;

		app->top = there > offset ? there - offset : 0;
	}
	place_move(app, there != SIZE_MAX ? there : app->pos);
}

void
place_page(struct app *app, struct pager *p, long by)
{
	long rows = app->canvas.rows - 3;
	long most = (long)p->page.n - (rows < 1 ? 1 : rows);
	long top = (long)p->top + by;

	if (top > most)
		top = most;
	p->top = top < 0 ? 0 : (size_t)top;
}
