/* Whom a domain names itself, told by a name server on loopback. */
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

#include "base/buf.h"
#include "net/net.h"
#include "net/probe.h"

#define TYPE_SOA 6
#define TYPE_TXT 16

struct record {
	const char *name;
	unsigned type;
	bool is_authority; /* it comes along with a negative answer */
	const char *text;  /* RNAME as labels with '/' between them, or the strings of a TXT */
};

struct zone {
	int fd;
	const struct record *records; /* until one without a name */
	bool is_cut;
};

static size_t
put_labels(unsigned char *out, const char *name, char separator)
{
	size_t n = 0;

	while (*name != '\0') {
		const char *end = strchr(name, separator);
		size_t len = end == NULL ? strlen(name) : (size_t)(end - name);

		out[n++] = (unsigned char)len;
		memcpy(out + n, name, len);
		n += len;
		name += len + (end != NULL);
	}
	out[n++] = 0;
	return n;
}

/* Each '/' begins another string. */
static size_t
put_rdata(unsigned char *out, const struct record *r)
{
	size_t n = 0;

	if (r->type == TYPE_TXT) {
		n = put_labels(out, r->text, '/');
		return n - 1;
	}
	n = put_labels(out, "ns.test", '.');
	n += put_labels(out + n, r->text, '/');
	memset(out + n, 0, 20);
	return n + 20;
}

static size_t
answer(const struct zone *z, unsigned char *m, size_t end)
{
	for (const struct record *r = z->records; r->name != NULL; r++) {
		unsigned char wanted[256];
		size_t n = put_labels(wanted, r->name, '.'), rd;
		unsigned char *rr = m + end;

		if (m[12 + n + 1] != r->type || memcmp(m + 12, wanted, n) != 0)
			continue;
		m[r->is_authority ? 9 : 7] = 1;
		memcpy(rr, "\xc0\x0c\x00\x00\x00\x01\x00\x00\x00\x3c", 10);
		rr[3] = (unsigned char)r->type;
		rd = put_rdata(rr + 12, r);
		rr[10] = (unsigned char)(rd >> 8);
		rr[11] = (unsigned char)rd;
		return end + (z->is_cut ? 14 : 12 + rd);
	}
	return end;
}

static void *
serve(void *ctx)
{
	const struct zone *z = ctx;

	for (;;) {
		unsigned char m[2048];
		struct sockaddr_in from;
		socklen_t len = sizeof(from);
		ssize_t got = recvfrom(z->fd, m, 512, 0, (struct sockaddr *)&from, &len);
		size_t end = 12;

		if (got < 17)
			return NULL; /* the test ends it so */
		while (m[end] != 0)
			end += m[end] + 1u;
		end += 5;
		m[2] |= 0x84; /* authoritative: nothing is an answer, too */
		memset(m + 6, 0, 6);
		end = answer(z, m, end);
		sendto(z->fd, m, end, 0, (struct sockaddr *)&from, len);
	}
}

static void
gather(void *ctx, const char *what, const char *words, bool is_good)
{
	(void)is_good;
	buf_addf(ctx, "%s %s\n", what, words);
}

static int
published(const char *domain, const struct record *records, bool is_cut, struct buf *lines)
{
	struct net_options net = {.timeout_s = 10, .ca_file = ""};
	struct probe_options o = {.net = &net, .nameserver = "127.0.0.1"};
	struct sockaddr_in sa = {.sin_family = AF_INET};
	socklen_t len = sizeof(sa);
	struct zone z = {.records = records, .is_cut = is_cut};
	pthread_t thread;
	struct err e;
	int r;

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	z.fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(z.fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(getsockname(z.fd, (struct sockaddr *)&sa, &len), 0);
	o.dns_port = ntohs(sa.sin_port);
	pthread_create(&thread, NULL, serve, &z);
	r = probe_published(slice_of(domain), &o, gather, lines, &e);
	assert_int_equal(sendto(z.fd, "end", 3, 0, (struct sockaddr *)&sa, sizeof(sa)), 3);
	pthread_join(thread, NULL);
	close(z.fd);
	return r;
}

static void
test_who_is_named(void **state)
{
	static const struct {
		struct record records[4];
		bool is_cut;
		const char *want;
	} rows[] = {
	    {{{"a.test", TYPE_SOA, false, "hostmaster/a/test"}}, false, "SOA hostmaster@a.test\n"},
	    {{{"a.test", TYPE_SOA, true, "john.doe/dns/test"}}, false, "SOA john.doe@dns.test\n"},
	    {{{"a.test", TYPE_SOA, false, "hostmaster/a/test"},
		 {"_smtp._tls.a.test", TYPE_TXT, false, "v=TLSRPTv1; rua=mailto:tls@a.test"},
		 {"_dmarc.a.test", TYPE_TXT, false,
		     "v=DMARC1; p=none; ru/a=https://x.test/d,mailto:d@b.test!10m, "
		     "mailto:e@b.test"}},
		false,
		"SOA hostmaster@a.test\nTLSRPT tls@a.test\nDMARC d@b.test\nDMARC e@b.test\n"},
	    {{{"_dmarc.a.test", TYPE_TXT, false, "v=spf1 rua=mailto:x@a.test"}}, false, ""},
	    {{{"_dmarc.a.test", TYPE_TXT, false, "v=DMARC1; rua=mailto:x y\r\n@a.test"}}, false,
		""},
	    {{{"a.test", TYPE_SOA, false, "nodot"}}, false, ""},
	    {{{"a.test", TYPE_SOA, false, "hostmaster/a/test"}}, true, NULL},
	    {{{NULL, 0, false, NULL}}, false, ""},
	};

	(void)state;
	net_init();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf lines = BUF_INIT;
		int r = published("a.test", rows[i].records, rows[i].is_cut, &lines);

		/* What is cut off may be no answer at all, but never an address. */
		if (rows[i].want != NULL)
			assert_int_equal(r, 0);
		assert_string_equal(buf_cstr(&lines), rows[i].want != NULL ? rows[i].want : "");
		buf_free(&lines);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_who_is_named)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
