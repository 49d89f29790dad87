/* What the files of the journal share. Private to the room. */
#ifndef STORE_JOURNAL_INT_H
#define STORE_JOURNAL_INT_H

#include "store/db.h"
#include "store/holder.h"
#include "store/journal.h"

struct journal {
	sqlite3 *db;
	char *path;
	struct holder holder;
};

void journal_bind(sqlite3_stmt *s, int at, const char *text); /* NULL is "" */
/* In the transaction that adds the item. */
int journal_put_bytes(struct journal *j, int64_t item, struct slice bytes, struct err *e);

#endif
