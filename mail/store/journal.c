/* WAL with synchronous=FULL: a commit is on the disk when it returns, readers do
 * not wait for writers, and one sync a commit keeps bulk resends quick. Where WAL
 * is not to be had (network file systems), the rollback journal with EXTRA. */
#include "store/journal.h"

#include <stdlib.h>

#include "base/buf.h"
#include "store/journal_int.h"
#include "store/words.h"

#define APPLICATION_ID 0x62626a31 /* "bbj1" */
#define SCHEMA_VERSION 1

/* Numbers of kinds and states are stored: they only grow. A resend that is due,
 * on the wire or in doubt bars another one of the same case. */
static const char schema[] =
    "CREATE TABLE item (id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL,"
    " state INTEGER NOT NULL, case_id TEXT NOT NULL, account TEXT NOT NULL,"
    " recipient TEXT NOT NULL, envelope_from TEXT NOT NULL, message_id TEXT NOT NULL,"
    " envelope_id TEXT NOT NULL, resent_id TEXT NOT NULL, words TEXT NOT NULL,"
    " created_at INTEGER NOT NULL, due_at INTEGER NOT NULL, started_at INTEGER NOT NULL,"
    " ended_at INTEGER NOT NULL, holder TEXT NOT NULL DEFAULT '') STRICT;"
    "CREATE UNIQUE INDEX one_resend ON item (case_id) WHERE kind = 0 AND state IN (0, 1, 4);"
    "CREATE INDEX due ON item (account, due_at) WHERE state = 0;"
    "CREATE INDEX of_case ON item (case_id);"
    "CREATE TABLE memory (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"
    "PRAGMA application_id = 1650616881;"
    "PRAGMA user_version = 1;";

_Static_assert(APPLICATION_ID == 1650616881, "as the schema says");
_Static_assert(JOURNAL_RESEND == 0 && JOURNAL_DUE == 0 && JOURNAL_SENDING == 1 &&
	JOURNAL_DOUBT == 4 && JOURNAL_SENT == 2 && JOURNAL_WENT == 6 && JOURNAL_NOTE == 1,
    "as the index and the query say");

static int
set_durable(struct journal *j, struct err *e)
{
	sqlite3_stmt *s = db_prepare(j->db, "PRAGMA journal_mode = WAL", e);
	bool has_wal;

	if (s == NULL)
		return -1;
	has_wal = sqlite3_step(s) == SQLITE_ROW && slice_iis(slice_of(db_text(s, 0)), "wal");
	sqlite3_finalize(s);
	return db_exec(
	    j->db, has_wal ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = EXTRA", e);
}

/* Beside the items, so that a journal of before has it too. */
static const char edited_schema[] =
    "CREATE TABLE IF NOT EXISTS edited (item INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;";

static int
make_schema(struct journal *j, struct err *e)
{
	char shown[WORDS_PATH_BYTES];
	int64_t version;
	int r;

	/* Another process may be making it at this moment. */
	if (db_exec(j->db, "BEGIN IMMEDIATE", e) != 0)
		return -1;
	r = db_number(j->db, "PRAGMA user_version", &version, e);
	if (r == 0 && version == 0)
		r = db_exec(j->db, schema, e);
	if (r == 0 && version <= SCHEMA_VERSION)
		r = db_exec(j->db, edited_schema, e);
	if (r == 0 && version > SCHEMA_VERSION) {
		r = err_set(e, ERR_CORRUPT, "%s was written by a newer bouncebox",
		    words_path(shown, j->path));
		err_todo(e, "update this program; nothing was changed");
	}
	if (r == 0)
		return db_exec(j->db, "COMMIT", e);
	sqlite3_exec(j->db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

static int
check_sound(struct journal *j, struct err *e)
{
	sqlite3_stmt *s = db_prepare(j->db, "PRAGMA quick_check(1)", e);
	char shown[WORDS_PATH_BYTES];
	bool is_sound;

	if (s == NULL)
		return -1;
	is_sound = sqlite3_step(s) == SQLITE_ROW && slice_is(slice_of(db_text(s, 0)), "ok");
	sqlite3_finalize(s);
	if (is_sound)
		return 0;
	err_set(e, ERR_CORRUPT, "%s is damaged", words_path(shown, j->path));
	return err_todo(e, "keep a copy of it, then move it away or restore a backup");
}

static int
doubt_items_of(struct journal *j, const char *holder, struct err *e)
{
	sqlite3_stmt *s = db_prepare(j->db,
	    "UPDATE item SET state = iif(kind = 0 AND started_at = 0, 0, 4),"
	    " words = iif(kind = 0 AND started_at = 0, words,"
	    " 'the program ended while it was sending')"
	    " WHERE state = 1 AND holder = ?",
	    e);

	if (s == NULL)
		return -1;
	sqlite3_bind_text(s, 1, holder, -1, SQLITE_TRANSIENT);
	return db_finish(j->db, s, e);
}

/* What a process that is gone was sending is in doubt. */
static int
find_doubts(struct journal *j, struct err *e)
{
	sqlite3_stmt *s = db_prepare(j->db, "SELECT DISTINCT holder FROM item WHERE state = 1", e);
	struct buf gone = BUF_INIT;
	struct slice rest;
	struct slice name;
	int r = 0;

	if (s == NULL)
		return -1;
	while (sqlite3_step(s) == SQLITE_ROW) {
		if (!holder_is_alive(j->path, db_text(s, 0)))
			buf_addf(&gone, "%s\n", db_text(s, 0));
	}
	sqlite3_finalize(s);
	rest = buf_slice(&gone);
	while (r == 0 && slice_line(&rest, &name)) {
		char *holder = xslicedup(name);

		r = doubt_items_of(j, holder, e);
		free(holder);
	}
	buf_free(&gone);
	return r;
}

int
journal_open(struct journal **j_r, const char *path, struct err *e)
{
	struct journal *j = xcalloc(1, sizeof(*j));

	*j_r = NULL;
	j->path = xstrdup(path);
	j->holder.fd = -1;
	if (db_open(&j->db, path, APPLICATION_ID, e) != 0 || check_sound(j, e) != 0 ||
	    set_durable(j, e) != 0 || make_schema(j, e) != 0 ||
	    holder_take(&j->holder, path, e) != 0 || find_doubts(j, e) != 0) {
		journal_close(&j);
		return err_add(e, "the journal");
	}
	*j_r = j;
	return 0;
}

void
journal_close(struct journal **j)
{
	if (j == NULL || *j == NULL)
		return;
	sqlite3_close((*j)->db);
	holder_release(&(*j)->holder);
	free((*j)->path);
	free(*j);
	*j = NULL;
}

void
journal_bind(sqlite3_stmt *s, int at, const char *text)
{
	sqlite3_bind_text(s, at, text == NULL ? "" : text, -1, SQLITE_TRANSIENT);
}

static int
refuse_second(struct journal *j, const struct journal_item *item, struct err *e)
{
	if (sqlite3_extended_errcode(j->db) != SQLITE_CONSTRAINT_UNIQUE)
		return db_fail(j->db, "cannot write", e);
	err_set(e, ERR_REFUSED, "case %s: a resend is due, being sent or in doubt already",
	    item->case_id.text);
	return err_todo(e, "look at its timeline; undo it or resolve the doubt first");
}

/* In the transaction that adds it. */
static int
check_news(struct journal *j, const struct journal_item *item, struct err *e)
{
	sqlite3_stmt *s;
	int step;

	if (item->kind != JOURNAL_RESEND)
		return 0;
	s = db_prepare(j->db,
	    "SELECT 1 FROM item WHERE case_id = ? AND kind = 0 AND id > ? AND state IN (2, 6)", e);
	if (s == NULL)
		return -1;
	journal_bind(s, 1, item->case_id.text);
	sqlite3_bind_int64(s, 2, item->known_id);
	step = sqlite3_step(s);
	if (step == SQLITE_ROW)
		err_set(e, ERR_REFUSED, "case %s: it was resent by another process meanwhile",
		    item->case_id.text);
	else if (step != SQLITE_DONE)
		db_fail(j->db, "cannot read", e);
	sqlite3_finalize(s);
	return step == SQLITE_DONE ? 0 : -1;
}

static int
insert(struct journal *j, struct journal_item *item, struct err *e)
{
	sqlite3_stmt *s = db_prepare(j->db,
	    "INSERT INTO item (kind, state, case_id, account, recipient, envelope_from,"
	    " message_id, envelope_id, resent_id, words, created_at, due_at, started_at, ended_at,"
	    " holder) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    e);
	int step;

	if (s == NULL)
		return -1;
	if (check_news(j, item, e) != 0) {
		sqlite3_finalize(s);
		return -1;
	}
	sqlite3_bind_int(s, 1, (int)item->kind);
	sqlite3_bind_int(s, 2, (int)item->state);
	journal_bind(s, 3, item->case_id.text);
	journal_bind(s, 4, item->account);
	journal_bind(s, 5, item->recipient);
	journal_bind(s, 6, item->envelope_from);
	journal_bind(s, 7, item->message_id);
	journal_bind(s, 8, item->envelope_id);
	journal_bind(s, 9, item->resent_id);
	journal_bind(s, 10, item->words);
	sqlite3_bind_int64(s, 11, item->created_at);
	sqlite3_bind_int64(s, 12, item->due_at);
	sqlite3_bind_int64(s, 13, item->started_at);
	sqlite3_bind_int64(s, 14, item->ended_at);
	journal_bind(s, 15, item->state == JOURNAL_SENDING ? j->holder.name : "");
	step = sqlite3_step(s);
	if (step == SQLITE_DONE)
		item->id = sqlite3_last_insert_rowid(j->db);
	else
		refuse_second(j, item, e);
	sqlite3_finalize(s);
	return step == SQLITE_DONE ? 0 : -1;
}

int
journal_add(struct journal *j, struct journal_item *items, size_t n, struct err *e)
{
	int r = db_exec(j->db, "BEGIN IMMEDIATE", e);

	if (r != 0)
		return -1;
	for (size_t i = 0; i < n && r == 0; i++)
		r = insert(j, &items[i], e);
	if (r == 0 && db_exec(j->db, "COMMIT", e) == 0)
		return 0;
	sqlite3_exec(j->db, "ROLLBACK", NULL, NULL, NULL);
	for (size_t i = 0; i < n; i++)
		items[i].id = 0;
	return -1;
}

int
journal_add_edited(
    struct journal *j, struct journal_item *items, size_t n, struct slice bytes, struct err *e)
{
	int r = db_exec(j->db, "BEGIN IMMEDIATE", e);

	if (r != 0)
		return -1;
	for (size_t i = 0; i < n && r == 0; i++)
		r = insert(j, &items[i], e);
	if (r == 0 && journal_put_bytes(j, items[0].id, bytes, e) == 0 &&
	    db_exec(j->db, "COMMIT", e) == 0)
		return 0;
	sqlite3_exec(j->db, "ROLLBACK", NULL, NULL, NULL);
	for (size_t i = 0; i < n; i++)
		items[i].id = 0;
	return -1;
}

/* Moves an item from one state to another, if it is there; *moved_r says so. */
static int
move(struct journal *j, int64_t id, enum journal_state from, enum journal_state to, int64_t now,
    const char *words, bool *moved_r, struct err *e)
{
	const char *sql = to == JOURNAL_SENDING
	    ? "UPDATE item SET state = ?, started_at = ?, holder = ?"
	      " WHERE id = ? AND state = ?"
	    : "UPDATE item SET state = ?, ended_at = ?,"
	      " words = iif(?3 = '', words, ?3) WHERE id = ? AND state = ?";
	sqlite3_stmt *s = db_prepare(j->db, sql, e);

	*moved_r = false;
	if (s == NULL)
		return -1;
	sqlite3_bind_int(s, 1, (int)to);
	sqlite3_bind_int64(s, 2, now);
	journal_bind(s, 3, to == JOURNAL_SENDING ? j->holder.name : words);
	sqlite3_bind_int64(s, 4, id);
	sqlite3_bind_int(s, 5, (int)from);
	if (db_finish(j->db, s, e) != 0)
		return -1;
	*moved_r = sqlite3_changes(j->db) == 1;
	return 0;
}

int
journal_start(struct journal *j, int64_t id, int64_t now, bool *won_r, struct err *e)
{
	return move(j, id, JOURNAL_DUE, JOURNAL_SENDING, now, "", won_r, e);
}

int
journal_wire(struct journal *j, int64_t id, int64_t now, struct err *e)
{
	sqlite3_stmt *s = db_prepare(
	    j->db, "UPDATE item SET started_at = ? WHERE id = ? AND state = 1 AND holder = ?", e);

	if (s == NULL)
		return -1;
	sqlite3_bind_int64(s, 1, now);
	sqlite3_bind_int64(s, 2, id);
	journal_bind(s, 3, j->holder.name);
	if (db_finish(j->db, s, e) != 0)
		return -1;
	if (sqlite3_changes(j->db) != 1)
		return err_set(
		    e, ERR_REFUSED, "journal: item %lld is sent by another process", (long long)id);
	return 0;
}

int
journal_end(struct journal *j, int64_t id, enum journal_state state, int64_t now, const char *words,
    struct err *e)
{
	bool moved;

	if (move(j, id, JOURNAL_SENDING, state, now, words, &moved, e) != 0)
		return -1;
	if (!moved)
		return err_set(
		    e, ERR_NOT_FOUND, "journal: item %lld is not being sent", (long long)id);
	return 0;
}

int
journal_undo(struct journal *j, int64_t id, int64_t now, bool *done_r, struct err *e)
{
	return move(j, id, JOURNAL_DUE, JOURNAL_UNDONE, now, "", done_r, e);
}

int
journal_state(struct journal *j, int64_t id, enum journal_state *state_r, struct err *e)
{
	sqlite3_stmt *s = db_prepare(j->db, "SELECT state FROM item WHERE id = ?", e);
	int step;

	if (s == NULL)
		return -1;
	sqlite3_bind_int64(s, 1, id);
	step = sqlite3_step(s);
	if (step == SQLITE_ROW)
		*state_r = (enum journal_state)sqlite3_column_int(s, 0);
	else if (step == SQLITE_DONE)
		err_set(e, ERR_NOT_FOUND, "journal: there is no item %lld", (long long)id);
	else
		db_fail(j->db, "cannot read", e);
	sqlite3_finalize(s);
	return step == SQLITE_ROW ? 0 : -1;
}

#define SELECT_ITEM                                                                       \
	"SELECT id, kind, state, case_id, account, recipient, envelope_from, message_id," \
	" envelope_id, resent_id, words, created_at, due_at, started_at, ended_at FROM item "

static void
read_item(sqlite3_stmt *s, struct journal_item *item)
{
	*item = (struct journal_item){
	    .id = sqlite3_column_int64(s, 0),
	    .kind = (enum journal_kind)sqlite3_column_int(s, 1),
	    .state = (enum journal_state)sqlite3_column_int(s, 2),
	    .account = db_text(s, 4),
	    .recipient = db_text(s, 5),
	    .envelope_from = db_text(s, 6),
	    .message_id = db_text(s, 7),
	    .envelope_id = db_text(s, 8),
	    .resent_id = db_text(s, 9),
	    .words = db_text(s, 10),
	    .created_at = sqlite3_column_int64(s, 11),
	    .due_at = sqlite3_column_int64(s, 12),
	    .started_at = sqlite3_column_int64(s, 13),
	    .ended_at = sqlite3_column_int64(s, 14),
	};
	strncpy(item->case_id.text, db_text(s, 3), CASE_ID_LEN);
}

/* Gives each row to fn, then finalises. */
static int
walk(struct journal *j, sqlite3_stmt *s, journal_fn fn, void *ctx, struct err *e)
{
	struct journal_item item;
	bool goes_on = true;
	int step = SQLITE_DONE;

	while (goes_on && (step = sqlite3_step(s)) == SQLITE_ROW) {
		read_item(s, &item);
		goes_on = fn(ctx, &item);
	}
	if (goes_on && step != SQLITE_DONE) {
		db_fail(j->db, "cannot read", e);
		sqlite3_finalize(s);
		return -1;
	}
	sqlite3_finalize(s);
	return 0;
}

static int
walk_of(struct journal *j, const char *sql, const char *text, int64_t number, journal_fn fn,
    void *ctx, struct err *e)
{
	sqlite3_stmt *s = db_prepare(j->db, sql, e);

	if (s == NULL)
		return -1;
	journal_bind(s, 1, text);
	if (sqlite3_bind_parameter_count(s) > 1)
		sqlite3_bind_int64(s, 2, number);
	return walk(j, s, fn, ctx, e);
}

int
journal_of_case(struct journal *j, const case_id *id, journal_fn fn, void *ctx, struct err *e)
{
	return walk_of(j, SELECT_ITEM "WHERE case_id = ? ORDER BY id", id->text, 0, fn, ctx, e);
}

int
journal_of_message(struct journal *j, const char *account, const char *message_id, journal_fn fn,
    void *ctx, struct err *e)
{
	sqlite3_stmt *s =
	    db_prepare(j->db, SELECT_ITEM "WHERE account = ? AND message_id = ? ORDER BY id", e);

	if (s == NULL)
		return -1;
	journal_bind(s, 1, account);
	journal_bind(s, 2, message_id);
	return walk(j, s, fn, ctx, e);
}

int
journal_all(struct journal *j, const char *account, journal_fn fn, void *ctx, struct err *e)
{
	return walk_of(j,
	    SELECT_ITEM "WHERE case_id IN (SELECT case_id FROM item WHERE account = ?) ORDER BY id",
	    account, 0, fn, ctx, e);
}

int
journal_due(
    struct journal *j, const char *account, int64_t now, journal_fn fn, void *ctx, struct err *e)
{
	return walk_of(j,
	    SELECT_ITEM "WHERE account = ? AND state = 0 AND due_at <= ? ORDER BY due_at, id",
	    account, now, fn, ctx, e);
}

int
journal_lately(
    struct journal *j, const char *account, int64_t since, journal_fn fn, void *ctx, struct err *e)
{
	return walk_of(j,
	    SELECT_ITEM
	    "WHERE account = ? AND kind = 0 AND started_at > ? AND state IN (1, 2, 4, 6)"
	    " ORDER BY started_at, id",
	    account, since, fn, ctx, e);
}

int
journal_put_off(
    struct journal *j, int64_t id, int64_t due_at, const char *words, bool *done_r, struct err *e)
{
	sqlite3_stmt *s = db_prepare(
	    j->db, "UPDATE item SET due_at = ?, words = ? WHERE id = ? AND state = 0", e);

	*done_r = false;
	if (s == NULL)
		return -1;
	sqlite3_bind_int64(s, 1, due_at);
	journal_bind(s, 2, words);
	sqlite3_bind_int64(s, 3, id);
	if (db_finish(j->db, s, e) != 0)
		return -1;
	*done_r = sqlite3_changes(j->db) == 1;
	return 0;
}

int
journal_next_due(
    struct journal *j, const char *account, int64_t after, int64_t *at_r, struct err *e)
{
	sqlite3_stmt *s = db_prepare(j->db,
	    "SELECT min(due_at) FROM item WHERE account = ? AND state = 0 AND due_at > ?", e);
	int step;

	*at_r = 0;
	if (s == NULL)
		return -1;
	journal_bind(s, 1, account);
	sqlite3_bind_int64(s, 2, after);
	step = sqlite3_step(s);
	if (step == SQLITE_ROW)
		*at_r = sqlite3_column_int64(s, 0);
	else
		db_fail(j->db, "cannot read", e);
	sqlite3_finalize(s);
	return step == SQLITE_ROW ? 0 : -1;
}

int
journal_remember(struct journal *j, const char *key, const char *value, struct err *e)
{
	sqlite3_stmt *s =
	    db_prepare(j->db, "INSERT OR REPLACE INTO memory (key, value) VALUES (?, ?)", e);

	if (s == NULL)
		return -1;
	journal_bind(s, 1, key);
	journal_bind(s, 2, value);
	return db_finish(j->db, s, e);
}

int
journal_remember_time(
    struct journal *j, const char *key, int64_t at, int64_t limit, bool *won_r, struct err *e)
{
	sqlite3_stmt *s = db_prepare(j->db,
	    "INSERT INTO memory (key, value) VALUES (?1, CAST(?2 AS TEXT)) ON CONFLICT (key)"
	    " DO UPDATE SET value = excluded.value WHERE CAST(memory.value AS INTEGER) <= ?3",
	    e);

	*won_r = false;
	if (s == NULL)
		return -1;
	journal_bind(s, 1, key);
	sqlite3_bind_int64(s, 2, at);
	sqlite3_bind_int64(s, 3, limit);
	if (db_finish(j->db, s, e) != 0)
		return -1;
	*won_r = sqlite3_changes(j->db) == 1;
	return 0;
}

int
journal_recall(
    struct journal *j, const char *key, struct arena *a, const char **value_r, struct err *e)
{
	sqlite3_stmt *s = db_prepare(j->db, "SELECT value FROM memory WHERE key = ?", e);
	int step;

	*value_r = "";
	if (s == NULL)
		return -1;
	journal_bind(s, 1, key);
	step = sqlite3_step(s);
	if (step == SQLITE_ROW)
		*value_r = arena_strdup(a, db_text(s, 0));
	else if (step != SQLITE_DONE)
		db_fail(j->db, "cannot read", e);
	sqlite3_finalize(s);
	return step == SQLITE_ROW || step == SQLITE_DONE ? 0 : -1;
}
