/* What could not be sent for lack of a connection is tried again: when, how long, and
 * what of that stands in the words of its item. Pure. */
#ifndef WORK_AGAIN_H
#define WORK_AGAIN_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

#define AGAIN_SPAN_S 86400 /* then a person looks at it */

/* Is it the line or the server, and not the message? */
bool again_may_help(enum err_code code);
/* Of the words of an item that is due: the marks for its sender … */
struct slice again_marks(struct slice words);
/* … since when it is tried in vain, 0 = it was not tried yet … */
int64_t again_since(struct slice words);
/* … and all of it, with why it waits. */
const char *again_words(struct arena *a, struct slice marks, int64_t since, const char *why);
/* Seconds until the next try. `asked`: the server suggested it, 0 = it did not. */
int64_t again_wait(int64_t tried_for, unsigned asked);

#endif
