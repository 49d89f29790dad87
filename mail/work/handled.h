/* What was done with a case, worked out from the items of the journal. Pure. */
#ifndef WORK_HANDLED_H
#define WORK_HANDLED_H

#include "store/cache.h"
#include "store/journal.h"

#define HANDLED_TRAIL_BYTES 64
#define HANDLED_WORDS_BYTES 256
#define HANDLED_NAME_BYTES 64

struct handled {
	enum handling handling;
	enum handling before_ignore; /* what the end of an ignore goes back to … */
	int64_t before_ignore_at;    /* … and since when */
	int64_t handled_at;
	int64_t due_at;
	int64_t ignored_until; /* 0 = no end, or CASE_UNTIL_NEXT_BOUNCE */
	int64_t ignored_known; /* the date of the newest report, when it was ignored */
	int64_t due_item;      /* id of the item that waits, 0 if none */
	bool is_due_note;      /* it is a note, no resend */
	bool is_being_sent;    /* just now: its outcome is awaited */
	int64_t doubt_item;    /* id of the oldest doubt, 0 if none */
	bool is_doubt_note;    /* it is a note, no resend */
	int64_t sent_at;       /* of the last resend that went */
	char sent_as
	    [2][HANDLED_NAME_BYTES]; /* its names (case_sent_name), by which reports tell of it */
	uint32_t resends;            /* that went */
	uint32_t tries;              /* that went or may have, in the last five days */
	int64_t changed_at;          /* of the last change of any item */
	bool was_unignored;          /* by the last thing that was done */
	bool is_over;                /* handled_news: the ignore has come to its end */
	int64_t next_change;         /* when handled_news would say something else, 0 = never */
	int64_t last_resend;         /* id of the newest item that is one, 0 if none */
	int64_t last_item;           /* id of the newest */
	bool has_ignored;            /* it was ignored, or that was taken back, by this machine */
	bool is_ignored_here;        /* and did not take it back */
	size_t n_items;
	char words[HANDLED_WORDS_BYTES]; /* reason of the handling, UTF-8, not cleaned */
	char trail[HANDLED_TRAIL_BYTES]; /* "R@1764000000 N@…": a letter and a time each */
};

/* What a report that names the last resend says became of it. */
enum told_end { TOLD_NO_END, TOLD_FAILED, TOLD_DELIVERED };

#define HANDLED_TRY_SPAN_S (5 * 86400)
#define HANDLED_MAX_TRIES 3
/* Mail servers that tell of a failure do so by then (RFC 5321 4.5.4.1: four to five
 * days), and the report needs its own time. */
#define HANDLED_SILENCE_S (6 * 86400)

/* Items in the order of their ids. `h` begins zeroed. */
void handled_add(struct handled *h, const struct journal_item *item, int64_t now);
/* What follows from the reports and the clock: a later failure opens a resent or
 * noted case again, a later success or HANDLED_SILENCE_S without news ends it, and an ignore
 * ends at its time or with the next bounce. After all items. `end`: as a report tells
 * of the last resend, whatever the clocks say. */
void handled_news(struct handled *h, const struct row *row, enum told_end end, int64_t now);
/* Is the last resend that is known here younger than all that the reports tell? */
bool handled_is_last(const struct handled *h, const struct row *row, enum told_end end);
/* A keyword says that another machine resent it, and no failure came since; nobody
 * knows when. Until it was seen first, at the latest: what is quiet for so long since
 * then is done. `row` as it was shown before. */
void handled_elsewhere(struct handled *h, const struct row *row, int64_t now);
/* Is that the name of the last resend that went? */
bool handled_is_named(const struct handled *h, struct slice name);
/* An ignore that another machine took back: the server knows it. */
#define HANDLED_HEARSAY "taken back on another machine"
bool handled_is_hearsay(const struct handled *h);
void handled_to_cache(const struct handled *h, struct cache_handled *out);

/* Case ids, sorted. */
struct id_set {
	case_id *ids;
	size_t n, cap;
};
void id_set_add(struct id_set *s, const case_id *id);
bool id_set_has(const struct id_set *s, const case_id *id);
void id_set_free(struct id_set *s);
/* Sorts a run of ids and drops doubles; returns how many are left. */
size_t id_unique(case_id *ids, size_t n);

#endif
