#include "work/pending.h"

#include <stdlib.h>
#include <string.h>

void
pending_put_back(struct pending *p, size_t i, struct letter *l)
{
	if (i > p->n) /* others were taken meanwhile */
		i = p->n;
	if (p->n == p->cap) {
		p->cap = p->cap == 0 ? 16 : 2 * p->cap;
		p->letters = xrealloc(p->letters, p->cap, sizeof(struct letter *));
	}
	memmove(&p->letters[i + 1], &p->letters[i], (p->n - i) * sizeof(struct letter *));
	p->letters[i] = l;
	p->n++;
}

void
pending_add(struct pending *p, struct letter *l)
{
	pending_put_back(p, p->n, l);
}

struct letter *
pending_take(struct pending *p, size_t i)
{
	struct letter *l = p->letters[i];

	p->n--;
	memmove(&p->letters[i], &p->letters[i + 1], (p->n - i) * sizeof(struct letter *));
	return l;
}

bool
pending_drop(struct pending *p, uint32_t request)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->letters[i]->request == request) {
			letter_free(pending_take(p, i));
			return true;
		}
	}
	return false;
}

void
pending_free(struct pending *p)
{
	while (p->n > 0)
		letter_free(pending_take(p, p->n - 1));
	free(p->letters);
	*p = (struct pending){NULL, 0, 0};
}
