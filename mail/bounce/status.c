#include "bounce/status.h"

#include <stdio.h>

#define MAX_SUBJECT 7 /* registered are 0 to 7; more is a version or an address */

/* One to three digits, no more; moves *at past them. */
static bool
read_number(struct slice s, size_t *at, unsigned *number)
{
	size_t begin = *at;

	*number = 0;
	while (*at < s.n && ascii_isdigit(s.p[*at]) && *at - begin < 4)
		*number = *number * 10 + (unsigned)(s.p[(*at)++] - '0');
	return *at > begin && *at - begin <= 3;
}

/* X.Y.Z at the start of s; gives its length, 0 if there is none. */
static size_t
read_triple(struct slice s, struct status *st)
{
	unsigned subject, detail;
	size_t at = 2;

	if (s.n < 5 || s.p[1] != '.' || (s.p[0] != '2' && s.p[0] != '4' && s.p[0] != '5'))
		return 0;
	if (!read_number(s, &at, &subject) || at >= s.n || s.p[at] != '.')
		return 0;
	at++;
	if (!read_number(s, &at, &detail))
		return 0;
	st->class = (uint8_t)(s.p[0] - '0');
	st->subject = (uint16_t)subject;
	st->detail = (uint16_t)detail;
	return at;
}

bool
status_read(struct slice text, struct status *s)
{
	size_t n;

	text = slice_trim(text);
	n = read_triple(text, s);
	if (n > 0 && n == text.n)
		return true;
	*s = (struct status){0, 0, 0};
	return false;
}

static bool
joins(char c)
{
	return ascii_isdigit(c) || ascii_isalpha(c) || c == '.' || c == '_';
}

/* What follows a code must not make it a part of something longer; a full
 * stop at the end of a sentence does not. */
static bool
ends_code(struct slice s, size_t at)
{
	if (at >= s.n)
		return true;
	if (s.p[at] == '.')
		return at + 1 >= s.n || !joins(s.p[at + 1]);
	return !joins(s.p[at]);
}

bool
status_find(struct slice *rest, struct status *s, struct slice *at)
{
	struct slice r = *rest;

	for (size_t i = 0; i + 5 <= r.n; i++) {
		const char *dot = memchr(r.p + i + 1, '.', r.n - i - 1);
		size_t n;

		if (dot == NULL)
			break;
		i = (size_t)(dot - r.p) - 1;
		if (i > 0 && joins(r.p[i - 1]))
			continue;
		n = read_triple(slice_from(r, i), s);
		if (n == 0 || s->subject > MAX_SUBJECT || !ends_code(r, i + n))
			continue;
		*at = slice_sub(r, i, n);
		*rest = slice_from(r, i + n);
		return true;
	}
	*s = (struct status){0, 0, 0};
	*at = SLICE_EMPTY;
	*rest = slice_from(r, r.n);
	return false;
}

/* "said 550 …": words after which a number is a reply. */
static bool
leads_to_reply(struct slice before)
{
	static const char *const words[] = {"said", "returned", "error", "code", "reply",
	    "response", "responded", "status", "smtp", "with", "replied", "server", "reason",
	    "failed", "message", "diagnostic-code", "smtp;", "rejected", "was", "were", "remote"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (slice_iends(before, words[i]))
			return true;
	}
	return false;
}

/* "with 450 minutes" holds no reply. */
static bool
counts_things(struct slice after)
{
	static const char *const units[] = {"seconds", "minutes", "hours", "days", "bytes", "kb",
	    "mb", "kib", "mib", "messages", "recipients", "times", "attempts", "connections"};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (slice_istarts(after, units[i]))
			return true;
	}
	return false;
}

static bool
may_stand_after(struct slice r, size_t i, struct slice after, bool has_sign)
{
	char before;

	if (i == 0)
		return true;
	before = r.p[i - 1];
	if (strchr(":<>(\"'[;#=", before) != NULL && before != '\0')
		return true;
	if (!ascii_isspace(before))
		return false;
	while (i > 0 && ascii_isspace(r.p[i - 1])) {
		if (r.p[i - 1] == '\n' || r.p[i - 1] == '\r')
			return true;
		i--;
	}
	if (i == 0 || has_sign)
		return true;
	return !(ascii_isalpha(r.p[i - 1]) || ascii_isdigit(r.p[i - 1]) || r.p[i - 1] == ',') ||
	    (leads_to_reply(slice_sub(r, 0, i)) && !counts_things(after));
}

/* Three digits at i that can be a reply. */
static bool
is_reply_at(struct slice r, size_t i)
{
	struct slice after = slice_from(r, i + 3);
	struct status s;
	bool has_sign;

	if (!ascii_isdigit(r.p[i + 1]) || !ascii_isdigit(r.p[i + 2]))
		return false;
	if (after.n > 0 && !ascii_isspace(after.p[0]) && after.p[0] != '-' && after.p[0] != '#')
		return false;
	if (after.n > 0)
		after = slice_from(after, 1);
	has_sign = read_triple(after, &s) > 0 || (after.n > 0 && after.p[0] == '#');
	if (after.n > 0 && after.p[-1] == '-' && ascii_isdigit(after.p[0]) && !has_sign)
		return false;
	return may_stand_after(r, i, after, has_sign);
}

bool
status_find_reply(struct slice *rest, unsigned *code, struct slice *at)
{
	struct slice r = *rest;

	for (size_t i = 0; i + 3 <= r.n; i++) {
		if ((r.p[i] != '4' && r.p[i] != '5') || !is_reply_at(r, i))
			continue;
		*code = (unsigned)(r.p[i] - '0') * 100 + (unsigned)(r.p[i + 1] - '0') * 10 +
		    (unsigned)(r.p[i + 2] - '0');
		*at = slice_sub(r, i, 3);
		*rest = slice_from(r, i + 3);
		return true;
	}
	*code = 0;
	*at = SLICE_EMPTY;
	*rest = slice_from(r, r.n);
	return false;
}

const char *
status_format(char buf[STATUS_TEXT_BYTES], struct status s)
{
	buf[0] = '\0';
	if (s.class != 0)
		snprintf(buf, STATUS_TEXT_BYTES, "%u.%u.%u", s.class % 10u, s.subject % 1000u,
		    s.detail % 1000u);
	return buf;
}

bool
status_same(struct status a, struct status b)
{
	return a.class == b.class && a.subject == b.subject && a.detail == b.detail;
}

bool
status_is_vague(struct status s)
{
	if (s.detail == 0)
		return s.subject != 6;
	return (s.subject == 4 && s.detail == 7) || (s.subject == 7 && s.detail == 1);
}
