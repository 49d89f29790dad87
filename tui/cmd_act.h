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
	bool *is_told;             /* in the order of cases; may be NULL */
	const char *known;         /* as JSON, of the next result if it failed; NULL = nothing */
	bool settles;              /* it is the command that settles a doubt */
	size_t n_good;
	size_t n_bad;
};
void act_result(void *tally, const struct letter *l);
/* Of a LETTER_STATUS that tells of one. */
void act_say_flaw(const struct letter *l);

/* The same as act_ask with fn, which hands its results on to act_result with `tally`. */
int act_ask_with(struct session *s, struct letter *l, const struct cases *c,
    struct act_tally *tally, session_fn fn, void *ctx);
/* What to do about a refusal for a case in doubt: the command that settles it. */
void act_doubt_todo(struct err *e, const char *id);

/* With --json each case has its object, also one that was refused or never came to
 * its turn. */
struct act_outcome {
	const char *id;
	const char *recipient;
	const struct err *err; /* ERR_NONE: it went well */
	struct slice words;    /* of what went well */
	int64_t due_at;        /* it has not gone yet; 0 = it has, or never will */
};
void act_print_json(const struct act_outcome *o);
/* That of all which are not in is_told (NULL: of none yet). */
void act_print_failed(const struct cases *c, const bool *is_told, const struct err *e);

/* Says so if it is. */
bool act_is_read_only(const struct cmd_globals *g, const char *command);

#endif
