/* The screen as a picture: title, list and explanation or a page, foot, bar. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "tui/app.h"

const char *
span_words(struct arena *a, int64_t seconds)
{
	long long s = seconds < 0 ? 0 : (long long)seconds;

	if (s >= 86400)
		return arena_printf(a, "%lldd%02lldh", s / 86400, s % 86400 / 3600);
	if (s >= 3600)
		return arena_printf(a, "%lldh%02lldm", s / 3600, s % 3600 / 60);
	if (s >= 60)
		return arena_printf(a, "%lldm", s / 60);
	return arena_printf(a, "%llds", s);
}

const char *
time_words(struct arena *a, int64_t at, int64_t now)
{
	time_t t = (time_t)at;
	time_t n = (time_t)now;
	time_t next = (time_t)(now + 86400);
	struct tm tm, today, tomorrow;
	char text[64];

	localtime_r(&t, &tm);
	localtime_r(&n, &today);
	localtime_r(&next, &tomorrow);
	if (tm.tm_yday == today.tm_yday && tm.tm_year == today.tm_year)
		strftime(text, sizeof(text), at > now ? "today %H:%M" : "%H:%M", &tm);
	else if (tm.tm_yday == tomorrow.tm_yday && tm.tm_year == tomorrow.tm_year)
		strftime(text, sizeof(text), "tomorrow %H:%M", &tm);
	else
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm);
	return arena_strdup(a, text);
}

static void
draw_title(struct app *app)
{
	struct canvas *c = &app->canvas;
	struct arena *a = app->frame;
	struct clean_text text = clean(a, slice_of(accounts_status(app)));
	int width = utf8_columns(text.s);

	canvas_fill(c, 0, 0, c->cols, ROLE_TITLE, ' ');
	canvas_cut(c, 0, 1, c->cols - width - 3, ROLE_TITLE,
	    clean(a, slice_of(arena_printf(a, "bouncebox  %s", accounts_title(app)))),
	    app_is_ascii(app));
	canvas_put(c, 0, c->cols - width, width, ROLE_TITLE, text);
}

static void
draw_rule(struct app *app, int row, int col, int cols, const char *words)
{
	struct canvas *c = &app->canvas;
	bool ascii = app_is_ascii(app);

	for (int i = 0; i < cols; i++)
		canvas_put(c, row, col + i, 1, ROLE_BORDER, clean_literal(ascii ? "-" : "─"));
	if (words[0] != '\0')
		canvas_cut(c, row, col + 2, cols - 4, ROLE_BORDER,
		    clean(app->frame, slice_of(arena_printf(app->frame, " %s ", words))), ascii);
}

/* What narrows or orders the list, and how much of it is above and below. */
static const char *
list_words(struct app *app)
{
	struct buf b = BUF_INIT;
	struct model_counts n = model_count(app->model);
	const char *filter = model_filter_text(app->model);
	size_t lines = model_lines(app->model);
	const char *words;

	if (lines > 0)
		buf_addf(&b, "%zu/%zu", app->pos + 1, lines);
	if (filter[0] != '\0') {
		buf_addf(&b, "  filter ");
		clean_append(&b, slice_of(filter), 100);
	}
	if (model_sort_by(app->model) != SORT_AGE || model_is_reverse(app->model))
		buf_addf(&b, "  by %s%s", sort_names[model_sort_by(app->model)],
		    model_is_reverse(app->model) ? ", turned" : "");
	if (model_group_by(app->model) != GROUP_NONE)
		buf_addf(&b, "  grouped by %s, %zu cases", group_names[model_group_by(app->model)],
		    n.shown);
	if (model_n_tagged(app->model) > 0)
		buf_addf(&b, "  %zu tagged", model_n_tagged(app->model));
	if (app->is_bulk)
		buf_adds(&b, "  ; next command: all tagged");
	words = arena_strdup(app->frame, buf_cstr(&b));
	buf_free(&b);
	return words;
}

static void
draw_list_view(struct app *app, int rows)
{
	struct canvas *c = &app->canvas;
	int list_rows = rows;
	int list_cols = c->cols;

	app->is_beside = c->cols >= 132 && !app->is_linear;
	if (app->is_pane_shown && app->is_beside)
		list_cols = c->cols - 1 - (c->cols - 1) * (app->pane_percent - 15) / 100;
	else if (app->is_pane_shown && rows >= 6)
		list_rows = rows - rows * app->pane_percent / 100 - 1;
	if (list_rows < 2)
		list_rows = 2;
	app->list_cols = list_cols;
	draw_list(app, 1, list_rows, list_cols);
	if (!app->is_pane_shown)
		return;
	if (app->is_beside) {
		for (int i = 0; i < rows; i++)
			canvas_put(c, 1 + i, list_cols, 1, ROLE_BORDER,
			    clean_literal(app_is_ascii(app) ? "|" : "│"));
		pane_draw(app, 1, list_cols + 2, rows, c->cols - list_cols - 3);
	} else if (list_rows < rows) {
		draw_rule(app, 1 + list_rows, 0, c->cols, list_words(app));
		pane_draw(app, 2 + list_rows, 1, rows - list_rows - 1, c->cols - 2);
	}
}

static void
draw_page_view(struct app *app, struct pager *p, int rows)
{
	struct canvas *c = &app->canvas;
	size_t below;
	const char *words;

	pager_build(app, p);
	page_draw(&p->page, c, 1, 0, rows - 1, p->top);
	below =
	    p->page.n > p->top + (size_t)(rows - 1) ? p->page.n - p->top - (size_t)(rows - 1) : 0;
	words = below > 0 ? arena_printf(app->frame, "%s  (%zu lines more)", p->title, below)
			  : p->title;
	draw_rule(app, rows, 0, c->cols, words);
}

static int
draw_prompt(struct app *app, int row)
{
	struct canvas *c = &app->canvas;
	struct prompt *p = &app->prompt;
	const char *typed = p->is_secret ? "" : buf_cstr(&p->edit.text);
	int at =
	    canvas_put(c, row, 0, c->cols - 2, ROLE_PROMPT, clean(app->frame, slice_of(p->label)));
	int before;
	const char *from = typed;

	if (p->keys != NULL || p->is_secret)
		return at;
	before = utf8_columns(arena_slicedup(app->frame, (struct slice){typed, p->edit.at}));
	/* The cursor stays in sight: what is far to the left goes. */
	while (*from != '\0' && at + before > c->cols - 2) {
		unsigned cp;
		size_t n = utf8_decode(from, from + strlen(from), &cp);

		before -= utf8_width(cp);
		from += n == 0 ? 1 : n;
	}
	canvas_put(c, row, at, -1, ROLE_TEXT, clean(app->frame, slice_of(from)));
	return at + before;
}

static void
draw_foot(struct app *app, int row)
{
	struct canvas *c = &app->canvas;
	bool ascii = app_is_ascii(app);
	const char *progress = accounts_progress(app);
	const struct message *m = app->n_messages == 0 ? NULL : &app->messages[app->n_messages - 1];
	int width = utf8_columns(progress);
	struct clean_text words = clean_literal("");
	enum role role = ROLE_DIM;

	if (app_counts_down(app)) {
		/* A number that is read out once and never again would only mislead. */
		words = clean(app->frame,
		    slice_of(app->is_linear
			    ? arena_printf(app->frame, "goes soon: %s takes it back",
				  keymap_key(app->keymap, CMD_UNDO))
			    : arena_printf(app->frame, "goes in %lld s: %s takes it back",
				  (long long)(app->send_at - clock_now()),
				  keymap_key(app->keymap, CMD_UNDO))));
		role = ROLE_WARN;
	} else if (app->unread != NULL && app->is_unread_new) {
		words = clean(app->frame, slice_of(app->unread));
		role = app->unread_role;
	} else if (m != NULL && (!app->is_message_old || m->role == ROLE_ERROR)) {
		words = clean(app->frame, slice_of(m->text));
		role = m->role;
	} else if (app->unread != NULL) {
		words = clean(app->frame, slice_of(app->unread));
		role = app->unread_role;
	} else {
		words = clean(app->frame, slice_of(accounts_trouble(app)));
	}
	canvas_cut(c, row, 0, c->cols - width - 1, role, words, ascii);
	if (width > 0 && width < c->cols)
		canvas_put(c, row, c->cols - width, width, ROLE_DIM,
		    clean(app->frame, slice_of(progress)));
}

static void
draw_too_small(struct app *app)
{
	canvas_put(&app->canvas, 0, 0, -1, ROLE_TEXT, clean_literal("too small a screen"));
	canvas_put(&app->canvas, 1, 0, -1, ROLE_TEXT,
	    clean(app->frame,
		slice_of(arena_printf(app->frame, "%dx%d is needed", APP_MIN_COLS, APP_MIN_ROWS))));
	app->canvas.cursor_row = -1;
}

void
app_draw(struct app *app)
{
	struct term_size size = term_size();
	struct canvas *c = &app->canvas;
	struct pager *p = pager_top(app);

	arena_reset(app->frame);
	if (size.rows != c->rows || size.cols != c->cols)
		canvas_resize(c, size.rows, size.cols);
	canvas_clear(c);
	c->cursor_row = -1;
	if (size.rows < APP_MIN_ROWS || size.cols < APP_MIN_COLS) {
		draw_too_small(app);
		term_show(c);
		return;
	}
	draw_title(app);
	if (p == NULL)
		draw_list_view(app, size.rows - 3);
	else
		draw_page_view(app, p, size.rows - 3);
	if (app->prompt.is_open) {
		c->cursor_col = draw_prompt(app, size.rows - 2);
		c->cursor_row = size.rows - 2;
	} else {
		draw_foot(app, size.rows - 2);
	}
	draw_bar(app, size.rows - 1);
	term_show(c);
}
