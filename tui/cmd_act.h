/* Commands that act on cases: they are fetched, chosen, and each tells what
 * came of it. */
#ifndef TUI_CMD_ACT_H
#define TUI_CMD_ACT_H

#include "tui/cmd_args.h"
#include "tui/cmd_cases.h"

typedef int (*act_fn)(struct session *s, struct cases *c, const struct cmd_args *a);

/* Opens a session, fetches and chooses the cases by the words of a, and calls fn
 * with one or more. An exit status. */
int act_on_cases(const struct cmd_globals *g, const struct cmd_args *a, act_fn fn);

/* Sends l for these cases and prints what came of each, as JSON Lines if asked for.
 * An exit status. */
int act_ask(struct session *s, struct letter *l, const struct cases *c, bool as_json);

/* A session_fn that prints each LETTER_RESULT: what went well on standard output. */
struct act_tally {
	const struct cases *cases; /* may be NULL */
	bool as_json;              /* what failed is on standard output too */
	size_t n_good;
	size_t n_bad;
};
void act_result(void *tally, const struct letter *l);

/* Says so if it is. */
bool act_is_read_only(const struct cmd_globals *g, const char *command);

#endif
