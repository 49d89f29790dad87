/* Of this room only: the messages of one open file. */
#ifndef STORE_BOX_SPLIT_H
#define STORE_BOX_SPLIT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/* More than any mail system takes; above it a file is a disk image, not mail. */
#define BOX_MAX_BYTES ((size_t)256 * 1024 * 1024)

struct box_piece {
	unsigned n;         /* from 0 */
	bool is_only;       /* the file holds this one message */
	bool is_over;       /* larger than max_bytes: no bytes, or these first ones */
	struct slice bytes; /* live during the call */
};
/* Return false to stop. */
typedef bool (*box_piece_fn)(void *ctx, const struct box_piece *piece);

struct box_split {
	int fd;
	bool may_be_mbox;
	size_t size_hint;
	size_t max_bytes;  /* of one message */
	bool gives_begin;  /* of what is larger: its first max_bytes, rather than nothing */
	struct buf *space; /* the caller's, so that it is used again */
	box_piece_fn fn;
	void *ctx;
};

/* Calls fn for each message. -1 with errno when reading fails: what came before
 * was given. Memory: the largest message, at most max_bytes, and a
 * few hundred kB. */
int box_split(const struct box_split *s);

#endif
