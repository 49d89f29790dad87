/* Reading messages: each row handed on as it comes. */
#include <stdio.h>
#include <stdlib.h>

#include "net/imap_row.h"
#include "net/imap_session.h"

#define KEEP_LINE_BYTES ((size_t)1 << 20)

struct rows {
	struct imap *s;
	const struct imap_ranges *wanted; /* NULL: all */
	bool wants_bytes;
	imap_message_fn fn;
	void *ctx;
	struct imap_row row;
};

static bool
is_wanted(uint32_t uid, const struct imap_ranges *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (uid >= set->ranges[i].first && uid <= set->ranges[i].last)
			return true;
	return false;
}

static bool
is_asked_for(const struct rows *rows, const struct imap_row *row)
{
	const struct imap_ahead *ahead = &rows->s->ahead;

	/* News that nobody asked for: without a UID, or flags alone. */
	if (row->m.uid == 0 || (rows->wants_bytes && !row->has_bytes))
		return false;
	/* "5:*" names the last message even if its UID is under 5. */
	return rows->wanted == NULL || is_wanted(row->m.uid, rows->wanted) ||
	    (ahead->is_sent && is_wanted(row->m.uid, &ahead->set));
}

static int
take_row(struct rows *rows, struct slice line, struct err *e)
{
	if (!imap_row_is(line))
		return 0;
	if (!imap_row_read(&rows->row, line))
		return imap_kill(rows->s, ERR_PROTOCOL,
		    "the server answers in a way that cannot be understood", e);
	if (!is_asked_for(rows, &rows->row) || rows->fn(rows->ctx, &rows->row.m))
		return 0;
	return imap_kill(rows->s, ERR_CANCELLED, "stopped reading in the middle", e);
}

/* Until the answer of the command under way; the one that was sent ahead may be
 * answered first, or its rows may come among these (RFC 9051 5.5). */
static int
read_rows(struct imap *s, struct rows *rows, struct err *e)
{
	struct slice line;

	for (;;) {
		if (imap_read(s, &line, e) != 0)
			return -1;
		if (imap_is_answer(s->tag, line))
			return imap_judge(s, line, e);
		if (s->ahead.is_sent && imap_is_answer(s->ahead.tag, line)) {
			if (imap_ahead_answered(s, line, e) != 0)
				return -1;
		} else if (!slice_starts(line, "* ")) {
			return imap_kill(
			    s, ERR_PROTOCOL, "the server answers what nobody asked", e);
		} else if (rows != NULL && take_row(rows, slice_from(line, 2), e) != 0) {
			return -1;
		}
	}
}

int
imap_ahead_answered(struct imap *s, struct slice line, struct err *e)
{
	char tag[sizeof(s->tag)];

	memcpy(tag, s->tag, sizeof(tag));
	memcpy(s->tag, s->ahead.tag, sizeof(tag));
	s->ahead.result = imap_judge(s, line, &s->ahead.err);
	memcpy(s->tag, tag, sizeof(tag));
	s->ahead.is_answered = true;
	return imap_check(s, e);
}

static void
limit_literals(struct imap *s, uint64_t max)
{
	s->guard.max_literal = max > IMAP_SMALL_LITERAL ? max : IMAP_SMALL_LITERAL;
}

int
imap_ahead_drop(struct imap *s, struct err *e)
{
	int r = 0;

	if (!s->ahead.is_sent)
		return 0;
	s->ahead.is_sent = false;
	if (!s->ahead.is_answered) {
		memcpy(s->tag, s->ahead.tag, sizeof(s->tag));
		if (read_rows(s, NULL, e) != 0)
			r = imap_check(s, e); /* a NO is nobody's concern any more */
	}
	limit_literals(s, 0);
	return r;
}

static int
send_ahead(struct imap *s, const char *command, const struct imap_ranges *set, struct err *e)
{
	struct imap_ahead *a = &s->ahead;
	char tag[sizeof(s->tag)];
	int r;

	memcpy(tag, s->tag, sizeof(tag));
	r = imap_send(s, e, "%s", command);
	memcpy(a->tag, s->tag, sizeof(tag));
	memcpy(s->tag, tag, sizeof(tag));
	if (r != 0)
		return -1;
	buf_clear(&a->command);
	buf_adds(&a->command, command);
	free(a->set.ranges);
	a->set = (struct imap_ranges){xcalloc(set->n, sizeof(*set->ranges)), set->n, NULL, 0};
	memcpy(a->set.ranges, set->ranges, set->n * sizeof(*set->ranges));
	a->is_answered = false;
	a->is_sent = true;
	return 0;
}

/* Sends the command, unless it was sent ahead; *r is then its answer if that came. */
static int
begin(struct imap *s, const char *command, bool *is_answered, int *r, struct err *e)
{
	struct imap_ahead *a = &s->ahead;

	*is_answered = false;
	if (!a->is_sent || strcmp(buf_cstr(&a->command), command) != 0)
		return imap_send(s, e, "%s", command);
	a->is_sent = false;
	memcpy(s->tag, a->tag, sizeof(s->tag));
	*is_answered = a->is_answered;
	*r = a->result;
	if (*is_answered && *r != 0)
		*e = a->err;
	return 0;
}

static int
fetch(struct rows *rows, const char *command, uint64_t max_literal, const char *next,
    const struct imap_ranges *next_set, struct err *e)
{
	struct imap *s = rows->s;
	bool is_answered;
	int r = 0;

	if (begin(s, command, &is_answered, &r, e) != 0)
		return -1;
	limit_literals(s, max_literal);
	if (next != NULL && send_ahead(s, next, next_set, e) != 0)
		return -1;
	if (!is_answered)
		r = read_rows(s, rows, e);
	imap_row_free(&rows->row);
	if (!s->ahead.is_sent)
		limit_literals(s, 0);
	/* One large message is no reason to keep so much for ever. */
	if (s->line.cap > KEEP_LINE_BYTES)
		buf_free(&s->line);
	return r == 0 ? imap_check(s, e) : -1;
}

static void
add_items(const struct imap *s, struct buf *command, const char *fields, uint32_t peek)
{
	buf_addf(command, " (UID FLAGS INTERNALDATE RFC822.SIZE%s", s->condstore ? " MODSEQ" : "");
	if (fields != NULL)
		buf_addf(command, " BODY.PEEK[HEADER.FIELDS (%s)]<0.%u>", fields, IMAP_MAX_HEAD);
	else if (peek > 0)
		buf_addf(command, " BODY.PEEK[]<0.%u>", peek);
	buf_addc(command, ')');
}

static void
make_command(const struct imap *s, const struct imap_ranges *set, uint32_t peek, struct buf *out)
{
	buf_adds(out, "UID FETCH ");
	for (size_t i = 0; i < set->n; i++) {
		const struct imap_range *r = &set->ranges[i];

		buf_addf(out, "%s%u", i > 0 ? "," : "", r->first);
		if (r->last == UINT32_MAX)
			buf_adds(out, ":*");
		else if (r->last != r->first)
			buf_addf(out, ":%u", r->last);
	}
	add_items(s, out, set->fields, set->peek > 0 && set->peek < peek ? set->peek : peek);
}

int
imap_fetch(struct imap *s, const struct imap_ranges *set, const struct imap_ranges *next,
    uint32_t peek, imap_message_fn fn, void *ctx, struct err *e)
{
	struct rows rows = {.s = s, .wanted = set, .wants_bytes = peek > 0, .fn = fn, .ctx = ctx};
	struct buf command = BUF_INIT, ahead = BUF_INIT;
	bool has_next = next != NULL && next->n > 0;
	int r;

	if (imap_check(s, e) != 0)
		return -1;
	if (set->n == 0)
		return 0;
	make_command(s, set, peek, &command);
	if (has_next)
		make_command(s, next, peek, &ahead);
	r = fetch(&rows, buf_cstr(&command), peek, has_next ? buf_cstr(&ahead) : NULL, next, e);
	buf_free(&command);
	buf_free(&ahead);
	return r;
}

int
imap_fetch_last(struct imap *s, const struct imap_box *box, unsigned n, uint32_t peek,
    imap_message_fn fn, void *ctx, struct err *e)
{
	struct rows rows = {.s = s, .wants_bytes = peek > 0, .fn = fn, .ctx = ctx};
	struct buf command = BUF_INIT;
	int r;

	if (imap_check(s, e) != 0)
		return -1;
	if (box->exists == 0 || n == 0)
		return 0;
	buf_addf(&command, "FETCH %u:*", box->exists > n ? box->exists - n + 1 : 1);
	add_items(s, &command, NULL, peek);
	r = fetch(&rows, buf_cstr(&command), peek, NULL, NULL, e);
	buf_free(&command);
	return r;
}

int
imap_fetch_flags(struct imap *s, uint64_t since, imap_message_fn fn, void *ctx, struct err *e)
{
	struct rows rows = {.s = s, .fn = fn, .ctx = ctx};
	struct buf command = BUF_INIT;
	int r;

	buf_addf(&command, "UID FETCH 1:* (UID FLAGS%s)", s->condstore ? " MODSEQ" : "");
	if (since > 0 && s->condstore)
		buf_addf(&command, " (CHANGEDSINCE %llu)", (unsigned long long)since);
	r = fetch(&rows, buf_cstr(&command), 0, NULL, NULL, e);
	buf_free(&command);
	return r;
}

struct whole {
	uint32_t uid;
	struct buf *out;
	bool found;
};

static bool
on_whole(void *ctx, const struct imap_message *m)
{
	struct whole *w = ctx;

	if (m->uid != w->uid || m->bytes.n == 0)
		return true;
	w->found = true;
	buf_addslice(w->out, m->bytes);
	return true;
}

int
imap_fetch_whole(struct imap *s, uint32_t uid, size_t max_bytes, struct buf *out, struct err *e)
{
	struct whole w = {.uid = uid, .out = out};
	struct rows rows = {.s = s, .wants_bytes = true, .fn = on_whole, .ctx = &w};
	struct buf command = BUF_INIT;
	size_t start = out->len;
	int r;

	/* One byte more than allowed tells that there is more. */
	if (max_bytes > 1u << 30)
		max_bytes = 1u << 30;
	buf_addf(&command, "UID FETCH %u (UID BODY.PEEK[]<0.%zu>)", uid, max_bytes + 1);
	r = fetch(&rows, buf_cstr(&command), max_bytes + 1, NULL, NULL, e);
	buf_free(&command);
	if (r != 0)
		return -1;
	if (!w.found)
		return err_set(e, ERR_NOT_FOUND, "message %u is not in the mailbox any more", uid);
	if (out->len - start > max_bytes) {
		buf_truncate(out, start);
		return err_set(e, ERR_LIMIT, "message %u is larger than %zu bytes", uid, max_bytes);
	}
	return 0;
}
