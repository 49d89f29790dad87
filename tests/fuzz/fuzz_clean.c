#include "base/clean.h"
#include "base/json.h"
#include "fuzz.h"

/* Valid UTF-8 in which nothing can move the cursor. */
static void
check_clean(const char *s, bool may_break)
{
	const char *end = s + strlen(s);

	while (s < end) {
		unsigned cp = 0;
		size_t n = utf8_decode(s, end, &cp);

		MUST(n > 0);
		MUST(cp >= 0x20 || (may_break && cp == '\n'));
		MUST(cp < 0x7f || cp >= 0xa0);
		MUST(cp < 0x202a || cp > 0x202e);
		MUST(cp < 0x2066 || cp > 0x2069);
		MUST(cp != 0x200e && cp != 0x200f && cp != 0x061c && cp != 0xfeff);
		s += n;
	}
}

static void
check_fit(const char *cleaned)
{
	int columns = utf8_columns(cleaned);

	for (int cols = 0; cols < 12; cols++) {
		int used = -1;
		size_t n = utf8_fit(cleaned, cols, &used);

		MUST(n <= strlen(cleaned) && used <= cols && used <= columns);
		MUST(((unsigned char)cleaned[n] & 0xc0) != 0x80);
	}
}

static void
check_json(struct slice dirty)
{
	struct buf out = BUF_INIT;
	struct json j;

	json_begin(&j, &out);
	json_str(&j, NULL, dirty);
	for (size_t i = 0; i < out.len; i++)
		MUST((unsigned char)out.data[i] >= 0x20 && out.data[i] != 0x7f);
	MUST(out.len <= dirty.n * 6 + 2 && out.len >= 2);
	for (size_t i = 1; i + 1 < out.len; i++) {
		MUST(out.data[i] != '"');
		if (out.data[i] == '\\')
			i++;
	}
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice dirty = input_of(data, size);
	struct arena *a = arena_new();
	struct buf b = BUF_INIT;
	struct clean_text one = clean(a, dirty);

	check_clean(one.s, false);
	check_clean(clean_lines(a, dirty).s, true);
	check_fit(one.s);
	check_json(dirty);
	MUST(strlen(one.s) <= CLEAN_MAX_BYTES);
	MUST(strcmp(clean(a, slice_of(one.s)).s, one.s) == 0);
	for (size_t max = 0; max < 20; max++) {
		buf_clear(&b);
		clean_append(&b, dirty, max);
		MUST(b.len <= max);
		check_clean(buf_cstr(&b), false);
	}
	buf_free(&b);
	arena_free(&a);
	return 0;
}
