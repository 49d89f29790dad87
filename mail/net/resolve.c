#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/wake.h"
#include "net/dial.h"

/* Shared with the helper thread; whoever leaves last frees it. */
struct lookup {
	char *host;
	char port[12];
	struct wake done;
	atomic_int n_users;
	int status;
	int saved_errno;
	struct addrinfo *list;
};

static void
lookup_leave(struct lookup *l)
{
	if (atomic_fetch_sub(&l->n_users, 1) != 1)
		return;
	if (l->list != NULL)
		freeaddrinfo(l->list);
	wake_close(&l->done);
	free(l->host);
	free(l);
}

static int
ask(struct lookup *l, int flags)
{
	struct addrinfo hints;

	memset(&hints, 0, sizeof(hints));
	hints.ai_family = AF_UNSPEC;
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = flags;
	return getaddrinfo(l->host, l->port, &hints, &l->list);
}

static void *
lookup_run(void *ctx)
{
	struct lookup *l = ctx;

	l->status = ask(l, AI_ADDRCONFIG);
	/* Without any interface but loopback ADDRCONFIG hides loopback names too. */
	if (l->status == EAI_NONAME)
		l->status = ask(l, 0);
	l->saved_errno = errno;
	wake_up(&l->done);
	lookup_leave(l);
	return NULL;
}

int
beside_start(void *(*fn)(void *), void *ctx, const char *host, struct err *e)
{
	pthread_attr_t attr;
	pthread_t thread;
	int r;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	r = pthread_create(&thread, &attr, fn, ctx);
	pthread_attr_destroy(&attr);
	if (r != 0)
		return err_set(e, ERR_DNS, "no thread to look up %s: %s", host, strerror(r));
	return 0;
}

int
beside_wait(
    int fd, unsigned timeout_s, const struct net_options *o, const char *host, struct err *e)
{
	struct pollfd p[2] = {{.fd = fd, .events = POLLIN},
	    {.fd = o->cancel == NULL ? -1 : cancel_fd(o->cancel), .events = POLLIN}};
	int64_t until = clock_mono_ms() + (int64_t)timeout_s * 1000;

	for (;;) {
		int64_t left = until - clock_mono_ms();
		int r = left <= 0 ? 0 : poll(p, 2, (int)left);

		if (p[1].revents != 0 || (o->cancel != NULL && cancel_is_fired(o->cancel)))
			return err_set(e, ERR_CANCELLED, "cancelled while looking up %s", host);
		if (r > 0)
			return 0;
		if (r == 0)
			return err_set(e, ERR_TIMEOUT, "no name server answered for %s in %u s",
			    host, timeout_s);
		if (errno != EINTR)
			return err_set(e, ERR_DNS, "poll: %s", strerror(errno));
	}
}

static int
lookup_failed(const struct lookup *l, struct err *e)
{
	switch (l->status) {
	case EAI_NONAME:
#ifdef EAI_NODATA
	case EAI_NODATA:
#endif
		err_set(e, ERR_DNS, "there is no host named %s", l->host);
		return err_todo(e, "check the spelling of the host in the configuration");
	case EAI_AGAIN:
		err_set(e, ERR_DNS, "no name server answered for %s", l->host);
		return err_todo(e, "check this machine's network and its name servers");
	case EAI_SYSTEM:
		return err_set(
		    e, ERR_DNS, "looking up %s failed: %s", l->host, strerror(l->saved_errno));
	default:
		return err_set(
		    e, ERR_DNS, "looking up %s failed: %s", l->host, gai_strerror(l->status));
	}
}

/* Alternates the families, beginning with what the system prefers (RFC 8305 4). */
static int
interleave(const struct addrinfo *list, struct address addresses[RESOLVE_MAX])
{
	const struct addrinfo *next[2] = {list, list};
	int family = list == NULL ? AF_UNSPEC : list->ai_family;
	int n = 0;

	for (int turn = 0; n < RESOLVE_MAX && (next[0] != NULL || next[1] != NULL); turn ^= 1) {
		const struct addrinfo *a = next[turn];

		while (a != NULL && (a->ai_family == family) != (turn == 0))
			a = a->ai_next;
		next[turn] = a == NULL ? NULL : a->ai_next;
		if (a == NULL || a->ai_addrlen > sizeof(addresses[n].sa))
			continue;
		memcpy(&addresses[n].sa, a->ai_addr, a->ai_addrlen);
		addresses[n++].len = a->ai_addrlen;
	}
	return n;
}

int
resolve(const char *host, unsigned port, const struct net_options *o,
    struct address addresses[RESOLVE_MAX], struct err *e)
{
	struct lookup *l = xcalloc(1, sizeof(*l));
	int n = -1;

	l->host = xstrdup(host);
	snprintf(l->port, sizeof(l->port), "%u", port);
	atomic_init(&l->n_users, 1);
	wake_open(&l->done);
	l->status = ask(l, AI_NUMERICHOST);
	if (l->status == EAI_NONAME) {
		atomic_store(&l->n_users, 2);
		if (beside_start(lookup_run, l, l->host, e) != 0) {
			atomic_store(&l->n_users, 1);
			goto out;
		}
		if (beside_wait(l->done.read_fd, o->timeout_s, o, l->host, e) != 0)
			goto out;
	}
	if (l->status != 0)
		lookup_failed(l, e);
	else
		n = interleave(l->list, addresses);
	if (n == 0)
		n = err_set(e, ERR_DNS, "%s has no address", l->host);
out:
	lookup_leave(l);
	return n;
}
