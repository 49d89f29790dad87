/* Connects in a thread of its own: what is cached can be read and acted on
 * meanwhile. */
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/wake.h"
#include "work/work.h"

struct connecting {
	pthread_t thread;
	struct wake done;
	const struct account *account;
	struct net_options options;
	char *secret; /* asked for before; NULL = by command or URL */
	bool read_only;
	bool one_by_one;
	struct imap *imap;
	struct imap_known known;
	struct imap_box box;
	struct imap_delta delta;
	struct err err;
	int result;
};

static char *
give_secret(void *ctx, const char *what)
{
	struct connecting *d = ctx;

	(void)what;
	return d->secret != NULL ? xstrdup(d->secret) : NULL;
}

static int
connect_and_select(struct connecting *d)
{
	const struct account *a = d->account;
	const char *mailbox = a->source.path[0] != '\0' ? a->source.path : "INBOX";
	char *secret = NULL;
	int r;

	if (a->source.user[0] != '\0' &&
	    secret_get(
		&a->source, a->source_cred_cmd, &d->options, give_secret, d, &secret, &d->err) != 0)
		return -1;
	r = imap_open_box(&d->imap, a, secret != NULL ? secret : "", &d->options,
	    &(struct imap_wanted){mailbox, d->read_only, d->one_by_one, &d->known}, &d->box,
	    &d->delta, &d->err);
	if (secret != NULL)
		secret_wipe(secret, strlen(secret));
	free(secret);
	return r;
}

static void *
connecting_run(void *arg)
{
	struct connecting *d = arg;

	d->result = connect_and_select(d);
	wake_up(&d->done);
	return NULL;
}

static void
free_known(struct imap_known *known)
{
	free((void *)known->uids);
	*known = (struct imap_known){.modseq = 0};
}

struct connecting *
connecting_new(const struct account *account, const char *secret, const struct net_options *o,
    bool read_only, bool one_by_one, struct imap_known *known)
{
	struct connecting *d = xcalloc(1, sizeof(*d));
	pthread_attr_t attr;
	int r;

	d->account = account;
	d->options = *o;
	d->read_only = read_only;
	d->one_by_one = one_by_one;
	d->known = *known;
	*known = (struct imap_known){.modseq = 0};
	d->secret = secret != NULL ? xstrdup(secret) : NULL;
	wake_open(&d->done);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, WORK_STACK_BYTES);
	r = pthread_create(&d->thread, &attr, connecting_run, d);
	pthread_attr_destroy(&attr);
	if (r == 0)
		return d;
	wake_close(&d->done);
	free_known(&d->known);
	free(d->secret);
	free(d);
	return NULL;
}

int
connecting_fd(const struct connecting *d)
{
	return d->done.read_fd;
}

bool
connecting_is_done(const struct connecting *d)
{
	struct pollfd p = {.fd = d->done.read_fd, .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

int
connecting_take(struct connecting **d_p, struct imap **s_r, struct imap_box *box_r,
    struct imap_delta *delta_r, struct err *e)
{
	struct connecting *d = *d_p;
	int r;

	pthread_join(d->thread, NULL);
	r = d->result;
	*s_r = d->imap;
	*box_r = d->box;
	*delta_r = d->delta;
	free_known(&d->known);
	if (r != 0)
		*e = d->err;
	wake_close(&d->done);
	if (d->secret != NULL)
		secret_wipe(d->secret, strlen(d->secret));
	free(d->secret);
	free(d);
	*d_p = NULL;
	return r;
}
