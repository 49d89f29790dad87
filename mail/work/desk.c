/* The desk answers what a list asks at every move of the cursor, from the cache,
 * in a thread of its own with its own handle: it never waits for the network. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/cancel.h"
#include "work/work.h"

#define DESK_LETTERS 32

struct desk {
	pthread_t thread;
	struct queue *in;
	struct queue *out;
	struct cancel *cancel;
	struct cache *cache;
	const struct account *account;
};

static void
free_letter(void *l)
{
	letter_free(l);
}

static void *
desk_run(void *arg)
{
	struct desk *d = arg;
	struct pollfd fds[2] = {{.fd = queue_fd(d->in), .events = POLLIN},
	    {.fd = cancel_fd(d->cancel), .events = POLLIN}};
	struct letter *l;

	while (!cancel_is_fired(d->cancel)) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		while (!cancel_is_fired(d->cancel) && (l = queue_take(d->in)) != NULL) {
			detail_serve(d->cache, d->account, d->out, l);
			letter_free(l);
		}
	}
	return NULL;
}

struct desk *
desk_new(const char *cache_path, const struct account *account, struct queue *out)
{
	struct desk *d = xcalloc(1, sizeof(*d));
	struct err e;

	d->account = account;
	d->out = out;
	if (cache_open(&d->cache, cache_path, &e) != 0) {
		free(d);
		return NULL;
	}
	d->in = queue_new(DESK_LETTERS);
	d->cancel = cancel_new();
	if (pthread_create(&d->thread, NULL, desk_run, d) != 0) {
		queue_free(&d->in, NULL);
		cancel_free(&d->cancel);
		cache_close(&d->cache);
		free(d);
		return NULL;
	}
	return d;
}

bool
desk_send(struct desk *d, struct letter *l)
{
	return queue_put(d->in, l);
}

void
desk_free(struct desk **d)
{
	if (d == NULL || *d == NULL)
		return;
	cancel_fire((*d)->cancel);
	pthread_join((*d)->thread, NULL);
	queue_free(&(*d)->in, free_letter);
	cancel_free(&(*d)->cancel);
	cache_close(&(*d)->cache);
	free(*d);
	*d = NULL;
}
