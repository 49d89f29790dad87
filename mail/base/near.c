#include "base/near.h"

#include <string.h>

#include "base/slice.h"

#define MAX_WORD 40

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Edits between a and b: insert, delete, replace, swap (optimal string alignment). */
static size_t
distance(const char *a, const char *b)
{
	size_t d[3][MAX_WORD + 1];
	size_t na = strlen(a);
	size_t nb = strlen(b);

	if (na > MAX_WORD || nb > MAX_WORD)
		return MAX_WORD;
	for (size_t j = 0; j <= nb; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t *row = d[i % 3];
		const size_t *up = d[(i + 2) % 3];
		const size_t *up2 = d[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			char x = ascii_lower(a[i - 1]);
			char y = ascii_lower(b[j - 1]);

			row[j] = least(up[j] + 1, row[j - 1] + 1, up[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == ascii_lower(b[j - 2]) &&
			    ascii_lower(a[i - 2]) == y && up2[j - 2] + 1 < row[j])
				row[j] = up2[j - 2] + 1;
		}
	}
	return d[na % 3][nb];
}

const char *
near_name(const char *word, const void *table, size_t n, size_t stride, size_t offset)
{
	size_t limit = strlen(word) < 4 ? 1 : strlen(word) / 3 + 1;
	const char *best = "";

	for (size_t i = 0; i < n; i++) {
		const char *const *name =
		    (const char *const *)((const char *)table + i * stride + offset);
		size_t edits = distance(word, *name);

		if (edits <= limit) {
			limit = edits;
			best = *name;
			if (edits == 0)
				break;
			limit--;
		}
	}
	return best;
}
