#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <locale.h>

#include "base/log.h"
#include "base/near.h"
#include "tui/cmd.h"
#include "tui/cmd_args.h"
#include "tui/cmd_help.h"
#include "tui/cmd_screen.h"

static int
unknown_command(const char *word)
{
	const char *near = near_name(
	    word, cmd_table, cmd_table_n, sizeof(cmd_table[0]), offsetof(struct cmd, name));

	if (near[0] != '\0')
		return cmd_misuse("unknown command %s: did you mean %s?", word, near);
	return cmd_misuse("unknown command %s (bouncebox --help tells which there are)", word);
}

static int
unknown_global(const char *word)
{
	size_t n = 0;
	const char *near;

	while (cmd_global_options[n].name != NULL)
		n++;
	near = near_name(word, cmd_global_options, n, sizeof(cmd_global_options[0]),
	    offsetof(struct cmd_option, name));
	if (near[0] != '\0')
		return cmd_misuse("unknown option %s: did you mean %s?", word, near);
	return cmd_misuse("unknown option %s (bouncebox --help tells which there are)", word);
}

/* `COMMAND --help` is `help COMMAND`. */
static int
print_help(const struct cmd_globals *g, char *command)
{
	char name[] = "help";
	char *argv[] = {name, command, NULL};

	return cmd_help(g, command == NULL ? 1 : 2, argv);
}

static int
run_command(struct cmd_globals *g, int argc, char **argv)
{
	const struct cmd *c = cmd_find(argv[0]);
	struct err e;

	if (c == NULL)
		return unknown_command(argv[0]);
	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return print_help(g, argv[0]);
	if (c->uses_account && globals_take_all(g, &argc, argv) != 0)
		return EXIT_MISUSE;
	if (g->log[0] != '\0' && log_open(g->log, &e) != 0)
		return cmd_fail(&e);
	return c->run(g, argc, argv);
}

int
main(int argc, char **argv)
{
	const char *log = getenv("BOUNCEBOX_LOG");
	struct cmd_globals g = {
	    .account = "", .conf = "", .theme = "", .log = log == NULL ? "" : log};
	struct err e;

	setlocale(LC_CTYPE, "");
	for (int i = 1; i < argc; i++) {
		int taken;

		if (argv[i][0] != '-' || argv[i][1] == '\0')
			return run_command(&g, argc - i, argv + i);
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return print_help(&g, NULL);
		if (strcmp(argv[i], "--version") == 0) {
			puts(help_version());
			return EXIT_DONE;
		}
		taken = globals_take(&g, argc, argv, &i);
		if (taken < 0)
			return EXIT_MISUSE;
		if (taken == 0)
			return unknown_global(argv[i]);
	}
	if (g.log[0] != '\0' && log_open(g.log, &e) != 0)
		return cmd_fail(&e);
	return cmd_screen(&g);
}
