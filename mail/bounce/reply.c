/* What a server said: one text out of many lines, and its codes. */
#include "bounce/report_int.h"

/* "550-5.7.1 ", "550 5.7.1 ", "550-": length of the prefix that servers repeat on
 * every line, 0 if there is none. The reply code must be `code`. */
static size_t
prefix_len(struct slice s, const char code[3])
{
	size_t i = 4;

	if (s.n < 4 || memcmp(s.p, code, 3) != 0 || (s.p[3] != '-' && s.p[3] != ' '))
		return 0;
	if (i + 5 <= s.n && ascii_isdigit(s.p[i]) && s.p[i + 1] == '.') {
		size_t j = i;

		while (j < s.n && (ascii_isdigit(s.p[j]) || s.p[j] == '.'))
			j++;
		if (j - i >= 5 && j < s.n && s.p[j] == ' ')
			i = j + 1;
	} else if (s.p[3] == ' ')
		return 0; /* "550 " alone in mid-sentence may be another server's */
	return i;
}

/* Where the first reply code of a text stands, if it opens one. */
static const char *
opening_code(struct slice s)
{
	size_t max = s.n < 12 ? s.n : 12;

	for (size_t i = 0; i + 4 <= max; i++) {
		const char *p = s.p + i;

		if ((p[0] == '4' || p[0] == '5') && ascii_isdigit(p[1]) && ascii_isdigit(p[2]) &&
		    (i == 0 || !ascii_isdigit(p[-1])))
			return p;
	}
	return NULL;
}

struct slice
reply_join(struct arena *a, struct slice raw)
{
	struct slice s = slice_trim(raw);
	const char *code;
	bool was_blank = false;
	char *out;
	size_t n = 0;

	if (s.n > DIAGNOSTIC_MAX_BYTES)
		s.n = DIAGNOSTIC_MAX_BYTES;
	code = opening_code(s);
	out = arena_alloc(a, s.n + 1);
	for (size_t i = 0; i < s.n;) {
		bool blank = ascii_isspace(s.p[i]) || s.p[i] == '\0';
		size_t cut = 0;

		if (!blank && was_blank && code != NULL && s.p + i > code)
			cut = prefix_len(slice_from(s, i), code);
		if (cut > 0) {
			i += cut;
			continue;
		}
		if (blank && !was_blank && n > 0)
			out[n++] = ' ';
		if (!blank)
			out[n++] = s.p[i];
		was_blank = blank;
		i++;
	}
	while (n > 0 && out[n - 1] == ' ')
		n--;
	return (struct slice){out, n};
}

bool
reply_status_is_vague(struct slice status)
{
	struct status s;

	return status.n == 0 || !status_read(status, &s) || status_is_vague(s);
}

/* The best code of a text: one that says something beats X.0.0, the first of
 * equals wins. Class 2 counts only when there is nothing else. */
static struct slice
best_status(struct slice text)
{
	struct slice rest = text;
	struct slice best = SLICE_EMPTY;
	int best_rank = 0;
	struct slice at;
	struct status s;

	while (status_find(&rest, &s, &at)) {
		int rank = s.class == 2 ? 1 : status_is_vague(s) ? 2 : 3;

		if (rank > best_rank) {
			best = at;
			best_rank = rank;
		}
		if (rank == 3)
			break;
	}
	return best;
}

void
reply_read(struct slice text, struct said *s)
{
	struct slice rest = text;
	struct slice at;
	unsigned code;

	s->text = text;
	s->status = best_status(text);
	s->reply = SLICE_EMPTY;
	while (status_find_reply(&rest, &code, &at)) {
		s->reply = at;
		/* "554 4.4.7 Message expired <421 4.4.2 …>": the one beside the best code */
		if (s->status.n == 0 || at.p > s->status.p ||
		    (size_t)(s->status.p - (at.p + at.n)) <= 2)
			break;
	}
}
