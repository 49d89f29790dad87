#include <stdio.h>

#include "base/clean.h"
#include "tui/cmd_args.h"
#include "tui/cmd_session.h"

/* "title   words": one line of the check. */
static void
on_line(void *ctx, const struct letter *l)
{
	struct buf words = BUF_INIT;

	(void)ctx;
	if (l->type != LETTER_TEXT)
		return;
	clean_append(&words, slice_of(l->title), 40);
	while (words.len < 16)
		buf_addc(&words, ' ');
	buf_addc(&words, ' ');
	clean_append(&words, l->text, CLEAN_MAX_BYTES);
	printf("%s\n", buf_cstr(&words));
	fflush(stdout);
	buf_free(&words);
}

int
cmd_check(const struct cmd_globals *g, int argc, char **argv)
{
	struct session s;
	struct cmd_args a;
	struct err e;
	int status;

	if (args_read(&a, "check", argc, argv) != 0)
		return EXIT_MISUSE;
	if (a.n_words > 0)
		return cmd_misuse("check takes no further words: %s", a.words[0]);
	status = session_open(&s, g);
	if (status != 0)
		return status;
	printf("%-16s ok: %s, account %s\n", "configuration", s.setup.conf->file,
	    s.setup.account->name);
	fflush(stdout);
	if (session_ask(&s, session_letter(&s, LETTER_CHECK), on_line, NULL, &e) != 0)
		status = cmd_fail(&e);
	session_close(&s);
	return status;
}
