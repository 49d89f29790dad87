/* What is shown, in which order: filter, sort, groups; and the tags. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "tui/model_int.h"

static int
compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static const char *
cause_title(const struct entry *e)
{
	return cause_info((enum cause)e->cause)->title;
}

static int
compare_texts(const struct model *m, uint32_t a, uint32_t b)
{
	return a == b ? 0 : strcasecmp(texts_at(&m->texts, a), texts_at(&m->texts, b));
}

static int
compare_by(const struct model *m, const struct entry *a, const struct entry *b)
{
	switch (m->sort) {
	case SORT_RECIPIENT:
		return compare_texts(m, a->recipient, b->recipient);
	case SORT_DOMAIN:
		return compare_texts(m, a->domain, b->domain);
	case SORT_CODE:
		return compare_texts(m, a->status, b->status);
	case SORT_CAUSE:
		return a->cause == b->cause ? 0 : strcmp(cause_title(a), cause_title(b));
	case SORT_STATE:
		return compare_numbers(a->state, b->state);
	case SORT_HANDLING:
		return compare_numbers(a->handling, b->handling);
	case SORT_SUBJECT:
		return compare_texts(m, a->subject, b->subject);
	case SORT_REPORTS:
		return compare_numbers(b->reports, a->reports);
	case SORT_ACCOUNT:
		return compare_numbers(a->account, b->account);
	default:
		/* What is in doubt wants a person: it stands first. */
		if ((a->handling == HANDLING_DOUBT) != (b->handling == HANDLING_DOUBT))
			return a->handling == HANDLING_DOUBT ? -1 : 1;
		return compare_numbers(b->last_seen, a->last_seen);
	}
}

/* What decides most comparisons stands beside the number: the first letters, or
 * the time. Only ties look at the rows. */
struct keyed {
	uint64_t key;
	uint32_t entry;
};

static uint64_t
letters_key(const char *s)
{
	uint64_t key = 0;

	for (int i = 0; i < 8; i++) {
		key = key << 8 | (unsigned char)ascii_lower(*s);
		if (*s != '\0')
			s++;
	}
	return key;
}

static uint64_t
sort_key(const struct model *m, const struct entry *e)
{
	switch (m->sort) {
	case SORT_RECIPIENT:
		return letters_key(texts_at(&m->texts, e->recipient));
	case SORT_DOMAIN:
		return letters_key(texts_at(&m->texts, e->domain));
	case SORT_SUBJECT:
		return letters_key(texts_at(&m->texts, e->subject));
	case SORT_CODE:
		return letters_key(texts_at(&m->texts, e->status));
	case SORT_AGE:
		return (UINT64_C(1) << (e->handling == HANDLING_DOUBT ? 61 : 62)) - e->last_seen;
	case SORT_ACCOUNT:
		return e->account;
	default:
		return 0;
	}
}

static int
compare_entries(const struct model *m, const struct entry *a, const struct entry *b)
{
	int n = compare_by(m, a, b);

	if (n != 0)
		return m->is_reverse ? -n : n;
	n = compare_numbers(b->last_seen, a->last_seen);
	if (n == 0)
		n = memcmp(a->id, b->id, sizeof(a->id));
	return n != 0 ? n : compare_numbers(a->account, b->account);
}

static int
compare(const void *pa, const void *pb, void *ctx)
{
	const struct model *m = ctx;
	const struct keyed *a = pa;
	const struct keyed *b = pb;

	if (a->key != b->key)
		return (a->key < b->key) != m->is_reverse ? -1 : 1;
	return compare_entries(m, entry_at(m, a->entry), entry_at(m, b->entry));
}

/* The entries of `from` (all if NULL) that the filter lets through, in order. */
static uint32_t *
sorted(struct model *m, const uint32_t *from, size_t n, size_t *n_r)
{
	struct keyed *keyed = xcalloc(n + 1, sizeof(*keyed));
	uint32_t *order;
	int64_t now = clock_now();
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t number = from == NULL ? (uint32_t)i : from[i];
		const struct entry *e = entry_at(m, number);
		struct row row;

		if (!entry_is_in(m, e))
			continue;
		entry_unpack(m, e, &row);
		if (filter_match(m->filter, &row, now))
			keyed[kept++] = (struct keyed){sort_key(m, e), number};
	}
	qsort_r(keyed, kept, sizeof(*keyed), compare, m);
	order = xcalloc(kept + 1, sizeof(*order));
	for (size_t i = 0; i < kept; i++)
		order[i] = keyed[i].entry;
	free(keyed);
	*n_r = kept;
	return order;
}

/* All that changed is new and belongs behind what is there, as nearly always while a
 * mailbox is read, newest first: a million need not be looked at for 250. */
static bool
append(struct model *m, const uint32_t *fresh, size_t n_new)
{
	for (size_t i = 0; i < m->n_changed; i++)
		if (m->changed[i] < m->n_ordered)
			return false;
	if (n_new > 0 && m->n_shown > 0 &&
	    compare_entries(m, entry_at(m, fresh[0]), entry_at(m, m->order[m->n_shown - 1])) < 0)
		return false;
	if (m->n_shown + n_new > m->cap_order) {
		m->cap_order = 2 * (m->n_shown + n_new);
		m->order = xrealloc(m->order, m->cap_order, sizeof(*m->order));
	}
	for (size_t i = 0; i < n_new; i++)
		m->order[m->n_shown++] = fresh[i];
	return true;
}

/* What changed is taken out and put in where it belongs: the rest keeps its order. */
static void
merge(struct model *m)
{
	size_t n_new;
	uint32_t *fresh = sorted(m, m->changed, m->n_changed, &n_new);
	uint32_t *order;
	size_t n = 0;
	size_t k = 0;

	if (append(m, fresh, n_new)) {
		free(fresh);
		return;
	}
	m->cap_order = m->n_shown + n_new + 1;
	order = xcalloc(m->cap_order, sizeof(*order));
	for (size_t i = 0; i < m->n_shown; i++) {
		const struct entry *e = entry_at(m, m->order[i]);

		if (e->is_changed)
			continue;
		while (k < n_new && compare_entries(m, entry_at(m, fresh[k]), e) < 0)
			order[n++] = fresh[k++];
		order[n++] = m->order[i];
	}
	while (k < n_new)
		order[n++] = fresh[k++];
	free(fresh);
	free(m->order);
	m->order = order;
	m->n_shown = n;
}

static const char *
group_title(struct model *m, const struct entry *e)
{
	char day[32];
	struct tm tm;
	time_t t = (time_t)e->last_seen;

	switch (m->group) {
	case GROUP_DOMAIN:
		return texts_at(&m->texts, e->domain);
	case GROUP_CODE:
		return texts_at(&m->texts, e->status);
	case GROUP_CAUSE:
		return e->cause == CAUSE_UNKNOWN ? "" : cause_title(e);
	case GROUP_ORIGINAL:
		return texts_at(&m->texts, e->subject);
	case GROUP_ACCOUNT:
		return m->accounts[e->account];
	default:
		localtime_r(&t, &tm);
		strftime(day, sizeof(day), "%Y-%m-%d", &tm);
		return texts_at(&m->texts, texts_put(&m->texts, day));
	}
}

static bool
is_folded(const struct model *m, const char *title)
{
	for (size_t i = 0; i < m->n_folded; i++) {
		if (strcmp(m->folded[i], title) == 0)
			return true;
	}
	return false;
}

struct member {
	const char *title;
	uint32_t entry;
	uint32_t at; /* in the order before */
	uint32_t n;  /* of its group */
};

static int
compare_titles(const void *pa, const void *pb)
{
	const struct member *a = pa;
	const struct member *b = pb;
	int n = strcasecmp(a->title, b->title);

	return n != 0 ? n : compare_numbers(a->at, b->at);
}

static int
compare_groups(const void *pa, const void *pb)
{
	const struct member *a = pa;
	const struct member *b = pb;
	int n = compare_numbers(b->n, a->n);

	if (n == 0)
		n = strcasecmp(a->title, b->title);
	return n != 0 ? n : compare_numbers(a->at, b->at);
}

static int
compare_days(const void *pa, const void *pb)
{
	const struct member *a = pa;
	const struct member *b = pb;
	int n = strcmp(b->title, a->title);

	return n != 0 ? n : compare_numbers(a->at, b->at);
}

static void
add_line(struct model *m, struct made_line line)
{
	m->lines[m->n_lines++] = line;
}

static void
group_lines(struct model *m)
{
	struct member *all = xcalloc(m->n_shown + 1, sizeof(*all));
	size_t end;

	for (size_t i = 0; i < m->n_shown; i++)
		all[i] = (struct member){
		    group_title(m, entry_at(m, m->order[i])), m->order[i], (uint32_t)i, 0};
	qsort(all, m->n_shown, sizeof(*all), compare_titles);
	for (size_t i = 0; i < m->n_shown; i = end) {
		for (end = i; end < m->n_shown && strcasecmp(all[end].title, all[i].title) == 0;
		     end++)
			;
		for (size_t k = i; k < end; k++)
			all[k].n = (uint32_t)(end - i);
	}
	qsort(all, m->n_shown, sizeof(*all), m->group == GROUP_DAY ? compare_days : compare_groups);
	for (size_t i = 0; i < m->n_shown; i++)
		m->order[i] = all[i].entry;
	for (size_t i = 0; i < m->n_shown; i += all[i].n) {
		bool folded = is_folded(m, all[i].title);

		add_line(m,
		    (struct made_line){m->order[i], all[i].n, (uint32_t)i, folded, all[i].title});
		for (size_t k = i; !folded && k < i + all[i].n; k++)
			add_line(m, (struct made_line){.entry = m->order[k], .title = ""});
	}
	free(all);
}

static void
forget_changes(struct model *m)
{
	for (size_t i = 0; i < m->n_changed; i++)
		entry_at(m, m->changed[i])->is_changed = false;
	m->n_changed = 0;
}

void
model_work(struct model *m)
{
	if (!m->is_dirty && m->n_changed == 0 && !m->needs_lines)
		return;
	/* Groups keep an order of their own, which nothing can be merged into. */
	if (m->is_dirty || (m->n_changed > 0 && m->group != GROUP_NONE)) {
		for (size_t i = 0; i < m->n; i++)
			entry_at(m, i)->is_changed = false;
		m->n_changed = 0;
		free(m->order);
		m->order = sorted(m, NULL, m->n, &m->n_shown);
		m->cap_order = m->n_shown;
	} else if (m->n_changed > 0) {
		merge(m);
		forget_changes(m);
	}
	m->n_ordered = m->n;
	m->is_dirty = m->needs_lines = false;
	free(m->lines);
	m->lines = NULL;
	m->n_lines = 0;
	if (m->group == GROUP_NONE)
		return;
	m->lines = xcalloc(m->n_shown * 2 + 1, sizeof(*m->lines));
	group_lines(m);
}

struct made_line
model_made_line(const struct model *m, size_t pos)
{
	if (m->group != GROUP_NONE)
		return m->lines[pos];
	return (struct made_line){.entry = m->order[pos], .title = ""};
}

void
model_fold(struct model *m, size_t pos)
{
	const char *title;

	model_work(m);
	if (pos >= m->n_lines || m->lines[pos].n_cases == 0)
		return;
	title = m->lines[pos].title;
	for (size_t i = 0; i < m->n_folded; i++) {
		if (strcmp(m->folded[i], title) != 0)
			continue;
		free(m->folded[i]);
		m->folded[i] = m->folded[--m->n_folded];
		m->needs_lines = true;
		return;
	}
	m->folded = xrealloc(m->folded, m->n_folded + 1, sizeof(*m->folded));
	m->folded[m->n_folded++] = xstrdup(title);
	m->needs_lines = true;
}

/* The cases of a line: one, or all of a group. */
static const uint32_t *
cases_of(struct model *m, size_t pos, size_t *n_r)
{
	*n_r = 0;
	if (pos >= model_lines(m))
		return NULL;
	*n_r = 1;
	if (m->group == GROUP_NONE)
		return &m->order[pos];
	if (m->lines[pos].n_cases == 0)
		return &m->lines[pos].entry;
	*n_r = m->lines[pos].n_cases;
	return &m->order[m->lines[pos].first];
}

/* All of them, unless all are: then none. */
static void
turn_tags(struct model *m, const uint32_t *cases, size_t n)
{
	bool all = true;

	for (size_t i = 0; i < n; i++)
		all = all && entry_at(m, cases[i])->is_tagged;
	for (size_t i = 0; i < n; i++) {
		struct entry *e = entry_at(m, cases[i]);

		m->tallies[e->account].n_tagged += (size_t)!all - e->is_tagged;
		e->is_tagged = !all;
	}
}

void
model_tag(struct model *m, size_t pos)
{
	size_t n;
	const uint32_t *cases = cases_of(m, pos, &n);

	turn_tags(m, cases, n);
}

void
model_tag_all(struct model *m)
{
	model_work(m);
	turn_tags(m, m->order, m->n_shown);
}

void
model_untag(struct model *m)
{
	for (size_t i = 0; i < m->n; i++) {
		struct entry *e = entry_at(m, i);

		if (!e->is_tagged || !entry_is_in(m, e))
			continue;
		e->is_tagged = false;
		m->tallies[e->account].n_tagged--;
	}
}

void
model_tag_these(struct model *m, const struct case_key *keys, size_t n)
{
	for (size_t i = 0; i < m->n; i++)
		entry_at(m, i)->is_tagged = false;
	for (size_t i = 0; i < m->n_accounts; i++)
		m->tallies[i].n_tagged = 0;
	for (size_t i = 0; i < n; i++) {
		struct entry *e = model_entry(m, &keys[i]);

		if (e == NULL || e->is_tagged)
			continue;
		e->is_tagged = true;
		m->tallies[e->account].n_tagged++;
	}
}

bool
model_is_tagged(const struct model *m, const struct case_key *key)
{
	const struct entry *e = model_entry(m, key);

	return e != NULL && e->is_tagged;
}

size_t
model_n_tagged(const struct model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_accounts; i++) {
		if (m->account == MODEL_ALL || m->account == i)
			n += m->tallies[i].n_tagged;
	}
	return n;
}

static struct case_key *
tagged(const struct model *m, bool all, size_t *n_r)
{
	struct case_key *keys = NULL;
	size_t cap = 0;

	*n_r = 0;
	for (size_t i = 0; i < m->n; i++) {
		const struct entry *e = entry_at(m, i);

		if (!e->is_tagged || (!all && !entry_is_in(m, e)))
			continue;
		if (*n_r == cap) {
			cap = cap == 0 ? 64 : cap * 2;
			keys = xrealloc(keys, cap, sizeof(*keys));
		}
		keys[(*n_r)++] = entry_key(e);
	}
	return keys;
}

struct case_key *
model_tagged(const struct model *m, size_t *n_r)
{
	return tagged(m, false, n_r);
}

struct case_key *
model_all_tagged(const struct model *m, size_t *n_r)
{
	return tagged(m, true, n_r);
}

struct case_key *
model_of_line(struct model *m, size_t pos, size_t *n_r)
{
	const uint32_t *cases = cases_of(m, pos, n_r);
	struct case_key *keys = xcalloc(*n_r + 1, sizeof(*keys));

	for (size_t i = 0; i < *n_r; i++)
		keys[i] = entry_key(entry_at(m, cases[i]));
	return keys;
}
