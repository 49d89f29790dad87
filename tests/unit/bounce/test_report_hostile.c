/* Messages that were made to hurt: each is read, stays within its limits, and asks
 * for memory in proportion to its size, twice as much for twice the message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/json.h"
#include "bounce/report.h"

#define HEAD                                                            \
	"From: Mail Delivery System <MAILER-DAEMON@mail.example.org>\n" \
	"To: alice@example.org\nSubject: failure notice\n"
#define STATUS HEAD "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"

typedef void (*make_fn)(struct buf *b, size_t n);

static void
many_recipients(struct buf *b, size_t n)
{
	buf_adds(b, STATUS);
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "Final-Recipient: rfc822; u%zu@partner.example\nAction: failed\n\n", i);
}

static void
many_listed(struct buf *b, size_t n)
{
	buf_adds(b, HEAD "\nThe following addresses failed:\n\n");
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "u%zu@partner.example: 550 5.1.1 no\n", i);
}

static void
one_line_of_addresses(struct buf *b, size_t n)
{
	buf_adds(b, HEAD "\nfailed: ");
	for (size_t i = 0; i < n; i++)
		buf_adds(b, "a@b.c ");
}

static void
deep_nesting(struct buf *b, size_t n)
{
	buf_adds(b, HEAD);
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "Content-Type: multipart/mixed; boundary=b%zu\n\n--b%zu\n", i, i);
}

static void
many_boundaries(struct buf *b, size_t n)
{
	buf_adds(b, HEAD "Content-Type: multipart/report; boundary=x\n\n");
	for (size_t i = 0; i < n; i++)
		buf_adds(b, "--x\n\n");
}

static void
long_header(struct buf *b, size_t n)
{
	buf_adds(b, HEAD);
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "X-Long-%zu: %064zu\n", i, i);
	buf_adds(b, "\nHello\n");
}

static void
one_long_field(struct buf *b, size_t n)
{
	buf_adds(b, HEAD "X-Long: ");
	for (size_t i = 0; i < n; i++)
		buf_adds(b, "aaaaaaaa\n ");
	buf_adds(b, "\n\nHello\n");
}

static void
encoded_words(struct buf *b, size_t n)
{
	buf_adds(b, "From: MAILER-DAEMON\nSubject: ");
	for (size_t i = 0; i < n; i++)
		buf_adds(b, "=?utf-8?q?a?= =?");
	buf_adds(b, "\n\nfailed\n");
}

static void
comments(struct buf *b, size_t n)
{
	buf_adds(b, "Subject: failure notice\nFrom: ");
	for (size_t i = 0; i < n; i++)
		buf_addc(b, '(');
	buf_adds(b, "\n\nfailed\n");
}

static void
fields_that_lead_nowhere(struct buf *b, size_t n)
{
	buf_adds(b, HEAD "\n");
	for (size_t i = 0; i < n; i++)
		buf_adds(b, "Action: failed\n");
}

static void
headers_that_lead_nowhere(struct buf *b, size_t n)
{
	buf_adds(b, HEAD "\n");
	for (size_t i = 0; i < n; i++)
		buf_adds(b, "X-A: b\nTo: c\n");
}

static void
half_phrases(struct buf *b, size_t n)
{
	buf_adds(b, HEAD "\n");
	for (size_t i = 0; i < n; i++)
		buf_adds(b, "the following addresses had permanent ");
}

static void
digits(struct buf *b, size_t n)
{
	buf_adds(b, STATUS "Final-Recipient: rfc822; bob@partner.example\nDiagnostic-Code: smtp; ");
	for (size_t i = 0; i < n; i++)
		buf_adds(b, "5.5.5.5.5.");
	buf_adds(b, "\n");
}

static void
quotes(struct buf *b, size_t n)
{
	buf_adds(b, HEAD "\nfailed ");
	for (size_t i = 0; i < n; i++)
		buf_adds(b, "\"@");
}

static void
angle_brackets(struct buf *b, size_t n)
{
	buf_adds(b, HEAD "\nfailed ");
	for (size_t i = 0; i < n; i++)
		buf_adds(b, "<a@");
}

static void
nul_bytes(struct buf *b, size_t n)
{
	buf_adds(b, HEAD "\n");
	for (size_t i = 0; i < n; i++)
		buf_add(b, "\0\r", 2);
}

static void
open_json(struct buf *b, size_t n)
{
	buf_adds(b, HEAD "\n{\"notificationType\":\"Bounce\",\"bouncedRecipients\":[");
	for (size_t i = 0; i < n; i++)
		buf_adds(b, "{\"emailAddress\":\"a@b.c\\\"\\\\\"},");
}

static const struct hostile {
	const char *name;
	make_fn make;
	size_t n;
} hostiles[] = {
    {"100,000 recipients", many_recipients, 100000},
    {"20,000 addresses in a list", many_listed, 20000},
    {"100,000 addresses in a line", one_line_of_addresses, 100000},
    {"multiparts in multiparts", deep_nesting, 20000},
    {"boundaries and nothing else", many_boundaries, 100000},
    {"a header of 10 MB", long_header, 130000},
    {"a field of 10 MB", one_long_field, 1000000},
    {"encoded words", encoded_words, 100000},
    {"comments in comments", comments, 300000},
    {"fields that name nobody", fields_that_lead_nowhere, 100000},
    {"headers that are none", headers_that_lead_nowhere, 100000},
    {"sentences that do not end", half_phrases, 30000},
    {"codes that are none", digits, 100000},
    {"quotes", quotes, 200000},
    {"angle brackets", angle_brackets, 200000},
    {"NULs and lone CRs", nul_bytes, 300000},
    {"JSON that does not end", open_json, 50000},
};

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
