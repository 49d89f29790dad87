#include "work/again.h"

#include <inttypes.h>

#define FIRST_WAIT_S 300
#define MAX_WAIT_S 3600
#define SINCE "since "

bool
again_may_help(enum err_code code)
{
	switch (code) {
	case ERR_DNS:
	case ERR_CONNECT:
	case ERR_TLS:
	case ERR_LOGIN:
	case ERR_BUSY:
	case ERR_TIMEOUT:
	case ERR_CLOSED:
	case ERR_PROTOCOL:
		return true;
	default:
		return false;
	}
}

/* "confirmed again since 1764000000", before the tab */
static struct slice
before_why(struct slice words)
{
	size_t tab = slice_chr(words, '\t');

	return slice_sub(words, 0, tab == SLICE_NONE ? words.n : tab);
}

struct slice
again_marks(struct slice words)
{
	struct slice all = before_why(words);
	size_t at = slice_find(all, SINCE);

	return slice_trim(slice_sub(all, 0, at == SLICE_NONE ? all.n : at));
}

int64_t
again_since(struct slice words)
{
	struct slice all = before_why(words);
	size_t at = slice_find(all, SINCE);
	int64_t since = 0;

	if (at == SLICE_NONE)
		return 0;
	all = slice_from(all, at + sizeof(SINCE) - 1);
	for (size_t i = 0; i < all.n && i < 12 && ascii_isdigit(all.p[i]); i++)
		since = since * 10 + (all.p[i] - '0');
	return since;
}

const char *
again_words(struct arena *a, struct slice marks, int64_t since, const char *why)
{
	return arena_printf(a, "%.*s%s" SINCE "%" PRId64 "\t%s", SLICE_FMT(marks),
	    marks.n > 0 ? " " : "", since, why);
}

/* As long again as it was tried: 5, 5, 10, 20, 40 minutes, then each hour. A server that
 * names a shorter time is believed at first. */
int64_t
again_wait(int64_t tried_for, unsigned asked)
{
	int64_t wait = tried_for > MAX_WAIT_S ? MAX_WAIT_S : tried_for;

	if (wait < FIRST_WAIT_S)
		wait = asked > 0 ? asked : FIRST_WAIT_S;
	return asked > wait ? asked : wait;
}
