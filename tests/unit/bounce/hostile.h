/* Messages that were made to hurt, in any size. */
#ifndef TEST_HOSTILE_H
#define TEST_HOSTILE_H

#include <stdio.h>

#include "base/buf.h"

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

#endif
