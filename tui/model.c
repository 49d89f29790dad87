#include "tui/model.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "tui/model_int.h"

const char *const sort_names[SORT_N] = {"age", "recipient", "domain", "code", "cause", "state",
    "handling", "subject", "reports", "account"};
const char *const group_names[GROUP_N] = {
    "none", "domain", "code", "cause", "original", "day", "account"};

static uint32_t
hash_key(unsigned account, const char *id)
{
	uint32_t h = 2166136261u ^ account;

	for (size_t i = 0; i < CASE_ID_LEN; i++)
		h = (h ^ (unsigned char)id[i]) * 16777619u;
	return h;
}

static bool
is_of(const struct entry *e, unsigned account, const char *id)
{
	return memcmp(e->id, id, CASE_ID_LEN) == 0 && e->account == account;
}

/* The place of a case in the index: of its row, or a free one. */
static size_t
place_of(const struct model *m, unsigned account, const char *id)
{
	size_t at = hash_key(account, id) & (m->cap_index - 1);

	while (m->index[at] != 0 && !is_of(entry_at(m, m->index[at] - 1), account, id))
		at = (at + 1) & (m->cap_index - 1);
	return at;
}

static void
index_all(struct model *m, size_t cap)
{
	free(m->index);
	m->index = xcalloc(cap, sizeof(*m->index));
	m->cap_index = cap;
	for (size_t i = 0; i < m->n; i++) {
		const struct entry *e = entry_at(m, i);

		m->index[place_of(m, e->account, e->id)] = (uint32_t)i + 1;
	}
}

struct entry *
model_entry(const struct model *m, const struct case_key *key)
{
	size_t at = place_of(m, key->account, key->id.text);

	return m->index[at] == 0 ? NULL : entry_at(m, m->index[at] - 1);
}

struct model *
model_new(const char *const *accounts, size_t n)
{
	struct model *m = xcalloc(1, sizeof(*m));
	struct err e;

	m->accounts = xcalloc(n, sizeof(*m->accounts));
	memcpy(m->accounts, accounts, n * sizeof(*m->accounts));
	m->n_accounts = n;
	m->tallies = xcalloc(n, sizeof(*m->tallies));
	texts_init(&m->texts);
	m->shown = xcalloc(1, sizeof(*m->shown));
	m->filter_text = xstrdup("");
	index_all(m, 1024);
	filter_parse(&m->filter, "", &e);
	m->is_dirty = true;
	return m;
}

void
model_free(struct model **m_p)
{
	struct model *m = m_p == NULL ? NULL : *m_p;

	if (m == NULL)
		return;
	texts_free(&m->texts);
	free(m->accounts);
	free(m->tallies);
	free(m->shown);
	free(m->index);
	for (size_t i = 0; i < m->n_chunks; i++)
		free(m->chunks[i]);
	free(m->chunks);
	free(m->changed);
	free(m->lines);
	free(m->order);
	free(m->filter_text);
	for (size_t i = 0; i < m->n_folded; i++)
		free(m->folded[i]);
	free(m->folded);
	filter_free(&m->filter);
	free(m);
	*m_p = NULL;
}

static void
count(struct model *m, const struct entry *e, size_t by)
{
	struct model_counts *n = &m->tallies[e->account].counts;

	n->all += by;
	if (e->lane == LANE_CASES && e->handling == HANDLING_OPEN)
		n->open += by;
	if (e->handling == HANDLING_DUE)
		n->due += by;
	if (e->handling == HANDLING_DOUBT)
		n->doubt += by;
}

static struct entry *
add_entry(struct model *m, const struct case_key *key)
{
	struct entry *e;

	if (m->n == m->n_chunks * CHUNK) {
		m->chunks = xrealloc(m->chunks, m->n_chunks + 1, sizeof(*m->chunks));
		m->chunks[m->n_chunks++] = xcalloc(CHUNK, sizeof(struct entry));
	}
	if ((m->n + 1) * 4 >= m->cap_index * 3)
		index_all(m, m->cap_index * 2);
	e = entry_at(m, m->n);
	memset(e, 0, sizeof(*e));
	e->account = key->account;
	m->index[place_of(m, key->account, key->id.text)] = (uint32_t)++m->n;
	return e;
}

static void
note_change(struct model *m, struct entry *e, uint32_t number)
{
	if (e->is_changed || m->is_dirty || !entry_is_in(m, e))
		return;
	if (m->n_changed == m->cap_changed) {
		m->cap_changed = m->cap_changed == 0 ? 256 : m->cap_changed * 2;
		m->changed = xrealloc(m->changed, m->cap_changed, sizeof(*m->changed));
	}
	e->is_changed = true;
	m->changed[m->n_changed++] = number;
}

static void
put_one(struct model *m, unsigned account, const struct row *row)
{
	struct case_key key = {row->id, (uint16_t)account};
	struct entry *e = model_entry(m, &key);

	if (e == NULL)
		e = add_entry(m, &key);
	else
		count(m, e, (size_t)-1);
	entry_pack(m, e, row);
	count(m, e, 1);
	note_change(m, e, m->index[place_of(m, account, row->id.text)] - 1);
}

void
model_put(struct model *m, unsigned account, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put_one(m, account, &rows[i]);
	m->needs_lines |= m->account == MODEL_ALL || m->account == account;
}

static void
mark_gone(struct model *m, struct entry *e)
{
	e->is_gone = true;
	m->tallies[e->account].n_tagged -= e->is_tagged;
	count(m, e, (size_t)-1);
}

/* The others close ranks: their numbers are new, and so is the order. */
static void
drop_gone(struct model *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->n; i++) {
		if (!entry_at(m, i)->is_gone)
			*entry_at(m, kept++) = *entry_at(m, i);
	}
	m->n = kept;
	index_all(m, m->cap_index);
	m->is_dirty = true;
}

void
model_drop(struct model *m, unsigned account, const case_id *ids, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct case_key key = {ids[i], (uint16_t)account};
		struct entry *e = model_entry(m, &key);

		if (e != NULL && !e->is_gone)
			mark_gone(m, e);
	}
	drop_gone(m);
}

bool
model_keep(struct model *m, unsigned account, const case_id *ids, size_t n)
{
	bool is_any = false;

	for (size_t i = 0; i < m->n; i++) {
		struct entry *e = entry_at(m, i);
		struct case_key key = entry_key(e);

		if (e->account != account || case_id_is_in(&key.id, ids, n))
			continue;
		mark_gone(m, e);
		is_any = true;
	}
	if (is_any)
		drop_gone(m);
	return is_any;
}

void
model_set_account(struct model *m, unsigned account)
{
	m->account = account;
	m->is_dirty = true;
}

unsigned
model_account(const struct model *m)
{
	return m->account;
}

int
model_filter(struct model *m, const char *text, struct err *e)
{
	struct filter *f = NULL;

	if (filter_parse(&f, text, e) != 0)
		return -1;
	filter_free(&m->filter);
	m->filter = f;
	free(m->filter_text);
	m->filter_text = xstrdup(text);
	m->is_dirty = true;
	return 0;
}

const char *
model_filter_text(const struct model *m)
{
	return m->filter_text;
}

void
model_set_sort(struct model *m, enum sort_by by, bool reverse)
{
	m->sort = by;
	m->is_reverse = reverse;
	m->is_dirty = true;
}

void
model_sort(struct model *m, enum sort_by by)
{
	model_set_sort(m, by, by == m->sort && !m->is_reverse);
}

enum sort_by
model_sort_by(const struct model *m)
{
	return m->sort;
}

bool
model_is_reverse(const struct model *m)
{
	return m->is_reverse;
}

void
model_group(struct model *m, enum group_by by)
{
	m->group = by;
	m->is_dirty = true; /* groups had put the order in theirs */
}

enum group_by
model_group_by(const struct model *m)
{
	return m->group;
}

size_t
model_lines(struct model *m)
{
	model_work(m);
	return m->group == GROUP_NONE ? m->n_shown : m->n_lines;
}

struct line
model_line(struct model *m, size_t pos)
{
	struct line line = {0};
	struct made_line l;

	model_work(m);
	l = model_made_line(m, pos);
	line.row = model_show(m, entry_at(m, l.entry));
	line.key = entry_key(entry_at(m, l.entry));
	line.is_group = l.n_cases > 0;
	line.is_folded = l.is_folded;
	line.n_cases = l.n_cases;
	line.title = l.title;
	return line;
}

size_t
model_find(struct model *m, const struct case_key *key)
{
	size_t n = model_lines(m);
	uint32_t number = m->index[place_of(m, key->account, key->id.text)];

	for (size_t i = 0; number > 0 && i < n; i++) {
		struct made_line l = model_made_line(m, i);

		if (l.n_cases == 0 && l.entry == number - 1)
			return i;
	}
	return SIZE_MAX;
}

const struct row *
model_row(const struct model *m, const struct case_key *key)
{
	const struct entry *e = model_entry(m, key);

	return e == NULL ? NULL : model_show(m, e);
}

struct model_counts
model_count(struct model *m)
{
	struct model_counts n = {0};

	model_work(m);
	for (size_t i = 0; i < m->n_accounts; i++) {
		const struct model_counts *one = &m->tallies[i].counts;

		if (m->account != MODEL_ALL && m->account != i)
			continue;
		n.all += one->all;
		n.open += one->open;
		n.due += one->due;
		n.doubt += one->doubt;
	}
	n.shown = m->n_shown;
	return n;
}

struct model_counts
model_count_of(const struct model *m, unsigned account)
{
	return m->tallies[account].counts;
}

static bool
row_has(const struct row *row, const char *words)
{
	return strcasestr(row->recipient, words) != NULL ||
	    strcasestr(row->subject, words) != NULL || strcasestr(row->status, words) != NULL ||
	    (row->cause != CAUSE_UNKNOWN &&
		strcasestr(cause_info(row->cause)->title, words) != NULL);
}

size_t
model_search(struct model *m, const char *words, size_t from, bool backwards)
{
	size_t n = model_lines(m);

	for (size_t i = 1; i <= n; i++) {
		size_t at = (from + (backwards ? n - i % n : i)) % n;

		struct line line = model_line(m, at);

		if (!line.is_group && row_has(line.row, words))
			return at;
	}
	return SIZE_MAX;
}
