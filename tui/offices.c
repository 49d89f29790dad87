/* Offices: a worker for each account, the letters to them, and who waits for what. */
#include <stdlib.h>
#include <string.h>

#include "tui/app.h"

void
offices_open(struct app *app)
{
	app->offices = xcalloc(1, sizeof(*app->offices));
	app->offices[0].account = app->o->account;
	app->n_offices = 1;
	for (size_t i = 0; i < app->n_offices; i++) {
		app->offices[i].status = xstrdup("");
		app->offices[i].progress = xstrdup("");
	}
}

void
offices_close(struct app *app)
{
	for (size_t i = 0; i < app->n_offices; i++) {
		worker_stop(&app->offices[i].worker);
		free(app->offices[i].status);
		free(app->offices[i].progress);
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

	if (worker_start(&o->worker, &options, e) != 0)
		return -1;
	app_send(app, o, app_letter(app, LETTER_OPEN, NULL, 0));
	return 0;
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
app_asked_with(struct app *app, uint32_t group)
{
	for (size_t i = 0; i < app->n_offices; i++) {
		for (size_t k = 0; k < APP_MAX_ASKED; k++) {
			struct asked *asked = &app->offices[i].asked[k];

			if (asked->request != 0 && asked->group == group)
				return asked;
		}
	}
	return NULL;
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

static void
send_of_group(struct app *app, struct office *o, struct letter *l, uint32_t group, bool is_part)
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
	if (place == NULL || !worker_send(o->worker, l)) {
		app_say(app, ROLE_WARN, "too much is waiting already: try again in a moment");
		letter_free(l);
		return;
	}
	*place = asked;
}

void
app_send(struct app *app, struct office *o, struct letter *l)
{
	send_of_group(app, o, l, l->request, false);
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
		send_of_group(app, office_of(app, &keys[i]), l, group, is_part);
	}
	return group;
}
