/* Whatever comes back from the editor goes out well-formed or is refused with words;
 * no value of a template can begin a field; a draft as it was made is accepted. */
#include "fuzz.h"

#include "msg/addr.h"
#include "msg/coding.h"
#include "msg/compose.h"
#include "msg/field.h"
#include "msg/note.h"

#define BOB "bob@partner.example"

/* ASCII, but for addresses that are not (RFC 6532). */
static void
check_header(struct slice header)
{
	static const char *const mailboxes[] = {"from", "sender", "reply-to", "to", "cc"};
	struct field f;

	MUST(field_get(header, "Bcc").n == 0);
	MUST(field_get(header, "MIME-Version").n > 0);
	MUST(field_get_nth(header, "MIME-Version", 1).n == 0);
	while (field_next(&header, &f))
		MUST(slice_iis_any(f.name, mailboxes, 5) || coding_is_ascii(f.whole));
}

static bool
check_finish(struct arena *a, struct slice edited, struct slice report)
{
	struct slice bytes;
	struct slice header;
	struct slice body;
	struct slice *to;
	size_t n;
	struct err e = {0};

	if (note_finish(a, edited, report, &bytes, &to, &n, &e) != 0) {
		MUST(e.code == ERR_REFUSED && e.text[0] != '\0');
		return false;
	}
	MUST(has_crlf_only(bytes));
	field_split(bytes, &header, &body);
	check_header(header);
	MUST(n > 0);
	for (size_t i = 0; i < n; i++) {
		MUST(addr_is_wire_safe(to[i]));
		for (size_t k = 0; k < i; k++)
			MUST(!addr_same(to[i], to[k]));
	}
	return true;
}

static void
check_draft(struct arena *a, struct slice value)
{
	struct note_value values[] = {{"v", value}, {"w", SLICE_LIT("w")}};
	struct note_options o = {.template_text = SLICE_LIT("Subject: a {v}{w} b\n\n> x {v}\n"),
	    .template_name = "fuzz",
	    .values = values,
	    .n_values = 2,
	    .from = SLICE_LIT("Alice <alice@example.org>"),
	    .to = SLICE_LIT(BOB),
	    .message_id = SLICE_LIT("<new@example.org>"),
	    .now = 1795166040};
	struct buf out = BUF_INIT;
	struct err e = {0};
	struct slice header;
	struct slice body;
	struct field f;
	unsigned n = 0;

	MUST(note_draft(&out, &o, &e) == 0);
	MUST(check_finish(a, buf_slice(&out), value));
	buf_clear(&out);
	o.from = o.message_id = o.in_reply_to = value;
	MUST(note_draft(&out, &o, &e) == 0);
	MUST(coding_is_utf8(buf_slice(&out)));
	for (field_split(buf_slice(&out), &header, &body); field_next(&header, &f); n++)
		continue;
	MUST(n <= 10);
	check_finish(a, buf_slice(&out), SLICE_EMPTY);
	buf_clear(&out);
	o.template_text = value;
	if (note_draft(&out, &o, &e) != 0)
		MUST(e.text[0] != '\0');
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();

	check_finish(a, input_of(data, size), input_of(data, size));
	check_draft(a, input_of(data, size));
	MUST(is_frugal(a, size, 200));
	arena_free(&a);
	return 0;
}
