/* The face of a stream for libetpan: a mailstream_low_driver. */
#include <stdlib.h>

#include "net/guard.h"
#include "net/stream.h"

#define BUFFER_BYTES 16384
#define MAX_LINE (64u << 10) /* without a guard: libetpan's line reader has no limit */

struct driver {
	struct stream *st;
	struct guard *guard;
	struct buf passed; /* what the guard let through and nobody has read */
	size_t passed_start;
	size_t line_bytes; /* since the last line end; without a guard */
};

static ssize_t
give_passed(struct driver *d, void *buf, size_t n)
{
	size_t left = d->passed.len - d->passed_start;

	if (n > left)
		n = left;
	if (n == 0)
		return 0;
	memcpy(buf, d->passed.data + d->passed_start, n);
	d->passed_start += n;
	return (ssize_t)n;
}

/* One piece from the wire through the guard. */
static int
pump(struct driver *d)
{
	char raw[BUFFER_BYTES];
	ssize_t r = stream_read(d->st, raw, sizeof(raw));
	struct err e;

	if (r < 0)
		return -1;
	if (d->passed_start == d->passed.len) {
		buf_clear(&d->passed);
		d->passed_start = 0;
	}
	if (guard_feed(d->guard, (struct slice){raw, (size_t)r}, &d->passed, &e) != 0)
		stream_fail(d->st, &e); /* but what came before may still be read */
	return 0;
}

static ssize_t
read_lines(struct driver *d, void *buf, size_t n)
{
	ssize_t r = stream_read(d->st, buf, n);
	const char *end = r <= 0 ? NULL : memrchr(buf, '\n', (size_t)r);
	struct err e;

	if (r <= 0)
		return r;
	d->line_bytes =
	    end == NULL ? d->line_bytes + (size_t)r : (size_t)((const char *)buf + r - end - 1);
	if (d->line_bytes <= MAX_LINE)
		return r;
	err_set(&e, ERR_PROTOCOL, "the server sends a line without end");
	return stream_fail(d->st, &e);
}

/* libetpan spins for ever on 0: the end of the stream is -1. */
static ssize_t
driver_read(mailstream_low *low, void *buf, size_t n)
{
	struct driver *d = low->data;

	if (d->guard == NULL)
		return read_lines(d, buf, n);
	for (;;) {
		ssize_t r = give_passed(d, buf, n);

		if (r > 0)
			return r;
		if (pump(d) != 0)
			return -1;
	}
}

int
stream_mailstream_pump(mailstream *ms)
{
	return pump(ms->low->data);
}

static ssize_t
driver_write(mailstream_low *low, const void *buf, size_t n)
{
	struct driver *d = low->data;

	return stream_write(d->st, buf, n);
}

static int
driver_close(mailstream_low *low)
{
	(void)low;
	return 0; /* the stream is its owner's */
}

static int
driver_fd(mailstream_low *low)
{
	(void)low;
	return -1; /* nobody but the stream may wait on it */
}

static void
driver_free(mailstream_low *low)
{
	struct driver *d = low->data;

	buf_free(&d->passed);
	free(d);
	free(low);
}

static void
driver_cancel(mailstream_low *low)
{
	(void)low; /* cancels come through net_options */
}

static const mailstream_low_driver driver = {
    .mailstream_read = driver_read,
    .mailstream_write = driver_write,
    .mailstream_close = driver_close,
    .mailstream_get_fd = driver_fd,
    .mailstream_free = driver_free,
    .mailstream_cancel = driver_cancel,
};

mailstream *
stream_mailstream_new(struct stream *st, struct guard *guard)
{
	struct driver *d = xcalloc(1, sizeof(*d));
	mailstream_low *low;
	mailstream *ms;

	d->st = st;
	d->guard = guard;
	/* Takes a pointer that is not const and never writes through it. */
	low = mailstream_low_new(d, (mailstream_low_driver *)&driver);
	ms = low == NULL ? NULL : mailstream_new(low, BUFFER_BYTES);
	if (ms == NULL)
		abort();
	ms->logger = NULL;
	ms->logger_context = NULL;
	return ms;
}

size_t
stream_mailstream_unread(const mailstream *ms)
{
	const struct driver *d = ms->low->data;

	return ms->read_buffer_len + (d->passed.len - d->passed_start) +
	    (d->guard == NULL ? 0 : d->guard->held.len + (d->guard->state != GUARD_HOLD));
}

void
stream_mailstream_free(mailstream **ms)
{
	if (ms == NULL || *ms == NULL)
		return;
	mailstream_close(*ms);
	*ms = NULL;
}
