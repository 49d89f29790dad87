/* What a key or a typed command does. */
#include <stdlib.h>
#include <string.h>

#include <signal.h>

#include "base/near.h"
#include "tui/app.h"

static void
move(struct app *app, enum command_id id)
{
	struct pager *p = pager_top(app);
	bool is_pane = p == NULL && app->is_pane_focused;
	long page = p != NULL ? app->canvas.rows - 4 : (long)app->list_rows - 1;
	long by[] = {[CMD_DOWN] = 1,
	    [CMD_UP] = -1,
	    [CMD_PAGE_DOWN] = page,
	    [CMD_PAGE_UP] = -page,
	    [CMD_HALF_DOWN] = page / 2 + 1,
	    [CMD_HALF_UP] = -(page / 2 + 1),
	    [CMD_TOP] = -100000000,
	    [CMD_BOTTOM] = 100000000};
	long at;

	if (p != NULL) {
		place_page(app, p, by[id]);
		return;
	}
	at = (long)(is_pane ? app->pane_top : app->pos) + by[id];
	if (at < 0)
		at = 0;
	if (is_pane)
		app->pane_top = (size_t)at < app->pane.n ? (size_t)at : app->pane.n;
	else
		place_walk(app, (size_t)at);
}

void
app_move(struct app *app, enum command_id id)
{
	if (id <= CMD_BOTTOM && id != CMD_NEXT_PANE)
		move(app, id);
}

static void
open_case(struct app *app)
{
	struct pager *p = pager_top(app);

	if (p == NULL && model_lines(app->model) > 0 && model_line(app->model, app->pos).is_group) {
		model_fold(app->model, app->pos);
		place_move(app, app->pos);
		return;
	}
	if (p != NULL || app->chosen.id.text[0] == '\0')
		return;
	p = pager_open(app, &pager_case, "the case");
	p->key = app->chosen;
}

static void
quit_answered(struct app *app, const char *text)
{
	app->is_quitting = text != NULL && text[0] == 'y';
}

static void
quit(struct app *app)
{
	if (app_sends_soon(app))
		prompt_keys(app,
		    "Mail still waits for its undo; it goes with the next start. Leave? [y/n] ",
		    "yn", quit_answered);
	else
		app->is_quitting = true;
}

static void
back(struct app *app)
{
	if (app->is_bulk)
		app->is_bulk = false;
	else if (app->n_pagers > 0) {
		pager_close(app);
		place_chosen(app);
	} else if (app->is_pane_focused)
		app->is_pane_focused = false;
	else
		quit(app);
}

static void
open_answer(struct app *app, enum letter_type type, const char *title)
{
	const struct case_key *key = app_row(app) == NULL ? NULL : app_case(app);
	struct office *o = key == NULL ? office_first(app) : office_of(app, key);
	struct letter *l;
	struct pager *p;

	/* The check is of our own side too, where there is no case. */
	if (key == NULL && type != LETTER_CHECK)
		return;
	l = app_letter(app, type, key, key == NULL ? 0 : 1);
	p = pager_open(app, &pager_text, title);
	p->request = l->request;
	app_send(app, o, l);
}

static void
theme_answered(struct app *app, const char *text)
{
	struct buf problems = BUF_INIT;
	struct theme t;
	struct err e;

	if (text == NULL || text[0] == '\0')
		return;
	if (theme_load(&t, text, app->o->theme_dir, &problems, &e) != 0) {
		app_say_err(app, &e, "");
	} else {
		app->theme = t;
		term_theme(&app->theme);
		term_redraw();
	}
	if (problems.len > 0)
		app_say(app, ROLE_WARN, "%s", buf_cstr(&problems));
	buf_free(&problems);
}

static void
ask_theme(struct app *app, const char *arg)
{
	struct buf label = BUF_INIT;

	buf_adds(&label, "theme (");
	theme_names(&label, app->o->theme_dir);
	buf_adds(&label, "): ");
	if (arg != NULL && arg[0] != '\0')
		theme_answered(app, arg);
	else
		prompt_line(app, buf_cstr(&label), "", theme_answered, NULL);
	buf_free(&label);
}

static void
command_answered(struct app *app, const char *text)
{
	if (text != NULL)
		app_typed_command(app, text);
}

static void
suspend(void)
{
	term_leave();
	raise(SIGTSTP);
	term_return();
}

static size_t
cancel_office(struct app *app, struct office *o)
{
	size_t n = 0;

	for (size_t i = 0; i < APP_MAX_ASKED; i++) {
		struct letter *l;

		if (o->asked[i].request == 0 || o->asked[i].type == LETTER_DETAIL)
			continue;
		l = letter_new(LETTER_CANCEL, ++app->last_request);
		l->number = o->asked[i].request;
		if (!worker_send(o->worker, l))
			letter_free(l);
		n++;
	}
	return n;
}

static void
cancel_all(struct app *app)
{
	size_t n = 0;

	app->is_bulk = false;
	for (size_t i = 0; i < app->n_offices; i++) {
		if (office_is_shown(app, &app->offices[i]))
			n += cancel_office(app, &app->offices[i]);
	}
	if (n == 0 && app->o->read_only)
		app_say(app, ROLE_DIM, "nothing is running; Q leaves");
	else if (n == 0)
		deed_stop(app);
}

static void
bulk(struct app *app)
{
	app->is_bulk = model_n_tagged(app->model) > 0;
	if (!app->is_bulk)
		app_say(
		    app, ROLE_WARN, "nothing is tagged: Space tags a case, T all that is shown");
}

static void
grow(struct app *app, int by)
{
	app->pane_percent += by;
	if (app->pane_percent < 25)
		app->pane_percent = 25;
	if (app->pane_percent > 85)
		app->pane_percent = 85;
}

static void
preview(struct app *app)
{
	app->resend_at = -1;
	targets_take(app, false);
	if (app->n_targets > 0)
		previews_ask(app, app->targets, app->n_targets, NULL);
}

static void
switch_account(struct app *app, enum command_id id, const char *arg)
{
	if (app->n_offices < 2)
		app_say(app, ROLE_WARN, "%s: there is one account only, %s", tui_commands[id].name,
		    app->offices[0].account->name);
	else if (id == CMD_ACCOUNT)
		account_ask(app, arg);
	else if (id == CMD_ALL_ACCOUNTS)
		account_all(app);
	else
		account_step(app, id == CMD_NEXT_ACCOUNT ? 1 : -1);
}

static void
look(struct app *app, enum command_id id, const char *arg)
{
	switch (id) {
	case CMD_OPEN:
		open_case(app);
		break;
	case CMD_BACK:
		back(app);
		break;
	case CMD_ORIGINAL:
		open_answer(app, LETTER_ORIGINAL, "the original");
		break;
	case CMD_RAW:
		open_answer(app, LETTER_RAW, "the report as it came");
		break;
	case CMD_PREVIEW:
		preview(app);
		break;
	case CMD_SEARCH:
		seek_search(app, arg);
		break;
	case CMD_NEXT_MATCH:
		seek_next(app, false);
		break;
	case CMD_PREVIOUS_MATCH:
		seek_next(app, true);
		break;
	case CMD_FILTER:
		seek_filter(app, arg);
		break;
	case CMD_SORT:
		seek_sort(app, arg);
		break;
	case CMD_GROUP:
		seek_group(app, arg);
		break;
	case CMD_ACCOUNT:
	case CMD_ALL_ACCOUNTS:
	case CMD_NEXT_ACCOUNT:
	case CMD_PREVIOUS_ACCOUNT:
		switch_account(app, id, arg);
		break;
	case CMD_PANE:
		app->is_pane_shown = !app->is_pane_shown;
		break;
	case CMD_PANE_GROW:
		grow(app, 5);
		break;
	default:
		grow(app, -5);
		break;
	}
}

static void
act(struct app *app, enum command_id id, const char *arg)
{
	bool is_bulk = app->is_bulk;

	app->is_bulk = false;
	if (id != CMD_UNDO && id != CMD_DIAGNOSE)
		targets_take(app, is_bulk);
	switch (id) {
	case CMD_RESEND:
		deed_resend(app, 0);
		break;
	case CMD_RESEND_LATER:
		deed_resend_later(app, arg);
		break;
	case CMD_EDIT:
		deed_edit(app);
		break;
	case CMD_IGNORE:
		deed_ignore(app);
		break;
	case CMD_IGNORE_UNTIL:
		deed_ignore_until(app, arg);
		break;
	case CMD_NOTE_RECIPIENT:
		deed_note(app, NOTE_RECIPIENT);
		break;
	case CMD_NOTE_POSTMASTER:
		deed_note(app, NOTE_POSTMASTER);
		break;
	case CMD_RESOLVE:
		deed_resolve(app, arg);
		break;
	case CMD_UNDO:
		deed_undo(app);
		break;
	default:
		open_answer(app, LETTER_CHECK, "the check");
		break;
	}
}

static void
sync_all(struct app *app)
{
	for (size_t i = 0; i < app->n_offices; i++)
		if (office_is_shown(app, &app->offices[i]))
			app_send(app, &app->offices[i], app_letter(app, LETTER_SYNC, NULL, 0));
}

static void
program(struct app *app, enum command_id id, const char *arg)
{
	switch (id) {
	case CMD_TAG:
		deed_tag(app);
		break;
	case CMD_TAG_ALL:
		deed_tags(app);
		model_tag_all(app->model);
		break;
	case CMD_BULK:
		bulk(app);
		break;
	case CMD_SYNC:
		sync_all(app);
		break;
	case CMD_CANCEL:
		cancel_all(app);
		break;
	case CMD_PAUSE:
		deed_pause(app);
		break;
	case CMD_STOP:
		deed_stop(app);
		break;
	case CMD_MESSAGES:
		app_drop_sum(app);
		pager_open(app, &pager_messages, "what was said, newest first");
		break;
	case CMD_THEME:
		ask_theme(app, arg);
		break;
	case CMD_HELP:
		pager_open(app, &pager_help, "help: q back, / search, j k move");
		break;
	case CMD_COMMAND:
		prompt_line(app, ":", "", command_answered, NULL);
		break;
	case CMD_REDRAW:
		term_redraw();
		break;
	case CMD_SUSPEND:
		suspend();
		break;
	default:
		quit(app);
		break;
	}
}

/* Why not here, said once for all commands. */
static bool
may_run(struct app *app, enum command_id id)
{
	const struct command *c = &tui_commands[id];
	struct pager *p = pager_top(app);
	bool is_case = p == NULL || p->ops->is_case;

	if ((c->flags & (is_case ? IN_LIST : IN_TEXT)) == 0) {
		app_say(app, ROLE_WARN, "%s: not here, %s goes back", c->name,
		    keymap_key(app->keymap, CMD_BACK));
		return false;
	}
	if ((c->flags & CHANGES) != 0 && app->o->read_only) {
		app_say(app, ROLE_WARN, "%s: not with --read-only", c->name);
		return false;
	}
	if ((c->flags & NEEDS_CASE) != 0 && model_lines(app->model) == 0) {
		app_say(app, ROLE_WARN, "%s: there is no case here", c->name);
		return false;
	}
	if (app->is_bulk && (c->flags & (TAKES_BULK | CHANGES)) == CHANGES) {
		app_say(app, ROLE_WARN, "%s: one case at a time", c->name);
		app->is_bulk = false;
		return false;
	}
	return true;
}

void
app_run(struct app *app, enum command_id id, const char *arg)
{
	if (id == CMD_NONE || !may_run(app, id))
		return;
	if (id > CMD_BOTTOM || app->is_pane_focused)
		pane_now(app);
	if (id == CMD_NEXT_PANE)
		app->is_pane_focused = !app->is_pane_focused && app->is_pane_shown;
	else if (id <= CMD_BOTTOM)
		app_move(app, id);
	else if (id <= CMD_PANE_SHRINK)
		look(app, id, arg);
	else if (id <= CMD_DIAGNOSE)
		act(app, id, arg);
	else
		program(app, id, arg);
}

void
app_typed_command(struct app *app, const char *line)
{
	struct slice rest = slice_trim(slice_of(line));
	size_t n = slice_chr(rest, ' ');
	char *name = xslicedup(slice_sub(rest, 0, n));
	char *arg = xslicedup(n == SLICE_NONE ? SLICE_EMPTY : slice_trim(slice_from(rest, n)));
	enum command_id id = command_find(name);

	if (name[0] != '\0' && id == CMD_NONE) {
		const char *near = near_name(name, tui_commands, tui_commands_n,
		    sizeof(tui_commands[0]), offsetof(struct command, name));

		app_say(app, ROLE_ERROR, "no command %s%s%s%s", name,
		    near[0] == '\0' ? ": ? lists them" : ", did you mean ", near,
		    near[0] == '\0' ? "" : "?");
	}
	app_run(app, id, arg);
	free(name);
	free(arg);
}

static void
mouse(struct app *app, int key, int row, int col)
{
	bool in_list = pager_top(app) == NULL && row >= 1 && (size_t)row <= app->list_rows &&
	    col < app->list_cols;

	if (key == KEY_T_MOUSE && in_list) {
		size_t pos = app->top + (size_t)row - 1;
		bool again = pos == app->pos;

		if (pos < model_lines(app->model))
			place_move(app, pos);
		if (again)
			open_case(app);
		return;
	}
	if (key != KEY_T_MOUSE) {
		for (int i = 0; i < 3; i++)
			move(app, key == KEY_T_WHEEL_UP ? CMD_UP : CMD_DOWN);
	}
}

void
app_key(struct app *app, int key, int mouse_row, int mouse_col)
{
	enum command_id id;
	char name[16];

	if (key == KEY_T_RESIZE)
		return;
	if (app->prompt.is_open) {
		prompt_key(app, key);
		return;
	}
	app->is_message_old = true;
	app->is_unread_new = false;
	if (key == KEY_T_MOUSE || key == KEY_T_WHEEL_UP || key == KEY_T_WHEEL_DOWN) {
		mouse(app, key, mouse_row, mouse_col);
		return;
	}
	id = keymap_command(app->keymap, key);
	if (id == CMD_NONE)
		app_say(app, ROLE_DIM, "%s does nothing: %s helps", key_name(name, key),
		    keymap_key(app->keymap, CMD_HELP));
	app_run(app, id, "");
}
