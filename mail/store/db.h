/* Of this room only: SQLite with words. Handles are used by one thread. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/* How long another process may hold the lock before ERR_LOCKED. */
#define DB_BUSY_MS 5000

/* Opens or makes a file of mode 0600. Fails with words that name the file:
 * ERR_IO, ERR_LOCKED, ERR_CORRUPT (it is no database, or not ours by application_id). */
int db_open(sqlite3 **db_r, const char *path, int32_t application_id, struct err *e);

/* Sets *e from the last failure of the handle: disk full, locked, damaged, … Returns -1. */
int db_fail(sqlite3 *db, const char *deed, struct err *e);

/* Statements of ours, no results wanted. */
int db_exec(sqlite3 *db, const char *sql, struct err *e);
/* A number that a query of ours gives; 0 if it gives none. */
int db_number(sqlite3 *db, const char *sql, int64_t *n_r, struct err *e);

/* NULL on failure. Finish with sqlite3_finalize. */
sqlite3_stmt *db_prepare(sqlite3 *db, const char *sql, struct err *e);
/* Runs to the end and finalises. */
int db_finish(sqlite3 *db, sqlite3_stmt *s, struct err *e);

/* A column as text that lives until the next step; "" for NULL. */
const char *db_text(sqlite3_stmt *s, int column);

#endif
