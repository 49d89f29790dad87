#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "msg/mime.h"

#define MP "Content-Type: multipart/mixed; boundary=b\n\n"

/* Each part as depth, kind letter, body; parts divided by "|". */
static const struct row {
	const char *name;
	const char *message;
	const char *want;
} rows[] = {
    {"no MIME", "Subject: x\n\nbody\n", "0t[body\n]"},
    {"empty", "", "0t[]"},
    {"only a body", "\nbody", "0t[body]"},
    {"html", "Content-Type: text/html\n\n<p>", "0h[<p>]"},
    {"two parts", MP "pre\n--b\n\none\n--b\n\ntwo\n--b--\nepilogue\n",
	"0m[pre\n--b\n\none\n--b\n\ntwo\n--b--\nepilogue\n]|1t[one]|1t[two]"},
    {"CRLF", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n\r\n--b--\r\n",
	"0m[--b\r\n\r\none\r\n\r\n--b--\r\n]|1t[one\r\n]"},
    {"CR", "Content-Type: multipart/mixed; boundary=b\r\r--b\r\rone\r--b--\r",
	"0m[--b\r\rone\r--b--\r]|1t[one]"},
    {"mixed ends", "Content-Type: multipart/mixed; boundary=b\r\n\n--b\r\rone\n--b\r\n\ntwo\r--b--",
	"0m[--b\r\rone\n--b\r\n\ntwo\r--b--]|1t[one]|1t[two]"},
    {"mbox line", "From a@b Fri Nov 20 10:14:00 2026\n" MP "--b\n\none\n--b--\n",
	"0m[--b\n\none\n--b--\n]|1t[one]"},
    {"never closed", MP "--b\n\none\n--b\n\ntwo\n",
	"0m[--b\n\none\n--b\n\ntwo\n]|1t[one]|1t[two\n]"},
    {"trailing blanks", MP "--b \t\n\none\n--b-- \n", "0m[--b \t\n\none\n--b-- \n]|1t[one]"},
    {"blanks in the boundary",
	"Content-Type: multipart/mixed; boundary=\"b c \"\n\n--b c\n\n1\n--b c--",
	"0m[--b c\n\n1\n--b c--]|1t[1]"},
    {"longer lines are no delimiters", MP "--b\n\n--bc\n--b-\n --b\nx--b\n--b-- x\n--b--\n",
	"0m[--b\n\n--bc\n--b-\n --b\nx--b\n--b-- x\n--b--\n]|1t[--bc\n--b-\n --b\nx--b\n--b-- x]"},
    {"dashes", MP "--b\n\n-----\n--\n-\n--b--\n",
	"0m[--b\n\n-----\n--\n-\n--b--\n]|1t[-----\n--\n-]"},
    {"boundary of dashes",
	"Content-Type: multipart/mixed; boundary=\"----x\"\n\n------x\n\n1\n------x--\n",
	"0m[------x\n\n1\n------x--\n]|1t[1]"},
    {"boundary is a lone escaped quote",
	"Content-Type: multipart/mixed; boundary=\"\\\"\n\n--\"\n\n1\n", "0m[--\"\n\n1\n]|1t[1\n]"},
    {"boundary is a lone backslash", "Content-Type: multipart/mixed; boundary=\"\\\n\n--\\\n\n1\n",
	"0m[--\\\n\n1\n]|1t[1\n]"},
    {"boundary with an escaped quote",
	"Content-Type: multipart/mixed; boundary=\"a\\\"b\"\n\n--a\"b\n\n1\n--a\"b--",
	"0m[--a\"b\n\n1\n--a\"b--]|1t[1]"},
    {"boundary with a colon",
	"Content-Type: multipart/mixed; boundary=\"b:c\"\n\n--b:c\nA: 1\n--b:c--\n",
	"0m[--b:c\nA: 1\n--b:c--\n]|1t[]"},
    {"boundary is missing",
	"Content-Type: multipart/mixed\n\npre\n--q\nContent-Type: text/html\n\n1\n--q--\n",
	"0m[pre\n--q\nContent-Type: text/html\n\n1\n--q--\n]|1h[1]"},
    {"another boundary than announced", MP "--q\ncontent-type: text/html\n\n1\n--q--\n",
	"0m[--q\ncontent-type: text/html\n\n1\n--q--\n]|1h[1]"},
    {"no boundary at all", "Content-Type: multipart/mixed\n\ntext\n", "0t[text\n]"},
    {"boundary never comes", MP "text\n", "0t[text\n]"},
    {"boundary is empty", "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\ntext\n",
	"0t[--\n\ntext\n]"},
    {"header of a part never ends", MP "--b\nContent-Type: text/html\n--b\nA: 1\n",
	"0m[--b\nContent-Type: text/html\n--b\nA: 1\n]|1h[]|1t[]"},
    {"level without a body",
	MP "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\nA: 1\n--b--\n",
	"0m[--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\nA: 1\n--b--\n]|1m[--c\nA: "
	"1]|2t[]"},
    {"part without a header", MP "--b\nno field\n--b--\n",
	"0m[--b\nno field\n--b--\n]|1t[no field]"},
    {"part without anything", MP "--b\n--b--\n", "0m[--b\n--b--\n]|1t[]"},
    {"delimiter at the very end", MP "--b", "0m[--b]|1t[]"},
    {"nested",
	MP "--b\nContent-Type: multipart/alternative; "
	   "boundary=c\n\n--c\n\n1\n--c\n\n2\n--c--\n\n--b\n\n3\n--b--",
	"0m[--b\nContent-Type: multipart/alternative; "
	"boundary=c\n\n--c\n\n1\n--c\n\n2\n--c--\n\n--b\n\n3\n--b--]"
	"|1m[--c\n\n1\n--c\n\n2\n--c--\n]|2t[1]|2t[2]|1t[3]"},
    {"inner not closed",
	MP "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\n1\n--b\n\n3\n--b--",
	"0m[--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\n1\n--b\n\n3\n--b--]"
	"|1m[--c\n\n1]|2t[1]|1t[3]"},
    {"inner begins as outer",
	"Content-Type: multipart/mixed; boundary=b\n\n--b\n"
	"Content-Type: multipart/mixed; boundary=b-1\n\n--b-1\n\n1\n--b-1--\n--b--",
	"0m[--b\nContent-Type: multipart/mixed; boundary=b-1\n\n--b-1\n\n1\n--b-1--\n--b--]"
	"|1m[--b-1\n\n1\n--b-1--]|2t[1]"},
    {"closed too early", MP "--b\n\n1\n--b--\n--b\n\n2\n",
	"0m[--b\n\n1\n--b--\n--b\n\n2\n]|1t[1]|1t[2\n]"},
    {"digest", "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n--b--",
	"0m[--b\n\nSubject: x\n--b--]|1M[Subject: x]"},
    {"enclosed message is not read", MP "--b\nContent-Type: message/rfc822\n\n" MP "--c\n--b--",
	"0m[--b\nContent-Type: message/rfc822\n\n" MP "--c\n--b--]|1M[" MP "--c]"},
    {"report kinds",
	MP "--b\nContent-Type: Message/Delivery-Status\n\n1\n--b\nContent-Type: "
	   "text/rfc822-headers; charset=x\n\n2\n--b\nContent-type: "
	   "message/feedback-report\n\n3\n--b\n"
	   "Content-Type: message/disposition-notification\n\n4\n--b\nContent-Type: "
	   "image/png\n\n5\n--b--",
	NULL},
};

static const char letters[] = {[MIME_OTHER] = 'o',
    [MIME_TEXT_PLAIN] = 't',
    [MIME_TEXT_HTML] = 'h',
    [MIME_MULTIPART] = 'm',
    [MIME_DELIVERY_STATUS] = 's',
    [MIME_MESSAGE] = 'M',
    [MIME_HEADERS] = 'H',
    [MIME_DISPOSITION] = 'd',
    [MIME_FEEDBACK] = 'f'};

static void
test_table(void **state)
{
	struct arena *a = arena_new();
	struct buf b = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mime m;

		print_message("  %s\n", rows[i].name);
		buf_clear(&b);
		mime_read(a, slice_of(rows[i].message), &m);
		for (size_t k = 0; k < m.n_parts; k++)
			buf_addf(&b, "%s%u%c[%.*s]", k == 0 ? "" : "|", m.parts[k].depth,
			    letters[m.parts[k].kind], SLICE_FMT(m.parts[k].body));
		if (rows[i].want != NULL)
			assert_string_equal(b.data, rows[i].want);
		else
			assert_non_null(strstr(b.data, "|1s[1]|1H[2]|1f[3]|1d[4]|1o[5]"));
		assert_false(m.is_cut);
	}
	buf_free(&b);
	arena_free(&a);
}

static void
test_facts_of_a_part(void **state)
{
	struct arena *a = arena_new();
	struct mime m;

	(void)state;
	mime_read(a,
	    SLICE_LIT("Content-Type: Multipart/Report;\r\n\treport-type=delivery-status;\r\n\t"
		      "boundary=\"b\"\r\nContent-Transfer-Encoding: base64\r\n\r\n--b\r\n"
		      "Content-Description: Notification\r\nContent-Type: text/plain; "
		      "charset=\"iso-8859-1\" (x)\r\n"
		      "Content-Transfer-Encoding: Quoted-Printable\r\n\r\n=E4=\r\nb\r\n--b\r\n"
		      "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
		      "U3ViamVj\r\ndDogeA==\r\n--b--\r\n"),
	    &m);
	assert_int_equal(m.n_parts, 3);
	assert_true(slice_is(m.parts[0].type, "Multipart/Report"));
	assert_true(slice_is(m.parts[0].report_type, "delivery-status"));
	assert_int_equal(m.parts[0].encoding, MIME_IDENTITY);
	assert_true(slice_is(m.parts[1].description, "Notification"));
	assert_true(slice_is(m.parts[1].charset, "iso-8859-1"));
	assert_int_equal(m.parts[1].parent, 0);
	assert_true(slice_is(mime_text(a, &m.parts[1]),
	    "\xc3\xa4"
	    "b"));
	assert_true(slice_is(mime_decoded(a, &m.parts[1]),
	    "\xe4"
	    "b"));
	assert_true(slice_is(mime_decoded(a, &m.parts[2]), "Subject: x"));
	assert_true(slice_starts(m.header, "Content-Type: Multipart/Report"));
	arena_free(&a);
}

static void
test_params(void **state)
{
	static const char *const params[][3] = {
	    {"text/plain; charset=utf-8", "charset", "utf-8"},
	    {"text/plain; CharSet = \"utf-8\"", "charset", "utf-8"},
	    {"text/plain; charset=utf-8; charset=x", "charset", "utf-8"},
	    {"text/plain; xcharset=1; charset2=2", "charset", ""},
	    {"text/plain; charset=", "charset", ""},
	    {"text/plain; charset", "charset", ""},
	    {"text/plain charset=utf-8", "charset", "utf-8"},
	    {"a/b; x=1 boundary=\"y\"", "boundary", "y"},
	    {"a/b; x=\"; boundary=no\"; boundary=yes", "boundary", "yes"},
	    {"a/b (; boundary=no (;)) ; boundary=yes", "boundary", "yes"},
	    {"a/b;\r\n\tboundary=\"x\r\n y\"", "boundary", "x y"},
	    {"a/b; boundary==_x=y", "boundary", "=_x=y"},
	    {"a/b; boundary=a(b", "boundary", "a(b"},
	    {"a/b; boundary=\"open", "boundary", "open"},
	    {"a/b; boundary=\"a\\", "boundary", "a\\"},
	    {"a/b; boundary=\"", "boundary", ""},
	    {"a/b; f*=utf-8'en'%C3%A4%20b", "f", "\xc3\xa4 b"},
	    {"a/b; f*=iso-8859-1''%E4", "f", "\xc3\xa4"},
	    {"a/b; f*0=a; f*1=\"b c\"; f*2=d", "f", "ab cd"},
	    {"a/b; f*1=b; f*0=a", "f", "ab"},
	    {"a/b; f*0*=utf-8''%C3; f*1*=%A4; f*2=%41", "f", "\xc3\xa4%41"},
	    {"a/b; f=plain; f*=utf-8''better", "f", "better"},
	    {"a/b; f*=%4", "f", "%4"},
	    {"a/b; f*99999999999=x; f*x=y; f*-1=z", "f", ""},
	    {"", "f", ""},
	    {";;;==;(", "f", ""},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
		struct slice got = mime_param(a, slice_of(params[i][0]), params[i][1]);

		print_message("  %s -> %.*s\n", params[i][0], SLICE_FMT(got));
		assert_true(slice_is(got, params[i][2]));
	}
	arena_free(&a);
}

static void
test_deep(void **state)
{
	struct arena *a = arena_new();
	struct buf b = BUF_INIT;
	struct mime m;
	unsigned deepest = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
	mime_read(a, buf_slice(&b), &m);
	assert_true(m.is_cut);
	for (size_t i = 0; i < m.n_parts; i++)
		deepest = m.parts[i].depth > deepest ? m.parts[i].depth : deepest;
	assert_int_equal(deepest, MIME_MAX_DEPTH);
	assert_int_equal(m.n_parts, MIME_MAX_DEPTH + 1);
	buf_free(&b);
	arena_free(&a);
}

static void
test_many(void **state)
{
	struct arena *a = arena_new();
	struct buf b = BUF_INIT;
	struct mime m;

	(void)state;
	buf_adds(&b, MP);
	for (int i = 1; i < MIME_MAX_PARTS; i++)
		buf_addf(&b, "--b\n\n%d\n", i);
	mime_read(a, buf_slice(&b), &m);
	assert_int_equal(m.n_parts, MIME_MAX_PARTS);
	assert_false(m.is_cut);
	assert_true(slice_is(m.parts[MIME_MAX_PARTS - 1].body, "199\n"));
	buf_adds(&b, "--b\n\nmore\n--b\n\nand more\n");
	mime_read(a, buf_slice(&b), &m);
	assert_int_equal(m.n_parts, MIME_MAX_PARTS);
	assert_true(m.is_cut);
	assert_true(slice_is(m.parts[MIME_MAX_PARTS - 1].body, "199"));
	buf_free(&b);
	arena_free(&a);
}

/* The header again, field by field, beside what was told of it. */
struct told {
	struct slice rest;
	unsigned n;
};

static void
compare_field(void *ctx, const struct field *f)
{
	struct told *t = ctx;
	struct field want;

	assert_true(field_next(&t->rest, &want));
	assert_true(slice_eq(f->name, want.name));
	assert_ptr_equal(f->value.p, want.value.p);
	assert_int_equal(f->value.n, want.value.n);
	t->n++;
}

static void
test_told_fields(void **state)
{
	struct slice message = SLICE_LIT("From a@b Fri Nov 20 10:14:00 2026\nTo:  a\n b \nX:\n" MP
					 "--b\nSubject: of a part\n\none\n--b--\n");
	struct arena *a = arena_new();
	struct told t = {message, 0};
	struct field f;
	struct mime m;

	(void)state;
	mime_read_fields(a, message, &m, compare_field, &t);
	assert_int_equal(t.n, 3);
	assert_false(field_next(&t.rest, &f));
	assert_int_equal(m.n_parts, 2);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_facts_of_a_part),
	    cmocka_unit_test(test_params),
	    cmocka_unit_test(test_deep),
	    cmocka_unit_test(test_told_fields),
	    cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
