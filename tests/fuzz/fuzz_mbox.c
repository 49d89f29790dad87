/* Messages go into an mbox and come out as they were; any bytes can be split, and
 * it does not matter in which pieces they are read. */
#include "fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

#include "store/box_split.h"

#define MAX_MESSAGES 8
#define MAX_BYTES 4000 /* so much fits in a socket, however small the pieces */

static const char from_line[] = "From MAILER-DAEMON Fri Nov 20 10:14:00 2026\n";

struct pieces {
	struct buf bytes;
	size_t ends[MAX_BYTES + 2];
	size_t n;
	size_t max_bytes;
	bool has_over;
	bool has_only;
};

static bool
keep(void *ctx, const struct box_piece *piece)
{
	struct pieces *p = ctx;

	MUST(piece->n == p->n && p->n <= MAX_BYTES);
	MUST(piece->bytes.n <= p->max_bytes || !piece->is_over);
	buf_addslice(&p->bytes, piece->bytes);
	p->ends[p->n++] = p->bytes.len;
	p->has_over |= piece->is_over;
	p->has_only |= piece->is_only;
	return true;
}

/* Reads give `step` bytes each. */
static void
split(struct slice box, size_t step, size_t max_bytes, struct pieces *p)
{
	struct buf space = BUF_INIT;
	struct box_split s = {.may_be_mbox = true,
	    .size_hint = box.n,
	    .max_bytes = max_bytes,
	    .gives_begin = true,
	    .space = &space,
	    .fn = keep,
	    .ctx = p};
	int fds[2];
	int room = 1 << 20;

	p->n = 0;
	p->max_bytes = max_bytes;
	p->has_over = p->has_only = false;
	buf_clear(&p->bytes);
	MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) == 0);
	setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	for (size_t i = 0; i < box.n; i += step) {
		struct slice packet = slice_sub(box, i, step);

		MUST(send(fds[0], packet.p, packet.n, MSG_DONTWAIT) == (ssize_t)packet.n);
	}
	close(fds[0]);
	s.fd = fds[1];
	MUST(box_split(&s) == 0);
	close(fds[1]);
	buf_free(&space);
	MUST(p->n > 0 && p->bytes.len <= box.n);
	MUST(p->has_only == (p->n == 1));
}

static void
check_same(const struct pieces *x, const struct pieces *y)
{
	MUST(x->n == y->n && slice_eq(buf_slice(&x->bytes), buf_slice(&y->bytes)));
	MUST(memcmp(x->ends, y->ends, x->n * sizeof(x->ends[0])) == 0);
}

/* As mboxrd: a line ">>From " gets one more sign. */
static void
add_quoted(struct buf *box, struct slice message)
{
	size_t line = 0;

	for (size_t i = 0; i < message.n; i++) {
		if (i == line && i > 0) {
			size_t signs = i;

			while (signs < message.n && message.p[signs] == '>')
				signs++;
			if (slice_starts(slice_from(message, signs), "From "))
				buf_addc(box, '>');
		}
		buf_addc(box, message.p[i]);
		if (message.p[i] == '\n')
			line = i + 1;
	}
}

/* Messages are parted by the byte 0xff in the input. */
static void
check_round_trip(struct slice in, size_t step)
{
	static struct pieces got;
	struct buf box = BUF_INIT;
	struct buf want = BUF_INIT;
	size_t ends[MAX_MESSAGES];
	size_t n = 0;

	for (size_t at = 0; at < in.n && n < MAX_MESSAGES; n++) {
		size_t end = slice_chr(slice_from(in, at), (char)0xff);
		struct slice message = slice_sub(in, at, end);

		buf_adds(&box, from_line);
		add_quoted(&box, message);
		buf_adds(&box, "\n\n");
		buf_addslice(&want, message);
		buf_addc(&want, '\n');
		ends[n] = want.len;
		at = end == SLICE_NONE ? in.n : at + end + 1;
	}
	if (n > 1) {
		split(buf_slice(&box), step, BOX_MAX_BYTES, &got);
		MUST(got.n == n && slice_eq(buf_slice(&got.bytes), buf_slice(&want)));
		MUST(memcmp(got.ends, ends, n * sizeof(ends[0])) == 0);
	}
	buf_free(&box);
	buf_free(&want);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pieces whole;
	static struct pieces parts;
	struct slice in = slice_sub(input_of(data, size), 2, MAX_BYTES);
	size_t step = size < 2 ? 1 : 16 + data[0];
	size_t max_bytes = size < 2 ? 1 : 1 + data[1];

	split(in, MAX_BYTES, BOX_MAX_BYTES, &whole);
	MUST(!whole.has_over);
	split(in, step, BOX_MAX_BYTES, &parts);
	check_same(&whole, &parts);
	split(in, step, max_bytes, &parts);
	MUST(parts.bytes.len <= whole.bytes.len + 1);
	check_round_trip(slice_sub(in, 0, MAX_BYTES / 4), step);
	return 0;
}
