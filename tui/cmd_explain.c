#include "tui/cmd.h"

int
cmd_explain(const struct cmd_globals *g, int argc, char **argv)
{
	(void)g;
	(void)argc;
	(void)argv;
	return EXIT_FAILED;
}
