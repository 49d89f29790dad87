#include "base/queue.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/wake.h"

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t has_room;
	struct wake wake; /* awake while count > 0; changed under the lock only */
	size_t capacity;
	size_t first;
	size_t count;
	bool is_closed;
	void *items[];
};

/* Waits are measured by the clock that nobody can set. */
static void
room_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
#ifndef __APPLE__
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
#endif
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

struct queue *
queue_new(size_t capacity)
{
	struct queue *q;

	if (capacity == 0 || capacity > SIZE_MAX / sizeof(void *) / 2)
		abort();
	q = xcalloc(1, sizeof(*q) + capacity * sizeof(void *));
	q->capacity = capacity;
	pthread_mutex_init(&q->lock, NULL);
	room_init(&q->has_room);
	wake_open(&q->wake);
	return q;
}

/* Under the lock. */
static bool
append(struct queue *q, void *item)
{
	if (q->is_closed || q->count == q->capacity)
		return false;
	q->items[(q->first + q->count) % q->capacity] = item;
	if (q->count++ == 0)
		wake_up(&q->wake);
	return true;
}

bool
queue_put(struct queue *q, void *item)
{
	bool is_put;

	pthread_mutex_lock(&q->lock);
	is_put = append(q, item);
	pthread_mutex_unlock(&q->lock);
	return is_put;
}

static struct timespec
deadline_in(int timeout_ms)
{
	struct timespec at;

#ifdef __APPLE__
	clock_gettime(CLOCK_REALTIME, &at);
#else
	clock_gettime(CLOCK_MONOTONIC, &at);
#endif
	at.tv_sec += timeout_ms / 1000;
	at.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	return at;
}

bool
queue_put_wait(struct queue *q, void *item, int timeout_ms)
{
	struct timespec until = deadline_in(timeout_ms < 0 ? 0 : timeout_ms);
	bool is_put;
	int failed = 0;

	pthread_mutex_lock(&q->lock);
	while (!q->is_closed && q->count == q->capacity && failed == 0) {
		if (timeout_ms < 0)
			failed = pthread_cond_wait(&q->has_room, &q->lock);
		else
			failed = pthread_cond_timedwait(&q->has_room, &q->lock, &until);
	}
	is_put = append(q, item);
	pthread_mutex_unlock(&q->lock);
	return is_put;
}

void *
queue_take(struct queue *q)
{
	void *item = NULL;

	pthread_mutex_lock(&q->lock);
	if (q->count > 0) {
		item = q->items[q->first];
		q->first = (q->first + 1) % q->capacity;
		if (--q->count == 0)
			wake_drain(&q->wake);
		pthread_cond_signal(&q->has_room);
	}
	pthread_mutex_unlock(&q->lock);
	return item;
}

int
queue_fd(const struct queue *q)
{
	return q->wake.read_fd;
}

void
queue_close(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->is_closed = true;
	pthread_cond_broadcast(&q->has_room);
	pthread_mutex_unlock(&q->lock);
}

void
queue_free(struct queue **q, void (*free_item)(void *))
{
	void *item;

	if (q == NULL || *q == NULL)
		return;
	while ((item = queue_take(*q)) != NULL) {
		if (free_item != NULL)
			free_item(item);
	}
	wake_close(&(*q)->wake);
	pthread_cond_destroy(&(*q)->has_room);
	pthread_mutex_destroy(&(*q)->lock);
	free(*q);
	*q = NULL;
}
