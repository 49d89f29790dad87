#include "net/mx.h"

#include <arpa/nameser.h>
#include <resolv.h>
#include <string.h>

#include "net/dns.h"

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
read_answer(const struct dns_answer *answer, struct mx_list *list)
{
	char host[MX_HOST_BYTES];
	ns_msg msg;
	ns_rr rr;

	if (ns_initparse(answer->bytes, (int)answer->n, &msg) != 0)
		return;
	for (int i = 0; i < ns_msg_count(msg, ns_s_an); i++) {
		if (ns_parserr(&msg, ns_s_an, i, &rr) != 0 || ns_rr_type(rr) != ns_t_mx ||
		    ns_rr_rdlen(rr) < 3)
			continue;
		if (dn_expand(ns_msg_base(msg), ns_msg_end(msg), ns_rr_rdata(rr) + 2, host,
			sizeof(host)) < 0)
			continue;
		if (host[0] == '\0' || strcmp(host, ".") == 0)
			list->answer = MX_NULL;
		else
			add(list, ns_get16(ns_rr_rdata(rr)), host);
	}
	if (list->n > 0)
		list->answer = MX_FOUND;
}

int
mx_lookup(const char *domain, const struct probe_options *o, struct mx_list *list_r, struct err *e)
{
	struct dns_answer answer;

	if (dns_ask(domain, ns_t_mx, o, &answer, e) != 0)
		return -1;
	*list_r = (struct mx_list){.answer = MX_IMPLICIT, .n = 0};
	if (answer.is_no_name) {
		list_r->answer = MX_NO_DOMAIN;
		return 0;
	}
	read_answer(&answer, list_r);
	if (list_r->answer == MX_IMPLICIT)
		add(list_r, 0, domain);
	return 0;
}
