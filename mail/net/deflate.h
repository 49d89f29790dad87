/* Raw DEFLATE (RFC 1951) both ways, for COMPRESS (RFC 4978). Private to this room.
 * What is unpacked is handed out as it is asked for: a bomb fills no memory. */
#ifndef NET_DEFLATE_H
#define NET_DEFLATE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/slice.h"

struct deflate;

int deflate_new(struct deflate **d_r); /* -1: no memory for zlib */
/* Compressed bytes from the peer; only when deflate_read gave 0. */
void deflate_feed(struct deflate *d, struct slice packed);
/* Unpacked bytes, 0 when more must be fed, -1 when the stream is damaged or over. */
ssize_t deflate_read(struct deflate *d, void *out, size_t n);
bool deflate_has_pending(struct deflate *d); /* also when it is damaged */
/* Packs and flushes, so that the peer can read all of it. Appends to out. */
void deflate_pack(struct deflate *d, struct slice plain, struct buf *out);
void deflate_free(struct deflate **d);

#endif
