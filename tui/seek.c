/* What of the list is looked at: search, filter, order and groups. */
#include <stdlib.h>
#include <string.h>

#include "tui/app.h"

/* With a word it is done at once; without, it is asked for. */
static void
with_words(struct app *app, const char *label, const char *arg,
    void (*answered)(struct app *, const char *))
{
	if (arg != NULL && arg[0] != '\0')
		answered(app, arg);
	else
		prompt_line(app, label, "", answered, NULL);
}

static void
find_in_page(struct app *app, struct pager *p, bool backwards)
{
	for (size_t i = 1; i <= p->page.n; i++) {
		size_t line = (p->top + (backwards ? p->page.n - i : i)) % p->page.n;

		if (page_has(&p->page, line, app->search)) {
			p->top = line;
			return;
		}
	}
	app_say(app, ROLE_WARN, "not found: %s", app->search);
}

static void
find(struct app *app, bool backwards, bool from_here)
{
	struct pager *p = pager_top(app);
	size_t n = model_lines(app->model);
	size_t from = app->pos;
	size_t there;

	if (app->search[0] == '\0')
		return;
	if (p != NULL) {
		find_in_page(app, p, backwards);
		return;
	}
	if (n == 0)
		return;
	if (from_here)
		from = (from + n - 1) % n;
	there = model_search(app->model, app->search, from, backwards);
	if (there == SIZE_MAX)
		app_say(app, ROLE_WARN, "not found: %s", app->search);
	else
		place_move(app, there);
}

static void
search_answered(struct app *app, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return;
	free(app->search);
	app->search = xstrdup(text);
	find(app, false, true);
}

static void
filter_changed(struct app *app, const char *text)
{
	struct err e;

	/* Half a word is no filter yet: the last one that was stays. */
	if (model_filter(app->model, text, &e) == 0)
		place_keep(app);
}

static void
filter_answered(struct app *app, const char *text)
{
	struct err e;

	/* Given up: what was narrowed while typing opens again. */
	if (model_filter(app->model, text == NULL ? app->old_filter : text, &e) != 0)
		app_say_err(app, &e, "filter");
	place_keep(app);
}

void
seek_filter(struct app *app, const char *arg)
{
	free(app->old_filter);
	app->old_filter = xstrdup(model_filter_text(app->model));
	if (arg != NULL && arg[0] != '\0')
		filter_answered(app, arg);
	else
		prompt_line(app, "filter: ", app->old_filter, filter_answered, filter_changed);
}

static int
index_of(const char *const *names, int n, const char *name)
{
	for (int i = 0; i < n; i++) {
		if (strncmp(names[i], name, strlen(name)) == 0)
			return i;
	}
	return -1;
}

static void
sort_answered(struct app *app, const char *text)
{
	int by;

	if (text == NULL || text[0] == '\0')
		return;
	by = index_of(sort_names, SORT_N, text);
	if (by < 0) {
		app_say(app, ROLE_ERROR,
		    "sort by age, recipient, domain, code, cause, state, handling, subject, "
		    "reports or account");
		return;
	}
	model_sort(app->model, (enum sort_by)by);
	place_keep(app);
}

static void
group_answered(struct app *app, const char *text)
{
	int by;

	if (text == NULL)
		return;
	by = index_of(group_names, GROUP_N, text[0] == '\0' ? "none" : text);
	if (by < 0) {
		app_say(app, ROLE_ERROR,
		    "group by domain, code, cause, original, day, account or none");
		return;
	}
	model_group(app->model, (enum group_by)by);
	place_keep(app);
}

void
seek_search(struct app *app, const char *arg)
{
	with_words(app, "/", arg, search_answered);
}

void
seek_next(struct app *app, bool backwards)
{
	find(app, backwards, false);
}

void
seek_sort(struct app *app, const char *arg)
{
	with_words(app,
	    "sort (age recipient domain code cause state handling subject reports account): ", arg,
	    sort_answered);
}

void
seek_group(struct app *app, const char *arg)
{
	with_words(
	    app, "group (domain code cause original day account none): ", arg, group_answered);
}
