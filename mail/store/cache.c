#include "store/cache.h"

#include <errno.h>
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/cache_sql.h"
#include "store/db.h"
#include "store/words.h"

#define APPLICATION_ID 0x62626361 /* "bbca" */

/* A crash may cost the last transactions, never the file: the server has it all. */
static const char pragmas[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
    "PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 33554432;"
    "PRAGMA cache_size = -4000; PRAGMA temp_store = MEMORY;"
    "PRAGMA trusted_schema = OFF;";

/* Two processes that meet a new or a broken file together would both make it
 * anew: this lock is held while one looks. Without it (a folder that cannot be
 * written) opening fails a moment later, with words. */
static int
lock_opening(const char *path)
{
	struct buf name = BUF_INIT;
	int fd;

	buf_addf(&name, "%s.lock", path);
	fd = open(name.data, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
			;
	buf_free(&name);
	return fd;
}

static int
make_schema(struct cache *c, struct err *e)
{
	struct buf sql = BUF_INIT;
	int result;

	buf_addf(&sql, "BEGIN IMMEDIATE; %s PRAGMA application_id = %d; PRAGMA user_version = %d;",
	    cache_schema, APPLICATION_ID, CACHE_VERSION);
	buf_addf(
	    &sql, "INSERT INTO meta VALUES ('tables', %lld); COMMIT;", (long long)tables_version());
	result = db_exec(c->db, buf_cstr(&sql), e);
	buf_free(&sql);
	return result;
}

static int
check_version(struct cache *c, struct err *e)
{
	char shown[WORDS_PATH_BYTES];
	int64_t version;
	int64_t objects;

	if (db_number(c->db, "PRAGMA user_version", &version, e) < 0 ||
	    db_number(c->db, "SELECT count(*) FROM sqlite_master", &objects, e) < 0)
		return -1;
	if (objects == 0)
		return make_schema(c, e);
	if (version == CACHE_VERSION)
		return 0;
	return err_set(e, ERR_CORRUPT,
	    "the cache %s has format %lld, this program writes format %d",
	    words_path(shown, c->path), (long long)version, CACHE_VERSION);
}

static void
close_file(struct cache *c)
{
	for (size_t i = 0; i < SQL_COUNT; i++) {
		sqlite3_finalize(c->stmts[i]);
		c->stmts[i] = NULL;
	}
	sqlite3_close(c->db);
	c->db = NULL;
}

static int
open_file(struct cache *c, struct err *e)
{
	int64_t tables = 0;

	if (db_open(&c->db, c->path, APPLICATION_ID, e) < 0)
		return -1;
	if (db_exec(c->db, pragmas, e) == 0 && check_version(c, e) == 0 &&
	    cache_ask(c, SQL_TABLES_GET, 0, &tables, e, "") == 0 &&
	    (tables == tables_version() || cache_derive_all(c, e) == 0))
		return 0;
	close_file(c);
	return -1;
}

/* With its journal: SQLite would play that into the new file. */
static int
put_aside(const char *path, struct err *e)
{
	static const char *const ends[] = {"-wal", "-shm", ""};
	struct buf from = BUF_INIT;
	struct buf to = BUF_INIT;
	int result = 0;

	for (size_t i = 0; i < 3 && result == 0; i++) {
		buf_clear(&from);
		buf_clear(&to);
		buf_addf(&from, "%s%s", path, ends[i]);
		buf_addf(&to, "%s.old%s", path, ends[i]);
		if (rename(from.data, to.data) < 0 && errno != ENOENT)
			result = words_errno(e, errno, "put aside", from.data);
	}
	buf_free(&from);
	buf_free(&to);
	return result;
}

static int
open_anew(struct cache *c, struct err *e)
{
	char shown[WORDS_PATH_BYTES];
	struct err why = *e;

	if (put_aside(c->path, e) < 0 || open_file(c, e) < 0)
		return -1;
	err_set(e, ERR_NONE, "%s", why.text);
	return err_todo(e, "it was put aside as %s.old and is made anew from the mailbox",
	    words_path(shown, c->path));
}

int
cache_open(struct cache **c_r, const char *path, struct err *e)
{
	struct cache *c = xcalloc(1, sizeof(*c));
	int lock = lock_opening(path);
	int result;

	err_clear(e);
	c->path = xstrdup(path);
	c->arena = arena_new();
	c->facts = arena_new();
	result = open_file(c, e);
	if (result < 0 && e->code == ERR_CORRUPT) {
		open_anew(c, e);
		result = c->db != NULL ? 0 : -1;
	}
	c->is_broken = false;
	c->has_failed = false;
	if (lock >= 0)
		close(lock);
	if (result < 0)
		cache_close(&c);
	*c_r = c;
	return result;
}

void
cache_work(struct cache *c)
{
	struct err ignored;

	db_exec(c->db, "PRAGMA cache_size = -32000", &ignored);
}

bool
cache_changed_elsewhere(struct cache *c)
{
	int64_t version, before = c->version;
	struct err ignored;

	if (db_number(c->db, "PRAGMA data_version", &version, &ignored) < 0)
		return false;
	c->version = version;
	return before != 0 && version != before;
}

void
cache_rest(struct cache *c)
{
	struct err ignored;

	if (c->is_open)
		return;
	db_exec(c->db, "PRAGMA cache_size = -4000", &ignored);
	sqlite3_db_release_memory(c->db);
#ifdef __GLIBC__
	malloc_trim(0); /* or it would stay with the thread that freed it */
#endif
}

void
cache_close(struct cache **c)
{
	struct err ignored;

	if (c == NULL || *c == NULL)
		return;
	if ((*c)->is_open) {
		(*c)->has_failed = true;
		cache_commit(*c, &ignored);
	}
	close_file(*c);
	if ((*c)->is_broken)
		put_aside((*c)->path, &ignored); /* if that fails, the next start says so */
	arena_free(&(*c)->arena);
	arena_free(&(*c)->facts);
	buf_free(&(*c)->dirty);
	free((*c)->path);
	free(*c);
	*c = NULL;
}

int
cache_begin(struct cache *c, struct err *e)
{
	if (c->is_open)
		return 0;
	if (cache_run(c, SQL_BEGIN, e, "") < 0)
		return -1;
	c->is_open = true;
	c->has_failed = false;
	c->handled = c->aliases = KNOWN_NOT;
	return 0;
}

static int
roll_back(struct cache *c)
{
	struct err ignored;

	cache_clean(c);
	c->is_open = false;
	/* SQLite has done so itself after some failures. */
	if (!sqlite3_get_autocommit(c->db))
		cache_run(c, SQL_ROLLBACK, &ignored, "");
	return -1;
}

int
cache_commit(struct cache *c, struct err *e)
{
	if (!c->is_open)
		return 0;
	if (c->has_failed) {
		err_set(e, ERR_IO, "what was read last could not be stored in the cache");
		err_todo(e, "it is read again at the next sync");
		return roll_back(c);
	}
	if (cache_settle(c, e) < 0 || cache_run(c, SQL_COMMIT, e, "") < 0)
		return roll_back(c);
	c->is_open = false;
	return 0;
}

int
cache_enter(struct cache *c, bool *mine_r, struct err *e)
{
	*mine_r = !c->is_open;
	return cache_begin(c, e);
}

int
cache_leave(struct cache *c, bool mine, int result, struct err *e)
{
	struct err ignored;

	arena_reset(c->arena);
	if (result < 0)
		c->has_failed = true;
	if (!mine)
		return result;
	if (result < 0) {
		cache_commit(c, &ignored); /* rolls back; the first failure is told */
		return -1;
	}
	return cache_commit(c, e);
}

int
cache_account(struct cache *c, const char *name, bool make, int64_t *id_r, struct err *e)
{
	if (cache_ask(c, SQL_ACCOUNT_FIND, 0, id_r, e, "t", name) < 0)
		return -1;
	if (*id_r != 0 || !make)
		return 0;
	if (cache_run(c, SQL_ACCOUNT_ADD, e, "t", name) < 0)
		return -1;
	return cache_ask(c, SQL_ACCOUNT_FIND, 0, id_r, e, "t", name);
}

static int
find_box(struct cache *c, int64_t account, const char *mailbox, struct cache_box *b, struct err *e)
{
	sqlite3_stmt *s = cache_stmt(c, SQL_BOX_FIND, e);
	int step;

	*b = (struct cache_box){.id = 0};
	if (s == NULL)
		return -1;
	cache_bind(s, "it", account, mailbox);
	step = cache_step(c, s, e);
	if (step == 1) {
		b->id = sqlite3_column_int64(s, 0);
		b->uidvalidity = (uint32_t)sqlite3_column_int64(s, 1);
		b->uidnext = (uint32_t)sqlite3_column_int64(s, 2);
		b->modseq = (uint64_t)sqlite3_column_int64(s, 3);
		sqlite3_reset(s);
	}
	return step < 0 ? -1 : 0;
}

/* The server numbers anew: nothing that was known can be found by its UID. */
static int
forget_box(struct cache *c, const struct cache_box *b, uint32_t uidvalidity, struct err *e)
{
	sqlite3_stmt *s = cache_stmt(c, SQL_BOX_CASES, e);
	int step;

	if (s == NULL)
		return -1;
	cache_bind(s, "i", b->id);
	while ((step = cache_step(c, s, e)) == 1)
		cache_touch(c, sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), NULL);
	if (step < 0 || cache_run(c, SQL_BOX_NO_DELIVERIES, e, "i", b->id) < 0 ||
	    cache_run(c, SQL_BOX_NO_REPORTS, e, "i", b->id) < 0 ||
	    cache_run(c, SQL_BOX_NO_MESSAGES, e, "i", b->id) < 0)
		return -1;
	return cache_run(c, SQL_BOX_RESET, e, "ii", b->id, (int64_t)uidvalidity);
}

static int
renew_box(struct cache *c, const char *account, const char *mailbox, uint32_t uidvalidity,
    struct cache_box *b, struct err *e)
{
	int64_t id;

	/* Asked again: another process may have been quicker. */
	if (cache_account(c, account, true, &id, e) < 0 || find_box(c, id, mailbox, b, e) < 0)
		return -1;
	c->account = id;
	if (b->id == 0) {
		if (cache_run(c, SQL_BOX_ADD, e, "iti", id, mailbox, (int64_t)uidvalidity) < 0)
			return -1;
	} else if (b->uidvalidity != uidvalidity && forget_box(c, b, uidvalidity, e) < 0) {
		return -1;
	}
	return find_box(c, id, mailbox, b, e);
}

int
cache_box(struct cache *c, const char *account, const char *mailbox, uint32_t uidvalidity,
    struct cache_box *box_r, bool *fresh_r, struct err *e)
{
	int64_t id;
	bool mine;
	int result;

	*fresh_r = false;
	if (cache_account(c, account, false, &id, e) < 0 || find_box(c, id, mailbox, box_r, e) < 0)
		return -1;
	c->account = id;
	if (uidvalidity == 0 || (box_r->id != 0 && box_r->uidvalidity == uidvalidity))
		return 0;
	*fresh_r = true;
	if (cache_enter(c, &mine, e) < 0)
		return -1;
	result = renew_box(c, account, mailbox, uidvalidity, box_r, e);
	return cache_leave(c, mine, result, e);
}

int
cache_box_synced(struct cache *c, const struct cache_box *box, struct err *e)
{
	return cache_run(c, SQL_BOX_SYNCED, e, "iiii", box->id, (int64_t)box->uidvalidity,
	    (int64_t)box->uidnext, (int64_t)box->modseq);
}

int
cache_uids(
    struct cache *c, const struct cache_box *box, uint32_t **uids_r, size_t *n_r, struct err *e)
{
	sqlite3_stmt *s = cache_stmt(c, SQL_BOX_UIDS, e);
	struct buf uids = BUF_INIT;
	int step;

	if (s == NULL)
		return -1;
	cache_bind(s, "i", box->id);
	while ((step = cache_step(c, s, e)) == 1) {
		uint32_t uid = (uint32_t)sqlite3_column_int64(s, 0);

		buf_add(&uids, &uid, sizeof(uid));
	}
	*n_r = uids.len / sizeof(uint32_t);
	*uids_r = (uint32_t *)(void *)buf_take(&uids);
	if (step < 0) {
		free(*uids_r);
		*uids_r = NULL;
	}
	return step;
}
