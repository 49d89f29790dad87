/* Messages that were made to hurt: each is read, stays within its limits, and asks
 * for memory in proportion to its size, twice as much for twice the message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "bounce/report.h"
#include "hostile.h"

static size_t
memory_of(const struct hostile *x, size_t n, size_t *bytes)
{
	struct arena *a = arena_new();
	struct buf message = BUF_INIT;
	struct buf out = BUF_INIT;
	struct report r;
	struct json j;
	size_t used;

	x->make(&message, n);
	report_read(a, buf_slice(&message), &r);
	assert_true(r.n_recipients <= REPORT_MAX_RECIPIENTS);
	json_begin(&j, &out);
	report_json(&j, SLICE_LIT("hostile"), &r);
	used = arena_used(a);
	*bytes = message.len;
	buf_free(&message);
	buf_free(&out);
	arena_free(&a);
	return used;
}

static void
test_hostile(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(hostiles) / sizeof(hostiles[0]); i++) {
		size_t small_bytes;
		size_t bytes;
		size_t small = memory_of(&hostiles[i], hostiles[i].n / 2, &small_bytes);
		size_t used = memory_of(&hostiles[i], hostiles[i].n, &bytes);

		if (used > 4 * 1024 * 1024 + 8 * bytes)
			fail_msg("%s: %zu bytes of memory for %zu", hostiles[i].name, used, bytes);
		if (used > 2 * small + 64 * 1024)
			fail_msg(
			    "%s: %zu bytes for half, %zu for all", hostiles[i].name, small, used);
	}
}

static void
test_cut_is_told(void **unused)
{
	struct arena *a = arena_new();
	struct buf message = BUF_INIT;
	struct report r;

	(void)unused;
	many_recipients(&message, REPORT_MAX_RECIPIENTS);
	report_read(a, buf_slice(&message), &r);
	assert_int_equal(r.n_recipients, REPORT_MAX_RECIPIENTS);
	assert_false(r.is_cut);
	many_recipients(&message, 1);
	arena_reset(a);
	report_read(a, buf_slice(&message), &r);
	assert_int_equal(r.n_recipients, REPORT_MAX_RECIPIENTS);
	assert_true(r.is_cut);
	buf_free(&message);
	arena_free(&a);
}

/* Every prefix of a bounce is read without harm. */
static void
test_prefixes(void **unused)
{
	static const char text[] = HEAD
	    "Content-Type: multipart/report; report-type=delivery-status; boundary=\"x\"\n\n"
	    "--x\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
	    "quoted-printable\n\nDelivery to the following recipients failed:\n\n  "
	    "bob@partner.example\n"
	    "    550 5.1.1 =C3=BCser unknown\n\n--x\nContent-Type: message/delivery-status\n\n"
	    "Reporting-MTA: dns; x\n\nFinal-Recipient: utf-8; b\\x{F8}b@partner.example\n"
	    "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550-5.1.1 no\n 550 5.1.1 user\n"
	    "--x\nContent-Type: message/rfc822\n\nFrom: alice@example.org\nSubject: "
	    "=?utf-8?b?w7w=?=\n"
	    "Message-ID: <m@example.org>\n\nHello\n--x--\n";
	struct arena *a = arena_new();

	(void)unused;
	for (size_t n = 0; n < sizeof(text); n++) {
		char *copy = arena_alloc(a, n + 1);
		struct report r;

		memcpy(copy, text, n);
		report_read(a, (struct slice){copy, n}, &r);
		assert_true(r.n_recipients <= 2);
		arena_reset(a);
	}
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_cut_is_told),
	    cmocka_unit_test(test_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
