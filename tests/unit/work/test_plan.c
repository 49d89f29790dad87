#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "work/keywords.h"
#include "work/local.h"
#include "work/plan.h"

struct plan_row {
	const char *name;
	uint32_t known[8], there[8], fresh[8], gone[8];
};

/* Lists end at 0. */
static const struct plan_row plan_rows[] = {
    {"nothing anywhere", {0}, {0}, {0}, {0}},
    {"cold: all, newest first", {0}, {1, 2, 9}, {9, 2, 1}, {0}},
    {"all gone", {1, 5}, {0}, {0}, {1, 5}},
    {"nothing changed", {1, 2, 3}, {1, 2, 3}, {0}, {0}},
    {"new at the end", {1, 2}, {1, 2, 3, 4}, {4, 3}, {0}},
    {"some of both", {1, 2, 4, 6}, {2, 3, 6, 7}, {7, 3}, {1, 4}},
    {"a gap that was never read", {1, 9}, {1, 4, 5, 9}, {5, 4}, {0}},
    {"the greatest UID", {1}, {1, UINT32_MAX}, {UINT32_MAX}, {0}},
};

static size_t
count(const uint32_t *list)
{
	size_t n = 0;

	while (n < 8 && list[n] != 0)
		n++;
	return n;
}

static void
test_plan(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(plan_rows) / sizeof(plan_rows[0]); i++) {
		const struct plan_row *r = &plan_rows[i];
		struct sync_plan p;

		print_message("  %s\n", r->name);
		plan_make(&p, r->known, count(r->known), r->there, count(r->there));
		assert_int_equal(p.n_fresh, count(r->fresh));
		assert_int_equal(p.n_gone, count(r->gone));
		assert_memory_equal(p.fresh, r->fresh, p.n_fresh * sizeof(uint32_t));
		assert_memory_equal(p.gone, r->gone, p.n_gone * sizeof(uint32_t));
		plan_free(&p);
	}
}

struct range_row {
	const char *name;
	uint32_t uids[8];
	struct imap_range ranges[8];
};

static const struct range_row range_rows[] = {
    {"none", {0}, {{0, 0}}},
    {"one", {7}, {{7, 7}}},
    {"descending run", {9, 8, 7}, {{7, 9}}},
    {"ascending run", {7, 8, 9}, {{7, 9}}},
    {"two runs", {9, 8, 3, 2}, {{8, 9}, {2, 3}}},
    {"no neighbours", {9, 7, 5}, {{9, 9}, {7, 7}, {5, 5}}},
    {"down to the first", {2, 1}, {{1, 2}}},
    {"the greatest UID does not wrap", {UINT32_MAX, 1}, {{UINT32_MAX, UINT32_MAX}, {1, 1}}},
};

static void
test_ranges(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(range_rows) / sizeof(range_rows[0]); i++) {
		const struct range_row *r = &range_rows[i];
		struct imap_range got[8];
		size_t n = plan_ranges(r->uids, count(r->uids), got);

		print_message("  %s\n", r->name);
		for (size_t k = 0; k < 8 && r->ranges[k].first != 0; k++) {
			assert_true(k < n);
			assert_int_equal(got[k].first, r->ranges[k].first);
			assert_int_equal(got[k].last, r->ranges[k].last);
		}
		assert_true(n == 8 || r->ranges[n].first == 0);
	}
}

static void
test_slices_stay_in_bounds(void **state)
{
	size_t slice = PLAN_FIRST;

	(void)state;
	for (int i = 0; i < 20; i++)
		slice = plan_slice(slice, 1);
	assert_int_equal(slice, PLAN_BATCH);
	for (int i = 0; i < 20; i++)
		slice = plan_slice(slice, 60000);
	assert_true(slice > 0 && slice < PLAN_FIRST);
	assert_int_equal(plan_slice(100, 500), 100);
}

struct uid_row {
	const char *name;
	const char *a, *b;
	bool is_same;
};

static const struct uid_row uid_rows[] = {
    {"moved from new to cur", "/m/new/1.x", "/m/cur/1.x:2,S", true},
    {"other flags", "/m/cur/1.x:2,S", "/m/cur/1.x:2,FS", true},
    {"another file", "/m/new/1.x", "/m/new/2.x", false},
    {"another folder", "/m/a/1.eml", "/m/b/1.eml", false},
    {"sub-Maildirs differ", "/m/.A/cur/1.x:2,", "/m/.B/cur/1.x:2,", false},
    {"flags count outside of a Maildir", "/m/a/1.x:2,S", "/m/a/1.x", false},
    {"messages of one mbox file", "/m/box:0", "/m/box:1", false},
};

static void
test_local_uids(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(uid_rows) / sizeof(uid_rows[0]); i++) {
		const struct uid_row *r = &uid_rows[i];
		uint32_t a = local_uid_of_file(SLICE_LIT("/m"), slice_of(r->a));
		uint32_t b = local_uid_of_file(SLICE_LIT("/m"), slice_of(r->b));

		print_message("  %s\n", r->name);
		assert_int_not_equal(a, 0);
		assert_int_equal(a == b, r->is_same);
		assert_int_equal(a, local_uid_of_file(SLICE_LIT("/m/"), slice_of(r->a)));
	}
	assert_int_not_equal(local_uid_of_bytes(SLICE_EMPTY), 0);
	assert_int_not_equal(
	    local_uid_of_bytes(SLICE_LIT("a")), local_uid_of_bytes(SLICE_LIT("b")));
}

struct keyword_row {
	const char *name;
	const char *keywords[4];
	bool is_ours;
	enum handling handling;
};

static const struct keyword_row keyword_rows[] = {
    {"none", {NULL}, false, HANDLING_OPEN},
    {"only others'", {"$Forwarded", "bouncebox-other"}, false, HANDLING_OPEN},
    {"ignored", {"$x", "bouncebox-ignored"}, true, HANDLING_IGNORED},
    {"servers fold case", {"BounceBox-Resent"}, true, HANDLING_RESENT},
    {"ignored after resent", {"bouncebox-resent", "bouncebox-ignored"}, true, HANDLING_IGNORED},
    {"done is the end", {"bouncebox-noted", "bouncebox-done"}, true, HANDLING_DONE},
};

static void
test_keywords(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(keyword_rows) / sizeof(keyword_rows[0]); i++) {
		const struct keyword_row *r = &keyword_rows[i];
		enum handling h = HANDLING_OPEN;
		size_t n = 0;

		print_message("  %s\n", r->name);
		while (n < 4 && r->keywords[n] != NULL)
			n++;
		assert_int_equal(keywords_read(r->keywords, n, &h), r->is_ours);
		assert_int_equal(h, r->handling);
	}
	assert_string_equal(keyword_of(HANDLING_OPEN), "");
	assert_string_equal(keyword_of(HANDLING_DOUBT), "");
}

static void
test_gone(void **state)
{
	struct imap_range ranges[] = {
	    {7, 7}, {5, 10}, {1, 2}, {90, UINT32_MAX}, {30, 29 + 1}, {4294967000u, 4294967010u}};
	struct imap_ranges set = {ranges, sizeof(ranges) / sizeof(ranges[0]), NULL, 0};
	uint32_t known[] = {2, 3, 5, 7, 8, 10, 11, 30, 31, 89, 90, 4294967295u}, gone[12];
	static const uint32_t kept_now[] = {3, 11, 31, 89},
			      gone_now[] = {2, 5, 7, 8, 10, 30, 90, 4294967295u};
	size_t n = 12;

	(void)state;
	assert_int_equal(plan_gone(&set, known, &n, gone), 8);
	assert_int_equal(n, 4);
	assert_memory_equal(known, kept_now, sizeof(kept_now));
	assert_memory_equal(gone, gone_now, sizeof(gone_now));
	set.n = 0;
	assert_int_equal(plan_gone(&set, known, &n, gone), 0);
	assert_int_equal(n, 4);
	n = 0;
	set.n = 3;
	assert_int_equal(plan_gone(&set, known, &n, gone), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_gone),
	    cmocka_unit_test(test_plan),
	    cmocka_unit_test(test_ranges),
	    cmocka_unit_test(test_slices_stay_in_bounds),
	    cmocka_unit_test(test_local_uids),
	    cmocka_unit_test(test_keywords),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
