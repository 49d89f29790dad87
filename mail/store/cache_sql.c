#include "store/cache_sql.h"

#include <assert.h>
#include <stdarg.h>

#include "store/db.h"

int
cache_fail(struct cache *c, struct err *e)
{
	db_fail(c->db, "the cache", e);
	c->has_failed = true;
	if (e->code == ERR_CORRUPT) {
		c->is_broken = true;
		err_todo(e, "start again: it is made anew, and nothing is lost");
	}
	return -1;
}

static void
bind_all(sqlite3_stmt *s, const char *types, va_list ap)
{
	assert(strlen(types) == (size_t)sqlite3_bind_parameter_count(s));
	for (int i = 1; *types != '\0'; types++, i++) {
		struct slice text;

		if (*types == 'i') {
			sqlite3_bind_int64(s, i, va_arg(ap, int64_t));
			continue;
		}
		if (*types == 's')
			text = va_arg(ap, struct slice);
		else
			text = slice_of(va_arg(ap, const char *));
		/* A NULL pointer would bind NULL, and nothing here is ever NULL. */
		sqlite3_bind_text64(
		    s, i, text.p != NULL ? text.p : "", text.n, SQLITE_STATIC, SQLITE_UTF8);
	}
}

void
cache_bind(sqlite3_stmt *s, const char *types, ...)
{
	va_list ap;

	va_start(ap, types);
	bind_all(s, types, ap);
	va_end(ap);
}

int
cache_step(struct cache *c, sqlite3_stmt *s, struct err *e)
{
	int code = sqlite3_step(s);

	if (code == SQLITE_ROW)
		return 1;
	if (code != SQLITE_DONE)
		cache_fail(c, e);
	sqlite3_reset(s);
	return code == SQLITE_DONE ? 0 : -1;
}

int
cache_run(struct cache *c, enum sql which, struct err *e, const char *types, ...)
{
	sqlite3_stmt *s = cache_stmt(c, which, e);
	va_list ap;

	if (s == NULL)
		return -1;
	va_start(ap, types);
	bind_all(s, types, ap);
	va_end(ap);
	return cache_step(c, s, e);
}

int
cache_ask(struct cache *c, enum sql which, int64_t fallback, int64_t *value_r, struct err *e,
    const char *types, ...)
{
	sqlite3_stmt *s = cache_stmt(c, which, e);
	va_list ap;
	int step;

	if (s == NULL)
		return -1;
	va_start(ap, types);
	bind_all(s, types, ap);
	va_end(ap);
	step = cache_step(c, s, e);
	if (step < 0)
		return -1;
	*value_r = step == 1 ? sqlite3_column_int64(s, 0) : fallback;
	sqlite3_reset(s);
	return 0;
}

int
cache_know(struct cache *c, enum sql which, enum known *k, struct err *e)
{
	int64_t any = 0;

	if (*k != KNOWN_NOT)
		return 0;
	if (cache_ask(c, which, 0, &any, e, "") < 0)
		return -1;
	*k = any == 0 ? KNOWN_NONE : KNOWN_SOME;
	return 0;
}

struct slice
cache_text(sqlite3_stmt *s, int column)
{
	const char *p = (const char *)sqlite3_column_text(s, column);

	return p == NULL ? SLICE_EMPTY : (struct slice){p, (size_t)sqlite3_column_bytes(s, column)};
}

struct slice
cache_copy(sqlite3_stmt *s, int column, struct arena *a)
{
	return arena_copy(a, cache_text(s, column));
}
