#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "msg/date.h"
#include "store/doubt.h"
#include "tui/cmd_args.h"
#include "tui/cmd_cases.h"
#include "tui/cmd_out.h"
#include "tui/rungs.h"

#define PLAIN_COLUMNS 80

/* "  label       value", or nothing if there is no value. */
static void
add_fact(struct buf *out, const char *label, const char *value)
{
	if (value[0] == '\0')
		return;
	buf_addf(out, "%-12s", label);
	clean_append(out, slice_of(value), CLEAN_MAX_BYTES);
	buf_addc(out, '\n');
}

static void
add_slice_fact(struct buf *out, const char *label, struct slice value)
{
	char *copy = xslicedup(value);

	add_fact(out, label, copy);
	free(copy);
}

static void
add_time_fact(struct buf *out, const char *label, int64_t at, int64_t now)
{
	char date[DATE_TEXT_BYTES];
	char age[16];
	struct buf words = BUF_INIT;

	if (at == 0)
		return;
	age_words(age, at > now ? at - now : now - at);
	buf_adds(&words, date_rfc3339(date, at));
	if (strcmp(age, "now") != 0)
		buf_addf(&words, at > now ? " (in %s)" : " (%s ago)", age);
	add_fact(out, label, buf_cstr(&words));
	buf_free(&words);
}

static void
add_facts(struct buf *out, const struct detail *d, int64_t now)
{
	const struct row *row = &d->row;

	add_fact(out, "Case", row->id.text);
	add_fact(out, "Recipient", row->recipient);
	add_fact(out, "Subject", row->subject);
	add_fact(out, "From", row->from);
	add_fact(out, "Message-ID", row->original_message_id);
	add_fact(out, "State", state_id(row->state));
	add_fact(out, "Handling", handling_id(row->handling));
	if (row->handling == HANDLING_DUE && row->is_being_sent)
		add_fact(out, "Sending", row->is_due_note ? "a note, just now" : "just now");
	else if (row->handling == HANDLING_DUE)
		add_time_fact(out, row->is_due_note ? "Note due" : "Due", row->due_at, now);
	else if (row->due_at == CASE_UNTIL_NEXT_BOUNCE)
		add_fact(out, "Ignored", "until it bounces again");
	else if (row->handling == HANDLING_IGNORED)
		add_time_fact(out, "Ignored to", row->due_at, now);
	if (d->doubt != NULL) {
		add_fact(out, "In doubt", d->doubt->what);
		add_fact(out, "Sent as", d->doubt->names);
		add_fact(out, "Reports", d->doubt->proof);
	}
	add_fact(out, "Because", d->reason);
	add_time_fact(out, "Tries until", row->retry_until, now);
	add_slice_fact(out, "Reported by", d->report.reporting_mta);
	add_slice_fact(out, "Said by", d->recipient.remote_mta);
	add_slice_fact(out, "Words", d->recipient.diagnostic);
	add_fact(out, "Ours", d->ours);
	add_fact(out, "Others", d->verdict);
}

static const char *
event_words(enum event_kind kind)
{
	static const char *const words[] = {
	    [EVENT_DELAYED] = "delayed",
	    [EVENT_FAILED] = "failed",
	    [EVENT_DELIVERED] = "delivered",
	    [EVENT_RELAYED] = "relayed",
	    [EVENT_REPORT] = "report",
	    [EVENT_DUE] = "resend-due",
	    [EVENT_RESENT] = "resent",
	    [EVENT_RESEND_FAILED] = "resend-failed",
	    [EVENT_DOUBT] = "doubt",
	    [EVENT_NOTED] = "noted",
	    [EVENT_IGNORED] = "ignored",
	    [EVENT_REOPENED] = "reopened",
	};

	return words[kind];
}

static void
add_timeline(struct buf *out, const struct detail *d)
{
	char date[DATE_TEXT_BYTES];

	buf_adds(out, "\nTimeline\n");
	for (size_t i = 0; i < d->n_events; i++) {
		buf_addf(out, "  %s  %-13s ", date_rfc3339(date, d->events[i].at),
		    d->events[i].kind == EVENT_DUE && d->row.is_being_sent ? "sending"
			: d->events[i].kind == EVENT_DUE && d->row.is_due_note
			? "note-due"
			: event_words(d->events[i].kind));
		clean_append(out, slice_of(d->events[i].words), 800);
		while (out->len > 0 && out->data[out->len - 1] == ' ')
			buf_truncate(out, out->len - 1);
		buf_addc(out, '\n');
	}
	buf_addc(out, '\n');
}

static void
print_text(struct buf *out, const struct letter *l)
{
	const struct detail *d = l->detail;
	int columns = out_columns();

	add_facts(out, d, clock_now());
	add_timeline(out, d);
	if (d->explanation != NULL)
		explain_print(out, d->explanation, columns > 0 ? columns : PLAIN_COLUMNS);
	if (l->n_rungs > 0)
		buf_adds(out, "\nWhom to write to\n");
	rungs_text(out, l->rungs, l->n_rungs);
}

static void
json_events(struct json *j, const struct detail *d)
{
	json_list(j, "events");
	for (size_t i = 0; i < d->n_events; i++) {
		json_object(j, NULL);
		json_time(j, "at", d->events[i].at);
		json_cstr(j, "event", event_words(d->events[i].kind));
		json_int(j, "uid", d->events[i].uid);
		json_cstr(j, "words", d->events[i].words);
		json_end_object(j);
	}
	json_end_list(j);
}

static void
json_causes(struct json *j, const struct explanation *x)
{
	json_list(j, "causes");
	for (size_t i = 0; i < x->n_causes; i++) {
		json_object(j, NULL);
		json_cstr(j, "cause", cause_id(x->causes[i].cause));
		json_weight(j, "weight", x->causes[i].weight);
		json_str(j, "evidence", x->causes[i].evidence);
		json_cstr(j, "title", x->causes[i].title);
		json_cstr(j, "remedy", x->causes[i].remedy);
		json_end_object(j);
	}
	json_end_list(j);
}

static void
json_explanation(struct json *j, const struct explanation *x)
{
	json_object(j, "explanation");
	json_cstr(j, "code", x->code);
	json_cstr(j, "title", x->title);
	json_cstr(j, "meaning", x->meaning);
	json_cstr(j, "permanent", x->permanent);
	json_cstr(j, "who", x->who);
	json_cstr(j, "wait", x->wait);
	json_time(j, "suggest_at", x->suggest_at);
	json_causes(j, x);
	json_list(j, "steps");
	for (size_t i = 0; i < x->n_steps; i++) {
		json_object(j, NULL);
		json_cstr(j, "command", x->steps[i].command);
		json_cstr(j, "text", x->steps[i].text);
		json_end_object(j);
	}
	json_end_list(j);
	json_cstr(j, "prevention", x->prevention);
	json_end_object(j);
}

static void
print_json(struct buf *out, const struct letter *l)
{
	const struct detail *d = l->detail;
	struct json j;
	uint32_t uids[64];
	size_t n = 0;

	for (size_t i = 0; i < d->n_events && n < 64; i++) {
		if (d->events[i].uid != 0)
			uids[n++] = d->events[i].uid;
	}
	json_begin(&j, out);
	cases_json(&j, &d->row, uids, n);
	json_str(&j, "diagnostic", d->recipient.diagnostic);
	json_str(&j, "reporting_mta", d->report.reporting_mta);
	json_str(&j, "remote_mta", d->recipient.remote_mta);
	json_cstr(&j, "reason", d->reason);
	json_cstr(&j, "ours", d->ours);
	json_cstr(&j, "verdict", d->verdict);
	json_events(&j, d);
	if (d->explanation != NULL)
		json_explanation(&j, d->explanation);
	rungs_json(&j, l);
	json_end_object(&j);
	buf_addc(out, '\n');
}

struct show {
	struct buf out;
	bool as_json;
};

static void
on_letter(void *ctx, const struct letter *l)
{
	struct show *show = ctx;

	if (l->type != LETTER_DETAILED)
		return;
	if (show->as_json)
		print_json(&show->out, l);
	else
		print_text(&show->out, l);
}

static int
show_case(struct session *s, const struct cases *c, bool as_json)
{
	struct show show = {BUF_INIT, as_json};
	struct letter *l = session_letter(s, LETTER_DETAIL);
	struct err e;
	int status = EXIT_DONE;

	cases_put(c, l);
	if (session_ask(s, l, on_letter, &show, &e) != 0)
		status = cmd_fail(&e);
	if (out_end(&show.out) != 0)
		status = EXIT_FAILED;
	return status;
}

static int
show(struct session *s, const struct cmd_args *a)
{
	struct cases c;
	struct err e;
	int status;

	/* What is cached tells enough of a case if the server cannot be reached. */
	if (cases_fetch(s, &c, &e) != 0 && (status = cmd_fail(&e)) != EXIT_DONE && c.n == 0) {
		cases_free(&c);
		return status;
	}
	if (cases_choose_one(&c, a->words[0], &e) != 0)
		status = cmd_fail(&e);
	else
		status = c.n == 0 ? out_nothing("There is no such case.")
				  : show_case(s, &c, args_has(a, "--json"));
	cases_free(&c);
	return status;
}

int
cmd_show(const struct cmd_globals *g, int argc, char **argv)
{
	struct session s;
	struct cmd_args a;
	int status;

	if (args_read(&a, "show", argc, argv) != 0)
		return EXIT_MISUSE;
	if (a.n_words != 1)
		return cmd_misuse("show: give one CASE, as list prints it");
	status = session_open(&s, g);
	if (status != 0)
		return status;
	status = show(&s, &a);
	session_close(&s);
	return status;
}
