#include "fuzz.h"
#include "msg/coding.h"

static void
add_escaped(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '<')
			buf_adds(out, "&lt;");
		else if (c == '>')
			buf_adds(out, "&gt;");
		else if (c == '&')
			buf_adds(out, (i & 1) != 0 ? "&amp;" : "&#38;");
		else
			buf_addc(out, c);
	}
}

/* White space as a browser shows it: runs are one blank, none in front. */
static void
add_folded(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (!ascii_isspace(text.p[i]))
			buf_addc(out, text.p[i]);
		else if (out->len > 0 && out->data[out->len - 1] != ' ')
			buf_addc(out, ' ');
	}
}

/* What was text before it was made HTML is the same text behind it, whatever it
 * looks like. */
static void
check_escaped(struct arena *a, struct slice text)
{
	struct buf html = BUF_INIT;
	struct buf want = BUF_INIT;

	add_escaped(&html, text);
	add_folded(&want, text);
	MUST(slice_eq(coding_html_text(a, buf_slice(&html)), buf_slice(&want)));
	buf_free(&html);
	buf_free(&want);
}

/* A comment, and what no reader sees, leaves no trace between two paragraphs. */
static void
check_hidden(struct arena *a, struct slice text)
{
	static const char *const frames[][2] = {
	    {"<!--", "-->"}, {"<script>", "</script>"}, {"<STYLE type=x>", "</Style >"}};
	struct buf html = BUF_INIT;

	for (size_t i = 0; i < 3; i++) {
		struct slice inside = text;
		size_t end = slice_ifind(inside, i == 0 ? "-->" : i == 1 ? "</script" : "</style");

		inside = slice_sub(inside, 0, end == SLICE_NONE ? inside.n : end);
		/* "<!--->" ends in what it begins with. */
		if (i == 0 && (slice_starts(inside, ">") || slice_starts(inside, "->")))
			continue;
		buf_clear(&html);
		buf_adds(&html, "<p>before</p>");
		buf_adds(&html, frames[i][0]);
		buf_addslice(&html, inside);
		buf_adds(&html, frames[i][1]);
		buf_adds(&html, "<p>behind</p>");
		MUST(slice_is(coding_html_text(a, buf_slice(&html)), "before\nbehind\n"));
	}
	buf_free(&html);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice html = input_of(data, size);
	struct arena *a = arena_new();
	struct slice text = coding_html_text(a, html);

	MUST(text.n <= html.n + 1);
	MUST(!coding_is_utf8(html) || coding_is_utf8(text));
	MUST(slice_eq(coding_html_text(a, html), text));
	for (size_t n = size; n > 0; n /= 2)
		MUST(coding_html_text(a, slice_sub(html, 0, n - 1)).n <= n);
	check_escaped(a, html);
	check_hidden(a, html);
	MUST(is_frugal(a, size, 80));
	arena_free(&a);
	return 0;
}
