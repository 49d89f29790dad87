#include "tui/cmd_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"

#define MIN_ID_PREFIX 4
#define MAX_CANDIDATES 8

static void
grow(struct cases *c)
{
	c->cap = c->cap == 0 ? 256 : c->cap * 2;
	c->rows = xrealloc(c->rows, c->cap, sizeof(*c->rows));
	c->order = xrealloc(c->order, c->cap, sizeof(*c->order));
	c->gone = xrealloc(c->gone, c->cap, sizeof(*c->gone));
}

static void
add(struct cases *c, const struct row *row, bool is_gone)
{
	struct row *r;
	const char **strings[] = {NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL};

	if (c->n == c->cap)
		grow(c);
	c->order[c->n] = (uint32_t)c->n;
	c->gone[c->n] = is_gone;
	r = &c->rows[c->n++];
	*r = *row;
	strings[0] = &r->account;
	strings[1] = &r->recipient;
	strings[2] = &r->domain;
	strings[3] = &r->status;
	strings[4] = &r->subject;
	strings[5] = &r->original_message_id;
	strings[6] = &r->from;
	strings[7] = &r->mta;
	strings[8] = &r->trail;
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		*strings[i] = arena_strdup(c->arena, *strings[i]);
}

struct collecting {
	struct cases *c;
	cases_keep_fn keep; /* NULL: all */
	void *ctx;
};

static void
collect(const struct collecting *all, const struct row *row, bool is_gone)
{
	if (all->keep == NULL || all->keep(all->ctx, row, is_gone))
		add(all->c, row, is_gone);
}

static void
drop_others(const struct collecting *all, const struct letter *l)
{
	size_t n = all->c->n;

	for (size_t i = 0; i < n; i++) {
		struct row row = {.id = all->c->rows[i].id};

		if (!case_id_is_in(&row.id, l->cases, l->n_cases))
			collect(all, &row, true);
	}
}

static void
on_letter(void *ctx, const struct letter *l)
{
	for (size_t i = 0; l->type == LETTER_ROWS && i < l->n_rows; i++)
		collect(ctx, &l->rows[i], false);
	for (size_t i = 0; l->type == LETTER_GONE && i < l->n_cases; i++) {
		struct row row = {.id = l->cases[i]};

		collect(ctx, &row, true);
	}
	if (l->type == LETTER_ONLY)
		drop_others(ctx, l);
}

/* By id, the one that came last first. */
static int
by_id(const void *a, const void *b, void *ctx)
{
	const struct cases *c = ctx;
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;
	int order = strcmp(c->rows[x].id.text, c->rows[y].id.text);

	if (order != 0)
		return order;
	return x > y ? -1 : 1;
}

static int
newest_first(const void *a, const void *b)
{
	const struct row *x = a;
	const struct row *y = b;

	if (x->last_seen != y->last_seen)
		return x->last_seen > y->last_seen ? -1 : 1;
	return strcmp(x->id.text, y->id.text);
}

/* Of the rows that came for a case the last one holds. */
static void
settle(struct cases *c)
{
	struct row *kept = xcalloc(c->n, sizeof(*kept));
	const char *last = "";
	size_t n = 0;

	if (c->n > 0)
		qsort_r(c->order, c->n, sizeof(c->order[0]), by_id, c);
	for (size_t i = 0; i < c->n; i++) {
		const struct row *row = &c->rows[c->order[i]];

		if (strcmp(row->id.text, last) == 0)
			continue;
		last = row->id.text;
		if (!c->gone[c->order[i]])
			kept[n++] = *row;
	}
	free(c->rows);
	c->rows = kept;
	c->n = n;
	if (n > 0)
		qsort(kept, n, sizeof(kept[0]), newest_first);
}

int
cases_fetch_some(struct session *s, struct cases *c, cases_keep_fn keep, void *ctx, struct err *e)
{
	struct collecting all = {.keep = keep, .ctx = ctx};
	int rc;

	memset(c, 0, sizeof(*c));
	all.c = c;
	c->arena = arena_new();
	rc = session_ask(s, session_letter(s, LETTER_OPEN), on_letter, &all, e);
	settle(c);
	return rc;
}

int
cases_fetch(struct session *s, struct cases *c, struct err *e)
{
	return cases_fetch_some(s, c, NULL, NULL, e);
}

static void
keep(struct cases *c, const bool *wanted)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (wanted[i])
			c->rows[n++] = c->rows[i];
	}
	c->n = n;
}

static int
parse_words(struct filter **f, char *const *words, size_t n_words, struct err *e)
{
	struct buf text = BUF_INIT;
	int rc;

	for (size_t i = 0; i < n_words; i++)
		buf_addf(&text, "%s%s", i == 0 ? "" : " ", words[i]);
	rc = filter_parse(f, buf_cstr(&text), e);
	buf_free(&text);
	return rc;
}

int
cases_check(char *const *words, size_t n_words, struct err *e)
{
	struct filter *f = NULL;
	int rc = parse_words(&f, words, n_words, e);

	filter_free(&f);
	return rc;
}

int
cases_filter(struct cases *c, char *const *words, size_t n_words, struct err *e)
{
	struct filter *f = NULL;
	bool *wanted;

	if (parse_words(&f, words, n_words, e) != 0)
		return -1;
	wanted = xcalloc(c->n, sizeof(*wanted));
	for (size_t i = 0; i < c->n; i++)
		wanted[i] = filter_match(f, &c->rows[i], clock_now());
	keep(c, wanted);
	filter_free(&f);
	free(wanted);
	return 0;
}

static bool
may_be_id(const char *word)
{
	size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz234567");

	return word[n] == '\0' && n >= MIN_ID_PREFIX && n <= CASE_ID_LEN;
}

static size_t
count_prefix(const struct cases *c, const char *prefix, size_t *first_r)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (strncmp(c->rows[i].id.text, prefix, strlen(prefix)) != 0)
			continue;
		if (n++ == 0)
			*first_r = i;
	}
	return n;
}

static int
ambiguous(const struct cases *c, const char *prefix, struct err *e)
{
	struct buf list = BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < c->n && n < MAX_CANDIDATES; i++) {
		if (strncmp(c->rows[i].id.text, prefix, strlen(prefix)) != 0)
			continue;
		buf_addf(&list, "%s%s ", n++ == 0 ? "" : ", ", c->rows[i].id.text);
		clean_append(&list, slice_of(c->rows[i].recipient), 60);
	}
	err_set(e, ERR_USAGE, "%s is the beginning of several cases: %s", prefix, buf_cstr(&list));
	buf_free(&list);
	return err_todo(e, "write one more letter");
}

int
cases_choose(struct cases *c, char *const *words, size_t n_words, struct err *e)
{
	bool *wanted = xcalloc(c->n, sizeof(*wanted));
	size_t named = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n_words; i++) {
		size_t at = 0;
		size_t n = may_be_id(words[i]) ? count_prefix(c, words[i], &at) : 0;

		if (n > 1)
			rc = ambiguous(c, words[i], e);
		if (n == 1) {
			wanted[at] = true;
			named++;
		}
	}
	if (rc == 0 && named > 0 && named < n_words)
		rc = err_set(
		    e, ERR_USAGE, "either ids of cases or a filter, not both in one command");
	if (rc == 0 && named > 0)
		keep(c, wanted);
	free(wanted);
	return rc != 0 || named > 0 ? rc : cases_filter(c, words, n_words, e);
}

int
cases_choose_one(struct cases *c, const char *prefix, struct err *e)
{
	size_t at = 0;
	size_t n = prefix[0] == '\0' ? 0 : count_prefix(c, prefix, &at);

	if (n > 1)
		return ambiguous(c, prefix, e);
	if (n == 1)
		c->rows[0] = c->rows[at];
	c->n = n;
	return 0;
}

void
cases_free(struct cases *c)
{
	free(c->rows);
	free(c->order);
	free(c->gone);
	arena_free(&c->arena);
}

void
cases_put(const struct cases *c, struct letter *l)
{
	l->cases = arena_calloc(l->arena, c->n, sizeof(*l->cases));
	l->n_cases = c->n;
	for (size_t i = 0; i < c->n; i++)
		l->cases[i] = c->rows[i].id;
}

const struct row *
cases_find(const struct cases *c, const case_id *id)
{
	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(c->rows[i].id.text, id->text) == 0)
			return &c->rows[i];
	}
	return NULL;
}
