/* The explanation beside the list. It is laid out anew once the keys pause: a cursor
 * that runs through the list costs two lines of it, not a screen. */
#include <string.h>

#include "base/clock.h"
#include "tui/app.h"

#define PAUSE_MS 50  /* more than a held key takes to come again */
#define ANSWER_MS 30 /* for the case's detail, after that */
#define OLD_MS 150   /* what is old for so long is not to be read as the row's */

static bool
is_of_chosen(struct app *app)
{
	const struct case_key *chosen = app_case(app);

	return chosen != NULL && app_detail(app, chosen) != NULL;
}

void
pane_put_off(struct app *app)
{
	int64_t now = clock_mono_ms();

	if (!app->is_pane_shown || app->pane.n == 0)
		return;
	if (app->pane_at == 0)
		app->pane_old_since = now;
	app->pane_at = now + PAUSE_MS;
	app->is_pane_asked = false;
}

int
pane_wait_ms(const struct app *app)
{
	int64_t ms;

	if (app->pane_at == 0)
		return -1;
	ms = app->pane_at - clock_mono_ms();
	return ms < 0 ? 0 : (int)ms;
}

bool
pane_wake(struct app *app)
{
	int64_t now = clock_mono_ms();

	if (app->pane_at == 0)
		return false;
	if (app->is_pane_asked ? is_of_chosen(app) : now >= app->pane_at && is_of_chosen(app)) {
		app->pane_at = 0;
		return true;
	}
	if (now < app->pane_at)
		return false;
	if (!app->is_pane_asked) {
		app->is_pane_asked = true;
		app->pane_at = now + ANSWER_MS;
		place_detail(app);
		return false;
	}
	app->pane_at = 0; /* what is known of the row, until the answer comes */
	return true;
}

void
pane_now(struct app *app)
{
	if (app->pane_at == 0)
		return;
	app->pane_at = 0;
	place_detail(app);
}

static void
lay_out(struct app *app, int cols)
{
	const struct row *chosen = app_row(app);

	page_begin(&app->pane, cols);
	if (is_of_chosen(app))
		page_explanation(app, &app->pane, app->detail->detail, false);
	else if (chosen != NULL)
		page_words(&app->pane, 0, 0, ROLE_DIM, slice_of(row_why(chosen)));
	if (app->pane_top + 1 > app->pane.n)
		app->pane_top = app->pane.n == 0 ? 0 : app->pane.n - 1;
	app->pane_drawn_top = app->pane_top;
}

void
pane_draw(struct app *app, int row, int col, int rows, int cols)
{
	size_t top;

	if (app->pane.cols != cols)
		app->pane_at = 0;
	if (app->pane_at == 0)
		lay_out(app, cols);
	/* The next row's begins at its top, the old one stays where it was. */
	top = app->pane_drawn_top;
	page_draw(&app->pane, &app->canvas, row, col, rows, top);
	if (app->pane.n > top + (size_t)(rows < 0 ? 0 : rows) && rows > 1)
		canvas_put(&app->canvas, row + rows - 1, col + cols - 2, 2, ROLE_DIM,
		    clean_literal(app_is_ascii(app) ? " v" : " ↓"));
	if (app->pane_at != 0 && clock_mono_ms() - app->pane_old_since >= OLD_MS) {
		for (int i = 0; i < rows; i++)
			canvas_role(&app->canvas, row + i, col, cols, ROLE_DIM);
	}
}
