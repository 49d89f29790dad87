#include "work/ladder.h"

#include <string.h>

#include "base/clean.h"
#include "msg/addr.h"
#include "work/mx_operator.h"

bool
ladder_is_unreachable(enum cause c)
{
	return c == CAUSE_CONNECT_TIMEOUT || c == CAUSE_CONNECT_REFUSED || c == CAUSE_NO_ROUTE ||
	    c == CAUSE_CONN_DROP || c == CAUSE_DNS_TEMP || c == CAUSE_NO_DOMAIN ||
	    c == CAUSE_NULL_MX || c == CAUSE_TLS;
}

static bool
is_name_byte(char c)
{
	return ascii_isalpha(c) || ascii_isdigit(c) || c == '-' || c == '.' || c == '_';
}

/* A host name with a dot in it that is no IP address: all of its last label is letters. */
static bool
is_host(struct slice s)
{
	size_t dot = s.n;

	while (dot > 0 && s.p[dot - 1] != '.')
		dot--;
	if (dot < 2 || dot + 2 > s.n || s.n > 253)
		return false;
	dot--;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_name_byte(s.p[i]) ||
		    (i > dot && !ascii_isalpha(s.p[i]) && s.p[dot + 1] != 'x'))
			return false;
	}
	return true;
}

static struct slice
lower(struct arena *a, struct slice s)
{
	char *copy = arena_slicedup(a, s);

	for (char *p = copy; *p != '\0'; p++)
		*p = ascii_lower(*p);
	return slice_of(copy);
}

/* "mx1.example.org" of "connect to mx1.example.org[192.0.2.10]:25: …". */
static struct slice
host_before_bracket(struct slice text)
{
	for (size_t i = 1; i < text.n; i++) {
		size_t begin = i;

		if (text.p[i] != '[')
			continue;
		while (begin > 0 && is_name_byte(text.p[begin - 1]))
			begin--;
		if (is_host(slice_sub(text, begin, i - begin)))
			return slice_sub(text, begin, i - begin);
	}
	return SLICE_EMPTY;
}

struct slice
ladder_host(struct arena *a, const struct detail *d)
{
	struct slice ours = ladder_registered(d->report.reporting_mta);
	struct slice host = slice_trim(d->recipient.remote_mta);

	if (!is_host(host))
		host = host_before_bracket(d->recipient.diagnostic);
	/* Our own relay is the remote side of a report, too. */
	if (host.n == 0 || (ours.n > 0 && slice_ieq(ladder_registered(host), ours)))
		return SLICE_EMPTY;
	return lower(a, host);
}

/* The last `n` labels, all of the name if it has no more. */
static struct slice
last_labels(struct slice name, size_t n)
{
	size_t at = name.n;

	while (n > 0 && at > 0) {
		at--;
		while (at > 0 && name.p[at - 1] != '.')
			at--;
		n--;
	}
	return slice_from(name, at);
}

/* Second level names that many countries register below. */
static bool
is_shared_second(struct slice label)
{
	static const char *const names[] = {"co", "com", "net", "org", "gov", "edu", "ac", "ne",
	    "or", "go", "ad", "gr", "gob", "gouv", "nom", "asso", "ltd", "plc", "sch", "nhs", "id",
	    "mil"};

	return slice_iis_any(label, names, sizeof(names) / sizeof(names[0]));
}

struct slice
ladder_registered(struct slice name)
{
	struct slice two, second;
	size_t dot;

	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	if (!is_host(name))
		return SLICE_EMPTY;
	two = last_labels(name, 2);
	dot = slice_chr(two, '.');
	second = slice_sub(two, 0, dot);
	return two.n - dot - 1 == 2 && is_shared_second(second) ? last_labels(name, 3) : two;
}

struct ladder {
	struct arena *arena;
	struct rung *rungs;
	size_t n;
	struct slice domain;
	bool is_down; /* what lies in the domain cannot be reached */
};

static void
add(struct ladder *l, const char *address, const char *page, const char *why)
{
	struct slice at = addr_domain(slice_of(address));
	struct rung r = {.address = address, .page = page, .why = why, .mind = ""};

	if (l->n == LADDER_MAX || (address[0] != '\0' && !addr_is_wire_safe(slice_of(address))))
		return;
	for (size_t i = 0; i < l->n && address[0] != '\0'; i++) {
		if (addr_same(slice_of(l->rungs[i].address), slice_of(address)))
			return;
	}
	if (l->is_down && slice_ieq(at, l->domain)) {
		r.is_down = true;
		r.mind = "lives on the very server that cannot be reached";
	} else if (l->is_down && at.n > 0 &&
	    slice_ieq(ladder_registered(at), ladder_registered(l->domain))) {
		r.mind = "may live on the same server";
	}
	l->rungs[l->n++] = r;
}

static const char *
at_domain(struct ladder *l, const char *local, struct slice domain)
{
	return arena_printf(l->arena, "%s@%.*s", local, SLICE_FMT(domain));
}

static void
add_operator(struct ladder *l, struct slice host)
{
	const struct mx_operator *p = mx_operator_find(host, l->domain);

	if (p == NULL)
		return;
	add(l, p->address, p->page,
	    host.n > 0 ? arena_printf(l->arena, "%s takes mail for this domain (%s)", p->name,
			     clean(l->arena, host).s)
		       : arena_printf(l->arena, "%s takes mail for this domain", p->name));
}

size_t
ladder_make(
    struct arena *a, const struct detail *d, struct slice known, struct rung rungs[LADDER_MAX])
{
	struct slice domain = slice_of(d->row.domain);
	struct slice host = ladder_host(a, d);
	struct slice above = ladder_registered(domain), theirs = ladder_registered(host);
	struct ladder l = {.arena = a,
	    .rungs = rungs,
	    .domain = domain,
	    .is_down = ladder_is_unreachable(d->row.cause)};

	if (known.n > 0)
		add(&l, arena_slicedup(a, known), "", "your contacts file names it");
	add_operator(&l, host);
	add(&l, at_domain(&l, "postmaster", domain), "",
	    "every domain with mail has it (RFC 5321 4.5.1)");
	if (above.n > 0 && !slice_ieq(above, domain))
		add(&l, at_domain(&l, "postmaster", above), "", "the domain above it");
	if (theirs.n > 0 && mx_operator_find(host, domain) == NULL)
		add(&l, at_domain(&l, "postmaster", theirs), "",
		    arena_printf(a, "runs %s, the server in the report", clean(a, host).s));
	if (domain.n > 0 && domain.p[0] == '[') /* an address literal has no names */
		return l.n;
	add(&l, at_domain(&l, "hostmaster", domain), "", "whoever runs its names (RFC 2142)");
	add(&l, at_domain(&l, "abuse", domain), "", "last resort (RFC 2142)");
	return l.n;
}
