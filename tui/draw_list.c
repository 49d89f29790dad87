/* The list: a case a line, most important first; and the bar of keys. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "tui/app.h"
#include "tui/cmd_cases.h"

enum role
row_role(const struct row *row)
{
	switch (row->handling) {
	case HANDLING_DOUBT:
		return ROLE_DOUBT;
	case HANDLING_OPEN:
		break;
	default:
		return ROLE_HANDLED;
	}
	switch (row->state) {
	case STATE_TRYING:
		return ROLE_TRYING;
	case STATE_GAVE_UP:
		return ROLE_GAVE_UP;
	case STATE_REFUSED:
		return ROLE_REFUSED;
	case STATE_DELIVERED:
		return ROLE_DELIVERED;
	default:
		return ROLE_UNKNOWN;
	}
}

const char *
row_state(struct arena *a, const struct row *row, int64_t now)
{
	switch (row->handling) {
	case HANDLING_OPEN:
		break;
	case HANDLING_DUE:
		if (row->is_being_sent)
			return "sending";
		return row->due_at > 0 ? arena_printf(a, "%s %s", row->is_due_note ? "note" : "due",
					     time_words(a, row->due_at, now))
				       : "due";
	case HANDLING_DOUBT:
		return "IN DOUBT";
	case HANDLING_IGNORED:
		if (row->due_at == CASE_UNTIL_NEXT_BOUNCE)
			return "ignored till next";
		if (row->due_at > 0)
			return arena_printf(a, "till %s", time_words(a, row->due_at, now));
		return row->handled_at > 0
		    ? arena_printf(a, "ignored %s", time_words(a, row->handled_at, now))
		    : "ignored";
	default:
		return row->handled_at > 0 ? arena_printf(a, "%s %s", handling_id(row->handling),
						 time_words(a, row->handled_at, now))
					   : handling_id(row->handling);
	}
	if (row->is_not_sent)
		return not_sent_words(a, row);
	if (row->lane == LANE_CASES && row->state == STATE_TRYING && row->retry_until > now)
		return arena_printf(a, "TRYING %s left", span_words(a, row->retry_until - now));
	return state_label(row);
}

const char *
until_words(struct arena *a, const struct row *row, int64_t now)
{
	if (row->due_at == CASE_UNTIL_NEXT_BOUNCE)
		return "until it bounces again";
	return row->due_at > 0 ? arena_printf(a, "until %s", time_words(a, row->due_at, now))
			       : "for good";
}

const char *
row_why(const struct row *row)
{
	return row->cause == CAUSE_UNKNOWN ? "" : cause_info(row->cause)->title;
}

#define MAX_NAME_COLS 10

struct columns {
	int age, account, to, code, why, state, trail, advice, subject; /* 0 = not shown */
};

/* What there is room for; the recipient and the reason share what is left. */
static struct columns
lay_out(const struct app *app, int cols)
{
	struct columns w = {.age = 4, .code = 7, .state = 18};
	int left;

	if (cols >= 100)
		w.trail = 8;
	if (cols >= 112)
		w.advice = 9;
	if (cols < 72)
		w.state = 9;
	if (cols < 50)
		w.age = 0;
	if (model_account(app->model) == MODEL_ALL && cols >= 80)
		w.account = app->name_cols < MAX_NAME_COLS ? app->name_cols : MAX_NAME_COLS;
	left = cols - (w.account > 0 ? w.account + 1 : 0) - 2 - (w.age > 0 ? w.age + 1 : 0) -
	    w.code - 1 - w.state - 1 - (w.trail > 0 ? w.trail + 1 : 0) -
	    (w.advice > 0 ? w.advice + 1 : 0) - 1;
	if (left > 90) {
		w.subject = left - 82;
		left = 81;
	}
	w.to = left * 11 / 20;
	w.why = left - w.to;
	return w;
}

static int
put_cell(struct app *app, int y, int x, int width, enum role role, const char *dirty)
{
	if (width <= 0)
		return x;
	canvas_cut(
	    &app->canvas, y, x, width, role, clean(app->frame, slice_of(dirty)), app_is_ascii(app));
	return x + width + 1;
}

/* In a word, what the guards of a resend would say. */
static const char *
row_advice(const struct row *row)
{
	if (row->handling != HANDLING_OPEN || row->lane != LANE_CASES)
		return "";
	switch (row->advice) {
	case RESEND_YES:
		return row->state == STATE_REFUSED ? "ask" : "resend";
	case RESEND_NO:
		return "never";
	default:
		return advice_id(row->advice);
	}
}

static void
draw_case(struct app *app, int y, int cols, const struct line *line)
{
	const struct row *row = line->row;
	int64_t now = clock_now();
	struct columns w = lay_out(app, cols);
	enum role state = row_role(row);
	bool is_tagged = model_is_tagged(app->model, &line->key);
	char age[16];
	int x = 2;

	age_words(age, now - row->last_seen);
	canvas_put(&app->canvas, y, 0, 1, is_tagged ? ROLE_TAGGED : ROLE_NEW,
	    clean_literal(is_tagged ? "*"
		    : row->is_new   ? "+"
				    : " "));
	if (w.age > 0) {
		canvas_put(&app->canvas, y, x + w.age - (int)strlen(age), w.age, ROLE_DIM,
		    clean(app->frame, slice_of(age)));
		x += w.age + 1;
	}
	x = put_cell(app, y, x, w.account, ROLE_DIM, row->account);
	x = put_cell(app, y, x, w.to, is_tagged ? ROLE_TAGGED : ROLE_TEXT, row->recipient);
	x = put_cell(app, y, x, w.code, ROLE_CODE, row->status);
	x = put_cell(app, y, x, w.why, ROLE_TEXT, row_why(row));
	x = put_cell(app, y, x, w.state, state, row_state(app->frame, row, now));
	x = put_cell(app, y, x, w.trail, ROLE_DIM, row->trail);
	x = put_cell(app, y, x, w.advice, ROLE_DIM, row_advice(row));
	put_cell(app, y, x, w.subject, ROLE_DIM, row->subject);
}

static void
draw_group(struct app *app, int y, int cols, const struct line *line)
{
	const char *words = arena_printf(app->frame, "%s %zu  %s", line->is_folded ? "[+]" : "[-]",
	    line->n_cases, line->title[0] == '\0' ? "(none)" : line->title);

	canvas_cut(&app->canvas, y, 1, cols - 1, ROLE_HEADING, clean(app->frame, slice_of(words)),
	    app_is_ascii(app));
}

static void
draw_empty(struct app *app, int y, int rows, int cols)
{
	const char *words;
	struct model_counts n = model_count(app->model);
	bool is_reading = false, is_unread = false;

	for (size_t i = 0; i < app->n_offices; i++) {
		const struct office *o = &app->offices[i];

		if (!office_is_shown(app, o) || o->is_synced)
			continue;
		is_unread = true;
		is_reading |= o->online != ONLINE_NO;
	}
	if (is_reading)
		words = "Reading the mailbox …";
	else if (is_unread && n.all == 0)
		words = "The mailbox could not be read yet.";
	else if (n.all == 0)
		words = "No bounces in this mailbox.";
	else if (model_filter_text(app->model)[0] != '\0')
		words = "Nothing matches the filter: \\ changes it.";
	else
		words =
		    "Nothing is open. \\ and is:ignored, is:resent or is:notours show the rest.";
	if (rows > 0)
		canvas_cut(&app->canvas, y + (rows > 2 ? 1 : 0), 2, cols - 2, ROLE_DIM,
		    clean(app->frame, slice_of(words)), app_is_ascii(app));
}

/* The bar of the cursor lies on whom and why. The state keeps its colours, by which it is
 * found; and what lies under no bar need not be written twice with every move. */
static int
bar_cols(const struct app *app, int cols)
{
	struct columns w = lay_out(app, cols);

	return 2 + (w.age > 0 ? w.age + 1 : 0) + (w.account > 0 ? w.account + 1 : 0) + w.to + 1 +
	    w.code + 1 + w.why;
}

void
draw_list(struct app *app, int row, int rows, int cols)
{
	size_t n = model_lines(app->model);

	app->list_rows = rows < 1 ? 1 : (size_t)rows;
	if (n == 0) {
		app->top = 0;
		draw_empty(app, row, rows, cols);
		app->canvas.cursor_row = row;
		app->canvas.cursor_col = 0;
		return;
	}
	if (app->pos >= n)
		app->pos = n - 1;
	if (app->top > app->pos)
		app->top = app->pos;
	if (app->pos - app->top >= app->list_rows)
		app->top = app->pos - app->list_rows + 1;
	if (app->top > 0 && n - app->top < app->list_rows)
		app->top = n > app->list_rows ? n - app->list_rows : 0;
	for (int i = 0; i < rows && app->top + (size_t)i < n; i++) {
		struct line line = model_line(app->model, app->top + (size_t)i);

		if (line.is_group)
			draw_group(app, row + i, cols, &line);
		else
			draw_case(app, row + i, cols, &line);
	}
	/* The terminal's cursor stands on the case: what screen readers follow. */
	app->canvas.cursor_row = row + (int)(app->pos - app->top);
	app->canvas.cursor_col = 0;
	canvas_over(&app->canvas, app->canvas.cursor_row, 0, bar_cols(app, cols));
}

/* How wide it is; 0 = there is no room. */
static int
put_key(struct app *app, int row, int x, const char *key, const char *words)
{
	struct canvas *c = &app->canvas;
	int width = utf8_columns(key) + 1 + utf8_columns(words) + 2;

	if (x + width > c->cols)
		return 0;
	canvas_put(c, row, x, -1, ROLE_KEY, clean(app->frame, slice_of(key)));
	canvas_put(c, row, x + utf8_columns(key) + 1, -1, ROLE_BAR, clean_literal(words));
	return width;
}

/* While a key is awaited no command works but those that move. */
static void
draw_bar_of_prompt(struct app *app, int row)
{
	static const struct {
		enum command_id id;
		const char *words;
	} moves[] = {{CMD_DOWN, "down"}, {CMD_UP, "up"}, {CMD_PAGE_DOWN, "page down"},
	    {CMD_PAGE_UP, "page up"}};
	int x = put_key(app, row, 0, "Esc", "leave it");

	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]) && pager_top(app) != NULL; i++) {
		const char *key = keymap_key(app->keymap, moves[i].id);

		if (key[0] != '\0')
			x += put_key(app, row, x, key, moves[i].words);
	}
}

void
draw_bar(struct app *app, int row)
{
	struct canvas *c = &app->canvas;
	struct pager *p = pager_top(app);
	int where = p == NULL || p->ops->is_case ? IN_LIST : IN_TEXT;
	const struct row *chosen = app_row(app);
	int x = 0;

	canvas_fill(c, row, 0, c->cols, ROLE_BAR, ' ');
	if (app->prompt.is_open && app->prompt.keys != NULL) {
		draw_bar_of_prompt(app, row);
		return;
	}
	for (size_t i = 0; i < tui_commands_n; i++) {
		const struct command *cmd = &tui_commands[i];
		const char *key = keymap_key(app->keymap, (enum command_id)i);
		int width;

		if (cmd->brief[0] == '\0' || key[0] == '\0' || (cmd->flags & where) == 0)
			continue;
		if ((cmd->flags & CHANGES) != 0 && app->o->read_only)
			continue;
		if (doubt_hides(chosen, (enum command_id)i))
			continue;
		width = put_key(app, row, x, key, cmd->brief);
		if (width == 0)
			break;
		x += width;
	}
}
