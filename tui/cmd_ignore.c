#include "tui/cmd_act.h"

static int
ignore(struct session *s, struct cases *c, const struct cmd_args *a)
{
	return act_ask(
	    s, session_letter(s, args_has(a, "--undo") ? LETTER_UNDO : LETTER_IGNORE), c);
}

int
cmd_ignore(const struct cmd_globals *g, int argc, char **argv)
{
	struct cmd_args a;

	if (args_read(&a, "ignore", argc, argv) != 0)
		return EXIT_MISUSE;
	if (act_is_read_only(g, "ignore"))
		return EXIT_FAILED;
	return act_on_cases(g, &a, ignore);
}
