#include "tui/cmd_screen.h"

#include <stdio.h>
#include <unistd.h>

#include "tui/cmd_first.h"
#include "tui/cmd_session.h"

static bool
is_at_terminal(void)
{
	return isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
}

int
cmd_screen(const struct cmd_globals *g)
{
	struct setup s;
	bool missing = false;
	int status;

	if (!is_at_terminal())
		return cmd_misuse("the screen needs a terminal; bouncebox list works without one "
				  "(bouncebox --help tells what else)");
	status = setup_open(&s, g, &missing);
	if (missing) {
		status = first_run(g);
		if (status == 0)
			status = setup_open(&s, g, NULL);
	}
	if (status != 0)
		return status;
	fputs("bouncebox: the screen is not part of this build\n", stderr);
	setup_close(&s);
	return EXIT_FAILED;
}
