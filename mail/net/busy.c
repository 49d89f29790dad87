#include "net/busy.h"

#define MAX_WAIT_S 3600

static const struct {
	const char *says; /* lower case */
	bool at_login_only;
} rows[] = {
    /* RFC 5530 3; [THROTTLED] is Gmail's and Yahoo's */
    {"[unavailable]", false},
    {"[inuse]", false},
    {"[throttled]", false},
    {"[limit]", true},
    /* Gmail */
    {"too many simultaneous connections", false},
    {"exceeded command or bandwidth limits", false},
    {"too many login attempts", true},
    /* Microsoft 365 */
    {"server busy", false},
    {"request is throttled", false},
    {"suggested backoff time", false},
    {"user is authenticated but not connected", false},
    {"concurrent connections limit exceeded", false},
    {"sender thread limit exceeded", false},
    {"submission quota exceeded", false},
    /* Dovecot, Cyrus, Postfix, and many a relay */
    {"too many connections", false},
    {"maximum number of connections", false},
    {"temporary authentication failure", true},
    {"temporary server error", false},
    {"rate limit", false},
    {"454 4.7.0", true},
};

bool
busy_is(struct slice words, bool at_login)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if ((at_login || !rows[i].at_login_only) &&
		    slice_ifind(words, rows[i].says) != SLICE_NONE)
			return true;
	}
	return false;
}

/* A number as it stands behind the words; over the limit it is the limit. */
static unsigned
number_behind(struct slice words, const char *name, struct slice *rest)
{
	size_t at = slice_ifind(words, name);
	unsigned n = 0;
	size_t i = 0;

	*rest = SLICE_EMPTY;
	if (at == SLICE_NONE)
		return 0;
	words = slice_trim(slice_from(words, at + strlen(name)));
	for (; i < words.n && ascii_isdigit(words.p[i]) && n <= MAX_WAIT_S * 1000u; i++)
		n = n * 10 + (unsigned)(words.p[i] - '0');
	for (; i < words.n && ascii_isdigit(words.p[i]); i++)
		;
	*rest = slice_trim(slice_from(words, i));
	return n;
}

unsigned
busy_wait_s(struct slice words)
{
	static const char *const names[] = {
	    "backoff time:", "try again in", "try again after", "retry after", "retry in"};
	unsigned n = 0;
	struct slice unit = SLICE_EMPTY;

	for (size_t i = 0; n == 0 && i < sizeof(names) / sizeof(names[0]); i++)
		n = number_behind(words, names[i], &unit);
	if (slice_istarts(unit, "ms") || slice_istarts(unit, "milli"))
		n = n / 1000 + (n % 1000 != 0);
	else if (slice_istarts(unit, "min"))
		n = n > MAX_WAIT_S / 60 ? MAX_WAIT_S : n * 60;
	else if (slice_istarts(unit, "hour"))
		n = n > 0 ? MAX_WAIT_S : 0;
	else if (unit.n > 0 && slice_istarts(unit, "day"))
		n = n > 0 ? MAX_WAIT_S : 0;
	return n > MAX_WAIT_S ? MAX_WAIT_S : n;
}
