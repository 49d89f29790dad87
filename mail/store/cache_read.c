/* What the cache shows. */
#include <stdio.h>
#include <stdlib.h>

#include "store/cache_sql.h"

static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";

int64_t
case_number(const case_id *id)
{
	int64_t first;
	int64_t last;

	/* What is no id names no case. */
	return case_range(id->text, &first, &last) && first == last ? first : -1;
}

case_id
case_of_number(int64_t number)
{
	case_id id;

	for (int i = 0; i < CASE_ID_LEN; i++)
		id.text[i] = letters[number >> (5 * (CASE_ID_LEN - 1 - i)) & 31];
	id.text[CASE_ID_LEN] = '\0';
	return id;
}

bool
case_range(const char *prefix, int64_t *first_r, int64_t *last_r)
{
	int64_t number = 0;
	int n = 0;

	for (; prefix[n] != '\0'; n++) {
		const char *hit = strchr(letters, ascii_lower(prefix[n]));

		if (hit == NULL || n == CASE_ID_LEN)
			return false;
		number = number << 5 | (hit - letters);
	}
	*first_r = number << (5 * (CASE_ID_LEN - n));
	*last_r = *first_r + ((int64_t)1 << (5 * (CASE_ID_LEN - n))) - 1;
	return true;
}

/* Reading within a batch sees what was put in it. */
static int
settle_first(struct cache *c, struct err *e)
{
	return c->dirty.len > 0 ? cache_settle(c, e) : 0;
}

int
cache_mix(
    struct cache *c, const struct cache_box *box, unsigned *others_r, unsigned *n_r, struct err *e)
{
	sqlite3_stmt *s = cache_stmt(c, SQL_BOX_MIX, e);

	_Static_assert(KIND_OTHER == 0, "as the statement has it");
	if (s == NULL)
		return -1;
	cache_bind(s, "i", box->id);
	if (cache_step(c, s, e) < 0)
		return -1;
	*n_r = (unsigned)sqlite3_column_int(s, 0);
	*others_r = (unsigned)sqlite3_column_int(s, 1);
	sqlite3_reset(s);
	return 0;
}

/* A success needs nobody's hand, unless something was begun. */
static enum handling
shown_handling(int64_t handling, enum state state)
{
	if (handling == HANDLING_OPEN && state == STATE_DELIVERED)
		return HANDLING_DONE;
	return (enum handling)handling;
}

const char *
cache_cstr(sqlite3_stmt *s, int column)
{
	const char *p = (const char *)sqlite3_column_text(s, column);

	return p == NULL ? "" : p;
}

int64_t
cache_due(int64_t stored, struct row *r)
{
	bool is_time = stored >= 0; /* no CASE_UNTIL_NEXT_BOUNCE */

	if (r != NULL) {
		r->is_due_note = is_time && (stored & DUE_NOTE) != 0;
		r->is_being_sent = is_time && (stored & DUE_BEING_SENT) != 0;
		r->is_not_sent = is_time && (stored & DUE_NOT_SENT) != 0;
	}
	return !is_time ? stored : stored & ~(DUE_NOTE | DUE_BEING_SENT | DUE_NOT_SENT);
}

/* Strings live until the next step. */
static void
read_row(sqlite3_stmt *s, struct row *row)
{
	row->id = case_of_number(sqlite3_column_int64(s, 0));
	row->account = cache_cstr(s, 1);
	row->recipient = cache_cstr(s, 2);
	row->domain = cache_cstr(s, 3);
	row->status = cache_cstr(s, 4);
	row->subject = cache_cstr(s, 5);
	row->original_message_id = cache_cstr(s, 6);
	row->from = cache_cstr(s, 7);
	row->mta = cache_cstr(s, 8);
	row->trail = cache_cstr(s, 9);
	row->first_seen = sqlite3_column_int64(s, 10);
	row->last_seen = sqlite3_column_int64(s, 11);
	row->retry_until = sqlite3_column_int64(s, 12);
	row->due_at = cache_due(sqlite3_column_int64(s, 13), row);
	row->handled_at = sqlite3_column_int64(s, 14);
	row->reports = (uint32_t)sqlite3_column_int64(s, 15);
	row->resends = (uint32_t)sqlite3_column_int64(s, 16);
	row->uid = (uint32_t)sqlite3_column_int64(s, 17);
	row->state = (enum state)sqlite3_column_int(s, 18);
	row->cause = (enum cause)sqlite3_column_int(s, 19);
	row->handling = shown_handling(sqlite3_column_int64(s, 20), row->state);
	row->lane = (enum lane)sqlite3_column_int(s, 21);
	row->advice = (enum resend_advice)sqlite3_column_int(s, 22);
	row->is_new = sqlite3_column_int(s, 23) != 0;
	row->is_permanent = sqlite3_column_int(s, 24) != 0;
}

int
cache_use(struct cache *c, const char *account, struct err *e)
{
	return cache_account(c, account, false, &c->account, e);
}

int
cache_rows(struct cache *c, const char *account, cache_row_fn fn, void *ctx, struct err *e)
{
	sqlite3_stmt *s;
	struct row row;
	int64_t id;
	int step;

	if (settle_first(c, e) < 0 || cache_account(c, account, false, &id, e) < 0)
		return -1;
	c->account = id;
	s = cache_stmt(c, SQL_ROWS, e);
	if (s == NULL)
		return -1;
	cache_bind(s, "i", id);
	while ((step = cache_step(c, s, e)) == 1) {
		read_row(s, &row);
		if (!fn(ctx, &row))
			break;
	}
	sqlite3_reset(s);
	return step < 0 ? -1 : 0;
}

static void
copy_row(struct arena *a, struct row *row)
{
	row->account = arena_strdup(a, row->account);
	row->recipient = arena_strdup(a, row->recipient);
	row->domain = arena_strdup(a, row->domain);
	row->status = arena_strdup(a, row->status);
	row->subject = arena_strdup(a, row->subject);
	row->original_message_id = arena_strdup(a, row->original_message_id);
	row->from = arena_strdup(a, row->from);
	row->mta = arena_strdup(a, row->mta);
	row->trail = arena_strdup(a, row->trail);
}

int
cache_find_row(struct cache *c, const case_id *id, struct arena *a, struct row *row,
    struct cache_behind *b, struct err *e)
{
	sqlite3_stmt *s = NULL;
	int step = 0;

	if (settle_first(c, e) < 0)
		return -1;
	/* Nearly always it is of the account that was named last. */
	for (size_t i = 0; i < 2 && step == 0; i++) {
		if ((s = cache_stmt(c, i == 0 ? SQL_ROW_HERE : SQL_ROW, e)) == NULL)
			return -1;
		cache_bind(s, "ii", case_number(id), c->account);
		step = cache_step(c, s, e);
	}
	if (step < 0)
		return -1;
	if (step == 0)
		return err_set(e, ERR_NOT_FOUND, "there is no case %.*s", CASE_ID_LEN, id->text);
	read_row(s, row);
	copy_row(a, row);
	b->delivery = sqlite3_column_int64(s, 25);
	b->ours = arena_slicedup(a, cache_text(s, 26));
	b->account = sqlite3_column_int64(s, 27);
	sqlite3_reset(s);
	return 0;
}

int
cache_row(struct cache *c, const case_id *id, struct arena *a, struct row *row, struct err *e)
{
	struct cache_behind b;

	return cache_find_row(c, id, a, row, &b, e);
}

int
cache_places(
    struct cache *c, const case_id *id, struct cache_place **places_r, size_t *n_r, struct err *e)
{
	struct arena *a = arena_new();
	struct buf list = BUF_INIT;
	struct cache_behind b;
	struct row row;
	sqlite3_stmt *s = NULL;
	int step = -1;

	if (cache_find_row(c, id, a, &row, &b, e) == 0)
		s = cache_stmt(c, SQL_PLACES, e);
	if (s != NULL) {
		cache_bind(s, "ii", case_number(id), b.account);
		while ((step = cache_step(c, s, e)) == 1) {
			struct cache_place p = {.uid = (uint32_t)sqlite3_column_int64(s, 2)};

			snprintf(p.mailbox, sizeof(p.mailbox), "%s", cache_cstr(s, 0));
			snprintf(p.path, sizeof(p.path), "%s", cache_cstr(s, 1));
			buf_add(&list, &p, sizeof(p));
		}
	}
	arena_free(&a);
	*n_r = step < 0 ? 0 : list.len / sizeof(struct cache_place);
	*places_r = step < 0 ? NULL : (struct cache_place *)(void *)buf_take(&list);
	buf_free(&list);
	return step;
}

int
cache_has_keyword(struct cache *c, const case_id *id, uint32_t uid, const char *prefix, bool *has_r,
    struct err *e)
{
	int64_t n = 0;

	if (cache_ask(c, SQL_KEYWORDS, 0, &n, e, "iti", case_number(id), prefix, (int64_t)uid) < 0)
		return -1;
	*has_r = n > 0;
	return 0;
}

int
cache_of_message(struct cache *c, const char *account, const char *mailbox, uint32_t uid,
    cache_message_fn fn, void *ctx, struct err *e)
{
	sqlite3_stmt *s;
	int step;

	if (settle_first(c, e) < 0 || (s = cache_stmt(c, SQL_OF_MESSAGE, e)) == NULL)
		return -1;
	cache_bind(s, "tti", account, mailbox, (int64_t)uid);
	while ((step = cache_step(c, s, e)) == 1) {
		case_id id = case_of_number(sqlite3_column_int64(s, 0));

		fn(ctx, &id, (enum handling)sqlite3_column_int(s, 1));
	}
	return step;
}

int
cache_sent(struct cache *c, const case_id *id, cache_sent_fn fn, void *ctx, struct err *e)
{
	sqlite3_stmt *s;
	int step;

	if (settle_first(c, e) < 0 || (s = cache_stmt(c, SQL_SENT, e)) == NULL)
		return -1;
	cache_bind(s, "iii", case_number(id), (int64_t)KIND_BOUNCE, (int64_t)KIND_DELIVERED);
	while ((step = cache_step(c, s, e)) == 1) {
		struct cache_sent sent = {.mailbox = cache_cstr(s, 0),
		    .uid = (uint32_t)sqlite3_column_int64(s, 1),
		    .at = sqlite3_column_int64(s, 2),
		    .keywords = cache_cstr(s, 3),
		    .name = cache_text(s, 4),
		    .is_last = sqlite3_column_int(s, 5) != 0,
		    .state = (enum state)sqlite3_column_int(s, 6),
		    .is_shared = sqlite3_column_int(s, 7) != 0,
		    .has_others = sqlite3_column_int(s, 8) != 0};

		fn(ctx, &sent);
	}
	return step;
}

int
cache_handling(struct cache *c, const case_id *id, enum handling *h_r, struct err *e)
{
	int64_t handling = HANDLING_OPEN;

	if (cache_ask(c, SQL_HANDLED_FIND, handling, &handling, e, "i", case_number(id)) < 0)
		return -1;
	*h_r = (enum handling)handling;
	return 0;
}

int
cache_resent_before(struct cache *c, int64_t before, struct buf *ids, struct err *e)
{
	sqlite3_stmt *s = cache_stmt(c, SQL_HANDLED_BEFORE, e);
	int step;

	if (s == NULL)
		return -1;
	cache_bind(s, "ii", (int64_t)HANDLING_RESENT, before);
	while ((step = cache_step(c, s, e)) == 1) {
		case_id id = case_of_number(sqlite3_column_int64(s, 0));

		buf_add(ids, &id, sizeof(id));
	}
	return step;
}

int
cache_find(struct cache *c, const char *account, const char *prefix, case_id *ids, size_t max,
    size_t *n_r, struct err *e)
{
	sqlite3_stmt *s;
	int64_t first;
	int64_t last;
	int64_t id;
	int step;

	*n_r = 0;
	if (settle_first(c, e) < 0 || cache_account(c, account, false, &id, e) < 0)
		return -1;
	if (!case_range(prefix, &first, &last))
		return 0;
	if ((s = cache_stmt(c, SQL_PREFIX, e)) == NULL)
		return -1;
	cache_bind(s, "iii", first, last, id);
	while ((step = cache_step(c, s, e)) == 1) {
		if (*n_r < max)
			ids[*n_r] = case_of_number(sqlite3_column_int64(s, 0));
		(*n_r)++;
	}
	return step;
}

int
cache_outage(struct cache *c, const char *account, const char *domain, int64_t since,
    struct cache_outage *o, struct err *e)
{
	sqlite3_stmt *s;
	int64_t id;
	int step;

	*o = (struct cache_outage){0, 0, 0, 0};
	if (settle_first(c, e) < 0 || cache_account(c, account, false, &id, e) < 0 ||
	    (s = cache_stmt(c, SQL_OUTAGE, e)) == NULL)
		return -1;
	cache_bind(s, "iitiiiii", id, since, domain, (int64_t)CAUSE_CONNECT_TIMEOUT,
	    (int64_t)CAUSE_CONNECT_REFUSED, (int64_t)CAUSE_NO_ROUTE, (int64_t)CAUSE_LOCAL_NET,
	    (int64_t)CAUSE_CONN_DROP);
	step = cache_step(c, s, e);
	if (step < 1)
		return step;
	o->cases = (uint32_t)sqlite3_column_int64(s, 0);
	o->domains = (uint32_t)sqlite3_column_int64(s, 1);
	o->this_domain = (uint32_t)sqlite3_column_int64(s, 2);
	o->since = sqlite3_column_int64(s, 3);
	sqlite3_reset(s);
	return 0;
}

int
cache_history(struct cache *c, const char *account, const char *domain, int64_t since,
    bool (*counts)(enum cause), struct cache_history *h, struct err *e)
{
	sqlite3_stmt *s;
	int64_t id;
	int step;

	*h = (struct cache_history){0, 0, 0};
	if (settle_first(c, e) < 0 || cache_account(c, account, false, &id, e) < 0 ||
	    (s = cache_stmt(c, SQL_HISTORY, e)) == NULL)
		return -1;
	cache_bind(s, "iitii", id, since, domain, (int64_t)STATE_TRYING, (int64_t)STATE_GAVE_UP);
	while ((step = cache_step(c, s, e)) == 1) {
		int64_t first = sqlite3_column_int64(s, 1);
		int64_t last = sqlite3_column_int64(s, 2);

		if (!counts((enum cause)sqlite3_column_int(s, 0)))
			continue;
		h->cases++;
		h->first = h->first == 0 || first < h->first ? first : h->first;
		h->last = last > h->last ? last : h->last;
	}
	return step;
}
