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

static int
compare(const void *pa, const void *pb, void *ctx)
{
	const struct model *m = ctx;
	const struct row *a = &m->rows[*(const uint32_t *)pa].row;
	const struct row *b = &m->rows[*(const uint32_t *)pb].row;
	int n = compare_by(m->sort, a, b);

	if (n != 0)
		return m->is_reverse ? -n : n;
	n = compare_numbers(b->last_seen, a->last_seen);
	return n != 0 ? n : strcmp(a->id.text, b->id.text);
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
		    group_title(m, &m->rows[m->order[i]].row), m->order[i], (uint32_t)i, 0};
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

void
model_work(struct model *m)
{
	int64_t now = clock_now();

	if (!m->is_dirty)
		return;
	m->is_dirty = false;
	free(m->order);
	m->order = xcalloc(m->n + 1, sizeof(*m->order));
	m->n_shown = 0;
	for (size_t i = 0; i < m->n; i++) {
		if (filter_match(m->filter, &m->rows[i].row, now))
			m->order[m->n_shown++] = (uint32_t)i;
	}
	qsort_r(m->order, m->n_shown, sizeof(*m->order), compare, m);
	free(m->lines);
	m->lines = xcalloc(m->n_shown * 2 + 1, sizeof(*m->lines));
	m->n_lines = 0;
	if (m->group != GROUP_NONE) {
		group_lines(m);
		return;
	}
	for (size_t i = 0; i < m->n_shown; i++)
		add_line(m, (struct made_line){.entry = m->order[i], .title = ""});
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
		m->is_dirty = true;
		return;
	}
	m->folded = xrealloc(m->folded, m->n_folded + 1, sizeof(*m->folded));
	m->folded[m->n_folded++] = xstrdup(title);
	m->is_dirty = true;
}

/* The cases of a line: one, or all of a group. */
static const uint32_t *
cases_of(struct model *m, size_t pos, size_t *n_r)
{
	model_work(m);
	*n_r = 0;
	if (pos >= m->n_lines)
		return NULL;
	if (m->lines[pos].n_cases > 0) {
		*n_r = m->lines[pos].n_cases;
		return &m->order[m->lines[pos].first];
	}
	*n_r = 1;
	return &m->lines[pos].entry;
}

void
model_tag(struct model *m, size_t pos)
{
	size_t n;
	const uint32_t *cases = cases_of(m, pos, &n);
	bool all = true;

	for (size_t i = 0; i < n; i++)
		all = all && m->rows[cases[i]].is_tagged;
	for (size_t i = 0; i < n; i++)
		m->rows[cases[i]].is_tagged = !all;
}

void
model_tag_all(struct model *m)
{
	bool all = true;

	model_work(m);
	for (size_t i = 0; i < m->n_shown; i++)
		all = all && m->rows[m->order[i]].is_tagged;
	for (size_t i = 0; i < m->n_shown; i++)
		m->rows[m->order[i]].is_tagged = !all;
}

void
model_untag(struct model *m)
{
	for (size_t i = 0; i < m->n; i++)
		m->rows[i].is_tagged = false;
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
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += m->rows[i].is_tagged;
	return n;
}

case_id *
model_tagged(const struct model *m, size_t *n_r)
{
	case_id *ids = xcalloc(model_n_tagged(m) + 1, sizeof(*ids));

	*n_r = 0;
	for (size_t i = 0; i < m->n; i++) {
		if (m->rows[i].is_tagged)
			ids[(*n_r)++] = m->rows[i].row.id;
	}
	return ids;
}

case_id *
model_of_line(struct model *m, size_t pos, size_t *n_r)
{
	const uint32_t *cases = cases_of(m, pos, n_r);
	case_id *ids = xcalloc(*n_r + 1, sizeof(*ids));

	for (size_t i = 0; i < *n_r; i++)
		ids[i] = m->rows[cases[i]].row.id;
	return ids;
}
