#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "msg/anew.h"
#include "msg/field.h"

#define HEAD                                                                          \
	"Received: from mx by mail; Fri, 20 Nov 2026 10:00:00 +0100\r\n"              \
	"DKIM-Signature: v=1; d=example.org; s=a; b=x\r\n"                            \
	"From: =?utf-8?q?J=C3=BCrgen?= <a@example.org>\r\n"                           \
	"To: bob@gmal.com,\r\n carol@example.net\r\n"                                 \
	"Bcc: secret@example.org\r\nSubject: =?utf-8?b?R3LDvMOfZQ==?= to\r\n you\r\n" \
	"Date: Fri, 20 Nov 2026 10:00:00 +0100\r\nMessage-ID: <old@example.org>\r\n"  \
	"In-Reply-To: <before@example.net>\r\nReferences: <first@example.net>\r\n"    \
	" <before@example.net>\r\nX-Spam-Flag: NO\r\nResent-To: x@example.org\r\n"
#define KEPT                                                                       \
	"From: =?utf-8?q?J=C3=BCrgen?= <a@example.org>\r\n"                        \
	"To: bob@gmal.com,\r\n carol@example.net\r\n"                              \
	"Subject: =?utf-8?b?R3LDvMOfZQ==?= to\r\n you\r\n"                         \
	"In-Reply-To: <before@example.net>\r\nReferences: <first@example.net>\r\n" \
	" <before@example.net>\r\n"
#define STRUCTURE "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"
#define NEW "Date: Sat, 21 Nov 2026 09:07:20 +0000\r\nMessage-ID: <new@example.org>\r\n"
#define TEXT "--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n"
#define FILE "--b\r\nContent-Type: image/png\r\n\r\n\x89PNG raw\r\n--b--\r\n"

static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct slice
draft(const struct anew_original *original)
{
	struct anew_options o = {.recipient = SLICE_LIT("bob@gmal.com"),
	    .from = SLICE_LIT("Alice <alice@example.org>"),
	    .to = SLICE_LIT("bob@gmal.com"),
	    .subject = SLICE_LIT("Offer"),
	    .message_id = SLICE_LIT("<new@example.org>"),
	    .now = INT64_C(1795252040),
	    .zone_minutes = 0};
	struct buf out = BUF_INIT;
	struct slice s;
	struct err e;

	assert_int_equal(anew_draft(arena, &out, original, &o, &e), 0);
	s = arena_copy(arena, buf_slice(&out));
	buf_free(&out);
	return s;
}

/* The text with one thing in it replaced by another. */
static struct slice
replaced(struct slice text, const char *what, const char *by)
{
	size_t at = slice_find(text, what);

	assert_true(at != SLICE_NONE);
	return slice_of(arena_printf(arena, "%.*s%s%.*s", (int)at, text.p, by,
	    (int)(text.n - at - strlen(what)), text.p + at + strlen(what)));
}

static void
same(struct slice got, const char *wanted)
{
	assert_string_equal(arena_slicedup(arena, got), wanted);
}

static struct anew_message
finish(struct slice edited, const struct anew_original *original)
{
	struct anew_message m;
	struct err e;

	if (anew_finish(arena, edited, original, &m, &e) != 0)
		fail_msg("%s", e.text);
	return m;
}

static void
shows_what_a_person_reads(void **state)
{
	struct anew_original o = {SLICE_LIT(HEAD STRUCTURE "\r\n" TEXT FILE), true};

	(void)state;
	same(draft(&o),
	    "Envelope-To: bob@gmal.com\n"
	    "From: \"J\xc3\xbcrgen\" <a@example.org>\nTo: bob@gmal.com, carol@example.net\n"
	    "Subject: Gr\xc3\xbc\xc3\x9f"
	    "e to you\nIn-Reply-To: <before@example.net>\n"
	    "References: <first@example.net> <before@example.net>\n"
	    "Date: Sat, 21 Nov 2026 09:07:20 +0000\nMessage-ID: <new@example.org>\n\nHello\n");
}

static void
unchanged_stays_byte_for_byte(void **state)
{
	struct anew_original o = {SLICE_LIT(HEAD STRUCTURE "\r\n" TEXT FILE), true};
	struct anew_message m = finish(draft(&o), &o);

	(void)state;
	same(m.bytes, KEPT NEW STRUCTURE "\r\n" TEXT FILE);
	same(m.recipient, "bob@gmal.com");
	same(m.message_id, "<new@example.org>");
	assert_false(m.is_text_changed);
	assert_true(m.has_8bit);
	assert_int_equal(m.n_added, 2);
}

static void
an_address_is_mended(void **state)
{
	struct anew_original o = {SLICE_LIT(HEAD "\r\nHello\r\n"), true};
	struct slice edited = replaced(draft(&o), "To: bob@gmal.com\n", "To: bob@gmail.com\n");
	struct anew_message m =
	    finish(replaced(edited, "To: bob@gmal.com,", "To: bob@gmail.com,"), &o);

	(void)state;
	same(m.recipient, "bob@gmail.com");
	assert_true(slice_find(m.bytes, "To: bob@gmail.com, carol@example.net\r\n") != SLICE_NONE);
	assert_true(slice_find(m.bytes, "gmal") == SLICE_NONE);
	assert_true(slice_find(m.bytes, "Envelope-To") == SLICE_NONE);
	assert_true(slice_find(m.bytes, "secret@") == SLICE_NONE);
}

static void
attachments_stay_when_the_text_changes(void **state)
{
	struct anew_original o = {SLICE_LIT(HEAD STRUCTURE "\r\n" TEXT FILE), true};
	struct anew_message m = finish(replaced(draft(&o), "Hello", "Gr\xc3\xbc\xc3\x9f"), &o);

	(void)state;
	same(m.bytes,
	    KEPT NEW STRUCTURE
	    "\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9F\r\n" FILE);
	assert_true(m.is_text_changed);
}

#define BOTH                                                           \
	"From: a@example.org\r\nMIME-Version: 1.0\r\n"                 \
	"Content-Type: multipart/alternative; boundary=b\r\n\r\n" TEXT \
	"--b\r\nContent-Type: text/html\r\n\r\n<b>Hello</b>\r\n--b--\r\n"

static void
the_other_half_goes_when_the_text_changes(void **state)
{
	struct anew_original o = {SLICE_LIT(BOTH), true};
	struct anew_message m = finish(replaced(draft(&o), "Hello", "Bye"), &o);

	(void)state;
	assert_true(m.is_html_dropped);
	assert_true(slice_find(m.bytes, "html") == SLICE_NONE);
	assert_true(slice_find(m.bytes,
			"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n"
			"Content-Transfer-Encoding: 7bit\r\n\r\nBye\r\n") != SLICE_NONE);
	assert_false(finish(draft(&o), &o).is_html_dropped);
}

static void
of_a_fragment_only_the_text_is_used(void **state)
{
	struct anew_original o = {SLICE_LIT(HEAD STRUCTURE "\r\n" TEXT), false};
	struct anew_original none = {SLICE_EMPTY, false};
	struct anew_message m = finish(draft(&o), &o);
	struct anew_message n = finish(draft(&none), &none);

	(void)state;
	assert_true(slice_find(m.bytes, "multipart") == SLICE_NONE);
	assert_true(slice_find(m.bytes, "\r\n\r\nHello\r\n") != SLICE_NONE);
	same(n.bytes,
	    "From: Alice <alice@example.org>\r\nTo: bob@gmal.com\r\nSubject: Offer\r\n" NEW
	    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n"
	    "Content-Transfer-Encoding: 7bit\r\n\r\n");
}

#define SIGNED                                                    \
	"From: a@example.org\r\nMIME-Version: 1.0\r\n"            \
	"Content-Type: multipart/signed; boundary=b\r\n\r\n" TEXT \
	"--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n"

static void
what_is_signed_stays(void **state)
{
	struct anew_original o = {SLICE_LIT(SIGNED), true};
	struct slice edited = draft(&o);
	struct anew_message m = finish(edited, &o);
	struct err e;

	(void)state;
	assert_true(slice_find(m.bytes, TEXT) != SLICE_NONE);
	edited = slice_of(arena_printf(arena, "%.*sMore\n", (int)edited.n, edited.p));
	assert_int_equal(anew_finish(arena, edited, &o, &m, &e), -1);
	assert_int_equal(e.code, ERR_REFUSED);
}

static void
several_recipients_of_one_message(void **state)
{
	struct anew_original o = {SLICE_LIT(HEAD "\r\nHello\r\n"), true};
	struct slice more[] = {SLICE_LIT("carol@example.net"), SLICE_LIT("dan@example.net")};
	struct anew_options options = {.recipient = SLICE_LIT("bob@gmal.com"),
	    .more = more,
	    .n_more = 2,
	    .message_id = SLICE_LIT("<new@example.org>"),
	    .now = INT64_C(1795252040)};
	struct buf out = BUF_INIT;
	struct anew_message m;
	struct slice text;
	struct err e;

	(void)state;
	assert_int_equal(anew_draft(arena, &out, &o, &options, &e), 0);
	text = arena_copy(arena, buf_slice(&out));
	buf_free(&out);
	assert_true(slice_starts(text,
	    "Envelope-To: bob@gmal.com\nEnvelope-To: carol@example.net\n"
	    "Envelope-To: dan@example.net\n"));
	assert_int_equal(anew_finish_for(arena, text, &o, 3, &m, &e), 0);
	assert_int_equal(m.n_recipients, 3);
	same(m.recipient, "bob@gmal.com");
	same(m.recipients[2], "dan@example.net");
	assert_true(slice_find(m.bytes, "Envelope-To") == SLICE_NONE);
	assert_true(slice_find(m.bytes, "dan@") == SLICE_NONE);
	assert_int_equal(anew_finish_for(arena, text, &o, 2, &m, &e), -1);
	assert_int_equal(anew_finish(arena, text, &o, &m, &e), -1);
	text = replaced(text, "dan@", "carol@");
	assert_int_equal(anew_finish_for(arena, text, &o, 3, &m, &e), -1);
	assert_non_null(strstr(e.text, "twice"));
}

static void
refuses_what_cannot_go(void **state)
{
	static const struct {
		const char *what, *by;
	} rows[] = {{"Envelope-To: bob@gmal.com\n", ""}, {"bob@gmal.com\n", "bob\n"},
	    {"bob@gmal.com\n", "b@x.org, c@x.org\n"}, {"bob@gmal.com\n", "\"a b\"\n"},
	    {"<new@example.org>", "<old@example.org>"}, {"Message-ID: <new@example.org>\n", ""},
	    {"Subject", "X-Subject"}, {"From", "X-From"}};
	struct anew_original o = {SLICE_LIT(HEAD "\r\nHello\r\n"), true};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice edited = replaced(draft(&o), rows[i].what, rows[i].by);
		struct anew_message m;
		struct err e;

		err_clear(&e);
		if (anew_finish(arena, edited, &o, &m, &e) == 0)
			fail_msg("went: %s", rows[i].by);
		assert_int_equal(e.code, ERR_REFUSED);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(shows_what_a_person_reads, setup, teardown),
	    cmocka_unit_test_setup_teardown(unchanged_stays_byte_for_byte, setup, teardown),
	    cmocka_unit_test_setup_teardown(an_address_is_mended, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		attachments_stay_when_the_text_changes, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		the_other_half_goes_when_the_text_changes, setup, teardown),
	    cmocka_unit_test_setup_teardown(of_a_fragment_only_the_text_is_used, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_is_signed_stays, setup, teardown),
	    cmocka_unit_test_setup_teardown(several_recipients_of_one_message, setup, teardown),
	    cmocka_unit_test_setup_teardown(refuses_what_cannot_go, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
