/* The thread that reads: same facts, same order, bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "work/reader.h"

static void
make_bounce(struct buf *out, unsigned i)
{
	buf_clear(out);
	buf_addf(out,
	    "From: MAILER-DAEMON@mx.test\r\nMessage-ID: <%u@mx.test>\r\nContent-Type: "
	    "multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
	    "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\n"
	    "Final-Recipient: rfc822; u%u@x.test\r\nAction: failed\r\nStatus: "
	    "5.1.1\r\n\r\n--b--\r\n",
	    i, i);
}

static void
check(const struct bundle *b, size_t at, unsigned i)
{
	const struct reading_job *job = &b->jobs[at];
	struct arena *a = arena_new();
	struct buf bytes = BUF_INIT, here = BUF_INIT, there = BUF_INIT;
	struct report r;
	struct json j;

	make_bounce(&bytes, i);
	assert_true(slice_eq(bundle_bytes(b, job), buf_slice(&bytes)));
	report_read(a, buf_slice(&bytes), &r);
	json_begin(&j, &here);
	report_json(&j, slice_of(""), &r);
	json_begin(&j, &there);
	report_json(&j, slice_of(""), &job->r);
	assert_true(here.len > 100);
	assert_string_equal(buf_cstr(&there), buf_cstr(&here));
	assert_int_equal(job->m.uid, i);
	assert_int_equal(job->m.n_keywords, i % 3 == 0);
	if (i % 3 == 0)
		assert_string_equal(job->m.keywords[0], "marked");
	assert_int_equal(job->is_partly, i % 2);
	arena_free(&a);
	buf_free(&bytes);
	buf_free(&here);
	buf_free(&there);
}

static unsigned
check_bundle(struct reader *rd, struct bundle *b, unsigned first)
{
	unsigned n = (unsigned)b->n;

	for (unsigned i = 0; i < n; i++)
		check(b, i, first + i);
	reader_give_back(rd, b);
	return n;
}

static void
test_same_facts_in_order(void **state)
{
	enum { ALL = 1000 };
	struct reader *rd = reader_new();
	struct bundle *b = NULL, *done;
	struct buf bytes = BUF_INIT;
	unsigned checked = 0;

	(void)state;
	assert_non_null(rd);
	for (unsigned i = 0; i < ALL; i++) {
		char word[] = "marked";
		const char *words[] = {word};
		struct cache_message m = {
		    .uid = i, .keywords = words, .n_keywords = i % 3 == 0, .path = ""};

		make_bounce(&bytes, i);
		while (b == NULL || !bundle_add(b, &m, buf_slice(&bytes), i % 2)) {
			if (b != NULL)
				reader_send(rd, b);
			while ((b = reader_empty(rd)) == NULL) {
				done = reader_take(rd, true);
				assert_non_null(done); /* something is under way */
				checked += check_bundle(rd, done, checked);
			}
		}
		memset(word, 'x', sizeof(word) - 1); /* it was copied */
	}
	reader_send(rd, b);
	while ((done = reader_take(rd, true)) != NULL)
		checked += check_bundle(rd, done, checked);
	assert_int_equal(checked, ALL);
	reader_free(&rd);
	assert_null(rd);
	buf_free(&bytes);
}

static void
test_bounds(void **state)
{
	struct reader *rd = reader_new();
	struct bundle *b[READER_BUNDLES];
	struct cache_message m = {.uid = 1, .path = ""};
	struct buf big = BUF_INIT;
	size_t n = 0;

	(void)state;
	assert_non_null(rd);
	for (size_t i = 0; i < READER_BUNDLES; i++)
		assert_non_null(b[i] = reader_empty(rd));
	assert_null(reader_empty(rd));
	assert_null(reader_take(rd, true)); /* none is under way: nothing to wait for */
	while (bundle_add(b[0], &m, SLICE_LIT("x"), false))
		n++;
	assert_int_equal(n, READER_MESSAGES);
	for (size_t i = 0; i < READER_BYTES; i++)
		buf_addc(&big, 'x');
	assert_true(bundle_add(b[1], &m, buf_slice(&big), false));
	assert_false(bundle_add(b[1], &m, SLICE_LIT("x"), false));
	buf_addc(&big, 'x');
	assert_false(bundle_add(b[2], &m, buf_slice(&big), false));
	/* ended with all of them under way */
	for (size_t i = 0; i < READER_BUNDLES; i++)
		reader_send(rd, b[i]);
	reader_free(&rd);
	buf_free(&big);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_same_facts_in_order),
	    cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
