#include "net/mx.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/wake.h"
#include "net/dial.h"

#define ANSWER_BYTES 8192

/* Shared with the helper thread; whoever leaves last frees it. */
struct lookup {
	char *domain;
	char *nameserver;
	unsigned port;
	struct wake done;
	atomic_int n_users;
	int failed; /* of netdb's h_errno, 0 = none */
	struct mx_list list;
};

static void
leave(struct lookup *l)
{
	if (atomic_fetch_sub(&l->n_users, 1) != 1)
		return;
	wake_close(&l->done);
	free(l->domain);
	free(l->nameserver);
	free(l);
}

static void
add(struct mx_list *list, unsigned preference, const char *host)
{
	size_t at = list->n;

	if (list->n == MX_MAX)
		return;
	while (at > 0 && list->mx[at - 1].preference > preference) {
		list->mx[at] = list->mx[at - 1];
		at--;
	}
	list->mx[at].preference = preference;
	strncpy(list->mx[at].host, host, MX_HOST_BYTES - 1);
	list->mx[at].host[MX_HOST_BYTES - 1] = '\0';
	list->n++;
}

static void
read_answer(struct lookup *l, const unsigned char *answer, int n)
{
	char host[MX_HOST_BYTES];
	ns_msg msg;
	ns_rr rr;

	if (ns_initparse(answer, n, &msg) != 0) {
		l->failed = NO_RECOVERY;
		return;
	}
	for (int i = 0; i < ns_msg_count(msg, ns_s_an); i++) {
		if (ns_parserr(&msg, ns_s_an, i, &rr) != 0 || ns_rr_type(rr) != ns_t_mx ||
		    ns_rr_rdlen(rr) < 3)
			continue;
		if (dn_expand(ns_msg_base(msg), ns_msg_end(msg), ns_rr_rdata(rr) + 2, host,
			sizeof(host)) < 0)
			continue;
		if (host[0] == '\0' || strcmp(host, ".") == 0)
			l->list.answer = MX_NULL;
		else
			add(&l->list, ns_get16(ns_rr_rdata(rr)), host);
	}
	if (l->list.n > 0)
		l->list.answer = MX_FOUND;
	else if (l->list.answer != MX_NULL)
		l->failed = NO_DATA;
}

static void
use_nameserver(struct __res_state *state, const struct lookup *l)
{
	if (l->nameserver[0] == '\0')
		return;
	state->nscount = 1;
	state->nsaddr_list[0].sin_family = AF_INET;
	state->nsaddr_list[0].sin_port = htons((uint16_t)(l->port == 0 ? 53 : l->port));
	inet_pton(AF_INET, l->nameserver, &state->nsaddr_list[0].sin_addr);
}

static void *
run(void *ctx)
{
	struct lookup *l = ctx;
	unsigned char answer[ANSWER_BYTES];
	struct __res_state state;
	int n = -1;

	memset(&state, 0, sizeof(state));
	if (res_ninit(&state) != 0) {
		l->failed = TRY_AGAIN;
	} else {
		use_nameserver(&state, l);
		state.retrans = 2;
		state.retry = 2;
		n = res_nquery(&state, l->domain, ns_c_in, ns_t_mx, answer, sizeof(answer));
		if (n < 0)
			l->failed = state.res_h_errno;
		else
			read_answer(l, answer, n < ANSWER_BYTES ? n : ANSWER_BYTES);
		res_nclose(&state);
	}
	wake_up(&l->done);
	leave(l);
	return NULL;
}

static int
take(const struct lookup *l, struct mx_list *list_r, struct err *e)
{
	*list_r = l->list;
	switch (l->failed) {
	case 0:
		return 0;
	case NO_DATA:
		list_r->answer = MX_IMPLICIT;
		add(list_r, 0, l->domain);
		return 0;
	case HOST_NOT_FOUND:
		list_r->answer = MX_NO_DOMAIN;
		return 0;
	default:
		err_set(e, ERR_DNS, "no name server answered for %s", l->domain);
		return err_todo(e, "theirs may be down, or this machine's: try another domain");
	}
}

int
mx_lookup(const char *domain, const struct probe_options *o, struct mx_list *list_r, struct err *e)
{
	struct lookup *l = xcalloc(1, sizeof(*l));
	int r;

	l->domain = xstrdup(domain);
	l->nameserver = xstrdup(o->nameserver);
	l->port = o->dns_port;
	atomic_init(&l->n_users, 2);
	wake_open(&l->done);
	r = beside_start(run, l, l->domain, e);
	if (r != 0)
		atomic_store(&l->n_users, 1);
	else
		r = beside_wait(l->done.read_fd, PROBE_TIMEOUT_S, o->net, l->domain, e);
	if (r == 0)
		r = take(l, list_r, e);
	leave(l);
	return r;
}
