/* What changes something: resend, ignore. Each is seen before it is done. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tui/app.h"

/* "bob@partner.test", or "7 cases" */
static char *
who(struct app *app)
{
	struct buf b = BUF_INIT;
	const struct row *row =
	    app->n_targets == 1 ? model_row(app->model, &app->targets[0]) : NULL;

	if (row != NULL)
		clean_append(&b, slice_of(row->recipient), 100);
	else
		buf_addf(&b, "%zu cases", app->n_targets);
	buf_cstr(&b);
	return buf_take(&b);
}

static void
fill_resend(struct app *app, struct letter *l, const struct case_key *keys)
{
	l->at = app->resend_at;
	l->number = app->resend_at == 0 ? app->o->conf->undo_seconds : 0;
	l->confirmed = app->is_confirmed;
	l->typed = app->is_typed;
	l->flag = app->n_targets == 1 || app->is_edited;
	l->is_blind = office_of(app, keys)->is_blind;
	if (app->seen != NULL) {
		l->seen = arena_calloc(l->arena, l->n_cases, sizeof(*l->seen));
		memcpy(l->seen, app->seen + (keys - app->targets), l->n_cases * sizeof(*l->seen));
	}
	if (app->is_edited)
		deed_edited_text(app, l, keys);
}

static void
send_resend(struct app *app)
{
	uint32_t group;

	if (app->resend_at == 0 && app->o->conf->undo_seconds > 0)
		app->send_at = clock_now() + app->o->conf->undo_seconds;
	group = app_send_parts(app, LETTER_RESEND, app->targets, app->n_targets, fill_resend);
	deed_remember(app, DEED_RESEND, group);
	bulk_begin(app, group);
}

void
deed_resend_answered(struct app *app, const char *text)
{
	bool is_yes = text != NULL && text[0] == 'y';
	struct pager *p = pager_top(app);

	if (p != NULL && p->ops == &pager_preview)
		pager_close(app);
	if (is_yes)
		send_resend(app);
	else
		app_say(app, ROLE_TEXT, "nothing was sent");
}

static void
typed_answered(struct app *app, const char *text)
{
	app->is_typed = text != NULL && strcmp(text, "resend") == 0;
	deed_resend_answered(app, app->is_typed ? "y" : NULL);
}

void
deed_resend(struct app *app, int64_t at)
{
	if (app->n_targets == 0)
		return;
	app->resend_at = at;
	app->is_confirmed = app->is_typed = false;
	previews_ask(app, app->targets, app->n_targets, NULL);
}

#define LATER_TIMES "4h, 13:00, tomorrow 9, 2026-11-30 8:00"
#define UNTIL_TIMES "4h, tomorrow 9, 2026-11-30 8:00, next-bounce"

static void
later_answered(struct app *app, const char *text)
{
	int64_t at;

	if (text == NULL)
		return;
	at = when_parse(text, clock_now());
	if (at == 0) /* asked again: what is typed next must run no commands */
		prompt_suggest(app, "not a time to come (" LATER_TIMES "): ", text, later_answered);
	else
		deed_resend(app, at);
}

/* "90m", "4h", "1d" */
static void
wait_words(char out[32], int64_t seconds)
{
	int64_t minutes = (seconds + 59) / 60;

	if (minutes % 1440 == 0)
		snprintf(out, 32, "%lldd", (long long)minutes / 1440);
	else if (minutes % 60 == 0)
		snprintf(out, 32, "%lldh", (long long)minutes / 60);
	else
		snprintf(out, 32, "%lldm", (long long)minutes);
}

void
deed_resend_later(struct app *app, const char *when)
{
	const struct detail *d;
	int64_t now = clock_now();
	char text[32] = "1h";

	if (app->n_targets == 0)
		return;
	if (when != NULL && when[0] != '\0') {
		later_answered(app, when);
		return;
	}
	d = app_detail(app, &app->targets[0]);
	if (d != NULL && d->explanation != NULL && d->explanation->suggest_at > now)
		wait_words(text, d->explanation->suggest_at - now);
	prompt_suggest(app, "resend when? ", text, later_answered);
}

void
deed_ask_typed(struct app *app)
{
	prompt_line(app, "To send all the same, type resend: ", "", typed_answered, NULL);
}

bool
deed_wants_edit(struct app *app, const char *text)
{
	struct pager *p = pager_top(app);

	if (text == NULL || text[0] != 'e') {
		deed_resend_answered(app, text);
		return false;
	}
	if (p != NULL && p->ops == &pager_preview)
		pager_close(app);
	return true;
}

static void
same_answered(struct app *app, const char *text)
{
	if (deed_wants_edit(app, text))
		deed_edit(app);
}

static void
ask_resend(struct app *app, const struct preview *pre)
{
	struct buf label = BUF_INIT;
	size_t n = pre->n_ok + pre->n_ask;
	char *name = who(app);

	app->is_confirmed = pre->n_ask > 0;
	if (n == 0 && pre->n_type == 1 && pre->n_cases == 1) {
		deed_ask_typed(app);
	} else if (n == 0 && pre->edit[0] != '\0') {
		prompt_keys(app, "It does not go as it was. [e]dit it as new  [n] leave it ", "en",
		    same_answered);
	} else if (n == 0) {
		if (!doubt_refuses(app, pre, name))
			app_say(
			    app, ROLE_WARN, "%s: nothing of it may go, the preview says why", name);
	} else {
		buf_addf(&label, "Send %s to ", app->resend_at > 0 ? "later" : "now");
		if (pre->n_cases == 1)
			buf_adds(&label, name);
		else
			buf_addf(&label, "%zu of %zu recipients", n, pre->n_cases);
		if (targets_accounts(app) > 1)
			buf_addf(&label, " in %zu accounts", targets_accounts(app));
		if (pre->n_ask > 0)
			buf_addf(&label, ", %s",
			    pre->n_cases == 1 ? "in spite of the warning" : "warnings included");
		buf_adds(
		    &label, pre->edit[0] == '\0' ? "? [y/n] " : "? [y/n], or [e]dit it as new ");
		prompt_keys(
		    app, buf_cstr(&label), pre->edit[0] == '\0' ? "yn" : "yne", same_answered);
	}
	buf_free(&label);
	free(name);
}

/* What is asked about is what the previews show, whatever was chosen since. */
static void
targets_of_parts(struct app *app, const struct part *parts, size_t n_parts)
{
	size_t n = parts_sum(parts, n_parts).n_cases;

	free(app->targets);
	free(app->seen);
	app->targets = xcalloc(n + 1, sizeof(*app->targets));
	app->seen = xcalloc(n + 1, sizeof(*app->seen));
	app->n_targets = 0;
	for (size_t i = 0; i < n_parts; i++) {
		const struct preview *pre = parts[i].letter->preview;

		app->offices[parts[i].account].is_blind = pre->is_blind;
		for (size_t k = 0; k < pre->n_cases; k++) {
			const struct preview_case *c = &pre->cases[k];

			app->targets[app->n_targets] =
			    (struct case_key){c->id, (uint16_t)parts[i].account};
			app->seen[app->n_targets++] =
			    (struct seen){c->known, c->handling, c->is_again, c->n_again};
		}
	}
}

void
deed_previewed(struct app *app, struct part *parts, size_t n, size_t n_unseen)
{
	struct pager *p = pager_open(app, &pager_preview, "preview: nothing was sent yet");
	struct preview sum = parts_sum(parts, n);

	p->parts = parts;
	p->n_parts = n;
	p->n_unseen = n_unseen;
	app->is_edited = parts[0].letter->flag;
	targets_of_parts(app, parts, n);
	if (app->is_edited)
		deed_ask_edited(app, &parts[0]);
	else if (app->resend_at >= 0)
		ask_resend(app, &sum);
}

static void
fill_ignore(struct app *app, struct letter *l, const struct case_key *keys)
{
	(void)keys;
	l->at = app->ignore_until;
	if (app->ignore_why != NULL)
		l->text = arena_copy(l->arena, slice_of(app->ignore_why));
}

static void
ignore_now(struct app *app)
{
	deed_remember(app, DEED_IGNORE,
	    app_send_parts(app, LETTER_IGNORE, app->targets, app->n_targets, fill_ignore));
}

/* They stay as they are: not to be taken back with the others. */
static void
leave_out_ignored(struct app *app)
{
	size_t n = 0;

	for (size_t i = 0; i < app->n_targets; i++) {
		const struct row *row = model_row(app->model, &app->targets[i]);

		if (row == NULL || row->handling != HANDLING_IGNORED || app->ignore_until != 0)
			app->targets[n++] = app->targets[i];
	}
	app->n_targets = n;
}

static void
ignore_answered(struct app *app, const char *text)
{
	if (text == NULL || text[0] != 'y')
		return;
	leave_out_ignored(app);
	ignore_now(app);
}

/* What the journal will refuse is said beforehand, so that "7 cases" means seven. */
static void
ask_ignore(struct app *app)
{
	size_t n = 0, n_due = 0, n_doubt = 0, n_ignored = 0;
	struct buf label = BUF_INIT;

	if (app->n_targets == 1) {
		ignore_now(app);
		return;
	}
	for (size_t i = 0; i < app->n_targets; i++) {
		const struct row *row = model_row(app->model, &app->targets[i]);
		enum handling h = row == NULL ? HANDLING_OPEN : row->handling;

		n_due += h == HANDLING_DUE;
		n_doubt += h == HANDLING_DOUBT;
		n_ignored += h == HANDLING_IGNORED && app->ignore_until == 0;
	}
	n = app->n_targets - n_due - n_doubt - n_ignored;
	buf_addf(&label, "Ignore %zu cases", n);
	if (targets_accounts(app) > 1)
		buf_addf(&label, " in %zu accounts", targets_accounts(app));
	if (n < app->n_targets)
		buf_addf(&label, " of %zu (left out:", app->n_targets);
	if (n_due > 0)
		buf_addf(&label, " %zu due", n_due);
	if (n_doubt > 0)
		buf_addf(&label, " %zu in doubt", n_doubt);
	if (n_ignored > 0)
		buf_addf(&label, " %zu ignored already", n_ignored);
	buf_addf(&label, "%s? %s takes it back. [y/n] ", n < app->n_targets ? ")" : "",
	    keymap_key(app->keymap, CMD_UNDO));
	prompt_keys(app, buf_cstr(&label), "yn", ignore_answered);
	buf_free(&label);
}

void
deed_ignore(struct app *app)
{
	if (app->n_targets == 0)
		return;
	app->ignore_until = 0;
	free(app->ignore_why);
	app->ignore_why = NULL;
	ask_ignore(app);
}

static void
why_answered(struct app *app, const char *text)
{
	if (text == NULL)
		return;
	free(app->ignore_why);
	app->ignore_why = xstrdup(text);
	ask_ignore(app);
}

static void
until_answered(struct app *app, const char *text)
{
	if (text == NULL)
		return;
	if (!until_parse(text, clock_now(), &app->ignore_until))
		prompt_suggest(app, "not a time to come (" UNTIL_TIMES "): ", text, until_answered);
	else
		prompt_line(app, "why? (may stay empty) ", "", why_answered, NULL);
}

void
deed_ignore_until(struct app *app, const char *until)
{
	if (app->n_targets == 0)
		return;
	if (until != NULL && until[0] != '\0')
		until_answered(app, until);
	else
		prompt_suggest(app, "ignore until? (next-bounce, 4h, tomorrow 9) ", "next-bounce",
		    until_answered);
}

static void
fill_stop(struct app *app, struct letter *l, const struct case_key *keys)
{
	(void)keys;
	l->number = app->o->conf->undo_seconds;
}

void
deed_stop(struct app *app)
{
	app->send_at = 0;
	app_send_shown(app, LETTER_STOP, fill_stop);
}

void
deed_pause(struct app *app)
{
	app->is_paused = !app->is_paused;
	for (size_t i = 0; i < app->n_offices; i++) {
		struct letter *l;

		if (app->offices[i].worker == NULL)
			continue; /* it is told when it begins */
		l = app_letter(app, LETTER_PAUSE, NULL, 0);
		l->flag = app->is_paused;
		app_send(app, &app->offices[i], l);
	}
	app_say(app, ROLE_WARN, app->is_paused ? "sending is paused" : "sending goes on");
}

static void
secret_answered(struct app *app, const char *text)
{
	struct letter *l = letter_new(LETTER_ANSWER, app->ask_request);

	l->flag = text != NULL;
	if (text != NULL)
		l->text = arena_copy(l->arena, slice_of(text));
	if (!worker_send(app->ask_office->worker, l))
		letter_free(l);
}

void
deed_secrets(struct app *app)
{
	struct buf label = BUF_INIT;

	for (size_t i = 0; i < app->n_offices && !app->prompt.is_open; i++) {
		struct office *o = &app->offices[i];

		if (o->ask == NULL)
			continue;
		app->ask_office = o;
		app->ask_request = o->ask->request;
		office_words(app, o, &label);
		clean_append(&label, o->ask->text, 200);
		buf_adds(&label, ": ");
		prompt_line(app, buf_cstr(&label), "", secret_answered, NULL);
		app->prompt.is_secret = true;
		letter_free(o->ask);
		o->ask = NULL;
		app->needs_draw = true;
	}
	buf_free(&label);
}
