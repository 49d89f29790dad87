#include "fuzz.h"
#include "msg/compose.h"
#include "msg/field.h"
#include "msg/resend.h"

static const struct slice recipients[] = {
    SLICE_LIT("bob@partner.example"), SLICE_LIT("\"x y\"@z.example")};

/* Is `part` found in `whole` at or behind *from? Moves *from behind it. */
static bool
follows(struct slice whole, size_t *from, struct slice part)
{
	const char *hit = memmem(whole.p + *from, whole.n - *from, part.p, part.n);

	if (hit == NULL)
		return false;
	*from = (size_t)(hit - whole.p) + part.n;
	return true;
}

/* All fields that are not named as removed stand in the result, in order and byte
 * for byte; and the body behind them. */
static void
check_rest(struct slice original, const struct resend_message *m)
{
	struct buf want = BUF_INIT;
	size_t from = 0;
	size_t removed = 0;
	struct field f;
	unsigned n = 0;

	for (; n < FIELD_MAX_COUNT && field_next(&original, &f); n++) {
		if (removed < m->n_removed && m->removed[removed].p == f.name.p) {
			removed++;
			continue;
		}
		buf_clear(&want);
		compose_add_crlf(&want, f.whole);
		MUST(follows(m->bytes, &from, buf_slice(&want)));
	}
	MUST(removed == m->n_removed);
	buf_clear(&want);
	compose_add_crlf(&want, original);
	MUST(n == FIELD_MAX_COUNT ||
	    (want.len <= m->bytes.n &&
		memcmp(m->bytes.p + m->bytes.n - want.len, buf_cstr(&want), want.len) == 0));
	buf_free(&want);
}

static void
check_resend(struct arena *a, struct slice original)
{
	struct resend_options o = {.original = original,
	    .recipients = recipients,
	    .n_recipients = 2,
	    .from = SLICE_LIT("Alice <alice@example.org>"),
	    .message_id = SLICE_LIT("<new@example.org>"),
	    .now = 1795166040};
	struct resend_message m;
	struct err e = {0};
	struct slice why;

	if (resend_build(a, &o, &m, &e) != 0) {
		MUST(e.code == ERR_REFUSED && e.text[0] != '\0');
		return;
	}
	MUST(slice_starts(m.bytes, "Resent-Date: "));
	MUST(has_crlf_only(m.bytes));
	check_rest(original, &m);
	resend_is_same(a, original, m.bytes, &why);
	MUST(why.n > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();

	check_resend(a, input_of(data, size));
	MUST(is_frugal(a, size, 100));
	arena_free(&a);
	return 0;
}
