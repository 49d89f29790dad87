/* Notes: drafted from templates and facts, ended by sending, keeping or dropping. Private. */
#ifndef WORK_NOTES_H
#define WORK_NOTES_H

#include "work/note_facts.h"
#include "work/work.h"

/* To whom: the contacts file, the address that was used before, or the obvious one. */
struct slice note_address(
    struct worker *w, struct arena *a, const struct row *row, enum note_to to);
/* Remembered when one was sent: for "one note a domain, cause and day". */
const char *note_key(
    struct arena *a, const struct worker *w, const struct row *row, enum note_to to);
/* Unix time of the last one, 0 if none in the last day. */
int64_t note_sent_lately(struct worker *w, struct arena *a, const struct row *row, enum note_to to);
/* The machine-readable part of the report, "" if there is none or it cannot be read. */
struct slice note_report(struct worker *w, struct arena *a, const case_id *id);

#endif
