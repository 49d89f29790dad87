/* Which key runs which command: the table's keys, then the user's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/near.h"
#include "tui/command.h"
#include "tui/term.h"

static const struct {
	const char *name;
	int key;
} named[] = {{"Enter", 13}, {"Esc", 27}, {"Space", ' '}, {"Tab", 9}, {"Backspace", 127},
    {"Up", KEY_T_UP}, {"Down", KEY_T_DOWN}, {"Left", KEY_T_LEFT}, {"Right", KEY_T_RIGHT},
    {"Home", KEY_T_HOME}, {"End", KEY_T_END}, {"PgUp", KEY_T_PGUP}, {"PgDn", KEY_T_PGDN},
    {"Delete", KEY_T_DELETE}, {"S-Tab", KEY_T_BACKTAB}, {"F1", KEY_T_F1}};

struct binding_of {
	int key;
	enum command_id id;
	char name[16];
};

struct keymap {
	struct binding_of *all;
	size_t n, cap;
};

enum command_id
command_find(const char *name)
{
	for (size_t i = 0; i < tui_commands_n; i++) {
		if (strcmp(tui_commands[i].name, name) == 0)
			return (enum command_id)i;
	}
	return CMD_NONE;
}

int
key_parse(const char *name)
{
	size_t n = strlen(name);
	unsigned cp;

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		if (strcmp(named[i].name, name) == 0)
			return named[i].key;
	}
	if (n == 3 && name[0] == 'C' && name[1] == '-' && ascii_isalpha(name[2]))
		return ascii_lower(name[2]) - 'a' + 1;
	if (n > 0 && utf8_decode(name, name + n, &cp) == n && cp > 32 && cp != 127)
		return (int)cp;
	return KEY_NOTHING;
}

const char *
key_name(char buf[16], int key)
{
	buf[0] = '\0';
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		if (named[i].key == key)
			snprintf(buf, 16, "%s", named[i].name);
	}
	if (buf[0] == '\0' && key > 0 && key < 27)
		snprintf(buf, 16, "C-%c", key + 'a' - 1);
	else if (buf[0] == '\0' && key > 32 && key < 127)
		snprintf(buf, 16, "%c", key);
	else if (buf[0] == '\0')
		snprintf(buf, 16, "this key");
	return buf;
}

static void
unbind(struct keymap *k, int key)
{
	for (size_t i = 0; i < k->n; i++) {
		if (k->all[i].key == key) {
			memmove(&k->all[i], &k->all[i + 1], (k->n - i - 1) * sizeof(k->all[0]));
			k->n--;
			return;
		}
	}
}

static void
bind(struct keymap *k, int key, const char *name, enum command_id id)
{
	unbind(k, key);
	if (k->n == k->cap) {
		k->cap = k->cap == 0 ? 64 : k->cap * 2;
		k->all = xrealloc(k->all, k->cap, sizeof(*k->all));
	}
	k->all[k->n].key = key;
	k->all[k->n].id = id;
	snprintf(k->all[k->n].name, sizeof(k->all[0].name), "%s", name);
	k->n++;
}

static void
bind_defaults(struct keymap *k)
{
	for (size_t i = 0; i < tui_commands_n; i++) {
		struct slice rest = slice_of(tui_commands[i].keys);

		while (rest.n > 0) {
			struct slice word = slice_sub(rest, 0, slice_chr(rest, ' '));
			char name[16];

			snprintf(name, sizeof(name), "%.*s", SLICE_FMT(word));
			bind(k, key_parse(name), name, (enum command_id)i);
			rest = slice_from(rest, word.n + 1);
		}
	}
}

static void
bind_users(struct keymap *k, const struct conf *conf, struct buf *problems)
{
	for (size_t i = 0; i < conf->n_bindings; i++) {
		const struct binding *b = &conf->bindings[i];
		int key = key_parse(b->key);
		enum command_id id = command_find(b->command);
		const char *near;

		if (key == KEY_NOTHING) {
			buf_addf(problems,
			    "%s:%u: no key is called %s; a character, C-x, Enter, Esc, Space, Tab, "
			    "Up, "
			    "Down, Left, Right, Home, End, PgUp, PgDn, Delete or F1\n",
			    conf->file, b->line, b->key);
		} else if (b->command[0] == '\0') {
			unbind(k, key);
		} else if (id == CMD_NONE) {
			near = near_name(b->command, tui_commands, tui_commands_n,
			    sizeof(tui_commands[0]), offsetof(struct command, name));
			buf_addf(problems, "%s:%u: no command is called %s%s%s%s\n", conf->file,
			    b->line, b->command,
			    near[0] == '\0' ? "; bouncebox help keys lists them"
					    : "; did you mean ",
			    near, near[0] == '\0' ? "" : "?");
		} else {
			bind(k, key, b->key, id);
		}
	}
}

struct keymap *
keymap_new(const struct conf *conf, struct buf *problems)
{
	struct keymap *k = xcalloc(1, sizeof(*k));

	bind_defaults(k);
	bind_users(k, conf, problems);
	return k;
}

enum command_id
keymap_command(const struct keymap *k, int key)
{
	for (size_t i = 0; i < k->n; i++) {
		if (k->all[i].key == key)
			return k->all[i].id;
	}
	return CMD_NONE;
}

const char *
keymap_key(const struct keymap *k, enum command_id id)
{
	for (size_t i = 0; i < k->n; i++) {
		if (k->all[i].id == id)
			return k->all[i].name;
	}
	return "";
}

void
keymap_keys(const struct keymap *k, enum command_id id, struct buf *out)
{
	for (size_t i = 0; i < k->n; i++) {
		if (k->all[i].id == id)
			buf_addf(out, "%s%s", out->len > 0 ? " " : "", k->all[i].name);
	}
}

void
keymap_free(struct keymap **k)
{
	if (k == NULL || *k == NULL)
		return;
	free((*k)->all);
	free(*k);
	*k = NULL;
}
