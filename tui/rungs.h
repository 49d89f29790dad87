/* Whom to write to about a domain, as text and as JSON. */
#ifndef TUI_RUNGS_H
#define TUI_RUNGS_H

#include "base/json.h"
#include "work/letters.h"

/* A line each, with what speaks for and against it below. */
void rungs_text(struct buf *out, const struct rung *rungs, size_t n);
/* A list "contacts". */
void rungs_json(struct json *j, const struct letter *l);

/* Copies that live as long as the arena. */
struct rung *rungs_copy(struct arena *a, const struct rung *rungs, size_t n);

#endif
