/* A cache in a folder of its own, and what it says in one line a row. */
#ifndef TEST_PLACE_H
#define TEST_PLACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "folder.h"
#include "made.h"
#include "store/cache.h"

#define T0 1790000000
#define HOUR 3600

static const char *const own[] = {"example.org"};

struct place {
	char *folder;
	char *path;
	struct cache *c;
	struct cache_box box;
	struct err e;
};

static inline void
place_open(struct place *p)
{
	bool fresh;

	p->folder = folder_new();
	p->path = folder_path(p->folder, "cache.db");
	if (cache_open(&p->c, p->path, &p->e) != 0)
		fail_msg("%s", p->e.text);
	assert_string_equal(p->e.text, "");
	assert_int_equal(cache_box(p->c, "acc", "INBOX", 7, &p->box, &fresh, &p->e), 0);
	assert_true(fresh);
}

static inline void
place_close(struct place *p)
{
	cache_close(&p->c);
	free(p->path);
	folder_free(p->folder);
}

static inline void
put(struct place *p, uint32_t uid, const struct report *r)
{
	struct cache_message m = {.uid = uid, .internal_date = r->date, .path = ""};

	if (cache_put(p->c, &p->box, &m, r, own, 1, NULL, &p->e) != 0)
		fail_msg("put %u: %s", uid, p->e.text);
}

static inline bool
add_row(void *ctx, const struct row *row)
{
	buf_addf(ctx, "%s %s %s %s %s %u %lld-%lld u%u %s %s new%d\n", row->recipient, row->domain,
	    row->status, state_id(row->state), row->trail, row->reports, (long long)row->first_seen,
	    (long long)row->last_seen, row->uid, handling_id(row->handling), lane_id(row->lane),
	    row->is_new);
	return true;
}

static inline char *
rows(struct place *p)
{
	struct buf b = BUF_INIT;

	assert_int_equal(cache_rows(p->c, "acc", add_row, &b, &p->e), 0);
	return buf_take(&b);
}

static inline void
check_rows(struct place *p, const char *want)
{
	char *got = rows(p);

	assert_string_equal(got, want);
	free(got);
}

static inline case_id
id_of(const char *original, const char *address)
{
	struct recipient r = made_recipient(address, STATE_GAVE_UP, "");
	struct report report = made_report("", 0, original, &r, 1);

	return case_id_make(&report, &r);
}

#endif
