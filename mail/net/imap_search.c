/* Numbers of messages. */
#include <stdlib.h>

#include "base/calendar.h"
#include "net/imap_session.h"

struct uids {
	uint32_t *list;
	size_t n;
	size_t cap;
	size_t limit; /* more than the mailbox holds is a lie */
	bool is_over;
};

static void
add(struct uids *u, uint32_t uid)
{
	if (u->n >= u->limit) {
		u->is_over = true;
		return;
	}
	if (u->n == u->cap) {
		u->cap = u->cap == 0 ? 256 : u->cap * 2;
		u->list = xrealloc(u->list, u->cap, sizeof(u->list[0]));
	}
	if (uid > 0)
		u->list[u->n++] = uid;
}

/* A number up to 32 bits at the beginning of s. */
static bool
take_number(struct slice *s, uint32_t *n_r)
{
	uint64_t n = 0;
	size_t i = 0;

	while (i < s->n && ascii_isdigit(s->p[i]) && n <= UINT32_MAX)
		n = n * 10 + (uint64_t)(s->p[i++] - '0');
	*s = slice_from(*s, i);
	*n_r = (uint32_t)n;
	return i > 0 && n <= UINT32_MAX;
}

static void
add_set(struct uids *u, struct slice set)
{
	uint32_t first, last;

	while (take_number(&set, &first)) {
		last = first;
		if (set.n > 0 && set.p[0] == ':') {
			set = slice_from(set, 1);
			if (!take_number(&set, &last))
				return;
		}
		if (last < first) {
			uint32_t swap = first;

			first = last;
			last = swap;
		}
		if (last - first >= u->limit) {
			u->is_over = true;
			return;
		}
		for (uint32_t uid = first; uid <= last && uid >= first; uid++)
			add(u, uid);
		if (set.n == 0 || set.p[0] != ',')
			return;
		set = slice_from(set, 1);
	}
}

/* "SEARCH 2 84 882" or "ESEARCH (TAG "b3") UID ALL 4:18,21" (RFC 4731). */
static void
on_search(void *ctx, struct slice line)
{
	struct uids *u = ctx;
	uint32_t uid;

	if (slice_istarts(line, "SEARCH")) {
		line = slice_from(line, strlen("SEARCH"));
		while (line.n > 0 && line.p[0] == ' ') {
			line = slice_from(line, 1);
			if (line.n > 0 && take_number(&line, &uid))
				add(u, uid);
		}
	} else if (slice_istarts(line, "ESEARCH")) {
		size_t at = slice_ifind(line, " ALL ");

		if (at != SLICE_NONE)
			add_set(u, slice_from(line, at + strlen(" ALL ")));
	}
}

static int
by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void
sort_unique(struct uids *u)
{
	size_t kept = 0;
	bool is_sorted = true;

	for (size_t i = 1; i < u->n && is_sorted; i++)
		is_sorted = u->list[i - 1] < u->list[i];
	if (is_sorted)
		return;
	qsort(u->list, u->n, sizeof(u->list[0]), by_number);
	for (size_t i = 0; i < u->n; i++)
		if (kept == 0 || u->list[kept - 1] != u->list[i])
			u->list[kept++] = u->list[i];
	u->n = kept;
}

int
imap_search(struct imap *s, const char *criteria, uint32_t **uids_r, size_t *n_r, struct err *e)
{
	struct uids u = {.limit = s->guard.exists == UINT32_MAX ? 0 : s->guard.exists};

	u.limit += 100000; /* what may arrive while we ask */
	if (imap_command(s, on_search, &u, e, "UID SEARCH %s%s",
		s->caps.esearch ? "RETURN (ALL) " : "", criteria) != 0) {
		free(u.list);
		return -1;
	}
	if (u.is_over) {
		free(u.list);
		return imap_kill(
		    s, ERR_PROTOCOL, "the server finds more messages than the mailbox holds", e);
	}
	sort_unique(&u);
	*uids_r = u.list == NULL ? xmalloc(1) : u.list;
	*n_r = u.n;
	return 0;
}

int
imap_uids(struct imap *s, uint32_t **uids_r, size_t *n_r, struct err *e)
{
	return imap_search(s, "ALL", uids_r, n_r, e);
}

int
imap_search_header(struct imap *s, const char *field, struct slice value, uint32_t **uids_r,
    size_t *n_r, struct err *e)
{
	struct buf criteria = BUF_INIT;
	int r = 0;

	value = slice_trim(value);
	buf_addf(&criteria, "HEADER %s ", field);
	if (value.n == 0 || value.n > 998 || !imap_add_quoted(&criteria, value)) {
		*uids_r = xmalloc(1);
		*n_r = 0; /* no header field can hold it */
	} else {
		r = imap_search(s, buf_cstr(&criteria), uids_r, n_r, e);
	}
	buf_free(&criteria);
	return r;
}

int
imap_search_message_id(
    struct imap *s, struct slice message_id, uint32_t **uids_r, size_t *n_r, struct err *e)
{
	return imap_search_header(s, "Message-ID", message_id, uids_r, n_r, e);
}

#define DAY_S 86400
#define MAX_SUBJECT 60

/* "20-Nov-2026" */
static void
add_day(struct buf *out, const char *key, int64_t at)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct calendar c;

	calendar_from_unix(at, &c);
	buf_addf(out, "%s %d-%.3s-%d", key, c.day, months + 3 * (c.month - 1), c.year);
}

/* The first run of words that need no charset. */
static void
add_subject(struct buf *out, struct slice subject)
{
	size_t n = 0;

	while (n < subject.n && n < MAX_SUBJECT && subject.p[n] >= ' ' && subject.p[n] < 127)
		n++;
	subject = slice_trim(slice_sub(subject, 0, n));
	if (subject.n == 0)
		return;
	buf_adds(out, " SUBJECT ");
	(void)imap_add_quoted(out, subject);
}

int
imap_search_alike(struct imap *s, int64_t date, struct slice recipient, struct slice subject,
    uint32_t **uids_r, size_t *n_r, struct err *e)
{
	struct buf criteria = BUF_INIT, address = BUF_INIT;
	int r = 0;

	*n_r = 0;
	*uids_r = NULL;
	if (recipient.n > 0 && imap_add_quoted(&address, recipient)) {
		add_day(&criteria, "SENTSINCE", date - DAY_S);
		add_day(&criteria, " SENTBEFORE", date + 2 * (int64_t)DAY_S);
		buf_addf(&criteria, " OR TO %s CC %s", buf_cstr(&address), buf_cstr(&address));
		add_subject(&criteria, subject);
		r = imap_search(s, buf_cstr(&criteria), uids_r, n_r, e);
	}
	buf_free(&criteria);
	buf_free(&address);
	return r;
}

int
imap_search_sender(struct imap *s, struct slice sender, int64_t since, int64_t until,
    const char *not_id, uint32_t **uids_r, size_t *n_r, struct err *e)
{
	struct buf criteria = BUF_INIT;
	int r = 0;

	*n_r = 0;
	*uids_r = NULL;
	add_day(&criteria, "SENTSINCE", since);
	add_day(&criteria, " SENTBEFORE", until + (int64_t)DAY_S);
	buf_addf(&criteria, " NOT HEADER Message-ID \"%s\" FROM ", not_id);
	if (sender.n > 0 && imap_add_quoted(&criteria, sender))
		r = imap_search(s, buf_cstr(&criteria), uids_r, n_r, e);
	buf_free(&criteria);
	return r;
}
