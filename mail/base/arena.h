/* Memory for things that are born together and die together.
 *
 * What an arena gave lives until arena_reset or arena_free. Everything is
 * aligned for any type and is not zeroed unless the name says so. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/slice.h"

struct arena;

struct arena *arena_new(void);
void *arena_alloc(struct arena *a, size_t size);
void *arena_calloc(struct arena *a, size_t n, size_t size);
char *arena_strdup(struct arena *a, const char *s);    /* NULL gives "" */
char *arena_slicedup(struct arena *a, struct slice s); /* NUL-terminated copy */
struct slice arena_copy(struct arena *a, struct slice s);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Forgets everything but keeps the first block, for the next message. */
void arena_reset(struct arena *a);
size_t arena_used(const struct arena *a); /* bytes handed out since the last reset */
void arena_free(struct arena **a);        /* NULL and *NULL are fine; clears *a */

#endif
