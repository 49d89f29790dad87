/* Questions at the foot of the screen: a line to type, or one key of a few. */
#include <stdlib.h>
#include <string.h>

#include "tui/app.h"

static void
open_prompt(struct app *app, const char *label, const char *keys,
    void (*answered)(struct app *, const char *), void (*changed)(struct app *, const char *))
{
	prompt_drop(app);
	app->prompt.is_open = true;
	app->prompt.is_secret = false;
	app->prompt.keys = keys;
	app->prompt.label = xstrdup(label);
	app->prompt.answered = answered;
	app->prompt.changed = changed;
}

void
prompt_line(struct app *app, const char *label, const char *text,
    void (*answered)(struct app *, const char *), void (*changed)(struct app *, const char *))
{
	open_prompt(app, label, NULL, answered, changed);
	edit_set(&app->prompt.edit, text);
}

void
prompt_keys(struct app *app, const char *label, const char *keys,
    void (*answered)(struct app *, const char *))
{
	open_prompt(app, label, keys, answered, NULL);
}

void
prompt_drop(struct app *app)
{
	edit_free(&app->prompt.edit);
	free(app->prompt.label);
	app->prompt.label = NULL;
	app->prompt.is_open = false;
}

/* The answer may open the next prompt: this one is gone before. */
static void
answer(struct app *app, const char *text)
{
	void (*answered)(struct app *, const char *) = app->prompt.answered;
	struct edit typed = app->prompt.edit;

	memset(&app->prompt.edit, 0, sizeof(app->prompt.edit));
	prompt_drop(app);
	answered(app, text);
	edit_free(&typed);
}

/* The commands that begin so; the only one is put there. */
static void
complete(struct app *app)
{
	struct edit *e = &app->prompt.edit;
	const char *typed = buf_cstr(&e->text);
	size_t n = strlen(typed);
	struct buf names = BUF_INIT;
	const char *only = NULL;
	size_t common = 0;

	for (size_t i = 0; i < tui_commands_n; i++) {
		const char *name = tui_commands[i].name;

		if (strncmp(name, typed, n) != 0)
			continue;
		if (only == NULL)
			common = strlen(name);
		else
			for (common = n; only[common] != '\0' && only[common] == name[common];)
				common++;
		only = name;
		buf_addf(&names, "%s ", name);
	}
	if (only != NULL && common > n) {
		struct buf word = BUF_INIT;

		buf_add(&word, only, common);
		edit_set(e, buf_cstr(&word));
		buf_free(&word);
	} else if (names.len > 0) {
		app_say(app, ROLE_DIM, "%s", buf_cstr(&names));
	}
	buf_free(&names);
}

static void
line_key(struct app *app, int key)
{
	struct prompt *p = &app->prompt;

	if (key == 13) {
		answer(app, buf_cstr(&p->edit.text));
	} else if (key == 27 || key == 3 || key == 7) {
		answer(app, NULL);
	} else if (key == 9 && strcmp(p->label, ":") == 0) {
		complete(app);
	} else if (key == 127 && p->edit.text.len == 0 && !p->is_secret) {
		answer(app, NULL);
	} else if (edit_key(&p->edit, key) && p->changed != NULL) {
		p->changed(app, buf_cstr(&p->edit.text));
	}
}

void
prompt_key(struct app *app, int key)
{
	char text[2] = {0, 0};

	if (app->prompt.keys == NULL) {
		line_key(app, key);
		return;
	}
	if (key == 27 || key == 3 || key == 7) {
		answer(app, NULL);
		return;
	}
	if (key <= 0 || key > 126 || strchr(app->prompt.keys, key) == NULL) {
		/* What is asked about can be read to its end meanwhile. */
		app_move(app, keymap_command(app->keymap, key));
		return;
	}
	text[0] = (char)key;
	answer(app, text);
}
