#include "net/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "net/dns.h"
#include "net/mx.h"
#include "net/stream.h"

#define GREETING_BYTES 512 /* RFC 5321 4.5.3.1.5 */

struct probe {
	const struct probe_options *o;
	struct net_options net;
	probe_line_fn say;
	void *ctx;
	unsigned n_good, n_busy;
};

/* The first line of the greeting, without its end. -1 if none came. */
static int
read_greeting(struct stream *st, char line[GREETING_BYTES])
{
	size_t n = 0;

	while (n < GREETING_BYTES - 1) {
		ssize_t got = stream_read(st, line + n, GREETING_BYTES - 1 - n);
		char *end;

		if (got < 0)
			return -1;
		n += (size_t)got;
		line[n] = '\0';
		end = strpbrk(line, "\r\n");
		if (end != NULL) {
			*end = '\0';
			return 0;
		}
	}
	return 0;
}

static void
ask_host(struct probe *p, const char *host)
{
	int64_t begin = clock_mono_ms();
	struct stream *st = NULL;
	char line[GREETING_BYTES] = "";
	char words[GREETING_BYTES + 64];
	struct err e;
	bool is_good;

	if (stream_open(&st, host, p->o->smtp_port == 0 ? 25 : p->o->smtp_port, &p->net, &e) != 0) {
		p->say(p->ctx, host, e.text, false);
		return;
	}
	if (read_greeting(st, line) != 0) {
		p->say(p->ctx, host, stream_error(st)->text, false);
	} else {
		is_good = strncmp(line, "220", 3) == 0;
		p->n_good += is_good;
		p->n_busy += !is_good;
		snprintf(words, sizeof(words), "answers after %lld ms: %s",
		    (long long)(clock_mono_ms() - begin), line);
		p->say(p->ctx, host, words, is_good);
		(void)stream_write(
		    st, "QUIT\r\n", 6); /* out of manners: what comes back is no matter */
	}
	stream_free(&st);
}

static enum probe_verdict
ask_hosts(struct probe *p, const struct mx_list *list, struct err *e)
{
	char words[MX_HOST_BYTES + 64];

	for (size_t i = 0; i < list->n && i < PROBE_MAX_HOSTS; i++) {
		const char *host = list->mx[i].host;

		if (p->net.cancel != NULL && cancel_is_fired(p->net.cancel)) {
			err_set(e, ERR_CANCELLED, "cancelled");
			return PROBE_UNKNOWN;
		}
		if (list->answer == MX_FOUND)
			snprintf(words, sizeof(words), "%u %s", list->mx[i].preference, host);
		else
			snprintf(words, sizeof(words), "none; mail goes to %s itself", host);
		p->say(p->ctx, "MX", words, true);
		if (dns_is_name(host))
			ask_host(p, host);
		else
			p->say(p->ctx, host, "this is no host name", false);
	}
	return p->n_good > 0 ? PROBE_ANSWERS : p->n_busy > 0 ? PROBE_BUSY : PROBE_SILENT;
}

static enum probe_verdict
ask_domain(struct probe *p, const char *domain, struct err *e)
{
	struct mx_list list;

	if (mx_lookup(domain, p->o, &list, e) != 0)
		return PROBE_UNKNOWN;
	switch (list.answer) {
	case MX_NO_DOMAIN:
		p->say(p->ctx, "MX", "there is no such domain", false);
		return PROBE_NO_DOMAIN;
	case MX_NULL:
		p->say(p->ctx, "MX", "the domain says that it takes no mail (null MX, RFC 7505)",
		    false);
		return PROBE_NO_MAIL;
	default:
		return ask_hosts(p, &list, e);
	}
}

enum probe_verdict
probe_domain(
    struct slice domain, const struct probe_options *o, probe_line_fn say, void *ctx, struct err *e)
{
	struct probe p = {.o = o, .net = *o->net, .say = say, .ctx = ctx};
	char *name = dns_name(domain, e);
	enum probe_verdict verdict;

	if (name == NULL)
		return PROBE_UNKNOWN;
	p.net.timeout_s = PROBE_TIMEOUT_S;
	verdict = ask_domain(&p, name, e);
	free(name);
	return verdict;
}
