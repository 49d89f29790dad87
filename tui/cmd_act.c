#include "tui/cmd_act.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "tui/cmd_out.h"

void
act_print_json(const struct act_outcome *o)
{
	bool is_good = o->err->code == ERR_NONE, is_due = o->due_at != 0;
	struct buf out = BUF_INIT;
	struct json j;

	json_begin(&j, &out);
	json_object(&j, NULL);
	json_cstr(&j, "id", o->id);
	json_cstr(&j, "recipient", o->recipient);
	json_bool(&j, "ok", is_good);
	json_bool(&j, "refused", o->err->code == ERR_REFUSED);
	json_str(
	    &j, "result", is_good || is_due || o->words.n > 0 ? o->words : slice_of(o->err->text));
	json_cstr(&j, "error", is_good ? "" : o->err->text);
	json_cstr(&j, "todo", is_good ? "" : o->err->todo);
	json_time(&j, "due_at", o->due_at);
	json_end_object(&j);
	buf_addc(&out, '\n');
	(void)out_flush(&out);
	buf_free(&out);
}

void
act_print_failed(const struct cases *c, const bool *is_told, const struct err *e)
{
	for (size_t i = 0; i < c->n; i++) {
		if (is_told == NULL || !is_told[i])
			act_print_json(&(struct act_outcome){.id = c->rows[i].id.text,
			    .recipient = c->rows[i].recipient,
			    .err = e,
			    .words = SLICE_EMPTY});
	}
}

void
act_say_flaw(const struct letter *l)
{
	if (l->type == LETTER_STATUS && l->title != NULL)
		fprintf(stderr, "%s%s%s%s\n", l->err.text, l->err.todo[0] != '\0' ? " (" : "",
		    l->err.todo, l->err.todo[0] != '\0' ? ")" : "");
}

void
act_doubt_todo(struct err *e, const char *id)
{
	(void)err_todo(e, "settle it first: bouncebox resolve %s", id);
}

void
act_result(void *tally, const struct letter *l)
{
	struct act_tally *t = tally;
	const struct row *row = NULL;
	struct buf words = BUF_INIT;
	struct err e = l->err;
	bool is_good = e.code == ERR_NONE;

	act_say_flaw(l);
	if (l->type != LETTER_RESULT || l->n_cases == 0)
		return;
	if (t->cases != NULL)
		row = cases_find(t->cases, &l->cases[0]);
	if (!is_good && !t->settles && row != NULL && row->handling == HANDLING_DOUBT)
		act_doubt_todo(&e, row->id.text);
	if (row != NULL && t->is_told != NULL)
		t->is_told[row - t->cases->rows] = true;
	*(is_good ? &t->n_good : &t->n_bad) += 1;
	if (t->as_json) {
		act_print_json(&(struct act_outcome){.id = l->cases[0].text,
		    .recipient = row != NULL ? row->recipient : "",
		    .err = &e,
		    .words = is_good || l->at != 0 ? l->text
			: t->known != NULL         ? slice_of(t->known)
						   : SLICE_EMPTY,
		    .due_at = l->at});
		return;
	}
	buf_adds(&words, l->cases[0].text);
	if (row != NULL) {
		buf_addc(&words, ' ');
		clean_append(&words, slice_of(row->recipient), 320);
	}
	buf_adds(&words, ": ");
	/* Of what did not go now, the words say when it will. */
	clean_append(&words, is_good || l->at != 0 ? l->text : slice_of(e.text), 600);
	if (!is_good && e.todo[0] != '\0')
		buf_addf(&words, " (%s)", e.todo);
	fprintf(is_good ? stdout : stderr, "%s\n", buf_cstr(&words));
	fflush(stdout);
	buf_free(&words);
}

int
act_ask_with(struct session *s, struct letter *l, const struct cases *c, struct act_tally *tally,
    session_fn fn, void *ctx)
{
	struct err e;
	int status = EXIT_DONE;

	cases_put(c, l);
	if (session_ask(s, l, fn, ctx, &e) != 0) {
		if (tally->as_json)
			act_print_failed(c, tally->is_told, &e);
		/* Each of a bulk has said its own; a last answer that failed only sums up. */
		if (tally->n_bad == 0 || e.code == ERR_CANCELLED)
			status = cmd_fail(&e);
	}
	return status == EXIT_DONE && tally->n_bad > 0 ? EXIT_FAILED : status;
}

int
act_ask(struct session *s, struct letter *l, const struct cases *c, bool as_json)
{
	struct act_tally tally = {
	    .cases = c, .as_json = as_json, .is_told = xcalloc(c->n + 1, sizeof(bool))};
	int status = act_ask_with(s, l, c, &tally, act_result, &tally);

	free(tally.is_told);
	return status;
}

static int
choose_and_act(struct session *s, const struct cmd_args *a, act_fn fn)
{
	struct cases c;
	struct err e;
	int status;

	if (cases_fetch(s, &c, &e) != 0 || cases_choose(&c, a->words, a->n_words, &e) != 0)
		status = cmd_fail(&e);
	else
		status = c.n == 0 ? out_nothing("No case matches.") : fn(s, &c, a);
	cases_free(&c);
	return status;
}

int
act_on_cases(const struct cmd_globals *g, const struct cmd_args *a, act_fn fn)
{
	struct session s;
	struct err e;
	int status;

	/* Without a word the filter would be everything that is open. */
	if (a->n_words == 0)
		return cmd_misuse("%s: say which: CASE… or a FILTER", a->cmd->name);
	if (cases_check(a->words, a->n_words, &e) != 0)
		return cmd_fail(&e);
	status = session_open(&s, g);
	if (status != 0)
		return status;
	status = choose_and_act(&s, a, fn);
	session_close(&s);
	return status;
}

bool
act_is_read_only(const struct cmd_globals *g, const char *command)
{
	if (g->read_only)
		fprintf(stderr, "bouncebox: %s: not with --read-only\n", command);
	return g->read_only;
}
