/* SCRAM, the client's side (RFC 5802). Private to this room. */
#ifndef NET_SCRAM_H
#define NET_SCRAM_H

#include <openssl/evp.h>

#include "base/buf.h"
#include "base/err.h"

/* The work that a server may ask of us: about a second. */
#define SCRAM_MAX_ITERATIONS 2000000

struct scram {
	const EVP_MD *md;
	struct buf nonce;
	struct buf first_bare; /* client-first-message-bare */
	unsigned char server_signature[EVP_MAX_MD_SIZE];
	unsigned signature_len;
	bool is_proved;
};

/* `nonce` NULL: a random one. */
void scram_init(struct scram *s, const EVP_MD *md, const char *nonce);
void scram_first(struct scram *s, const char *user, struct buf *out);
int scram_final(struct scram *s, struct slice server_first, const char *password, struct buf *out,
    struct err *e);
/* Verifies the server's signature: ERR_LOGIN if it does not know the password. */
int scram_verify(struct scram *s, struct slice server_final, struct err *e);
void scram_free(struct scram *s);

#endif
