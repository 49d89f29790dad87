/* AUTH (RFC 4954). */
#include "net/sasl.h"
#include "net/smtp.h"

#define MAX_INITIAL 400 /* a longer first reply waits to be asked for, RFC 4954 4 */

static int
ask_secretly(struct smtp *s, struct buf *line, struct err *e)
{
	int r = smtp_ask(s, buf_cstr(line), e);

	secret_wipe(line->data, line->cap);
	buf_clear(line);
	return r;
}

static int
converse(
    struct smtp *s, struct sasl *sasl, enum conf_auth mechanism, struct buf *line, struct err *e)
{
	struct buf first = BUF_INIT;
	bool is_first = sasl_is_first(sasl), at_once;
	int r = is_first ? sasl_step(sasl, SLICE_EMPTY, &first, e) : 0;

	at_once = is_first && first.len <= MAX_INITIAL;
	if (r == 0) {
		buf_addf(line, "AUTH %s%s%s", sasl_name(mechanism), at_once ? " " : "",
		    at_once ? buf_cstr(&first) : "");
		r = ask_secretly(s, line, e);
	}
	if (r == 0 && is_first && !at_once && s->code == 334) {
		buf_addslice(line, buf_slice(&first));
		r = ask_secretly(s, line, e);
	}
	if (first.data != NULL)
		secret_wipe(first.data, first.cap);
	buf_free(&first);
	while (r == 0 && s->code == 334) {
		if (sasl_step(sasl, slice_trim(slice_from(buf_slice(&s->reply), 3)), line, e) !=
		    0) {
			struct err ignored;

			smtp_ask(s, "*", &ignored);
			return -1;
		}
		r = ask_secretly(s, line, e);
	}
	return r;
}

int
smtp_login(struct smtp *s, const struct account *account, const char *secret, struct err *e)
{
	const struct url *u = &account->outgoing;
	bool is_private = stream_has_tls(s->st) || stream_is_loopback(s->st);
	struct buf line = BUF_INIT;
	enum conf_auth mechanism;
	struct sasl *sasl;
	int r;

	if (s->mechanisms[0] == '\0') {
		err_set(e, ERR_LOGIN, "%s offers no login on port %u", s->host, s->port);
		return err_todo(
		    e, "leave the user out of outgoing, or use the submission port (465, 587)");
	}
	if (sasl_pick(account->outgoing_auth, s->mechanisms, is_private, &mechanism, e) != 0 ||
	    sasl_new(&sasl, mechanism, u->user, secret, s->host, s->port, e) != 0)
		return -1;
	r = converse(s, sasl, mechanism, &line, e);
	if (r == 0)
		r = s->code == 235 ? sasl_finish(sasl, e)
				   : sasl_refused(sasl, buf_slice(&s->reply), e);
	buf_free(&line);
	sasl_free(&sasl);
	secret_wipe(s->ms->write_buffer, s->ms->buffer_max_size);
	return r;
}
