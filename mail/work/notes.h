/* Notes: drafted from templates and facts, ended by sending, keeping or dropping. Private. */
#ifndef WORK_NOTES_H
#define WORK_NOTES_H

#include "work/handled.h"
#include "work/note_facts.h"
#include "work/work.h"

/* To whom: the contacts file, the address that was used before, or the obvious one. */
struct slice note_address(
    struct worker *w, struct arena *a, const struct row *row, enum note_to to);
/* Of the user's contacts file; "" if it has none. */
struct slice note_known_contact(
    struct arena *a, const struct account *account, struct slice domain);
/* Remembered when one was sent: for "one note a domain, cause and day". */
const char *note_key(
    struct arena *a, const struct worker *w, const struct row *row, enum note_to to);
#define NOTE_DAY_S 86400
/* Unix time of the last one, 0 if none in the last day. */
int64_t note_sent_lately(struct worker *w, struct arena *a, const struct row *row, enum note_to to);
/* The machine-readable part of the report, "" if there is none or it cannot be read;
 * *size_r (may be NULL): the bytes of the original, 0 if it did not come back whole. */
struct slice note_report(struct worker *w, struct arena *a, const case_id *id, uint64_t *size_r);
/* The same of what another machine wrote, as keywords tell: when it was heard of. */
int64_t note_sent_elsewhere(struct worker *w, const struct row *row, enum note_to to);
#define NOTE_ELSEWHERE "a note about this was written from another machine, at %s or before"
#define NOTE_CONFIRM "one a day is enough; confirm to send another"
/* Forgets that one was sent: it was taken back, or did not go. */
void note_forget(struct worker *w, const case_id *id, const char *to_words);
void note_forget_of(struct worker *w, const case_id *id, int64_t created_at);
/* Another address of the recipient that a note was sent to, or saved for, and when; "" if
 * none is known. */
struct slice note_other(struct worker *w, struct arena *a, const struct row *row, int64_t *at_r);
void note_remember_other(struct worker *w, const case_id *id, struct slice address);

/* What a note that is due has in its words. */
#define NOTE_TO_WORDS(to) ((to) == NOTE_POSTMASTER ? "postmaster" : "recipient")

/* note_send.c: a note that is due, once for all items of its Message-ID. `*out` is
 * NULL and why in *e if there is no way; closed and NULL when it is of no use any
 * longer. Its cases are added to `touched`. */
void note_send(struct worker *w, uint32_t request, int64_t item, const char *message_id,
    struct outgoing **out, const struct err *way_err, struct buf *touched);
/* Where a draft was saved. */
struct note_place {
	const char *file;   /* of a Maildir of ours, "" = on the server */
	const char *folder; /* of the server, as it names it */
	uint32_t uid;       /* 0 = not told */
	const char *message_id;
};
/* note_undo.c: so that the draft about the case can be taken back, later too. */
void note_remember_draft(struct worker *w, const case_id *id, enum note_to to,
    const struct note_place *p, struct slice bytes);
/* Refuses a second one of the same day about any of the cases, unless it is confirmed. */
int note_check_draft(struct worker *w, const struct letter *l, struct arena *a, struct err *e);
/* The note that waits for its time, else the draft that was saved.
 * l->flag: only say so. */
int note_take_back(struct worker *w, const struct letter *l, const struct row *row,
    const struct handled *h, struct arena *a, struct buf *touched, const char **words_r,
    struct err *e);
/* A doubt about a note, resolved by a person for all of its cases. */
int note_resolve(struct worker *w, const case_id *id, int64_t item, bool went, struct buf *touched,
    struct err *e);

#endif
