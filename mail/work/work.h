/* What the files of this room share. Private to it.
 *
 * One thread owns the worker; what others may touch stands under `lock`. Work
 * comes in slices: between two of them work_breathe hears letters. */
#ifndef WORK_WORK_H
#define WORK_WORK_H

#include <pthread.h>

#include "base/queue.h"
#include "msg/resend.h"
#include "net/imap.h"
#include "net/outgoing.h"
#include "store/cache.h"
#include "store/journal.h"
#include "work/handled.h"
#include "work/pace.h"
#include "work/worker.h"

#define WORK_STACK_BYTES (8 * 1024 * 1024) /* a server can make libetpan recurse */
#define WORK_MAX_MESSAGE (64u * 1024 * 1024)
#define WORK_MAX_WAITERS 16

/* What runs now; a job may run inside of another between its slices. */
struct job {
	uint32_t request;
	bool is_cancelled;
	struct job *below;
};

struct pending {
	struct letter **letters;
	size_t n, cap;
};

/* A request that ends with the next sync. */
struct waiter {
	uint32_t request;
	bool sends_due;
};

struct worker {
	struct worker_options o;
	struct arena *arena; /* as long as the worker */
	const char *mailbox; /* of the account, as the cache knows it */
	const char **own;    /* addresses and domains that are ours */
	size_t n_own;
	bool is_local; /* Maildir or mbox */
	pthread_t thread;
	struct queue *in;
	struct queue *out;

	pthread_mutex_t lock;
	pthread_cond_t ended;
	struct {
		bool has_ended;
		bool is_quitting;
		bool is_on_wire; /* a message is being sent: let it end */
		uint32_t request;
		struct desk *desk; /* once the store is open */
	} shared;
	struct cancel *cancel;      /* of reading */
	struct cancel *send_cancel; /* of the way out */

	struct job *job;
	struct pending pending;
	uint32_t quit_request;
	struct letter *answer;

	bool is_store_open;
	struct cache *cache;
	struct err cache_err;
	struct journal *journal;
	struct err journal_err; /* why there is none */
	struct id_set handled;  /* cases that the journal knows */
	struct id_set behind;   /* those whose newer reports want a mark (marks.c) */
	char own_claim[32];     /* of claim_name, once it was asked */
	struct buf changes;     /* of changes.c */
	int64_t next_change;    /* unix time of the first of them, 0 = none */

	struct connecting *connecting;
	struct imap *imap;
	struct imap_box box;     /* as of the last select */
	struct imap_delta delta; /* with is_box_fresh: what changed since the cache's state */
	char *selected;          /* mailbox, NULL if none */
	bool is_selected_rw;
	bool is_box_fresh;    /* selected a moment ago */
	bool is_one_by_one;   /* on the last connection what was sent early was lost */
	struct err lost;      /* why there is no session */
	int64_t next_try_ms;  /* monotonic */
	int64_t next_sync_ms; /* monotonic; 0 = when there is news */
	unsigned back_off_s;
	bool wants_online;
	bool wants_sync;
	bool is_held; /* stopped by the user or by a refused login */
	bool told_keywords;
	bool told_whole;
	bool marks_are_due;
	bool is_sending; /* the outbox runs */
	bool is_paused;  /* by a person: nothing goes out */
	struct pace pace;
	bool is_pace_known;  /* what went lately is in it */
	int64_t paced_until; /* when the first that the pace held back may go; 0 = none is */
	int64_t paced_at;    /* the outbox ran last, if it held something back */
	uint64_t n_paced;    /* that went since something is held back */
	char *secret_in;     /* asked for, remembered */
	char *secret_out;
	uint64_t max_size; /* that the way out said it takes, 0 = not known */
	struct waiter waiters[WORK_MAX_WAITERS];
	size_t n_waiters;
};

/* worker.c: jobs and letters */
void job_begin(struct worker *w, struct job *job, uint32_t request);
void job_end(struct worker *w, struct job *job);
bool work_is_quitting(struct worker *w);
/* Between two slices. False: stop, the running job is cancelled or all ends. */
bool work_breathe(struct worker *w);
/* The same, until that time and as long as sending is paused. */
bool work_pause(struct worker *w, int64_t until);
/* Asks the person and waits; malloc'ed or NULL. */
char *work_ask(struct worker *w, const char *what);

/* tell.c: letters out */
void tell(struct worker *w, struct letter *l);
void tell_done(struct worker *w, uint32_t request);
void tell_failed(struct worker *w, uint32_t request, const struct err *e);
void tell_status(struct worker *w, enum online online, const struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Of what was done, and not as it should be: also to who does not watch. */
void tell_flaw(struct worker *w, const struct err *e);
void tell_progress(struct worker *w, uint64_t number, uint64_t total, const char *of_what);
void tell_result(struct worker *w, uint32_t request, const case_id *id, const struct err *e,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* A result that says until when it waits. */
void tell_due(
    struct worker *w, uint32_t request, const case_id *id, int64_t at, const char *words_before);
/* … because of *e. */
void tell_later(
    struct worker *w, uint32_t request, const case_id *id, int64_t at, const struct err *e);
void tell_text(struct worker *w, uint32_t request, const char *title, struct slice text);
#define WHEN_BYTES 20
/* "2026-11-20 09:14", local; "" for 0. */
const char *when_words(char buf[WHEN_BYTES], int64_t unix_time);

/* serve.c: one letter. False if it must wait (for a session, or a long job). */
bool serve(struct worker *w, struct letter *l, bool is_nested);
/* Does it wait for a sync? Then it no longer does. */
bool waiter_drop(struct worker *w, uint32_t request);
bool waiter_add(struct worker *w, uint32_t request, bool sends_due);
void waiters_fail(struct worker *w, const struct err *e);
/* There is no session, and there will be none soon: what can wait in the journal goes
 * there, all else fails with *e. */
void serve_without_session(struct worker *w, const struct err *e);

/* store.c: opening, rows */
void store_open(struct worker *w);
/* The cache only, and only if it exists: a server that offers it tells what changed since. */
void store_open_known(struct worker *w);
void store_close(struct worker *w);
void rows_all(struct worker *w, uint32_t request);
/* `touched` holds case ids, twice allowed; rows that are no more become GONE. */
void rows_touched(struct worker *w, uint32_t request, struct buf *touched);
struct row row_copy(struct arena *a, const struct row *row);
/* What the journal knows of a case, now; copied into the cache. */
int handled_refresh(struct worker *w, const case_id *id, struct err *e);
int handled_of_case(struct worker *w, const case_id *id, struct handled *h, struct err *e);
/* So that the reports of a resend join its case. */
int handled_alias(struct worker *w, const struct journal_item *item, struct err *e);

/* changes.c: what only the clock changes */
void changes_add(struct worker *w, const case_id *id, int64_t at); /* 0 = never */
void changes_quiet(struct worker *w); /* resent elsewhere, and no failure since */
void changes_run(struct worker *w);

/* desk.c: answers LETTER_DETAIL from the cache while the worker works */
struct desk;
struct desk *desk_new(const char *cache_path, const struct account *account, struct queue *out);
bool desk_send(struct desk *d, struct letter *l);
void desk_free(struct desk **d);
/* detail.c */
int detail_fill(struct cache *c, const struct account *account, const case_id *id, struct arena *a,
    struct detail *d, struct err *e);
void detail_serve(
    struct cache *c, const struct account *account, struct queue *out, struct letter *l);
const char *verdict_words(struct arena *a, const struct cache_outage *o, const char *domain);

/* online.c: the session */
struct connecting;
void online_want(struct worker *w); /* now, even if it failed a moment ago */
/* The same, and at once, unless a person must be asked for the password. */
void online_begin(struct worker *w);
/* Begins, ends or awaits connecting; never blocks. */
void online_step(struct worker *w);
int online_fd(const struct worker *w); /* readable when connecting ended; -1 */
/* After a failed call: closes the session if it died, and says so. */
void online_failed(struct worker *w, const struct err *e);
void online_close(struct worker *w);
/* Others cannot see what is done here: the mailbox takes no keywords. And why. */
bool online_is_alone(const struct worker *w);
const char *online_alone_words(const struct worker *w);
struct net_options online_options(const struct worker *w, struct cancel *cancel);
/* Selects unless it is selected so already. */
int online_select(struct worker *w, const char *mailbox, bool read_only, struct err *e);
/* What is selected now; NULL = nothing. */
void online_selected(struct worker *w, const char *mailbox, bool read_only);
/* The mailbox was selected anew, and not to read what is new. */
void online_note_box(struct worker *w, const struct imap_box *box);
/* connecting.c: connects in a thread of its own; takes what the cache knows */
struct connecting *connecting_new(const struct account *account, const char *secret,
    const struct net_options *o, bool read_only, bool one_by_one, struct imap_known *known);
int connecting_fd(const struct connecting *d);
bool connecting_is_done(const struct connecting *d);
int connecting_take(struct connecting **d, struct imap **s_r, struct imap_box *box_r,
    struct imap_delta *delta_r, struct err *e);

/* sync.c, sync_imap.c, sync_local.c */
void sync_run(struct worker *w);
int sync_imap(struct worker *w, struct err *e);
/* The mailbox as the cache has it; uids is malloc'ed. modseq 0: nothing is known. */
void sync_known(struct worker *w, struct imap_known *known);
int sync_local(struct worker *w, struct err *e);
struct box_message;
uint32_t local_uid(const struct worker *w, const struct box_message *m);

/* raw.c, original.c */
int raw_of_case(struct worker *w, const case_id *id, struct buf *out, struct err *e);
/* Without the `first` newest of its reports. ERR_NOT_FOUND if there are no more. */
int raw_of_case_from(
    struct worker *w, const case_id *id, size_t first, struct buf *out, struct err *e);
struct found {
	struct slice bytes;          /* the whole original, in the arena */
	bool is_returned;            /* the report brought it: nothing else proves it */
	bool is_guess;               /* not by its Message-ID: a person has to confirm it */
	const char *where;           /* where it was found, and how it was proved */
	struct slice report;         /* the raw report */
	struct report facts;         /* of the raw report */
	struct recipient *recipient; /* of the case, in facts; never NULL */
};
int original_find(
    struct worker *w, const case_id *id, struct arena *a, struct found *f, struct err *e);

/* marks.c: puts on the server what the journal knows since the last time */
void keywords_mark(struct worker *w);

/* resend.c, outbox.c */
#define RESEND_NOT_NAMED                                                                 \
	"the original does not name this address in To or Cc: it was a Bcc or a list's " \
	"member, or the report is forged"
#define RESEND_GUESSED                                                                    \
	"the original was found by subject, date and recipient only: look whether it is " \
	"the one"
#define RESEND_CONFIRMED "confirmed" /* words of an item that was asked about, alone … */
#define RESEND_AGAIN RESEND_CONFIRMED " again" /* … when it was shown to be resent already */
#define RESEND_IGNORED "ignored"               /* behind them: it was ignored, and that was known */
#define RESEND_TYPED "typed" /* behind them: by the word, as a mail server still tries, say */
/* The words of an item: "" unless somebody saw its preview, and said yes to that. */
const char *resend_mark(struct arena *a, bool is_confirmed, struct seen seen, bool is_typed);
/* A new Message-ID, as of a note or Resent-Message-ID; `prefix` says of which (case.h). */
const char *resend_make_id(
    struct arena *a, const struct worker *w, const char *prefix, const case_id *id);
const char *resend_make_envelope_id(struct arena *a, const case_id *id);
/* Now, but not before the reports that it answers: whatever the clocks say, only a
 * later report opens the case again. */
int64_t resend_created_at(const struct row *row);
struct slice resend_recipient(const struct detail *d);
/* Is the address, or its domain, named as a list in the configuration? */
bool resend_is_list(struct arena *a, const struct account *account, struct slice address);
/* There is no connection: nothing can be looked at before it goes. */
bool resend_is_blind(const struct worker *w);
void resend_preview(struct worker *w, struct letter *l); /* resend_preview.c */
void resend_request(struct worker *w, struct letter *l);
/* *seen_r: what it took into account. */
struct guard_verdict;
struct guard_verdict resend_guard(struct worker *w, struct arena *a, const case_id *id,
    struct detail *d, struct seen *seen_r, struct err *e);
/* Is the i-th case as it was in the preview that was answered? Words in *e if not. */
int resend_check_seen(const struct letter *l, size_t i, struct seen now, struct err *e);
int resend_make(struct worker *w, const case_id *id, struct slice recipient, const char *resent_id,
    struct arena *a, struct found *f, struct resend_message *m, struct err *e);
/* put_off.c: after a sync, before what is due goes */
void put_off_due(struct worker *w);
/* Sends what is due; results go to `request`. */
void outbox_run(struct worker *w, uint32_t request);
/* Only these items of the journal. */
void outbox_run_items(struct worker *w, uint32_t request, const int64_t *items, size_t n);
int64_t outbox_next(struct worker *w); /* unix time, 0 = nothing waits */
int outbox_open(struct worker *w, struct outgoing **o_r, struct err *e);
/* These are being sent: their rows say so. */
void outbox_shows(struct worker *w, const case_id *cases, size_t n);
/* Once to the wire, with the lock against a hasty end. */
enum outgoing_outcome outbox_send(struct worker *w, struct outgoing *o,
    const struct outgoing_mail *m, struct outgoing_result *results, char *reply, struct err *e);

/* act.c: ignore, undo, stop */
bool act_may(struct worker *w, const struct letter *l); /* else it was told why not */
void act_finish(struct worker *w, const struct letter *l, struct buf *touched);
void act_ignore(struct worker *w, struct letter *l);
void act_undo(struct worker *w, struct letter *l);
void act_stop(struct worker *w, struct letter *l);

/* note_end.c: once, after the server took it. `what` for the words: "the note" */
void sent_copy(struct worker *w, struct arena *a, struct slice bytes, const char *what);

/* notes.c */
void note_request(struct worker *w, struct letter *l);
void note_ended(struct worker *w, struct letter *l);

/* check.c */
void check_run(struct worker *w, struct letter *l);

#endif
