/* What a sync has to fetch and to forget. Pure. */
#ifndef WORK_PLAN_H
#define WORK_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "net/imap.h"

struct sync_plan {
	uint32_t *fresh; /* to fetch, newest first */
	size_t n_fresh;
	uint32_t *gone; /* to forget, ascending */
	size_t n_gone;
};

/* Both lists ascending. */
void plan_make(struct sync_plan *p, const uint32_t *known, size_t n_known, const uint32_t *there,
    size_t n_there);
void plan_free(struct sync_plan *p);

/* Runs of neighbours as ranges; `ranges` has room for n. UIDs in any one order. */
size_t plan_ranges(const uint32_t *uids, size_t n, struct imap_range *ranges);

/* Those of the known UIDs (ascending) that lie in the ranges move to `gone`, which has
 * room for all; gives their number. Ranges in any order, also of UIDs that nobody knows. */
size_t plan_gone(
    const struct imap_ranges *ranges, uint32_t *known, size_t *n_known, uint32_t *gone);

/* How many messages the next slice takes: about half a second's worth. */
size_t plan_slice(size_t last, int64_t took_ms);

#define PLAN_FIRST 40  /* a screenful */
#define PLAN_BATCH 500 /* what one FETCH takes at most */

#endif
