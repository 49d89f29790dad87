/* Certificates that must be refused, on a real Dovecot: no password leaves. */
#include "peers.h"

#include "net/imap.h"

struct row {
	const char *cert; /* of dovecot.sh */
	const char *ca;   /* file in DIR/tls; "" = the system's */
	const char *host;
	bool ok;
	const char *words;
	const char *todo;
};

static const struct row rows[] = {
    {"good", "ca.crt", "localhost", true, "", ""},
    {"good", "ca.crt", "127.0.0.1", true, "", ""},
    {"good", "", "localhost", false, "is issued by an unknown authority, ca", "ca-file"},
    {"wrong-name", "ca.crt", "localhost", false,
	"the certificate is for mail.example.net, not localhost", "write its name"},
    {"wrong-name", "ca.crt", "127.0.0.1", false,
	"the certificate is for mail.example.net, not 127.0.0.1", "write its name"},
    {"expired", "ca.crt", "localhost", false, "expired on 2021-01-01", "renew"},
    {"self-signed", "ca.crt", "localhost", false, "is self-signed", "ca-file"},
    {"self-signed", "self-signed.crt", "localhost", true, "", ""},
    {"unknown-ca", "ca.crt", "localhost", false, "unknown authority, other-ca", "ca-file"},
};

enum { GOOD, WRONG_NAME, EXPIRED, SELF_SIGNED, UNKNOWN_CA, N_CERTS };
static const char *const certs[N_CERTS] = {
    "good", "wrong-name", "expired", "self-signed", "unknown-ca"};
static struct peer servers[N_CERTS];
static bool is_here;

static struct peer *
server_with(const char *cert)
{
	for (size_t i = 0; i < N_CERTS; i++)
		if (strcmp(certs[i], cert) == 0)
			return &servers[i];
	fail_msg("no certificate %s", cert);
	return NULL;
}

static int
open_session(enum url_scheme scheme, const struct row *row, struct err *e)
{
	struct account a = {.name = "test"};
	struct net_options o = {.timeout_s = 20};
	struct peer *server = server_with(row->cert);
	struct imap *s = NULL;
	char ca[128];
	int r;

	snprintf(ca, sizeof(ca), "%s/tls/%s", server->dir, row->ca);
	o.ca_file = row->ca[0] == '\0' ? "" : ca;
	a.source = (struct url){.scheme = scheme,
	    .text = "",
	    .user = "bounces@example.org",
	    .password = "",
	    .host = row->host,
	    .port = peer_port(server, scheme == URL_IMAPS ? "IMAPS_PORT" : "IMAP_PORT"),
	    .path = ""};
	err_clear(e);
	r = imap_open(&s, &a, "secret", &o, e);
	imap_close(&s);
	return r;
}

static void
check(enum url_scheme scheme, const struct row *row)
{
	struct err e;
	int r = open_session(scheme, row, &e);

	if ((r == 0) != row->ok || strstr(e.text, row->words) == NULL ||
	    strstr(e.todo, row->todo) == NULL)
		fail_msg("%s by %s at %s: %d \"%s\" (%s)", row->cert, row->ca, row->host, r, e.text,
		    e.todo);
	if (r == 0)
		return;
	assert_int_equal(e.code, ERR_TLS);
	assert_non_null(strstr(e.text, "(SHA-256 "));
}

static void
test_certificates(void **state)
{
	(void)state;
	if (!is_here)
		skip();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check(URL_IMAPS, &rows[i]);
		check(URL_IMAP, &rows[i]);
	}
}

static void
test_ca_file_that_is_none(void **state)
{
	struct account a = {.name = "test"};
	struct net_options o = {.timeout_s = 5, .ca_file = "/nonexistent/ca.pem"};
	struct imap *s = NULL;
	struct err e;

	(void)state;
	if (!is_here)
		skip();
	a.source = (struct url){.scheme = URL_IMAPS,
	    .text = "",
	    .user = "x",
	    .password = "",
	    .host = "localhost",
	    .port = peer_port(&servers[GOOD], "IMAPS_PORT"),
	    .path = ""};
	assert_int_equal(imap_open(&s, &a, "secret", &o, &e), -1);
	assert_int_equal(e.code, ERR_CONF);
}

static int
setup(void **state)
{
	(void)state;
	net_init();
	is_here = true;
	for (size_t i = 0; i < N_CERTS && is_here; i++) {
		setenv("IMAP_CERT", certs[i], 1);
		is_here = dovecot_start(&servers[i]);
	}
	if (!is_here)
		print_message("skipped: Dovecot is not on this machine\n");
	return 0;
}

/* All at once: each takes a second to end. */
static int
teardown(void **state)
{
	pid_t pids[N_CERTS];

	(void)state;
	for (size_t i = 0; i < N_CERTS && is_here; i++)
		pids[i] = peer_script_start(&servers[i], "stop");
	for (size_t i = 0; i < N_CERTS; i++) {
		if (is_here)
			peer_wait(pids[i]);
		peer_remove(&servers[i]);
	}
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_certificates),
	    cmocka_unit_test(test_ca_file_that_is_none),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
