#include "net/scram.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>

#include "base/clean.h"
#include "base/conf.h"
#include "net/sasl.h"

#define GS2_HEADER "n,,"     /* no channel binding */
#define GS2_HEADER_64 "biws" /* the same in base64 */

void
scram_init(struct scram *s, const EVP_MD *md, const char *nonce)
{
	unsigned char random[18];

	*s = (struct scram){.md = md};
	if (nonce != NULL) {
		buf_adds(&s->nonce, nonce);
		return;
	}
	if (RAND_bytes(random, sizeof(random)) != 1)
		abort(); /* OpenSSL has no randomness: nothing may be proved with it */
	base64_add(&s->nonce, (struct slice){(const char *)random, sizeof(random)});
}

void
scram_first(struct scram *s, const char *user, struct buf *out)
{
	buf_adds(&s->first_bare, "n=");
	for (; *user != '\0'; user++) {
		if (*user == ',')
			buf_adds(&s->first_bare, "=2C");
		else if (*user == '=')
			buf_adds(&s->first_bare, "=3D");
		else
			buf_addc(&s->first_bare, *user);
	}
	buf_adds(&s->first_bare, ",r=");
	buf_addslice(&s->first_bare, buf_slice(&s->nonce));
	buf_adds(out, GS2_HEADER);
	buf_addslice(out, buf_slice(&s->first_bare));
}

/* Value of the attribute `name` in "r=…,s=…,i=…". */
static bool
attribute(struct slice message, char name, struct slice *value)
{
	while (message.n > 0) {
		size_t comma = slice_chr(message, ',');
		struct slice one = slice_sub(message, 0, comma == SLICE_NONE ? message.n : comma);

		if (one.n >= 2 && one.p[0] == name && one.p[1] == '=') {
			*value = slice_from(one, 2);
			return true;
		}
		message = slice_from(message, comma == SLICE_NONE ? message.n : comma + 1);
	}
	return false;
}

static int
read_iterations(struct slice s)
{
	int n = 0;

	if (s.n == 0)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_isdigit(s.p[i]) || n > SCRAM_MAX_ITERATIONS)
			return -1;
		n = n * 10 + (s.p[i] - '0');
	}
	return n < 1 || n > SCRAM_MAX_ITERATIONS ? -1 : n;
}

static void
hmac(const struct scram *s, const unsigned char *key, struct slice text, unsigned char *out)
{
	HMAC(s->md, key, EVP_MD_get_size(s->md), (const unsigned char *)text.p, text.n, out, NULL);
}

/* ClientProof and the signature that we expect from the server. */
static void
prove(struct scram *s, const unsigned char *salted, struct slice auth_message, unsigned char *proof)
{
	unsigned char client_key[EVP_MAX_MD_SIZE], stored_key[EVP_MAX_MD_SIZE];
	unsigned char signature[EVP_MAX_MD_SIZE], server_key[EVP_MAX_MD_SIZE];
	size_t n = (size_t)EVP_MD_get_size(s->md);

	hmac(s, salted, SLICE_LIT("Client Key"), client_key);
	EVP_Digest(client_key, n, stored_key, NULL, s->md, NULL);
	hmac(s, stored_key, auth_message, signature);
	for (size_t i = 0; i < n; i++)
		proof[i] = client_key[i] ^ signature[i];
	hmac(s, salted, SLICE_LIT("Server Key"), server_key);
	hmac(s, server_key, auth_message, s->server_signature);
	s->signature_len = (unsigned)n;
	secret_wipe(client_key, sizeof(client_key));
	secret_wipe(server_key, sizeof(server_key));
}

int
scram_final(struct scram *s, struct slice server_first, const char *password, struct buf *out,
    struct err *e)
{
	unsigned char salted[EVP_MAX_MD_SIZE], proof[EVP_MAX_MD_SIZE];
	struct buf salt = BUF_INIT, auth_message = BUF_INIT;
	struct slice nonce, salt_64, rounds;
	int r = -1, iterations;

	if (!attribute(server_first, 'r', &nonce) || !attribute(server_first, 's', &salt_64) ||
	    !attribute(server_first, 'i', &rounds) || nonce.n <= s->nonce.len ||
	    !slice_starts(nonce, buf_cstr(&s->nonce)) ||
	    (iterations = read_iterations(rounds)) < 0 || !base64_decode(salt_64, &salt) ||
	    salt.len == 0) {
		err_set(e, ERR_LOGIN, "the server's SCRAM challenge makes no sense");
		goto out;
	}
	if (PKCS5_PBKDF2_HMAC(password, -1, (const unsigned char *)salt.data, (int)salt.len,
		iterations, s->md, EVP_MD_get_size(s->md), salted) != 1) {
		err_set(e, ERR_LOGIN, "OpenSSL cannot compute the SCRAM proof");
		goto out;
	}
	buf_addf(&auth_message, "%s,%.*s,c=" GS2_HEADER_64 ",r=%.*s", buf_cstr(&s->first_bare),
	    SLICE_FMT(server_first), SLICE_FMT(nonce));
	prove(s, salted, buf_slice(&auth_message), proof);
	buf_addf(out, "c=" GS2_HEADER_64 ",r=%.*s,p=", SLICE_FMT(nonce));
	base64_add(out, (struct slice){(const char *)proof, s->signature_len});
	secret_wipe(salted, sizeof(salted));
	r = 0;
out:
	buf_free(&salt);
	buf_free(&auth_message);
	return r;
}

int
scram_verify(struct scram *s, struct slice server_final, struct err *e)
{
	struct buf got = BUF_INIT;
	struct slice value;
	bool ok;

	if (attribute(server_final, 'e', &value)) {
		clean_append(&got, value, 100);
		err_set(e, ERR_LOGIN, "the server refuses the login: %s", buf_cstr(&got));
		buf_free(&got);
		return -1;
	}
	ok = s->signature_len > 0 && attribute(server_final, 'v', &value) &&
	    base64_decode(value, &got) && got.len == s->signature_len &&
	    CRYPTO_memcmp(got.data, s->server_signature, s->signature_len) == 0;
	buf_free(&got);
	s->is_proved = ok;
	if (!ok)
		return err_set(e, ERR_LOGIN,
		    "the server does not know the password: its SCRAM signature is wrong");
	return 0;
}

void
scram_free(struct scram *s)
{
	buf_free(&s->nonce);
	buf_free(&s->first_bare);
}
