/* Commands and responses line by line. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clean.h"
#include "net/busy.h"
#include "net/imap_session.h"

#define MAX_RESPONSE (32u << 20)         /* a response with its literals, read by us */
#define MAX_LITERALS 1000                /* in one response */
#define LITERAL_PIECE ((size_t)64 << 10) /* memory comes with the bytes, not with the promise */

int
imap_check(const struct imap *s, struct err *e)
{
	if (stream_error(s->st)->code == ERR_NONE)
		return 0;
	*e = *stream_error(s->st);
	return -1;
}

bool
imap_is_dead(const struct imap *s)
{
	return stream_error(s->st)->code != ERR_NONE;
}

int
imap_kill(struct imap *s, enum err_code code, const char *words, struct err *e)
{
	struct err why;

	err_set(&why, code, "%s", words);
	stream_fail(s->st, &why);
	return imap_check(s, e);
}

int
imap_write(struct imap *s, struct slice bytes, struct err *e)
{
	/* In pieces: a longer write would hide how far it came. */
	while (bytes.n > 0) {
		size_t n = bytes.n < 4096 ? bytes.n : 4096;

		if (mailstream_write(s->ms, bytes.p, n) != (ssize_t)n)
			return imap_check(s, e);
		bytes = slice_from(bytes, n);
	}
	return 0;
}

int
imap_notice(struct imap *s, struct err *e)
{
	if (imap_ahead_drop(s, e) != 0)
		return -1;
	for (int i = 0; i < 16 && stream_wait(s->st, -1, 0) == STREAM_DATA; i++)
		if (stream_mailstream_pump(s->ms) != 0)
			break;
	return imap_check(s, e);
}

static int
flush(struct imap *s, struct err *e)
{
	return mailstream_flush(s->ms) == 0 ? 0 : imap_check(s, e);
}

static int __attribute__((format(printf, 3, 0)))
put_v(struct imap *s, struct err *e, const char *fmt, va_list ap)
{
	struct buf command = BUF_INIT;
	int r;

	if (imap_notice(s, e) != 0)
		return -1;
	snprintf(s->tag, sizeof(s->tag), "b%u", ++s->tag_number);
	buf_addf(&command, "%s ", s->tag);
	buf_addvf(&command, fmt, ap);
	buf_adds(&command, "\r\n");
	r = imap_write(s, buf_slice(&command), e);
	secret_wipe(command.data, command.cap);
	buf_free(&command);
	return r;
}

static int __attribute__((format(printf, 3, 0)))
send_v(struct imap *s, struct err *e, const char *fmt, va_list ap)
{
	return put_v(s, e, fmt, ap) == 0 ? flush(s, e) : -1;
}

int
imap_put(struct imap *s, struct err *e, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = put_v(s, e, fmt, ap);
	va_end(ap);
	return r;
}

int
imap_send(struct imap *s, struct err *e, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = send_v(s, e, fmt, ap);
	va_end(ap);
	return r;
}

/* The bytes of a literal, appended. */
static int
read_literal(struct imap *s, uint64_t n, struct err *e)
{
	/* The guard has seen that it is no longer than what was asked for. */
	if (s->line.len + n > MAX_RESPONSE + s->guard.max_literal)
		return imap_kill(s, ERR_LIMIT, "the server sends too much in one response", e);
	while (n > 0) {
		size_t now = n < LITERAL_PIECE ? (size_t)n : LITERAL_PIECE;
		ssize_t r;

		buf_reserve(&s->line, now + 1);
		r = mailstream_read(s->ms, s->line.data + s->line.len, now);
		if (r <= 0)
			return imap_check(s, e);
		s->line.len += (size_t)r;
		s->line.data[s->line.len] = '\0';
		n -= (uint64_t)r;
	}
	return 0;
}

/* n of a line that ends in "{n}", or -1. The guard has seen that it is small. */
static int64_t
literal_at_end(struct slice line)
{
	size_t open = line.n;
	int64_t n = 0;

	if (line.n < 3 || line.p[line.n - 1] != '}')
		return -1;
	for (open = line.n - 1; open > 0 && ascii_isdigit(line.p[open - 1]); open--)
		;
	if (open == 0 || line.p[open - 1] != '{' || open == line.n - 1 || line.n - open > 11)
		return -1;
	for (; open < line.n - 1; open++)
		n = n * 10 + (line.p[open] - '0');
	return n;
}

/* Words for people, that may end in what looks like a literal. */
static bool
is_status(struct slice line)
{
	static const char *const kinds[] = {"* OK ", "* NO ", "* BAD ", "* BYE ", "* PREAUTH "};

	if (!slice_starts(line, "* "))
		return true;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (slice_istarts(line, kinds[i]))
			return true;
	return false;
}

/* All that is known of the messages by their UIDs is void then (RFC 9051 2.3.1.1). */
static int
check_numbering(struct imap *s, struct slice line, struct err *e)
{
	static const char begin[] = "* OK [UIDVALIDITY ";
	uint64_t n = 0;

	if (s->uidvalidity == 0 || !slice_istarts(line, begin))
		return 0;
	line = slice_from(line, sizeof(begin) - 1);
	for (size_t i = 0; i < line.n && ascii_isdigit(line.p[i]) && n <= UINT32_MAX; i++)
		n = n * 10 + (uint64_t)(line.p[i] - '0');
	if (n == s->uidvalidity)
		return 0;
	return imap_kill(s, ERR_CLOSED, "the server has numbered the mailbox anew", e);
}

int
imap_read(struct imap *s, struct slice *line, struct err *e)
{
	size_t start = 0;
	unsigned n_literals = 0;

	buf_clear(&s->line);
	for (;;) {
		int64_t n;

		if (mailstream_read_line_remove_eol(s->ms, s->m->imap_stream_buffer) == NULL)
			return imap_check(s, e);
		buf_add(&s->line, s->m->imap_stream_buffer->str, s->m->imap_stream_buffer->len);
		n = literal_at_end(slice_from(buf_slice(&s->line), start));
		if (n < 0 || (start == 0 && is_status(buf_slice(&s->line))))
			break;
		if (++n_literals > MAX_LITERALS)
			return imap_kill(
			    s, ERR_LIMIT, "the server sends too much in one response", e);
		if (read_literal(s, (uint64_t)n, e) != 0)
			return -1;
		start = s->line.len;
	}
	*line = buf_slice(&s->line);
	return check_numbering(s, *line, e);
}

static int
refused(struct imap *s, struct slice text, enum err_code code, struct err *e)
{
	struct buf words = BUF_INIT;

	clean_append(&words, slice_trim(text), 300);
	err_set(e, code, "%s says: %s", s->host, buf_cstr(&words));
	buf_free(&words);
	return code == ERR_PROTOCOL ? stream_fail(s->st, e) : -1;
}

/* The answer "TAG OK|NO|BAD text". */
int
imap_judge(struct imap *s, struct slice line, struct err *e)
{
	struct slice rest = slice_from(line, strlen(s->tag) + 1);
	size_t space = slice_chr(rest, ' ');
	struct slice word = slice_sub(rest, 0, space == SLICE_NONE ? rest.n : space);
	struct slice text = slice_from(rest, space == SLICE_NONE ? rest.n : space + 1);

	buf_clear(&s->last_text);
	buf_addslice(&s->last_text, text);
	if (slice_iis(word, "OK"))
		return 0;
	if (slice_iis(word, "NO"))
		return refused(s, text, busy_is(text, false) ? ERR_BUSY : ERR_REFUSED, e);
	if (slice_iis(word, "BAD"))
		return refused(s, text, ERR_PROTOCOL, e);
	return imap_kill(s, ERR_PROTOCOL, "the server's answer makes no sense", e);
}

bool
imap_is_answer(const char *tag, struct slice line)
{
	size_t n = strlen(tag);

	return slice_starts(line, tag) && line.n > n && line.p[n] == ' ';
}

int
imap_finish(struct imap *s, imap_line_fn fn, void *ctx, struct err *e)
{
	for (;;) {
		struct slice line;

		if (imap_read(s, &line, e) != 0)
			return -1;
		if (imap_is_answer(s->tag, line))
			return imap_judge(s, line, e);
		if (!slice_starts(line, "* "))
			return imap_kill(
			    s, ERR_PROTOCOL, "the server answers what nobody asked", e);
		if (fn != NULL)
			fn(ctx, slice_from(line, 2));
	}
}

int
imap_continuation(struct imap *s, struct slice *words, struct err *e)
{
	for (;;) {
		struct slice line;

		if (imap_read(s, &line, e) != 0)
			return -1;
		if (slice_starts(line, "+")) {
			*words = slice_trim(slice_from(line, 1));
			return 1;
		}
		if (imap_is_answer(s->tag, line))
			return imap_judge(s, line, e);
		if (slice_starts(line, "* CAPABILITY "))
			imap_take_capabilities(s, slice_from(line, 2));
	}
}

int
imap_command(struct imap *s, imap_line_fn fn, void *ctx, struct err *e, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = send_v(s, e, fmt, ap);
	va_end(ap);
	return r == 0 ? imap_finish(s, fn, ctx, e) : r;
}

int
imap_result(struct imap *s, int result, struct err *e)
{
	const char *said = s->m->imap_response == NULL ? "" : s->m->imap_response;

	if (result == MAILIMAP_NO_ERROR || result == MAILIMAP_NO_ERROR_AUTHENTICATED ||
	    result == MAILIMAP_NO_ERROR_NON_AUTHENTICATED)
		return 0;
	if (imap_check(s, e) != 0)
		return -1;
	switch (result) {
	case MAILIMAP_ERROR_STREAM:
	case MAILIMAP_ERROR_PARSE:
	case MAILIMAP_ERROR_MEMORY:
	case MAILIMAP_ERROR_FATAL:
	case MAILIMAP_ERROR_PROTOCOL:
	case MAILIMAP_ERROR_BAD_STATE:
		if (result == MAILIMAP_ERROR_PROTOCOL && said[0] != '\0')
			return refused(s, slice_of(said), ERR_PROTOCOL, e);
		return imap_kill(
		    s, ERR_PROTOCOL, "the server answers in a way that cannot be understood", e);
	default:
		return refused(s, slice_of(said), ERR_REFUSED, e);
	}
}

bool
imap_add_quoted(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < ' ' || (unsigned char)text.p[i] > 126)
			return false;
	buf_addc(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\')
			buf_addc(out, '\\');
		buf_addc(out, text.p[i]);
	}
	buf_addc(out, '"');
	return true;
}

void
imap_add_set(struct buf *out, const uint32_t *uids, size_t n, size_t *i)
{
	size_t start = out->len;

	while (*i < n && out->len - start < IMAP_MAX_COMMAND) {
		size_t first = *i;

		while (*i + 1 < n && uids[*i + 1] == uids[*i] + 1)
			(*i)++;
		buf_addf(out, "%s%u", out->len > start ? "," : "", uids[first]);
		if (*i > first)
			buf_addf(out, ":%u", uids[*i]);
		(*i)++;
	}
}
