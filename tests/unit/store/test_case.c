#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/case.h"

#define S(x) SLICE_LIT(x)

static struct report
report_of(const char *message_id, const char *from)
{
	struct report r = {.kind = KIND_BOUNCE,
	    .message_id = S("<r1@mx.test>"),
	    .from = S("MAILER-DAEMON@mx.test"),
	    .to = S("bounces@example.org"),
	    .subject = S("Undelivered"),
	    .reporting_mta = SLICE_EMPTY,
	    .envelope_id = SLICE_EMPTY,
	    .queue_id = SLICE_EMPTY,
	    .mta = SLICE_EMPTY};

	r.original = (struct original){.message_id = slice_of(message_id),
	    .from = slice_of(from),
	    .to = SLICE_EMPTY,
	    .subject = SLICE_EMPTY,
	    .date = SLICE_EMPTY,
	    .header = SLICE_EMPTY,
	    .raw = SLICE_EMPTY,
	    .dkim_domain = SLICE_EMPTY,
	    .return_path = SLICE_EMPTY,
	    .first_received = SLICE_EMPTY};
	return r;
}

static case_id
id_of(const struct report *r, const char *address, const char *original)
{
	struct recipient rcpt = {
	    .address = slice_of(address), .original_recipient = slice_of(original)};

	return case_id_make(r, &rcpt);
}

static void
test_id_is_stable(void **state)
{
	struct report r = report_of("<1@example.org>", "");
	case_id id = id_of(&r, "bob@partner.example", "");

	(void)state;
	/* The same on every machine and in every version: scripts hold these. */
	assert_string_equal(id.text, "llywcehqkg");
}

static void
test_id_joins_and_parts(void **state)
{
	struct report r = report_of("<1@example.org>", "");
	case_id id = id_of(&r, "bob@partner.example", "");
	struct {
		const char *name, *message_id, *address, *original;
		bool same;
	} rows[] = {
	    {"letters of other case", "<1@example.org>", "Bob@PARTNER.example", "", true},
	    {"white space", " <1@example.org>\r\n", "bob@partner.example", "", true},
	    {"no brackets", "1@example.org", "bob@partner.example", "", true},
	    {"to whom it was written", "<1@example.org>", "x@alias.test", "bob@partner.example",
		true},
	    {"another recipient", "<1@example.org>", "eve@partner.example", "", false},
	    {"another original", "<2@example.org>", "bob@partner.example", "", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct report other = report_of(rows[i].message_id, "");
		case_id got = id_of(&other, rows[i].address, rows[i].original);

		if ((strcmp(id.text, got.text) == 0) != rows[i].same)
			fail_msg("%s", rows[i].name);
	}
}

static void
test_id_without_message_id(void **state)
{
	struct report r = report_of("", "alice@example.org");
	struct report other = r;
	case_id id;

	(void)state;
	/* Nothing is known: each report stands alone, but for the same one again. */
	id = id_of(&r, "bob@x.test", "");
	assert_string_equal(id.text, id_of(&other, "bob@x.test", "").text);
	other.message_id = S("<r2@mx.test>");
	assert_string_not_equal(id.text, id_of(&other, "bob@x.test", "").text);
	/* Envelope id, then subject and date, join them. */
	r.original.subject = other.original.subject = S("Hello");
	r.original.date = other.original.date = S("2026-01-01T00:00:00Z");
	id = id_of(&r, "bob@x.test", "");
	assert_string_equal(id.text, id_of(&other, "bob@x.test", "").text);
	r.envelope_id = S("E1");
	assert_string_not_equal(id.text, id_of(&r, "bob@x.test", "").text);
	other.envelope_id = S("E1");
	other.original.subject = S("different");
	assert_string_equal(id_of(&r, "bob@x.test", "").text, id_of(&other, "bob@x.test", "").text);
}

static void
test_auto_reply_stays_beside(void **state)
{
	struct report r = report_of("<1@example.org>", "");
	case_id id = id_of(&r, "bob@x.test", "");

	(void)state;
	r.kind = KIND_DELIVERED;
	assert_string_equal(id.text, id_of(&r, "bob@x.test", "").text);
	r.kind = KIND_AUTO_REPLY;
	assert_string_not_equal(id.text, id_of(&r, "bob@x.test", "").text);
}

static const char *const own[] = {"alice@example.org", "corp.example"};

static const struct {
	const char *name;
	enum report_kind kind;
	const char *message_id, *from, *dkim, *received, *to;
	enum lane lane;
	const char *why; /* a part of it */
} lanes[] = {
    {"auto reply", KIND_AUTO_REPLY, "", "", "", "", "", LANE_AUTO_REPLIES, ""},
    {"complaint", KIND_COMPLAINT, "", "", "", "", "", LANE_COMPLAINTS, ""},
    {"receipt", KIND_RECEIPT, "", "", "", "", "", LANE_RECEIPTS, ""},
    {"DKIM", KIND_BOUNCE, "<1@spam.test>", "x@y.test", "corp.example", "", "", LANE_CASES, "DKIM"},
    {"DKIM below", KIND_BOUNCE, "", "", "news.corp.example", "", "", LANE_CASES, "DKIM"},
    {"DKIM of a look-alike", KIND_BOUNCE, "<1@a.test>", "alice@example.org", "notcorp.example", "",
	"", LANE_NOT_OURS, "not ours"},
    {"Message-ID", KIND_BOUNCE, "<1@mail.example.org>", "", "", "", "", LANE_CASES, "Message-ID"},
    {"Message-ID of a look-alike", KIND_BOUNCE, "<1@example.org.evil.test>", "alice@example.org",
	"", "from a.evil.test by b.evil.test", "", LANE_NOT_OURS, "Message-ID"},
    {"BATV", KIND_BOUNCE, "<1@a.test>", "x@y.test", "", "", "prvs=1234=alice@corp.example",
	LANE_CASES, "return path"},
    {"first hop", KIND_BOUNCE, "<1@a.test>", "alice@example.org", "",
	"from pc (pc.corp.example [192.0.2.1]) by mx.a.test", "", LANE_CASES, "received"},
    {"named only in for", KIND_BOUNCE, "<1@a.test>", "alice@example.org", "",
	"from evil.test by evil.test for <alice@example.org>", "", LANE_NOT_OURS, "no host"},
    {"forged sender", KIND_BOUNCE, "<1@spam.test>", "\"A\" <alice@example.org>", "",
	"from spam.test by spam.test", "", LANE_NOT_OURS, "spam.test"},
    {"foreign sender", KIND_BOUNCE, "<1@spam.test>", "eve@spam.test", "", "", "", LANE_NOT_OURS,
	"eve@spam.test"},
    {"sender only", KIND_BOUNCE, "", "alice@example.org", "", "", "", LANE_CASES, "nothing"},
    {"id of a laptop", KIND_BOUNCE, "<1@laptop.local>", "alice@example.org", "",
	"from laptop by mx.isp.test", "", LANE_CASES, "nothing"},
    {"nothing came back", KIND_BOUNCE, "", "", "", "", "", LANE_CASES, "nothing"},
    {"escape in an id", KIND_BOUNCE, "<1@\x1b[31m.test>", "alice@example.org", "", "from spam.test",
	"", LANE_NOT_OURS, ""},
};

static void
test_lanes(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(lanes) / sizeof(*lanes); i++) {
		struct report r = report_of(lanes[i].message_id, lanes[i].from);
		const char *why = NULL;
		enum lane lane;

		r.kind = lanes[i].kind;
		r.original.dkim_domain = slice_of(lanes[i].dkim);
		r.original.first_received = slice_of(lanes[i].received);
		if (lanes[i].to[0] != '\0')
			r.to = slice_of(lanes[i].to);
		lane = case_lane(a, &r, own, 2, &why);
		if (lane != lanes[i].lane || strstr(why, lanes[i].why) == NULL)
			fail_msg("%s: got %s, \"%s\"", lanes[i].name, lane_id(lane), why);
		assert_null(strchr(why, '\x1b'));
	}
	arena_free(&a);
}

static void
test_without_own_all_counts(void **state)
{
	struct arena *a = arena_new();
	struct report r = report_of("<1@spam.test>", "eve@spam.test");
	const char *why;

	(void)state;
	assert_int_equal(case_lane(a, &r, NULL, 0, &why), LANE_CASES);
	assert_non_null(strstr(why, "configured"));
	arena_free(&a);
}

static void
test_names_of_ours(void **state)
{
	static const struct {
		const char *name;
		bool is_resend, is_edited;
	} rows[] = {
	    {"bouncebox.abcdefgh27.0001", true, false},
	    {" <bouncebox.abcdefgh27.6b0b.0001@example.org>", true, false},
	    {"<bouncebox-case.abcdefgh27.6b0b.0001@example.org>", false, true},
	    {"<bouncebox-note.abcdefgh27.6b0b.0001@example.org>", false, false},
	    {"<bouncebox.abcdefgh2.0001@example.org>", false, false},
	    {"<bouncebox.abcdefgh277.0001@example.org>", false, false},
	    {"<bouncebox.abcdefgh21.0001@example.org>", false, false},
	    {"bouncebox.abcdefgh27", false, false},
	    {"bouncebox.", false, false},
	    {"<", false, false},
	    {"", false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		case_id id = {""};
		bool is_resend = case_of_resend(slice_of(rows[i].name), &id);
		bool is_edited = case_of_edited(slice_of(rows[i].name), &id);

		if (is_resend != rows[i].is_resend || is_edited != rows[i].is_edited)
			fail_msg("%s", rows[i].name);
		if (is_resend || is_edited)
			assert_string_equal(id.text, "abcdefgh27");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_id_is_stable),
	    cmocka_unit_test(test_id_joins_and_parts),
	    cmocka_unit_test(test_id_without_message_id),
	    cmocka_unit_test(test_auto_reply_stays_beside),
	    cmocka_unit_test(test_lanes),
	    cmocka_unit_test(test_without_own_all_counts),
	    cmocka_unit_test(test_names_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
