#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "msg/addr.h"

#define X10 "xxxxxxxxxx"
#define X60 X10 X10 X10 X10 X10 X10
#define L62 "." X60 "x"

static const struct guard {
	struct slice address;
	bool is_safe;
} guards[] = {
    {SLICE_LIT("a@b"), true},
    {SLICE_LIT("bob@example.org"), true},
    {SLICE_LIT("bob.smith+tag@mail.example.org"), true},
    {SLICE_LIT("!#$%&'*+-/=?^_`{|}~@example.org"), true},
    {SLICE_LIT("\"bob smith\"@example.org"), true},
    {SLICE_LIT("\"a@b\"@example.org"), true},
    {SLICE_LIT("\"a\\\"b\\\\\"@example.org"), true},
    {SLICE_LIT("bob@[192.0.2.7]"), true},
    {SLICE_LIT("bob@[IPv6:2001:db8::7]"), true},
    {SLICE_LIT("bob@1.example"), true},
    {SLICE_LIT("bob@xn--caf-dma.example"), true},
    {SLICE_LIT("m\xc3\xbcller@b\xc3\xbc"
	       "cher.example"),
	true},
    {SLICE_LIT("\xd0\xbc@\xd0\xbf.\xd1\x80\xd1\x84"), true},
    {SLICE_LIT(X60 "xxxx@example.org"), true},
    {SLICE_LIT("a@" X60 "xxx.org"), true},
    {SLICE_LIT("a@" X60 L62 L62 L62), true},
    /* not these */
    {SLICE_LIT(""), false},
    {SLICE_LIT("@"), false},
    {SLICE_LIT("bob"), false},
    {SLICE_LIT("bob@"), false},
    {SLICE_LIT("@example.org"), false},
    {SLICE_LIT("<bob@example.org>"), false},
    {SLICE_LIT("bob@example.org>"), false},
    {SLICE_LIT("bob@example.org> RCPT TO:<x@y"), false},
    {SLICE_LIT("bob@example.org\r\nRCPT TO:<x@y>"), false},
    {SLICE_LIT("bob@example.org\n"), false},
    {SLICE_LIT("bob@example.org\r"), false},
    {SLICE_LIT("\nbob@example.org"), false},
    {SLICE_LIT("bob@example.org\0"), false},
    {SLICE_LIT("bo\0b@example.org"), false},
    {SLICE_LIT("bob@exam\0ple.org"), false},
    {SLICE_LIT("\"bo\0b\"@example.org"), false},
    {SLICE_LIT("\"bo\rb\"@example.org"), false},
    {SLICE_LIT("\"bo\nb\"@example.org"), false},
    {SLICE_LIT("\"bo\\\nb\"@example.org"), false},
    {SLICE_LIT("\"bo\tb\"@example.org"), false},
    {SLICE_LIT("\"bo<b\"@example.org"), false},
    {SLICE_LIT("\"bo>b\"@example.org"), false},
    {SLICE_LIT("\"\"@example.org"), false},
    {SLICE_LIT("\"@example.org"), false},
    {SLICE_LIT("\"a\\\"@example.org"), false},
    {SLICE_LIT("\"a\"b\"@example.org"), false},
    {SLICE_LIT("\"a\\\\\"b\"@example.org"), false},
    {SLICE_LIT("a\"b\"@example.org"), false},
    {SLICE_LIT("bob smith@example.org"), false},
    {SLICE_LIT(" bob@example.org"), false},
    {SLICE_LIT("bob@example.org "), false},
    {SLICE_LIT("bob@exa mple.org"), false},
    {SLICE_LIT("bob\t@example.org"), false},
    {SLICE_LIT("bob\x7f@example.org"), false},
    {SLICE_LIT("bob\x1b@example.org"), false},
    {SLICE_LIT("bob@@example.org"), false},
    {SLICE_LIT("a@b@example.org"), false},
    {SLICE_LIT("@relay:bob@example.org"), false},
    {SLICE_LIT("@a,@b:bob@example.org"), false},
    {SLICE_LIT("bob,x@example.org"), false},
    {SLICE_LIT("bob;x@example.org"), false},
    {SLICE_LIT("bob:x@example.org"), false},
    {SLICE_LIT("bob(x)@example.org"), false},
    {SLICE_LIT("bob[x]@example.org"), false},
    {SLICE_LIT("bob\\x@example.org"), false},
    {SLICE_LIT(".bob@example.org"), false},
    {SLICE_LIT("bob.@example.org"), false},
    {SLICE_LIT("bo..b@example.org"), false},
    {SLICE_LIT("bob@.example.org"), false},
    {SLICE_LIT("bob@example.org."), false},
    {SLICE_LIT("bob@example..org"), false},
    {SLICE_LIT("bob@-example.org"), false},
    {SLICE_LIT("bob@example-.org"), false},
    {SLICE_LIT("bob@exam_ple.org"), false},
    {SLICE_LIT("bob@exam%ple.org"), false},
    {SLICE_LIT("bob@[192.0.2.7"), false},
    {SLICE_LIT("bob@[192.0.2.777]"), false},
    {SLICE_LIT("bob@[192.0.2]"), false},
    {SLICE_LIT("bob@[192.0.2.7\0]"), false},
    {SLICE_LIT("bob@[]"), false},
    {SLICE_LIT("bob@["), false},
    {SLICE_LIT("bob@[IPv6:]"), false},
    {SLICE_LIT("bob@[IPv6:2001:db8::7::8]"), false},
    {SLICE_LIT("bob@[2001:db8::7]"), false},
    {SLICE_LIT("bob@[192.0.2.7].org"), false},
    {SLICE_LIT("bob@[x y]"), false},
    {SLICE_LIT("bob\xff@example.org"), false},
    {SLICE_LIT("bob\xc2@example.org"), false},
    {SLICE_LIT("bob\xc2\x85@example.org"), false},
    {SLICE_LIT("bob\xc2\xa0@example.org"), false},
    {SLICE_LIT("bob\xe2\x80\xae@example.org"), false},
    {SLICE_LIT("bob\xe2\x80\x8b@example.org"), false},
    {SLICE_LIT("bob\xe2\x80\xa8@example.org"), false},
    {SLICE_LIT("bob\xed\xa0\x80@example.org"), false},
    {SLICE_LIT("bob@exa\xe3\x80\x80mple.org"), false},
    {SLICE_LIT("bob@exa\xc0\xaemple.org"), false},
    {SLICE_LIT(X60 "xxxxx@example.org"), false},
    {SLICE_LIT("a@" X60 "xxxx.org"), false},
    {SLICE_LIT("a@" X60 L62 L62 L62 L62), false},
};

static void
test_guard(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(guards) / sizeof(guards[0]); i++) {
		bool is_safe = addr_is_wire_safe(guards[i].address);

		if (is_safe != guards[i].is_safe)
			print_message("row %zu: %s\n", i, guards[i].address.p);
		assert_int_equal(is_safe, guards[i].is_safe);
	}
}

/* No byte below 33, no angle bracket, anywhere, in any surroundings. */
static void
test_guard_against_every_byte(void **state)
{
	static const char *const frames[] = {
	    "bob@example.org", "\"bob x\"@example.org", "bob@[192.0.2.7]", "\xd0\xbc@example.org"};

	(void)state;
	for (size_t f = 0; f < 4; f++) {
		for (int c = 0; c < 256; c++) {
			for (size_t at = 0; at <= strlen(frames[f]); at++) {
				char text[64];
				size_t n = strlen(frames[f]);
				bool is_bad = c < 32 || c == 127 || c == '<' || c == '>';

				memcpy(text, frames[f], at);
				text[at] = (char)c;
				memcpy(text + at + 1, frames[f] + at, n - at);
				if (is_bad)
					assert_false(
					    addr_is_wire_safe((struct slice){text, n + 1}));
			}
		}
	}
}

static void
test_read(void **state)
{
	static const char *const rows[][2] = {
	    {"bob@example.org", "bob@example.org"},
	    {"<bob@example.org>", "bob@example.org"},
	    {"  < bob@example.org >  ", "bob@example.org"},
	    {"rfc822; bob@example.org", "bob@example.org"},
	    {"RFC822;bob@example.org", "bob@example.org"},
	    {"rfc822 ; <bob@example.org>", "bob@example.org"},
	    {"rfc822;\r\n bob@example.org", "bob@example.org"},
	    {"utf-8; \\x{43C}@\\x{43F}.example", "\xd0\xbc@\xd0\xbf.example"},
	    {"utf-8; bob\\x{ZZ}@example.org", "bob\\x{ZZ}@example.org"},
	    {"X-LOCAL; bob@example.org", "bob@example.org"},
	    {"Bob Smith <bob@example.org>", "bob@example.org"},
	    {"\"Smith, Bob\" <bob@example.org>", "bob@example.org"},
	    {"\"a@b\" <bob@example.org>", "bob@example.org"},
	    {"bob@example.org (Bob (the) Smith)", "bob@example.org"},
	    {"(x@y) bob@example.org", "bob@example.org"},
	    {"\"x y\"@example.org", "\"x y\"@example.org"},
	    {"<\"x > y\"@example.org>", "\"x > y\"@example.org"},
	    {"<@relay.example:bob@example.org>", "bob@example.org"},
	    {"<@a,@b:bob@example.org>", "bob@example.org"},
	    {"bob@example.org.", "bob@example.org"},
	    {"'bob@example.org'", "bob@example.org"},
	    {"<mailto:bob@example.org>", "bob@example.org"},
	    {"mailto:bob@example.org", "bob@example.org"},
	    {"SMTP:bob@example.org", "bob@example.org"},
	    {"bob@example.org, eve@example.org", "bob@example.org"},
	    {"Bob <bob@example.org", "bob@example.org"},
	    {"<bob@example.org, eve@x", "bob@example.org"},
	    {"< bob@\r\n example.org>", "bob@example.org"},
	    {"bob@[IPv6:2001:db8::7]", "bob@[IPv6:2001:db8::7]"},
	    {"team: bob@example.org;", "bob@example.org"},
	    {"\"my: team\":bob@example.org;", "bob@example.org"},
	    {"bob@example.org:25", "bob@example.org"},
	    {"", ""},
	    {"bob", ""},
	    {"<>", ""},
	    {"rfc822;", ""},
	    {"RFC822; @mx.example.org", ""},
	    {"undisclosed-recipients:;", ""},
	    {"\"", ""},
	    {"(", ""},
	    {"<", ""},
	    {"@", ""},
	    {"a@", ""},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice got = addr_read(a, slice_of(rows[i][0]));

		print_message("  %s -> %.*s\n", rows[i][0], SLICE_FMT(got));
		assert_true(slice_is(got, rows[i][1]));
	}
	arena_free(&a);
}

static void
test_list(void **state)
{
	struct slice rest =
	    SLICE_LIT("Bob <bob@a.org>, \"Smith, Eve\"\r\n <eve@b.org>,, eve2@b.org "
		      "(E),\n Team: x@c.org, Y <y@c.org>;, none, <z@d.org>");
	static const char *const want[][2] = {{"bob@a.org", "Bob"}, {"eve@b.org", "\"Smith, Eve\""},
	    {"eve2@b.org", ""}, {"x@c.org", ""}, {"y@c.org", "Y"}, {"z@d.org", ""}};
	struct arena *a = arena_new();
	struct slice address;
	struct slice name;

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_true(addr_next(a, &rest, &address, &name));
		print_message("  %.*s, %.*s\n", SLICE_FMT(address), SLICE_FMT(name));
		assert_true(slice_is(address, want[i][0]));
		assert_true(slice_is(name, want[i][1]));
	}
	assert_false(addr_next(a, &rest, &address, &name));
	arena_free(&a);
}

/* A reader that took the square of their length would take hours for these. */
static void
test_long_lists_end(void **state)
{
	static const char *const pieces[] = {
	    "a:", ":", "<a@b,", "<", "(", "\"", "a@b,", "\"x\":", "<\"", "@"};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct buf b = BUF_INIT;
		struct slice rest;
		struct slice address;
		size_t n = 0;

		while (b.len < 1000000)
			buf_adds(&b, pieces[i]);
		for (rest = buf_slice(&b); addr_next(a, &rest, &address, NULL); n++)
			continue;
		assert_true(n <= b.len / strlen(pieces[i]));
		for (rest = buf_slice(&b); addr_find(&rest, &address);)
			continue;
		addr_list_odd(a, buf_slice(&b));
		buf_free(&b);
		arena_reset(a);
	}
	arena_free(&a);
}

static void
test_find(void **state)
{
	static const struct {
		const char *text;
		const char *want[4];
	} rows[] = {
	    {"mail to <bob@example.org>: user unknown", {"bob@example.org"}},
	    {"a@b.org,c@d.org; 'e@f.org'.", {"a@b.org", "c@d.org", "e@f.org"}},
	    {"bob@example.org...", {"bob@example.org"}},
	    {"to=<bob+x=y@example.org>,", {"bob+x=y@example.org"}},
	    {"\xe5\xae\x9b\xe5\x85\x88"
	     "bob@example.org\xe3\x81\xab",
		{"bob@example.org"}},
	    {"\xd0\xbc@\xd0\xbf.\xd1\x80\xd1\x84 x", {"\xd0\xbc@\xd0\xbf.\xd1\x80\xd1\x84"}},
	    {"bob@[192.0.2.7] x", {"bob@[192.0.2.7]"}},
	    {"@ a@ @b a@.b a@-b a@[x", {NULL}},
	    {"@@@@a@b", {"a@b"}},
	    {"none", {NULL}},
	    {"", {NULL}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice rest = slice_of(rows[i].text);
		struct slice address;
		size_t n = 0;

		print_message("  %s\n", rows[i].text);
		while (addr_find(&rest, &address)) {
			assert_non_null(rows[i].want[n]);
			assert_true(slice_is(address, rows[i].want[n]));
			n++;
		}
		assert_null(rows[i].want[n]);
		assert_int_equal(rest.n, 0);
	}
}

static void
test_small_things(void **state)
{
	struct arena *a = arena_new();
	struct buf b = BUF_INIT;

	(void)state;
	assert_true(slice_is(addr_local(SLICE_LIT("\"a@b\"@c")), "\"a@b\""));
	assert_true(slice_is(addr_domain(SLICE_LIT("\"a@b\"@c")), "c"));
	assert_true(slice_is(addr_local(SLICE_LIT("root")), "root"));
	assert_true(slice_is(addr_domain(SLICE_LIT("root")), ""));
	assert_true(addr_same(SLICE_LIT("Bob@Example.ORG"), SLICE_LIT("bob@example.org.")));
	assert_false(addr_same(SLICE_LIT("bob@example.org"), SLICE_LIT("bob@example.com")));
	assert_true(addr_needs_utf8(SLICE_LIT("\xd0\xbc@x")));
	assert_false(addr_needs_utf8(SLICE_LIT("m@x")));
	assert_true(slice_is(addr_redact(a, SLICE_LIT("jane@example.org")), "j***@example.org"));
	assert_true(
	    slice_is(addr_redact(a, SLICE_LIT("\"jane x\"@example.org")), "j***@example.org"));
	assert_true(slice_is(addr_redact(a, SLICE_LIT("\xd0\xbc\xd0\xb0@x")), "\xd0\xbc***@x"));
	assert_true(slice_is(addr_redact(a, SLICE_LIT("root")), "r***"));
	assert_true(slice_is(addr_redact(a, SLICE_LIT("")), "***"));
	addr_xtext_encode(&b, SLICE_LIT("bob+x=y z\xc3\xa4@x"));
	assert_string_equal(b.data, "bob+2Bx+3Dy+20z+C3+A4@x");
	assert_true(slice_is(addr_xtext_decode(a, buf_slice(&b)), "bob+x=y z\xc3\xa4@x"));
	assert_true(slice_is(addr_xtext_decode(a, SLICE_LIT("bob+tag@x")), "bob+tag@x"));
	assert_true(slice_is(addr_xtext_decode(a, SLICE_LIT("a+0D+0Ab+")), "a+0D+0Ab+"));
	buf_free(&b);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_guard),
	    cmocka_unit_test(test_guard_against_every_byte),
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_list),
	    cmocka_unit_test(test_long_lists_end),
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_small_things),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
