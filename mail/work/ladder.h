/* Whom to write to about a domain, rung by rung, without asking the network. Pure. */
#ifndef WORK_LADDER_H
#define WORK_LADDER_H

#include "store/case.h"

#define LADDER_MAX 8

struct rung {
	const char *address; /* "" = a page only */
	const char *page;    /* of an MX operator, "" = none */
	const char *why;     /* what speaks for it */
	const char *mind;    /* what speaks against it: where it lives; "" = nothing known */
	bool is_down;        /* it lives on the very server that cannot be reached */
};

/* The best first: the user's contacts file (`known`, "" = not in it), the MX operator that
 * takes the domain's mail, postmaster@ the domain, the domain above it, whoever runs the
 * server that was seen in the report, abuse@ and hostmaster@ last. Returns how many. */
size_t ladder_make(
    struct arena *a, const struct detail *d, struct slice known, struct rung rungs[LADDER_MAX]);

/* Is the mail server of the domain out of reach, as the report tells? */
bool ladder_is_unreachable(enum cause c);

/* The mail server of the other side that the report names, lower case; "" if none. */
struct slice ladder_host(struct arena *a, const struct detail *d);

/* The domain that a name was registered as, as far as one can tell without a list of
 * all suffixes: mx1.mail.example.co.uk gives example.co.uk. "" for an IP address. */
struct slice ladder_registered(struct slice name);

#endif
