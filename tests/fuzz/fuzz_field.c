#include "fuzz.h"
#include "msg/coding.h"
#include "msg/field.h"
#include "msg/mime.h"

static void
check_value(struct arena *a, struct slice message, struct slice value)
{
	struct slice text = field_unfold(a, value);

	MUST(is_inside(message, value) || value.n == 0);
	MUST(text.n <= value.n);
	MUST(slice_eol(text) == text.n);
	MUST(slice_eq(field_unfold(a, text), text));
	MUST(coding_is_utf8(field_text(a, value)));
	MUST(mime_param(a, value, "boundary").p != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice message = input_of(data, size);
	struct slice rest = message;
	struct slice header;
	struct slice body;
	struct arena *a = arena_new();
	struct field f;
	const char *last = message.p;
	unsigned n = 0;

	while (n < FIELD_MAX_COUNT && field_next(&rest, &f)) {
		MUST(f.name.n > 0 && is_inside(f.whole, f.name));
		MUST(f.value.n == 0 || is_inside(f.whole, f.value));
		MUST(f.whole.p >= last && is_inside(message, f.whole));
		MUST(rest.p == f.whole.p + f.whole.n);
		last = rest.p;
		check_value(a, message, f.value);
		n++;
	}
	field_split(message, &header, &body);
	MUST(is_inside(message, header) && is_inside(message, body));
	MUST(n == 0 || header.p + header.n == last);
	MUST(body.p >= header.p + header.n && body.p - (header.p + header.n) <= 2);
	MUST(is_frugal(a, size, 60));
	arena_free(&a);
	return 0;
}
