/* The file below the cache: spoiled, locked, full, of another version, and hostile text. */
#include "place.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>

static void
write_file(const char *path, const char *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		abort();
	close(fd);
}

static void
spoil_text(const char *path)
{
	write_file(path,
	    "this is no database, but a long enough text for a header of one....."
	    "...............................................................",
	    120);
}

static void
spoil_version(const char *path)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db, "PRAGMA user_version = 999", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
spoil_foreign(const char *path)
{
	sqlite3 *db;

	unlink(path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "CREATE TABLE t(x)", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
spoil_pages(const char *path)
{
	char zeros[4096];
	int fd = open(path, O_WRONLY);

	memset(zeros, 0xee, sizeof(zeros));
	assert_int_equal(pwrite(fd, zeros, sizeof(zeros) - 100, 100), (ssize_t)sizeof(zeros) - 100);
	close(fd);
}

static void
test_unfit_file_is_put_aside(void **state)
{
	static void (*const spoil[])(const char *) = {
	    spoil_text, spoil_version, spoil_foreign, spoil_pages};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct place p;
		struct recipient r = made_recipient("a@x.test", STATE_GAVE_UP, "4.4.1");
		struct report report = made_report("<r1>", T0, "<1@example.org>", &r, 1);
		struct buf old = BUF_INIT;
		bool fresh;

		place_open(&p);
		put(&p, 1, &report);
		cache_close(&p.c);
		spoil[i](p.path);
		if (cache_open(&p.c, p.path, &p.e) != 0)
			fail_msg("%zu: %s", i, p.e.text);
		assert_string_not_equal(p.e.text, "");
		assert_non_null(strstr(p.e.todo, "cache.db.old"));
		buf_addf(&old, "%s.old", p.path);
		assert_int_equal(access(buf_cstr(&old), F_OK), 0);
		check_rows(&p, "");
		assert_int_equal(cache_box(p.c, "acc", "INBOX", 7, &p.box, &fresh, &p.e), 0);
		assert_true(fresh);
		put(&p, 1, &report);
		buf_free(&old);
		place_close(&p);
	}
}

static void
test_locked_and_read_only(void **state)
{
	struct place p;
	struct err e;
	struct cache *c = NULL;
	sqlite3 *db;

	(void)state;
	place_open(&p);
	assert_int_equal(sqlite3_open(p.path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(cache_begin(p.c, &e), -1);
	assert_int_equal(e.code, ERR_LOCKED);
	assert_true(e.todo[0] != '\0');
	sqlite3_close(db);
	assert_int_equal(cache_begin(p.c, &e), 0);
	assert_int_equal(cache_commit(p.c, &e), 0);
	place_close(&p);
	assert_int_equal(cache_open(&c, "/proc/none/cache.db", &e), -1);
	assert_null(c);
	assert_true(e.code == ERR_IO || e.code == ERR_NOT_FOUND);
}

/* A limit of the file's size stands for the disk. */
static void
test_full_disk_loses_nothing_stored(void **state)
{
	struct place p;
	struct recipient r = made_recipient("a@x.test", STATE_GAVE_UP, "4.4.1");
	struct report report = made_report("<r0>", T0, "<0@example.org>", &r, 1);
	struct rlimit before, small;
	struct cache_message m = {.uid = 1, .path = ""};
	char *big = malloc(8000);
	char *was;
	int result = 0;

	(void)state;
	memset(big, 'x', 7999);
	big[7999] = '\0';
	place_open(&p);
	put(&p, 1, &report);
	was = rows(&p);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = 400000;
	setrlimit(RLIMIT_FSIZE, &small);
	r.diagnostic = slice_of(big);
	for (uint32_t uid = 2; uid < 400 && result == 0; uid++) {
		m.uid = uid;
		result = cache_put(p.c, &p.box, &m, &report, own, 1, NULL, &p.e);
	}
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(result, -1);
	assert_int_equal(p.e.code, ERR_IO);
	assert_true(p.e.todo[0] != '\0');
	/* and goes on when there is room again */
	m.uid = 1000;
	assert_int_equal(cache_put(p.c, &p.box, &m, &report, own, 1, NULL, &p.e), 0);
	free(was);
	free(big);
	place_close(&p);
}

/* A failure in the middle of a batch takes all of it back. */
static void
test_batch_is_all_or_nothing(void **state)
{
	struct place p;
	struct recipient r = made_recipient("a@x.test", STATE_GAVE_UP, "4.4.1");
	struct report report = made_report("<r1>", T0, "<1@example.org>", &r, 1);

	(void)state;
	place_open(&p);
	assert_int_equal(cache_begin(p.c, &p.e), 0);
	put(&p, 1, &report);
	/* closed in the middle */
	cache_close(&p.c);
	assert_int_equal(cache_open(&p.c, p.path, &p.e), 0);
	check_rows(&p, "");
	place_close(&p);
}

/* Other tables: causes follow at the next start, without the mail. */
static void
test_new_tables_change_old_rows(void **state)
{
	struct place p;
	struct arena *a = arena_new();
	struct recipient r = made_recipient("a@x.test", STATE_GAVE_UP, "4.4.1");
	struct report report = made_report("<r1>", T0, "<1@example.org>", &r, 1);
	case_id id = id_of("<1@example.org>", "a@x.test");
	sqlite3 *db;
	struct row row;

	(void)state;
	place_open(&p);
	r.diagnostic = SLICE_LIT("connect to mx.x.test[192.0.2.7]:25: Connection refused");
	put(&p, 1, &report);
	assert_int_equal(cache_row(p.c, &id, a, &row, &p.e), 0);
	assert_int_equal(row.cause, CAUSE_UNKNOWN);
	cache_close(&p.c);
	assert_int_equal(sqlite3_open(p.path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db, "UPDATE meta SET value = 1", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(cache_open(&p.c, p.path, &p.e), 0);
	assert_string_equal(p.e.text, "");
	assert_int_equal(cache_row(p.c, &id, a, &row, &p.e), 0);
	assert_int_equal(row.cause, CAUSE_CONNECT_REFUSED);
	arena_free(&a);
	place_close(&p);
}

static void
test_accounts_stay_apart(void **state)
{
	struct place p;
	struct recipient r = made_recipient("a@x.test", STATE_GAVE_UP, "4.4.1");
	struct report report = made_report("<r1>", T0, "<1@example.org>", &r, 1);
	struct cache_box other;
	struct cache_message m = {.uid = 1, .path = "new/1", .internal_date = T0};
	struct buf b = BUF_INIT;
	bool fresh;

	(void)state;
	place_open(&p);
	put(&p, 1, &report);
	assert_int_equal(cache_rows(p.c, "other", add_row, &b, &p.e), 0);
	assert_int_equal(b.len, 0);
	assert_int_equal(cache_box(p.c, "other", "x", 1, &other, &fresh, &p.e), 0);
	assert_int_equal(cache_put(p.c, &other, &m, &report, own, 1, NULL, &p.e), 0);
	assert_int_equal(cache_rows(p.c, "other", add_row, &b, &p.e), 0);
	assert_true(b.len > 0);
	check_rows(
	    &p, "a@x.test x.test 4.4.1 gave-up x 1 1790000000-1790000000 u1 open cases new1\n");
	buf_free(&b);
	place_close(&p);
}

/* Bytes of every kind come through, and cannot break a statement. */
static void
test_hostile_text(void **state)
{
	struct place p;
	struct arena *a = arena_new();
	struct recipient r =
	    made_recipient("'; DROP TABLE cases; --@x.test", STATE_GAVE_UP, "4.4.1");
	struct report report = made_report("<r1>", T0, "<\xff\x1b[31m@example.org>", &r, 1);
	case_id id = case_id_make(&report, &r);
	struct detail d;

	(void)state;
	place_open(&p);
	r.diagnostic = (struct slice){"a\0b\xc3\x28", 5};
	r.n_causes = 1;
	r.causes[0] = (struct cause_hit){CAUSE_TLS, 0.5, {"x\ty\nz\0w", 7}, NULL};
	put(&p, 1, &report);
	assert_int_equal(cache_detail(p.c, &id, a, &d, &p.e), 0);
	assert_string_equal(d.row.recipient, "'; DROP TABLE cases; --@x.test");
	assert_int_equal(d.recipient.diagnostic.n, 5);
	assert_true(slice_is(d.recipient.causes[0].evidence, "x y z w"));
	arena_free(&a);
	place_close(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_unfit_file_is_put_aside),
	    cmocka_unit_test(test_locked_and_read_only),
	    cmocka_unit_test(test_full_disk_loses_nothing_stored),
	    cmocka_unit_test(test_batch_is_all_or_nothing),
	    cmocka_unit_test(test_new_tables_change_old_rows),
	    cmocka_unit_test(test_accounts_stay_apart),
	    cmocka_unit_test(test_hostile_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
