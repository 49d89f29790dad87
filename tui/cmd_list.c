#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "tui/cmd_args.h"
#include "tui/cmd_cases.h"
#include "tui/cmd_out.h"

struct uids {
	struct buf bytes; /* uint32_t each */
};

static void
on_detail(void *ctx, const struct letter *l)
{
	struct uids *u = ctx;

	if (l->type != LETTER_DETAILED)
		return;
	for (size_t i = 0; i < l->detail->n_events; i++) {
		if (l->detail->events[i].uid != 0)
			buf_add(&u->bytes, &l->detail->events[i].uid, sizeof(uint32_t));
	}
}

/* A row knows its last report only; a case with several is asked for the others. */
static void
print_json(struct session *s, const struct row *row, struct buf *out)
{
	struct uids u = {BUF_INIT};
	struct letter *l;
	struct json j;
	struct err e;

	if (row->reports > 1) {
		l = session_letter(s, LETTER_DETAIL);
		l->cases = arena_calloc(l->arena, 1, sizeof(*l->cases));
		l->cases[0] = row->id;
		l->n_cases = 1;
		(void)session_ask(s, l, on_detail, &u, &e); /* without: the one that is known */
	}
	if (u.bytes.len == 0 && row->uid != 0)
		buf_add(&u.bytes, &row->uid, sizeof(row->uid));
	json_begin(&j, out);
	cases_json(&j, row, (const uint32_t *)(void *)u.bytes.data, u.bytes.len / sizeof(uint32_t));
	json_end_object(&j);
	buf_addc(out, '\n');
	buf_free(&u.bytes);
}

static int
print_cases(struct session *s, const struct cases *c, bool as_json)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; as_json && i < c->n && !s->interrupted; i++) {
		print_json(s, &c->rows[i], &out);
		if (out.len > 65536 && out_flush(&out) != 0)
			break;
	}
	if (!as_json)
		cases_print(&out, c, out_columns(), clock_now());
	return out_end(&out);
}

/* What is in doubt wants a person. */
static void
put_doubts_first(struct cases *c)
{
	struct row *sorted = xcalloc(c->n + 1, sizeof(*sorted));
	size_t n = 0;

	for (int is_rest = 0; is_rest < 2; is_rest++)
		for (size_t i = 0; i < c->n; i++)
			if ((c->rows[i].handling != HANDLING_DOUBT) == is_rest)
				sorted[n++] = c->rows[i];
	if (n > 0)
		memcpy(c->rows, sorted, n * sizeof(*sorted));
	free(sorted);
}

static int
list(struct session *s, const struct cmd_args *a)
{
	struct cases c;
	struct err e;
	int status = EXIT_DONE;

	if (cases_fetch(s, &c, &e) != 0)
		status = cmd_fail(&e);
	if (status != EXIT_DONE && c.n > 0)
		fprintf(stderr, "What follows is from the cache.\n");
	put_doubts_first(&c);
	if (cases_filter(&c, a->words, a->n_words, &e) != 0)
		status = cmd_fail(&e);
	else if (c.n > 0 && print_cases(s, &c, args_has(a, "--json")) != 0)
		status = EXIT_FAILED;
	else if (c.n == 0 && status == EXIT_DONE)
		status = out_nothing(a->n_words == 0 ? "No case is open." : "No case matches.");
	cases_free(&c);
	return status;
}

int
cmd_list(const struct cmd_globals *g, int argc, char **argv)
{
	struct session s;
	struct cmd_args a;
	struct err e;
	int status;

	if (args_read(&a, "list", argc, argv) != 0)
		return EXIT_MISUSE;
	/* Words that make no sense are told before anything is fetched. */
	if (cases_check(a.words, a.n_words, &e) != 0)
		return cmd_fail(&e);
	status = session_open(&s, g);
	if (status != 0)
		return status;
	status = list(&s, &a);
	session_close(&s);
	return status;
}
