/* From bytes to cases: one message after the other goes into the cache. Private.
 *
 * The first are read at once, for the screen; then a thread reads (work/reader.h)
 * and what was handed in is in the cache only after intake_drain. */
#ifndef WORK_INTAKE_H
#define WORK_INTAKE_H

#include "work/reader.h"
#include "work/work.h"

/* The report stands in the first bytes; only long human parts push it further. */
#define INTAKE_PEEK (64u * 1024)
#define INTAKE_PERHAPS (8u * 1024)
#define INTAKE_WHOLE_MAX (1024u * 1024)

struct intake {
	struct worker *w;
	const struct cache_box *box;
	struct arena *arena; /* of one message */
	struct buf touched;  /* case ids */
	struct buf likely;   /* uint32_t: by their header they may be reports, to be read */
	struct buf perhaps;  /* the same, but hardly: the beginning is enough */
	size_t n_asked;      /* so many more may come to these two */
	struct buf longer;   /* struct cache_message: the report was cut, to be read whole */
	struct buf taken;    /* case ids: an ignored keyword went from one of their reports */
	struct buf marks;    /* what keywords say, until rows are worked out */
	uint64_t count;
	unsigned n_seen, n_ordinary; /* to be set to 0: of how many could that be told, and of
	                              * how many the header alone had been enough */
	struct reader *reader;       /* NULL: read here */
	struct bundle *bundle;       /* that is being filled */
	bool is_alone;               /* no thread can be had */
	bool has_failed;
	struct err err;
};

void intake_begin(struct intake *in, struct worker *w, const struct cache_box *box);
/* `is_partly`: bytes are the beginning only. */
bool intake_message(
    struct intake *in, const struct cache_message *m, struct slice bytes, bool is_partly);
/* Only its header, or a part of it: a message that is surely no report is remembered,
 * any other goes to `likely` or `perhaps`. */
bool intake_head(struct intake *in, const struct cache_message *m, struct slice header);
/* Before each commit. False after a failure. */
bool intake_drain(struct intake *in);
/* Flags and keywords of a known message. */
bool intake_flags(struct intake *in, const struct cache_message *m);
/* After the commit: what other machines did, as the keywords tell it. */
int intake_apply_keywords(struct intake *in, struct err *e);
void intake_end(struct intake *in);

#endif
