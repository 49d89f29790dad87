/* The cases that a command is about. */
#include <stdlib.h>
#include <string.h>

#include "tui/app.h"

struct target {
	struct case_key key;
	size_t at;
	bool is_again; /* of another account already */
};

static int
by_case(const void *pa, const void *pb)
{
	const struct target *a = pa;
	const struct target *b = pb;
	int n = memcmp(a->key.id.text, b->key.id.text, CASE_ID_LEN);

	return n != 0 ? n : (int)a->key.account - (int)b->key.account;
}

static int
by_account(const void *pa, const void *pb)
{
	const struct target *a = pa;
	const struct target *b = pb;

	if (a->key.account != b->key.account)
		return (int)a->key.account - (int)b->key.account;
	return (a->at > b->at) - (a->at < b->at);
}

/* One account after the other. A case that lies in two is one case: what is done with
 * it in the first counts in the other. */
static size_t
order(struct case_key *keys, size_t n)
{
	struct target *all = xcalloc(n, sizeof(*all));
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		all[i] = (struct target){.key = keys[i], .at = i};
	qsort(all, n, sizeof(*all), by_case);
	for (size_t i = 1; i < n; i++)
		all[i].is_again =
		    memcmp(all[i].key.id.text, all[i - 1].key.id.text, CASE_ID_LEN) == 0;
	qsort(all, n, sizeof(*all), by_account);
	for (size_t i = 0; i < n; i++) {
		if (!all[i].is_again)
			keys[kept++] = all[i].key;
	}
	free(all);
	return kept;
}

void
targets_take(struct app *app, bool is_bulk)
{
	size_t n;

	free(app->targets);
	free(app->seen);
	app->targets = NULL;
	app->seen = NULL;
	app->n_targets = 0;
	app->is_of_tagged = is_bulk;
	if (is_bulk) {
		app->targets = model_tagged(app->model, &app->n_targets);
	} else if (pager_top(app) != NULL) {
		app->targets = xmalloc(sizeof(*app->targets));
		app->targets[0] = pager_top(app)->key;
		app->n_targets = 1;
	} else if (model_lines(app->model) > 0) {
		app->targets = model_of_line(app->model, app->pos, &app->n_targets);
	}
	n = app->n_targets;
	if (app->n_offices < 2 || n < 2)
		return;
	app->n_targets = order(app->targets, n);
	if (app->n_targets < n)
		app_say(app, ROLE_TEXT, "%zu of them %s in two accounts: each is one case",
		    n - app->n_targets, n - app->n_targets == 1 ? "lies" : "lie");
}

size_t
targets_accounts(const struct app *app)
{
	size_t n = app->n_targets > 0;

	for (size_t i = 1; i < app->n_targets; i++)
		n += app->targets[i].account != app->targets[i - 1].account;
	return n;
}
