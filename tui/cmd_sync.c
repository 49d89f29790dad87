#include <stdio.h>

#include "tui/cmd_act.h"
#include "tui/cmd_out.h"

static void
print_counts(const struct cases *c)
{
	size_t n_open = 0;
	size_t n_due = 0;
	size_t n_doubt = 0;
	size_t n_new = 0;

	for (size_t i = 0; i < c->n; i++) {
		bool is_case = c->rows[i].lane == LANE_CASES;

		n_open += is_case && c->rows[i].handling == HANDLING_OPEN ? 1 : 0;
		n_new +=
		    is_case && c->rows[i].handling == HANDLING_OPEN && c->rows[i].is_new ? 1 : 0;
		n_due += c->rows[i].handling == HANDLING_DUE ? 1 : 0;
		n_doubt += c->rows[i].handling == HANDLING_DOUBT ? 1 : 0;
	}
	printf("%zu open (%zu new), %zu due, %zu in doubt\n", n_open, n_new, n_due, n_doubt);
}

/* The sync brings the rows; what is due goes in a second step, so that nothing
 * is sent whose outcome has been told meanwhile. */
static int
sync_and_send(struct session *s, bool send_due)
{
	struct act_tally tally = {NULL, 0, 0};
	struct cases c;
	struct err e;
	int status = EXIT_DONE;

	if (cases_fetch(s, &c, &e) != 0) {
		cases_free(&c);
		return cmd_fail(&e);
	}
	print_counts(&c);
	tally.cases = &c;
	if (send_due) {
		struct letter *l = session_letter(s, LETTER_SYNC);

		l->flag = true;
		if (session_ask(s, l, act_result, &tally, &e) != 0)
			status = cmd_fail(&e);
	}
	cases_free(&c);
	return status == EXIT_DONE && tally.n_bad > 0 ? EXIT_FAILED : status;
}

int
cmd_sync(const struct cmd_globals *g, int argc, char **argv)
{
	struct session s;
	struct cmd_args a;
	int status;

	if (args_read(&a, "sync", argc, argv) != 0)
		return EXIT_MISUSE;
	if (a.n_words > 0)
		return cmd_misuse("sync takes no further words: %s", a.words[0]);
	if (args_has(&a, "--send-due") && act_is_read_only(g, "sync --send-due"))
		return EXIT_FAILED;
	status = session_open(&s, g);
	if (status != 0)
		return status;
	status = sync_and_send(&s, args_has(&a, "--send-due"));
	session_close(&s);
	return status;
}
