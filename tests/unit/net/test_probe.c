/* The probe against a name server and mail servers on loopback. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/probe.h"

#define SILENT "silent"

static int
bound(int type, unsigned *port_r)
{
	struct sockaddr_in sa = {.sin_family = AF_INET};
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, type, 0);

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	*port_r = ntohs(sa.sin_port);
	return fd;
}

/* Labels of a name, with their lengths; returns the bytes. */
static size_t
put_name(unsigned char *out, const char *name)
{
	size_t n = 0;

	while (*name != '\0') {
		size_t len = strcspn(name, ".");

		out[n++] = (unsigned char)len;
		memcpy(out + n, name, len);
		n += len;
		name += len + (name[len] == '.');
	}
	out[n++] = 0;
	return n;
}

struct zone {
	int fd;
	const char *host; /* "" = null MX, NULL = no such domain */
	bool is_broken;   /* the answer ends in the middle */
	char asked[256];  /* the name, as it came */
};

static void *
serve_names(void *ctx)
{
	struct zone *z = ctx;
	unsigned char m[512];
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(z->fd, m, sizeof(m) - 200, 0, (struct sockaddr *)&from, &len);
	size_t at = 12;
	unsigned char *rr;
	size_t name;

	if (n < 17)
		return NULL;
	while (m[at] != 0) {
		snprintf(z->asked + strlen(z->asked), sizeof(z->asked) - strlen(z->asked), "%s%.*s",
		    z->asked[0] != '\0' ? "." : "", m[at], (const char *)m + at + 1);
		at += m[at] + 1u;
	}
	at += 5;
	m[2] |= 0x80;
	m[3] = z->host == NULL ? 3 : 0;
	m[7] = z->host == NULL ? 0 : 1;
	m[8] = m[9] = m[10] = m[11] = 0;
	if (z->host != NULL) {
		rr = m + at;
		memcpy(rr, "\xc0\x0c\x00\x0f\x00\x01\x00\x00\x00\x3c\x00\x00\x00\x0a", 14);
		name = put_name(rr + 14, z->host);
		rr[11] = (unsigned char)(name + 2);
		at += z->is_broken ? 13 : 14 + name;
	}
	sendto(z->fd, m, at, 0, (struct sockaddr *)&from, len);
	return NULL;
}

struct greeter {
	int fd;
	const char *greeting;
	char heard[64];
};

static void *
serve_mail(void *ctx)
{
	struct greeter *g = ctx;
	int client = accept(g->fd, NULL, NULL);
	ssize_t n;

	if (client < 0)
		return NULL;
	if (write(client, g->greeting, strlen(g->greeting)) > 0 &&
	    (n = read(client, g->heard, sizeof(g->heard) - 1)) > 0)
		g->heard[n] = '\0';
	close(client);
	return NULL;
}

static void
gather(void *ctx, const char *what, const char *words, bool is_good)
{
	buf_addf(ctx, "%s %s: %s\n", is_good ? "ok" : "fail", what, words);
}

static enum probe_verdict
probed(const char *domain, struct zone *z, const char *greeting, struct buf *lines, char heard[64])
{
	struct net_options net = {.timeout_s = 10, .ca_file = ""};
	struct probe_options o = {.net = &net, .nameserver = "127.0.0.1"};
	struct greeter g = {.greeting = greeting, .heard = ""};
	pthread_t names, mail;
	enum probe_verdict v;
	struct err e;

	z->fd = bound(SOCK_DGRAM, &o.dns_port);
	g.fd = bound(SOCK_STREAM, &o.smtp_port);
	if (strcmp(greeting, SILENT) != 0)
		assert_int_equal(listen(g.fd, 1), 0);
	pthread_create(&names, NULL, serve_names, z);
	pthread_create(&mail, NULL, serve_mail, &g);
	v = probe_domain(slice_of(domain), &o, gather, lines, &e);
	if (v == PROBE_UNKNOWN)
		buf_adds(lines, e.text);
	shutdown(z->fd, SHUT_RDWR);
	shutdown(g.fd, SHUT_RDWR);
	pthread_join(names, NULL);
	pthread_join(mail, NULL);
	close(z->fd);
	close(g.fd);
	snprintf(heard, 64, "%s", g.heard);
	return v;
}

static void
test_what_is_found_out(void **state)
{
	static const struct {
		const char *name, *domain, *host, *greeting;
		bool is_broken;
		enum probe_verdict want;
		const char *words;
	} rows[] = {
	    {"answers", "a.test", "127.0.0.1", "220 mx ESMTP\r\n", false, PROBE_ANSWERS,
		"220 mx ESMTP"},
	    {"busy", "a.test", "127.0.0.1", "554 go away\r\n", false, PROBE_BUSY, "554 go away"},
	    {"refused", "a.test", "127.0.0.1", SILENT, false, PROBE_SILENT, "refused"},
	    {"null mx", "a.test", "", SILENT, false, PROBE_NO_MAIL, "takes no mail"},
	    {"no domain", "a.test", NULL, SILENT, false, PROBE_NO_DOMAIN, "no such domain"},
	    {"no host name", "a.test", "a;b", SILENT, false, PROBE_SILENT, "no host name"},
	    {"broken answer", "a.test", "127.0.0.1", SILENT, true, PROBE_UNKNOWN, "name server"},
	    {"hostile domain", "a b;.test", "127.0.0.1", SILENT, false, PROBE_UNKNOWN, "no domain"},
	};

	(void)state;
	net_init();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf lines = BUF_INIT;
		char heard[64];
		struct zone z = {.host = rows[i].host, .is_broken = rows[i].is_broken};
		enum probe_verdict v = probed(rows[i].domain, &z, rows[i].greeting, &lines, heard);

		if (v != rows[i].want || strstr(buf_cstr(&lines), rows[i].words) == NULL)
			fail_msg("%s: verdict %d, not %d: %s", rows[i].name, (int)v,
			    (int)rows[i].want, buf_cstr(&lines));
		/* No envelope, ever. */
		assert_true(heard[0] == '\0' || strcmp(heard, "QUIT\r\n") == 0);
		buf_free(&lines);
	}
}

static void
test_names_beyond_ascii(void **state)
{
	static const struct {
		const char *domain, *asked;
	} rows[] = {
	    {"b\xc3\xbc"
	     "cher.test",
		"xn--bcher-kva.test"},
	    {"B\xc3\x9c"
	     "CHER.Test",
		"xn--bcher-kva.test"},
	    {"\xe4\xbe\x8b\xe3\x81\x88.\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88",
		"xn--r8jz45g.xn--zckzah"},
	    {"stra\xc3\x9f"
	     "e.test",
		"xn--strae-oqa.test"},
	    {"xn--bcher-kva.test", "xn--bcher-kva.test"},
	    {"b\xc3"
	     "cher.test",
		""},
	    {"\xe2\x80\xae.test", ""},
	};

	(void)state;
	net_init();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf lines = BUF_INIT;
		char heard[64];
		struct zone z = {.host = NULL};
		enum probe_verdict v = probed(rows[i].domain, &z, SILENT, &lines, heard);

		assert_string_equal(z.asked, rows[i].asked);
		assert_int_equal(v, rows[i].asked[0] != '\0' ? PROBE_NO_DOMAIN : PROBE_UNKNOWN);
		buf_free(&lines);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_is_found_out),
	    cmocka_unit_test(test_names_beyond_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
