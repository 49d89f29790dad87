/* Letters from the worker: each changes what is held, none draws. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <signal.h>

#include "base/clock.h"
#include "tui/app.h"

static void
set_text(char **where, struct slice dirty)
{
	struct buf words = BUF_INIT;

	clean_append(&words, dirty, 400);
	buf_cstr(&words);
	free(*where);
	*where = buf_take(&words);
}

static void
spawn(const char *command)
{
	pid_t pid = fork();

	if (pid != 0)
		return;
	/* Twice, so that nobody has to wait for it; and away from the screen. */
	if (fork() == 0 && freopen("/dev/null", "w", stdout) != NULL &&
	    freopen("/dev/null", "w", stderr) != NULL && freopen("/dev/null", "r", stdin) != NULL)
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(0);
}

/* "tickets: ", as long as the drawing. */
static const char *
name_of(struct app *app, const struct office *o)
{
	struct buf name = BUF_INIT;
	const char *copy;

	office_words(app, o, &name);
	copy = arena_strdup(app->frame, buf_cstr(&name));
	buf_free(&name);
	return copy;
}

/* The same without the colon: what an error begins with. */
static const char *
intent_of(const struct app *app, const struct office *o)
{
	return app->n_offices > 1 ? o->account->name : "";
}

/* What an account that is not shown has to complain of is said quietly: the title tells
 * of it too. */
static void
say_trouble(struct app *app, const struct office *o, const struct err *e)
{
	if (office_is_shown(app, o))
		app_say_err(app, e, intent_of(app, o));
	else
		app_say_err_as(app, ROLE_DIM, e, intent_of(app, o));
}

static bool
is_handled_alike(const struct row *a, const struct row *b)
{
	return a->handling == b->handling && a->handled_at == b->handled_at &&
	    a->due_at == b->due_at && a->is_being_sent == b->is_being_sent &&
	    a->resends == b->resends;
}

/* As the model has them before they change; without an id where it does not. */
static struct row *
rows_before(struct app *app, uint16_t account, const struct letter *l)
{
	struct row *before = xcalloc(l->n_rows + 1, sizeof(*before));

	for (size_t i = 0; i < l->n_rows; i++) {
		struct case_key key = {l->rows[i].id, account};
		const struct row *row = model_row(app->model, &key);

		if (row != NULL)
			before[i] = *row;
	}
	return before;
}

/* What was done with a case counts in every account that has it: the others look again.
 * Only what changed is passed on, else two would wake each other for ever. */
static void
look_elsewhere(struct app *app, uint16_t account, const struct letter *l, const struct row *before)
{
	for (size_t i = 0; i < app->n_offices; i++) {
		struct office *o = &app->offices[i];
		struct case_key *keys = NULL;
		size_t n = 0;

		for (size_t k = 0; i != account && k < l->n_rows; k++) {
			struct case_key here = {l->rows[k].id, account};
			struct case_key there = {l->rows[k].id, (uint16_t)i};

			if (before[k].id.text[0] == '\0' ||
			    is_handled_alike(&before[k], model_row(app->model, &here)) ||
			    model_row(app->model, &there) == NULL)
				continue;
			keys = xrealloc(keys, n + 1, sizeof(*keys));
			keys[n++] = there;
		}
		if (n > 0)
			app_send_quietly(o, app_letter(app, LETTER_LOOK, keys, n));
		free(keys);
	}
}

static void
put_rows(struct app *app, uint16_t account, const struct letter *l)
{
	struct row *before = app->n_offices > 1 ? rows_before(app, account, l) : NULL;

	model_put(app->model, account, l->rows, l->n_rows);
	if (before != NULL)
		look_elsewhere(app, account, l, before);
	free(before);
}

static void
hear_rows(struct app *app, const struct office *o, const struct letter *l)
{
	uint16_t account = (uint16_t)office_number(app, o);
	size_t n_new = 0;

	for (size_t i = 0; i < l->n_rows; i++) {
		struct case_key key = {l->rows[i].id, account};

		n_new += o->is_synced && l->rows[i].lane == LANE_CASES &&
		    l->rows[i].handling == HANDLING_OPEN && model_row(app->model, &key) == NULL;
	}
	put_rows(app, account, l);
	bulks_hear_rows(app, account, l);
	if (l->request == 0)
		bulks_check(app);
	if (n_new > 0) {
		app_say(app, ROLE_NEW, n_new == 1 ? "%s%zu new bounce" : "%s%zu new bounces",
		    name_of(app, o), n_new);
		if (app->o->conf->bell)
			term_bell();
		if (app->o->conf->notify[0] != '\0')
			spawn(app->o->conf->notify);
	}
	for (size_t i = 0; i < l->n_rows && app->detail != NULL; i++) {
		struct case_key key = {l->rows[i].id, account};

		/* What is shown of it is old now. */
		if (app_detail(app, &key) != NULL) {
			letter_free(app->detail);
			app->detail = NULL;
		}
	}
	app->has_moved |= office_is_shown(app, o);
}

static void
hear_detail(struct app *app, const struct office *o, struct letter *l)
{
	letter_free(app->detail);
	app->detail = l;
	app->detail_account = office_number(app, o);
	for (size_t i = 0; i < app->n_pagers; i++)
		app->pagers[i].is_stale |= app->pagers[i].ops == &pager_case;
}

static void
hear_result(struct app *app, const struct office *o, const struct letter *l)
{
	struct asked *asked = app_asked(app, l->request);
	struct case_key key = {
	    l->n_cases > 0 ? l->cases[0] : (case_id){""}, (uint16_t)office_number(app, o)};
	const struct row *row = model_row(app->model, &key);
	struct buf who = BUF_INIT, words = BUF_INIT;
	struct err e = l->err;
	bool is_good = e.code == ERR_NONE;

	office_words(app, o, &who);
	if (row != NULL)
		clean_append(&who, slice_of(row->recipient), 120);
	else if (who.len > 0)
		buf_truncate(&who, who.len - 2);
	if (asked != NULL)
		*(is_good ? &asked->n_good : &asked->n_bad) += 1;
	if (asked != NULL && !is_good && l->at == 0)
		deed_refused(app, asked->group, &key);
	bulks_hear_result(app, &key, l, asked);
	clean_append(&words, l->text, 400);
	if (is_good) {
		app_say(app, ROLE_GOOD, "%s%s%s", buf_cstr(&who), who.len > 0 ? ": " : "",
		    buf_cstr(&words));
	} else {
		/* "not sent: …": the error alone would leave open what came of it. */
		if (words.len > 0)
			snprintf(e.text, sizeof(e.text), "%s", buf_cstr(&words));
		app_say_err(app, &e, buf_cstr(&who));
	}
	if (l->request == 0)
		bulks_check(app);
	buf_free(&who);
	buf_free(&words);
}

void
app_drop_sum(struct app *app)
{
	free(app->unread);
	app->unread = NULL;
	app->is_unread_new = app->is_unread_due = false;
}

void
app_keep_sum(struct app *app, enum role role, struct slice words, bool is_over)
{
	struct buf text = BUF_INIT;

	buf_addslice(&text, words);
	buf_addf(&text, ": %s shows each", keymap_key(app->keymap, CMD_MESSAGES));
	app_say(app, role, "%s", buf_cstr(&text));
	app_drop_sum(app);
	app->unread = buf_take(&text);
	app->unread_role = role;
	app->is_unread_new = is_over;
	app->is_unread_due = !is_over;
}

static void
keep_sum(struct app *app, const struct asked *was)
{
	struct buf words = BUF_INIT;

	switch (was->type) {
	case LETTER_STOP:
		buf_addf(&words, "%zu not sent, stopped", was->n_good);
		break;
	case LETTER_UNDO:
		if (was->n_good == 0)
			buf_adds(&words, "nothing was taken back");
		else
			buf_addf(&words, "%zu %s taken back", was->n_good,
			    was->undone == DEED_RESEND ? "resends" : "ignores");
		break;
	case LETTER_IGNORE:
		buf_addf(&words, "%zu ignored", was->n_good);
		break;
	default:
		buf_addf(&words, "%zu done", was->n_good);
		break;
	}
	if (was->n_bad > 0)
		buf_addf(&words, ", %zu not", was->n_bad);
	app_keep_sum(app, was->n_bad > 0 ? ROLE_WARN : ROLE_GOOD, buf_slice(&words), true);
	buf_free(&words);
}

/* Of a deed in several accounts there is one sum, when the last one has answered: how many
 * results there were then, SIZE_MAX before. */
static size_t
add_up(struct app *app, const struct asked *was, bool has_failed)
{
	struct asked sum = *was;
	struct asked *other = was->is_part ? app_asked_with(app, was->group) : NULL;
	size_t answered = was->n_good + was->n_bad;

	if (was->type == LETTER_PREVIEW)
		return SIZE_MAX;
	if (was->is_part && has_failed && was->n_cases > answered)
		sum.n_bad += was->n_cases - answered;
	if (other != NULL) {
		other->others_good += sum.others_good + sum.n_good;
		other->others_bad += sum.others_bad + sum.n_bad;
		return SIZE_MAX;
	}
	sum.n_good += sum.others_good;
	sum.n_bad += sum.others_bad;
	if (was->type == LETTER_RESEND)
		bulk_answered(app, was->group);
	else if (sum.n_good + sum.n_bad > 1)
		keep_sum(app, &sum);
	bulks_check(app);
	return sum.n_good + sum.n_bad;
}

/* Every answer to it was heard: the sum, where several were asked for. */
static void
end_request(struct app *app, struct office *o, const struct letter *l)
{
	struct asked *asked = app_asked(app, l->request);
	struct pager *p = pager_of_request(app, l->request);
	struct asked was;
	size_t n;

	if (asked == NULL)
		return;
	was = *asked;
	asked->request = 0;
	if (was.type == LETTER_DETAIL) {
		app->detail_request = 0;
		place_chosen(app);
		return;
	}
	if (was.type == LETTER_OPEN && l->type == LETTER_DONE)
		o->is_synced = true;
	if (was.type == LETTER_LOOK)
		return;
	n = add_up(app, &was, l->type == LETTER_FAILED);
	if (l->type == LETTER_FAILED && was.type == LETTER_NOTE_END && l->err.code == ERR_REFUSED) {
		deed_note_refused(app, &l->err);
		return;
	}
	if (l->type == LETTER_FAILED && was.type == LETTER_NOTE_END &&
	    l->err.code != ERR_CANCELLED) {
		deed_note_failed(app, &l->err, intent_of(app, o));
		return;
	}
	if (was.type == LETTER_PREVIEW)
		previews_check(app, was.group);
	/* The status line tells of a lost connection; here only what was asked for. */
	if (l->type == LETTER_FAILED && was.type == LETTER_OPEN) {
		if (o->online != ONLINE_NO)
			say_trouble(app, o, &l->err);
	} else if (l->type == LETTER_FAILED && was.n_bad == 0)
		app_say_err(app, &l->err, intent_of(app, o));
	else if (was.type == LETTER_STOP && n == 0)
		app_say(app, ROLE_DIM, "nothing is running, and nothing waits to go out; %s leaves",
		    keymap_key(app->keymap, CMD_QUIT));
	else if (was.type == LETTER_SYNC)
		app_say(app, ROLE_GOOD, "%severything new is here", name_of(app, o));
	if (p != NULL && l->type == LETTER_FAILED) {
		buf_addf(&p->text, "%s%s%s", l->err.text, l->err.todo[0] == '\0' ? "" : "\n",
		    l->err.todo);
		p->is_stale = true;
	}
}

static void
hear_text(struct app *app, const struct office *o, const struct letter *l)
{
	struct pager *p = pager_of_request(app, l->request);
	struct asked *asked = app_asked(app, l->request);

	if (p == NULL) {
		struct buf words = BUF_INIT;

		clean_append(&words, l->text, 400);
		app_say(app, ROLE_TEXT, "%s%s", name_of(app, o), buf_cstr(&words));
		buf_free(&words);
		return;
	}
	if (asked != NULL && asked->type == LETTER_CHECK) {
		buf_addf(&p->text, "%-16s ", l->title);
		buf_addslice(&p->text, l->text);
		buf_addc(&p->text, '\n');
	} else {
		buf_clear(&p->text);
		if (asked != NULL && asked->type == LETTER_ORIGINAL)
			buf_addf(&p->text, "%s\n\n", l->title);
		buf_addslice(&p->text, l->text);
	}
	p->is_stale = true;
}

static void
hear_status(struct app *app, struct office *o, const struct letter *l)
{
	struct err e = l->err;

	o->online = l->online;
	o->is_synced |= l->flag;
	set_text(&o->status, l->text);
	if (e.code == ERR_NONE)
		return;
	/* When it is tried again stands there too. */
	if (o->status[0] != '\0')
		snprintf(e.text, sizeof(e.text), "%s", o->status);
	say_trouble(app, o, &e);
}

static void
hear_progress(struct office *o, const struct letter *l)
{
	set_text(&o->progress, l->text);
	o->progress_at = l->number;
	o->progress_of = l->total;
	if (l->number >= l->total)
		set_text(&o->progress, SLICE_EMPTY);
}

void
app_hear(struct app *app, struct office *o, struct letter *l)
{
	switch (l->type) {
	case LETTER_ROWS:
		hear_rows(app, o, l);
		break;
	case LETTER_GONE:
		model_drop(app->model, office_number(app, o), l->cases, l->n_cases);
		app->has_moved = true; /* the numbers of all rows are new */
		break;
	case LETTER_ONLY:
		app->has_moved |=
		    model_keep(app->model, office_number(app, o), l->cases, l->n_cases);
		break;
	case LETTER_STATUS:
		hear_status(app, o, l);
		break;
	case LETTER_PROGRESS:
		hear_progress(o, l);
		break;
	case LETTER_DETAILED:
		hear_detail(app, o, l);
		return; /* kept */
	case LETTER_TEXT:
		hear_text(app, o, l);
		break;
	case LETTER_PREVIEWED:
		previews_hear(app, o, l);
		return; /* kept */
	case LETTER_RESULT:
		hear_result(app, o, l);
		break;
	case LETTER_DRAFTED:
	case LETTER_NEW_MESSAGE:
		deed_drafted(app, o, l);
		break;
	case LETTER_ASK:
		letter_free(o->ask);
		o->ask = l;
		return; /* kept */
	case LETTER_DONE:
	case LETTER_FAILED:
		end_request(app, o, l);
		break;
	default:
		break;
	}
	letter_free(l);
}
