#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"

#define BLOCK_BYTES (32 * 1024)

struct block {
	struct block *next;
	size_t size;
	max_align_t data[];
};

struct arena {
	struct block *first; /* the newest; the one that was made first is last */
	size_t used;         /* in the newest block */
	size_t total;
};

static struct block *
block_new(size_t size, struct block *next)
{
	struct block *b = xmalloc(sizeof(*b) + size);

	b->next = next;
	b->size = size;
	return b;
}

struct arena *
arena_new(void)
{
	struct arena *a = xcalloc(1, sizeof(*a));

	a->first = block_new(BLOCK_BYTES, NULL);
	return a;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	void *p;

	if (size > SIZE_MAX / 2)
		abort();
	size = (size + align - 1) / align * align;
	a->total += size;
	if (size > a->first->size - a->used) {
		size_t want = size > BLOCK_BYTES ? size : BLOCK_BYTES;

		a->first = block_new(want, a->first);
		a->used = 0;
	}
	p = (char *)a->first->data + a->used;
	a->used += size;
	return p;
}

void *
arena_calloc(struct arena *a, size_t n, size_t size)
{
	void *p;

	if (size != 0 && n > SIZE_MAX / 2 / size)
		abort();
	p = arena_alloc(a, n * size);
	memset(p, 0, n * size);
	return p;
}

char *
arena_slicedup(struct arena *a, struct slice s)
{
	char *p = arena_alloc(a, s.n + 1);

	memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_slicedup(a, slice_of(s));
}

struct slice
arena_copy(struct arena *a, struct slice s)
{
	return (struct slice){arena_slicedup(a, s), s.n};
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	va_list again;
	char *p;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		n = 0;
	p = arena_alloc(a, (size_t)n + 1);
	p[0] = '\0';
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void
arena_reset(struct arena *a)
{
	while (a->first->next != NULL) {
		struct block *next = a->first->next;

		free(a->first);
		a->first = next;
	}
	a->used = 0;
	a->total = 0;
}

size_t
arena_used(const struct arena *a)
{
	return a->total;
}

void
arena_free(struct arena **a)
{
	if (a == NULL || *a == NULL)
		return;
	arena_reset(*a);
	free((*a)->first);
	free(*a);
	*a = NULL;
}
