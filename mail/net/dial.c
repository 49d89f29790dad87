#include "net/dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define STAGGER_MS 250 /* RFC 8305 5 */

struct race {
	const char *host;
	unsigned port;
	const struct net_options *o;
	struct address addresses[RESOLVE_MAX];
	struct pollfd polls[RESOLVE_MAX + 1]; /* the last one is the cancel */
	int n;
	int n_started;
	int n_running;
	int failed_errno; /* of the attempt that failed last */
	int failed;
};

#define PROBES 4

/* A line that died without a word (sleep, a router that forgot) is to be noticed also
 * while nothing is said, as in IDLE: half of the time it may be quiet, then it is probed. */
static void
watch_line(int fd, const struct net_options *o)
{
	int all = (int)net_keepalive_s(o);
	int quiet = all > 1 ? all / 2 : 1;
	int every = all > 2 * PROBES ? (all - quiet) / PROBES : 1;
	const struct {
		int level, name, value;
	} options[] = {{SOL_SOCKET, SO_KEEPALIVE, 1}, {IPPROTO_TCP, TCP_KEEPIDLE, quiet},
	    {IPPROTO_TCP, TCP_KEEPINTVL, every}, {IPPROTO_TCP, TCP_KEEPCNT, PROBES},
	    {IPPROTO_TCP, TCP_USER_TIMEOUT, 1000 * (quiet + PROBES * every)}};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof(int));
}

static void
address_words(const struct address *a, char *out, size_t size)
{
	if (getnameinfo((const struct sockaddr *)&a->sa, a->len, out, (socklen_t)size, NULL, 0,
		NI_NUMERICHOST) != 0)
		snprintf(out, size, "?");
}

static bool
is_loopback(const struct address *a)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&a->sa;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&a->sa;

	if (a->sa.ss_family == AF_INET)
		return (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
	if (a->sa.ss_family != AF_INET6)
		return false;
	return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr) ||
	    (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr) && v6->sin6_addr.s6_addr[12] == 127);
}

static void
race_lost(struct race *r, int i, int why)
{
	if (r->polls[i].fd >= 0)
		close(r->polls[i].fd);
	r->polls[i].fd = -1;
	r->failed = i;
	r->failed_errno = why;
}

/* Starts the next attempt. True if it is connected at once. */
static bool
race_start(struct race *r)
{
	int i = r->n_started++;
	const struct address *a = &r->addresses[i];
	int one = 1;
	int fd = socket(a->sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	r->polls[i] = (struct pollfd){.fd = fd, .events = POLLOUT};
	if (fd < 0) {
		race_lost(r, i, errno);
		return false;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	watch_line(fd, r->o);
	if (connect(fd, (const struct sockaddr *)&a->sa, a->len) == 0)
		return true;
	if (errno != EINPROGRESS && errno != EINTR) {
		race_lost(r, i, errno);
		return false;
	}
	r->n_running++;
	return false;
}

/* Index of a connected attempt, or -1. Drops those that failed. */
static int
race_look(struct race *r)
{
	for (int i = 0; i < r->n_started; i++) {
		int why = 0;
		socklen_t len = sizeof(why);

		if (r->polls[i].fd < 0 || r->polls[i].revents == 0)
			continue;
		r->n_running--;
		if (getsockopt(r->polls[i].fd, SOL_SOCKET, SO_ERROR, &why, &len) != 0)
			why = errno;
		if (why == 0)
			return i;
		race_lost(r, i, why);
	}
	return -1;
}

static int
race_failed(const struct race *r, struct err *e)
{
	char address[INET6_ADDRSTRLEN + 20];

	address_words(&r->addresses[r->failed], address, sizeof(address));
	if (r->failed_errno == ETIMEDOUT) {
		err_set(e, ERR_TIMEOUT, "%s (%s) does not answer on port %u", r->host, address,
		    r->port);
		return err_todo(e, "check host and port, and that no firewall is between");
	}
	err_set(e, ERR_CONNECT, "%s (%s), port %u: %s", r->host, address, r->port,
	    strerror(r->failed_errno));
	if (r->failed_errno == ECONNREFUSED)
		return err_todo(
		    e, "nothing listens there: check the port, and that the server runs");
	return err_todo(e, "check host and port, and this machine's network");
}

static int
race_run(struct race *r, struct err *e)
{
	int64_t until = clock_mono_ms() + (int64_t)r->o->timeout_s * 1000;

	for (;;) {
		int64_t left = until - clock_mono_ms();
		bool more = r->n_started < r->n;
		int i, n;

		if (more && race_start(r))
			return r->n_started - 1;
		more = r->n_started < r->n;
		if (r->n_running == 0 && more)
			continue;
		if (r->n_running == 0)
			return race_failed(r, e);
		if (left <= 0) {
			r->failed = 0;
			r->failed_errno = ETIMEDOUT;
			return race_failed(r, e);
		}
		n = poll(r->polls, RESOLVE_MAX + 1,
		    (int)(more && left > STAGGER_MS ? STAGGER_MS : left));
		if (r->o->cancel != NULL && cancel_is_fired(r->o->cancel))
			return err_set(
			    e, ERR_CANCELLED, "cancelled while connecting to %s", r->host);
		if (n > 0 && (i = race_look(r)) >= 0)
			return i;
	}
}

int
dial(const char *host, unsigned port, const struct net_options *o, bool *is_loopback_r,
    struct err *e)
{
	struct race r = {.host = host, .port = port, .o = o};
	int winner, fd;

	if (o->cancel != NULL && cancel_is_fired(o->cancel))
		return err_set(e, ERR_CANCELLED, "cancelled before connecting to %s", host);
	r.n = resolve(host, port, o, r.addresses, e);
	if (r.n < 0)
		return -1;
	for (int i = 0; i < RESOLVE_MAX; i++)
		r.polls[i].fd = -1;
	r.polls[RESOLVE_MAX].fd = o->cancel == NULL ? -1 : cancel_fd(o->cancel);
	r.polls[RESOLVE_MAX].events = POLLIN;
	winner = race_run(&r, e);
	fd = winner < 0 ? -1 : r.polls[winner].fd;
	for (int i = 0; i < r.n_started; i++)
		if (i != winner && r.polls[i].fd >= 0)
			close(r.polls[i].fd);
	*is_loopback_r = winner >= 0 && is_loopback(&r.addresses[winner]);
	return fd;
}
