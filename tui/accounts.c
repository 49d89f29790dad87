/* Which account the list shows, one or all of them; and in words, how they are. */
#include <stdlib.h>
#include <string.h>

#include "tui/app.h"

#define ALL_WORD "all"
#define ROOMY_COLS 100

bool
office_is_shown(const struct app *app, const struct office *o)
{
	unsigned shown = model_account(app->model);

	return shown == MODEL_ALL || shown == office_number(app, o);
}

static bool
shows_all(const struct app *app)
{
	return model_account(app->model) == MODEL_ALL;
}

static bool
is_off(const struct office *o)
{
	return o->worker != NULL && o->online == ONLINE_NO;
}

struct office *
office_first(struct app *app)
{
	return shows_all(app) ? &app->offices[0] : &app->offices[model_account(app->model)];
}

void
office_words(const struct app *app, const struct office *o, struct buf *out)
{
	if (app->n_offices < 2)
		return;
	clean_append(out, slice_of(o->account->name), 60);
	buf_adds(out, ": ");
}

/* The case stays under the cursor where it can; else what was last looked at there. */
static void
restore_place(struct app *app, struct case_key before)
{
	size_t there = SIZE_MAX;
	struct case_key key = before;

	if (!shows_all(app) &&
	    (before.id.text[0] == '\0' || before.account != model_account(app->model)))
		key = app->offices[model_account(app->model)].chosen;
	if (key.id.text[0] != '\0')
		there = model_find(app->model, &key);
	if (there == SIZE_MAX)
		there = 0;
	app->top = there < app->list_rows ? 0 : there - app->list_rows / 2;
	place_move(app, there);
}

void
account_show(struct app *app, unsigned account)
{
	struct case_key before = app->chosen;
	struct err e;

	if (account == model_account(app->model))
		return;
	if (before.id.text[0] != '\0')
		office_of(app, &before)->chosen = before;
	while (app->n_pagers > 0)
		pager_close(app);
	app->is_bulk = false;
	if (!shows_all(app))
		app->last_account = model_account(app->model);
	if (account != MODEL_ALL && app->offices[account].worker == NULL &&
	    office_begin(app, &app->offices[account], &e) != 0)
		app_say_err(app, &e, app->offices[account].account->name);
	model_set_account(app->model, account);
	pane_now(app);
	restore_place(app, before);
	if (app->is_linear) /* nobody reads the title out by itself */
		app_say(app, ROLE_TEXT, "%s", accounts_title(app));
}

/* All of them stand behind the last. */
void
account_step(struct app *app, int by)
{
	unsigned n = (unsigned)app->n_offices;
	unsigned at = shows_all(app) ? n : model_account(app->model);

	at = by > 0 ? (at + 1) % (n + 1) : (at + n) % (n + 1);
	account_show(app, at == n ? MODEL_ALL : at);
}

void
account_all(struct app *app)
{
	account_show(app, shows_all(app) ? app->last_account : MODEL_ALL);
}

/* The only one that begins so, or is so called; n_offices = all; SIZE_MAX if none. */
static size_t
find_account(const struct app *app, const char *name)
{
	size_t found = SIZE_MAX;
	size_t n = 0;

	for (size_t i = 0; i <= app->n_offices; i++) {
		const char *this = i == app->n_offices ? ALL_WORD : app->offices[i].account->name;

		if (strcmp(this, name) == 0)
			return i;
		if (strncmp(this, name, strlen(name)) == 0) {
			found = i;
			n++;
		}
	}
	return n == 1 ? found : SIZE_MAX;
}

void
account_words(const struct app *app, struct buf *out)
{
	for (size_t i = 0; i < app->n_offices; i++) {
		clean_append(out, slice_of(app->offices[i].account->name), 60);
		buf_addc(out, '\n');
	}
	buf_adds(out, ALL_WORD "\n");
}

static void
account_answered(struct app *app, const char *text)
{
	struct buf names = BUF_INIT;
	size_t found;

	if (text == NULL || text[0] == '\0')
		return;
	found = find_account(app, text);
	if (found != SIZE_MAX) {
		account_show(app, found == app->n_offices ? MODEL_ALL : (unsigned)found);
		return;
	}
	account_words(app, &names);
	buf_cstr(&names);
	for (char *p = names.data; *p != '\0'; p++)
		*p = *p == '\n' ? ' ' : *p;
	app_say(app, ROLE_ERROR, "no account %s; there are: %s", text, buf_cstr(&names));
	buf_free(&names);
}

/* "account (bounces 3, tickets 12 OFFLINE, all 15): ", where that leaves room to type */
static void
add_label(struct app *app, struct buf *out)
{
	size_t all = 0;

	buf_adds(out, "account (");
	for (size_t i = 0; i < app->n_offices; i++) {
		const struct office *o = &app->offices[i];
		size_t open = model_count_of(app->model, (unsigned)i).open;

		clean_append(out, slice_of(o->account->name), 60);
		buf_addf(out, " %zu%s, ", open, is_off(o) ? " OFFLINE" : "");
		all += open;
	}
	buf_addf(out, ALL_WORD " %zu): ", all);
	if (utf8_columns(buf_cstr(out)) + 20 <= app->canvas.cols)
		return;
	buf_clear(out);
	buf_adds(out, "account (Tab names them): ");
}

void
account_ask(struct app *app, const char *arg)
{
	struct buf label = BUF_INIT, words = BUF_INIT;

	add_label(app, &label);
	account_words(app, &words);
	if (arg != NULL && arg[0] != '\0')
		account_answered(app, arg);
	else
		prompt_words(app, buf_cstr(&label), buf_cstr(&words), account_answered);
	buf_free(&label);
	buf_free(&words);
}

const char *
accounts_title(struct app *app)
{
	const struct account *account = office_first(app)->account;
	const char *place = app->o->demo ? "" : account->source.path;

	if (shows_all(app))
		return arena_printf(app->frame, "all %zu accounts", app->n_offices);
	return arena_printf(
	    app->frame, "%s%s%s", account->name, place[0] == '\0' ? "" : "/", place);
}

static void
add_counts(struct app *app, struct buf *out)
{
	struct model_counts n = model_count(app->model);
	size_t all = 0;

	for (size_t i = 0; i < app->n_offices; i++)
		all += model_count_of(app->model, (unsigned)i).open;
	buf_addf(out, "%zu open", n.open);
	if (all > n.open && app->canvas.cols >= 72)
		buf_addf(out, " (%zu in all)", all);
	if (n.due > 0)
		buf_addf(out, ", %zu due", n.due);
	if (n.doubt > 0)
		buf_addf(out, ", %zu in doubt", n.doubt);
	if (app->is_paused)
		buf_adds(out, ", paused");
}

/* Of what is shown the best, so that "online" and "tickets OFFLINE" can stand together. */
static enum online
best_online(const struct app *app)
{
	static const enum online order[] = {ONLINE_YES, ONLINE_LOCAL, ONLINE_CONNECTING};

	for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++) {
		for (size_t i = 0; i < app->n_offices; i++) {
			const struct office *o = &app->offices[i];

			if (office_is_shown(app, o) && o->worker != NULL && o->online == order[k])
				return order[k];
		}
	}
	return ONLINE_NO;
}

static void
add_off(struct app *app, enum online shown, struct buf *out)
{
	bool is_roomy = app->canvas.cols >= ROOMY_COLS;
	size_t n = 0;

	if (app->o->offline)
		return;
	for (size_t i = 0; i < app->n_offices; i++) {
		const struct office *o = &app->offices[i];
		bool is_said = office_is_shown(app, o) && shown == ONLINE_NO;

		if (!is_off(o) || is_said)
			continue;
		if (is_roomy && n < 2) {
			buf_adds(out, ", ");
			clean_append(out, slice_of(o->account->name), 20);
			buf_adds(out, " OFFLINE");
		}
		n++;
	}
	if (n > (is_roomy ? 2 : 0))
		buf_addf(out, ", %zu OFFLINE", n - (is_roomy ? 2 : 0));
}

const char *
accounts_status(struct app *app)
{
	static const char *const words[] = {[ONLINE_NO] = "OFFLINE",
	    [ONLINE_CONNECTING] = "connecting",
	    [ONLINE_YES] = "online",
	    [ONLINE_LOCAL] = "local"};
	enum online shown = best_online(app);
	struct buf out = BUF_INIT;
	const char *copy;

	add_counts(app, &out);
	buf_adds(&out, "  ");
	if (!app->o->demo)
		buf_adds(&out, words[shown]);
	else
		buf_adds(
		    &out, app->canvas.cols < 72 ? "DEMO" : "DEMO: nothing leaves this machine");
	add_off(app, shown, &out);
	buf_addf(&out, "%s ", app->o->read_only ? " read-only" : "");
	copy = arena_strdup(app->frame, buf_cstr(&out));
	buf_free(&out);
	return copy;
}

/* Of the account that is shown; what others read is told when it reads nothing. */
static const struct office *
who_reads(struct app *app, size_t *n_r)
{
	const struct office *found = NULL;

	*n_r = 0;
	for (size_t i = 0; i < app->n_offices; i++) {
		const struct office *o = &app->offices[i];

		if (o->progress[0] == '\0')
			continue;
		if (office_is_shown(app, o) && !shows_all(app)) {
			*n_r = 1;
			return o;
		}
		if (found == NULL)
			found = o;
		++*n_r;
	}
	return found;
}

const char *
accounts_progress(struct app *app)
{
	size_t n;
	const struct office *o = who_reads(app, &n);
	struct buf name = BUF_INIT;
	const char *words;
	unsigned long long at = 0, of = 0;

	if (o == NULL)
		return "";
	if (n == 1 && (shows_all(app) || !office_is_shown(app, o)))
		office_words(app, o, &name);
	for (size_t i = 0; n > 1 && i < app->n_offices; i++) {
		if (app->offices[i].progress[0] != '\0') {
			at += app->offices[i].progress_at;
			of += app->offices[i].progress_of;
		}
	}
	if (n == 1) {
		at = o->progress_at;
		of = o->progress_of;
	}
	words = n > 1 ? arena_printf(app->frame, "%zu accounts", n)
		      : arena_printf(app->frame, "%s%s", buf_cstr(&name), o->progress);
	buf_free(&name);
	if (of == 0)
		return words;
	return arena_printf(
	    app->frame, "%s %llu/%llu %u%%", words, at, of, (unsigned)(at * 100 / of));
}

const char *
accounts_trouble(struct app *app)
{
	for (size_t i = 0; i < app->n_offices; i++) {
		const struct office *o = &app->offices[i];
		struct buf words = BUF_INIT;
		const char *copy;

		if (!office_is_shown(app, o) || o->worker == NULL ||
		    (o->online != ONLINE_NO && o->online != ONLINE_CONNECTING) ||
		    o->status[0] == '\0')
			continue;
		office_words(app, o, &words);
		buf_adds(&words, o->status);
		copy = arena_strdup(app->frame, buf_cstr(&words));
		buf_free(&words);
		return copy;
	}
	return "";
}
