/* Reads reports in a thread of its own, so that the worker goes on with the wire and
 * the cache meanwhile. Pure: bytes go in, facts come out, in the same order.
 *
 * Used by one thread. Bounded: READER_BUNDLES bundles of READER_BYTES each. */
#ifndef WORK_READER_H
#define WORK_READER_H

#include "bounce/report.h"
#include "store/cache.h"

#define READER_BUNDLES 4
#define READER_BYTES ((size_t)64 * 1024)
#define READER_MESSAGES 16

/* A message that is copied, then read. */
struct reading_job {
	struct cache_message m; /* copied; strings in the bundle's arena */
	size_t start, n;        /* of its bytes, in the bundle's */
	bool is_partly;
	struct report r;
};

struct bundle {
	struct arena *arena; /* of the reports */
	struct buf bytes;
	struct reading_job jobs[READER_MESSAGES];
	size_t n;
};

struct reader;

/* NULL if no thread can be had. */
struct reader *reader_new(void);
/* An empty one to be filled; NULL if all are under way. */
struct bundle *reader_empty(struct reader *rd);
/* Copies the message. False if the bundle is full. */
bool bundle_add(
    struct bundle *b, const struct cache_message *m, struct slice bytes, bool is_partly);
struct slice bundle_bytes(const struct bundle *b, const struct reading_job *job);
/* To be read. */
void reader_send(struct reader *rd, struct bundle *b);
/* The next that was read; NULL if none is ready, or with `wait` none is under way. */
struct bundle *reader_take(struct reader *rd, bool wait);
/* What was taken, or was empty, can be filled again. */
void reader_give_back(struct reader *rd, struct bundle *b);
void reader_free(struct reader **rd); /* what is under way is dropped */

#endif
