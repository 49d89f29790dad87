#include <stdio.h>
#include <stdlib.h>

#include "base/clean.h"
#include "tui/cmd_act.h"

struct told {
	struct act_tally tally;
	struct buf known; /* lines, of the case whose result comes next */
};

/* What is known of a case comes before its result. */
static void
on_letter(void *ctx, const struct letter *l)
{
	struct told *t = ctx;

	if (l->type == LETTER_TEXT) {
		size_t before = t->known.len;

		clean_append(&t->known, slice_of(l->title), 40);
		while (t->known.len < before + 10)
			buf_addc(&t->known, ' ');
		clean_append(&t->known, l->text, CLEAN_MAX_BYTES);
		buf_addc(&t->known, '\n');
		return;
	}
	if (l->type != LETTER_RESULT) {
		act_say_flaw(l);
		return;
	}
	if (!t->tally.as_json) {
		fputs(buf_cstr(&t->known), stdout);
		fflush(stdout);
	}
	t->tally.known = t->tally.as_json ? buf_cstr(&t->known) : "";
	act_result(&t->tally, l);
	buf_clear(&t->known);
}

static int
resolve(struct session *s, struct cases *c, const struct cmd_args *a)
{
	struct told t = {
	    .tally = {.cases = c,
		.as_json = args_has(a, "--json"),
		.is_told = xcalloc(c->n + 1, sizeof(bool)),
		.settles = true},
	    .known = BUF_INIT,
	};
	struct letter *l = session_letter(s, LETTER_RESOLVE);
	int status;

	l->flag = args_has(a, "--dry-run");
	if (args_has(a, "--undo"))
		l->resolve = RESOLVE_UNDO;
	else if (args_has(a, "--went"))
		l->resolve = RESOLVE_WENT;
	else if (args_has(a, "--not"))
		l->resolve = RESOLVE_NOT;
	status = act_ask_with(s, l, c, &t.tally, on_letter, &t);
	free(t.tally.is_told);
	buf_free(&t.known);
	return status;
}

int
cmd_resolve(const struct cmd_globals *g, int argc, char **argv)
{
	struct cmd_args a;
	int n;

	if (args_read(&a, "resolve", argc, argv) != 0)
		return EXIT_MISUSE;
	n = args_has(&a, "--went") + args_has(&a, "--not") + args_has(&a, "--undo");
	if (n > 1)
		return cmd_misuse("resolve: only one of --went, --not and --undo");
	if (n > 0 && !args_has(&a, "--dry-run") && act_is_read_only(g, "resolve"))
		return EXIT_FAILED;
	return act_on_cases(g, &a, resolve);
}
