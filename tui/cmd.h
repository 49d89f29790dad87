/* The commands of the command line: one table (cmd_table in cmd.c), from which
 * help, the manual and the completion come. */
#ifndef TUI_CMD_H
#define TUI_CMD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Exit status: fixed, scripts rely on it. */
enum exit_status {
	EXIT_DONE = 0,
	EXIT_FAILED = 1, /* something was refused or failed (said on standard error) */
	EXIT_MISUSE = 2, /* wrong use or configuration */
	EXIT_NO_MATCH = 3,
	EXIT_NO_REACH = 4, /* could not reach or log in */
};

/* What stands before the command's name. */
struct cmd_globals {
	const char *account; /* -a, "" = default */
	const char *conf;    /* -c, "" = default path */
	const char *theme;   /* --theme */
	bool read_only;
	bool demo;
	bool offline;
};

struct cmd {
	const char *name;
	const char *args;  /* "[--json] PATH…|-" */
	const char *brief; /* one line */
	const char *text;  /* the rest of `help NAME`: options and examples */
	/* argv[0] is the command's name. */
	int (*run)(const struct cmd_globals *g, int argc, char **argv);
};
extern const struct cmd cmd_table[];
extern const size_t cmd_table_n;

int cmd_parse(const struct cmd_globals *g, int argc, char **argv);
int cmd_explain(const struct cmd_globals *g, int argc, char **argv);

/* "bouncebox: words" and what to do, to standard error; gives the exit status. */
int cmd_fail(const struct err *e);

#endif
