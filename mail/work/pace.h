/* How fast mail goes out: so many a minute, and so many of them to one domain. Pure.
 *
 * Receivers take a burst of resends for an attack (Gmail 421 4.7.28), so a bulk is
 * spread out. What other processes sent before this one began counts, by the journal;
 * what they send meanwhile does not. */
#ifndef WORK_PACE_H
#define WORK_PACE_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define PACE_SPAN_S 60
#define PACE_DOMAIN_BYTES 64 /* longer ones count by their end */

struct pace_sent {
	int64_t at;
	char domain[PACE_DOMAIN_BYTES];
};

struct pace {
	struct pace_sent *list; /* of the last minute, in the order of sending */
	size_t n, cap;
};

void pace_add(struct pace *p, struct slice domain, int64_t at);
/* When the next message may go to that domain: now, or later. Both limits > 0. */
int64_t pace_next(
    struct pace *p, struct slice domain, int64_t now, unsigned per_minute, unsigned per_domain);
void pace_free(struct pace *p);

#endif
