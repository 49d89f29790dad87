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

/* What stands before the command's name, or behind it if it uses an account. */
struct cmd_globals {
	const char *account; /* -a, "" = default */
	const char *conf;    /* -c, "" = default path */
	const char *theme;   /* --theme */
	bool read_only;
	bool demo;
	bool offline;
	bool linear;
	const char *log; /* --log, "" = none */
};

struct cmd_option {
	const char *name;   /* "--json" */
	const char *arg;    /* "FILE"; "" if it takes none */
	const char *values; /* what the argument may be, with blanks; "" = anything */
	const char *help;   /* one line */
};

struct cmd {
	const char *name;
	const char *args;  /* "[--json] PATH…|-" */
	const char *brief; /* one line */
	const char *text;  /* the rest of `help NAME` */
	/* argv[0] is the command's name. */
	int (*run)(const struct cmd_globals *g, int argc, char **argv);
	const struct cmd_option *options; /* up to one whose name is NULL; may be NULL */
	bool uses_account;                /* the global options may stand behind it too */
};
/* A word of `args` that wants more words. */
struct cmd_topic {
	const char *name; /* "FILTER" */
	const char *text;
};
extern const struct cmd_topic cmd_topics[];
extern const size_t cmd_topics_n;

extern const struct cmd cmd_table[];
extern const size_t cmd_table_n;
extern const struct cmd_option cmd_global_options[]; /* up to one whose name is NULL */

int cmd_parse(const struct cmd_globals *g, int argc, char **argv);
int cmd_explain(const struct cmd_globals *g, int argc, char **argv);
int cmd_list(const struct cmd_globals *g, int argc, char **argv);
int cmd_show(const struct cmd_globals *g, int argc, char **argv);
int cmd_resend(const struct cmd_globals *g, int argc, char **argv);
int cmd_ignore(const struct cmd_globals *g, int argc, char **argv);
int cmd_note(const struct cmd_globals *g, int argc, char **argv);
int cmd_resolve(const struct cmd_globals *g, int argc, char **argv);
int cmd_sync(const struct cmd_globals *g, int argc, char **argv);
int cmd_check(const struct cmd_globals *g, int argc, char **argv);
int cmd_help(const struct cmd_globals *g, int argc, char **argv);

/* NULL if there is none of this name. */
const struct cmd *cmd_find(const char *name);
/* "bouncebox: words" and what to do, to standard error; gives the exit status. */
int cmd_fail(const struct err *e);
/* "bouncebox: words" to standard error; gives EXIT_MISUSE. */
int cmd_misuse(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
