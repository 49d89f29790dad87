#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "tui/cmd_act.h"
#include "tui/cmd_out.h"
#include "tui/rungs.h"

/* A draft as it came, copied out of its letter. */
struct draft {
	struct arena *arena;
	struct slice text;
	const char *title;
	const char *warning;
	case_id *cases;
	size_t n_cases;
	struct rung *rungs;
	size_t n_rungs;
};

static void
on_draft(void *ctx, const struct letter *l)
{
	struct draft *d = ctx;

	if (l->type != LETTER_DRAFTED)
		return;
	d->text = arena_copy(d->arena, l->text);
	d->title = arena_strdup(d->arena, l->title);
	d->warning = arena_strdup(d->arena, l->err.text);
	d->cases = arena_calloc(d->arena, l->n_cases, sizeof(*d->cases));
	d->n_cases = l->n_cases;
	d->rungs = rungs_copy(d->arena, l->rungs, l->n_rungs);
	d->n_rungs = l->n_rungs;
	for (size_t i = 0; i < l->n_cases; i++)
		d->cases[i] = l->cases[i];
}

static int
print_draft(const struct draft *d)
{
	struct buf out = BUF_INIT;

	if (out_columns() > 0)
		buf_adds(&out, clean_lines(d->arena, d->text).s);
	else
		buf_addslice(&out, d->text);
	if (d->text.n > 0 && d->text.p[d->text.n - 1] != '\n')
		buf_addc(&out, '\n');
	return out_end(&out) == 0 ? EXIT_DONE : EXIT_FAILED;
}

static int
print_draft_json(const struct draft *d)
{
	struct buf out = BUF_INIT;
	struct json j;

	json_begin(&j, &out);
	json_object(&j, NULL);
	json_cstr(&j, "to", d->title);
	json_list(&j, "cases");
	for (size_t i = 0; i < d->n_cases; i++)
		json_cstr(&j, NULL, d->cases[i].text);
	json_end_list(&j);
	json_cstr(&j, "warning", d->warning);
	json_str(&j, "text", d->text);
	rungs_json(&j, &(struct letter){.rungs = d->rungs, .n_rungs = d->n_rungs});
	json_end_object(&j);
	buf_addc(&out, '\n');
	return out_end(&out) == 0 ? EXIT_DONE : EXIT_FAILED;
}

static void
on_end(void *ctx, const struct letter *l)
{
	struct act_tally *tally = ctx;
	struct buf words = BUF_INIT;

	act_say_flaw(l);
	if (l->type != LETTER_RESULT && l->type != LETTER_TEXT)
		return;
	tally->n_bad += l->err.code != ERR_NONE;
	clean_append(&words, l->text, 600);
	if (words.len > 0)
		fprintf(l->err.code == ERR_NONE ? stdout : stderr, "%s\n", buf_cstr(&words));
	buf_free(&words);
}

static int
note_failed(const struct cases *c, bool as_json, const struct err *e)
{
	if (as_json)
		act_print_failed(c, NULL, e);
	return cmd_fail(e);
}

/* Every draft is ended, so that the worker can forget it. */
static int
end_note(struct session *s, const struct cases *c, const struct draft *d, enum note_to to,
    enum note_end end, bool yes, bool as_json)
{
	struct letter *l = session_letter(s, LETTER_NOTE_END);
	struct act_tally tally = {.cases = c, .as_json = as_json};
	struct err e;

	l->text = arena_copy(l->arena, d->text);
	l->note_to = to;
	l->note_end = end;
	l->confirmed = yes;
	l->cases = arena_calloc(l->arena, d->n_cases, sizeof(*l->cases));
	l->n_cases = d->n_cases;
	for (size_t i = 0; i < d->n_cases; i++)
		l->cases[i] = d->cases[i];
	if (session_ask(s, l, as_json ? act_result : on_end, &tally, &e) != 0)
		return note_failed(c, as_json && tally.n_good + tally.n_bad == 0, &e);
	return tally.n_bad > 0 ? EXIT_FAILED : EXIT_DONE;
}

/* To whom else, where the address that it goes to may be of no use. */
static void
say_rungs(const struct draft *d)
{
	struct buf words = BUF_INIT;

	if (d->n_rungs == 0 || d->warning[0] == '\0')
		return;
	rungs_text(&words, d->rungs, d->n_rungs);
	fprintf(stderr, "Whom to write to (--address ADDRESS):\n%s", buf_cstr(&words));
	buf_free(&words);
}

static int
note_with(struct session *s, struct cases *c, const struct cmd_args *a, struct draft *d)
{
	bool is_postmaster = strcmp(args_value(a, "--to"), "postmaster") == 0;
	enum note_to to = is_postmaster ? NOTE_POSTMASTER : NOTE_RECIPIENT;
	struct letter *l = session_letter(s, LETTER_NOTE);
	bool is_dry = args_has(a, "--dry-run");
	bool as_json = args_has(a, "--json");
	struct err e;
	int status;

	cases_put(c, l);
	l->note_to = to;
	if (args_has(a, "--address"))
		l->title = arena_strdup(l->arena, args_value(a, "--address"));
	if (session_ask(s, l, on_draft, d, &e) != 0)
		return note_failed(c, as_json, &e);
	if (d->warning[0] != '\0')
		fprintf(stderr, "%s\n", clean(d->arena, slice_of(d->warning)).s);
	if (!as_json)
		say_rungs(d);
	if (args_has(a, "--send") && !is_dry)
		return end_note(s, c, d, to, NOTE_SEND, args_has(a, "--yes"), as_json);
	if (args_has(a, "--draft") && !is_dry)
		return end_note(s, c, d, to, NOTE_SAVE_DRAFT, args_has(a, "--yes"), as_json);
	status = as_json ? print_draft_json(d) : print_draft(d);
	(void)end_note(s, c, d, to, NOTE_DISCARD, false, false);
	return status;
}

static int
undo_note(struct session *s, struct cases *c, const struct cmd_args *a)
{
	struct letter *l = session_letter(s, LETTER_UNDO);

	l->note_end = NOTE_SAVE_DRAFT;
	l->flag = args_has(a, "--dry-run");
	return act_ask(s, l, c, args_has(a, "--json"));
}

static int
note(struct session *s, struct cases *c, const struct cmd_args *a)
{
	struct draft d = {.arena = arena_new(), .text = SLICE_EMPTY, .title = "", .warning = ""};
	int status = note_with(s, c, a, &d);

	arena_free(&d.arena);
	return status;
}

int
cmd_note(const struct cmd_globals *g, int argc, char **argv)
{
	struct cmd_args a;
	bool writes;

	if (args_read(&a, "note", argc, argv) != 0)
		return EXIT_MISUSE;
	writes = (args_has(&a, "--draft") || args_has(&a, "--send") || args_has(&a, "--undo")) &&
	    !args_has(&a, "--dry-run");
	if (args_has(&a, "--undo") &&
	    (args_has(&a, "--draft") || args_has(&a, "--send") || args_has(&a, "--print")))
		return cmd_misuse("note: --undo takes a note back, it writes none");
	if (args_has(&a, "--draft") + args_has(&a, "--send") + args_has(&a, "--print") > 1)
		return cmd_misuse("note: one of --print, --draft and --send");
	if (a.n_words != 1)
		return cmd_misuse("note: give one CASE, as list prints it");
	if (writes && act_is_read_only(g, "note"))
		return EXIT_FAILED;
	return act_on_cases(g, &a, args_has(&a, "--undo") ? undo_note : note);
}
