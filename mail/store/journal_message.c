/* Messages that the journal keeps, and notes, whose items go together. */
#include "base/buf.h"
#include "store/journal_int.h"

int
journal_put_bytes(struct journal *j, int64_t item, struct slice bytes, struct err *e)
{
	sqlite3_stmt *s = db_prepare(j->db, "INSERT INTO edited (item, bytes) VALUES (?, ?)", e);

	if (s == NULL)
		return -1;
	sqlite3_bind_int64(s, 1, item);
	sqlite3_bind_blob64(s, 2, bytes.p, bytes.n, SQLITE_STATIC);
	return db_finish(j->db, s, e);
}

/* The bytes stand with the first item of the message. */
int
journal_edited(struct journal *j, int64_t id, struct arena *a, struct slice *bytes_r, struct err *e)
{
	sqlite3_stmt *s = db_prepare(j->db,
	    "SELECT bytes FROM edited JOIN item ON id = edited.item WHERE edited.item <= ?1"
	    " AND message_id = (SELECT message_id FROM item WHERE id = ?1)"
	    " ORDER BY edited.item DESC LIMIT 1",
	    e);
	int step;

	*bytes_r = SLICE_EMPTY;
	if (s == NULL)
		return -1;
	sqlite3_bind_int64(s, 1, id);
	step = sqlite3_step(s);
	if (step == SQLITE_ROW) {
		const char *bytes = sqlite3_column_blob(s, 0);

		*bytes_r = arena_copy(a, (struct slice){bytes, (size_t)sqlite3_column_bytes(s, 0)});
	} else if (step == SQLITE_DONE) {
		err_set(e, ERR_NOT_FOUND, "journal: item %lld was not edited", (long long)id);
	} else {
		db_fail(j->db, "cannot read", e);
	}
	sqlite3_finalize(s);
	return step == SQLITE_ROW ? 0 : -1;
}

static int
move_note(struct journal *j, const char *account, const char *message_id, enum journal_state to,
    int64_t now, size_t *n_r, struct err *e)
{
	sqlite3_stmt *s = db_prepare(j->db,
	    "UPDATE item SET state = ?1, holder = ?3, started_at = iif(?1 = 1, ?2, started_at),"
	    " ended_at = iif(?1 = 1, ended_at, ?2)"
	    " WHERE account = ?4 AND state = 0 AND kind = 1 AND message_id = ?5",
	    e);

	*n_r = 0;
	if (s == NULL)
		return -1;
	sqlite3_bind_int(s, 1, (int)to);
	sqlite3_bind_int64(s, 2, now);
	journal_bind(s, 3, to == JOURNAL_SENDING ? j->holder.name : "");
	journal_bind(s, 4, account);
	journal_bind(s, 5, message_id);
	if (db_finish(j->db, s, e) != 0)
		return -1;
	*n_r = (size_t)sqlite3_changes(j->db);
	return 0;
}

int
journal_start_note(struct journal *j, const char *account, const char *message_id, int64_t now,
    size_t *n_r, struct err *e)
{
	return move_note(j, account, message_id, JOURNAL_SENDING, now, n_r, e);
}

int
journal_undo_note(struct journal *j, const char *account, const char *message_id, int64_t now,
    size_t *n_r, struct err *e)
{
	return move_note(j, account, message_id, JOURNAL_UNDONE, now, n_r, e);
}
