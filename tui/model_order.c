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

static int
compare_by(enum sort_by by, const struct row *a, const struct row *b)
{
	switch (by) {
	case SORT_RECIPIENT:
		return strcasecmp(a->recipient, b->recipient);
	case SORT_DOMAIN:
		return strcasecmp(a->domain, b->domain);
	case SORT_CODE:
		return strcmp(a->status, b->status);
	case SORT_CAUSE:
		return strcmp(cause_info(a->cause)->title, cause_info(b->cause)->title);
	case SORT_STATE:
		return compare_numbers(a->state, b->state);
	case SORT_HANDLING:
		return compare_numbers(a->handling, b->handling);
	case SORT_SUBJECT:
		return strcasecmp(a->subject, b->subject);
	case SORT_REPORTS:
		return compare_numbers(b->reports, a->reports);
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
sort_key(enum sort_by by, const struct row *row)
{
	switch (by) {
	case SORT_RECIPIENT:
		return letters_key(row->recipient);
	case SORT_DOMAIN:
		return letters_key(row->domain);
	case SORT_SUBJECT:
		return letters_key(row->subject);
	case SORT_AGE:
		return (UINT64_C(1) << (row->handling == HANDLING_DOUBT ? 61 : 62)) -
		    (uint64_t)row->last_seen;
	default:
		return 0;
	}
}

static int
compare_rows(const struct model *m, const struct row *a, const struct row *b)
{
	int n = compare_by(m->sort, a, b);

	if (n != 0)
		return m->is_reverse ? -n : n;
	n = compare_numbers(b->last_seen, a->last_seen);
	return n != 0 ? n : strcmp(a->id.text, b->id.text);
}

static int
compare(const void *pa, const void *pb, void *ctx)
{
	const struct model *m = ctx;
	const struct keyed *a = pa;
	const struct keyed *b = pb;

	if (a->key != b->key)
		return (a->key < b->key) != m->is_reverse ? -1 : 1;
	return compare_rows(m, &entry_at(m, a->entry)->row, &entry_at(m, b->entry)->row);
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
		const struct row *row = &entry_at(m, number)->row;

		if (filter_match(m->filter, row, now))
			keyed[kept++] = (struct keyed){sort_key(m->sort, row), number};
	}
	qsort_r(keyed, kept, sizeof(*keyed), compare, m);
	order = xcalloc(kept + 1, sizeof(*order));
	for (size_t i = 0; i < kept; i++)
		order[i] = keyed[i].entry;
	free(keyed);
	*n_r = kept;
	return order;
}

/* What changed is taken out and put in where it belongs: the rest keeps its order. */
static void
merge(struct model *m)
{
	size_t n_new;
	uint32_t *fresh = sorted(m, m->changed, m->n_changed, &n_new);
	uint32_t *order = xcalloc(m->n_shown + n_new + 1, sizeof(*order));
	size_t n = 0;
	size_t k = 0;

	for (size_t i = 0; i < m->n_shown; i++) {
		const struct entry *e = entry_at(m, m->order[i]);

		if (e->is_changed)
			continue;
		while (k < n_new && compare_rows(m, &entry_at(m, fresh[k])->row, &e->row) < 0)
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
group_title(struct model *m, const struct row *row)
{
	char day[32];
	struct tm tm;
	time_t t = (time_t)row->last_seen;

	switch (m->group) {
	case GROUP_DOMAIN:
		return row->domain;
	case GROUP_CODE:
		return row->status;
	case GROUP_CAUSE:
		return row->cause == CAUSE_UNKNOWN ? "" : cause_info(row->cause)->title;
	case GROUP_ORIGINAL:
		return row->subject;
	default:
		localtime_r(&t, &tm);
		strftime(day, sizeof(day), "%Y-%m-%d", &tm);
		return arena_strdup(m->pool, day);
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
		    group_title(m, &entry_at(m, m->order[i])->row), m->order[i], (uint32_t)i, 0};
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
	} else if (m->n_changed > 0) {
		merge(m);
		forget_changes(m);
	}
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

		m->n_tagged = m->n_tagged - e->is_tagged + !all;
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
	for (size_t i = 0; i < m->n; i++)
		entry_at(m, i)->is_tagged = false;
	m->n_tagged = 0;
}

bool
model_is_tagged(const struct model *m, const case_id *id)
{
	const struct entry *e = model_entry(m, id);

	return e != NULL && e->is_tagged;
}

size_t
model_n_tagged(const struct model *m)
{
	return m->n_tagged;
}

case_id *
model_tagged(const struct model *m, size_t *n_r)
{
	case_id *ids = xcalloc(model_n_tagged(m) + 1, sizeof(*ids));

	*n_r = 0;
	for (size_t i = 0; i < m->n; i++) {
		if (entry_at(m, i)->is_tagged)
			ids[(*n_r)++] = entry_at(m, i)->row.id;
	}
	return ids;
}

case_id *
model_of_line(struct model *m, size_t pos, size_t *n_r)
{
	const uint32_t *cases = cases_of(m, pos, n_r);
	case_id *ids = xcalloc(*n_r + 1, sizeof(*ids));

	for (size_t i = 0; i < *n_r; i++)
		ids[i] = entry_at(m, cases[i])->row.id;
	return ids;
}
