/* Mail on disk: Maildir, mbox, plain files. Reading never changes anything. */
#ifndef STORE_BOX_H
#define STORE_BOX_H

#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

struct box_message {
	const char *path;   /* of the file */
	const char *name;   /* as to be shown: path, or path:N for the Nth of an mbox */
	struct slice bytes; /* live during the call */
	int64_t mtime;
	bool seen;         /* Maildir flag S */
	bool is_cut;       /* these are its first bytes only */
	struct err *error; /* set when it could not be read: bytes is empty */
};
/* Return false to stop. */
typedef bool (*box_fn)(void *ctx, const struct box_message *m);

/* Files, Maildirs and folders (recursively, sorted by name), mbox files (known
 * by their "From " line; mboxrd quoting undone) and "-" for standard input.
 * Memory: one message at a time. Fails only if `path` itself cannot be read. */
int box_walk(const char *path, box_fn fn, void *ctx, struct err *e);
/* The same for who wants the begin of each message only: max_bytes of it. */
int box_walk_begins(const char *path, size_t max_bytes, box_fn fn, void *ctx, struct err *e);

/* One message again: a file, or number n (from 0) of an mbox. malloc'ed bytes. */
int box_read(const char *path, unsigned n, char **bytes_r, size_t *n_r, struct err *e);

/* Delivers into a Maildir (made if missing): tmp, fsync, link to new. path_r is
 * malloc'ed and may be NULL. */
int box_deliver(
    const char *maildir, struct slice bytes, const char *flags, char **path_r, struct err *e);

#endif
