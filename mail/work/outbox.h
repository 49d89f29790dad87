/* What the files of the outbox share. Private. */
#ifndef WORK_OUTBOX_H
#define WORK_OUTBOX_H

#include "work/work.h"

struct due {
	int64_t id;
	case_id case_id;
	const char *recipient;
	const char *envelope_from;
	const char *envelope_id;
	const char *resent_id;
	const char *message_id;
	const char *words;
	int64_t since;     /* it is tried in vain since then, 0 = it was not tried yet */
	bool is_note;      /* with all items of its Message-ID */
	bool is_edited;    /* a message of its own, and no Resent-Message-ID */
	bool is_confirmed; /* by somebody who saw the preview of this one … */
	bool is_again;     /* … and knew that it was resent before */
	unsigned n_again;  /* … so often */
	bool is_ignored;   /* that was known */
	bool is_typed;     /* by the word: that a mail server still tries, say, is known */
};

struct outbox {
	struct worker *w;
	uint32_t request;
	struct arena *arena; /* of the list */
	struct due *list;
	size_t n, cap;
	const int64_t *only; /* NULL = all that is due */
	size_t n_only;
	struct outgoing *out;
	bool has_no_way; /* it could not be opened */
	struct err way_err;
	bool is_shut; /* nothing goes now: not tried for the rest of them */
	struct buf touched;
};

/* outbox_end.c: what becomes of an item, in the journal and on the screen */

/* Somebody waits for the result of this very message. */
bool outbox_is_awaited(const struct outbox *o);
/* Of what surely was not sent: is it tried again, rather than opened? */
bool outbox_waits(const struct outbox *o, const struct due *d, const struct err *e);
/* It was not begun: it is tried again, or the case is open, with words. */
void outbox_not_sent(struct outbox *o, const struct due *d, const struct err *why);
/* It was begun, and surely nothing was sent: the same two. */
void outbox_due_again(struct outbox *o, const struct due *d, const struct err *e);
void outbox_failed(struct outbox *o, const struct due *d, struct err *e);
/* What came of it. */
void outbox_record(struct outbox *o, const struct due *d, enum journal_state state,
    const char *words, const struct err *e);

#endif
