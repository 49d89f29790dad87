#include "tui/cmd_screen.h"

#include <stdio.h>
#include <unistd.h>

#include "net/net.h"
#include "tui/cmd_data.h"
#include "tui/cmd_first.h"
#include "tui/cmd_session.h"
#include "tui/tui.h"

static bool
is_at_terminal(void)
{
	return isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
}

static int
show(const struct setup *s, const struct cmd_globals *g)
{
	struct tui_options o = {.conf = s->conf,
	    .account = s->account,
	    .theme = g->theme,
	    .read_only = g->read_only,
	    .offline = g->offline && !g->demo,
	    .linear = g->linear,
	    .demo = g->demo,
	    .state_dir = s->state_dir,
	    .cache_dir = s->cache_dir,
	    .template_dir = s->template_dir,
	    .theme_dir = data_dir(s->arena, "themes", "themes")};
	struct err e;

	net_init();
	return tui_run(&o, &e) == 0 ? EXIT_DONE : cmd_fail(&e);
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
	status = show(&s, g);
	setup_close(&s);
	return status;
}
