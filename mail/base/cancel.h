/* A request to stop, from one thread to another. Heard by every wait of the net
 * floor (poll on the descriptor beside the socket) and between slices of work. */
#ifndef BASE_CANCEL_H
#define BASE_CANCEL_H

#include <stdbool.h>

struct cancel;

struct cancel *cancel_new(void);
void cancel_fire(struct cancel *c);  /* any thread, async-signal-safe */
void cancel_reset(struct cancel *c); /* the working thread, before a new job */
bool cancel_is_fired(const struct cancel *c);
int cancel_fd(const struct cancel *c); /* readable once fired; poll it, never read it */
void cancel_free(struct cancel **c);

#endif
