/* A bounded queue of pointers between two threads, with a wake-up descriptor.
 *
 * One side puts, the other takes. A full queue is a state that the putter sees:
 * it is never waited for by the screen. What is queued belongs to the queue. */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct queue;

struct queue *queue_new(size_t capacity);
/* False when full or closed: the item still belongs to the caller. */
bool queue_put(struct queue *q, void *item);
/* Waits for room, at most timeout_ms (-1: for ever). For the worker only. */
bool queue_put_wait(struct queue *q, void *item, int timeout_ms);
/* NULL when empty. */
void *queue_take(struct queue *q);
/* Readable while items are waiting; poll it, never read it. */
int queue_fd(const struct queue *q);
void queue_close(struct queue *q); /* puts fail from now on, takes go on */
/* Both sides must be done with it; `free_item` gets what is left. */
void queue_free(struct queue **q, void (*free_item)(void *));

#endif
