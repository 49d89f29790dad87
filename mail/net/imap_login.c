/* Capabilities and logging in. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clean.h"
#include "net/imap_session.h"
#include "net/sasl.h"

static const struct {
	const char *name;
	size_t offset;
} cap_table[] = {
    {"IDLE", offsetof(struct imap_caps, idle)},
    {"CONDSTORE", offsetof(struct imap_caps, condstore)},
    {"QRESYNC", offsetof(struct imap_caps, qresync)},
    {"QRESYNC", offsetof(struct imap_caps, condstore)}, /* implies it, RFC 7162 3.2.3 */
    {"UIDPLUS", offsetof(struct imap_caps, uidplus)},
    {"MOVE", offsetof(struct imap_caps, move)},
    {"SPECIAL-USE", offsetof(struct imap_caps, special_use)},
    {"COMPRESS=DEFLATE", offsetof(struct imap_caps, compress)},
    {"ID", offsetof(struct imap_caps, id)},
    {"LITERAL+", offsetof(struct imap_caps, literal_plus)},
    {"ESEARCH", offsetof(struct imap_caps, esearch)},
    {"SORT", offsetof(struct imap_caps, sort)},
    {"ENABLE", offsetof(struct imap_caps, enable)},
};

bool
imap_offers(const struct imap *s, const char *capability)
{
	struct buf word = BUF_INIT;
	bool found;

	buf_addf(&word, " %s ", capability);
	found = slice_ifind(slice_of(s->offered), buf_cstr(&word)) != SLICE_NONE;
	buf_free(&word);
	return found;
}

bool
imap_take_capabilities(struct imap *s, struct slice line)
{
	size_t at = slice_ifind(line, "CAPABILITY ");
	struct buf all = BUF_INIT;

	if (at == SLICE_NONE || (at > 0 && line.p[at - 1] != '['))
		return false;
	line = slice_from(line, at + strlen("CAPABILITY "));
	buf_addc(&all, ' ');
	for (size_t i = 0; i < line.n && line.p[i] != ']' && all.len < 4000; i++)
		buf_addc(&all, (unsigned char)line.p[i] > ' ' ? line.p[i] : ' ');
	buf_addc(&all, ' ');
	free(s->offered);
	s->offered = buf_take(&all);
	s->has_fresh_capabilities = true;
	s->caps = (struct imap_caps){0};
	for (size_t i = 0; i < sizeof(cap_table) / sizeof(cap_table[0]); i++)
		if (imap_offers(s, cap_table[i].name))
			*(bool *)((char *)&s->caps + cap_table[i].offset) = true;
	return true;
}

static void
on_line(void *ctx, struct slice line)
{
	struct imap *s = ctx;

	imap_take_capabilities(s, line);
}

int
imap_ask_capabilities(struct imap *s, struct err *e)
{
	return imap_command(s, on_line, s, e, "CAPABILITY");
}

/* The words of "AUTH=X" without "AUTH=". */
static void
offered_mechanisms(const struct imap *s, struct buf *out)
{
	struct slice rest = slice_of(s->offered);
	size_t at;

	while ((at = slice_ifind(rest, " AUTH=")) != SLICE_NONE) {
		size_t end;

		rest = slice_from(rest, at + strlen(" AUTH="));
		end = slice_chr(rest, ' ');
		buf_addslice(out, slice_sub(rest, 0, end == SLICE_NONE ? rest.n : end));
		buf_addc(out, ' ');
	}
}

/* "*" cancels the exchange (RFC 9051 6.2.2); the NO that follows is no news. */
static int
cancel_login(struct imap *s)
{
	struct err ignored;

	if (imap_write(s, SLICE_LIT("*\r\n"), &ignored) == 0 && mailstream_flush(s->ms) == 0)
		imap_finish(s, NULL, NULL, &ignored);
	return -1;
}

static int
put_line(struct imap *s, struct buf *line, struct err *e)
{
	int r;

	buf_adds(line, "\r\n");
	r = imap_write(s, buf_slice(line), e);
	secret_wipe(line->data, line->cap);
	buf_clear(line);
	return r;
}

static int
send_line(struct imap *s, struct buf *line, struct err *e)
{
	int r = put_line(s, line, e);

	if (r == 0 && mailstream_flush(s->ms) != 0)
		r = imap_check(s, e);
	return r;
}

/* The reply, and if that is the last one what is to be early. */
static int
send_reply(struct imap *s, const struct sasl *sasl, struct buf *reply, struct err *e)
{
	enum sasl_rest rest = sasl_rest(sasl);

	if (!s->early.is_taken || rest == SASL_MORE)
		return send_line(s, reply, e);
	if (rest == SASL_EMPTY) {
		/* The server's proof is verified when it comes, and nothing counts before. */
		if (put_line(s, reply, e) != 0)
			return -1;
		s->early.was_sent = true;
	}
	if (s->early.command.len == 0)
		return send_line(s, reply, e);
	return put_line(s, reply, e) == 0 ? imap_early_send(s, e) : -1;
}

/* Until the tagged answer. */
static int
answer_challenges(struct imap *s, struct sasl *sasl, bool first_is_sent, struct err *e)
{
	struct buf reply = BUF_INIT;
	struct slice challenge;
	int r;

	while ((r = imap_continuation(s, &challenge, e)) == 1) {
		/* Without SASL-IR the first "+" only asks for the first reply. */
		if (!first_is_sent && sasl_is_first(sasl))
			challenge = SLICE_EMPTY;
		first_is_sent = true;
		if (sasl_step(sasl, challenge, &reply, e) != 0) {
			r = cancel_login(s);
			break;
		}
		if (s->early.was_sent && reply.len == 0)
			continue; /* it went out before */
		if ((r = send_reply(s, sasl, &reply, e)) != 0)
			break;
	}
	buf_free(&reply);
	return r;
}

static bool
was_refused(const struct imap *s, const struct err *e)
{
	return (e->code == ERR_REFUSED || e->code == ERR_BUSY) && !imap_is_dead(s);
}

static int
authenticate(struct imap *s, struct sasl *sasl, enum conf_auth mechanism, struct err *e)
{
	struct buf first = BUF_INIT;
	bool at_once = sasl_is_first(sasl) && imap_offers(s, "SASL-IR");
	int r = at_once ? sasl_step(sasl, SLICE_EMPTY, &first, e) : 0;

	if (r == 0)
		r = imap_notice(s, e);
	snprintf(s->tag, sizeof(s->tag), "b%u", ++s->tag_number);
	if (r == 0) {
		struct buf line = BUF_INIT;

		buf_addf(&line, "%s AUTHENTICATE %s%s%s", s->tag, sasl_name(mechanism),
		    at_once ? " " : "", buf_cstr(&first));
		r = at_once ? send_reply(s, sasl, &line, e) : send_line(s, &line, e);
		buf_free(&line);
	}
	if (first.data != NULL)
		secret_wipe(first.data, first.cap);
	buf_free(&first);
	if (r == 0)
		r = answer_challenges(s, sasl, at_once, e);
	if (r == 0 && sasl_finish(sasl, e) != 0)
		return stream_fail(s->st, e);
	if (r != 0 && was_refused(s, e))
		sasl_refused(sasl, buf_slice(&s->last_text), e);
	return r;
}

/* An argument of LOGIN: quoted, or as a literal if it is not plain ASCII. */
static int
add_argument(struct imap *s, struct buf *command, const char *text, struct err *e)
{
	struct slice ignored;
	int r;

	if (imap_add_quoted(command, slice_of(text)))
		return 0;
	buf_addf(command, "{%zu}", strlen(text));
	if (send_line(s, command, e) != 0)
		return -1;
	r = imap_continuation(s, &ignored, e);
	if (r == 0)
		return imap_kill(s, ERR_PROTOCOL, "the server says OK before it has all", e);
	buf_adds(command, text);
	return r < 0 ? -1 : 0;
}

/* The old command, for servers that offer no mechanism. */
static int
login_command(struct imap *s, const char *user, const char *secret, struct err *e)
{
	struct buf command = BUF_INIT;
	int r = -1;

	if (imap_offers(s, "LOGINDISABLED"))
		return err_set(
		    e, ERR_LOGIN, "%s does not let anybody log in on this connection", s->host);
	snprintf(s->tag, sizeof(s->tag), "b%u", ++s->tag_number);
	buf_addf(&command, "%s LOGIN ", s->tag);
	if (add_argument(s, &command, user, e) == 0) {
		buf_addc(&command, ' ');
		if (add_argument(s, &command, secret, e) == 0)
			r = send_line(s, &command, e);
	}
	buf_free(&command);
	return r == 0 ? imap_finish(s, NULL, NULL, e) : r;
}

static int
login_by(struct imap *s, enum conf_auth mechanism, const struct account *account,
    const char *secret, struct err *e)
{
	enum conf_auth kind = mechanism == AUTH_AUTO ? AUTH_LOGIN : mechanism;
	struct sasl *sasl;
	int r;

	if (sasl_new(&sasl, kind, account->source.user, secret, s->host, s->port, e) != 0)
		return -1;
	if (mechanism == AUTH_AUTO || (mechanism == AUTH_LOGIN && !imap_offers(s, "AUTH=LOGIN"))) {
		r = login_command(s, account->source.user, secret, e);
		if (r != 0 && was_refused(s, e))
			sasl_refused(sasl, buf_slice(&s->last_text), e);
	} else {
		r = authenticate(s, sasl, mechanism, e);
	}
	sasl_free(&sasl);
	secret_wipe(s->ms->write_buffer, s->ms->buffer_max_size);
	return r;
}

int
imap_login(struct imap *s, const struct account *account, const char *secret, struct err *e)
{
	struct buf mechanisms = BUF_INIT;
	enum conf_auth mechanism;
	bool is_private = stream_has_tls(s->st) || stream_is_loopback(s->st);
	int r;

	offered_mechanisms(s, &mechanisms);
	r = sasl_pick(account->auth, buf_cstr(&mechanisms), is_private, &mechanism, e);
	buf_free(&mechanisms);
	if (r != 0)
		return -1;
	s->has_fresh_capabilities = false;
	if (login_by(s, mechanism, account, secret, e) != 0)
		return -1;
	s->m->imap_state = MAILIMAP_STATE_AUTHENTICATED;
	if (imap_take_capabilities(s, buf_slice(&s->last_text)) || s->has_fresh_capabilities ||
	    s->early.is_sent)
		return 0;
	return imap_ask_capabilities(s, e);
}
