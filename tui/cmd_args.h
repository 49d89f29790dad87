/* The words behind a command's name, read by its table of options. */
#ifndef TUI_CMD_ARGS_H
#define TUI_CMD_ARGS_H

#include "tui/cmd.h"

#define ARGS_MAX_OPTIONS 16

/* Borrows argv. */
struct cmd_args {
	const struct cmd *cmd;
	const char *values[ARGS_MAX_OPTIONS]; /* NULL = not given, "" = given without argument */
	char **words;                         /* what is no option, in order */
	size_t n_words;
};

/* Words that begin with one - are left alone: filters negate with it. Moves
 * words to the front of argv. Says what is wrong itself; 0 or EXIT_MISUSE. */
int args_read(struct cmd_args *a, const char *command, int argc, char **argv);
bool args_has(const struct cmd_args *a, const char *option);
const char *args_value(const struct cmd_args *a, const char *option); /* "" if not given */

/* Takes the option that stands at argv[*i], with its argument, and moves *i to
 * the last word taken. 1 = taken, 0 = none of these, -1 = said what is wrong. */
int globals_take(struct cmd_globals *g, int argc, char **argv, int *i);
/* Takes all global options out of argv, up to a "--"; gives 0 or -1. */
int globals_take_all(struct cmd_globals *g, int *argc, char **argv);

#endif
