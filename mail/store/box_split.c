/* An mbox (RFC 4155) is a file that begins with a "From " line. A message ends
 * where an empty line and another such line follow. Prose may begin with "From "
 * too, and not every writer quotes it: so the line must hold a time of day and
 * a year, as asctime writes them. */
#include "store/box_split.h"

#include <errno.h>
#include <unistd.h>

#include "base/scan.h"

#define CHUNK_BYTES ((size_t)128 * 1024)
#define FROM_LINE_BYTES ((size_t)1024) /* an address of 320 bytes and a date, thrice over */

struct reader {
	const struct box_split *s;
	struct buf *b;
	size_t start;   /* of the message in b */
	size_t scanned; /* no separator before this */
	unsigned n;
	bool is_mbox;
	bool is_over;
	bool at_end; /* of the file */
};

/* Drops what was given already, reads more behind. */
static int
reader_fill(struct reader *r)
{
	struct buf *b = r->b;
	ssize_t got;

	if (r->start > 0) {
		memmove(b->data, b->data + r->start, b->len - r->start);
		b->len -= r->start;
		r->scanned -= r->start;
		r->start = 0;
	}
	buf_reserve(b, CHUNK_BYTES);
	do {
		got = read(r->s->fd, b->data + b->len, b->cap - b->len - 1);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return -1;
	r->at_end = got == 0;
	b->len += (size_t)got;
	b->data[b->len] = '\0';
	return 0;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
has_time_and_year(struct slice line)
{
	bool time = false;
	bool year = false;

	for (size_t i = 5; i + 4 <= line.n; i++) {
		const char *p = line.p + i;

		if (is_digit(p[-1]))
			continue;
		if (is_digit(p[0]) && is_digit(p[1]) && p[2] == ':' && is_digit(p[3]))
			time = true;
		if ((p[0] == '1' || p[0] == '2') && is_digit(p[1]) && is_digit(p[2]) &&
		    is_digit(p[3]))
			year = true;
	}
	return time && year;
}

/* Length of the line at p without its end. */
static size_t
line_length(struct slice at)
{
	size_t n = 0;

	while (n < at.n && n < FROM_LINE_BYTES && at.p[n] != '\n' && at.p[n] != '\r')
		n++;
	return n;
}

static bool
is_from_line(struct slice at)
{
	return slice_starts(at, "From ") && has_time_and_year(slice_sub(at, 0, line_length(at)));
}

/* Is the line that begins at `at` preceded by an empty one? */
static bool
follows_empty_line(const char *begin, const char *at)
{
	size_t n = (size_t)(at - begin);

	return (n >= 2 && at[-2] == '\n') || (n >= 3 && at[-2] == '\r' && at[-3] == '\n');
}

/* Where the next message begins, or SLICE_NONE; moves `scanned` on. */
static size_t
find_separator(struct reader *r)
{
	const char *begin = r->b->data;
	const char *end = begin + r->b->len;
	const char *p = begin + r->scanned;

	while ((p = scan_pair(p, end, '\n', 'F')) < end) {
		struct slice at = slice_range(p + 1, end);

		if (at.n >= 5 && !slice_starts(at, "From ")) {
			p++;
			continue;
		}
		if (!r->at_end && at.n < FROM_LINE_BYTES && memchr(at.p, '\n', at.n) == NULL) {
			r->scanned = (size_t)(p - begin);
			return SLICE_NONE;
		}
		if (follows_empty_line(begin + r->start, at.p) && is_from_line(at))
			return (size_t)(at.p - begin);
		p++;
	}
	if (r->b->len > r->start + 8)
		r->scanned = r->b->len - 8;
	return SLICE_NONE;
}

/* mboxrd: each line of the form >From, >>From … lost one sign when written. */
static size_t
unquote(char *p, size_t n)
{
	char *out = p;
	const char *in = p;
	const char *end = p + n;

	for (;;) {
		const char *hit = scan_pair(in, end, '\n', '>');
		const char *q;
		size_t run = (size_t)((hit == end ? end : hit + 1) - in);

		if (out != in)
			memmove(out, in, run);
		out += run;
		if (hit == end)
			return (size_t)(out - p);
		in = hit + 1;
		for (q = in; q < end && *q == '>'; q++)
			;
		if (slice_starts(slice_range(q, end), "From "))
			in++;
	}
}

/* The message itself: without its "From " line, and without the empty line that
 * an mbox puts behind each. */
static struct slice
take_mbox_message(char *p, size_t n, bool is_only)
{
	size_t from = line_length((struct slice){p, n});

	if (from < n && p[from] == '\r')
		from++;
	if (from < n && p[from] == '\n')
		from++;
	if (!is_only && n > from && p[n - 1] == '\n' && follows_empty_line(p + from, p + n)) {
		n--;
		if (n > from && p[n - 1] == '\r')
			n--;
	}
	return (struct slice){p + from, unquote(p + from, n - from)};
}

static bool
give(struct reader *r, size_t next, bool is_last)
{
	size_t end = next;
	char *p = r->b->data + r->start;
	struct box_piece piece = {
	    .n = r->n, .is_only = is_last && r->n == 0, .is_over = r->is_over};

	if (r->is_over && r->s->gives_begin)
		end = r->start + r->s->max_bytes;
	if (r->is_over && !r->s->gives_begin)
		piece.bytes = SLICE_EMPTY;
	else if (r->is_mbox)
		piece.bytes = take_mbox_message(p, end - r->start, piece.is_only);
	else
		piece.bytes = (struct slice){p, end - r->start};
	r->n++;
	r->is_over = false;
	r->start = next;
	r->scanned = next;
	return r->s->fn(r->s->ctx, &piece);
}

/* Keeps what is given of it, and what a separator may begin in. */
static void
drop_oversize(struct reader *r)
{
	const size_t tail = FROM_LINE_BYTES + 8;
	size_t head = r->s->gives_begin ? r->s->max_bytes : 0;
	size_t n = r->b->len - r->start;

	if (n <= r->s->max_bytes || n <= head + tail)
		return;
	r->is_over = true;
	memmove(r->b->data + r->start + head, r->b->data + r->b->len - tail, tail);
	r->b->len = r->start + head + tail;
	/* All but the tail was searched; what now stands before it is no part of it. */
	r->scanned = r->start + head;
}

/* What a file is tells its first line, which a pipe may bring in pieces. */
static int
fill_first_line(struct reader *r)
{
	do {
		if (reader_fill(r) < 0)
			return -1;
	} while (
	    !r->at_end && r->b->len < FROM_LINE_BYTES && line_length(buf_slice(r->b)) == r->b->len);
	return 0;
}

int
box_split(const struct box_split *s)
{
	struct reader r = {.s = s, .b = s->space};
	size_t next;

	buf_clear(s->space);
	/* A file that is small is read at once; a mailbox passes through a window. */
	buf_reserve(s->space, s->size_hint < CHUNK_BYTES ? s->size_hint + 1 : CHUNK_BYTES);
	if (fill_first_line(&r) < 0)
		return -1;
	r.is_mbox = s->may_be_mbox && is_from_line(buf_slice(r.b));
	for (;;) {
		next = r.is_mbox ? find_separator(&r) : SLICE_NONE;
		if (next != SLICE_NONE) {
			if (!give(&r, next, false))
				return 0;
		} else if (r.at_end) {
			give(&r, r.b->len, true);
			return 0;
		} else {
			drop_oversize(&r);
			if (reader_fill(&r) < 0)
				return -1;
		}
	}
}
