/* The sample mailbox: a private folder with a Maildir for each of two accounts, a
 * configuration, and a way out that ends in another Maildir. */
#ifndef TUI_CMD_DEMO_H
#define TUI_CMD_DEMO_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct demo;

int demo_open(struct demo **d_r, struct err *e);
const char *demo_conf(const struct demo *d); /* path of its configuration */
const char *demo_state_dir(const struct demo *d);
const char *demo_cache_dir(const struct demo *d);
/* Names the Maildirs that got mail on standard error, and keeps them; deletes
 * the rest. NULL and *NULL are fine. */
void demo_close(struct demo **d);

/* Writes the dates of a sample: {{-2h30m}} and {{-5d +0100}} are `now` and that. */
void demo_expand(struct buf *out, struct slice sample, int64_t now);

#endif
