#include <stdio.h>
#include <string.h>

#include "tui/cmd.h"

int
main(int argc, char **argv)
{
	struct cmd_globals g = {"", "", "", false, false, false};

	for (size_t i = 0; argc > 1 && i < cmd_table_n; i++) {
		if (strcmp(argv[1], cmd_table[i].name) == 0)
			return cmd_table[i].run(&g, argc - 1, argv + 1);
	}
	fprintf(stderr, "bouncebox: no such command\n");
	return EXIT_MISUSE;
}
