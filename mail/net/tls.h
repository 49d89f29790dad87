/* Whom we talk to, proved. Private to this room.
 *
 * A session is TLS 1.2 or later, with the peer's name (SNI and verification),
 * chain and dates checked during the handshake: there is no session without. */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <openssl/ssl.h>

#include "base/err.h"

struct tls {
	SSL_CTX *ctx;
	SSL *ssl;
	X509 *refused; /* the peer's own certificate, when verification failed */
	int why;       /* X509_V_ERR_… */
};

/* `host` is a name or an address; ca_file "" means the system's trust store. */
int tls_new(struct tls **t_r, const char *host, const char *ca_file, int fd, struct err *e);
/* After SSL_connect failed for good: in words that help. */
int tls_refused_words(const struct tls *t, const char *host, unsigned port, struct err *e);
/* "TLSv1.3, certificate for imap.example.org until 2027-01-03"; malloc'ed. */
char *tls_words(const struct tls *t, const char *host);
void tls_free(struct tls **t);

#endif
