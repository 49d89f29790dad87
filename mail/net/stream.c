#include "net/stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/slept.h"
#include "net/deflate.h"
#include "net/dial.h"
#include "net/tls.h"

struct stream {
	int fd;
	struct tls *tls;
	struct deflate *deflate;
	struct net_options o;
	char *ca_file;
	char *host; /* cleaned */
	unsigned port;
	bool is_loopback;
	char *tls_words;
	uint64_t bytes_in;
	struct err err;
};

int
stream_open(struct stream **st_r, const char *host, unsigned port, const struct net_options *o,
    struct err *e)
{
	struct stream *st;
	struct buf name = BUF_INIT;
	bool is_loopback = false;
	int fd;

	clean_append(&name, slice_of(host), 255);
	fd = dial(buf_cstr(&name), port, o, &is_loopback, e);
	if (fd < 0) {
		buf_free(&name);
		return -1;
	}
	st = xcalloc(1, sizeof(*st));
	st->fd = fd;
	st->o = *o;
	st->ca_file = xstrdup(o->ca_file);
	st->host = buf_take(&name);
	st->port = port;
	st->is_loopback = is_loopback;
	*st_r = st;
	return 0;
}

int
stream_fail(struct stream *st, const struct err *why)
{
	if (st->err.code == ERR_NONE)
		st->err = *why;
	return -1;
}

static int
failed(struct stream *st, enum err_code code, const char *what, const char *detail)
{
	struct err e;

	err_set(&e, code, "%s%s%s", st->host, what, detail);
	if (code == ERR_TIMEOUT)
		err_todo(&e, "try again; a longer `timeout` helps on slow lines");
	return stream_fail(st, &e);
}

static bool
is_cancelled(struct stream *st)
{
	return st->o.cancel != NULL && cancel_is_fired(st->o.cancel);
}

/* Until the socket is ready for `events`. */
static int
wait_ready(struct stream *st, short events)
{
	struct pollfd p[2] = {{.fd = st->fd, .events = events},
	    {.fd = st->o.cancel == NULL ? -1 : cancel_fd(st->o.cancel), .events = POLLIN}};
	int64_t until = clock_mono_ms() + (int64_t)st->o.timeout_s * 1000;

	for (;;) {
		int64_t left = until - clock_mono_ms();
		int r = left <= 0 ? 0 : poll(p, 2, (int)left);

		if (is_cancelled(st))
			return failed(st, ERR_CANCELLED, ": cancelled", "");
		if (r > 0)
			return 0;
		if (r == 0)
			return failed(st, ERR_TIMEOUT, " does not answer any more: timed out", "");
		if (errno != EINTR)
			return failed(st, ERR_CLOSED, ": poll: ", strerror(errno));
	}
}

/* What a TLS call that moved nothing wants: 0 to try again, -1 when it failed. */
static int
after_tls(struct stream *st, int r)
{
	int saved = errno;

	switch (SSL_get_error(st->tls->ssl, r)) {
	case SSL_ERROR_WANT_READ:
		return wait_ready(st, POLLIN);
	case SSL_ERROR_WANT_WRITE:
		return wait_ready(st, POLLOUT);
	case SSL_ERROR_ZERO_RETURN:
		return failed(st, ERR_CLOSED, " closed the connection", "");
	case SSL_ERROR_SYSCALL:
		if (saved != 0)
			return failed(st, ERR_CLOSED, ": connection lost: ", strerror(saved));
		return failed(st, ERR_CLOSED, " dropped the connection", "");
	default:
		if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
			return failed(st, ERR_CLOSED, " dropped the connection", "");
		return failed(st, ERR_TLS, ": TLS failed", "");
	}
}

static int
after_socket(struct stream *st, ssize_t r, short events)
{
	if (r == 0)
		return failed(st, ERR_CLOSED, " closed the connection", "");
	if (errno == EINTR)
		return 0;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return wait_ready(st, events);
	return failed(st, ERR_CLOSED, ": connection lost: ", strerror(errno));
}

int
stream_start_tls(struct stream *st, struct err *e)
{
	if (tls_new(&st->tls, st->host, st->ca_file, st->fd, e) != 0)
		return stream_fail(st, e);
	for (;;) {
		int r, kind;

		ERR_clear_error();
		errno = 0;
		r = SSL_connect(st->tls->ssl);
		if (r == 1)
			break;
		kind = SSL_get_error(st->tls->ssl, r);
		if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) {
			if (after_tls(st, r) == 0)
				continue;
			*e = st->err;
			return -1;
		}
		tls_refused_words(st->tls, st->host, st->port, e);
		return stream_fail(st, e);
	}
	st->tls_words = tls_words(st->tls, st->host);
	return 0;
}

int
stream_start_deflate(struct stream *st, struct err *e)
{
	if (deflate_new(&st->deflate) != 0)
		return stream_fail(st, (err_set(e, ERR_PROTOCOL, "compression does not start"), e));
	return 0;
}

static ssize_t
read_wire(struct stream *st, void *buf, size_t n)
{
	if (n > 1 << 20)
		n = 1 << 20;
	while (st->err.code == ERR_NONE) {
		ssize_t r;

		if (is_cancelled(st))
			return failed(st, ERR_CANCELLED, ": cancelled", "");
		errno = 0;
		if (st->tls != NULL) {
			ERR_clear_error();
			r = SSL_read(st->tls->ssl, buf, (int)n);
		} else {
			r = recv(st->fd, buf, n, 0);
		}
		if (r > 0) {
			st->bytes_in += (uint64_t)r;
			return r;
		}
		if ((st->tls != NULL ? after_tls(st, (int)r) : after_socket(st, r, POLLIN)) != 0)
			break;
	}
	return -1;
}

static ssize_t
write_wire(struct stream *st, const void *buf, size_t n)
{
	if (n > 1 << 20)
		n = 1 << 20;
	while (st->err.code == ERR_NONE) {
		ssize_t r;

		if (is_cancelled(st))
			return failed(st, ERR_CANCELLED, ": cancelled", "");
		errno = 0;
		if (st->tls != NULL) {
			ERR_clear_error();
			r = SSL_write(st->tls->ssl, buf, (int)n);
		} else {
			r = send(st->fd, buf, n, MSG_NOSIGNAL);
		}
		if (r > 0)
			return r;
		if ((st->tls != NULL ? after_tls(st, (int)r) : after_socket(st, r, POLLOUT)) != 0)
			break;
	}
	return -1;
}

static int
write_wire_all(struct stream *st, struct slice s)
{
	while (s.n > 0) {
		ssize_t n = write_wire(st, s.p, s.n);

		if (n < 0)
			return -1;
		s = slice_from(s, (size_t)n);
	}
	return 0;
}

ssize_t
stream_read(struct stream *st, void *buf, size_t n)
{
	char packed[16384];

	if (st->deflate == NULL)
		return read_wire(st, buf, n);
	for (;;) {
		ssize_t r = deflate_read(st->deflate, buf, n);

		if (r > 0)
			return r;
		if (r < 0)
			return failed(st, ERR_PROTOCOL, ": the compressed stream is damaged", "");
		r = read_wire(st, packed, sizeof(packed));
		if (r < 0)
			return -1;
		deflate_feed(st->deflate, (struct slice){packed, (size_t)r});
	}
}

ssize_t
stream_write(struct stream *st, const void *buf, size_t n)
{
	struct buf packed = BUF_INIT;
	int r;

	if (st->deflate == NULL)
		return write_wire(st, buf, n);
	if (st->err.code != ERR_NONE)
		return -1;
	deflate_pack(st->deflate, (struct slice){buf, n}, &packed);
	r = write_wire_all(st, buf_slice(&packed));
	buf_free(&packed);
	return r == 0 ? (ssize_t)n : -1;
}

/* Are there bytes for the caller right now? A readable TLS socket may hold only
 * a session ticket, and a readable compressed one half a block. */
static enum stream_event
look_inside(struct stream *st)
{
	char packed[16384], c;
	ssize_t r;

	if (st->deflate != NULL && deflate_has_pending(st->deflate))
		return STREAM_DATA;
	ERR_clear_error();
	errno = 0;
	r = st->tls != NULL ? SSL_peek(st->tls->ssl, &c, 1) : recv(st->fd, &c, 1, MSG_PEEK);
	if (r <= 0) {
		if (st->tls != NULL && SSL_get_error(st->tls->ssl, (int)r) == SSL_ERROR_WANT_READ)
			return STREAM_QUIET;
		if (st->tls == NULL && r < 0 && (errno == EAGAIN || errno == EINTR))
			return STREAM_QUIET;
		return (enum stream_event)failed(st, ERR_CLOSED, " closed the connection", "");
	}
	if (st->deflate == NULL)
		return STREAM_DATA;
	r = read_wire(st, packed, sizeof(packed));
	if (r < 0)
		return STREAM_FAILED;
	deflate_feed(st->deflate, (struct slice){packed, (size_t)r});
	return deflate_has_pending(st->deflate) ? STREAM_DATA : STREAM_QUIET;
}

#define LONG_MS 2000 /* a wait so long may see the machine sleep */

static enum stream_event
wait_on(struct stream *st, int wake_fd, int slept_fd, int timeout_ms)
{
	struct pollfd p[4] = {{.fd = st->fd, .events = POLLIN},
	    {.fd = st->o.cancel == NULL ? -1 : cancel_fd(st->o.cancel), .events = POLLIN},
	    {.fd = wake_fd, .events = POLLIN}, {.fd = slept_fd, .events = POLLIN}};
	int64_t until = clock_mono_ms() + timeout_ms;

	while (st->err.code == ERR_NONE) {
		enum stream_event inside = look_inside(st);
		int64_t left = until - clock_mono_ms();
		int r;

		if (inside != STREAM_QUIET)
			return inside;
		r = poll(p, 4, left > 0 ? (int)left : 0);
		if (is_cancelled(st))
			return (enum stream_event)failed(st, ERR_CANCELLED, ": cancelled", "");
		if (r < 0 && errno != EINTR)
			return (enum stream_event)failed(
			    st, ERR_CLOSED, ": poll: ", strerror(errno));
		if (r > 0 && p[2].revents != 0)
			return STREAM_WOKEN;
		if (r == 0 || (r > 0 && p[3].revents != 0 && p[0].revents == 0))
			return STREAM_QUIET;
	}
	return STREAM_FAILED;
}

enum stream_event
stream_wait(struct stream *st, int wake_fd, int timeout_ms)
{
	int slept_fd = timeout_ms >= LONG_MS ? slept_open() : -1;
	enum stream_event event = wait_on(st, wake_fd, slept_fd, timeout_ms);

	slept_close(slept_fd);
	return event;
}

const struct err *
stream_error(const struct stream *st)
{
	return &st->err;
}

bool
stream_has_tls(const struct stream *st)
{
	return st->tls_words != NULL;
}

bool
stream_is_loopback(const struct stream *st)
{
	return st->is_loopback;
}

const char *
stream_tls_words(const struct stream *st)
{
	return st->tls_words == NULL ? "" : st->tls_words;
}

void
stream_local_literal(const struct stream *st, char *out, size_t size)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	char words[INET6_ADDRSTRLEN] = "";
	bool is_v6;

	memset(&sa, 0, sizeof(sa));
	if (getsockname(st->fd, (struct sockaddr *)&sa, &len) != 0)
		sa.ss_family = AF_UNSPEC;
	is_v6 = sa.ss_family == AF_INET6;
	if (is_v6)
		inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&sa)->sin6_addr, words, sizeof(words));
	else if (sa.ss_family == AF_INET)
		inet_ntop(AF_INET, &((struct sockaddr_in *)&sa)->sin_addr, words, sizeof(words));
	snprintf(out, size, "[%s%s]", is_v6 ? "IPv6:" : "", words[0] == '\0' ? "127.0.0.1" : words);
}

void
stream_set_timeout(struct stream *st, unsigned timeout_s)
{
	st->o.timeout_s = timeout_s;
}

uint64_t
stream_bytes_in(const struct stream *st)
{
	return st->bytes_in;
}

void
stream_free(struct stream **st)
{
	if (st == NULL || *st == NULL)
		return;
	/* On a broken connection a good-bye could push out half-written bytes. */
	if (stream_has_tls(*st) && (*st)->err.code == ERR_NONE) {
		ERR_clear_error();
		SSL_shutdown((*st)->tls->ssl);
	}
	tls_free(&(*st)->tls);
	deflate_free(&(*st)->deflate);
	close((*st)->fd);
	free((*st)->tls_words);
	free((*st)->ca_file);
	free((*st)->host);
	free(*st);
	*st = NULL;
}
