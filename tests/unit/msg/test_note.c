#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "msg/coding.h"
#include "msg/mime.h"
#include "msg/note.h"

#define NOW INT64_C(1795166040)
#define DRAFT_HEAD                                  \
	"From: Alice Example <alice@example.org>\n" \
	"To: bob@partner.example\n"
#define DRAFT_TAIL                                  \
	"Date: Fri, 20 Nov 2026 10:14:00 +0100\n"   \
	"Message-ID: <note@example.org>\n"          \
	"In-Reply-To: <orig@example.org>\n"         \
	"References: <orig@example.org>\n"          \
	"MIME-Version: 1.0\n"                       \
	"Content-Type: text/plain; charset=utf-8\n" \
	"Content-Transfer-Encoding: 8bit\n\n"

static struct note_value values[] = {
    {"domain", SLICE_LIT("partner.example")},
    {"reply", SLICE_LIT("550 no\r\n<b> \x1b[2J\xff")},
    {"evil", SLICE_LIT("x\r\nBcc: evil@x\n\nbody")},
    {"empty", SLICE_LIT("")},
    {"blank", SLICE_LIT(" \r\n ")},
    {"braces", SLICE_LIT("{domain}")},
    {"\xc3\xa4", SLICE_LIT("")},
    {"if_so", SLICE_LIT("*")},
    {"if_not", SLICE_LIT("")},
};

static struct note_options
options(const char *template)
{
	return (struct note_options){.template_text = slice_of(template),
	    .template_name = "test",
	    .values = values,
	    .n_values = 9,
	    .from = SLICE_LIT("Alice Example <alice@example.org>"),
	    .to = SLICE_LIT("bob@partner.example"),
	    .message_id = SLICE_LIT("<note@example.org>"),
	    .in_reply_to = SLICE_LIT("<orig@example.org>"),
	    .now = NOW,
	    .zone_minutes = 60};
}

static void
test_drafts(void **state)
{
	static const struct {
		const char *name;
		const char *template;
		const char *subject;
		const char *body;
	} rows[] = {
	    {"plain", "Subject: Hello\n\nHello,\n\nbye\n", "Subject: Hello\n", "Hello,\n\nbye\n"},
	    {"CRLF", "Subject: Hello\r\n\r\nHello,\r\n", "Subject: Hello\n", "Hello,\n"},
	    {"values", "Subject: to {domain}\n\n{domain} and {domain}.\n",
		"Subject: to partner.example\n", "partner.example and partner.example.\n"},
	    {"no injection", "Subject: re {evil}\n\nx\n", "Subject: re x Bcc: evil@x  body\n",
		"x\n"},
	    {"lines keep their prefix", "Subject: s\n\n > {reply}\n", "Subject: s\n",
		" > 550 no\n > <b> \xef\xbf\xbd[2J\xef\xbf\xbd\n"},
	    {"lines stand below each other", "Subject: s\n\n  a   {reply}\n\xe6\x97\xa5 {reply}\n",
		"Subject: s\n",
		"  a   550 no\n      <b> \xef\xbf\xbd[2J\xef\xbf\xbd\n"
		"\xe6\x97\xa5 550 no\n<b> \xef\xbf\xbd[2J\xef\xbf\xbd\n"},
	    {"a wide letter is two columns", "Subject: s\n\n \xe6\x97\xa5 {reply}\n",
		"Subject: s\n", " \xe6\x97\xa5 550 no\n    <b> \xef\xbf\xbd[2J\xef\xbf\xbd\n"},
	    {"conditions are not shown", "Subject: s\n\n{if_so} x\n{if_not} y\n{if_so}{if_not} z\n",
		"Subject: s\n", "x\nz\n"},
	    {"empty ones leave the line out",
		"Subject: s\n\na {empty}{blank}\nb {empty} {domain}\n\nc\n", "Subject: s\n",
		"b  partner.example\n\nc\n"},
	    {"values are not templates", "Subject: s\n\n{braces}\n", "Subject: s\n", "{domain}\n"},
	    {"other braces stay", "Subject: s\n\n{ } {} {\xc3\xa4} {1\n", "Subject: s\n",
		"{ } {} {\xc3\xa4} {1\n"},
	    {"empty subject", "Subject: {empty}\n\nx\n", "Subject:\n", "x\n"},
	    {"no body", "Subject: s\n", "Subject: s\n", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct note_options o = options(rows[i].template);
		struct buf out = BUF_INIT;
		struct buf want = BUF_INIT;
		struct err e = {0};

		print_message("  %s\n", rows[i].name);
		assert_int_equal(note_draft(&out, &o, &e), 0);
		buf_addf(&want, "%s%s%s%s", DRAFT_HEAD, rows[i].subject, DRAFT_TAIL, rows[i].body);
		assert_string_equal(out.data, want.data);
		buf_free(&out);
		buf_free(&want);
	}
}

static void
test_bad_templates(void **state)
{
	static const struct {
		const char *template;
		const char *text;
	} rows[] = {
	    {"Subject: s\n\nHi\n{unknown}\n",
		"template test, line 4: unknown placeholder \"unknown\""},
	    {"Subject: {nope}\n\nHi\n", "template test, line 1: unknown placeholder \"nope\""},
	    {"Subject: s\n\nHi\nto {domain\n",
		"template test, line 4: a placeholder that is not closed: \"{domain\""},
	    {"Subject: s {domain, \n\n",
		"template test, line 1: a placeholder that is not closed: \"{domain, \""},
	    {"Subject: s\n\nGr\xfc\xdf\n",
		"template test, line 3: not in UTF-8: \"Gr\xef\xbf\xbd\""},
	    {"Hello\n", "template test, line 1: expected \"Subject: …\", found \"Hello\""},
	    {"", "template test, line 1: expected \"Subject: …\", found \"\""},
	    {"Subject: s\nBcc: x\n\n",
		"template test, line 2: expected an empty line, found \"Bcc: x\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct note_options o = options(rows[i].template);
		struct buf out = BUF_INIT;
		struct err e = {0};

		assert_int_equal(note_draft(&out, &o, &e), -1);
		assert_int_equal(e.code, ERR_CONF);
		assert_string_equal(e.text, rows[i].text);
		buf_free(&out);
	}
}

static void
test_bad_recipient(void **state)
{
	struct note_options o = options("Subject: s\n\n");
	struct buf out = BUF_INIT;
	struct err e = {0};

	(void)state;
	o.to = SLICE_LIT("bob@x\nBcc: y@z");
	assert_int_equal(note_draft(&out, &o, &e), -1);
	assert_int_equal(e.code, ERR_REFUSED);
	buf_free(&out);
}

#define MUST "Subject: s\nDate: Fri, 20 Nov 2026 10:14:00 +0100\nMessage-ID: <note@example.org>\n"
#define FROM "From: a@b\n"
#define WIRE_MUST                                   \
	"From: a@b\r\nTo: c@d\r\nSubject: s\r\n"    \
	"Date: Fri, 20 Nov 2026 10:14:00 +0100\r\n" \
	"Message-ID: <note@example.org>\r\nMIME-Version: 1.0\r\n"

static void
test_finish(void **state)
{
	static const struct {
		const char *name;
		const char *edited;
		const char *report;
		const char *want;
	} rows[] = {
	    {"plain", FROM "To: c@d\n" MUST "\nHello\n", "",
		WIRE_MUST "Content-Type: text/plain; charset=us-ascii\r\n"
			  "Content-Transfer-Encoding: 7bit\r\n\r\nHello\r\n"},
	    {"CRLF, BOM, own MIME fields, no last line end",
		"\xef\xbb\xbf"
		"From: a@b\r\nTo: c@d\r\nMIME-Version: 2\r\nContent-Type: image/png\r\n"
		"Bcc:\r\nSubject: s\r\nDate: Fri, 20 Nov 2026 10:14:00 +0100\r\n"
		"Message-ID: <note@example.org>\r\n\r\nHello",
		"",
		WIRE_MUST "Content-Type: text/plain; charset=us-ascii\r\n"
			  "Content-Transfer-Encoding: 7bit\r\n\r\nHello\r\n"},
	    {"UTF-8", FROM "To: c@d\n" MUST "\nM\xc3\xbcller = x \n.\n", "",
		WIRE_MUST "Content-Type: text/plain; charset=utf-8\r\n"
			  "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
			  "M=C3=BCller =3D x=20\r\n=2E\r\n"},
	    {"another charset", FROM "To: c@d\n" MUST "\nM\xfcller\n", "",
		WIRE_MUST "Content-Type: text/plain; charset=utf-8\r\n"
			  "Content-Transfer-Encoding: quoted-printable\r\n\r\nM=C3=BCller\r\n"},
	    {"report", FROM "To: c@d\n" MUST "\nHello\n", "Action: failed\n",
		WIRE_MUST "Content-Type: multipart/mixed; boundary=\"=_bouncebox\"\r\n\r\n"
			  "--=_bouncebox\r\nContent-Type: text/plain; charset=us-ascii\r\n"
			  "Content-Transfer-Encoding: 7bit\r\n\r\nHello\r\n"
			  "--=_bouncebox\r\nContent-Type: text/plain; charset=us-ascii\r\n"
			  "Content-Disposition: attachment; filename=\"delivery-report.txt\"\r\n"
			  "Content-Transfer-Encoding: 7bit\r\n\r\nAction: failed\r\n"
			  "--=_bouncebox--\r\n"},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice bytes;
		struct slice *recipients;
		size_t n;
		struct err e = {0};

		print_message("  %s\n", rows[i].name);
		assert_int_equal(note_finish(a, slice_of(rows[i].edited), slice_of(rows[i].report),
				     &bytes, &recipients, &n, &e),
		    0);
		assert_string_equal(bytes.p, rows[i].want);
		assert_int_equal(n, 1);
		assert_true(slice_is(recipients[0], "c@d"));
	}
	arena_free(&a);
}

static void
test_recipients_and_names(void **state)
{
	struct arena *a = arena_new();
	struct slice bytes;
	struct slice *recipients;
	size_t n;
	struct err e = {0};

	(void)state;
	assert_int_equal(
	    note_finish(a,
		SLICE_LIT(
		    "From: J\xc3\xbcrgen, x <a@b>\nTo: \"M\xc3\xbcller, Ann\" <c@d>,\n e@f\n"
		    "Cc: C@D, Team: g@h;\nBcc: i@j\nSubject: K\xc3\xb6ln und andere St\xc3\xa4"
		    "dte\n"
		    "Date: Fri, 20 Nov 2026 10:14:00 +0100\nMessage-ID: <note@example.org>\n\nx\n"),
		SLICE_EMPTY, &bytes, &recipients, &n, &e),
	    0);
	assert_int_equal(n, 4);
	assert_true(slice_is(recipients[0], "c@d"));
	assert_true(slice_is(recipients[1], "e@f"));
	assert_true(slice_is(recipients[2], "g@h"));
	assert_true(slice_is(recipients[3], "i@j"));
	assert_int_equal(slice_ifind(bytes, "bcc"), SLICE_NONE);
	assert_int_equal(slice_find(bytes, "i@j"), SLICE_NONE);
	assert_int_not_equal(
	    slice_find(bytes, "\r\nTo: =?UTF-8?B?TcO8bGxlciwgQW5u?= <c@d>, e@f\r\n"), SLICE_NONE);
	assert_int_not_equal(slice_find(bytes,
				 "\r\nSubject: =?UTF-8?B?S8O2bG4=?= und andere "
				 "=?UTF-8?B?U3TDpGR0ZQ==?=\r\n"),
	    SLICE_NONE);
	arena_free(&a);
}

static void
test_refusals(void **state)
{
	static const struct {
		const char *edited;
		const char *text;
	} rows[] = {
	    {"", "the note has no header"},
	    {"Hello\n", "the note has no header"},
	    {"To: c@d\n" MUST "\nx\n", "the note has no From"},
	    {"From: Alice\nTo: c@d\n" MUST "\nx\n",
		"the From of the note has no mail address: \"Alice\""},
	    {FROM FROM "To: c@d\n" MUST "\nx\n", "the note has more than one From"},
	    {FROM MUST "\nx\n", "the note has no recipient"},
	    {FROM "To: undisclosed-recipients:;\n" MUST "\nx\n", "the note has no recipient"},
	    {FROM "To: bob, c@d\n" MUST "\nx\n",
		"not all of these are mail addresses: \"bob, c@d\""},
	    {FROM "To: c@-d\n" MUST "\nx\n", "the recipient \"c@-d\" is no mail address"},
	    {FROM "To: c@d\nSubject: s\nMessage-ID: <a@b>\n\n", "the note has no Date"},
	    {FROM "To: c@d\nSubject: s\nDate: soon\nMessage-ID: <a@b>\n\n",
		"the Date of the note cannot be read: \"soon\""},
	    {FROM "To: c@d\nSubject: s\nDate: 20 Nov 2026 10:14\n\n", "the note has no Message-ID"},
	    {FROM "To: c@d\nSubject: s\nDate: 20 Nov 2026 10:14\nMessage-ID: a b\n\n",
		"the Message-ID of the note is broken: \"a b\""},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice bytes;
		struct slice *recipients;
		size_t n;
		struct err e = {0};

		print_message("  %s\n", rows[i].text);
		assert_int_equal(note_finish(a, slice_of(rows[i].edited), SLICE_EMPTY, &bytes,
				     &recipients, &n, &e),
		    -1);
		assert_int_equal(e.code, ERR_REFUSED);
		assert_string_equal(e.text, rows[i].text);
	}
	arena_free(&a);
}

/* A report that holds our boundary does not end its part. */
/* An original's Message-ID is a stranger's. Only ASCII may stand in a header. */
static void
test_tokens_are_ascii(void **state)
{
	static const char edited[] = DRAFT_HEAD
	    "Subject: Hello\nDate: Fri, 20 Nov 2026 10:14:00 +0100 (Z\xc3\xbcrich)\n"
	    "Message-ID: <note@example.org>\nIn-Reply-To: <\xc3\xa4@example.org>\n"
	    "References: <a@example.org> <\xc3\xa4@example.org> <b@example.org>\n\nHello\n";
	struct arena *a = arena_new();
	struct slice bytes;
	struct slice *to;
	size_t n;
	struct err e;

	(void)state;
	assert_int_equal(note_finish(a, slice_of(edited), SLICE_EMPTY, &bytes, &to, &n, &e), 0);
	assert_true(coding_is_ascii(bytes));
	assert_true(
	    slice_find(bytes, "\r\nDate: Fri, 20 Nov 2026 10:14:00 +0100\r\n") != SLICE_NONE);
	assert_true(
	    slice_find(bytes, "\r\nReferences: <a@example.org> <b@example.org>\r\n") != SLICE_NONE);
	assert_true(slice_find(bytes, "In-Reply-To") == SLICE_NONE);
	arena_free(&a);
}

static void
test_hostile_report(void **state)
{
	struct slice report = SLICE_LIT("a\n--=_bouncebox--\nb\n--=_bouncebox\n\nc\xff\n");
	struct arena *a = arena_new();
	struct slice bytes;
	struct slice *recipients;
	size_t n;
	struct err e = {0};
	struct mime m;

	(void)state;
	assert_int_equal(note_finish(a, SLICE_LIT(FROM "To: c@d\n" MUST "\nHi\n--=_bouncebox\n"),
			     report, &bytes, &recipients, &n, &e),
	    0);
	mime_read(a, bytes, &m);
	assert_int_equal(m.n_parts, 3);
	assert_true(slice_is(mime_text(a, &m.parts[1]), "Hi\r\n--=_bouncebox"));
	assert_true(slice_is(mime_text(a, &m.parts[2]),
	    "a\r\n--=_bouncebox--\r\nb\r\n--=_bouncebox\r\n\r\nc\xc3\xbf"));
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_drafts),
	    cmocka_unit_test(test_bad_templates),
	    cmocka_unit_test(test_bad_recipient),
	    cmocka_unit_test(test_finish),
	    cmocka_unit_test(test_recipients_and_names),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_tokens_are_ascii),
	    cmocka_unit_test(test_hostile_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
