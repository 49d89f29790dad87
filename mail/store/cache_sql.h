/* Of this room only: the cache's file, its statements, and what its parts share. */
#ifndef STORE_CACHE_SQL_H
#define STORE_CACHE_SQL_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/cache.h"

/* The schema. A file of another one is made anew. */
#define CACHE_VERSION 5

/* Of a delivery's id: which of its message's it is. */
#define CACHE_DELIVERY_BITS 10

enum sql {
	SQL_BEGIN,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_ACCOUNT_FIND,
	SQL_ACCOUNT_ADD,
	SQL_BOX_FIND,
	SQL_BOX_ADD,
	SQL_BOX_RESET,
	SQL_BOX_SYNCED,
	SQL_BOX_UIDS,
	SQL_BOX_MIX,
	SQL_BOX_ACCOUNT,
	SQL_BOX_CASES,
	SQL_BOX_NO_MESSAGES,
	SQL_BOX_NO_REPORTS,
	SQL_BOX_NO_DELIVERIES,
	SQL_MESSAGE_ADD,
	SQL_MESSAGE_REPLACE,
	SQL_MESSAGE_FLAGS,
	SQL_MESSAGE_HAS,
	SQL_KEYWORD_ADD,
	SQL_KEYWORD_DROP,
	SQL_MESSAGE_DELETE,
	SQL_REPORT_ADD,
	SQL_REPORT_DELETE,
	SQL_DELIVERY_ADD,
	SQL_DELIVERY_CASES,
	SQL_DELIVERY_DELETE,
	SQL_CASE_DELIVERIES,
	SQL_CASE_NEWEST,
	SQL_CASE_ADD,
	SQL_CASE_DELETE,
	SQL_CASE_EMPTY,
	SQL_CASE_FIND,
	SQL_CASE_HANDLED,
	SQL_CASE_TOLD,
	SQL_ROWS,
	SQL_ROW_HERE,
	SQL_ROW,
	SQL_PREFIX,
	SQL_OUTAGE,
	SQL_HISTORY,
	SQL_PLACES,
	SQL_KEYWORDS,
	SQL_SENT,
	SQL_OF_MESSAGE,
	SQL_EVENTS,
	SQL_FACTS,
	SQL_HANDLED_ADD,
	SQL_HANDLED_FIND,
	SQL_HANDLED_ANY,
	SQL_HANDLED_BEFORE,
	SQL_ALIAS_ANY,
	SQL_ALIAS_ADD,
	SQL_ALIAS_FIND,
	SQL_ALIAS_REPORTS,
	SQL_DELIVERY_MOVE,
	SQL_TABLES_GET,
	SQL_TABLES_SET,
	SQL_DERIVE_ALL,
	SQL_DERIVE_SET,
	SQL_COUNT
};

/* reports.o_marks */
enum { MARK_NULL_SENDER = 1, MARK_AUTOMATIC = 2, MARK_LIST = 4 };

/* One report about one recipient: what the row of a case is worked out from. */
struct fact {
	int64_t id, at, box, uid, will_retry_until;
	enum state state;
	enum action action;
	enum report_kind kind;
	enum lane lane;
	enum resend_advice advice;
	bool is_permanent, is_seen;
	struct slice message_id, address, original_recipient, status, reply_code;
	struct slice o_subject, o_message_id, o_sender, mta, ours, causes, subject, reporting_mta;
	struct slice resend; /* that the report names */
};

/* A case of an account whose row must be worked out again. */
struct dirty {
	int64_t account;
	int64_t case_number;
	const struct fact *fact; /* that was put, in `facts`; NULL: it must be read */
};

/* Is anything in a table? Within a transaction nobody else writes. */
enum known { KNOWN_NOT, KNOWN_NONE, KNOWN_SOME };

struct cache {
	sqlite3 *db;
	char *path;
	sqlite3_stmt *stmts[SQL_COUNT]; /* prepared at first use, kept */
	struct arena *arena;            /* of the call that runs */
	struct buf dirty;               /* struct dirty each */
	struct arena *facts;            /* until they are settled */
	enum known handled, aliases;    /* in this transaction */
	int64_t account;                /* that was named last: ids are looked for there first */
	int64_t box;                    /* the last one, */
	int64_t box_account;            /* and whose it is */
	int64_t version;                /* PRAGMA data_version, as last asked; 0 = never */
	bool is_open;                   /* a transaction is */
	bool has_failed;                /* within it: it is rolled back */
	bool is_broken;                 /* damage was met: the file is put aside at the end */
};

/* Ready to be bound; NULL on failure. Reset it when done: it holds a lock. */
sqlite3_stmt *cache_stmt(struct cache *c, enum sql which, struct err *e);
/* From parameter 1 on: i = int64_t, t = const char *, s = struct slice. Text must
 * live until the statement is reset. */
void cache_bind(sqlite3_stmt *s, const char *types, ...);
/* 1 = a row, 0 = done, -1 = failed. At 0 and -1 the statement is reset. */
int cache_step(struct cache *c, sqlite3_stmt *s, struct err *e);
/* All in one, for statements that give no rows. */
int cache_run(struct cache *c, enum sql which, struct err *e, const char *types, ...);
/* First column of the first row, `fallback` if there is none. */
int cache_ask(struct cache *c, enum sql which, int64_t fallback, int64_t *value_r, struct err *e,
    const char *types, ...);
int cache_fail(struct cache *c, struct err *e);

struct slice cache_text(sqlite3_stmt *s, int column); /* until the next step */
const char *cache_cstr(sqlite3_stmt *s, int column);  /* the same */
struct slice cache_copy(sqlite3_stmt *s, int column, struct arena *a);

extern const char cache_schema[];

/* An id is 50 bits; the file holds them as a number. */
int64_t case_number(const case_id *id);
case_id case_of_number(int64_t number);
/* All numbers whose id begins so; false if it is no beginning of an id. */
bool case_range(const char *prefix, int64_t *first_r, int64_t *last_r);

/* What a row does not show: where its facts are, and why it is ours or not. */
struct cache_behind {
	int64_t delivery;
	int64_t account;
	const char *ours;
};
/* A row with its strings in the arena. ERR_NOT_FOUND. */
int cache_find_row(struct cache *c, const case_id *id, struct arena *a, struct row *row,
    struct cache_behind *b, struct err *e);

int cache_account(struct cache *c, const char *name, bool make, int64_t *id_r, struct err *e);
void cache_touch(struct cache *c, int64_t account, int64_t case_number, struct buf *touched);
/* The same of a report that was put a moment ago; `f` is copied. */
void cache_touch_fact(struct cache *c, int64_t account, int64_t case_number, const struct fact *f,
    struct buf *touched);
/* Marks the cases that a message tells of. */
int cache_touch_message(
    struct cache *c, int64_t box, int64_t uid, struct buf *touched, struct err *e);
/* Works out the rows of all dirty cases. */
int cache_settle(struct cache *c, struct err *e);
/* None is dirty any more. */
void cache_clean(struct cache *c);
/* `which` asks for one row of a table; asked once in a transaction. */
int cache_know(struct cache *c, enum sql which, enum known *k, struct err *e);

/* With the time at which something is due stands what it is; plain is a resend that waits. */
#define DUE_NOTE ((int64_t)1 << 40)
#define DUE_BEING_SENT ((int64_t)1 << 41)
#define DUE_NOT_SENT ((int64_t)1 << 42)
/* The time alone; `r` may be NULL. */
int64_t cache_due(int64_t stored, struct row *r);

/* A transaction for one call, unless the caller has one open. */
int cache_enter(struct cache *c, bool *mine_r, struct err *e);
int cache_leave(struct cache *c, bool mine, int result, struct err *e);

/* If it is of a message that we sent again: the case that it was sent for. */
int alias_resolve(struct cache *c, const struct report *r, const struct recipient *rcpt,
    int64_t *number_r, struct err *e);

/* Causes as they are kept: a line each, "id TAB weight TAB evidence". */
void causes_write(struct buf *out, const struct recipient *r);
size_t causes_read(struct slice text, struct cause_hit hits[REPORT_MAX_CAUSES]);
/* From the facts by the tables of now. */
void causes_derive(struct arena *a, struct recipient *r, struct slice reporting_mta);
/* Changes when the tables do. */
int64_t tables_version(void);
/* After a change of the tables: all causes anew. */
int cache_derive_all(struct cache *c, struct err *e);

/* "o@T x@T" of the reports and "R@T" of ours, as one line of letters. */
void trail_merge(struct buf *out, const char *told, const char *done);
/* The next of such a list off the rest; false at the end. */
bool trail_next(const char **rest, char *letter, int64_t *at);

#endif
