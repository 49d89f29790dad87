/* What servers say that cannot now, and can later: too many sessions, too much asked
 * for, an account that is locked for a moment. Pure. */
#ifndef NET_BUSY_H
#define NET_BUSY_H

#include <stdbool.h>

#include "base/slice.h"

/* `at_login`: there it also is said in words that mean something else elsewhere. */
bool busy_is(struct slice words, bool at_login);
/* "Suggested Backoff Time: 92415 milliseconds" as seconds, an hour at most; 0 = none is
 * suggested. */
unsigned busy_wait_s(struct slice words);

#endif
