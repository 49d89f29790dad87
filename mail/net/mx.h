/* Which hosts take a domain's mail (RFC 5321 5.1). Private to this room. */
#ifndef NET_MX_H
#define NET_MX_H

#include "net/probe.h"

#define MX_MAX 8
#define MX_HOST_BYTES 256

enum mx_answer {
	MX_FOUND,
	MX_IMPLICIT,  /* no MX: the domain's own address takes it */
	MX_NULL,      /* takes no mail (RFC 7505) */
	MX_NO_DOMAIN, /* there is no such name */
};

struct mx_list {
	enum mx_answer answer;
	size_t n; /* by preference; with MX_IMPLICIT the domain itself */
	struct {
		unsigned preference;
		char host[MX_HOST_BYTES];
	} mx[MX_MAX];
};

/* -1: nobody could say (ERR_DNS, ERR_TIMEOUT, ERR_CANCELLED). `domain` is ASCII. */
int mx_lookup(
    const char *domain, const struct probe_options *o, struct mx_list *list_r, struct err *e);

#endif
