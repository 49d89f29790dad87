#include "base/clock.h"
#include "tui/cmd_act.h"
#include "tui/edit.h"

static int
ignore(struct session *s, struct cases *c, const struct cmd_args *a)
{
	bool is_undo = args_has(a, "--undo");
	struct letter *l = session_letter(s, is_undo ? LETTER_UNDO : LETTER_IGNORE);

	l->flag = args_has(a, "--dry-run");
	if (!is_undo) {
		l->text = arena_copy(l->arena, slice_of(args_value(a, "--reason")));
		(void)until_parse(args_value(a, "--until"), clock_now(), &l->at); /* checked */
	}
	return act_ask(s, l, c, args_has(a, "--json"));
}

int
cmd_ignore(const struct cmd_globals *g, int argc, char **argv)
{
	struct cmd_args a;
	int64_t until;

	if (args_read(&a, "ignore", argc, argv) != 0)
		return EXIT_MISUSE;
	if (args_has(&a, "--until") && !until_parse(args_value(&a, "--until"), clock_now(), &until))
		return cmd_misuse("ignore: --until %s: not a time to come; allowed is next-bounce, "
				  "4h, 13:00, tomorrow 9, 2026-11-30 8:00",
		    args_value(&a, "--until"));
	if (args_has(&a, "--undo") && (args_has(&a, "--until") || args_has(&a, "--reason")))
		return cmd_misuse("ignore: --undo takes neither --until nor --reason");
	if (!args_has(&a, "--dry-run") && act_is_read_only(g, "ignore"))
		return EXIT_FAILED;
	return act_on_cases(g, &a, ignore);
}
