#include "base/cancel.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/wake.h"

struct cancel {
	atomic_bool is_fired;
	struct wake wake;
};

struct cancel *
cancel_new(void)
{
	struct cancel *c = xcalloc(1, sizeof(*c));

	atomic_init(&c->is_fired, false);
	wake_open(&c->wake);
	return c;
}

void
cancel_fire(struct cancel *c)
{
	if (!atomic_exchange(&c->is_fired, true))
		wake_up(&c->wake);
}

void
cancel_reset(struct cancel *c)
{
	atomic_store(&c->is_fired, false);
	wake_drain(&c->wake);
	/* Fired again in between: its byte may have been drained with the old one. */
	if (atomic_load(&c->is_fired))
		wake_up(&c->wake);
}

bool
cancel_is_fired(const struct cancel *c)
{
	return atomic_load(&c->is_fired);
}

int
cancel_fd(const struct cancel *c)
{
	return c->wake.read_fd;
}

void
cancel_free(struct cancel **c)
{
	if (c == NULL || *c == NULL)
		return;
	wake_close(&(*c)->wake);
	free(*c);
	*c = NULL;
}
