#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "msg/date.h"
#include "tui/cmd_act.h"
#include "tui/cmd_args.h"
#include "tui/cmd_cases.h"
#include "tui/cmd_out.h"
#include "tui/cmd_terminal.h"
#include "tui/edit.h"
#include "tui/editor.h"

/* What the preview says, kept beyond its letter. */
struct plan {
	struct letter *preview; /* owns it; NULL if none came */
	struct cases *cases;
};

static void
keep_preview(void *ctx, const struct letter *l)
{
	struct plan *plan = ctx;
	struct letter *copy;
	struct preview *p;

	if (l->type != LETTER_PREVIEWED)
		return;
	/* The letter goes back to its sender; what we need of it is copied. */
	letter_free(plan->preview);
	copy = letter_new(LETTER_PREVIEWED, 0);
	p = arena_alloc(copy->arena, sizeof(*p));
	*p = *l->preview;
	p->cases = arena_calloc(copy->arena, p->n_cases, sizeof(*p->cases));
	for (size_t i = 0; i < p->n_cases; i++) {
		p->cases[i] = l->preview->cases[i];
		p->cases[i].recipient = arena_strdup(copy->arena, p->cases[i].recipient);
		p->cases[i].why = arena_strdup(copy->arena, p->cases[i].why);
	}
	p->envelope_from = arena_strdup(copy->arena, p->envelope_from);
	p->found = arena_strdup(copy->arena, p->found);
	p->outgoing = arena_strdup(copy->arena, p->outgoing);
	p->warnings = arena_strdup(copy->arena, p->warnings);
	p->edit = arena_strdup(copy->arena, p->edit);
	p->bytes = arena_copy(copy->arena, p->bytes);
	p->n_added = p->n_removed = 0;
	p->added = p->removed = NULL;
	copy->preview = p;
	plan->preview = copy;
}

static int
fetch_plan(struct session *s, struct plan *plan, const struct cases *c, struct err *e)
{
	struct letter *l = session_letter(s, LETTER_PREVIEW);

	cases_put(c, l);
	if (session_ask(s, l, keep_preview, plan, e) != 0)
		return -1;
	if (plan->preview == NULL)
		return err_set(e, ERR_PROTOCOL, "no preview came");
	return 0;
}

static void
say(const char *label, const char *text)
{
	struct buf words = BUF_INIT;
	struct slice rest = slice_of(text);
	struct slice line;

	while (slice_line(&rest, &line)) {
		buf_clear(&words);
		clean_append(&words, line, CLEAN_MAX_BYTES);
		if (words.len > 0)
			fprintf(stderr, "%s%s\n", label, buf_cstr(&words));
	}
	buf_free(&words);
}

/* A terminal gets the bytes through clean, anything else as they go to the wire. */
static void
add_bytes(struct buf *out, struct slice bytes)
{
	struct arena *a;

	if (out_columns() == 0) {
		buf_addslice(out, bytes);
		return;
	}
	a = arena_new();
	buf_adds(out, clean_lines(a, bytes).s);
	arena_free(&a);
}

static int64_t
time_of(const struct cmd_args *a)
{
	return when_parse(args_value(a, "--at"), clock_now()); /* 0 = now */
}

static void
print_dry(struct buf *out, const struct preview *p, int64_t at)
{
	char when[DATE_TEXT_BYTES];

	say("At:       ", at == 0 ? "" : date_rfc3339(when, at));
	say("Through:  ", p->outgoing);
	say("Original: ", p->found);
	say("Warning:  ", p->warnings);
	buf_adds(out, "MAIL FROM:<");
	clean_append(out, slice_of(p->envelope_from), CLEAN_MAX_BYTES);
	buf_adds(out, ">\n");
	for (size_t i = 0; i < p->n_cases; i++) {
		buf_adds(out, "RCPT TO:<");
		clean_append(out, slice_of(p->cases[i].recipient), CLEAN_MAX_BYTES);
		buf_adds(out, ">\n");
	}
	buf_addc(out, '\n');
	add_bytes(out, p->bytes);
	if (p->bytes.n > 0 && p->bytes.p[p->bytes.n - 1] != '\n')
		buf_addc(out, '\n');
}

static const char *
guard_words(enum guard g)
{
	switch (g) {
	case GUARD_NEVER:
		return "will not be sent";
	case GUARD_TYPE:
		return "needs the word resend typed at a terminal";
	case GUARD_ASK:
		return "asks first";
	default:
		return "can be sent";
	}
}

static void
say_guard(const struct preview_case *pc)
{
	struct buf words = BUF_INIT;

	buf_addf(&words, "%s ", pc->id.text);
	clean_append(&words, slice_of(pc->recipient), 320);
	buf_addf(&words, " %s", guard_words(pc->guard));
	if (pc->why[0] != '\0')
		buf_adds(&words, ": ");
	clean_append(&words, slice_of(pc->why), 400);
	if (pc->handling == HANDLING_DOUBT)
		buf_addf(&words, " (settle it first: bouncebox resolve %s)", pc->id.text);
	fprintf(stderr, "%s\n", buf_cstr(&words));
	buf_free(&words);
}

/* As what came of it: "ok" is whether it could go, "guard" how. */
static void
print_dry_json(struct buf *out, const struct preview *p, int64_t at)
{
	static const char *const guards[] = {
	    [GUARD_OK] = "ok", [GUARD_ASK] = "ask", [GUARD_TYPE] = "type", [GUARD_NEVER] = "never"};

	for (size_t i = 0; i < p->n_cases; i++) {
		const struct preview_case *pc = &p->cases[i];
		bool is_never = pc->guard == GUARD_NEVER;
		struct json j;

		json_begin(&j, out);
		json_object(&j, NULL);
		json_cstr(&j, "id", pc->id.text);
		json_cstr(&j, "recipient", pc->recipient);
		json_bool(&j, "ok", !is_never);
		json_bool(&j, "refused", is_never);
		json_cstr(&j, "guard", guards[pc->guard]);
		json_cstr(&j, "result", is_never ? pc->why : guard_words(pc->guard));
		json_cstr(&j, "error", is_never ? pc->why : "");
		json_cstr(&j, "why", pc->why);
		json_cstr(&j, "envelope_from", p->envelope_from);
		json_time(&j, "due_at", is_never ? 0 : at);
		json_cstr(&j, "outgoing", p->outgoing);
		json_cstr(&j, "original", p->found);
		json_cstr(&j, "warnings", p->warnings);
		json_int(&j, "size", (int64_t)p->size);
		json_str(&j, "message", p->bytes);
		json_end_object(&j);
		buf_addc(out, '\n');
	}
}

/* Case by case: the bytes of each are its own. */
static int
dry_run(struct session *s, struct cases *c, const struct cmd_args *a)
{
	bool as_json = args_has(a, "--json");
	struct cases one = *c;
	struct buf out = BUF_INIT;
	int status = EXIT_DONE;

	one.n = 1;
	for (size_t i = 0; i < c->n && !s->interrupted; i++) {
		struct plan plan = {NULL, c};
		struct err e;

		one.rows = &c->rows[i];
		if (fetch_plan(s, &plan, &one, &e) != 0) {
			if (as_json)
				act_print_failed(&one, NULL, &e);
			status = cmd_fail(&e);
			continue;
		}
		if (as_json)
			print_dry_json(&out, plan.preview->preview, time_of(a));
		else if (plan.preview->preview->n_cases > 0 &&
		    plan.preview->preview->cases[0].guard != GUARD_OK)
			say_guard(&plan.preview->preview->cases[0]);
		if (plan.preview->preview->n_never > 0)
			status = EXIT_FAILED;
		if (!as_json && plan.preview->preview->bytes.n > 0)
			print_dry(&out, plan.preview->preview, time_of(a));
		letter_free(plan.preview);
		(void)out_flush(&out); /* case by case: what failed stands in its place */
	}
	if (out_end(&out) != 0)
		status = EXIT_FAILED;
	return status;
}

struct consent {
	bool yes; /* --yes */
	bool as_json;
	const struct cmd_args *args;
	bool confirmed;
	bool typed;
};

static size_t
count_guard(const struct preview *p, enum guard g)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_cases; i++)
		n += p->cases[i].guard == g ? 1 : 0;
	return n;
}

/* Asks what the guards want; false for "no". */
static bool
ask_to_send(struct consent *consent, const struct preview *p)
{
	size_t n_type = count_guard(p, GUARD_TYPE);
	char question[160];

	if (!consent->yes) {
		snprintf(question, sizeof(question), "Resend %zu message%s? [y/N] ",
		    p->n_cases - count_guard(p, GUARD_NEVER), p->n_cases == 1 ? "" : "s");
		if (!terminal_confirm(question, "y"))
			return false;
	}
	/* What was not asked about is not confirmed: it may have changed meanwhile. */
	consent->confirmed = count_guard(p, GUARD_ASK) > 0;
	if (n_type > 0) {
		snprintf(question, sizeof(question),
		    "%zu of them should not go, as said above. Type resend to send "
		    "nevertheless: ",
		    n_type);
		consent->typed = terminal_confirm(question, "resend");
	}
	return true;
}

/* By its id, not by a filter that it happens to match. */
static bool
is_named(const struct row *row, const struct cmd_args *a)
{
	for (size_t i = 0; i < a->n_words; i++) {
		if (strncmp(row->id.text, a->words[i], strlen(a->words[i])) == 0)
			return true;
	}
	return false;
}

static void
print_refused(const struct preview_case *pc, const struct row *row, const char *why)
{
	struct buf words = BUF_INIT;
	struct err e;

	clean_append(&words, slice_of(pc != NULL && pc->why[0] != '\0' ? pc->why : why), 400);
	err_set(&e, ERR_REFUSED, "%s", buf_cstr(&words));
	if (row->handling == HANDLING_DOUBT)
		act_doubt_todo(&e, row->id.text);
	act_print_json(&(struct act_outcome){
	    .id = row->id.text, .recipient = row->recipient, .err = &e, .words = SLICE_EMPTY});
	buf_free(&words);
}

static const struct preview_case *
preview_of(const struct preview *p, const case_id *id)
{
	for (size_t i = 0; i < p->n_cases; i++) {
		if (strcmp(p->cases[i].id.text, id->text) == 0)
			return &p->cases[i];
	}
	return NULL;
}

/* --yes answers what is asked about the case as it was chosen. If somebody was
 * quicker that is another question. What might arrive twice, or at the wrong one, goes
 * by its id, never because it happens to match a filter. */
static bool
may_go(const struct preview_case *now, const struct row *chosen, const struct consent *consent)
{
	bool is_other = now->handling != chosen->handling ||
	    ((now->is_alone || now->is_again || now->is_guess) && !is_named(chosen, consent->args));

	if (now->guard == GUARD_NEVER || (now->guard == GUARD_TYPE && !consent->typed))
		return false;
	return !(consent->yes && now->guard == GUARD_ASK && is_other);
}

/* Leaves in c what may go. */
static void
drop_refused(struct cases *c, const struct preview *p, const struct consent *consent, size_t *n_r)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct preview_case *pc = preview_of(p, &c->rows[i].id);

		if (pc == NULL || may_go(pc, &c->rows[i], consent)) {
			c->rows[n++] = c->rows[i];
			continue;
		}
		*n_r += 1;
		if (consent->as_json)
			print_refused(pc, &c->rows[i], "it was not confirmed");
	}
	c->n = n;
}

/* So that nothing goes that somebody has handled since the preview. */
static void
put_seen(struct letter *l, const struct cases *c, const struct preview *p)
{
	l->seen = arena_calloc(l->arena, c->n, sizeof(*l->seen));
	for (size_t i = 0; i < c->n; i++) {
		const struct preview_case *pc = preview_of(p, &c->rows[i].id);

		if (pc != NULL)
			l->seen[i] =
			    (struct seen){pc->known, pc->handling, pc->is_again, pc->n_again};
	}
}

static int
send(struct session *s, struct cases *c, const struct consent *consent,
    const struct preview *preview)
{
	struct letter *l = session_letter(s, LETTER_RESEND);

	put_seen(l, c, preview);
	l->flag = preview->n_cases == 1;
	l->at = time_of(consent->args);
	l->confirmed = consent->confirmed;
	l->typed = consent->typed;
	return act_ask(s, l, c, consent->as_json);
}

static int
nothing_sent(const struct cases *c, const struct preview *p, bool as_json)
{
	for (size_t i = 0; as_json && i < c->n; i++) {
		const struct preview_case *pc = preview_of(p, &c->rows[i].id);
		bool is_never = pc != NULL && pc->guard == GUARD_NEVER;

		print_refused(is_never ? pc : NULL, &c->rows[i], "it was not confirmed");
	}
	fputs("Nothing was sent.\n", stderr);
	return EXIT_FAILED;
}

static void
say_preview(const struct preview *p, bool yes)
{
	for (size_t i = 0; i < p->n_cases; i++) {
		if (!yes || p->cases[i].guard != GUARD_OK)
			say_guard(&p->cases[i]);
	}
	say("Warning: ", p->warnings);
	say("Better edit it as new (resend --edit): ", p->edit);
}

static int
resend_cases(struct session *s, struct cases *c, const struct cmd_args *a)
{
	struct plan plan = {NULL, c};
	bool yes = args_has(a, "--yes");
	struct consent consent = {.yes = yes, .as_json = args_has(a, "--json"), .args = a};
	const struct preview *p;
	struct err e;
	size_t n_refused = 0;
	int status = EXIT_DONE;

	if (!yes && !terminal_is_there())
		return cmd_misuse(
		    "resend: nobody is here to ask: say --yes, or --dry-run to look first");
	if (fetch_plan(s, &plan, c, &e) != 0) {
		if (consent.as_json)
			act_print_failed(c, NULL, &e);
		return cmd_fail(&e);
	}
	p = plan.preview->preview;
	say_preview(p, yes);
	if (count_guard(p, GUARD_NEVER) < c->n && !ask_to_send(&consent, p)) {
		status = nothing_sent(c, p, consent.as_json);
	} else {
		drop_refused(c, p, &consent, &n_refused);
		if (c->n > 0)
			status = send(s, c, &consent, p);
	}
	letter_free(plan.preview);
	return status == EXIT_DONE && n_refused > 0 ? EXIT_FAILED : status;
}

/* A draft as it came, copied out of its letter. */
struct edited_draft {
	struct buf text;
	struct cases *cases; /* those that it is for stay in it */
};

static void
keep_draft(void *ctx, const struct letter *l)
{
	struct edited_draft *d = ctx;
	size_t n = 0;

	if (l->type != LETTER_NEW_MESSAGE)
		return;
	buf_clear(&d->text);
	buf_addslice(&d->text, l->text);
	say("Warning: ", l->err.text);
	for (size_t i = 0; i < d->cases->n; i++) {
		for (size_t k = 0; k < l->n_cases; k++) {
			if (strcmp(l->cases[k].text, d->cases->rows[i].id.text) == 0)
				d->cases->rows[n++] = d->cases->rows[i];
		}
	}
	d->cases->n = n;
}

static int
edit_draft(struct session *s, struct edited_draft *d, struct err *e)
{
	struct letter *l = session_letter(s, LETTER_EDIT);
	const char *command = editor_command(s->setup.conf);

	cases_put(d->cases, l);
	if (session_ask(s, l, keep_draft, d, e) != 0)
		return -1;
	if (editor_edit(command, &d->text, NULL, NULL) == 0)
		return 0;
	err_set(e, ERR_USAGE, "the editor failed: %s", command);
	return err_todo(e, "set [ui] editor, $VISUAL or $EDITOR");
}

/* To all of them or to none, and --yes is no answer for one that wants its own. */
static bool
may_all_go(const struct cases *c, const struct preview *p, const struct consent *consent)
{
	for (size_t i = 0; consent->yes && i < c->n; i++) {
		const struct preview_case *pc = preview_of(p, &c->rows[i].id);

		if (pc != NULL && (pc->is_alone || pc->is_again) &&
		    (c->n > 1 || !is_named(&c->rows[i], consent->args)))
			return false;
	}
	return true;
}

static int
send_edited(struct session *s, struct cases *c, const struct cmd_args *a, const struct buf *text,
    const struct preview *p)
{
	bool as_json = args_has(a, "--json");
	struct consent consent = {.yes = args_has(a, "--yes"), .as_json = as_json, .args = a};
	struct letter *l;

	if (p->n_never > 0 || !may_all_go(c, p, &consent)) {
		for (size_t i = 0; as_json && i < c->n; i++)
			print_refused(preview_of(p, &c->rows[i].id), &c->rows[i],
			    "another recipient of the message is refused");
		fputs("Nothing was sent.\n", stderr);
		return EXIT_FAILED;
	}
	if (!ask_to_send(&consent, p) || (p->n_type > 0 && !consent.typed))
		return nothing_sent(c, p, as_json);
	l = session_letter(s, LETTER_RESEND);
	l->text = arena_copy(l->arena, buf_slice(text));
	l->flag = true;
	put_seen(l, c, p);
	l->confirmed = true;
	l->typed = consent.typed;
	return act_ask(s, l, c, as_json);
}

static int
edit_failed(const struct cases *c, const struct cmd_args *a, struct buf *text, const struct err *e)
{
	buf_free(text);
	if (args_has(a, "--json"))
		act_print_failed(c, NULL, e);
	return cmd_fail(e);
}

/* One message, in the editor, and what came of it is shown before it goes. */
static int
edit_cases(struct session *s, struct cases *c, const struct cmd_args *a)
{
	struct edited_draft draft = {.cases = c};
	struct plan plan = {NULL, c};
	struct buf out = BUF_INIT;
	struct letter *l;
	struct err e;
	int status;

	if (!args_has(a, "--yes") && !args_has(a, "--dry-run") && !terminal_is_there())
		return cmd_misuse("resend --edit: nobody is here to ask: say --yes or --dry-run");
	if (edit_draft(s, &draft, &e) != 0)
		return edit_failed(c, a, &draft.text, &e);
	l = session_letter(s, LETTER_PREVIEW);
	l->text = arena_copy(l->arena, buf_slice(&draft.text));
	cases_put(c, l);
	err_set(&e, ERR_PROTOCOL, "no preview came");
	if (session_ask(s, l, keep_preview, &plan, &e) != 0 || plan.preview == NULL)
		return edit_failed(c, a, &draft.text, &e);
	for (size_t i = 0; i < plan.preview->preview->n_cases; i++)
		say_guard(&plan.preview->preview->cases[i]);
	if (args_has(a, "--dry-run")) {
		if (args_has(a, "--json"))
			print_dry_json(&out, plan.preview->preview, 0);
		else if (plan.preview->preview->n_never == 0)
			print_dry(&out, plan.preview->preview, 0);
		status = out_end(&out) != 0 || plan.preview->preview->n_never > 0 ? EXIT_FAILED
										  : EXIT_DONE;
	} else {
		say("Original: ", plan.preview->preview->found);
		say("Warning: ", plan.preview->preview->warnings);
		status = send_edited(s, c, a, &draft.text, plan.preview->preview);
	}
	letter_free(plan.preview);
	buf_free(&draft.text);
	return status;
}

static int
resend(struct session *s, struct cases *c, const struct cmd_args *a)
{
	if (args_has(a, "--edit"))
		return edit_cases(s, c, a);
	if (args_has(a, "--dry-run"))
		return dry_run(s, c, a);
	return resend_cases(s, c, a);
}

int
cmd_resend(const struct cmd_globals *g, int argc, char **argv)
{
	struct cmd_args a;

	if (args_read(&a, "resend", argc, argv) != 0)
		return EXIT_MISUSE;
	if (args_has(&a, "--at") && when_parse(args_value(&a, "--at"), clock_now()) == 0)
		return cmd_misuse("resend: --at %s: not a time to come; allowed is 4h, 13:00, "
				  "tomorrow 9, 2026-11-30 8:00",
		    args_value(&a, "--at"));
	if (args_has(&a, "--at") && args_has(&a, "--edit"))
		return cmd_misuse("resend: --edit sends at once: not with --at");
	if (!args_has(&a, "--dry-run") && act_is_read_only(g, "resend"))
		return EXIT_FAILED;
	return act_on_cases(g, &a, resend);
}
