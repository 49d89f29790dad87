#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "msg/coding.h"

struct row {
	const char *in;
	const char *want;
};

static void
check(const struct row *rows, size_t n, struct slice (*decode)(struct arena *, struct slice))
{
	struct arena *a = arena_new();

	for (size_t i = 0; i < n; i++) {
		struct slice got = decode(a, slice_of(rows[i].in));

		print_message("  %s -> %.*s\n", rows[i].in, SLICE_FMT(got));
		assert_true(slice_is(got, rows[i].want));
	}
	arena_free(&a);
}
#define CHECK(rows, decode) check(rows, sizeof(rows) / sizeof((rows)[0]), decode)

static void
test_base64(void **state)
{
	static const struct row rows[] = {
	    {"", ""},
	    {"YQ==", "a"},
	    {"YWI=", "ab"},
	    {"YWJj", "abc"},
	    {"YWI", "ab"},
	    {"Y", ""},
	    {"Y\r\nW\tJ j", "abc"},
	    {"YQ==YmM=", "abc"},
	    {"YW!J*j", "abc"},
	    {"====", ""},
	    {"+/+/", "\xfb\xff\xbf"},
	};

	(void)state;
	CHECK(rows, coding_base64);
}

static void
test_quoted_printable(void **state)
{
	static const struct row rows[] = {
	    {"", ""},
	    {"plain", "plain"},
	    {"=41=c3=A4", "A\xc3\xa4"},
	    {"a=\nb=\r\nc=\rd", "abcd"},
	    {"a= \t\r\nb", "ab"},
	    {"=41 \t\nb", "A\nb"},
	    {"=41\r\n\r\nb\n", "A\r\n\r\nb\n"},
	    {"=XY=4", "=XY=4"},
	    {"a=", "a"},
	    {"a=4", "a=4"},
	    {"==41", "=A"},
	    {"=3D=", "="},
	};

	(void)state;
	CHECK(rows, coding_quoted_printable);
}

static void
test_words(void **state)
{
	static const struct row rows[] = {
	    {"", ""},
	    {"plain", "plain"},
	    {"=?utf-8?Q?a_b=C3=A4?=", "a b\xc3\xa4"},
	    {"=?UTF-8?b?w6Q=?=", "\xc3\xa4"},
	    {"=?iso-8859-1?q?=E4?= x", "\xc3\xa4 x"},
	    {"=?iso-8859-1*de?q?=E4?=", "\xc3\xa4"},
	    {"x =?utf-8?q?a?= =?utf-8?q?b?= y", "x ab y"},
	    {"=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b"},
	    {"=?utf-8?q?=C3?= =?UTF-8?q?=A4?=", "\xc3\xa4"},
	    {"=?utf-8?q?=C3?=\t=?UTF-8?b?pA==?=", "\xc3\xa4"},
	    {"=?utf-8?q?a?==?iso-8859-1?q?=E4?=", "a\xc3\xa4"},
	    {"=?iso-2022-jp?B?GyRCJCIbKEI=?=", "\xe3\x81\x82"},
	    {"=?iso-2022-jp?B?GyRCJCI=?= =?iso-2022-jp?B?JCQbKEI=?=", "\xe3\x81\x82\xe3\x81\x84"},
	    {"=?shift_jis?B?gqA=?=", "\xe3\x81\x82"},
	    {"=?gb2312?B?xOO6ww==?=", "\xe4\xbd\xa0\xe5\xa5\xbd"},
	    {"=?windows-1252?q?=80?=", "\xe2\x82\xac"},
	    {"=?no-such-charset?q?=E4?=", "\xc3\xa4"},
	    {"=?no-such-charset?q?=C3=A4?=", "\xc3\xa4"},
	    {"=?../../x?q?a?=", "a"},
	    {"=?utf-8?q?a b?=", "a b"},
	    {"=?utf-8?q?"
	     "?=",
		""},
	    {"=?utf-8?x?a?=", "=?utf-8?x?a?="},
	    {"=?utf-8?q?open", "=?utf-8?q?open"},
	    {"=?utf-8?q", "=?utf-8?q"},
	    {"=?"
	     "?q?a?=",
		"=?"
		"?q?a?="},
	    {"=?", "=?"},
	    {"= =?= ?=", "= =?= ?="},
	    {"raw \xe4", "raw \xc3\xa4"},
	    {"raw \xe4 =?utf-8?q?a?=", "raw \xc3\xa4 a"},
	};

	(void)state;
	CHECK(rows, coding_words);
}

static void
test_charsets(void **state)
{
	static const struct {
		const char *charset;
		const char *in;
		const char *want;
	} rows[] = {
	    {"", "abc", "abc"},
	    {"utf-8", "\xc3\xa4", "\xc3\xa4"},
	    {"utf-8", "\xe4", "\xc3\xa4"},
	    {"us-ascii", "\xc3\xa4", "\xc3\xa4"},
	    {"ISO-8859-1", "\xe4\x93", "\xc3\xa4\xe2\x80\x9c"},
	    {"iso-8859-15", "\xa4", "\xe2\x82\xac"},
	    {"windows-1252", "\x81", "\xef\xbf\xbd"},
	    {"koi8-r", "\xcd", "\xd0\xbc"},
	    {"unicode-1-1-utf-7", "+AOQ-", "\xc3\xa4"},
	    {"utf-7", "a+AOQ-b",
		"a\xc3\xa4"
		"b"},
	    {"iso-2022-jp", "a\x1b$B$\"\x1b(Bb",
		"a\xe3\x81\x82"
		"b"},
	    {"iso-2022-jp",
		"a\xff"
		"b",
		"a\xef\xbf\xbd"
		"b"},
	    {"shift_jis", "\x82", "\xef\xbf\xbd"},
	    {"uft-8", "\xc3\xa4", "\xc3\xa4"},
	    {" utf-8 ", "a", "a"},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice got =
		    coding_to_utf8(a, slice_of(rows[i].in), slice_of(rows[i].charset));

		print_message("  %s: %.*s\n", rows[i].charset, SLICE_FMT(got));
		assert_true(slice_is(got, rows[i].want));
	}
	assert_true(slice_eq(coding_to_utf8(a, (struct slice){"\0a\0b", 4}, SLICE_LIT("utf-16be")),
	    SLICE_LIT("ab")));
	arena_free(&a);
}

static void
test_html(void **state)
{
	static const struct row rows[] = {
	    {"", ""},
	    {"plain", "plain"},
	    {"<p>a</p><p>b", "a\nb"},
	    {"a<br>b<BR/>c<br />d", "a\nb\nc\nd"},
	    {"  a \n  b  ", "a b "},
	    {"<pre>a\n  b</pre> c", "a\n  b\nc"},
	    {"<table><tr><td>a</td><td>b</td></tr></table>", "a b\n"},
	    {"<b>a</b><i>b</i>", "ab"},
	    {"a&amp;b&lt;c&gt;&quot;&nbsp;&eacute;", "a&b<c>\" \xc3\xa9"},
	    {"&#228;&#xE4;&#x1F436;", "\xc3\xa4\xc3\xa4\xf0\x9f\x90\xb6"},
	    {"&#99999999999;&#0;&#xD800;",
		"?"
		"?"
		"?"},
	    {"& &; &x; &unknown; &#; &#x;", "& &; &x; &unknown; &#; &#x;"},
	    {"<style>a{b}</style>c<script>if (a<b) x</SCRIPT>d", "cd"},
	    {"a<script>open", "a"},
	    {"a<!-- x > y -->b", "ab"},
	    {"a<!-- open", "a"},
	    {"<!DOCTYPE html><html>a", "a"},
	    {"to <bob@example.org>: no", "to <bob@example.org>: no"},
	    {"1 < 2 and 3 > 2", "1 < 2 and 3 > 2"},
	    {"a<", "a<"},
	    {"a<b", "a<b"},
	    {"<a href=\"mailto:x@y\">z</a>", "z"},
	};

	(void)state;
	CHECK(rows, coding_html_text);
}

static void
test_what_is_encoded_is_decoded(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t n = 0; n < 400; n++) {
		struct buf b = BUF_INIT;
		char *raw = arena_alloc(a, n + 1);
		struct slice rest;
		struct slice line;

		for (size_t i = 0; i < n; i++)
			raw[i] = (char)(i * 7 + n);
		coding_add_base64(&b, (struct slice){raw, n});
		assert_true(slice_eq(coding_base64(a, buf_slice(&b)), (struct slice){raw, n}));
		for (size_t i = 0; i < n; i++)
			raw[i] = raw[i] == '\n' || raw[i] == '\r' ? ' ' : raw[i];
		buf_clear(&b);
		coding_add_quoted_printable(&b, (struct slice){raw, n});
		rest = buf_slice(&b);
		while (slice_line(&rest, &line))
			assert_true(line.n <= 76);
		if (n > 0) {
			struct slice got = coding_quoted_printable(a, buf_slice(&b));

			assert_true(slice_eq(slice_sub(got, 0, got.n - 2), (struct slice){raw, n}));
		}
		buf_free(&b);
		arena_reset(a);
	}
	arena_free(&a);
}

static void
test_add_words(void **state)
{
	static const struct row rows[] = {
	    {"", ""},
	    {"plain words", "plain words"},
	    {"K\xc3\xb6ln", "=?UTF-8?B?S8O2bG4=?="},
	    {"in K\xc3\xb6ln am Rhein", "in =?UTF-8?B?S8O2bG4=?= am Rhein"},
	    {"\xc3\xa4 \xc3\xb6 x", "=?UTF-8?B?w6Qgw7Y=?= x"},
	    {"=?utf-8?q?a?=", "=?UTF-8?B?PT91dGYtOD9xP2E/PQ==?="},
	};
	struct arena *a = arena_new();
	struct buf b = BUF_INIT;
	struct buf text = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&b);
		coding_add_words(&b, slice_of(rows[i].in));
		assert_string_equal(buf_cstr(&b), rows[i].want);
	}
	/* long ones fold, and characters stay whole */
	for (size_t n = 1; n < 200; n++) {
		struct slice rest;
		struct slice line;

		buf_clear(&b);
		buf_adds(&text, n % 5 == 0 ? " ab" : "\xe2\x82\xac");
		buf_adds(&b, "Subject: ");
		coding_add_words(&b, buf_slice(&text));
		for (rest = buf_slice(&b); slice_line(&rest, &line);) {
			size_t word = slice_find(line, "=?UTF-8?B?");

			assert_true(line.n <= 76);
			while (word != SLICE_NONE) {
				struct slice encoded = slice_from(line, word + 10);

				encoded.n = slice_find(encoded, "?=");
				assert_true(coding_is_utf8(coding_base64(a, encoded)));
				line = slice_from(line, word + 10);
				word = slice_find(line, "=?UTF-8?B?");
			}
		}
		buf_truncate(&b, b.len);
		for (size_t i = 0; i < b.len; i++)
			b.data[i] = b.data[i] == '\r' || b.data[i] == '\n' ? ' ' : b.data[i];
		rest = coding_words(a, slice_from(buf_slice(&b), 9));
		assert_true(slice_find(rest, "=?") == SLICE_NONE);
	}
	buf_free(&b);
	buf_free(&text);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_base64),
	    cmocka_unit_test(test_quoted_printable),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_charsets),
	    cmocka_unit_test(test_html),
	    cmocka_unit_test(test_what_is_encoded_is_decoded),
	    cmocka_unit_test(test_add_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
