/* Who takes mail for the domains of others, and where a sender is heard. Pure. */
#ifndef WORK_MX_OPERATOR_H
#define WORK_MX_OPERATOR_H

#include "base/slice.h"

struct mx_operator {
	const char *name;
	const char *hosts;   /* endings of their servers' names, a blank between them */
	const char *domains; /* of their own customers */
	const char *page;
	const char *address; /* "" = the page only */
};

/* By the name of the server or the recipient's domain; NULL if none is known. */
const struct mx_operator *mx_operator_find(struct slice host, struct slice domain);

#endif
