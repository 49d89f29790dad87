/* From a host name to a connected socket. Private to this room. */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/err.h"
#include "net/net.h"

#define RESOLVE_MAX 8 /* addresses tried; a host with more is a cluster with a balancer */

struct address {
	struct sockaddr_storage sa;
	socklen_t len;
};

/* Looks the name up beside this thread, so that a cancel does not wait for a
 * name server. Returns the number of addresses (at most RESOLVE_MAX), or -1. */
int resolve(const char *host, unsigned port, const struct net_options *o,
    struct address addresses[RESOLVE_MAX], struct err *e);

/* What may block for ever is done in a detached thread: it wakes `fd` when it is
 * done, and nobody waits longer than the time-out, or for a cancelled one. */
int beside_start(void *(*fn)(void *), void *ctx, const char *host, struct err *e);
int beside_wait(
    int fd, unsigned timeout_s, const struct net_options *o, const char *host, struct err *e);

/* A connected, non-blocking, close-on-exec socket, or -1. Addresses are tried a
 * quarter of a second apart and the first that answers wins (RFC 8305). */
int dial(const char *host, unsigned port, const struct net_options *o, bool *is_loopback_r,
    struct err *e);

#endif
