/* What sync_imap.c and sync_fetch.c share. Private to them. */
#ifndef WORK_SYNC_IMAP_H
#define WORK_SYNC_IMAP_H

#include "work/intake.h"

struct syncing {
	struct worker *w;
	struct cache_box box; /* as stored, then as found */
	struct imap_delta delta;
	struct intake in;
	int64_t turned_ms;  /* when the transaction that is open began */
	uint64_t turned_at; /* how many messages there were */
};

/* sync_imap.c: a transaction */
int sync_begin(struct syncing *s, struct err *e);
/* The whole of what is open is put into the cache, and shown; `r` says how reading went. */
int sync_end(struct syncing *s, int r, struct err *e);
/* Hears letters. -1: stop. */
int sync_stopped(struct worker *w, struct err *e);

/* sync_fetch.c */
/* As the cache takes it; strings are the message's. */
struct cache_message sync_message(const struct imap_message *m);
/* The newest messages of a mailbox that was never read, before anything else. */
int sync_first_screen(struct syncing *s, struct err *e);
/* `uids` in the order of the list: newest first. */
int sync_fetch(struct syncing *s, const uint32_t *uids, size_t n, struct err *e);

#endif
