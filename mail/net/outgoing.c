#include "net/outgoing.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clean.h"
#include "msg/addr.h"
#include "msg/resend.h"
#include "net/way.h"

int
outgoing_open(struct outgoing **o_r, const struct account *account, const char *secret,
    const struct net_options *opt, struct err *e)
{
	struct outgoing *o = xcalloc(1, sizeof(*o));
	int r;

	switch (account->outgoing.scheme) {
	case URL_SMTPS:
	case URL_SMTP:
	case URL_SMTP_INSECURE:
		r = smtp_open(o, account, secret, opt, e);
		break;
	case URL_COMMAND:
		r = command_open(o, &account->outgoing, opt, e);
		break;
	case URL_MAILDIR:
		r = maildir_out_open(o, &account->outgoing, e);
		break;
	default:
		r = err_set(e, ERR_CONF, "no outgoing is configured for account %s", account->name);
		err_todo(
		    e, "set outgoing = smtps://user@host, or a command like /usr/sbin/sendmail -i");
	}
	if (r != 0) {
		free(o);
		return -1;
	}
	*o_r = o;
	return 0;
}

const struct outgoing_caps *
outgoing_caps(const struct outgoing *o)
{
	return &o->caps;
}

const char *
outgoing_words(const struct outgoing *o)
{
	return o->words;
}

void
reply_set(char out[REPLY_BYTES], struct slice text)
{
	struct buf words = BUF_INIT;

	clean_append(&words, slice_trim(text), REPLY_BYTES - 8);
	snprintf(out, REPLY_BYTES, "%s", buf_cstr(&words));
	buf_free(&words);
}

void
results_set(
    struct outgoing_result *results, size_t n, bool accepted, unsigned code, struct slice text)
{
	for (size_t i = 0; i < n; i++) {
		results[i].accepted = accepted;
		results[i].reply_code = code;
		reply_set(results[i].reply, text);
	}
}

void
lines_local(struct buf *out, struct slice crlf)
{
	size_t cr;

	buf_reserve(out, crlf.n + 2);
	while ((cr = slice_chr(crlf, '\r')) != SLICE_NONE) {
		buf_addslice(out, slice_sub(crlf, 0, cr));
		if (cr + 1 >= crlf.n || crlf.p[cr + 1] != '\n')
			buf_addc(out, '\r');
		crlf = slice_from(crlf, cr + 1);
	}
	buf_addslice(out, crlf);
	if (out->len > 0 && out->data[out->len - 1] != '\n')
		buf_addc(out, '\n');
}

static int
check_address(struct slice address, struct err *e)
{
	struct buf words = BUF_INIT;

	if (addr_is_wire_safe(address) && address.p[0] != '-')
		return 0;
	clean_append(&words, address, 100);
	err_set(e, ERR_REFUSED, "this is not an address that may be sent to: %s", buf_cstr(&words));
	buf_free(&words);
	return err_todo(e, "change the address of the recipient");
}

bool
outgoing_has_utf8_address(const struct outgoing_mail *m)
{
	bool has = addr_needs_utf8(m->envelope_from);

	for (size_t i = 0; i < m->n_recipients; i++)
		has |= addr_needs_utf8(m->recipients[i]);
	return has;
}

static int
check_mail(const struct outgoing *o, const struct outgoing_mail *m, struct err *e)
{
	bool needs_utf8;

	if (m->n_recipients == 0)
		return err_set(e, ERR_USAGE, "there is no recipient");
	if (m->envelope_from.n > 0 && check_address(m->envelope_from, e) != 0)
		return -1;
	for (size_t i = 0; i < m->n_recipients; i++) {
		if (check_address(m->recipients[i], e) != 0)
			return -1;
	}
	needs_utf8 = outgoing_has_utf8_address(m);
	if (!o->caps.smtputf8 && (needs_utf8 || resend_needs_utf8(m->bytes))) {
		err_set(e, ERR_REFUSED,
		    "%s letters beyond ASCII, and %s does not take such (SMTPUTF8)",
		    needs_utf8 ? "an address has" : "the header has raw", o->words);
		return err_todo(e, "%s",
		    needs_utf8 ? "write to another address of theirs"
			       : "edit it as new: its header is written in ASCII then");
	}
	if (o->caps.max_size > 0 && m->bytes.n > o->caps.max_size)
		return err_set(e, ERR_REFUSED, "the message has %zu bytes, %s takes %llu at most",
		    m->bytes.n, o->words, (unsigned long long)o->caps.max_size);
	return 0;
}

enum outgoing_outcome
outgoing_send(struct outgoing *o, const struct outgoing_mail *m, struct outgoing_result *results,
    char *reply, struct err *e)
{
	err_clear(e);
	if (reply != NULL)
		reply[0] = '\0';
	results_set(results, m->n_recipients, false, 0, SLICE_EMPTY);
	if (check_mail(o, m, e) != 0)
		return OUT_REFUSED;
	return o->way->send(o->state, m, results, reply, e);
}

void
outgoing_close(struct outgoing **o)
{
	if (o == NULL || *o == NULL)
		return;
	(*o)->way->close((*o)->state);
	free((*o)->words);
	free(*o);
	*o = NULL;
}
