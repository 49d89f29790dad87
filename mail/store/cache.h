/* What was read from mailboxes, in SQLite. May be deleted at any time.
 *
 * One file for all accounts; used by one thread of one process through one
 * handle, by several processes at once through SQLite's locks. A file of another
 * version or a broken one is put aside (renamed) and made anew, and *e says so
 * while 0 is returned: nothing in it is not on the server too. */
#ifndef STORE_CACHE_H
#define STORE_CACHE_H

#include "base/err.h"
#include "store/case.h"

struct cache;

int cache_open(struct cache **c_r, const char *path, struct err *e);

/* Whether another handle, of any process, has changed the file since this was last asked;
 * the first time: false. */
bool cache_changed_elsewhere(struct cache *c);

/* A mailbox of an account. When uidvalidity differs from the stored one, all
 * that was known of it is forgotten and *fresh_r is set. Pass uidvalidity 0 to
 * look at what is stored without a connection. */
struct cache_box {
	int64_t id;
	uint32_t uidvalidity;
	uint32_t uidnext; /* as of the last sync */
	uint64_t modseq;
};
int cache_box(struct cache *c, const char *account, const char *mailbox, uint32_t uidvalidity,
    struct cache_box *box_r, bool *fresh_r, struct err *e);
int cache_box_synced(struct cache *c, const struct cache_box *box, struct err *e);

struct cache_message {
	uint32_t uid;
	uint32_t size;
	int64_t internal_date;
	bool seen;
	const char *const *keywords;
	size_t n_keywords;
	/* Of a Maildir or mbox: where it is; "" for IMAP. */
	const char *path;
};

/* Batches: all puts between begin and commit are one transaction. */
int cache_begin(struct cache *c, struct err *e);
int cache_commit(struct cache *c, struct err *e);

/* Stores the facts and joins them into cases. The order in which reports come does
 * not matter: a case follows their dates. Rows are worked out at the commit; a put
 * outside of a batch is one of its own. After a failure within a batch the commit
 * fails too and takes all of it back. Knowing a UID already is fine: the
 * facts are replaced. `own` as in case_lane. Ids of the touched cases are appended
 * to *touched (case_id each, may be NULL). KIND_OTHER is remembered by UID only. */
int cache_put(struct cache *c, const struct cache_box *box, const struct cache_message *m,
    const struct report *r, const char *const *own, size_t n_own, struct buf *touched,
    struct err *e);
int cache_flags(struct cache *c, const struct cache_box *box, const struct cache_message *m,
    struct buf *touched, struct err *e);
/* Does it have that keyword (lower case), as far as is known? */
int cache_message_has(struct cache *c, const struct cache_box *box, uint32_t uid,
    const char *keyword, bool *has_r, struct err *e);
/* We have put it there, or taken it away, a moment ago. */
int cache_keyword(struct cache *c, const char *account, const char *mailbox, const uint32_t *uids,
    size_t n, const char *keyword, bool add, struct err *e);
/* Messages that are gone from the server: reports leave the cases, and a case
 * whose last report went and that we never acted on goes too. */
int cache_remove(struct cache *c, const struct cache_box *box, const uint32_t *uids, size_t n,
    struct buf *touched, struct err *e);
/* UIDs that are stored, ascending; malloc'ed. */
int cache_uids(
    struct cache *c, const struct cache_box *box, uint32_t **uids_r, size_t *n_r, struct err *e);

/* From now on a case that several accounts have is the one of this account. */
int cache_use(struct cache *c, const char *account, struct err *e);
/* Of the last messages (100 at most), how many are no reports. */
int cache_mix(
    struct cache *c, const struct cache_box *box, unsigned *others_r, unsigned *n_r, struct err *e);

/* Rows, newest first; strings live during the call. Return false to stop. */
typedef bool (*cache_row_fn)(void *ctx, const struct row *row);
int cache_rows(struct cache *c, const char *account, cache_row_fn fn, void *ctx, struct err *e);
int cache_row(struct cache *c, const case_id *id, struct arena *a, struct row *row, struct err *e);
/* All but explanation and verdict (the caller derives them), and without what must
 * be fetched: original.header and original.raw are empty. ERR_NOT_FOUND. */
int cache_detail(
    struct cache *c, const case_id *id, struct arena *a, struct detail *d, struct err *e);
/* The reports of a case: where to fetch them, newest first; malloc'ed. */
struct cache_place {
	char mailbox[256];
	char path[1024];
	uint32_t uid;
};
int cache_places(
    struct cache *c, const case_id *id, struct cache_place **places_r, size_t *n_r, struct err *e);
/* Does the case's message `uid`, or any of them (0), have a keyword that begins so?
 * Without case. */
int cache_has_keyword(struct cache *c, const case_id *id, uint32_t uid, const char *prefix,
    bool *has_r, struct err *e);
/* All cases that the message tells of, with how they are handled; in no order. */
typedef void (*cache_message_fn)(void *ctx, const case_id *id, enum handling handling);
int cache_of_message(struct cache *c, const char *account, const char *mailbox, uint32_t uid,
    cache_message_fn fn, void *ctx, struct err *e);
/* What each report of a case tells of what was sent again; strings live in the call. */
struct cache_sent {
	const char *mailbox;
	uint32_t uid;
	int64_t at;           /* its date, unix time */
	const char *keywords; /* of its message, lower case */
	struct slice name;    /* of the resend that it tells of (case_sent_name), or empty */
	enum state state;
	bool is_last;    /* it is the one that the state comes from */
	bool is_shared;  /* another case of it is in the same part (case_part) */
	bool has_others; /* it has other cases */
};
typedef void (*cache_sent_fn)(void *ctx, const struct cache_sent *sent);
int cache_sent(struct cache *c, const case_id *id, cache_sent_fn fn, void *ctx, struct err *e);
/* What cache_handled was told of a case; HANDLING_OPEN if nothing. */
int cache_handling(struct cache *c, const case_id *id, enum handling *h_r, struct err *e);
/* Cases that were told to be resent, before that time. Ids are appended. */
int cache_resent_before(struct cache *c, int64_t before, struct buf *ids, struct err *e);
/* Ids with that prefix, at most max; *n_r counts all. */
int cache_find(struct cache *c, const char *account, const char *prefix, case_id *ids, size_t max,
    size_t *n_r, struct err *e);

/* What the journal knows of a case, so that rows show it (the journal is the
 * truth, this a copy that is made at each start). */
struct cache_handled {
	enum handling handling;
	int64_t handled_at;
	int64_t due_at;
	uint32_t resends;
	bool is_due_note, is_being_sent, is_not_sent; /* as in the row */
	const char *words;                            /* about the handling, may be NULL */
	const char *trail; /* our actions, oldest first: "R@1764000000 N@1764003600" */
};
int cache_handled(struct cache *c, const case_id *id, const struct cache_handled *h, struct err *e);
/* From now on, and for what is stored already, a report whose envelope id (or
 * Message-ID, or Resent-Message-ID of the returned header) is `alias` joins that
 * case: the ids that we gave a resend. Of several cases with one alias the one of
 * the report's recipient is meant. Give them before reports are put: the journal
 * knows them. */
int cache_alias(struct cache *c, const char *alias, const case_id *id, struct err *e);

/* Us or them: cases of the last `hours` with a connection cause, by domain.
 * Counts for one sentence; see explain. */
struct cache_outage {
	uint32_t cases;
	uint32_t domains;
	uint32_t this_domain;
	int64_t since;
};
int cache_outage(struct cache *c, const char *account, const char *domain, int64_t since,
    struct cache_outage *o, struct err *e);

/* How a domain has failed: its cases whose last report, since `since`, tells of a
 * failure or a delay of one of these causes. */
struct cache_history {
	uint32_t cases;
	int64_t first; /* of their reports, unix time; 0 = none */
	int64_t last;
};
int cache_history(struct cache *c, const char *account, const char *domain, int64_t since,
    bool (*counts)(enum cause), struct cache_history *h, struct err *e);

/* Much is put, in no order or so much that the indices of cases outgrow a small memory:
 * takes 32 MB for it, until cache_rest. */
void cache_work(struct cache *c);
/* Nothing is asked for a while: gives back the memory that only makes it quicker. */
void cache_rest(struct cache *c);
void cache_close(struct cache **c);

#endif
