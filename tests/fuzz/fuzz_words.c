#include "fuzz.h"
#include "msg/coding.h"
#include "msg/compose.h"
#include "msg/field.h"

/* Control characters as blanks, runs of blanks as one, none at the ends. */
static void
add_folded(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c > ' ' && c != 0x7f)
			buf_addc(out, text.p[i]);
		else if (out->len > 0 && out->data[out->len - 1] != ' ')
			buf_addc(out, ' ');
	}
	if (out->len > 0 && out->data[out->len - 1] == ' ')
		buf_truncate(out, out->len - 1);
}

/* What we write into a header reads back as itself, and as one field. */
static void
check_round_trip(struct arena *a, struct slice utf8)
{
	struct buf out = BUF_INIT;
	struct buf want = BUF_INIT;
	struct buf got = BUF_INIT;
	struct slice rest;
	struct slice line;
	struct field f;

	add_folded(&want, utf8);
	compose_text(&out, "Subject", utf8);
	MUST(coding_is_ascii(buf_slice(&out)) && has_crlf_only(buf_slice(&out)));
	for (rest = buf_slice(&out); slice_line(&rest, &line);)
		MUST(line.n <= 998);
	rest = buf_slice(&out);
	MUST(field_next(&rest, &f) && slice_is(f.name, "Subject") && rest.n == 0);
	add_folded(&got, field_text(a, f.value));
	MUST(slice_eq(buf_slice(&got), buf_slice(&want)));
	buf_free(&out);
	buf_free(&want);
	buf_free(&got);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = input_of(data, size);
	struct arena *a = arena_new();
	struct slice text = coding_words(a, in);

	MUST(coding_is_utf8(text) && text.n <= in.n * 9 + 16);
	if (slice_find(in, "=?") == SLICE_NONE)
		MUST(slice_eq(text, coding_to_utf8(a, in, SLICE_EMPTY)));
	for (size_t n = size; n > 0; n /= 2)
		MUST(coding_is_utf8(coding_words(a, slice_sub(in, 0, n - 1))));
	check_round_trip(a, text);
	if (coding_is_utf8(in))
		check_round_trip(a, in);
	MUST(is_frugal(a, size, 300));
	arena_free(&a);
	return 0;
}
