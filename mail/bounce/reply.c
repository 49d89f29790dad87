/* What a server said: one text out of many lines, and its codes. */
#include "bounce/report_int.h"
#include "msg/coding.h"

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

/* So much of a text as one diagnostic may have, not cut within a character. */
static struct slice
diagnostic_part(struct slice s)
{
	size_t n = DIAGNOSTIC_MAX_BYTES;

	if (s.n <= n)
		return s;
	while (n > DIAGNOSTIC_MAX_BYTES - 3 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return slice_sub(s, 0, n);
}

struct slice
reply_join(struct arena *a, struct slice raw)
{
	struct slice s = diagnostic_part(slice_trim(raw));
	const char *code;
	bool was_blank = false;
	char *out;
	size_t n = 0;

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
		was_blank = blank;
		if (!blank) {
			out[n++] = s.p[i];
			for (; i + 1 < s.n && (unsigned char)s.p[i + 1] > ' '; i++)
				out[n++] = s.p[i + 1];
		}
		i++;
	}
	while (n > 0 && out[n - 1] == ' ')
		n--;
	/* The report part has no charset, and servers answer in any. */
	return coding_to_utf8(a, (struct slice){out, n}, SLICE_EMPTY);
}

unsigned
reply_telling(struct slice code)
{
	struct status s;

	if (code.n == 0 || !status_read(code, &s))
		return 0;
	if (s.class == 2)
		return 1;
	if (s.subject == 0 && s.detail == 0)
		return 2;
	if (s.subject == 4 && s.detail == 7)
		return 3; /* time ran out: what for, another code says */
	if (s.detail == 0)
		return 4;
	return s.subject == 7 && s.detail == 1 ? 5 : REPLY_TELLING;
}

/* The best code of a text: one that says something beats X.0.0, the first of
 * equals wins. Class 2 counts only when there is nothing else. */
static struct slice
best_status(struct slice text)
{
	struct slice rest = text;
	struct slice best = SLICE_EMPTY;
	unsigned best_rank = 0;
	struct slice at;
	struct status s;

	while (best_rank < REPLY_TELLING && status_find(&rest, &s, &at)) {
		unsigned rank = reply_telling(at);

		if (rank > best_rank) {
			best = at;
			best_rank = rank;
		}
	}
	return best;
}

/* Words behind a number that make it an amount. */
static bool
is_amount(struct slice behind)
{
	static const char *const units[] = {"seconds", "minutes", "hours", "days", "bytes", "kb",
	    "mb", "kbytes", "mbytes", "octets", "messages", "recipients", "users", "lines", "times",
	    "ms", "attempts", "characters", "items", "mails", "people"};
	struct slice word = slice_trim(behind);

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t n = strlen(units[i]);

		if (slice_istarts(word, units[i]) && (word.n == n || !ascii_isalpha(word.p[n])))
			return true;
	}
	return false;
}

/* What may stand before a reply code, and what behind it. */
enum { BEFORE = 1, BEHIND = 2 };
static const unsigned char beside_code[256] = {
    [' '] = BEFORE | BEHIND,
    [':'] = BEFORE | BEHIND,
    [';'] = BEFORE | BEHIND,
    [','] = BEFORE | BEHIND,
    ['<'] = BEFORE | BEHIND,
    ['"'] = BEFORE | BEHIND,
    ['\''] = BEFORE | BEHIND,
    ['\t'] = BEFORE | BEHIND,
    ['\n'] = BEFORE | BEHIND,
    ['('] = BEFORE,
    ['['] = BEFORE,
    ['#'] = BEFORE,
    ['='] = BEFORE,
    ['>'] = BEFORE,
    ['|'] = BEFORE,
    ['-'] = BEHIND,
    [')'] = BEHIND,
    [']'] = BEHIND,
    ['_'] = BEHIND,
};

/* A reply code (RFC 5321 4.2) at `i`: three digits that stand for themselves. */
static bool
is_reply_at(struct slice s, size_t i, char class)
{
	char before = i > 0 ? s.p[i - 1] : ' ';
	char after = i + 3 < s.n ? s.p[i + 3] : ' ';

	if (s.p[i] != class || !ascii_isdigit(s.p[i + 1]) || !ascii_isdigit(s.p[i + 2]))
		return false;
	if ((beside_code[(unsigned char)before] & BEFORE) == 0 ||
	    (beside_code[(unsigned char)after] & BEHIND) == 0)
		return false;
	if (after == '-' && i + 4 < s.n && ascii_isdigit(s.p[i + 4]) &&
	    !(i + 5 < s.n && s.p[i + 5] == '.'))
		return false; /* "555-1234" */
	if (after == ':' && i + 4 < s.n && ascii_isdigit(s.p[i + 4]))
		return false;
	return !is_amount(slice_sub(s, i + 3, 16));
}

/* The first reply of that class at or behind `from`; SLICE_NONE if there is none. */
static size_t
find_reply(struct slice s, size_t from, char class)
{
	for (size_t i = from; i + 3 <= s.n; i++) {
		const char *p = memchr(s.p + i, class, s.n - i);

		if (p == NULL || (size_t)(p - s.p) + 3 > s.n)
			return SLICE_NONE;
		i = (size_t)(p - s.p);
		if (is_reply_at(s, i, class))
			return i;
	}
	return SLICE_NONE;
}

static size_t
first_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

void
reply_read(struct slice text, struct said *s)
{
	size_t from = 0;
	size_t code = SLICE_NONE;
	size_t four = find_reply(text, 0, '4');
	size_t five = find_reply(text, 0, '5');

	s->text = text;
	s->status = best_status(text);
	s->reply = SLICE_EMPTY;
	/* "554 4.4.7 Message expired <421 4.4.2 ...>": the one beside the best code,
	 * if there is one; else the first */
	while ((code = first_of(four, five)) != SLICE_NONE) {
		if (s->reply.n == 0)
			s->reply = slice_sub(text, code, 3);
		if (s->status.n == 0)
			break;
		if (s->status.p >= text.p + code && s->status.p <= text.p + code + 5) {
			s->reply = slice_sub(text, code, 3);
			break;
		}
		from = code + 3;
		if (code == four)
			four = find_reply(text, from, '4');
		else
			five = find_reply(text, from, '5');
	}
	if (s->reply.n == 0) {
		code = find_reply(text, 0, '2');
		if (code != SLICE_NONE)
			s->reply = slice_sub(text, code, 3);
	}
}

bool
reply_has_code(struct slice text)
{
	struct slice rest = text;
	struct slice at;
	struct status s;

	while (status_find(&rest, &s, &at)) {
		if (s.class != 2)
			return true;
	}
	return find_reply(text, 0, '5') != SLICE_NONE || find_reply(text, 0, '4') != SLICE_NONE;
}
