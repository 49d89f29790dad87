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
	app->prompt.is_secret = app->prompt.is_suggested = false;
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
prompt_suggest(struct app *app, const char *label, const char *text,
    void (*answered)(struct app *, const char *))
{
	prompt_line(app, label, text, answered, NULL);
	app->prompt.is_suggested = true;
}

void
prompt_keys(struct app *app, const char *label, const char *keys,
    void (*answered)(struct app *, const char *))
{
	open_prompt(app, label, keys, answered, NULL);
}

void
prompt_words(struct app *app, const char *label, const char *words,
    void (*answered)(struct app *, const char *))
{
	prompt_line(app, label, "", answered, NULL);
	app->prompt.words = xstrdup(words);
}

void
prompt_drop(struct app *app)
{
	free(app->prompt.words);
	app->prompt.words = NULL;

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

/* The words that begin as the line does from `from`; what they have in common is put
 * there, and they are said if that is nothing. */
static void
complete_from(struct app *app, size_t from, struct slice words)
{
	struct edit *e = &app->prompt.edit;
	struct slice typed = slice_from(buf_slice(&e->text), from);
	struct slice common = SLICE_EMPTY;
	struct slice word;
	struct buf names = BUF_INIT;

	while (slice_line(&words, &word)) {
		size_t n = 0;

		if (!slice_eq(slice_sub(word, 0, typed.n), typed))
			continue;
		while (n < common.n && n < word.n && common.p[n] == word.p[n])
			n++;
		common = names.len == 0 ? word : slice_sub(common, 0, n);
		buf_addslice(&names, word);
		buf_addc(&names, ' ');
	}
	if (common.n > typed.n) {
		struct buf line = BUF_INIT;

		buf_addslice(&line, slice_sub(buf_slice(&e->text), 0, from));
		buf_addslice(&line, common);
		edit_set(e, buf_cstr(&line));
		buf_free(&line);
	} else if (names.len > 0) {
		app_say(app, ROLE_DIM, "%s", buf_cstr(&names));
	}
	buf_free(&names);
}

static void
add_words(struct buf *out, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%s\n", words[i]);
}

/* What may stand behind a command. */
static void
add_arguments(const struct app *app, enum command_id id, struct buf *out)
{
	if (id == CMD_ACCOUNT && app->n_offices > 1)
		account_words(app, out);
	else if (id == CMD_SORT)
		add_words(out, sort_names, SORT_N);
	else if (id == CMD_GROUP)
		add_words(out, group_names, GROUP_N);
}

/* Of a typed command its name, then its argument. */
static void
complete_command(struct app *app)
{
	struct slice line = buf_slice(&app->prompt.edit.text);
	size_t blank = slice_chr(line, ' ');
	struct buf words = BUF_INIT;
	size_t from = 0;

	if (blank != SLICE_NONE) {
		char *name = xslicedup(slice_sub(line, 0, blank));

		for (from = blank; from < line.n && line.p[from] == ' ';)
			from++;
		add_arguments(app, command_find(name), &words);
		free(name);
	} else {
		for (size_t i = 0; i < tui_commands_n; i++)
			buf_addf(&words, "%s\n", tui_commands[i].name);
	}
	complete_from(app, from, buf_slice(&words));
	buf_free(&words);
}

static void
line_key(struct app *app, int key)
{
	struct prompt *p = &app->prompt;
	bool is_suggested = p->is_suggested;

	p->is_suggested = false;
	if (is_suggested && key >= 32 && key != 127 && key < 0x110000)
		edit_set(&p->edit, "");
	if (key == 13) {
		answer(app, buf_cstr(&p->edit.text));
	} else if (key == 27 || key == 3 || key == 7) {
		answer(app, NULL);
	} else if (key == 9 && p->words != NULL) {
		complete_from(app, 0, slice_of(p->words));
	} else if (key == 9 && strcmp(p->label, ":") == 0) {
		complete_command(app);
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
