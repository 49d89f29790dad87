/* From nothing to a session that is logged in, and back. */
#include <stdlib.h>

#include "base/clean.h"
#include "net/imap_session.h"

const struct imap_caps *
imap_caps(const struct imap *s)
{
	return &s->caps;
}

const char *
imap_greeting(const struct imap *s)
{
	return s->greeting;
}

const char *
imap_tls_words(const struct imap *s)
{
	return stream_tls_words(s->st);
}

uint64_t
imap_bytes_in(const struct imap *s)
{
	return stream_bytes_in(s->st);
}

static void
keep_greeting(struct imap *s)
{
	struct buf words = BUF_INIT;

	clean_append(&words, slice_trim(slice_from(buf_slice(&s->guard.greeting), 2)), 300);
	free(s->greeting);
	s->greeting = buf_take(&words);
}

/* Reads the greeting. *is_in_r: the server says that we are logged in already. */
static int
greet(struct imap *s, bool *is_in_r, struct err *e)
{
	int r = mailimap_connect(s->m, s->ms);

	*is_in_r = r == MAILIMAP_NO_ERROR_AUTHENTICATED;
	keep_greeting(s);
	if (imap_result(s, r, e) != 0)
		return -1;
	imap_take_capabilities(s, buf_slice(&s->guard.greeting));
	return 0;
}

static int
not_private(struct imap *s, const struct net_options *o, struct err *e)
{
	if (stream_is_loopback(s->st) || o->allow_cleartext)
		return 0;
	err_set(e, ERR_TLS, "the connection to %s is not encrypted: no password is sent on it",
	    s->host);
	return err_todo(e, "use imaps:// or imap://, or set allow-cleartext = yes if you must");
}

/* STARTTLS (RFC 9051 6.2.1). Whatever was said before it counts for nothing. */
static int
start_tls(struct imap *s, bool is_in, struct err *e)
{
	if (is_in)
		return err_set(e, ERR_TLS,
		    "%s says that we are logged in before TLS has begun: somebody may be in "
		    "between",
		    s->host);
	if (s->offered == NULL && imap_ask_capabilities(s, e) != 0)
		return -1;
	if (!imap_offers(s, "STARTTLS")) {
		err_set(e, ERR_TLS, "%s does not offer STARTTLS on port %u, which is required",
		    s->host, s->port);
		return err_todo(e,
		    "try imaps:// (port 993); if STARTTLS was offered before, somebody may "
		    "be in between");
	}
	if (imap_command(s, NULL, NULL, e, "STARTTLS") != 0)
		return -1;
	if (stream_mailstream_unread(s->ms) > 0)
		return imap_kill(s, ERR_TLS,
		    "the server goes on speaking after STARTTLS: somebody is in between", e);
	if (stream_start_tls(s->st, e) != 0)
		return -1;
	free(s->offered);
	s->offered = NULL;
	return imap_ask_capabilities(s, e);
}

static int
begin(struct imap *s, const struct account *a, const char *secret, const struct net_options *o,
    const struct imap_wanted *wanted, struct err *e)
{
	bool is_in = false;

	if (a->source.scheme == URL_IMAP_INSECURE && not_private(s, o, e) != 0)
		return -1;
	if (a->source.scheme == URL_IMAPS && stream_start_tls(s->st, e) != 0)
		return -1;
	if (greet(s, &is_in, e) != 0)
		return -1;
	if (a->source.scheme == URL_IMAP && start_tls(s, is_in, e) != 0)
		return -1;
	if (s->offered == NULL && imap_ask_capabilities(s, e) != 0)
		return -1;
	if (is_in)
		return 0;
	if (wanted != NULL && !wanted->one_by_one)
		imap_early_plan(s, wanted);
	return imap_login(s, a, secret, e);
}

/* COMPRESS=DEFLATE (RFC 4978): a tenth of the bytes for bounces. A server that
 * changes its mind is no failure. */
static int
compress(struct imap *s, const struct net_options *o, struct err *e)
{
	if (!s->caps.compress || (stream_is_loopback(s->st) && !o->compress_always))
		return 0;
	if (imap_command(s, NULL, NULL, e, "COMPRESS DEFLATE") != 0)
		return e->code == ERR_REFUSED ? 0 : -1;
	if (stream_mailstream_unread(s->ms) > 0)
		return imap_kill(
		    s, ERR_PROTOCOL, "the server goes on speaking before compression", e);
	return stream_start_deflate(s->st, e);
}

static int
open_some(struct imap **s_r, const struct account *account, const char *secret,
    const struct net_options *o, const struct imap_wanted *wanted, struct err *e)
{
	const struct url *u = &account->source;
	struct imap *s;
	struct stream *st;
	struct buf host = BUF_INIT;

	if (u->scheme != URL_IMAPS && u->scheme != URL_IMAP && u->scheme != URL_IMAP_INSECURE)
		return err_set(e, ERR_USAGE, "not an IMAP mailbox");
	if (stream_open(&st, u->host, u->port, o, e) != 0)
		return -1;
	s = xcalloc(1, sizeof(*s));
	s->st = st;
	clean_append(&host, slice_of(u->host), 255);
	s->host = buf_take(&host);
	s->port = u->port;
	s->keepalive_s = net_keepalive_s(o);
	s->greeting = xstrdup("");
	guard_init(&s->guard, IMAP_SMALL_LITERAL);
	s->ms = stream_mailstream_new(st, &s->guard);
	s->m = mailimap_new(0, NULL);
	if (s->m == NULL)
		abort();
	*s_r = s;
	return begin(s, account, secret, o, wanted, e);
}

int
imap_open(struct imap **s_r, const struct account *account, const char *secret,
    const struct net_options *o, struct err *e)
{
	struct imap *s = NULL;

	if (open_some(&s, account, secret, o, NULL, e) != 0 || compress(s, o, e) != 0) {
		imap_close(&s);
		return -1;
	}
	*s_r = s;
	return 0;
}

/* What was sent early is answered before anything else is said. */
static int
finish_early(struct imap *s, const struct net_options *o, const struct imap_wanted *wanted,
    struct imap_box *box, struct imap_delta *delta, struct err *e)
{
	int r = imap_resync(s, wanted->mailbox, wanted->read_only, wanted->known, box, delta, e);

	if (r == 0 && !s->has_fresh_capabilities)
		r = imap_ask_capabilities(s, e);
	return r == 0 ? compress(s, o, e) : -1;
}

static int
open_box(struct imap **s_r, const struct account *account, const char *secret,
    const struct net_options *o, const struct imap_wanted *wanted, struct imap_box *box,
    struct imap_delta *delta, struct err *e)
{
	if (open_some(s_r, account, secret, o, wanted, e) != 0)
		return -1;
	if ((*s_r)->early.is_sent)
		return finish_early(*s_r, o, wanted, box, delta, e);
	if (compress(*s_r, o, e) != 0)
		return -1;
	return imap_resync(*s_r, wanted->mailbox, wanted->read_only, wanted->known, box, delta, e);
}

static bool
is_lost(enum err_code code)
{
	return code == ERR_PROTOCOL || code == ERR_CLOSED || code == ERR_TIMEOUT;
}

int
imap_open_box(struct imap **s_r, const struct account *account, const char *secret,
    const struct net_options *o, const struct imap_wanted *wanted, struct imap_box *box,
    struct imap_delta *delta, struct err *e)
{
	struct imap_wanted want = *wanted;
	struct imap *s = NULL;
	int r = open_box(&s, account, secret, o, &want, box, delta, e);

	/* Something in between may have lost what came early: once more, one by one. */
	if (r != 0 && s != NULL && s->early.was_sent && is_lost(e->code)) {
		imap_close(&s);
		imap_delta_free(delta);
		want.one_by_one = true;
		r = open_box(&s, account, secret, o, &want, box, delta, e);
	}
	if (r != 0) {
		imap_close(&s);
		return -1;
	}
	s->is_one_by_one = want.one_by_one;
	*s_r = s;
	return 0;
}

bool
imap_is_one_by_one(const struct imap *s)
{
	return s->is_one_by_one;
}

void
imap_close(struct imap **s)
{
	struct err ignored;

	if (s == NULL || *s == NULL)
		return;
	(*s)->ahead.is_sent = false;
	if (imap_check(*s, &ignored) == 0)
		imap_send(*s, &ignored, "LOGOUT"); /* nobody waits for the answer */
	(*s)->m->imap_stream = NULL;               /* or mailimap_free would wait for one */
	mailimap_free((*s)->m);
	stream_mailstream_free(&(*s)->ms);
	stream_free(&(*s)->st);
	guard_free(&(*s)->guard);
	buf_free(&(*s)->line);
	buf_free(&(*s)->last_text);
	buf_free(&(*s)->ahead.command);
	buf_free(&(*s)->early.command);
	free((*s)->ahead.set.ranges);
	for (size_t i = 0; i < sizeof((*s)->folders) / sizeof((*s)->folders[0]); i++)
		free((*s)->folders[i]);
	free((*s)->offered);
	free((*s)->greeting);
	free((*s)->host);
	free(*s);
	*s = NULL;
}
