/* The commands of the screen: one row each. Keys, help, the bar, the command line
 * and its completion, [keys] and the manual come from it. */
#ifndef TUI_COMMAND_H
#define TUI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/conf.h"

enum command_id {
	CMD_DOWN,
	CMD_UP,
	CMD_PAGE_DOWN,
	CMD_PAGE_UP,
	CMD_HALF_DOWN,
	CMD_HALF_UP,
	CMD_TOP,
	CMD_BOTTOM,
	CMD_NEXT_PANE,
	CMD_OPEN,
	CMD_BACK,
	CMD_ORIGINAL,
	CMD_RAW,
	CMD_PREVIEW,
	CMD_SEARCH,
	CMD_NEXT_MATCH,
	CMD_PREVIOUS_MATCH,
	CMD_FILTER,
	CMD_SORT,
	CMD_GROUP,
	CMD_ACCOUNT,
	CMD_ALL_ACCOUNTS,
	CMD_NEXT_ACCOUNT,
	CMD_PREVIOUS_ACCOUNT,
	CMD_PANE,
	CMD_PANE_GROW,
	CMD_PANE_SHRINK,
	CMD_RESEND,
	CMD_RESEND_LATER,
	CMD_EDIT,
	CMD_IGNORE,
	CMD_IGNORE_UNTIL,
	CMD_NOTE_RECIPIENT,
	CMD_NOTE_POSTMASTER,
	CMD_RESOLVE,
	CMD_UNDO,
	CMD_DIAGNOSE,
	CMD_TAG,
	CMD_TAG_ALL,
	CMD_BULK,
	CMD_SYNC,
	CMD_CANCEL,
	CMD_PAUSE,
	CMD_STOP,
	CMD_MESSAGES,
	CMD_THEME,
	CMD_HELP,
	CMD_COMMAND,
	CMD_REDRAW,
	CMD_SUSPEND,
	CMD_QUIT,
	CMD_N,
	CMD_NONE = CMD_N,
};

enum {
	IN_LIST = 1, /* the list, and the case in full */
	IN_TEXT = 2, /* help, originals, raw reports, messages */
	IN_ALL = 3,
	NEEDS_CASE = 4,
	CHANGES = 8,     /* not with --read-only */
	TAKES_BULK = 16, /* after ; for all that is tagged */
};

struct command {
	const char *name;
	const char *keys;  /* blank-separated: "j Down" */
	const char *args;  /* "[WORDS]", "" */
	const char *group; /* "Move" */
	const char *brief; /* for the bar, one word or two; "" = not there */
	const char *help;  /* one line */
	int flags;
};
extern const struct command tui_commands[]; /* indexed by command_id, in the order of the help */
extern const size_t tui_commands_n;

/* CMD_NONE if there is none of this name. */
enum command_id command_find(const char *name);
/* "C-d", "PgDn", "Space", "r": KEY_NOTHING (of term.h) if it makes no sense. */
int key_parse(const char *name);
/* Into buf of 16 bytes; "" for what has no name. */
const char *key_name(char buf[16], int key);

struct keymap;
/* Defaults, then the user's. What makes no sense is told in `problems`, a line each
 * with file, line, what was found and what is allowed. */
struct keymap *keymap_new(const struct conf *conf, struct buf *problems);
enum command_id keymap_command(const struct keymap *k, int key);
/* The first key of a command, for the bar; "" if it has none. */
const char *keymap_key(const struct keymap *k, enum command_id id);
/* All of them, blank-separated. */
void keymap_keys(const struct keymap *k, enum command_id id, struct buf *out);
void keymap_free(struct keymap **k);

#endif
