#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "msg/resend.h"

#define NOW INT64_C(1795166040)
#define BLOCK                                              \
	"Resent-Date: Fri, 20 Nov 2026 10:14:00 +0100\r\n" \
	"Resent-From: Alice <alice@example.org>\r\n"       \
	"Resent-To: bob@partner.example\r\n"               \
	"Resent-Message-ID: <new@example.org>\r\n"
#define HEAD "From: a@b\r\nTo: bob@partner.example\r\nSubject: x\r\n"

static const struct slice bob[] = {SLICE_LIT("bob@partner.example")};

static struct resend_options
options(const char *original)
{
	return (struct resend_options){.original = slice_of(original),
	    .recipients = bob,
	    .n_recipients = 1,
	    .from = SLICE_LIT("Alice <alice@example.org>"),
	    .message_id = SLICE_LIT("<new@example.org>"),
	    .now = NOW,
	    .zone_minutes = 60};
}

static const struct row {
	const char *name;
	const char *original;
	const char *rest; /* what follows the block */
	bool drop_dkim;
} rows[] = {
    {"plain", HEAD "\r\nbody\r\n", HEAD "\r\nbody\r\n", false},
    {"bare LF", "From: a@b\nSubject: x\n\nbody\n\nmore\n",
	"From: a@b\r\nSubject: x\r\n\r\nbody\r\n\r\nmore\r\n", false},
    {"bare CR", "From: a@b\rSubject: x\r\rbody\r", "From: a@b\r\nSubject: x\r\n\r\nbody\r\n",
	false},
    {"mixed ends", "From: a@b\nSubject: x\r\n\r\n1\n2\r3\r\n4",
	"From: a@b\r\nSubject: x\r\n\r\n1\r\n2\r\n3\r\n4", false},
    {"spaces, case and folds stay", "FROM :a@b\r\nsubject:  x \r\n\t y\r\n\r\n \r\n.\r\n..\r\n",
	"FROM :a@b\r\nsubject:  x \r\n\t y\r\n\r\n \r\n.\r\n..\r\n", false},
    {"8-bit stays", "From: a@b\r\nSubject: \xff\xfe\r\n\r\n\xe4\r\n",
	"From: a@b\r\nSubject: \xff\xfe\r\n\r\n\xe4\r\n", false},
    {"private fields",
	"Return-Path: <x@y>\r\nDelivered-To: z\r\nX-Original-To: z\r\n" HEAD
	"Bcc: secret@x\r\n (more)\r\nresent-bcc: s\r\n\r\nBcc: body\r\n",
	HEAD "\r\nBcc: body\r\n", false},
    {"trace above us",
	"Received: 3\r\nAuthentication-Results: x\r\n y\r\nARC-Seal: i=1\r\nReceived: 2\r\n"
	"DKIM-Signature: d\r\nReceived: 1\r\nAuthentication-Results: ours\r\n" HEAD "\r\n",
	"DKIM-Signature: d\r\nReceived: 1\r\nAuthentication-Results: ours\r\n" HEAD "\r\n", false},
    {"the oldest Received stays", "Received: 2\r\nReceived: 1\r\n" HEAD "\r\n",
	"Received: 1\r\n" HEAD "\r\n", false},
    {"one Received stays", "Received: 1\r\n" HEAD "\r\n", "Received: 1\r\n" HEAD "\r\n", false},
    {"DKIM stays", "DKIM-Signature: d\r\n" HEAD "\r\n", "DKIM-Signature: d\r\n" HEAD "\r\n", false},
    {"DKIM goes when asked", "DKIM-Signature: d\r\n e\r\n" HEAD "DomainKey-Signature: k\r\n\r\nx",
	HEAD "\r\nx", true},
    {"older Resent block stays", "Resent-From: q@r\r\n" HEAD "\r\n",
	"Resent-From: q@r\r\n" HEAD "\r\n", false},
    {"mbox line", "From a@b Fri Nov 20 10:14:00 2026\nSubject: x\n\nFrom here\n",
	"Subject: x\r\n\r\nFrom here\r\n", false},
    {"no body", "Subject: x\r\n", "Subject: x\r\n\r\n", false},
    {"no line end at all", "Subject: x", "Subject: x\r\n\r\n", false},
    {"text instead of an empty line", "Subject: x\nno field\n", "Subject: x\r\nno field\r\n",
	false},
    {"empty body", "Subject: x\n\n", "Subject: x\r\n\r\n", false},
};

static void
test_table(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct resend_options o = options(rows[i].original);
		struct resend_message m;
		struct err e = {0};

		print_message("  %s\n", rows[i].name);
		o.drop_dkim = rows[i].drop_dkim;
		assert_int_equal(resend_build(a, &o, &m, &e), 0);
		assert_true(slice_starts(m.bytes, BLOCK));
		assert_string_equal(m.bytes.p + sizeof(BLOCK) - 1, rows[i].rest);
		assert_int_equal(m.n_added, 4);
	}
	arena_free(&a);
}

static void
test_nature(void **state)
{
	static const struct {
		const char *header;
		bool is_list;
		bool is_automatic;
	} natures[] = {
	    {"Subject: x", false, false},
	    {"List-Id: <l.example>", true, false},
	    {"Precedence: Bulk", true, false},
	    {"Precedence: first-class", false, false},
	    {"Auto-Submitted: no", false, false},
	    {"Auto-Submitted: auto-replied", false, true},
	    {"Return-Path: <>", false, true},
	    {"Return-Path: <a@b>", false, false},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(natures) / sizeof(natures[0]); i++) {
		struct resend_options o = options(natures[i].header);
		struct resend_message m;
		struct err e = {0};

		print_message("  %s\n", natures[i].header);
		assert_int_equal(resend_build(a, &o, &m, &e), 0);
		assert_int_equal(m.is_list_mail, natures[i].is_list);
		assert_int_equal(m.is_automatic, natures[i].is_automatic);
	}
	arena_free(&a);
}

static void
test_facts(void **state)
{
	struct arena *a = arena_new();
	struct resend_options o = options("Bcc: s@t\n u\nSubject: x\n\nbody\n");
	struct resend_message m;
	struct err e = {0};
	char *wide = arena_alloc(a, 1300);

	(void)state;
	assert_int_equal(resend_build(a, &o, &m, &e), 0);
	assert_false(m.has_8bit);
	assert_false(m.was_too_long_lines);
	assert_int_equal(m.n_removed, 1);
	assert_true(slice_is(m.removed[0], "Bcc: s@t\n u"));
	assert_true(slice_is(m.added[2], "Resent-To: bob@partner.example"));
	memset(wide, 'x', 1300);
	memcpy(wide, "Subject: x\n\n\xe4", 13);
	o.original = (struct slice){wide, 12 + 998};
	assert_int_equal(resend_build(a, &o, &m, &e), 0);
	assert_false(m.was_too_long_lines);
	assert_true(m.has_8bit);
	o.original.n++;
	assert_int_equal(resend_build(a, &o, &m, &e), 0);
	assert_true(m.was_too_long_lines);
	assert_false(m.has_utf8_header);
	o.original = SLICE_LIT("Subject: gr\xc3\xbc\xc3\x9f\n\nx\n");
	assert_int_equal(resend_build(a, &o, &m, &e), 0);
	assert_true(m.has_8bit && m.has_utf8_header);
	o.original = SLICE_LIT("Bcc: \xc3\xbc@t\nSubject: \xfc\n\n\xc3\xbc\n");
	assert_int_equal(resend_build(a, &o, &m, &e), 0);
	assert_true(m.has_8bit && !m.has_utf8_header);
	arena_free(&a);
}

static void
test_blind_recipients_stay_blind(void **state)
{
	static const struct slice three[] = {SLICE_LIT("bob@partner.example"),
	    SLICE_LIT("eve@blind.example"), SLICE_LIT("Joe@x.example")};
	struct arena *a = arena_new();
	struct resend_options o = options(HEAD "Cc: Joe <joe@x.example>\r\n\r\n");
	struct resend_message m;
	struct err e = {0};

	(void)state;
	o.recipients = three;
	o.n_recipients = 3;
	assert_int_equal(resend_build(a, &o, &m, &e), 0);
	assert_int_equal(slice_find(m.bytes, "eve"), SLICE_NONE);
	assert_int_not_equal(
	    slice_find(m.bytes, "Resent-To: bob@partner.example, Joe@x.example\r\n"), SLICE_NONE);
	o.recipients = three + 1;
	o.n_recipients = 1;
	assert_int_equal(resend_build(a, &o, &m, &e), 0);
	assert_int_not_equal(slice_find(m.bytes, "Resent-To: eve@blind.example\r\n"), SLICE_NONE);
	arena_free(&a);
}

static void
test_refusals(void **state)
{
	static const struct slice bad[] = {SLICE_LIT("bob@x\r\nRCPT TO:<y@z>")};
	struct arena *a = arena_new();
	struct resend_message m;
	struct resend_options o;
	struct err e = {0};

	(void)state;
	o = options("");
	assert_int_equal(resend_build(a, &o, &m, &e), -1);
	assert_int_equal(e.code, ERR_REFUSED);
	o = options("\n\nonly a body\n");
	assert_int_equal(resend_build(a, &o, &m, &e), -1);
	o = options("Subject: x\n\n");
	o.recipients = bad;
	assert_int_equal(resend_build(a, &o, &m, &e), -1);
	assert_null(strchr(e.text, '\n'));
	o.n_recipients = 0;
	assert_int_equal(resend_build(a, &o, &m, &e), -1);
	o = options("Subject: x\n\n");
	o.from = SLICE_LIT("nobody");
	assert_int_equal(resend_build(a, &o, &m, &e), -1);
	arena_free(&a);
}

/* Line breaks in what we put on top must not become fields. */
static void
test_no_injection(void **state)
{
	struct arena *a = arena_new();
	struct resend_options o = options("Subject: x\n\n");
	struct resend_message m;
	struct err e = {0};

	(void)state;
	o.from = SLICE_LIT("\"Al\r\nBcc: evil@x\r\nice\" <alice@example.org>");
	o.message_id = SLICE_LIT("<a@b>\r\nBcc: evil@x");
	assert_int_equal(resend_build(a, &o, &m, &e), 0);
	assert_int_equal(m.n_added, 4);
	assert_int_equal(slice_find(m.bytes, "\nBcc"), SLICE_NONE);
	o = options("Subject: x\n\n");
	o.from = SLICE_LIT("M\xc3\xbcller, Ann <alice@example.org>");
	assert_int_equal(resend_build(a, &o, &m, &e), 0);
	assert_false(m.has_8bit);
	arena_free(&a);
}

static void
test_same(void **state)
{
	static const struct {
		const char *returned;
		const char *found;
		bool is_same;
		const char *why;
	} pairs[] = {
	    {"Message-ID: <1@x>\nSubject: y\n", "message-id:  <1@x>\nSubject: y\n", true,
		"same Message-ID, Subject"},
	    {"Message-ID: <1@x>\n", "Message-ID: <2@x>\n", false, "Message-ID differs"},
	    {"Date: Fri, 20 Nov 2026 10:14:00 +0100\n", "Date: 20 Nov 2026 09:14:00 GMT\n", true,
		"same Date"},
	    {"Date: Fri, 20 Nov 2026 10:14:00 +0100\n", "Date: 20 Nov 2026 10:14:00 GMT\n", false,
		"Date differs"},
	    {"From: A <a@b>\n", "From: a@B (A)\n", true, "same From"},
	    {"From: A <a@b>\n", "From: A <a@c>\n", false, "From differs"},
	    {"Subject: =?utf-8?q?=C3=A4?=\n", "Subject: =?iso-8859-1?q?=E4?=\n", true,
		"same Subject"},
	    {"Subject: x\n y\n", "Subject: x y\n", true, "same Subject"},
	    {"Subject: x\n", "Subject: y\n", false, "Subject differs"},
	    {"Subject: x\n", "From: y\n", false, "nothing to compare"},
	    {"", "", false, "nothing to compare"},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct slice why;
		bool is_same =
		    resend_is_same(a, slice_of(pairs[i].returned), slice_of(pairs[i].found), &why);

		print_message("  %.*s\n", SLICE_FMT(why));
		assert_int_equal(is_same, pairs[i].is_same);
		assert_true(slice_is(why, pairs[i].why));
	}
	arena_free(&a);
}

static void
test_who_is_named(void **state)
{
	static const struct {
		const char *header;
		bool is_named;
	} headers[] = {{"To: bob@x.test\n\n", true}, {"To: Bob <BOB@X.test>\n\n", true},
	    {"To: a@x.test,\n Bob\n <bob@x.test>\n\n", true},
	    {"to: team: a@x.test, bob@x.test;\n\n", true}, {"Cc: bob@x.test\n\n", true},
	    {"Bcc: bob@x.test\r\n\r\n", true}, {"To: bob@x.test.evil\n\n", false},
	    {"To: \"bob@x.test\" <eve@evil.test>\n\n", false},
	    {"From: bob@x.test\nReply-To: bob@x.test\n\n", false},
	    {"To: a@x.test\n\nTo: bob@x.test\n", false}, {"", false}};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		if (resend_is_named(a, slice_of(headers[i].header), SLICE_LIT("bob@x.test")) !=
		    headers[i].is_named)
			fail_msg("%s", headers[i].header);
	}
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_who_is_named),
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_nature),
	    cmocka_unit_test(test_facts),
	    cmocka_unit_test(test_blind_recipients_stay_blind),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_no_injection),
	    cmocka_unit_test(test_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
