/* What we did with cases, as the journal tells, and the names that our resends
 * gave to messages. */
#include <stdlib.h>

#include "msg/addr.h"
#include "msg/field.h"
#include "store/cache_sql.h"

/* Accounts in which a case is shown; more than one is rare. */
struct shown {
	int64_t account;
	char *told;
};

static int
find_shown(struct cache *c, int64_t number, struct buf *list, struct err *e)
{
	sqlite3_stmt *s = cache_stmt(c, SQL_CASE_TOLD, e);
	int step;

	if (s == NULL)
		return -1;
	cache_bind(s, "i", number);
	while ((step = cache_step(c, s, e)) == 1) {
		struct shown one = {sqlite3_column_int64(s, 0), xslicedup(cache_text(s, 1))};

		buf_add(list, &one, sizeof(one));
	}
	return step;
}

static int
show_handled(
    struct cache *c, int64_t number, const struct cache_handled *h, struct buf *list, struct err *e)
{
	struct shown *shown = (struct shown *)(void *)list->data;
	int result = 0;

	for (size_t i = 0; i < list->len / sizeof(*shown) && result == 0; i++) {
		struct buf trail = BUF_INIT;

		trail_merge(&trail, shown[i].told, h->trail);
		result = cache_run(c, SQL_CASE_HANDLED, e, "iiiiisi", number, (int64_t)h->handling,
		    h->handled_at, h->due_at, (int64_t)h->resends, buf_slice(&trail),
		    shown[i].account);
		buf_free(&trail);
	}
	return result;
}

static int
set_handled(struct cache *c, int64_t number, const struct cache_handled *h, struct err *e)
{
	struct buf list = BUF_INIT;
	struct shown *shown;
	int result = cache_run(c, SQL_HANDLED_ADD, e, "iiiiitt", number, (int64_t)h->handling,
	    h->handled_at, h->due_at, (int64_t)h->resends, h->trail, h->words);

	c->handled = KNOWN_SOME;
	if (result == 0)
		result = find_shown(c, number, &list, e);
	if (result == 0)
		result = show_handled(c, number, h, &list, e);
	shown = (struct shown *)(void *)list.data;
	for (size_t i = 0; i < list.len / sizeof(*shown); i++)
		free(shown[i].told);
	buf_free(&list);
	return result;
}

int
cache_handled(struct cache *c, const case_id *id, const struct cache_handled *h, struct err *e)
{
	struct cache_handled all = *h;
	bool mine;

	all.due_at |= (h->is_due_note ? DUE_NOTE : 0) | (h->is_being_sent ? DUE_BEING_SENT : 0) |
	    (h->is_not_sent ? DUE_NOT_SENT : 0);
	if (all.trail == NULL)
		all.trail = "";
	if (all.words == NULL)
		all.words = "";
	if (cache_enter(c, &mine, e) < 0)
		return -1;
	return cache_leave(c, mine, set_handled(c, case_number(id), &all, e), e);
}

/* Is that recipient the one of the case? */
static int
is_of_case(struct cache *c, int64_t number, struct slice address, bool *is_r, struct err *e)
{
	int64_t account = 0;

	if (cache_ask(c, SQL_CASE_FIND, 0, &account, e, "is", number, address) < 0)
		return -1;
	*is_r = account != 0;
	return 0;
}

static int
alias_numbers(struct cache *c, struct slice alias, struct buf *numbers, struct err *e)
{
	sqlite3_stmt *s = cache_stmt(c, SQL_ALIAS_FIND, e);
	int step;

	if (s == NULL)
		return -1;
	cache_bind(s, "s", alias);
	while ((step = cache_step(c, s, e)) == 1) {
		int64_t number = sqlite3_column_int64(s, 0);

		buf_add(numbers, &number, sizeof(number));
	}
	return step;
}

/* Which of the cases that an alias names; leaves *number_r if none is meant. */
static int
choose_number(struct cache *c, const struct buf *numbers, struct slice address, int64_t *number_r,
    struct err *e)
{
	const int64_t *list = (const int64_t *)(const void *)numbers->data;
	size_t n = numbers->len / sizeof(*list);
	bool is_it = false;

	for (size_t i = 0; i < n; i++)
		if (list[i] == *number_r)
			return 0;
	for (size_t i = 0; i < n && n > 1; i++) {
		if (is_of_case(c, list[i], address, &is_it, e) < 0)
			return -1;
		if (is_it) {
			*number_r = list[i];
			return 0;
		}
	}
	if (n == 1)
		*number_r = list[0];
	return 0;
}

static int
resolve_one(struct cache *c, struct slice alias, struct slice address, int64_t *number_r,
    bool *found_r, struct err *e)
{
	struct buf numbers = BUF_INIT;
	int result = 0;

	if (alias.n > 0)
		result = alias_numbers(c, alias, &numbers, e);
	*found_r = numbers.len > 0;
	if (result == 0 && *found_r)
		result = choose_number(c, &numbers, address, number_r, e);
	buf_free(&numbers);
	return result;
}

static struct slice
address_of(const struct recipient *r)
{
	return r->original_recipient.n > 0 ? r->original_recipient : r->address;
}

int
alias_resolve(struct cache *c, const struct report *r, const struct recipient *rcpt,
    int64_t *number_r, struct err *e)
{
	const struct slice aliases[] = {r->envelope_id,
	    field_unfold(c->arena, field_get(r->original.header, "Resent-Message-ID")),
	    r->original.message_id};
	bool found = false;

	for (size_t i = 0; i < 3 && !found; i++)
		if (resolve_one(c, aliases[i], address_of(rcpt), number_r, &found, e) < 0)
			return -1;
	return 0;
}

struct move {
	int64_t delivery, account, from, to;
};

/* Reports that were there before their alias was. */
static int
find_moves(struct cache *c, const char *alias, int64_t number, struct buf *moves, struct err *e)
{
	sqlite3_stmt *s = cache_stmt(c, SQL_ALIAS_REPORTS, e);
	int step;

	if (s == NULL)
		return -1;
	cache_bind(s, "t", alias);
	while ((step = cache_step(c, s, e)) == 1) {
		struct move m = {.delivery = sqlite3_column_int64(s, 0),
		    .account = sqlite3_column_int64(s, 1),
		    .from = sqlite3_column_int64(s, 2),
		    .to = number};
		struct slice original = cache_text(s, 4);
		bool found;

		if (resolve_one(c, slice_of(alias), original.n > 0 ? original : cache_text(s, 3),
			&m.to, &found, e) < 0) {
			sqlite3_reset(s);
			return -1;
		}
		if (m.to != m.from)
			buf_add(moves, &m, sizeof(m));
	}
	return step;
}

static int
add_alias(struct cache *c, const char *alias, int64_t number, struct err *e)
{
	struct buf list = BUF_INIT;
	const struct move *moves;
	int result = cache_run(c, SQL_ALIAS_ADD, e, "ti", alias, number);

	if (result < 0 || sqlite3_changes(c->db) == 0)
		return result;
	c->aliases = KNOWN_SOME;
	result = find_moves(c, alias, number, &list, e);
	moves = (const struct move *)(const void *)list.data;
	for (size_t i = 0; i < list.len / sizeof(*moves) && result == 0; i++) {
		result = cache_run(c, SQL_DELIVERY_MOVE, e, "ii", moves[i].delivery, moves[i].to);
		cache_touch(c, moves[i].account, moves[i].from, NULL);
		cache_touch(c, moves[i].account, moves[i].to, NULL);
	}
	buf_free(&list);
	return result;
}

int
cache_alias(struct cache *c, const char *alias, const case_id *id, struct err *e)
{
	bool mine;

	if (alias[0] == '\0')
		return 0;
	if (cache_enter(c, &mine, e) < 0)
		return -1;
	return cache_leave(c, mine, add_alias(c, alias, case_number(id), e), e);
}
