/* What a person says of an item in doubt, and taking that back. */
#include "store/journal_int.h"

/* The item, and of a note the others of its message that were answered with it. */
#define ANSWERED                                                                             \
	" a WHERE a.state IN (6, 7) AND (a.id = ?1 OR (a.kind = 1 AND EXISTS (SELECT 1 FROM" \
	" item i WHERE i.id = ?1 AND i.kind = 1 AND i.account = a.account AND i.message_id"  \
	" = a.message_id)))"

_Static_assert(JOURNAL_WENT == 6 && JOURNAL_DID_NOT == 7 && JOURNAL_DOUBT == 4 &&
	JOURNAL_FAILED == 3 && JOURNAL_UNDONE == 5 && JOURNAL_NOTE == 1,
    "as the queries say");

int
journal_resolve(struct journal *j, int64_t id, bool went, int64_t now, struct err *e)
{
	sqlite3_stmt *s = db_prepare(
	    j->db, "UPDATE item SET state = ?, ended_at = ? WHERE id = ? AND state = 4", e);

	if (s == NULL)
		return -1;
	sqlite3_bind_int(s, 1, went ? JOURNAL_WENT : JOURNAL_DID_NOT);
	sqlite3_bind_int64(s, 2, now);
	sqlite3_bind_int64(s, 3, id);
	if (db_finish(j->db, s, e) != 0)
		return -1;
	if (sqlite3_changes(j->db) != 1)
		return err_set(
		    e, ERR_REFUSED, "journal: item %lld is not in doubt (any more)", (long long)id);
	return 0;
}

/* 1 if something of a case of theirs is newer, and came to something. */
static int
has_newer(struct journal *j, int64_t id, struct err *e)
{
	sqlite3_stmt *s = db_prepare(j->db,
	    "SELECT 1 FROM item" ANSWERED " AND EXISTS (SELECT 1 FROM item n WHERE n.case_id ="
	    " a.case_id AND n.id > a.id AND n.state NOT IN (3, 5)) LIMIT 1",
	    e);
	int step;

	if (s == NULL)
		return -1;
	sqlite3_bind_int64(s, 1, id);
	step = sqlite3_step(s);
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		db_fail(j->db, "cannot read", e);
	sqlite3_finalize(s);
	if (step == SQLITE_ROW)
		return 1;
	return step == SQLITE_DONE ? 0 : -1;
}

/* It ended when it began: as for every doubt, the time is that of the wire. */
static int
back_to_doubt(struct journal *j, int64_t id, struct err *e)
{
	sqlite3_stmt *s = db_prepare(j->db,
	    "UPDATE item SET state = 4, ended_at = started_at WHERE id IN (SELECT a.id FROM"
	    " item" ANSWERED ")",
	    e);

	if (s == NULL)
		return -1;
	sqlite3_bind_int64(s, 1, id);
	if (db_finish(j->db, s, e) != 0)
		return -1;
	if (sqlite3_changes(j->db) == 0)
		return err_set(e, ERR_REFUSED, "there is no answer to take back");
	return 0;
}

int
journal_unresolve(struct journal *j, int64_t id, struct err *e)
{
	int r = db_exec(j->db, "BEGIN IMMEDIATE", e);

	if (r != 0)
		return -1;
	r = has_newer(j, id, e);
	if (r > 0) {
		r = err_set(e, ERR_REFUSED, "something was done with the case since");
		err_todo(e, "take that back first");
	}
	if (r == 0)
		r = back_to_doubt(j, id, e);
	if (r == 0 && db_exec(j->db, "COMMIT", e) == 0)
		return 0;
	sqlite3_exec(j->db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}
