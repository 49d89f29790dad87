/* Offices: a worker for each account, the letters to them, and who waits for what. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tui/app.h"

#define OTHERS_WAIT_MS 1000 /* a first account that does not answer holds up no other */

void
offices_open(struct app *app)
{
	const struct conf *conf = app->o->conf;
	const char **names = xcalloc(conf->n_accounts, sizeof(*names));

	app->n_offices = conf->n_accounts;
	app->offices = xcalloc(app->n_offices, sizeof(*app->offices));
	for (size_t i = 0; i < app->n_offices; i++) {
		struct office *o = &app->offices[i];
		int cols = utf8_columns(conf->accounts[i].name);

		o->account = &conf->accounts[i];
		o->status = xstrdup("");
		o->progress = xstrdup("");
		names[i] = o->account->name;
		if (cols > app->name_cols)
			app->name_cols = cols;
	}
	app->model = model_new(names, app->n_offices);
	model_set_account(app->model, (unsigned)(app->o->account - conf->accounts));
	if (app->n_offices > 1)
		app->others_at = clock_mono_ms() + OTHERS_WAIT_MS;
	free(names);
}

void
offices_close(struct app *app)
{
	for (size_t i = 0; i < app->n_offices; i++) {
		worker_stop(&app->offices[i].worker);
		free(app->offices[i].status);
		free(app->offices[i].progress);
		letter_free(app->offices[i].ask);
	}
	free(app->offices);
}

int
office_begin(struct app *app, struct office *o, struct err *e)
{
	struct worker_options options = {.conf = app->o->conf,
	    .account = o->account,
	    .state_dir = app->o->state_dir,
	    .cache_dir = app->o->cache_dir,
	    .template_dir = app->o->template_dir,
	    .read_only = app->o->read_only,
	    .offline = app->o->offline,
	    .is_sample = app->o->demo,
	    .watch = true};

	struct letter *l;

	if (worker_start(&o->worker, &options, e) != 0)
		return -1;
	o->online = ONLINE_CONNECTING; /* until it says so itself */
	if (app->is_paused) {
		l = app_letter(app, LETTER_PAUSE, NULL, 0);
		l->flag = true;
		app_send(app, o, l);
	}
	app_send(app, o, app_letter(app, LETTER_OPEN, NULL, 0));
	return 0;
}

bool
offices_begin_others(struct app *app)
{
	const struct office *first = office_first(app);
	struct err e;

	if (app->others_at == 0 ||
	    (!first->is_synced && clock_mono_ms() < app->others_at &&
		model_count_of(app->model, office_number(app, first)).all == 0))
		return false;
	app->others_at = 0;
	for (size_t i = 0; i < app->n_offices; i++) {
		struct office *o = &app->offices[i];

		if (o->worker == NULL && office_begin(app, o, &e) != 0)
			app_say_err(app, &e, o->account->name);
	}
	return true;
}

unsigned
office_number(const struct app *app, const struct office *o)
{
	return (unsigned)(o - app->offices);
}

struct office *
office_of(struct app *app, const struct case_key *key)
{
	return &app->offices[key->account];
}

struct asked *
app_asked(struct app *app, uint32_t request)
{
	for (size_t i = 0; request != 0 && i < app->n_offices; i++) {
		for (size_t k = 0; k < APP_MAX_ASKED; k++) {
			if (app->offices[i].asked[k].request == request)
				return &app->offices[i].asked[k];
		}
	}
	return NULL;
}

struct asked *
app_asked_in(struct office *o, uint32_t group)
{
	for (size_t k = 0; k < APP_MAX_ASKED; k++) {
		if (o->asked[k].request != 0 && o->asked[k].group == group)
			return &o->asked[k];
	}
	return NULL;
}

struct asked *
app_asked_with(struct app *app, uint32_t group)
{
	struct asked *asked = NULL;

	for (size_t i = 0; i < app->n_offices && asked == NULL; i++)
		asked = app_asked_in(&app->offices[i], group);
	return asked;
}

struct letter *
app_letter(struct app *app, enum letter_type type, const struct case_key *keys, size_t n)
{
	struct letter *l = letter_new(type, ++app->last_request);

	if (n > 0) {
		l->cases = arena_calloc(l->arena, n, sizeof(*l->cases));
		for (size_t i = 0; i < n; i++)
			l->cases[i] = keys[i].id;
		l->n_cases = n;
	}
	return l;
}

static bool
send_of_group(struct office *o, struct letter *l, uint32_t group, bool is_part)
{
	struct asked asked = {.request = l->request,
	    .group = group,
	    .type = l->type,
	    .n_cases = l->n_cases,
	    .is_part = is_part};
	struct asked *place = NULL;

	for (size_t i = 0; i < APP_MAX_ASKED && place == NULL; i++) {
		if (o->asked[i].request == 0)
			place = &o->asked[i];
	}
	if (place == NULL || o->worker == NULL || !worker_send(o->worker, l)) {
		letter_free(l);
		return false;
	}
	*place = asked;
	return true;
}

static void
say_busy(struct app *app, const struct office *o)
{
	struct buf name = BUF_INIT;

	office_words(app, o, &name);
	app_say(app, ROLE_WARN, "%stoo much is waiting already: try again in a moment",
	    buf_cstr(&name));
	buf_free(&name);
}

void
app_send(struct app *app, struct office *o, struct letter *l)
{
	if (!app_send_quietly(o, l))
		say_busy(app, o);
}

bool
app_send_quietly(struct office *o, struct letter *l)
{
	return send_of_group(o, l, l->request, false);
}

/* How many of the keys, from the first, are of one account. */
static size_t
run_length(const struct case_key *keys, size_t n)
{
	size_t k = 0;

	while (k < n && keys[k].account == keys[0].account)
		k++;
	return k;
}

uint32_t
app_send_parts(struct app *app, enum letter_type type, const struct case_key *keys, size_t n,
    void (*fill)(struct app *app, struct letter *l, const struct case_key *keys))
{
	uint32_t group = app->last_request + 1;
	bool is_part = n > 0 && run_length(keys, n) < n;

	for (size_t i = 0, k; i < n; i += k) {
		struct letter *l;

		k = run_length(keys + i, n - i);
		l = app_letter(app, type, keys + i, k);
		if (fill != NULL)
			fill(app, l, keys + i);
		if (!send_of_group(office_of(app, &keys[i]), l, group, is_part))
			say_busy(app, office_of(app, &keys[i]));
	}
	return group;
}

void
app_send_shown(struct app *app, enum letter_type type,
    void (*fill)(struct app *app, struct letter *l, const struct case_key *keys))
{
	uint32_t group = app->last_request + 1;

	for (size_t i = 0; i < app->n_offices; i++) {
		struct office *o = &app->offices[i];
		struct letter *l;

		if (o->worker == NULL || !office_is_shown(app, o))
			continue;
		l = app_letter(app, type, NULL, 0);
		fill(app, l, NULL);
		if (!send_of_group(o, l, group, app->n_offices > 1))
			say_busy(app, o);
	}
}
