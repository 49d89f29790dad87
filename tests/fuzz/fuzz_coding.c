#include "fuzz.h"
#include "msg/coding.h"

static const char *const charsets[] = {"", "utf-8", "us-ascii", "iso-8859-1", "windows-1252",
    "iso-2022-jp", "shift_jis", "gb2312", "big5", "euc-kr", "utf-7", "utf-16", "koi8-r",
    "iso-2022-kr", "hz-gb-2312", "none"};

static void
check_encoders(struct arena *a, struct slice in)
{
	struct buf out = BUF_INIT;
	struct slice rest;
	struct slice line;

	coding_add_base64(&out, in);
	MUST(slice_eq(coding_base64(a, buf_slice(&out)), in));
	buf_clear(&out);
	coding_add_quoted_printable(&out, in);
	MUST(coding_is_ascii(buf_slice(&out)) && has_crlf_only(buf_slice(&out)));
	for (rest = buf_slice(&out); slice_line(&rest, &line);)
		MUST(line.n <= 76);
	buf_clear(&out);
	coding_add_words(&out, in);
	MUST(coding_is_ascii(buf_slice(&out)) && has_crlf_only(buf_slice(&out)));
	buf_free(&out);
}

static void
check_decoders(struct arena *a, struct slice in, const char *charset)
{
	struct slice utf8 = coding_to_utf8(a, in, slice_of(charset));
	struct slice html;

	MUST(coding_is_utf8(utf8));
	MUST(utf8.n <= in.n * 9 + 16);
	html = coding_html_text(a, utf8);
	MUST(html.n <= utf8.n + 1 && coding_is_utf8(html));
	MUST(coding_base64(a, in).n <= in.n);
	MUST(coding_quoted_printable(a, in).n <= in.n);
	MUST(coding_is_utf8(coding_words(a, in)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = input_of(data, size);
	struct arena *a = arena_new();
	size_t choice = size > 0 ? data[0] % (sizeof(charsets) / sizeof(charsets[0])) : 0;

	in = slice_from(in, 1);
	check_encoders(a, in);
	check_decoders(a, in, charsets[choice]);
	MUST(is_frugal(a, size, 80));
	arena_free(&a);
	return 0;
}
