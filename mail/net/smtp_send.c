/* One message over an open session: the part where each byte counts.
 *
 * The server may have the message from the moment at which the last byte of the
 * final dot has left us. Before it: surely not sent. After it: what the reply
 * says, and without a reply nobody knows. */
#include <stdlib.h>

#include "base/clean.h"
#include "msg/addr.h"
#include "msg/resend.h"
#include "net/busy.h"
#include "net/smtp.h"

#define FLIGHT 50 /* RCPTs sent before replies are read: fits any window */

static enum outgoing_outcome
outcome_of(unsigned code)
{
	return code / 100 == 5 ? OUT_REFUSED : OUT_NOT_SENT;
}

/* The last reply refuses the whole message. */
static enum outgoing_outcome
refuse_all(
    struct smtp *s, const struct outgoing_mail *m, struct outgoing_result *results, struct err *e)
{
	for (size_t i = 0; i < m->n_recipients; i++) {
		/* Who was refused before keeps the words of that. */
		if (results[i].reply_code == 0 || results[i].accepted)
			results_set(&results[i], 1, false, s->code, buf_slice(&s->reply));
	}
	smtp_refused(s, e);
	return outcome_of(s->code);
}

static void
add_mail_from(const struct smtp *s, const struct outgoing_mail *m, struct buf *line)
{
	buf_addf(line, "MAIL FROM:<%.*s>", SLICE_FMT(m->envelope_from));
	if (s->caps.max_size > 0)
		buf_addf(line, " SIZE=%zu", m->bytes.n);
	if (m->has_8bit && s->caps.eight_bit)
		buf_adds(line, " BODY=8BITMIME");
	if (outgoing_has_utf8_address(m) || resend_needs_utf8(m->bytes))
		buf_adds(line, " SMTPUTF8");
	if (!s->caps.dsn || m->envelope_from.n == 0)
		return;
	buf_adds(line, " RET=HDRS");
	if (m->envelope_id.n > 0 && m->envelope_id.n <= 100) {
		buf_adds(line, " ENVID=");
		addr_xtext_encode(line, m->envelope_id);
	}
}

static void
add_rcpt_to(const struct smtp *s, const struct outgoing_mail *m, size_t i, struct buf *line)
{
	buf_addf(line, "RCPT TO:<%.*s>", SLICE_FMT(m->recipients[i]));
	/* Nobody could be told about a failure of mail with a null sender. */
	if (!s->caps.dsn || m->envelope_from.n == 0)
		return;
	buf_adds(line, " NOTIFY=FAILURE,DELAY");
	if (m->original_recipients == NULL || m->original_recipients[i].n == 0 ||
	    m->original_recipients[i].n > ADDR_MAX_BYTES ||
	    addr_needs_utf8(m->original_recipients[i]))
		return;
	buf_adds(line, " ORCPT=rfc822;");
	addr_xtext_encode(line, m->original_recipients[i]);
}

static int
put_line(struct smtp *s, struct buf *line, struct err *e)
{
	int r = smtp_put(s, buf_cstr(line), e);

	buf_clear(line);
	return r;
}

static void
take_rcpt_reply(struct smtp *s, struct outgoing_result *result)
{
	results_set(result, 1, s->code / 100 == 2, s->code, buf_slice(&s->reply));
}

/* RCPTs from `from` up to `to` in one flight, or one by one. */
static int
put_recipients(struct smtp *s, const struct outgoing_mail *m, size_t from, size_t to, struct err *e)
{
	struct buf line = BUF_INIT;
	int r = 0;

	for (size_t i = from; i < to && r == 0; i++) {
		add_rcpt_to(s, m, i, &line);
		r = put_line(s, &line, e);
	}
	buf_free(&line);
	return r;
}

/* MAIL, and RSET before it if a transaction is open. The reply to MAIL is the last. */
static int
put_sender(struct smtp *s, const struct outgoing_mail *m, struct err *e)
{
	struct buf line = BUF_INIT;
	int r = 0;

	if (s->needs_reset) {
		r = smtp_ask(s, "RSET", e);
		s->needs_reset = false;
	}
	add_mail_from(s, m, &line);
	if (r == 0)
		r = put_line(s, &line, e);
	s->needs_reset = true;
	buf_free(&line);
	return r;
}

/* The envelope. -1 when the session died; else mail_code holds the reply to MAIL
 * and results those to RCPT. */
static int
send_envelope(struct smtp *s, const struct outgoing_mail *m, struct outgoing_result *results,
    bool *sender_ok, struct err *e)
{
	size_t flight = s->caps.pipelining ? FLIGHT : 1;
	size_t first =
	    s->caps.pipelining ? (m->n_recipients < FLIGHT ? m->n_recipients : FLIGHT) : 0;
	struct buf mail_reply = BUF_INIT;
	unsigned mail_code;
	int r = -1;

	if (put_sender(s, m, e) != 0 || put_recipients(s, m, 0, first, e) != 0 ||
	    smtp_flush(s, e) != 0 || smtp_get(s, e) != 0)
		goto out;
	mail_code = s->code;
	*sender_ok = mail_code / 100 == 2;
	buf_addslice(&mail_reply, buf_slice(&s->reply));
	for (size_t i = 0; i < first; i++) {
		if (smtp_get(s, e) != 0)
			goto out;
		if (*sender_ok)
			take_rcpt_reply(s, &results[i]);
	}
	for (size_t i = first; i < m->n_recipients && *sender_ok; i += flight) {
		size_t to = m->n_recipients - i < flight ? m->n_recipients : i + flight;

		if (put_recipients(s, m, i, to, e) != 0 || smtp_flush(s, e) != 0)
			goto out;
		for (size_t k = i; k < to; k++) {
			if (smtp_get(s, e) != 0)
				goto out;
			take_rcpt_reply(s, &results[k]);
		}
	}
	r = 0;
	if (!*sender_ok) {
		s->code = mail_code;
		buf_clear(&s->reply);
		buf_addslice(&s->reply, buf_slice(&mail_reply));
	}
out:
	buf_free(&mail_reply);
	return r;
}

static size_t
line_length(struct slice text)
{
	size_t n = 0;

	while (n < text.n && text.p[n] != '\r' && text.p[n] != '\n')
		n++;
	return n;
}

/* Lines end in CRLF, a leading dot is doubled, and no lone CR or LF reaches the
 * wire: with one of them a message could end early (RFC 5321 2.3.8, 4.5.2). */
static int
put_text(struct smtp *s, struct slice text, struct err *e)
{
	bool at_start = true;

	while (text.n > 0) {
		size_t n = line_length(text);
		struct slice part = slice_sub(text, 0, n);

		if (at_start && text.p[0] == '.' && mailstream_write(s->ms, ".", 1) != 1)
			return smtp_check(s, e);
		while (part.n > 0) {
			size_t piece = part.n < 4096 ? part.n : 4096;

			if (mailstream_write(s->ms, part.p, piece) != (ssize_t)piece)
				return smtp_check(s, e);
			part = slice_from(part, piece);
		}
		at_start = n < text.n;
		if (at_start && mailstream_write(s->ms, "\r\n", 2) != 2)
			return smtp_check(s, e);
		if (at_start && text.p[n] == '\r' && n + 1 < text.n && text.p[n + 1] == '\n')
			n++;
		text = slice_from(text, at_start ? n + 1 : n);
	}
	if (!at_start && mailstream_write(s->ms, "\r\n", 2) != 2)
		return smtp_check(s, e);
	return smtp_flush(s, e);
}

/* A server that speaks before the end has made up its mind, or is out of step:
 * its words must not be taken for the answer to the final dot. */
static enum outgoing_outcome
interrupted(struct smtp *s, struct err *e)
{
	struct err why;

	if (smtp_get(s, e) != 0)
		return OUT_NOT_SENT;
	if (s->code / 100 >= 4)
		smtp_refused(s, e);
	else
		err_set(e, ERR_PROTOCOL, "%s answers before it has all of the message", s->host);
	why = *e;
	stream_fail(s->st, &why);
	return s->code / 100 >= 4 ? outcome_of(s->code) : OUT_NOT_SENT;
}

/* The final dot is on its way. */
static enum outgoing_outcome
await_verdict(struct smtp *s, const struct outgoing_mail *m, struct outgoing_result *results,
    char *reply, bool all, struct err *e)
{
	struct err why;
	int r;

	stream_set_timeout(
	    s->st, s->timeout_s > SMTP_FINAL_TIMEOUT_S ? s->timeout_s : SMTP_FINAL_TIMEOUT_S);
	r = smtp_get(s, e);
	stream_set_timeout(s->st, s->timeout_s);
	if (r == 0 && s->code / 100 == 3)
		r = err_set(e, ERR_PROTOCOL, "%s asks for more after the message", s->host);
	if (r != 0) {
		why = *e;
		stream_fail(s->st, &why);
		e->code = ERR_DOUBT;
		err_add(e, "the message was sent whole, and no answer came");
		err_todo(e,
		    "it may have arrived: look in the recipient's answer, or ask whoever runs %s",
		    s->host);
		return OUT_DOUBT;
	}
	s->needs_reset = false;
	if (reply != NULL)
		reply_set(reply, buf_slice(&s->reply));
	if (s->code / 100 != 2)
		return refuse_all(s, m, results, e);
	if (all)
		return OUT_SENT;
	err_set(e, ERR_REFUSED, "%s did not accept all of the recipients", s->host);
	return OUT_PARTLY;
}

static enum outgoing_outcome
send_text(struct smtp *s, const struct outgoing_mail *m, struct outgoing_result *results,
    char *reply, bool all, struct err *e)
{
	if (smtp_ask(s, "DATA", e) != 0)
		return OUT_NOT_SENT;
	if (s->code / 100 == 2) {
		err_set(e, ERR_PROTOCOL, "%s answers DATA as nobody does", s->host);
		stream_fail(s->st, e);
		return OUT_NOT_SENT;
	}
	if (s->code != 354)
		return refuse_all(s, m, results, e);
	if (put_text(s, m->bytes, e) != 0)
		return OUT_NOT_SENT;
	if (stream_mailstream_unread(s->ms) > 0 || stream_wait(s->st, -1, 0) != STREAM_QUIET)
		return interrupted(s, e);
	/* If the last byte of the dot does not leave, nobody can have the message. */
	if (smtp_put(s, ".", e) != 0 || smtp_flush(s, e) != 0)
		return OUT_NOT_SENT;
	return await_verdict(s, m, results, reply, all, e);
}

static enum outgoing_outcome
nobody_accepted(struct smtp *s, const struct outgoing_mail *m,
    const struct outgoing_result *results, struct err *e)
{
	enum outgoing_outcome outcome = OUT_REFUSED;

	bool is_busy = s->code == 421 || busy_is(slice_of(results[0].reply), false);

	for (size_t i = 0; i < m->n_recipients; i++)
		if (outcome_of(results[i].reply_code) == OUT_NOT_SENT)
			outcome = OUT_NOT_SENT;
	err_set(e, is_busy && outcome == OUT_NOT_SENT ? ERR_BUSY : ERR_REFUSED, "%s says: %s",
	    s->host, results[0].reply);
	return outcome;
}

/* A lost session means that nobody was accepted. */
static void
forget_accepted(const struct outgoing_mail *m, struct outgoing_result *results)
{
	for (size_t i = 0; i < m->n_recipients; i++)
		results[i].accepted = false;
}

enum outgoing_outcome
smtp_send(void *state, const struct outgoing_mail *m, struct outgoing_result *results, char *reply,
    struct err *e)
{
	struct smtp *s = state;
	enum outgoing_outcome outcome;
	size_t n_accepted = 0;
	bool sender_ok = false;

	if (smtp_check(s, e) != 0)
		return OUT_NOT_SENT;
	if (send_envelope(s, m, results, &sender_ok, e) != 0) {
		forget_accepted(m, results);
		return OUT_NOT_SENT;
	}
	if (!sender_ok)
		return refuse_all(s, m, results, e);
	for (size_t i = 0; i < m->n_recipients; i++)
		n_accepted += results[i].accepted;
	if (n_accepted == 0)
		return nobody_accepted(s, m, results, e);
	outcome = send_text(s, m, results, reply, n_accepted == m->n_recipients, e);
	if (outcome != OUT_SENT && outcome != OUT_PARTLY)
		forget_accepted(m, results);
	return outcome;
}
