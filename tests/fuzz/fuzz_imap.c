#include "fuzz.h"
#include "msg/coding.h"
#include "net/busy.h"
#include "net/guard.h"
#include "net/imap_row.h"
#include "net/imap_session.h"

#define MAX_LITERAL 300

struct heard {
	struct guard guard;
	struct buf out;
	int r;
};

/* As a server's packets bring it. */
static void
hear(struct heard *h, struct slice in, size_t piece)
{
	struct err e;

	guard_init(&h->guard, MAX_LITERAL);
	h->out = (struct buf)BUF_INIT;
	h->r = 0;
	while (in.n > 0 && h->r == 0) {
		h->r = guard_feed(&h->guard, slice_sub(in, 0, piece), &h->out, &e);
		in = slice_from(in, piece);
	}
}

static void
forget(struct heard *h)
{
	guard_free(&h->guard);
	buf_free(&h->out);
}

/* Where packets end changes nothing of what passes. */
static void
check_guard(struct slice in, size_t piece)
{
	struct heard whole, pieces;
	struct slice a, b;

	hear(&whole, in, SIZE_MAX);
	hear(&pieces, in, piece);
	a = buf_slice(&whole.out);
	b = buf_slice(&pieces.out);
	MUST(whole.r == pieces.r);
	MUST(a.n <= in.n && b.n <= in.n);
	if (whole.r == 0) {
		MUST(slice_eq(a, b));
		MUST(whole.guard.exists == pieces.guard.exists);
		MUST(whole.guard.n_changes == pieces.guard.n_changes);
		MUST(whole.guard.n_fetches == pieces.guard.n_fetches);
	} else {
		MUST(slice_eq(slice_sub(b, 0, a.n), slice_sub(a, 0, b.n)));
	}
	MUST(whole.guard.held.len <= GUARD_MAX_HELD);
	forget(&whole);
	forget(&pieces);
}

static void
check_rows(struct slice in)
{
	struct imap_row row = {.has_bytes = false};
	struct buf name = BUF_INIT;
	struct slice flags;

	if (imap_row_read(&row, in)) {
		MUST(imap_row_is(in));
		MUST(row.m.n_keywords <= IMAP_ROW_KEYWORDS);
		MUST(row.m.bytes.n == 0 || is_inside(in, row.m.bytes) ||
		    is_inside(buf_slice(&row.unquoted), row.m.bytes));
		for (size_t i = 0; i < row.m.n_keywords; i++)
			MUST(row.m.keywords[i][0] != '\0');
	}
	if (imap_list_read(in, &flags, &name)) {
		MUST(flags.n == 0 || is_inside(in, flags));
		MUST(name.len <= in.n);
	}
	imap_row_free(&row);
	buf_free(&name);
}

static void
check_names(struct slice in)
{
	struct buf wire = BUF_INIT, back = BUF_INIT;

	MUST(busy_wait_s(in) <= 3600);
	mutf7_decode(&back, in);
	buf_clear(&back);
	if (coding_is_utf8(in)) {
		mutf7_encode(&wire, in);
		MUST(coding_is_ascii(buf_slice(&wire)));
		mutf7_decode(&back, buf_slice(&wire));
		MUST(slice_eq(buf_slice(&back), in));
	}
	buf_free(&wire);
	buf_free(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = input_of(data, size);
	size_t piece = size > 0 ? (size_t)(data[0] % 16) + 1 : 1;

	in = slice_from(in, 1);
	check_guard(in, piece);
	check_rows(in);
	check_names(in);
	return 0;
}
