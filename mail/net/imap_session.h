/* Inside of an IMAP session. Private to the imap_*.c of this room.
 *
 * The greeting is read by libetpan; all else line by line (imap_send, imap_finish) from
 * its stream, because its parser lacks a command, gets it wrong, loses its way at what
 * is odd but legal, or keeps a whole answer in memory. */
#ifndef NET_IMAP_SESSION_H
#define NET_IMAP_SESSION_H

#include <libetpan/libetpan.h>

#include "net/guard.h"
#include "net/imap.h"
#include "net/stream.h"

#define IMAP_SMALL_LITERAL (64u << 10) /* what may come unasked: names, odd strings */
#define IMAP_MAX_COMMAND 7000          /* RFC 2683 3.2.1.5 wants 8000 at most */

/* A FETCH that was sent before the answer of the one under way was read, so that
 * the server works while we do. Any other command first reads its answer to the
 * end and lets it go (imap_notice). */
struct imap_ahead {
	bool is_sent;
	bool is_answered; /* before the one under way: servers may (RFC 9051 5.5) */
	int result;
	struct err err;
	char tag[16];
	struct buf command;
	struct imap_ranges set; /* owned */
};

/* SELECT right behind the last word of the login: two round trips are spared. RFC 9051 5.5
 * allows it, but not every server or proxy keeps what comes early. */
struct imap_early {
	bool is_taken;      /* the server does take what comes early */
	struct buf command; /* empty: not wanted */
	bool enables;       /* ENABLE QRESYNC goes before it */
	bool is_sent;       /* and not yet answered */
	bool was_sent;      /* this, or an empty reply */
	char enable_tag[16], tag[16];
};

struct imap {
	struct stream *st;
	mailstream *ms;
	mailimap *m;
	struct guard guard;
	char *host;
	unsigned port;
	unsigned keepalive_s;
	char *offered; /* capabilities, separated and surrounded by spaces */
	struct imap_caps caps;
	bool has_fresh_capabilities; /* told since this was set to false */
	char *greeting;              /* cleaned */
	unsigned tag_number;
	char tag[16];         /* of the command under way */
	struct buf line;      /* the response line read last */
	struct buf last_text; /* of the tagged answer: "[UIDNEXT 4] Done", raw */
	struct imap_ahead ahead;
	struct imap_early early;
	bool is_one_by_one; /* what was sent early was lost, on the connection before this one */
	bool is_qresync_on;
	uint32_t uidvalidity; /* of the selected box; 0 = none, or being selected */
	bool condstore;       /* of the selected box */
	bool read_only;       /* the selected box */
	unsigned seen_changes;
	char *folders[6]; /* as struct imap_folders has them; NULL until asked for */
};

/* Sends "TAG command CRLF"; the command must hold no line end. */
int imap_send(struct imap *s, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same, but it leaves with the next imap_send. */
int imap_put(struct imap *s, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* A whole response, literals included, without its line end. Lives until the next. */
int imap_read(struct imap *s, struct slice *line, struct err *e);

typedef void (*imap_line_fn)(void *ctx, struct slice line);
/* Reads untagged responses (to fn, may be NULL) until the tagged answer: 0 for OK,
 * ERR_REFUSED with the server's words for NO, ERR_PROTOCOL for BAD. */
int imap_finish(struct imap *s, imap_line_fn fn, void *ctx, struct err *e);
int imap_command(struct imap *s, imap_line_fn fn, void *ctx, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* Is it "TAG …"? Then what it says: as imap_finish returns it. */
bool imap_is_answer(const char *tag, struct slice line);
int imap_judge(struct imap *s, struct slice line, struct err *e);
int imap_ahead_answered(struct imap *s, struct slice line, struct err *e);
/* Lets go of what was sent ahead: reads its answer, hands on nothing. */
int imap_ahead_drop(struct imap *s, struct err *e);
/* Waits for "+ words" (1) or the tagged answer (0 for OK, -1 as imap_finish). */
int imap_continuation(struct imap *s, struct slice *words, struct err *e);
int imap_write(struct imap *s, struct slice bytes, struct err *e);

/* The result of a libetpan call in words; what leaves the session out of step kills it. */
int imap_result(struct imap *s, int result, struct err *e);
/* The session is dead: its words in *e, -1. 0 while it lives. */
int imap_check(const struct imap *s, struct err *e);
/* Takes what the server said since the last command: its BYE explains more than
 * the broken pipe that would follow. Before each command: what was sent ahead is
 * dropped. */
int imap_notice(struct imap *s, struct err *e);
int imap_kill(struct imap *s, enum err_code code, const char *words, struct err *e);

/* What imap_resync will ask for, if this server takes it early; then sends it. */
void imap_early_plan(struct imap *s, const struct imap_wanted *wanted);
int imap_early_send(struct imap *s, struct err *e);

bool imap_offers(const struct imap *s, const char *capability);
int imap_ask_capabilities(struct imap *s, struct err *e);
/* Takes "… CAPABILITY IMAP4rev1 …" out of a response. False if it has none. */
bool imap_take_capabilities(struct imap *s, struct slice line);
int imap_login(struct imap *s, const struct account *account, const char *secret, struct err *e);

/* UIDs of what the criteria find, ascending; malloc'ed. */
int imap_search(
    struct imap *s, const char *criteria, uint32_t **uids_r, size_t *n_r, struct err *e);

/* "INBOX" as a quoted string of modified UTF-7 (RFC 3501 5.1.3); false if the name
 * cannot be one. */
bool imap_add_mailbox(struct buf *out, const char *mailbox);
/* A quoted string; false if the text needs a literal. */
bool imap_add_quoted(struct buf *out, struct slice text);
void mutf7_encode(struct buf *out, struct slice utf8);
void mutf7_decode(struct buf *out, struct slice encoded);

/* "1:3,7" of ascending numbers from *i on, as long as a command may be. */
void imap_add_set(struct buf *out, const uint32_t *uids, size_t n, size_t *i);

#endif
