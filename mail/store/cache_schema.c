/* The tables of the cache, and all that is asked of them.
 *
 * Facts lie in messages, reports and deliveries as they were read. A row of
 * `cases` is worked out from them (cache_settle), so that it does not depend on
 * the order in which reports came. It is kept in the order of the list: newest
 * first is a walk through neighbouring pages, not 100,000 jumps. Messages are kept
 * in the order in which they came, and found by an index: UIDs of a Maildir come in
 * no order, and those of a server from the end. A report has the id of its message;
 * its deliveries have that id and a number behind it (CACHE_DELIVERY_BITS). */
#include "store/cache_sql.h"

const char cache_schema[] =
    "CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE boxes (id INTEGER PRIMARY KEY, account INTEGER NOT NULL, name TEXT NOT NULL,"
    " uidvalidity INTEGER NOT NULL, uidnext INTEGER NOT NULL, modseq INTEGER NOT NULL,"
    " UNIQUE (account, name)) STRICT;"
    "CREATE TABLE messages (id INTEGER PRIMARY KEY, box INTEGER NOT NULL, uid INTEGER NOT NULL, "
    "size INTEGER NOT NULL,"
    " internal_date INTEGER NOT NULL, kind INTEGER NOT NULL, seen INTEGER NOT NULL,"
    " keywords TEXT NOT NULL, path TEXT NOT NULL, UNIQUE (box, uid)) STRICT;"
    "CREATE TABLE reports (id INTEGER PRIMARY KEY, at INTEGER NOT NULL,"
    " kind INTEGER NOT NULL, lane INTEGER NOT NULL, ours TEXT NOT NULL,"
    " message_id TEXT NOT NULL, sender TEXT NOT NULL, addressee TEXT NOT NULL,"
    " subject TEXT NOT NULL, date INTEGER NOT NULL, reporting_mta TEXT NOT NULL,"
    " arrival_date INTEGER NOT NULL, envelope_id TEXT NOT NULL, queue_id TEXT NOT NULL,"
    " mta TEXT NOT NULL, resend TEXT NOT NULL, o_message_id TEXT NOT NULL, o_sender TEXT NOT NULL,"
    " o_addressee TEXT NOT NULL, o_subject TEXT NOT NULL, o_date TEXT NOT NULL,"
    " o_part INTEGER NOT NULL, o_dkim TEXT NOT NULL, o_return_path TEXT NOT NULL,"
    " o_received TEXT NOT NULL, o_marks INTEGER NOT NULL, is_cut INTEGER NOT NULL) STRICT;"
    "CREATE INDEX reports_envelope ON reports (envelope_id) WHERE envelope_id <> '';"
    "CREATE TABLE deliveries (id INTEGER PRIMARY KEY, account INTEGER NOT NULL,"
    " number INTEGER NOT NULL,"
    " address TEXT NOT NULL, original_recipient TEXT NOT NULL, state INTEGER NOT NULL,"
    " action INTEGER NOT NULL, action_from INTEGER NOT NULL, status TEXT NOT NULL,"
    " status_from INTEGER NOT NULL, status_field TEXT NOT NULL, reply_code TEXT NOT NULL,"
    " diagnostic TEXT NOT NULL, remote_mta TEXT NOT NULL, final_log_id TEXT NOT NULL,"
    " last_attempt INTEGER NOT NULL, will_retry_until INTEGER NOT NULL,"
    " permanent INTEGER NOT NULL, advice INTEGER NOT NULL, causes TEXT NOT NULL) STRICT;"
    "CREATE INDEX deliveries_case ON deliveries (account, number);"
    "CREATE TABLE cases (account INTEGER NOT NULL, last_seen INTEGER NOT NULL,"
    " number INTEGER NOT NULL, first_seen INTEGER NOT NULL, recipient TEXT NOT NULL,"
    " domain TEXT NOT NULL, status TEXT NOT NULL, subject TEXT NOT NULL,"
    " message_id TEXT NOT NULL, sender TEXT NOT NULL, mta TEXT NOT NULL, trail TEXT NOT NULL,"
    " told TEXT NOT NULL, ours TEXT NOT NULL, retry_until INTEGER NOT NULL,"
    " reports INTEGER NOT NULL, uid INTEGER NOT NULL, state INTEGER NOT NULL,"
    " cause INTEGER NOT NULL, lane INTEGER NOT NULL, advice INTEGER NOT NULL,"
    " is_new INTEGER NOT NULL, is_permanent INTEGER NOT NULL, handling INTEGER NOT NULL,"
    " handled_at INTEGER NOT NULL, due_at INTEGER NOT NULL, resends INTEGER NOT NULL,"
    " delivery INTEGER NOT NULL,"
    " PRIMARY KEY (account, last_seen, number)) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX cases_number ON cases (number, account);"
    "CREATE TABLE handled (number INTEGER PRIMARY KEY, handling INTEGER NOT NULL,"
    " handled_at INTEGER NOT NULL, due_at INTEGER NOT NULL, resends INTEGER NOT NULL,"
    " trail TEXT NOT NULL, words TEXT NOT NULL) STRICT;"
    "CREATE TABLE aliases (alias TEXT NOT NULL, number INTEGER NOT NULL,"
    " PRIMARY KEY (alias, number)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

/* Of a delivery: its message. Of a message: its deliveries. */
#define MESSAGE_OF "(d.id >> 10)"
#define OF_MESSAGE(id) "d.id BETWEEN (" id ") << 10 AND ((" id ") << 10) + 1023"
#define OTHERS_OF_MESSAGE                                              \
	"SELECT 1 FROM deliveries o WHERE o.id BETWEEN m.id << 10 AND" \
	" (m.id << 10) + 1023 AND o.number <> d.number"
_Static_assert(CACHE_DELIVERY_BITS == 10, "the shifts in these texts");
_Static_assert(CASE_PARTS == 8, "the remainders in SQL_SENT");
_Static_assert(REPORT_MAX_RECIPIENTS <= 1 << CACHE_DELIVERY_BITS, "each has a number");

#define MESSAGE_AT "SELECT id FROM messages WHERE box = ?1 AND uid = ?2"

#define KEYWORD_AT \
	" WHERE box = (SELECT id FROM boxes WHERE account = ?1 AND name = ?2) AND uid = ?3"
#define ROW                                                                                  \
	"SELECT c.number, a.name, c.recipient, c.domain, c.status, c.subject, c.message_id," \
	" c.sender, c.mta, c.trail, c.first_seen, c.last_seen, c.retry_until, c.due_at,"     \
	" c.handled_at, c.reports, c.resends, c.uid, c.state, c.cause, c.handling, c.lane,"  \
	" c.advice, c.is_new, c.is_permanent, c.delivery, c.ours, c.account"                 \
	" FROM cases c, accounts a WHERE a.id = c.account AND "

#define DELIVERIES                                                                       \
	"SELECT d.id, r.at, d.state, r.message_id, d.address, m.box, m.uid, d.action,"   \
	" d.original_recipient, d.status, d.reply_code, r.o_subject, r.o_message_id,"    \
	" r.o_sender, r.mta, r.lane, r.ours, d.will_retry_until, d.permanent, d.advice," \
	" d.causes, m.seen, r.kind, r.subject, r.reporting_mta, r.resend"                \
	" FROM deliveries d, reports r, messages m WHERE d.account = ? AND d.number = ?" \
	" AND r.id = " MESSAGE_OF " AND m.id = " MESSAGE_OF " "

static const char *const texts[SQL_COUNT] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_ACCOUNT_FIND] = "SELECT id FROM accounts WHERE name = ?",
    [SQL_ACCOUNT_ADD] = "INSERT OR IGNORE INTO accounts (name) VALUES (?)",
    [SQL_BOX_FIND] =
	"SELECT id, uidvalidity, uidnext, modseq FROM boxes WHERE account = ? AND name = ?",
    [SQL_BOX_ADD] = "INSERT INTO boxes (account, name, uidvalidity, uidnext, modseq)"
		    " VALUES (?, ?, ?, 0, 0)",
    [SQL_BOX_RESET] = "UPDATE boxes SET uidvalidity = ?2, uidnext = 0, modseq = 0 WHERE id = ?1",
    [SQL_BOX_SYNCED] = "UPDATE boxes SET uidnext = ?3, modseq = ?4"
		       " WHERE id = ?1 AND uidvalidity = ?2",
    [SQL_BOX_UIDS] = "SELECT uid FROM messages WHERE box = ? ORDER BY uid",
    [SQL_BOX_MIX] = "SELECT count(*), count(*) FILTER (WHERE kind = 0) FROM (SELECT kind FROM"
		    " messages WHERE box = ? ORDER BY uid DESC LIMIT 100)",
    [SQL_BOX_ACCOUNT] = "SELECT account FROM boxes WHERE id = ?",
    [SQL_BOX_CASES] = "SELECT DISTINCT d.account, d.number FROM messages m, deliveries d"
		      " WHERE m.box = ? AND " OF_MESSAGE("m.id"),
    [SQL_BOX_NO_MESSAGES] = "DELETE FROM messages WHERE box = ?",
    [SQL_BOX_NO_REPORTS] =
	"DELETE FROM reports WHERE id IN (SELECT id FROM messages WHERE box = ?)",
    [SQL_BOX_NO_DELIVERIES] = "DELETE FROM deliveries AS d WHERE " MESSAGE_OF
			      " IN (SELECT id FROM messages WHERE box = ?)",
    [SQL_MESSAGE_ADD] = "INSERT OR IGNORE INTO messages VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_MESSAGE_REPLACE] = "REPLACE INTO messages VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_MESSAGE_FLAGS] = "UPDATE messages SET seen = ?3, keywords = ?4 WHERE box = ?1"
			  " AND uid = ?2 AND (seen <> ?3 OR keywords <> ?4)",
    [SQL_MESSAGE_HAS] = "SELECT instr(' ' || lower(keywords) || ' ', ' ' || ?3 || ' ') > 0"
			" FROM messages WHERE box = ?1 AND uid = ?2",
    [SQL_KEYWORD_ADD] = "UPDATE messages SET keywords = trim(keywords || ' ' || ?4)" KEYWORD_AT
			" AND instr(' ' || lower(keywords) || ' ', ' ' || ?4 || ' ') = 0",
    [SQL_KEYWORD_DROP] = "UPDATE messages SET keywords ="
			 " trim(replace(' ' || keywords || ' ', ' ' || ?4 || ' ', ' '))" KEYWORD_AT,
    [SQL_MESSAGE_DELETE] = "DELETE FROM messages WHERE box = ? AND uid = ?",
    [SQL_REPORT_ADD] = "INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
		       " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_REPORT_DELETE] = "DELETE FROM reports WHERE id = (" MESSAGE_AT ")",
    [SQL_DELIVERY_ADD] = "INSERT INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
			 " ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_DELIVERY_CASES] = "SELECT d.account, d.number FROM messages m, deliveries d"
			   " WHERE m.box = ? AND m.uid = ? AND " OF_MESSAGE("m.id"),
    [SQL_DELIVERY_DELETE] = "DELETE FROM deliveries AS d WHERE " OF_MESSAGE(MESSAGE_AT),
    [SQL_CASE_DELIVERIES] = DELIVERIES "LIMIT 1001",
    [SQL_CASE_NEWEST] = DELIVERIES "ORDER BY r.at DESC LIMIT 1000",
    [SQL_CASE_ADD] =
	"INSERT OR IGNORE INTO cases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
	" ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_CASE_DELETE] = "DELETE FROM cases WHERE number = ? AND account = ?",
    [SQL_CASE_EMPTY] = "UPDATE cases SET reports = 0, uid = 0, is_new = 0, delivery = 0"
		       " WHERE number = ? AND account = ?",
    [SQL_CASE_FIND] = "SELECT account FROM cases WHERE number = ? AND lower(recipient) = lower(?)",
    [SQL_CASE_HANDLED] = "UPDATE cases SET handling = ?2, handled_at = ?3, due_at = ?4,"
			 " resends = ?5, trail = ?6 WHERE number = ?1 AND account = ?7",
    [SQL_CASE_TOLD] = "SELECT account, told, reports FROM cases WHERE number = ?",
    [SQL_ROWS] = ROW "c.account = ? ORDER BY c.last_seen DESC, c.number DESC",
    [SQL_ROW_HERE] = ROW "c.number = ?1 AND c.account = ?2",
    [SQL_ROW] = ROW "c.number = ?1 ORDER BY c.account = ?2 DESC, c.last_seen DESC LIMIT 1",
    [SQL_PREFIX] = "SELECT number FROM cases WHERE number BETWEEN ? AND ? AND account = ?",
    [SQL_OUTAGE] = "SELECT count(*), count(DISTINCT domain), total(domain = ?3),"
		   " min(max(first_seen, ?2)) FROM cases WHERE account = ?1 AND last_seen >= ?2"
		   " AND lane = 0 AND cause IN (?4, ?5, ?6, ?7, ?8)",
    [SQL_HISTORY] = "SELECT cause, first_seen, last_seen FROM cases WHERE account = ?1"
		    " AND last_seen >= ?2 AND domain = ?3 AND lane = 0 AND state IN (?4, ?5)",
    [SQL_PLACES] = "SELECT b.name, m.path, m.uid, min(r.at) FROM deliveries d, reports r,"
		   " messages m, boxes b WHERE d.number = ?1 AND d.account = ?2"
		   " AND r.id = " MESSAGE_OF " AND m.id = " MESSAGE_OF
		   " AND b.id = m.box GROUP BY m.box, m.uid ORDER BY r.at DESC, m.box, m.uid DESC",
    [SQL_KEYWORDS] = "SELECT count(*) FROM deliveries d, messages m WHERE d.number = ?1"
		     " AND m.id = " MESSAGE_OF " AND instr(' ' || lower(m.keywords), ' ' || ?2) > 0"
		     " AND (?3 = 0 OR m.uid = ?3)",
    [SQL_SENT] =
	"SELECT b.name, m.uid, r.at, lower(m.keywords), r.resend, c.delivery = d.id,"
	" d.state, EXISTS (" OTHERS_OF_MESSAGE " AND o.number % 8 = d.number % 8),"
	" EXISTS (" OTHERS_OF_MESSAGE ")"
	" FROM deliveries d, reports r, messages m, boxes b, cases c WHERE d.number = ?1"
	" AND b.id = m.box AND d.account = c.account AND c.number = ?1"
	" AND r.id = " MESSAGE_OF " AND m.id = " MESSAGE_OF " AND r.kind IN (?2, ?3) LIMIT 1000",
    [SQL_OF_MESSAGE] = "SELECT DISTINCT d.number, coalesce(c.handling, 0) FROM accounts a, boxes b,"
		       " messages m, deliveries d LEFT JOIN cases c ON c.number = d.number"
		       " AND c.account = d.account WHERE a.name = ?1 AND b.account = a.id"
		       " AND b.name = ?2 AND m.box = b.id AND m.uid = ?3 AND " OF_MESSAGE("m.id"),
    [SQL_EVENTS] = "SELECT d.action, d.state, r.kind, r.at, m.uid, d.diagnostic, r.subject,"
		   " r.message_id, d.address FROM deliveries d, reports r, messages m"
		   " WHERE d.number = ?1 AND d.account = ?2"
		   " AND r.id = " MESSAGE_OF " AND m.id = " MESSAGE_OF
		   " ORDER BY r.at, d.state, r.message_id, d.address LIMIT 1000",
    [SQL_FACTS] = "SELECT d.address, d.original_recipient, d.state, d.action, d.action_from,"
		  " d.status, d.status_from, d.status_field, d.reply_code, d.diagnostic,"
		  " d.remote_mta, d.final_log_id, d.last_attempt, d.will_retry_until, d.permanent,"
		  " d.advice, d.causes, r.kind, r.message_id, r.sender, r.addressee, r.subject,"
		  " r.date, r.reporting_mta, r.arrival_date, r.envelope_id, r.queue_id, r.mta,"
		  " r.o_message_id, r.o_sender, r.o_addressee, r.o_subject, r.o_date, r.o_part,"
		  " r.o_dkim, r.o_return_path, r.o_received, r.o_marks, r.is_cut"
		  " FROM deliveries d, reports r WHERE d.id = ? AND r.id = " MESSAGE_OF,
    [SQL_HANDLED_ADD] = "REPLACE INTO handled VALUES (?, ?, ?, ?, ?, ?, ?)",
    [SQL_HANDLED_FIND] = "SELECT handling, handled_at, due_at, resends, trail, words FROM handled"
			 " WHERE number = ?",
    [SQL_HANDLED_ANY] = "SELECT 1 FROM handled LIMIT 1",
    [SQL_HANDLED_BEFORE] = "SELECT number FROM handled WHERE handling = ? AND handled_at < ?",
    [SQL_ALIAS_ANY] = "SELECT 1 FROM aliases LIMIT 1",
    [SQL_ALIAS_ADD] = "INSERT OR IGNORE INTO aliases VALUES (?, ?)",
    [SQL_ALIAS_FIND] = "SELECT number FROM aliases WHERE alias = ? ORDER BY number",
    [SQL_ALIAS_REPORTS] = "SELECT d.id, d.account, d.number, d.address, d.original_recipient"
			  " FROM reports r, deliveries d WHERE r.envelope_id = ? AND"
			  " r.envelope_id <> '' AND " OF_MESSAGE("r.id"),
    [SQL_DELIVERY_MOVE] = "UPDATE deliveries SET number = ?2 WHERE id = ?1",
    [SQL_TABLES_GET] = "SELECT value FROM meta WHERE name = 'tables'",
    [SQL_TABLES_SET] = "REPLACE INTO meta VALUES ('tables', ?)",
    [SQL_DERIVE_ALL] = "SELECT d.id, d.account, d.number, d.state, d.status, d.reply_code,"
		       " d.diagnostic, d.remote_mta, d.causes, d.advice, r.reporting_mta"
		       " FROM deliveries d, reports r WHERE r.id = " MESSAGE_OF
		       " AND d.id > ? ORDER BY d.id LIMIT 1000",
    [SQL_DERIVE_SET] = "UPDATE deliveries SET causes = ?2, advice = ?3 WHERE id = ?1",
};

sqlite3_stmt *
cache_stmt(struct cache *c, enum sql which, struct err *e)
{
	sqlite3_stmt **s = &c->stmts[which];

	if (*s == NULL &&
	    sqlite3_prepare_v3(c->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT, s, NULL) !=
		SQLITE_OK) {
		cache_fail(c, e);
		return NULL;
	}
	sqlite3_reset(*s);
	return *s;
}
