/* The letters between the screen (or a headless command) and the worker.
 *
 * A letter owns all that it carries: free it with letter_free. Each request gets
 * exactly one last answer with the same `request` number: LETTER_DONE or
 * LETTER_FAILED (ERR_CANCELLED included); other letters may come before it. */
#ifndef WORK_LETTERS_H
#define WORK_LETTERS_H

#include "base/arena.h"
#include "base/err.h"
#include "bounce/explain.h"
#include "store/case.h"
#include "work/ladder.h"

enum letter_type {
	/* requests */
	LETTER_OPEN,     /* rows from the cache, then connect and sync; DONE after the first
	                    whole sync (at once when offline), FAILED if there was none;
	                    goes on watching in both cases */
	LETTER_SYNC,     /* now; `flag`: send what is due too, a LETTER_RESULT for each. What
	                    the pace holds back stays due: `at` of its result says until when */
	LETTER_DETAIL,   /* cases[0] */
	LETTER_LOOK,     /* `cases` as they are now: rows, or gone */
	LETTER_RAW,      /* the raw report of cases[0] */
	LETTER_ORIGINAL, /* the original of cases[0], searched where needed */
	LETTER_PREVIEW,  /* of a resend of `cases`; `at` = when (0 = now) */
	LETTER_RESEND,   /* `flag`: somebody saw the preview of this single case, or message.
	                    Journal it, due at `at` (0 = now + undo-seconds given in `number`).
	                    A LETTER_RESULT for each case says when it is due. With both 0
	                    it is sent before DONE and the result says what came of it;
	                    else, and where there is no connection while somebody watches,
	                    that comes later as a result with request 0 */
	LETTER_EDIT,     /* draft of the one original of `cases` as a new message:
	                    LETTER_NEW_MESSAGE, whose `cases` it is for. LETTER_PREVIEW and
	                    LETTER_RESEND with these and the edited `text` then speak of the
	                    new message, and RESEND journals it for all of them or for none */
	LETTER_UNDO,     /* take back: due resends, ignores of `cases`; with a `note_end` the
	                    note about cases[0] that is due, else the draft of one that was
	                    saved; `flag`: only say so */
	LETTER_IGNORE,   /* until `at` (0 = for good, or CASE_UNTIL_NEXT_BOUNCE), `text` = why;
	                    `flag`: only say what would be done */
	LETTER_RESOLVE,  /* doubts of `cases`, by `resolve`; `flag`: only say what would be done.
	                    RESOLVE_LOOK: LETTER_TEXT lines of what is known of each */
	LETTER_NOTE,     /* draft about cases; `note_to`; `title` = to another address, which
	                    is remembered when a note to it was sent or saved; may be NULL */
	LETTER_NOTE_END, /* `text` = edited draft, `note_end` = what to do, `cases` and `note_to`
	                    as LETTER_DRAFTED gave them; `confirmed`: although the domain had
	                    one today, or there is a draft (else ERR_REFUSED). It is sent in `number` seconds, and
	                    told of with request 0; with 0 before DONE */
	LETTER_CHECK,    /* check of configuration and connection: LETTER_TEXT lines; with
	                    cases[0] of the recipient's servers too, and of its doubt */
	LETTER_PAUSE,    /* `flag`: nothing is sent until one without it comes */
	LETTER_STOP,     /* takes back each resend that is due by now + `number` seconds and has
	                    not gone: a LETTER_RESULT for each */
	LETTER_CANCEL,   /* `number` = the request to cancel */
	LETTER_ANSWER,   /* to LETTER_ASK: `text`, or flag=false for "no" */
	LETTER_QUIT,

	/* answers and news */
	LETTER_ROWS,      /* rows that are new or changed */
	LETTER_GONE,      /* cases that are no more */
	LETTER_ONLY,      /* `cases`, in order: all that there are, others are no more */
	LETTER_STATUS,    /* of the connection: `online`, `text` = words, err if lost; `flag`:
	                     the mailbox was read whole, what comes now is new; `title`
	                     not NULL: no news of it, something is not as it should be */
	LETTER_PROGRESS,  /* `number` of `total`, `text` = of what */
	LETTER_DETAILED,  /* `detail`, `rungs` */
	LETTER_TEXT,      /* `text`: raw, not cleaned; `title` = what it is */
	LETTER_PREVIEWED, /* `preview` */
	LETTER_RESULT,  /* one of a bulk: cases[0], err.code ERR_NONE = went well, `text` = words */
	LETTER_DRAFTED, /* `text` = draft to edit, `title` = to whom, err.text = a warning or "",
	                   `rungs` = to whom else, of a note to administrators;
	                   `cases` = all that it speaks of, `flag` = it goes to the address
	                   that failed; before DONE */
	LETTER_NEW_MESSAGE, /* `text` = draft to edit, `title` = to whom, err.text as above */
	LETTER_ASK,         /* a secret is needed: `text` = what for; answer with LETTER_ANSWER */
	LETTER_DONE,
	LETTER_FAILED, /* err */
};

enum online { ONLINE_NO, ONLINE_CONNECTING, ONLINE_YES, ONLINE_LOCAL /* Maildir, mbox */ };

enum note_to { NOTE_RECIPIENT, NOTE_POSTMASTER };
enum note_end { NOTE_DISCARD, NOTE_SEND, NOTE_SAVE_DRAFT };

/* What a person says of a doubt. UNDO: as if nothing had been said, unless something newer
 * was done with the case. */
enum resolve { RESOLVE_LOOK, RESOLVE_WENT, RESOLVE_NOT, RESOLVE_UNDO };

/* Whether a resend may go, case by case. */
enum guard {
	GUARD_OK,
	GUARD_ASK,   /* a yes is enough; words say why */
	GUARD_TYPE,  /* the word "resend" must be typed: TRYING */
	GUARD_NEVER, /* not ours, refused, in doubt, already due */
};

struct preview_case {
	case_id id;
	const char *recipient;  /* the envelope's */
	enum handling handling; /* now: somebody may have been quicker than the asker */
	enum guard guard;
	const char *why;  /* "" when GUARD_OK */
	int64_t known;    /* newest resend of it in the journal */
	bool is_guess;    /* the original was not found by its Message-ID */
	bool is_alone;    /* a yes to many is none to this one */
	bool is_again;    /* it was, or may have been, sent again already: `why` says so */
	unsigned n_again; /* as of struct seen */
};

struct preview {
	struct preview_case *cases;
	size_t n_cases;
	size_t n_ok, n_ask, n_type, n_never;
	const char *envelope_from;
	const char *found;    /* where the original was found, and the proof */
	const char *outgoing; /* through what it goes */
	const char **added;   /* header lines */
	size_t n_added;
	const char **removed;
	size_t n_removed;
	uint64_t size;        /* bytes on the wire */
	struct slice bytes;   /* of a single case: exactly what is sent */
	uint64_t max_size;    /* that the way out takes, 0 = not known */
	const char *warnings; /* lines, "" if none */
	bool is_blind;        /* no connection: the message was not made, nor looked at */
	const char *edit;     /* why to edit it as new instead, "" if no reason is known */
};

/* What a preview said of a case: if that holds no more, somebody was quicker. */
struct seen {
	int64_t known;
	enum handling handling;
	bool is_again;
	unsigned n_again; /* how often it was sent again (struct sent_told) */
};

struct letter {
	enum letter_type type;
	uint32_t request;    /* chosen by the asker, > 0; 0 = news that nobody asked for */
	struct arena *arena; /* owns everything below; may be NULL */
	struct err err;

	case_id *cases;
	size_t n_cases;
	struct row *rows;
	size_t n_rows;
	struct detail *detail;
	struct preview *preview;
	struct rung *rungs;
	size_t n_rungs;
	struct slice text;
	const char *title;
	int64_t at;
	uint64_t number; /* LETTER_PREVIEW: of how many cases in all; 0 = of these */
	uint64_t total;
	bool flag;
	bool confirmed;    /* LETTER_RESEND: GUARD_ASK was answered with yes */
	bool is_waiting;   /* it was said that it waits for the connection */
	bool is_blind;     /* LETTER_RESEND: as its preview was */
	bool typed;        /* … GUARD_TYPE by the typed word */
	struct seen *seen; /* LETTER_RESEND: as the preview said it, one for each of cases, which
	                      is left out (ERR_REFUSED) if it is another now; NULL = no preview */
	enum online online;
	enum note_to note_to;
	enum note_end note_end;
	enum resolve resolve;
};

struct letter *letter_new(enum letter_type type, uint32_t request); /* with an arena */
void letter_free(struct letter *l); /* wipes text of LETTER_ANSWER */

#endif
