#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "bounce/report.h"
#include "msg/coding.h"

#define HEAD                                                            \
	"From: Mail Delivery System <MAILER-DAEMON@mail.example.org>\n" \
	"To: alice@example.org\n"                                       \
	"Subject: Undelivered Mail Returned to Sender\n"
#define REPORT                                                                             \
	HEAD "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n" \
	     "--x\nContent-Type: text/plain\n\nIt failed.\n"                               \
	     "--x\nContent-Type: message/delivery-status\n\n"                              \
	     "Reporting-MTA: dns; mail.example.org\n"                                      \
	     "Arrival-Date: Fri, 20 Nov 2026 10:14:00 +0100\n\n"
#define TO_BOB "Final-Recipient: rfc822; bob@partner.example\n"

struct state_row {
	const char *name;
	const char *fields; /* behind Final-Recipient */
	enum state state;
	const char *status;
	const char *status_field;
	const char *reply_code;
};

static const struct state_row state_rows[] = {
    {"temporary and final",
	"Action: failed\nStatus: 4.4.1\n"
	"Diagnostic-Code: X-Postfix; connect to mx[192.0.2.7]:25: Connection timed out\n",
	STATE_GAVE_UP, "4.4.1", "", ""},
    {"temporary and late", "Action: delayed\nStatus: 4.4.1\n", STATE_TRYING, "4.4.1", "", ""},
    {"permanent", "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n",
	STATE_REFUSED, "5.1.1", "", "550"},
    {"the reply outweighs Status 5.0.0",
	"Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 452 4.2.2 mailbox full\n",
	STATE_GAVE_UP, "4.2.2", "5.0.0", "452"},
    {"the reply outweighs Status 4.0.0",
	"Action: failed\nStatus: 4.0.0\nDiagnostic-Code: smtp; 550 5.7.1 blocked\n", STATE_REFUSED,
	"5.7.1", "4.0.0", "550"},
    {"time ran out on a full mailbox",
	"Action: failed\nStatus: 4.4.7\nDiagnostic-Code: smtp; 452 4.2.2 mailbox full\n",
	STATE_GAVE_UP, "4.2.2", "4.4.7", "452"},
    {"time ran out, told in a wrapper",
	"Action: failed\nStatus: 4.4.7\nDiagnostic-Code: smtp; 554 4.4.7 Message expired: unable "
	"to "
	"deliver in 840 minutes.<421 4.4.2 Connection timed out>\n",
	STATE_GAVE_UP, "4.4.2", "4.4.7", "421"},
    {"expired and delayed is still tried",
	"Action: delayed\nStatus: 4.4.7\nDiagnostic-Code: smtp; 400 4.4.7 message expired\n",
	STATE_TRYING, "4.4.7", "", "400"},
    {"OpenSMTPD's last word",
	"Action: delayed\nStatus: 4.4.7\nDiagnostic-Code: smtp; Envelope expired\n", STATE_GAVE_UP,
	"4.4.7", "", ""},
    {"a class 4 that no time mends",
	"Action: failed\nStatus: 4.0.0\nDiagnostic-Code: smtp; DNS Error: 1 DNS type 'mx' lookup "
	"of partner.example responded with code NXDOMAIN\n",
	STATE_REFUSED, "4.0.0", "", ""},
    {"no status at all", "Action: failed\nDiagnostic-Code: smtp; 550 no\n", STATE_REFUSED, "", "",
	"550"},
    {"delivered", "Action: delivered\nStatus: 2.1.5\nDiagnostic-Code: smtp; 250 2.1.5 ok\n",
	STATE_DELIVERED, "2.1.5", "", "250"},
    {"relayed", "Action: relayed\nStatus: 2.0.0\n", STATE_DELIVERED, "2.0.0", "", ""},
};

static void
assert_slice(struct slice have, const char *want, const char *name)
{
	if (!slice_is(have, want))
		fail_msg("%s: want \"%s\", got \"%.*s\"", name, want, SLICE_FMT(have));
}

static struct slice
text(struct arena *a, const char *begin, const char *middle, const char *end)
{
	return slice_of(arena_printf(a, "%s%s%s", begin, middle, end));
}

static void
test_state(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(state_rows) / sizeof(state_rows[0]); i++) {
		const struct state_row *row = &state_rows[i];
		struct arena *a = arena_new();
		struct report r;

		report_read(a, text(a, REPORT TO_BOB, row->fields, "\n--x--\n"), &r);
		if (r.n_recipients != 1)
			fail_msg("%s: %zu recipients", row->name, r.n_recipients);
		if (r.recipients[0].state != row->state)
			fail_msg("%s: state %s", row->name, state_id(r.recipients[0].state));
		assert_slice(r.recipients[0].status, row->status, row->name);
		assert_slice(r.recipients[0].status_field, row->status_field, row->name);
		assert_slice(r.recipients[0].reply_code, row->reply_code, row->name);
		assert_slice(r.reporting_mta, "mail.example.org", row->name);
		assert_int_equal(r.arrival_date, 1795166040);
		assert_int_equal(r.recipients[0].permanent, row->state == STATE_REFUSED);
		arena_free(&a);
	}
}

static void
test_diagnostic_is_joined(void **unused)
{
	struct arena *a = arena_new();
	struct report r;

	(void)unused;
	report_read(a,
	    text(a, REPORT TO_BOB "Action: failed\nStatus: 5.7.26\n",
		"Diagnostic-Code: smtp; 550-5.7.26 Unauthenticated email is not accepted due to\n"
		"    550-5.7.26 domain's DMARC policy. Please contact the administrator\n"
		"    550 5.7.26 of the domain.\n",
		"\n--x--\n"),
	    &r);
	assert_int_equal(r.n_recipients, 1);
	assert_slice(r.recipients[0].diagnostic,
	    "550-5.7.26 Unauthenticated email is not accepted due to domain's DMARC policy. Please "
	    "contact the administrator of the domain.",
	    "joined");
	arena_free(&a);
}

/* Servers answer in any charset, and the report part says none; a long answer is not
 * cut within a character. */
static void
test_diagnostic_is_utf8(void **unused)
{
	struct arena *a = arena_new();
	struct buf words = BUF_INIT;
	struct report r;

	(void)unused;
	report_read(a,
	    text(a, REPORT TO_BOB "Action: failed\nStatus: 5.1.1\n",
		"Diagnostic-Code: smtp; 550 Empf\xe4nger unbekannt\n", "\n--x--\n"),
	    &r);
	assert_slice(r.recipients[0].diagnostic, "550 Empf\xc3\xa4nger unbekannt", "latin1");
	for (int more = 0; more < 3; more++) {
		buf_clear(&words);
		buf_addf(&words, "Diagnostic-Code: smtp; 550 %.*s", more, "xx");
		for (size_t i = 0; i < 2000; i++)
			buf_adds(&words, "\xe5\xae\x9b");
		report_read(a,
		    text(a, REPORT TO_BOB "Action: failed\n", buf_cstr(&words), "\n\n--x--\n"), &r);
		assert_true(r.recipients[0].diagnostic.n > 4000);
		assert_true(coding_is_utf8(r.recipients[0].diagnostic));
		assert_true(slice_iends(r.recipients[0].diagnostic, "\xe5\xae\x9b"));
	}
	buf_free(&words);
	arena_free(&a);
}

static void
test_original_comes_back_byte_for_byte(void **unused)
{
	static const char original[] = "From: Alice <alice@example.org>\nTo: bob@partner.example\n"
				       "Subject: Minutes\nMessage-ID: <m1@example.org>\n"
				       "List-Id: <news.example.org>\nPrecedence: bulk\n"
				       "Return-Path: <>\n"
				       "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=x; b=\n"
				       "Received: from second\nReceived: from first\n\nHello\n";
	struct arena *a = arena_new();
	struct report r;

	(void)unused;
	report_read(a,
	    text(a, REPORT TO_BOB "Action: failed\n--x\nContent-Type: message/rfc822\n\n", original,
		"--x--\n"),
	    &r);
	assert_int_equal(r.original.part, ORIGINAL_FULL);
	assert_true(slice_starts(r.original.raw, "From: Alice"));
	assert_true(slice_find(r.original.raw, "\n\nHello") != SLICE_NONE);
	assert_slice(r.original.message_id, "<m1@example.org>", "id");
	assert_slice(r.original.subject, "Minutes", "subject");
	assert_slice(r.original.dkim_domain, "example.org", "d=");
	assert_slice(r.original.first_received, "from first", "the oldest");
	assert_true(r.original.is_list_mail);
	assert_true(r.original.is_automatic);
	assert_true(r.original.is_null_sender);
	arena_free(&a);
}

/* Who returned it says that more was left out: what is here must not pass for all of it. */
static void
test_original_that_was_shortened(void **unused)
{
	static const char original[] = "From: Alice <alice@example.org>\nTo: bob@partner.example\n"
				       "Message-ID: <m1@example.org>\n"
				       "Content-Type: multipart/mixed; boundary=y\n\n--y\n\nHello";
	static const struct {
		const char *end;
		enum original_part part;
	} ends[] = {{"\n--y--\n", ORIGINAL_FULL},
	    {"\n\n----- Message truncated -----\n--y--\n", ORIGINAL_HEADERS},
	    {"\n\nMessage truncated.\n", ORIGINAL_HEADERS},
	    {"\n\n--- End of message stripped.\n", ORIGINAL_HEADERS},
	    {"\nThe message truncated the log.\n--y--\n", ORIGINAL_FULL},
	    {"\nMessage truncated.\nAll the rest is here.\n--y--\n", ORIGINAL_FULL}};

	(void)unused;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct arena *a = arena_new();
		struct report r;

		report_read(a,
		    text(a, REPORT TO_BOB "Action: failed\n--x\nContent-Type: message/rfc822\n\n",
			original, ends[i].end),
		    &r);
		assert_int_equal(r.original.part, ends[i].part);
		assert_slice(r.original.message_id, "<m1@example.org>", ends[i].end);
		/* to write it anew, the beginning is better than nothing */
		assert_true(slice_find(r.original.raw, "Hello") != SLICE_NONE);
		arena_free(&a);
	}
}

/* Exim without a delivery report says so in front of it. */
static void
test_original_that_exim_shortened(void **unused)
{
	static const char notice[] =
	    "From: Mail Delivery System <Mailer-Daemon@mail.example.org>\n"
	    "To: alice@example.org\nX-Failed-Recipients: bob@partner.example\n"
	    "Subject: Mail delivery failed: returning message to sender\n\n"
	    "This message was created automatically by mail delivery software.\n\n"
	    "A message that you sent could not be delivered to one or more of its\n"
	    "recipients. The following address(es) failed:\n\n  bob@partner.example\n"
	    "    retry timeout exceeded\n\n"
	    "------ This is a copy of your message, including all the headers.\n";
	static const char limit[] =
	    "------ The body of the message is 204800 characters long; only the first\n"
	    "------ 106496 or so are included here.\n";
	static const char original[] =
	    "\nFrom: Alice <alice@example.org>\nTo: bob@partner.example\n"
	    "Subject: Minutes\nMessage-ID: <m1@example.org>\n\nHel\n";

	(void)unused;
	for (int is_cut = 0; is_cut < 2; is_cut++) {
		struct arena *a = arena_new();
		struct report r;

		report_read(a, text(a, notice, is_cut ? limit : "", original), &r);
		assert_int_equal(r.n_recipients, 1);
		assert_slice(r.original.message_id, "<m1@example.org>", "id");
		assert_int_equal(r.original.part, is_cut ? ORIGINAL_HEADERS : ORIGINAL_FULL);
		assert_true(slice_find(r.original.raw, "\n\nHel") != SLICE_NONE);
		arena_free(&a);
	}
}

static void
test_original_is_never_the_report(void **unused)
{
	/* The original is a bounce itself: its recipients are none of ours. */
	struct arena *a = arena_new();
	struct report r;

	(void)unused;
	report_read(a,
	    text(a,
		REPORT TO_BOB
		"Action: failed\nStatus: 5.1.1\n--x\nContent-Type: message/rfc822\n\n",
		"From: MAILER-DAEMON@other.example\nTo: alice@example.org\nSubject: failure "
		"notice\n"
		"Message-ID: <m2@other.example>\n\nI'm afraid I wasn't able to deliver your "
		"message to "
		"the following addresses.\n\n<eve@other.example>:\n550 5.1.1 no such user\n\n"
		"Final-Recipient: rfc822; eve@other.example\nAction: failed\n",
		"--x--\n"),
	    &r);
	assert_int_equal(r.n_recipients, 1);
	assert_slice(r.recipients[0].address, "bob@partner.example", "address");
	arena_free(&a);
}

static void
test_line_ends_do_not_matter(void **unused)
{
	static const char *const ends[] = {"\r\n", "\r"};
	static const char lf[] = REPORT TO_BOB
	    "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no\n such user\n"
	    "--x\nContent-Type: message/rfc822\n\nFrom: alice@example.org\nTo: "
	    "bob@partner.example\n"
	    "Message-ID: <m3@example.org>\n\nHello\n--x--\n";

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		struct arena *a = arena_new();
		struct buf b = BUF_INIT;
		struct report r;

		for (const char *p = lf; *p != '\0'; p++) {
			if (*p == '\n')
				buf_adds(&b, ends[i]);
			else
				buf_addc(&b, *p);
		}
		report_read(a, buf_slice(&b), &r);
		assert_int_equal(r.kind, KIND_BOUNCE);
		assert_int_equal(r.n_recipients, 1);
		assert_slice(r.recipients[0].status, "5.1.1", "status");
		assert_slice(r.recipients[0].diagnostic, "550 5.1.1 no such user", "diagnostic");
		assert_slice(r.original.message_id, "<m3@example.org>", "id");
		assert_int_equal(r.original.part, ORIGINAL_FULL);
		buf_free(&b);
		arena_free(&a);
	}
}

static void
test_no_code_is_invented(void **unused)
{
	struct arena *a = arena_new();
	struct report r;

	(void)unused;
	report_read(a,
	    text(a, HEAD "\n",
		"Your message could not be delivered to the following recipients:\n\n"
		"  bob@partner.example\n",
		"    mailbox full, 450 MB of 512 MB used, version 5.2.11.4 of 2026.5.1\n"),
	    &r);
	assert_int_equal(r.kind, KIND_BOUNCE);
	assert_int_equal(r.n_recipients, 1);
	assert_slice(r.recipients[0].status, "", "status");
	assert_slice(r.recipients[0].reply_code, "", "reply");
	arena_free(&a);
}

static void
test_empty_and_tiny(void **unused)
{
	static const char *const texts[] = {"", "\n", "\r", ":", "From", "From: ", "\n\n\n",
	    "a: b\n\n", "Content-Type: multipart/report; boundary=\"\"\n\n--\n--\n",
	    "--x\n--x--\n"};

	(void)unused;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct arena *a = arena_new();
		struct report r;

		report_read(a, slice_of(texts[i]), &r);
		assert_int_equal(r.kind, KIND_OTHER);
		assert_int_equal(r.n_recipients, 0);
		arena_free(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_state),
	    cmocka_unit_test(test_diagnostic_is_joined),
	    cmocka_unit_test(test_diagnostic_is_utf8),
	    cmocka_unit_test(test_original_comes_back_byte_for_byte),
	    cmocka_unit_test(test_original_that_was_shortened),
	    cmocka_unit_test(test_original_that_exim_shortened),
	    cmocka_unit_test(test_original_is_never_the_report),
	    cmocka_unit_test(test_line_ends_do_not_matter),
	    cmocka_unit_test(test_no_code_is_invented),
	    cmocka_unit_test(test_empty_and_tiny),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
