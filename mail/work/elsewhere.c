#include "work/elsewhere.h"

#include <stdio.h>
#include <string.h>

#include "work/keywords.h"

/* Is the word among words that stand apart by blanks? */
static bool
has_word(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = words; (p = strstr(p, word)) != NULL; p++) {
		if ((p == words || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
			return true;
	}
	return false;
}

static bool
has_name(const struct buf *names, struct slice name)
{
	struct slice rest = buf_slice(names);

	while (rest.n > 0) {
		if (slice_is(name, rest.p))
			return true;
		rest = slice_from(rest, strlen(rest.p) + 1);
	}
	return false;
}

static void
add_name(struct buf *names, struct slice name)
{
	buf_addslice(names, name);
	buf_addc(names, '\0');
}

void
elsewhere_add(struct elsewhere *x, const struct told *told)
{
	bool is_sent = told->is_sent || (told->is_part && !told->is_shared);

	if (told->n_again > x->n_again)
		x->n_again = told->n_again;
	if (told->is_final && told->name.n > 0 && !has_name(&x->ends, told->name)) {
		add_name(&x->ends, told->name);
		x->n_ends++;
	}

	if (told->is_last) {
		x->has_last = true;
		x->is_last_final = told->is_final;
		x->is_last_sent = x->is_last_sent || is_sent;
		x->is_last_shared =
		    x->is_last_shared || told->is_part || (told->is_perhaps && told->has_others);
		x->is_last_perhaps = x->is_last_perhaps || told->is_perhaps;
		snprintf(x->last, sizeof(x->last), "%.*s", SLICE_FMT(told->name));
	} else if (is_sent || told->is_part || told->is_perhaps) {
		x->is_marked = true;
		x->is_shared = x->is_shared || (!is_sent && (told->is_part || told->has_others));
		add_name(&x->marked, told->name);
	}
}

/* Several went out at once: the end of one is not that of the others.
 * Else: it names a resend, and none that failed before what the keywords tell of; and it says
 * what became of that one. */
static bool
is_last_later(const struct elsewhere *x)
{
	if (x->last[0] == '\0' || !x->is_last_final || x->n_ends <= x->n_again)
		return false;
	return !has_name(&x->marked, slice_of(x->last));
}

enum sent_before
elsewhere_end(struct elsewhere *x)
{
	enum sent_before before = SENT_BEFORE_NOT;

	if (x->is_last_sent)
		before = SENT_BEFORE_YES;
	else if (x->is_last_shared)
		before = SENT_BEFORE_SHARED;
	else if (x->is_last_perhaps)
		before = SENT_BEFORE_PERHAPS;
	else if (x->has_last && x->is_marked && !is_last_later(x))
		before = x->is_shared ? SENT_BEFORE_SHARED : SENT_BEFORE_PERHAPS;
	buf_free(&x->marked);
	buf_free(&x->ends);
	return before;
}

struct looking {
	struct elsewhere x;
	char part[KEYWORD_PART_BYTES];
	const struct handled *h;
	const char *own;
	struct sent_told *told;
};

static bool
is_claimed(const char *keywords, const char *own)
{
	size_t n = strlen(own);

	for (const char *p = keywords; (p = strstr(p, KEYWORD_SENDING)) != NULL; p++) {
		if (n == 0 || strncmp(p, own, n) != 0 || (p[n] != ' ' && p[n] != '\0'))
			return true;
	}
	return false;
}

static void
add(void *ctx, const struct cache_sent *sent)
{
	struct looking *l = ctx;
	unsigned n_again = keywords_again(sent->keywords);
	struct told told = {
	    .name = sent->name,
	    .is_last = sent->is_last,
	    .is_final = sent->state != STATE_TRYING,
	    .is_sent = has_word(sent->keywords, keyword_of(HANDLING_RESENT)),
	    .is_part = has_word(sent->keywords, l->part),
	    .is_shared = sent->is_shared,
	    .is_perhaps = has_word(sent->keywords, KEYWORD_PERHAPS),
	    .has_others = sent->has_others,
	    .n_again = n_again,
	};

	elsewhere_add(&l->x, &told);
	if (l->h != NULL && told.is_final && handled_is_named(l->h, sent->name)) {
		if (sent->state != STATE_DELIVERED)
			l->told->end = TOLD_FAILED;
		else if (l->told->end == TOLD_NO_END)
			l->told->end = TOLD_DELIVERED;
	}
	if (n_again > l->told->n_again)
		l->told->n_again = n_again;
	l->told->is_claimed = l->told->is_claimed || is_claimed(sent->keywords, l->own);
}

int
elsewhere_look(struct cache *c, const case_id *id, const struct handled *h, const char *own,
    struct sent_told *told_r, struct err *e)
{
	struct looking l = {
	    .x = {.marked = BUF_INIT, .ends = BUF_INIT}, .h = h, .own = own, .told = told_r};
	int r;

	*told_r = (struct sent_told){.n_again = 0};
	(void)keyword_part(l.part, id);
	r = cache_sent(c, id, add, &l, e);
	told_r->is_named = l.x.last[0] != '\0' && l.x.is_last_final;
	told_r->before = elsewhere_end(&l.x);
	return r;
}
