/* One connection: bytes over TCP, over TLS, over DEFLATE.
 *
 * Private to this room. Every wait ends after the time-out with ERR_TIMEOUT, at
 * once with ERR_CANCELLED when the cancel fires, and the stream is dead after its
 * first failure: stream_error says why. Certificates are verified in
 * stream_start_tls before a byte of the peer's words is read. */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include <libetpan/mailstream.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "net/net.h"

struct guard;
struct stream;

/* Resolves and connects; no byte is sent. Of `o` only the cancel must live on. */
int stream_open(struct stream **st_r, const char *host, unsigned port, const struct net_options *o,
    struct err *e);
/* Also in place, after STARTTLS: the caller has made sure that nothing is buffered. */
int stream_start_tls(struct stream *st, struct err *e);
/* Raw DEFLATE (RFC 1951) both ways, as COMPRESS=DEFLATE wants it (RFC 4978). */
int stream_start_deflate(struct stream *st, struct err *e);

/* Bytes moved (at least one), or -1. Never 0: the end of the stream is a failure. */
ssize_t stream_read(struct stream *st, void *buf, size_t n);
ssize_t stream_write(struct stream *st, const void *buf, size_t n);

enum stream_event { STREAM_FAILED = -1, STREAM_QUIET, STREAM_DATA, STREAM_WOKEN };
/* Waits for bytes to read or for `wake_fd` (-1: none), at most timeout_ms. */
/* A long wait is over (STREAM_QUIET) when the machine wakes from sleep. */
enum stream_event stream_wait(struct stream *st, int wake_fd, int timeout_ms);

/* Declares the connection unusable, with words; the first failure stays. */
int stream_fail(struct stream *st, const struct err *why);
const struct err *stream_error(const struct stream *st); /* code ERR_NONE while alive */
bool stream_has_tls(const struct stream *st);
bool stream_is_loopback(const struct stream *st);
const char *stream_tls_words(const struct stream *st); /* "" without TLS */
/* Our own address on this connection, as "[192.0.2.1]" or "[IPv6:2001:db8::1]". */
void stream_local_literal(const struct stream *st, char *out, size_t size);
void stream_set_timeout(struct stream *st, unsigned timeout_s);
uint64_t stream_bytes_in(const struct stream *st); /* on the wire */

/* The face that libetpan sees; owns nothing: free it with stream_mailstream_free,
 * then the stream. With a guard, bytes pass through it first. */
mailstream *stream_mailstream_new(struct stream *st, struct guard *guard);
/* Bytes that came and nobody has read: none may be there before STARTTLS goes on. */
size_t stream_mailstream_unread(const mailstream *ms);
/* Takes what is there through the guard, to be read later. For waits: stream_wait
 * has said STREAM_DATA. */
int stream_mailstream_pump(mailstream *ms);
void stream_mailstream_free(mailstream **ms);

void stream_free(struct stream **st); /* says good-bye only on a healthy connection */

#endif
