/* What this user did: must not be lost. SQLite with full sync, in the state folder.
 *
 * An item is an intent. It is committed before anything reaches a wire, and its
 * outcome after. An item in JOURNAL_SENDING whose process is gone is in doubt:
 * journal_open turns it into JOURNAL_DOUBT, and only a person resolves it; a resend of
 * which the wire had seen nothing is due again.
 * Never deleted by the program; a broken file is an error, not a reason to start anew. */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include "base/err.h"
#include "store/case.h"

struct journal;

enum journal_kind {
	JOURNAL_RESEND,
	JOURNAL_NOTE,
	JOURNAL_IGNORE,
	JOURNAL_UNIGNORE, /* by a person: back to what it was before */
	JOURNAL_DONE,
	JOURNAL_REOPEN, /* an ignore that has come to its end; words say why */
};

enum journal_state {
	JOURNAL_DUE,     /* waits for its time; may be taken back */
	JOURNAL_SENDING, /* the wire may have seen it */
	JOURNAL_SENT,
	JOURNAL_FAILED, /* surely not sent; words say why */
	JOURNAL_DOUBT,
	JOURNAL_UNDONE,  /* taken back before it was sent */
	JOURNAL_WENT,    /* a doubt that a person resolved: it was sent */
	JOURNAL_DID_NOT, /* … it was not */
};

struct journal_item {
	int64_t id;       /* 0 = new */
	int64_t known_id; /* new resend: the newest resend of the case that was known when it
	                     was decided; 0 = none */
	enum journal_kind kind;
	enum journal_state state;
	case_id case_id;
	const char *account;
	const char *recipient; /* the envelope's; of a note one a line, the first is shown */
	const char *envelope_from;
	const char *message_id;  /* of the original, or of the note */
	const char *envelope_id; /* ours, for ENVID; joins the next DSN to the case */
	const char *resent_id;   /* Resent-Message-ID */
	/* The server's reply, the reason. Of what is due: marks for its sender, then a tab
	 * and why it was put off, if it was. */
	const char *words;
	int64_t created_at;
	/* Of an ignore: the time at which it ends, if that is after created_at, or
	 * CASE_UNTIL_NEXT_BOUNCE; then started_at is the date of the newest report
	 * that was known. */
	int64_t due_at;
	int64_t started_at;
	int64_t ended_at;
};

int journal_open(struct journal **j_r, const char *path, struct err *e);

/* New items, in one transaction; sets item->id. For a resend it fails with
 * ERR_REFUSED when the case has an item that is DUE, SENDING or DOUBT, or one after
 * known_id that went: another process was quicker, while this one waited for the lock. */
int journal_add(struct journal *j, struct journal_item *items, size_t n, struct err *e);
/* New items of one message, all with its Message-ID, and the very bytes that they are to
 * send, in one transaction: of a note, or of a message that was edited, which nothing
 * else remembers. */
int journal_add_edited(
    struct journal *j, struct journal_item *items, size_t n, struct slice bytes, struct err *e);
/* In the arena; ERR_NOT_FOUND if the item has none: it sends the original. */
int journal_edited(
    struct journal *j, int64_t id, struct arena *a, struct slice *bytes_r, struct err *e);
/* DUE -> SENDING, only if it still is DUE: exactly one process gets it. *won_r. With
 * `now` 0 there is something to do before the wire sees anything: then journal_wire
 * comes before it does. */
int journal_start(struct journal *j, int64_t id, int64_t now, bool *won_r, struct err *e);
/* The wire sees it from now on. Fails if it is no longer this process's. */
int journal_wire(struct journal *j, int64_t id, int64_t now, struct err *e);
int journal_end(struct journal *j, int64_t id, enum journal_state state, int64_t now,
    const char *words, struct err *e);
/* As it is now, whoever changed it. ERR_NOT_FOUND. */
int journal_state(struct journal *j, int64_t id, enum journal_state *state_r, struct err *e);
/* DUE -> UNDONE; *done_r false if it was too late. */
int journal_undo(struct journal *j, int64_t id, int64_t now, bool *done_r, struct err *e);
/* The items of one note go together: DUE -> SENDING, or DUE -> UNDONE, for all that have
 * its Message-ID. *n_r: how many, 0 = somebody was quicker. */
int journal_start_note(struct journal *j, const char *account, const char *message_id, int64_t now,
    size_t *n_r, struct err *e);
int journal_undo_note(struct journal *j, const char *account, const char *message_id, int64_t now,
    size_t *n_r, struct err *e);
/* DOUBT -> WENT or DID_NOT, by a person. */
int journal_resolve(struct journal *j, int64_t id, bool went, int64_t now, struct err *e);
/* WENT or DID_NOT -> DOUBT, of a note for all that were resolved with it; ERR_REFUSED if
 * anything newer came to something with one of their cases. */
int journal_unresolve(struct journal *j, int64_t id, struct err *e);

typedef bool (*journal_fn)(
    void *ctx, const struct journal_item *item); /* strings live in the call */
int journal_of_case(struct journal *j, const case_id *id, journal_fn fn, void *ctx, struct err *e);
int journal_of_message(struct journal *j, const char *account, const char *message_id,
    journal_fn fn, void *ctx, struct err *e); /* its Message-ID, oldest first */
/* All of the cases that this account acted on: what others did with them too. */
int journal_all(struct journal *j, const char *account, journal_fn fn, void *ctx, struct err *e);
/* DUE items whose time has come, oldest first. */
int journal_due(
    struct journal *j, const char *account, int64_t now, journal_fn fn, void *ctx, struct err *e);
/* Unix time of the next item that is due after `after`, 0 if none. */
int journal_next_due(
    struct journal *j, const char *account, int64_t after, int64_t *at_r, struct err *e);
/* Resends of which the wire has seen something since `since`, in that order. */
int journal_lately(
    struct journal *j, const char *account, int64_t since, journal_fn fn, void *ctx, struct err *e);
/* Another time for what is still DUE; *done_r false if it was too late. */
int journal_put_off(
    struct journal *j, int64_t id, int64_t due_at, const char *words, bool *done_r, struct err *e);

/* Small remembered things: the other address of a recipient, the reason of a choice. */
int journal_remember(struct journal *j, const char *key, const char *value, struct err *e);
/* A time that is remembered, unless one after `limit` stands there already: of several
 * processes one wins. */
int journal_remember_time(
    struct journal *j, const char *key, int64_t at, int64_t limit, bool *won_r, struct err *e);
int journal_recall(struct journal *j, const char *key, struct arena *a, const char **value_r,
    struct err *e); /* "" if unknown */

void journal_close(struct journal **j);

#endif
