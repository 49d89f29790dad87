#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clean.h"

#define MAX_NAMES 3 /* of a certificate, in a message */

/* Remembers the first failure and the certificate it is about. */
static int
on_verify(int ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls *t = SSL_get_app_data(ssl);
	X509 *leaf = X509_STORE_CTX_get0_cert(store);

	if (ok || t->refused != NULL)
		return ok;
	t->why = X509_STORE_CTX_get_error(store);
	if (leaf != NULL && X509_up_ref(leaf) == 1)
		t->refused = leaf;
	return 0;
}

static int
trust(SSL_CTX *ctx, const char *ca_file, struct err *e)
{
	if (ca_file[0] == '\0') {
		if (SSL_CTX_set_default_verify_paths(ctx) == 1)
			return 0;
		return err_set(e, ERR_TLS, "the system's trust store cannot be read");
	}
	if (SSL_CTX_load_verify_locations(ctx, ca_file, NULL) != 1) {
		err_set(e, ERR_CONF, "ca-file %s holds no certificate that can be read", ca_file);
		return err_todo(e, "ca-file wants certificates in PEM form");
	}
	/* Whoever names a file may name the server's own certificate. */
	X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx), X509_V_FLAG_PARTIAL_CHAIN);
	return 0;
}

static int
expect_peer(SSL *ssl, const char *host, struct err *e)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	ASN1_OCTET_STRING *ip = a2i_IPADDRESS(host);
	bool is_ip = ip != NULL;

	ASN1_OCTET_STRING_free(ip);
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (is_ip ? X509_VERIFY_PARAM_set1_ip_asc(param, host) != 1
		  : X509_VERIFY_PARAM_set1_host(param, host, 0) != 1 ||
		    SSL_set_tlsext_host_name(ssl, host) != 1)
		return err_set(e, ERR_TLS, "%s cannot be the name in a certificate", host);
	return 0;
}

int
tls_new(struct tls **t_r, const char *host, const char *ca_file, int fd, struct err *e)
{
	struct tls *t = xcalloc(1, sizeof(*t));

	ERR_clear_error();
	t->ctx = SSL_CTX_new(TLS_client_method());
	if (t->ctx == NULL) {
		tls_free(&t);
		return err_set(e, ERR_TLS, "OpenSSL does not start");
	}
	SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(t->ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(
	    t->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, on_verify);
	if (trust(t->ctx, ca_file, e) != 0)
		goto fail;
	t->ssl = SSL_new(t->ctx);
	if (t->ssl == NULL || SSL_set_app_data(t->ssl, t) != 1 || SSL_set_fd(t->ssl, fd) != 1) {
		err_set(e, ERR_TLS, "OpenSSL does not start");
		goto fail;
	}
	if (expect_peer(t->ssl, host, e) != 0)
		goto fail;
	*t_r = t;
	return 0;
fail:
	tls_free(&t);
	return -1;
}

static void
add_separated(struct buf *out, struct slice word, size_t n)
{
	if (n > 0)
		buf_adds(out, ", ");
	clean_append(out, word, 80);
}

static void
add_common_name(struct buf *out, const X509_NAME *name)
{
	int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	unsigned char *utf8 = NULL;
	int n;

	if (at < 0)
		at = X509_NAME_get_index_by_NID(name, NID_organizationName, -1);
	if (at < 0) {
		buf_adds(out, "somebody without a name");
		return;
	}
	n = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	if (n >= 0)
		clean_append(out, (struct slice){(const char *)utf8, (size_t)n}, 80);
	OPENSSL_free(utf8);
}

static bool
add_alt_name(struct buf *out, const GENERAL_NAME *name, size_t n)
{
	struct slice s;

	if (name->type == GEN_DNS) {
		s.p = (const char *)ASN1_STRING_get0_data(name->d.dNSName);
		s.n = (size_t)ASN1_STRING_length(name->d.dNSName);
		add_separated(out, s, n);
		return true;
	}
	if (name->type == GEN_IPADD && ASN1_STRING_length(name->d.iPAddress) == 4) {
		const unsigned char *ip = ASN1_STRING_get0_data(name->d.iPAddress);

		buf_addf(out, "%s%u.%u.%u.%u", n > 0 ? ", " : "", ip[0], ip[1], ip[2], ip[3]);
		return true;
	}
	return false;
}

/* The names that a certificate is for: "mail.example.net, www.example.net". */
static void
add_names(struct buf *out, const X509 *cert)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	size_t n = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		if (n == MAX_NAMES) {
			buf_adds(out, ", …");
			break;
		}
		n += add_alt_name(out, sk_GENERAL_NAME_value(names, i), n);
	}
	GENERAL_NAMES_free(names);
	if (n == 0)
		add_common_name(out, X509_get_subject_name(cert));
}

static void
add_day(struct buf *out, const ASN1_TIME *t)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(t, &tm) != 1)
		buf_adds(out, "an unknown day");
	else
		buf_addf(out, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

static void
add_fingerprint(struct buf *out, const X509 *cert)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (X509_digest(cert, EVP_sha256(), digest, &n) != 1)
		return;
	buf_adds(out, " (SHA-256 ");
	for (unsigned i = 0; i < n; i++)
		buf_addf(out, "%s%02X", i > 0 ? ":" : "", digest[i]);
	buf_addc(out, ')');
}

static void
add_reason(struct buf *out, const struct tls *t, const char *host)
{
	buf_adds(out, "the certificate ");
	switch (t->why) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		buf_adds(out, "is for ");
		add_names(out, t->refused);
		buf_addf(out, ", not %s", host);
		break;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		buf_addf(out, "of %s expired on ", host);
		add_day(out, X509_get0_notAfter(t->refused));
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		buf_addf(out, "of %s is valid only from ", host);
		add_day(out, X509_get0_notBefore(t->refused));
		break;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		buf_addf(out, "of %s is self-signed", host);
		break;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		buf_addf(out, "of %s is issued by an unknown authority, ", host);
		add_common_name(out, X509_get_issuer_name(t->refused));
		break;
	default:
		buf_addf(
		    out, "of %s is not valid: %s", host, X509_verify_cert_error_string(t->why));
	}
}

static const char *
remedy(int why)
{
	switch (why) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return "if that is your server, write its name as the host in the configuration; "
		       "if "
		       "not, somebody is in between";
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return "ask whoever runs the server to renew it; check this machine's clock";
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return "check this machine's clock";
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return "compare the fingerprint with the server's; if it is right, save the "
		       "certificate "
		       "to a file (PEM) and set ca-file to it";
	default:
		return "if the server has an authority of its own, save that authority's "
		       "certificate to "
		       "a file (PEM) and set ca-file to it";
	}
}

int
tls_refused_words(const struct tls *t, const char *host, unsigned port, struct err *e)
{
	struct buf words = BUF_INIT;
	unsigned long code = ERR_get_error();

	if (t->refused != NULL) {
		add_reason(&words, t, host);
		add_fingerprint(&words, t->refused);
		err_set(e, ERR_TLS, "%s", buf_cstr(&words));
		buf_free(&words);
		return err_todo(e, "%s", remedy(t->why));
	}
	if (ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER) {
		err_set(e, ERR_TLS, "%s does not speak TLS on port %u", host, port);
		return err_todo(e,
		    "if the server wants STARTTLS there, write imap:// or smtp:// "
		    "in place of imaps:// or smtps://");
	}
	if (ERR_GET_REASON(code) == SSL_R_UNSUPPORTED_PROTOCOL ||
	    ERR_GET_REASON(code) == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION) {
		err_set(e, ERR_TLS, "%s speaks only TLS older than 1.2", host);
		return err_todo(e, "the server needs an update: older TLS can be broken");
	}
	if (code == 0)
		return err_set(
		    e, ERR_TLS, "%s closed the connection during the TLS handshake", host);
	return err_set(e, ERR_TLS, "TLS with %s failed: %s", host,
	    ERR_reason_error_string(code) == NULL ? "no reason given"
						  : ERR_reason_error_string(code));
}

char *
tls_words(const struct tls *t, const char *host)
{
	struct buf words = BUF_INIT;
	X509 *cert = SSL_get1_peer_certificate(t->ssl);

	buf_adds(&words, SSL_get_version(t->ssl));
	if (cert != NULL) {
		buf_addf(&words, ", certificate for %s until ", host);
		add_day(&words, X509_get0_notAfter(cert));
	}
	X509_free(cert);
	return buf_take(&words);
}

void
tls_free(struct tls **t)
{
	if (t == NULL || *t == NULL)
		return;
	SSL_free((*t)->ssl);
	SSL_CTX_free((*t)->ctx);
	X509_free((*t)->refused);
	free(*t);
	*t = NULL;
}
