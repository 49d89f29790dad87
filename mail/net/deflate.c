#include "net/deflate.h"

#include <stdlib.h>
#include <zlib.h>

struct deflate {
	z_stream in;
	z_stream out;
	struct buf packed; /* what `in` has not taken yet */
	char plain[16384]; /* unpacked, not yet handed out */
	size_t plain_start;
	size_t plain_end;
	bool is_damaged;
};

int
deflate_new(struct deflate **d_r)
{
	struct deflate *d = xcalloc(1, sizeof(*d));

	if (inflateInit2(&d->in, -MAX_WBITS) != Z_OK)
		goto fail;
	if (deflateInit2(&d->out, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8,
		Z_DEFAULT_STRATEGY) != Z_OK) {
		inflateEnd(&d->in);
		goto fail;
	}
	*d_r = d;
	return 0;
fail:
	free(d);
	return -1;
}

void
deflate_feed(struct deflate *d, struct slice packed)
{
	buf_clear(&d->packed);
	buf_addslice(&d->packed, packed);
	d->in.next_in = (Bytef *)d->packed.data;
	d->in.avail_in = (uInt)d->packed.len;
}

static void
unpack(struct deflate *d)
{
	int r;

	d->in.next_out = (Bytef *)d->plain;
	d->in.avail_out = sizeof(d->plain);
	r = inflate(&d->in, Z_SYNC_FLUSH);
	d->is_damaged = r != Z_OK && r != Z_BUF_ERROR;
	d->plain_start = 0;
	d->plain_end = sizeof(d->plain) - d->in.avail_out;
}

bool
deflate_has_pending(struct deflate *d)
{
	if (d->plain_start == d->plain_end && !d->is_damaged)
		unpack(d);
	return d->plain_start < d->plain_end || d->is_damaged;
}

ssize_t
deflate_read(struct deflate *d, void *out, size_t n)
{
	if (!deflate_has_pending(d))
		return 0;
	if (d->plain_start == d->plain_end)
		return -1;
	if (n > d->plain_end - d->plain_start)
		n = d->plain_end - d->plain_start;
	memcpy(out, d->plain + d->plain_start, n);
	d->plain_start += n;
	return (ssize_t)n;
}

void
deflate_pack(struct deflate *d, struct slice plain, struct buf *out)
{
	char room[16384];

	d->out.next_in = (Bytef *)plain.p;
	d->out.avail_in = (uInt)plain.n;
	do {
		d->out.next_out = (Bytef *)room;
		d->out.avail_out = sizeof(room);
		deflate(&d->out, Z_SYNC_FLUSH);
		buf_add(out, room, sizeof(room) - d->out.avail_out);
	} while (d->out.avail_out == 0);
}

void
deflate_free(struct deflate **d)
{
	if (d == NULL || *d == NULL)
		return;
	inflateEnd(&(*d)->in);
	deflateEnd(&(*d)->out);
	buf_free(&(*d)->packed);
	free(*d);
	*d = NULL;
}
