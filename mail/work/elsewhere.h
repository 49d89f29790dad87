/* Whether a case was resent already, as far as its reports tell: their keywords, which
 * every machine sees, and which resend the newest of them is about.
 *
 * A keyword stands on a message, and says that something was resent after that report.
 * A newer report without one may tell of that resend, or of the first delivery, which a
 * mail server gave up later: only the names that our resends have (case_sent_name) show
 * which. Where none is told, nobody knows, and a person has to be asked. */
#ifndef WORK_ELSEWHERE_H
#define WORK_ELSEWHERE_H

#include "store/cache.h"
#include "work/handled.h"

enum sent_before {
	SENT_BEFORE_NOT,     /* or it failed, and the newest report names that resend */
	SENT_BEFORE_YES,     /* from any machine, after the newest report */
	SENT_BEFORE_PERHAPS, /* and the newest report need not be about that */
	SENT_BEFORE_SHARED,  /* one of several recipients of a report, perhaps this one */
};

/* What a report tells. */
struct told {
	struct slice name; /* of the resend that it is about, or empty (case_sent_name) */
	bool is_last;      /* it is the newest */
	bool is_final;     /* it tells of an end: of a failure or a delivery, not of a delay */
	bool is_sent;      /* its keyword says that all its cases were resent */
	bool is_part;      /* … that one in the part of this case was */
	bool is_shared;    /* it has another case in that part */
	bool is_perhaps;   /* … that what was resent before it may have arrived */
	bool has_others;   /* it has other cases */
	unsigned n_again;  /* so often was it sent again while an earlier one was out */
};

/* Begins zeroed; each report is added, in any order. Pure. */
struct elsewhere {
	char last[HANDLED_NAME_BYTES]; /* the resend that the newest report names, or "" */
	bool has_last, is_last_sent, is_last_shared, is_last_perhaps, is_last_final;
	struct buf marked; /* the names in older reports that have a keyword, each with its NUL */
	bool is_marked, is_shared;
	struct buf ends; /* the names of resends whose end is told, each with its NUL */
	unsigned n_ends, n_again;
};
void elsewhere_add(struct elsewhere *x, const struct told *told);
enum sent_before elsewhere_end(struct elsewhere *x); /* frees */

/* All that the cache knows. */
struct sent_told {
	enum sent_before before;
	bool is_named;     /* the newest report names a resend, and says what became of it */
	enum told_end end; /* of the last resend that `h` knows of */
	bool is_claimed;  /* somebody sends it, or began to; not the machine that claims by `own` */
	unsigned n_again; /* how often what was resent already was sent again (keyword_again) */
};
/* With NULL for `h` and "" for `own` the one or the other is not asked. */
int elsewhere_look(struct cache *c, const case_id *id, const struct handled *h, const char *own,
    struct sent_told *told_r, struct err *e);

#endif
