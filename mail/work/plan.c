#include "work/plan.h"

#include <stdlib.h>

#include "base/buf.h"

#define SLICE_MIN 20
#define SLICE_SHORT_MS 250
#define SLICE_LONG_MS 800

void
plan_make(struct sync_plan *p, const uint32_t *known, size_t n_known, const uint32_t *there,
    size_t n_there)
{
	size_t k = n_known, t = n_there;

	p->fresh = xcalloc(n_there + 1, sizeof(*p->fresh));
	p->gone = xcalloc(n_known + 1, sizeof(*p->gone));
	p->n_fresh = p->n_gone = 0;
	while (k > 0 || t > 0) {
		if (k == 0 || (t > 0 && there[t - 1] > known[k - 1]))
			p->fresh[p->n_fresh++] = there[--t];
		else if (t == 0 || known[k - 1] > there[t - 1])
			p->gone[p->n_gone++] = known[--k];
		else
			k--, t--;
	}
	for (size_t i = 0; i < p->n_gone / 2; i++) {
		uint32_t uid = p->gone[i];

		p->gone[i] = p->gone[p->n_gone - 1 - i];
		p->gone[p->n_gone - 1 - i] = uid;
	}
}

void
plan_free(struct sync_plan *p)
{
	free(p->fresh);
	free(p->gone);
	*p = (struct sync_plan){NULL, 0, NULL, 0};
}

/* Index of the first that is not under `uid`. */
static size_t
first_from(const uint32_t *uids, size_t n, uint32_t uid)
{
	size_t low = 0;

	while (low < n) {
		size_t middle = low + (n - low) / 2;

		if (uids[middle] < uid)
			low = middle + 1;
		else
			n = middle;
	}
	return low;
}

size_t
plan_gone(const struct imap_ranges *ranges, uint32_t *known, size_t *n_known, uint32_t *gone)
{
	/* Where ranges begin and end: however many lie over each other, one walk is enough. */
	int64_t *edges = xcalloc(*n_known + 1, sizeof(*edges));
	size_t kept = 0, n_gone = 0;
	int64_t depth = 0;

	for (size_t i = 0; i < ranges->n; i++) {
		const struct imap_range *r = &ranges->ranges[i];

		edges[first_from(known, *n_known, r->first)]++;
		edges[r->last == UINT32_MAX ? *n_known
					    : first_from(known, *n_known, r->last + 1)]--;
	}
	for (size_t i = 0; i < *n_known; i++) {
		depth += edges[i];
		if (depth > 0)
			gone[n_gone++] = known[i];
		else
			known[kept++] = known[i];
	}
	*n_known = kept;
	free(edges);
	return n_gone;
}

size_t
plan_ranges(const uint32_t *uids, size_t n, struct imap_range *ranges)
{
	size_t n_ranges = 0;

	for (size_t i = 0; i < n; i++) {
		struct imap_range *r = n_ranges > 0 ? &ranges[n_ranges - 1] : NULL;

		if (r != NULL && r->first > 1 && uids[i] == r->first - 1)
			r->first = uids[i];
		else if (r != NULL && r->last < UINT32_MAX && uids[i] == r->last + 1)
			r->last = uids[i];
		else
			ranges[n_ranges++] = (struct imap_range){uids[i], uids[i]};
	}
	return n_ranges;
}

size_t
plan_slice(size_t last, int64_t took_ms)
{
	if (took_ms < SLICE_SHORT_MS)
		last *= 2;
	else if (took_ms > SLICE_LONG_MS)
		last /= 2;
	if (last < SLICE_MIN)
		return SLICE_MIN;
	return last > PLAN_BATCH ? PLAN_BATCH : last;
}
