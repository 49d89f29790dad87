/* The timeline as letters. */
#include <stdlib.h>

#include "store/cache_sql.h"

#define MAX_LETTERS 16 /* what a column of a list has room for; the newest are kept */

struct step {
	char letter;
	int64_t at;
};

/* "o@1764000000 " off the rest; false at the end. */
static bool
take_step(const char **rest, struct step *s)
{
	const char *p = *rest;
	char *end;

	*s = (struct step){'\0', 0};
	while (*p == ' ')
		p++;
	if (*p == '\0')
		return false;
	s->letter = *p++;
	if (*p == '@') {
		s->at = strtoll(p + 1, &end, 10);
		p = end;
	}
	while (*p != '\0' && *p != ' ')
		p++;
	*rest = p;
	return true;
}

void
trail_merge(struct buf *out, const char *told, const char *done)
{
	struct step a;
	struct step b;
	bool has_a = take_step(&told, &a);
	bool has_b = take_step(&done, &b);
	struct buf letters = BUF_INIT;
	size_t first;

	while (has_a || has_b) {
		/* What was told at the moment of an action came before it. */
		if (has_a && (!has_b || a.at <= b.at)) {
			buf_addc(&letters, a.letter);
			has_a = take_step(&told, &a);
		} else {
			buf_addc(&letters, b.letter);
			has_b = take_step(&done, &b);
		}
	}
	first = letters.len > MAX_LETTERS ? letters.len - MAX_LETTERS : 0;
	for (size_t i = first; i < letters.len; i++) {
		if (i > first)
			buf_addc(out, '-');
		buf_addc(out, letters.data[i]);
	}
	buf_free(&letters);
}

bool
trail_next(const char **rest, char *letter, int64_t *at)
{
	struct step s;

	if (!take_step(rest, &s))
		return false;
	*letter = s.letter;
	*at = s.at;
	return true;
}
