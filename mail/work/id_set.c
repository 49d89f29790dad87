#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "work/handled.h"

static int
compare(const void *a, const void *b)
{
	return strcmp(((const case_id *)a)->text, ((const case_id *)b)->text);
}

/* Where id is, or would be. */
static size_t
place(const struct id_set *s, const case_id *id)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&s->ids[middle], id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
id_set_has(const struct id_set *s, const case_id *id)
{
	size_t at = place(s, id);

	return at < s->n && compare(&s->ids[at], id) == 0;
}

void
id_set_add(struct id_set *s, const case_id *id)
{
	size_t at = place(s, id);

	if (at < s->n && compare(&s->ids[at], id) == 0)
		return;
	if (s->n == s->cap) {
		s->cap = s->cap == 0 ? 64 : 2 * s->cap;
		s->ids = xrealloc(s->ids, s->cap, sizeof(*s->ids));
	}
	memmove(&s->ids[at + 1], &s->ids[at], (s->n - at) * sizeof(*s->ids));
	s->ids[at] = *id;
	s->n++;
}

void
id_set_free(struct id_set *s)
{
	free(s->ids);
	*s = (struct id_set){NULL, 0, 0};
}

size_t
id_unique(case_id *ids, size_t n)
{
	size_t kept = 0;

	if (n == 0)
		return 0;
	qsort(ids, n, sizeof(*ids), compare);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || compare(&ids[kept - 1], &ids[i]) != 0)
			ids[kept++] = ids[i];
	}
	return kept;
}
