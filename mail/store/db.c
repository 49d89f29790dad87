#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "store/words.h"

int
db_fail(sqlite3 *db, const char *deed, struct err *e)
{
	char shown[WORDS_PATH_BYTES];
	const char *path = words_path(shown, sqlite3_db_filename(db, "main"));

	switch (sqlite3_errcode(db) & 0xff) {
	case SQLITE_FULL:
		err_set(e, ERR_IO, "%s: %s: the disk is full", deed, path);
		return err_todo(e, "make room on that disk, then try again");
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		err_set(e, ERR_LOCKED, "%s: %s: another process holds it", deed, path);
		return err_todo(e, "wait for the other bouncebox, or end it, then try again");
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		err_set(e, ERR_CORRUPT, "%s: %s: the file is damaged or no database", deed, path);
		return err_todo(e, "keep a copy of it, then move it away or restore a backup");
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
		err_set(e, ERR_IO, "%s: %s: cannot be written", deed, path);
		return err_todo(e, "check owner and permissions of the file and its folder");
	default:
		err_set(e, ERR_IO, "%s: %s: %s", deed, path, sqlite3_errmsg(db));
		return err_todo(e, "look at the disk: room, quota, faults");
	}
}

/* SQLite would make the file with the umask's mode, and follow with its journals. */
static int
make_private(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return words_errno(e, errno, "open", path);
	close(fd);
	return 0;
}

static int
check_ours(sqlite3 *db, int32_t application_id, struct err *e)
{
	char shown[WORDS_PATH_BYTES];
	int64_t id;
	int64_t tables;

	/* In this order: another process may be making it between the two. */
	if (db_number(db, "SELECT count(*) FROM sqlite_master", &tables, e) != 0 ||
	    db_number(db, "PRAGMA application_id", &id, e) != 0)
		return -1;
	if (id == application_id || (id == 0 && tables == 0))
		return 0;
	err_set(e, ERR_CORRUPT, "%s is a database of another program",
	    words_path(shown, sqlite3_db_filename(db, "main")));
	return err_todo(e, "move it away, then start again");
}

/* Statistics that nobody reads would take a lock at each allocation. Before main:
 * SQLite must not be at work yet. */
static void __attribute__((constructor)) leave_out_statistics(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int
db_open(sqlite3 **db_r, const char *path, int32_t application_id, struct err *e)
{
	sqlite3 *db = NULL;
	char shown[WORDS_PATH_BYTES];

	*db_r = NULL;
	if (make_private(path, e) != 0)
		return -1;
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
	    SQLITE_OK) {
		err_set(e, ERR_IO, "cannot open %s: %s", words_path(shown, path),
		    db == NULL ? "out of memory" : sqlite3_errmsg(db));
		sqlite3_close(db);
		return -1;
	}
	sqlite3_busy_timeout(db, DB_BUSY_MS);
	sqlite3_extended_result_codes(db, 1);
	if (check_ours(db, application_id, e) != 0) {
		sqlite3_close(db);
		return -1;
	}
	*db_r = db;
	return 0;
}

int
db_exec(sqlite3 *db, const char *sql, struct err *e)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(db, "cannot write", e);
	return 0;
}

int
db_number(sqlite3 *db, const char *sql, int64_t *n_r, struct err *e)
{
	sqlite3_stmt *s = db_prepare(db, sql, e);
	int step;

	*n_r = 0;
	if (s == NULL)
		return -1;
	step = sqlite3_step(s);
	if (step == SQLITE_ROW)
		*n_r = sqlite3_column_int64(s, 0);
	else if (step != SQLITE_DONE)
		db_fail(db, "cannot read", e);
	sqlite3_finalize(s);
	return step == SQLITE_ROW || step == SQLITE_DONE ? 0 : -1;
}

sqlite3_stmt *
db_prepare(sqlite3 *db, const char *sql, struct err *e)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK) {
		db_fail(db, "cannot read", e);
		return NULL;
	}
	return s;
}

int
db_finish(sqlite3 *db, sqlite3_stmt *s, struct err *e)
{
	int step;
	int r = 0;

	do {
		step = sqlite3_step(s);
	} while (step == SQLITE_ROW);
	if (step != SQLITE_DONE)
		r = db_fail(db, "cannot write", e);
	sqlite3_finalize(s);
	return r;
}

const char *
db_text(sqlite3_stmt *s, int column)
{
	const unsigned char *text = sqlite3_column_text(s, column);

	return text == NULL ? "" : (const char *)text;
}
