/* One IMAP session (RFC 9051, RFC 3501). Used by one thread.
 *
 * Mailbox names are UTF-8 here and modified UTF-7 on the wire. Read-only by
 * nature: BODY.PEEK everywhere; only imap_store, imap_append, imap_remove and imap_create
 * change anything on the server. After ERR_PROTOCOL, ERR_CLOSED, ERR_TIMEOUT or
 * ERR_CANCELLED the session is dead: imap_close, then open anew; after ERR_LIMIT it
 * may be (imap_is_dead). ERR_REFUSED (the server's NO, with its words) leaves it usable, and
 * so does ERR_BUSY (a NO that holds for now). */
#ifndef NET_IMAP_H
#define NET_IMAP_H

#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "net/net.h"

struct imap;
struct imap_box;
struct imap_known;
struct imap_delta;

struct imap_caps {
	bool idle, condstore, qresync, uidplus, move, special_use, compress, id, literal_plus,
	    esearch, sort, enable;
};

/* Connects, checks TLS, reads the greeting, logs in by account->auth with
 * `secret`, asks for the capabilities again. */
int imap_open(struct imap **s_r, const struct account *account, const char *secret,
    const struct net_options *o, struct err *e);
/* The same and imap_resync, in as few round trips as the server is known to allow. */
struct imap_wanted {
	const char *mailbox;
	bool read_only;
	bool one_by_one; /* no command before the last one is answered */
	const struct imap_known *known;
};
int imap_open_box(struct imap **s_r, const struct account *account, const char *secret,
    const struct net_options *o, const struct imap_wanted *wanted, struct imap_box *box,
    struct imap_delta *delta, struct err *e);
/* It had to be so, and will have to the next time. */
bool imap_is_one_by_one(const struct imap *s);
const struct imap_caps *imap_caps(const struct imap *s);
const char *imap_greeting(const struct imap *s); /* cleaned */
/* "TLSv1.3, certificate for imap.example.org until 2027-01-03"; "" without TLS */
const char *imap_tls_words(const struct imap *s);

uint64_t imap_bytes_in(const struct imap *s); /* on the wire, after compression */

/* Folders that the server marks (RFC 6154); "" where there is none. Without
 * SPECIAL-USE: the first that exists of the usual names. Strings live as long as s. */
struct imap_folders {
	const char *sent, *drafts, *all, *trash, *junk, *archive;
};
int imap_folders(struct imap *s, struct imap_folders *f, struct err *e);

struct imap_range {
	uint32_t first;
	uint32_t last; /* UINT32_MAX = "*" */
};

struct imap_ranges {
	struct imap_range *ranges;
	size_t n;
	const char *fields; /* names with blanks between: of the bodies only these fields of
	                     * the header, IMAP_MAX_HEAD bytes at most; NULL: the beginning */
	uint32_t peek;      /* if not 0, less of it than imap_fetch is told */
};
#define IMAP_MAX_HEAD 16384
#define IMAP_MAX_RANGES 300 /* 7000 bytes at most: RFC 2683 3.2.1.5 wants 8000 */

struct imap_box {
	uint32_t uidvalidity;
	uint32_t uidnext; /* 0 = not told */
	uint32_t exists;
	uint64_t modseq; /* HIGHESTMODSEQ, 0 = not offered */
	bool read_only;
	bool keywords; /* PERMANENTFLAGS has \* : keywords of ours can be kept */
};
/* ERR_NOT_FOUND if it does not exist. EXAMINE when read_only is asked for. */
int imap_select(
    struct imap *s, const char *mailbox, bool read_only, struct imap_box *box, struct err *e);

struct imap_message {
	uint32_t uid;
	uint32_t size;         /* RFC822.SIZE */
	int64_t internal_date; /* unix time */
	uint64_t modseq;       /* 0 = not told */
	bool seen, deleted, draft;
	const char *const *keywords;
	size_t n_keywords;
	struct slice bytes; /* of the body asked for; lives during the call */
	bool is_head;       /* `bytes` are fields of the header only */
};
/* Return false to stop: the session is then dead. */
typedef bool (*imap_message_fn)(void *ctx, const struct imap_message *m);

/* The same, and where the server offers QRESYNC (RFC 7162) what changed since the
 * mailbox was known so, in the same round trip. `delta` begins as {0}. */
struct imap_known {
	uint32_t uidvalidity;
	uint64_t modseq;      /* 0 = not known: nothing is asked */
	const uint32_t *uids; /* ascending */
	size_t n;
};
struct imap_delta {
	bool is_whole;           /* all else is as it was; if not, nothing in here counts */
	uint64_t since;          /* the modseq that it begins at */
	struct imap_ranges gone; /* UIDs, also such as were never known */
	struct buf flags;        /* of what changed or came: imap_delta_flags */
	size_t cap;
	bool is_spoilt; /* senseless, or over a limit of ours */
};
int imap_resync(struct imap *s, const char *mailbox, bool read_only, const struct imap_known *known,
    struct imap_box *box, struct imap_delta *delta, struct err *e);
bool imap_delta_flags(const struct imap_delta *d, imap_message_fn fn, void *ctx);
void imap_delta_free(struct imap_delta *d);

/* All UIDs of the box, ascending; malloc'ed. */
int imap_uids(struct imap *s, uint32_t **uids_r, size_t *n_r, struct err *e);
/* Flags, date, size and the first `peek` bytes of each message (or set->fields),
 * streamed: memory does not grow with the number. Rows come in any order. `set` is as long as a
 * command may be: IMAP_MAX_RANGES. `next` (may be NULL) is what will be asked for
 * after it, with the same peek: its command goes out before the answer to this
 * one is read, and its rows may come among these. Another command in between is
 * allowed; it waits for that answer and `next` is then asked for again. */
int imap_fetch(struct imap *s, const struct imap_ranges *set, const struct imap_ranges *next,
    uint32_t peek, imap_message_fn fn, void *ctx, struct err *e);
/* The same of the last `n` messages by sequence number: the first screen. */
int imap_fetch_last(struct imap *s, const struct imap_box *box, unsigned n, uint32_t peek,
    imap_message_fn fn, void *ctx, struct err *e);
/* Flags only; with `since` > 0 only what changed (CONDSTORE). */
int imap_fetch_flags(struct imap *s, uint64_t since, imap_message_fn fn, void *ctx, struct err *e);
/* The whole message, appended to out; ERR_LIMIT over max_bytes. */
int imap_fetch_whole(
    struct imap *s, uint32_t uid, size_t max_bytes, struct buf *out, struct err *e);

/* By Message-ID in the selected box; malloc'ed. */
int imap_search_message_id(
    struct imap *s, struct slice message_id, uint32_t **uids_r, size_t *n_r, struct err *e);

/* The same by another field, which must have all of `value` in it. */
int imap_search_header(struct imap *s, const char *field, struct slice value, uint32_t **uids_r,
    size_t *n_r, struct err *e);

/* By the day of `date` (unix time; a day more on both sides, for the zones), To or Cc, and
 * as much of the subject as is ASCII. malloc'ed; none if the address cannot be asked for. */
int imap_search_alike(struct imap *s, int64_t date, struct slice recipient, struct slice subject,
    uint32_t **uids_r, size_t *n_r, struct err *e);

/* Written by this sender between the days of the two times, without `not_id` in the
 * Message-ID; malloc'ed. */
int imap_search_sender(struct imap *s, struct slice sender, int64_t since, int64_t until,
    const char *not_id, uint32_t **uids_r, size_t *n_r, struct err *e);

/* Adds or removes keywords (letters, digits and '-' only). With unchanged_since
 * > 0 the server does it only if nobody changed the message meanwhile (RFC 7162):
 * *conflict_r says that somebody did. */
int imap_store(struct imap *s, const uint32_t *uids, size_t n, bool add, const char *keyword,
    uint64_t unchanged_since, bool *conflict_r, struct err *e);

/* `flags` is "\\Seen", "\\Draft \\Seen", …; bytes with CRLF. *uid_r 0 without UIDPLUS. */
int imap_append(struct imap *s, const char *mailbox, const char *flags, struct slice bytes,
    uint32_t *uid_r, struct err *e);
/* Takes one message out of the selected box for good. With UIDPLUS it is that UID alone
 * that is expunged (RFC 4315 2.1). Elsewhere EXPUNGE takes all that is marked as deleted:
 * *done_r is then false, and nothing is changed, if that is more than this one. */
int imap_remove(struct imap *s, uint32_t uid, bool *done_r, struct err *e);
int imap_create(struct imap *s, const char *mailbox, struct err *e);

/* Waits for news with IDLE (renewed, or NOOP every minute) until the server says
 * something, `wake_fd` is readable, or timeout_s. *news_r: new or lost messages,
 * or flags. Not a failure when nothing came. */
int imap_wait(struct imap *s, int wake_fd, unsigned timeout_s, bool *news_r, struct err *e);

/* Nothing more can be asked: close it. */
bool imap_is_dead(const struct imap *s);
void imap_close(struct imap **s); /* says LOGOUT if it can without waiting */

#endif
