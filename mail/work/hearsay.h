/* What other machines ignore, where this one has done something with the case too, so
 * that its own journal is asked first. Private. */
#ifndef WORK_HEARSAY_H
#define WORK_HEARSAY_H

#include "work/work.h"

/* Open by the journal of this machine; but others may have ignored it since. */
void hearsay_ignored(struct worker *w, const struct row *row, struct handled *h);
/* The same of a note. */
void hearsay_noted(struct worker *w, const struct row *row, struct handled *h);
/* Ignored by this machine, which has told so, and none of its reports says it any more:
 * another one took it back. Into the journal. */
int hearsay_taken_back(struct worker *w, const case_id *id, struct err *e);

#endif
