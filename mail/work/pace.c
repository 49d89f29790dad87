#include "work/pace.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static struct slice
end_of(struct slice domain)
{
	return domain.n < PACE_DOMAIN_BYTES ? domain
					    : slice_from(domain, domain.n - PACE_DOMAIN_BYTES + 1);
}

/* What is older than a minute says nothing any more; a clock that was set back
 * does not bar the way out for long. */
static void
forget_old(struct pace *p, int64_t now)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		if (p->list[i].at > now - PACE_SPAN_S && p->list[i].at <= now + PACE_SPAN_S)
			p->list[n++] = p->list[i];
	}
	p->n = n;
}

void
pace_add(struct pace *p, struct slice domain, int64_t at)
{
	struct slice end = end_of(domain);

	forget_old(p, at);
	if (p->n == p->cap) {
		p->cap = p->cap == 0 ? 64 : 2 * p->cap;
		p->list = xrealloc(p->list, p->cap, sizeof(*p->list));
	}
	p->list[p->n].at = at;
	memcpy(p->list[p->n].domain, end.p, end.n);
	p->list[p->n++].domain[end.n] = '\0';
}

/* When the n-th from the last of those that count is a minute old. */
static int64_t
free_at(const struct pace *p, const struct slice *domain, unsigned limit, int64_t now)
{
	unsigned n = 0;

	for (size_t i = p->n; i > 0; i--) {
		if (domain != NULL && !slice_iis(*domain, p->list[i - 1].domain))
			continue;
		if (++n == limit)
			return p->list[i - 1].at + PACE_SPAN_S;
	}
	return now;
}

int64_t
pace_next(
    struct pace *p, struct slice domain, int64_t now, unsigned per_minute, unsigned per_domain)
{
	struct slice end = end_of(domain);
	int64_t all, own;

	forget_old(p, now);
	all = free_at(p, NULL, per_minute, now);
	own = free_at(p, &end, per_domain, now);
	return all > own ? all : own;
}

void
pace_free(struct pace *p)
{
	free(p->list);
	*p = (struct pace){NULL, 0, 0};
}
