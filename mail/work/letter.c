#include "work/letters.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/conf.h"

struct letter *
letter_new(enum letter_type type, uint32_t request)
{
	struct letter *l = xcalloc(1, sizeof(*l));

	l->type = type;
	l->request = request;
	l->arena = arena_new();
	l->text = SLICE_EMPTY;
	l->title = "";
	return l;
}

void
letter_free(struct letter *l)
{
	if (l == NULL)
		return;
	/* A secret may be in it; it lies in our own arena, so it may be written to. */
	if (l->type == LETTER_ANSWER && l->arena != NULL && l->text.n > 0)
		secret_wipe((void *)(uintptr_t)l->text.p, l->text.n);
	arena_free(&l->arena);
	free(l);
}
