/* A draft that nobody changed goes out as the original did, as a new message; one
 * that was changed in any way goes out well-formed or is refused with words. */
#include "fuzz.h"

#include "msg/addr.h"
#include "msg/anew.h"
#include "msg/coding.h"
#include "msg/compose.h"
#include "msg/field.h"

#define RECIPIENT "bob@partner.example"
#define MESSAGE_ID "<new@example.org>"

static void
check_header(struct slice bytes)
{
	static const char *const never[] = {
	    "Envelope-To", "Bcc", "Received", "Resent-To", "Return-Path", "DKIM-Signature"};
	struct slice header;
	struct slice body;

	field_split(bytes, &header, &body);
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		MUST(field_get(header, never[i]).n == 0);
	MUST(field_get_nth(header, "Message-ID", 1).n == 0);
	MUST(field_get_nth(header, "Date", 1).n == 0);
}

static bool
check_finish(struct arena *a, struct slice edited, const struct anew_original *original,
    struct anew_message *m)
{
	struct err e = {0};

	if (anew_finish(a, edited, original, m, &e) != 0) {
		MUST(e.code == ERR_REFUSED && e.text[0] != '\0');
		return false;
	}
	MUST(has_crlf_only(m->bytes));
	MUST(addr_is_wire_safe(m->recipient));
	MUST(m->has_8bit == !coding_is_ascii(m->bytes));
	check_header(m->bytes);
	return true;
}

/* The body behind the header, with CRLF. */
static void
check_body(const struct anew_message *m, struct slice original)
{
	struct buf want = BUF_INIT;
	struct slice header;
	struct slice body;

	field_split(original, &header, &body);
	buf_adds(&want, "\r\n\r\n");
	compose_add_crlf(&want, body);
	MUST(want.len <= m->bytes.n &&
	    memcmp(m->bytes.p + m->bytes.n - want.len, want.data, want.len) == 0);
	buf_free(&want);
}

static void
check(struct arena *a, const struct anew_original *original, struct slice written)
{
	struct anew_options o = {.recipient = SLICE_LIT(RECIPIENT),
	    .from = SLICE_LIT("Alice <alice@example.org>"),
	    .to = SLICE_LIT(RECIPIENT),
	    .subject = SLICE_LIT("Minutes"),
	    .message_id = SLICE_LIT(MESSAGE_ID),
	    .now = 1795166040};
	struct buf draft = BUF_INIT;
	struct anew_message m;
	struct err e = {0};

	MUST(anew_draft(a, &draft, original, &o, &e) == 0);
	MUST(coding_is_utf8(buf_slice(&draft)));
	MUST(slice_chr(buf_slice(&draft), '\r') == SLICE_NONE);
	if (check_finish(a, buf_slice(&draft), original, &m)) {
		MUST(slice_is(m.recipient, RECIPIENT) && slice_is(m.message_id, MESSAGE_ID));
		MUST(!m.is_text_changed);
		if (original->is_whole)
			check_body(&m, original->bytes);
	}
	buf_addslice(&draft, written);
	check_finish(a, buf_slice(&draft), original, &m);
	check_finish(a, written, original, &m);
	buf_free(&draft);
}

/* The original, the byte 0x1e, and what somebody wrote. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = input_of(data, size);
	size_t mark = slice_chr(in, 0x1e);
	struct anew_original original = {.bytes = slice_sub(in, 0, mark)};
	struct slice written = mark == SLICE_NONE ? SLICE_EMPTY : slice_from(in, mark + 1);
	struct arena *a = arena_new();

	check(a, &original, written);
	original.is_whole = true;
	check(a, &original, written);
	arena_free(&a);
	return 0;
}
