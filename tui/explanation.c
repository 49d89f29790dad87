/* The explanation of a case, laid out: beside the list, and in the case in full. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "tui/app.h"

#define LABEL_COLS 13

static void
add_title(struct page *p, const struct detail *d, const char *account)
{
	const struct explanation *x = d->explanation;
	struct run runs[4];
	size_t n = 0;

	if (x->code[0] != '\0')
		runs[n++] = (struct run){ROLE_CODE, clean(p->arena, slice_of(x->code))};
	if (n > 0)
		runs[n++] = (struct run){ROLE_TEXT, clean_literal(" ")};
	runs[n++] = (struct run){ROLE_HEADING, clean(p->arena, slice_of(x->title))};
	page_runs(p, 0, 2, runs, n);
	page_words(p, 0, 2, row_role(&d->row), slice_of(x->badge));
	if (account[0] != '\0')
		page_words(
		    p, 0, 2, ROLE_DIM, slice_of(arena_printf(p->arena, "in account %s", account)));
}

static void
add_cause(struct page *p, size_t i, const struct explain_cause *c)
{
	struct run runs[4];
	size_t n = 0;
	char number[24];

	snprintf(number, sizeof(number), "%zu ", i + 1);
	runs[n++] = (struct run){ROLE_DIM, clean(p->arena, slice_of(number))};
	runs[n++] =
	    (struct run){i == 0 ? ROLE_HEADING : ROLE_TEXT, clean(p->arena, slice_of(c->title))};
	runs[n++] = (struct run){ROLE_TEXT,
	    clean(p->arena,
		slice_of(arena_printf(p->arena, " %d%% ", (int)(c->weight * 100 + 0.5))))};
	if (c->evidence.n > 0)
		runs[n++] = (struct run){ROLE_EVIDENCE,
		    clean(p->arena,
			slice_of(arena_printf(p->arena, "\"%.*s\"", SLICE_FMT(c->evidence))))};
	page_runs(p, 0, 4, runs, n);
}

static void
add_causes(struct page *p, const struct explanation *x)
{
	if (x->contradiction[0] != '\0')
		page_words(p, 0, 2, ROLE_WARN, slice_of(x->contradiction));
	if (x->n_causes > 0) {
		page_blank(p);
		page_words(
		    p, 0, 0, ROLE_HEADING, SLICE_LIT("Likely causes, and the words for them"));
	}
	for (size_t i = 0; i < x->n_causes; i++)
		add_cause(p, i, &x->causes[i]);
	page_words(p, 2, 2, ROLE_DIM, slice_of(x->against));
}

/* "[r] send it again": a step that is a key shows it. */
static void
add_steps(struct app *app, struct page *p, const struct explanation *x)
{
	if (x->n_steps == 0)
		return;
	page_blank(p);
	page_words(p, 0, 0, ROLE_HEADING, SLICE_LIT("What to do"));
	for (size_t i = 0; i < x->n_steps; i++) {
		enum command_id id = command_find(x->steps[i].command);
		const char *key = id == CMD_NONE ? "" : keymap_key(app->keymap, id);
		struct run runs[2] = {
		    {ROLE_KEY,
			clean(p->arena,
			    slice_of(
				key[0] == '\0' ? "  - " : arena_printf(p->arena, "[%s] ", key)))},
		    {ROLE_TEXT, clean(p->arena, slice_of(x->steps[i].text))}};

		page_runs(p, 0, 4, runs, 2);
	}
}

static void
add_questions(struct app *app, struct page *p, const struct explanation *x)
{
	int64_t now = clock_now();

	page_blank(p);
	page_fact(p, LABEL_COLS, "Permanent?", ROLE_TEXT, slice_of(x->permanent));
	page_fact(p, LABEL_COLS, "How long?", ROLE_TEXT, slice_of(x->wait));
	if (x->suggest_at > now)
		page_fact(p, LABEL_COLS, "Try again", ROLE_GOOD,
		    slice_of(time_words(app->frame, x->suggest_at, now)));
	page_fact(p, LABEL_COLS, "Who mends it", ROLE_TEXT, slice_of(x->who));
	page_fact(p, LABEL_COLS, "Prevent it?", ROLE_TEXT, slice_of(x->prevention));
}

static void
add_facts(struct app *app, struct page *p, const struct detail *d)
{
	const struct row *row = &d->row;
	int64_t now = clock_now();

	page_blank(p);
	page_fact(p, LABEL_COLS, "Case", ROLE_DIM, slice_of(row->id.text));
	if (app->n_offices > 1)
		page_fact(p, LABEL_COLS, "Account", ROLE_TEXT, slice_of(row->account));
	page_fact(p, LABEL_COLS, "To", ROLE_HEADING, slice_of(row->recipient));
	page_fact(p, LABEL_COLS, "Subject", ROLE_TEXT, slice_of(row->subject));
	page_fact(p, LABEL_COLS, "From", ROLE_TEXT, slice_of(row->from));
	page_fact(p, LABEL_COLS, "Message-ID", ROLE_TEXT, slice_of(row->original_message_id));
	page_fact(p, LABEL_COLS, "Status", ROLE_TEXT, d->recipient.status);
	page_fact(p, LABEL_COLS, "Said by", ROLE_TEXT, d->recipient.remote_mta);
	page_fact(p, LABEL_COLS, "Reported by", ROLE_TEXT, d->report.reporting_mta);
	page_fact(p, LABEL_COLS, "Words", ROLE_EVIDENCE, d->recipient.diagnostic);
	if (row->retry_until > 0)
		page_fact(p, LABEL_COLS, "Tries until", ROLE_TRYING,
		    slice_of(time_words(app->frame, row->retry_until, now)));
	if (row->handling == HANDLING_IGNORED)
		page_fact(p, LABEL_COLS, "Ignored", ROLE_TEXT,
		    slice_of(until_words(app->frame, row, now)));
	else if (row->is_being_sent)
		page_fact(p, LABEL_COLS, "Sending", ROLE_GOOD,
		    slice_of(row->is_due_note ? "a note, just now" : "just now"));
	else if (row->due_at > 0)
		page_fact(p, LABEL_COLS, row->is_due_note ? "Note due" : "Resend due", ROLE_GOOD,
		    slice_of(time_words(app->frame, row->due_at, now)));
	page_fact(p, LABEL_COLS, "Because", ROLE_TEXT, slice_of(d->reason));
	page_fact(p, LABEL_COLS, "Ours?", ROLE_TEXT, slice_of(d->ours));
}

static const char *
due_words(const struct row *row)
{
	if (row->is_being_sent)
		return "sending";
	return row->is_due_note ? "note due" : "resend due";
}

static void
add_timeline(struct app *app, struct page *p, const struct detail *d)
{
	static const struct {
		const char *words;
		enum role role;
	} kinds[] = {
	    [EVENT_DELAYED] = {"delayed", ROLE_TRYING},
	    [EVENT_FAILED] = {"failed", ROLE_GAVE_UP},
	    [EVENT_DELIVERED] = {"delivered", ROLE_DELIVERED},
	    [EVENT_RELAYED] = {"relayed", ROLE_DELIVERED},
	    [EVENT_REPORT] = {"report", ROLE_TEXT},
	    [EVENT_DUE] = {"resend due", ROLE_HANDLED},
	    [EVENT_RESENT] = {"resent", ROLE_HANDLED},
	    [EVENT_RESEND_FAILED] = {"resend failed", ROLE_REFUSED},
	    [EVENT_DOUBT] = {"in doubt", ROLE_DOUBT},
	    [EVENT_NOTED] = {"noted", ROLE_HANDLED},
	    [EVENT_IGNORED] = {"ignored", ROLE_HANDLED},
	    [EVENT_REOPENED] = {"opened again", ROLE_TEXT},
	};
	int64_t now = clock_now();

	if (d->n_events == 0)
		return;
	page_blank(p);
	page_words(p, 0, 0, ROLE_HEADING, SLICE_LIT("Timeline"));
	for (size_t i = 0; i < d->n_events; i++) {
		const struct event *e = &d->events[i];
		struct run runs[3] = {{ROLE_DIM,
					  clean(p->arena,
					      slice_of(arena_printf(p->arena, "%s ",
						  time_words(app->frame, e->at, now))))},
		    {kinds[e->kind].role,
			clean(p->arena,
			    slice_of(arena_printf(p->arena, "%s ",
				e->kind == EVENT_DUE ? due_words(&d->row)
						     : kinds[e->kind].words)))},
		    {ROLE_TEXT, clean(p->arena, slice_of(e->words))}};

		page_runs(p, 2, 4, runs, 3);
	}
}

void
page_explanation(struct app *app, struct page *p, const struct detail *d, bool is_full)
{
	const struct explanation *x = d->explanation;

	if (x != NULL) {
		/* In full it stands among the facts. */
		add_title(
		    p, d, !is_full && model_account(app->model) == MODEL_ALL ? d->row.account : "");
		if (d->doubt != NULL) {
			page_doubt(p, d->doubt, is_full);
			add_steps(app, p, x);
			page_blank(p);
		}
		page_words(p, 0, 0, ROLE_TEXT, slice_of(x->meaning));
		if (x->vendor[0] != '\0')
			page_words(p, 0, 2, ROLE_DIM,
			    slice_of(arena_printf(p->arena, "As %s means it.%s%s", x->vendor,
				x->registry[0] == '\0' ? "" : " Registered: ", x->registry)));
		add_causes(p, x);
	}
	if (d->row.handling == HANDLING_IGNORED && !is_full)
		page_words(p, 0, 2, ROLE_DIM,
		    slice_of(arena_printf(p->arena, "ignored %s%s%s",
			until_words(app->frame, &d->row, clock_now()),
			d->reason[0] != '\0' ? ": " : "", d->reason)));
	if (d->verdict[0] != '\0') {
		page_blank(p);
		page_words(p, 0, 2, ROLE_WARN, slice_of(d->verdict));
	}
	if (x != NULL) {
		if (d->doubt == NULL)
			add_steps(app, p, x);
		add_questions(app, p, x);
	}
	if (is_full || x == NULL) {
		add_facts(app, p, d);
		add_timeline(app, p, d);
	}
}
