/* Opening an SMTP session: greeting, EHLO, STARTTLS, replies. */
#include "net/smtp.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clean.h"
#include "net/busy.h"

#define MAX_REPLY_LINES 128
#define MAX_REPLY_BYTES 16384

int
smtp_check(const struct smtp *s, struct err *e)
{
	if (stream_error(s->st)->code == ERR_NONE)
		return 0;
	*e = *stream_error(s->st);
	return -1;
}

static int
kill_session(struct smtp *s, enum err_code code, const char *words, struct err *e)
{
	err_set(e, code, "%s %s", s->host, words);
	return stream_fail(s->st, e);
}

int
smtp_put(struct smtp *s, const char *text, struct err *e)
{
	size_t n = strlen(text);

	if (smtp_check(s, e) != 0)
		return -1;
	if (mailstream_write(s->ms, text, n) != (ssize_t)n ||
	    mailstream_write(s->ms, "\r\n", 2) != 2)
		return smtp_check(s, e);
	return 0;
}

int
smtp_flush(struct smtp *s, struct err *e)
{
	return mailstream_flush(s->ms) == 0 ? 0 : smtp_check(s, e);
}

/* "250-text" or "250 text": three digits of which the first is 2 to 5. */
static bool
is_reply_line(struct slice line)
{
	return line.n >= 3 && line.p[0] >= '2' && line.p[0] <= '5' && ascii_isdigit(line.p[1]) &&
	    ascii_isdigit(line.p[2]) && (line.n == 3 || line.p[3] == ' ' || line.p[3] == '-');
}

static void
take_keyword(struct smtp *s, struct slice line)
{
	size_t space = slice_chr(line, ' ');
	struct slice word = slice_sub(line, 0, space == SLICE_NONE ? line.n : space);
	struct slice rest = slice_from(line, word.n);

	if (slice_iis(word, "DSN")) {
		s->caps.dsn = true;
	} else if (slice_iis(word, "PIPELINING")) {
		s->caps.pipelining = true;
	} else if (slice_iis(word, "8BITMIME")) {
		s->caps.eight_bit = true;
	} else if (slice_iis(word, "SMTPUTF8")) {
		s->caps.smtputf8 = true;
	} else if (slice_iis(word, "STARTTLS")) {
		s->starttls = true;
	} else if (slice_iis(word, "AUTH")) {
		free(s->mechanisms);
		s->mechanisms = xslicedup(slice_trim(rest));
	} else if (slice_iis(word, "SIZE")) {
		rest = slice_trim(rest);
		s->caps.max_size = 0;
		for (size_t i = 0; i < rest.n && i < 18 && ascii_isdigit(rest.p[i]); i++)
			s->caps.max_size = s->caps.max_size * 10 + (uint64_t)(rest.p[i] - '0');
	}
}

/* EHLO's lines are looked at one by one, all others joined. */
static int
get_lines(struct smtp *s, bool is_ehlo, struct err *e)
{
	buf_clear(&s->reply);
	for (unsigned n = 0;; n++) {
		struct slice line;

		if (mailstream_read_line_remove_eol(s->ms, s->line) == NULL)
			return smtp_check(s, e);
		line = (struct slice){s->line->str, s->line->len};
		if (!is_reply_line(line) || n > MAX_REPLY_LINES || s->reply.len > MAX_REPLY_BYTES)
			return kill_session(
			    s, ERR_PROTOCOL, "does not answer as a mail server does", e);
		s->code =
		    (unsigned)((line.p[0] - '0') * 100 + (line.p[1] - '0') * 10 + line.p[2] - '0');
		if (n == 0)
			buf_addslice(&s->reply, slice_sub(line, 0, 3));
		buf_addc(&s->reply, ' ');
		buf_addslice(&s->reply, slice_from(line, 4));
		if (is_ehlo && n > 0 && s->code == 250)
			take_keyword(s, slice_from(line, 4));
		if (line.n == 3 || line.p[3] == ' ')
			return 0;
	}
}

int
smtp_get(struct smtp *s, struct err *e)
{
	return get_lines(s, false, e);
}

int
smtp_ask(struct smtp *s, const char *text, struct err *e)
{
	if (smtp_put(s, text, e) != 0 || smtp_flush(s, e) != 0)
		return -1;
	return smtp_get(s, e);
}

int
smtp_refused(const struct smtp *s, struct err *e)
{
	enum err_code code = ERR_REFUSED;
	struct buf words = BUF_INIT;

	clean_append(&words, buf_slice(&s->reply), 350);
	/* 421: it closes the channel, for whatever reason (RFC 5321 3.8). */
	if (s->code == 421 || (s->code / 100 == 4 && busy_is(buf_slice(&s->reply), false)))
		code = ERR_BUSY;
	err_set(e, code, "%s says: %s", s->host, buf_cstr(&words));
	buf_free(&words);
	return -1;
}

static bool
is_host_name(const char *s)
{
	const char *p = s;

	for (; *p != '\0'; p++)
		if (!ascii_isalpha(*p) && !ascii_isdigit(*p) && *p != '-' && *p != '.')
			return false;
	return strchr(s, '.') != NULL && s[0] != '.' && s[0] != '-' && p[-1] != '.';
}

static int
say_hello(struct smtp *s, struct err *e)
{
	char name[256] = "", line[300], literal[80];

	stream_local_literal(s->st, literal, sizeof(literal));
	if (gethostname(name, sizeof(name) - 1) != 0 || !is_host_name(name))
		snprintf(name, sizeof(name), "%s", literal);
	s->caps = (struct outgoing_caps){0};
	s->starttls = false;
	free(s->mechanisms);
	s->mechanisms = xstrdup("");
	snprintf(line, sizeof(line), "EHLO %s", name);
	if (smtp_put(s, line, e) != 0 || smtp_flush(s, e) != 0 || get_lines(s, true, e) != 0)
		return -1;
	if (s->code == 250)
		return 0;
	if (s->code / 100 != 5)
		return smtp_refused(s, e);
	/* A server from before 1995 is still a server. */
	snprintf(line, sizeof(line), "HELO %s", name);
	if (smtp_ask(s, line, e) != 0)
		return -1;
	return s->code == 250 ? 0 : smtp_refused(s, e);
}

static int
start_tls(struct smtp *s, struct err *e)
{
	if (!s->starttls) {
		err_set(e, ERR_TLS, "%s does not offer STARTTLS on port %u, which is required",
		    s->host, s->port);
		return err_todo(e,
		    "try smtps:// (port 465); if STARTTLS was offered before, somebody may "
		    "be in between");
	}
	if (smtp_ask(s, "STARTTLS", e) != 0)
		return -1;
	if (s->code != 220)
		return smtp_refused(s, e);
	if (stream_mailstream_unread(s->ms) > 0)
		return kill_session(
		    s, ERR_TLS, "goes on speaking after STARTTLS: somebody is in between", e);
	if (stream_start_tls(s->st, e) != 0)
		return -1;
	return say_hello(s, e);
}

static int
not_private(struct smtp *s, const struct net_options *o, struct err *e)
{
	if (stream_is_loopback(s->st) || o->allow_cleartext)
		return 0;
	err_set(e, ERR_TLS,
	    "the connection to %s is not encrypted: no mail or password is sent on it", s->host);
	return err_todo(e, "use smtps:// or smtp://, or set allow-cleartext = yes if you must");
}

static int
begin(struct smtp *s, const struct account *a, const char *secret, const struct net_options *o,
    struct err *e)
{
	enum url_scheme scheme = a->outgoing.scheme;

	if (scheme == URL_SMTP_INSECURE && not_private(s, o, e) != 0)
		return -1;
	if (scheme == URL_SMTPS && stream_start_tls(s->st, e) != 0)
		return -1;
	if (smtp_get(s, e) != 0)
		return -1;
	if (s->code != 220)
		return smtp_refused(s, e);
	if (say_hello(s, e) != 0)
		return -1;
	if (scheme == URL_SMTP && start_tls(s, e) != 0)
		return -1;
	if (a->outgoing.user[0] == '\0')
		return 0;
	return smtp_login(s, a, secret, e);
}

static void
close_smtp(void *state)
{
	struct smtp *s = state;
	struct err ignored;

	/* Nobody waits for the answer. */
	if (smtp_check(s, &ignored) == 0 && smtp_put(s, "QUIT", &ignored) == 0)
		smtp_flush(s, &ignored);
	stream_mailstream_free(&s->ms);
	stream_free(&s->st);
	mmap_string_free(s->line);
	buf_free(&s->reply);
	free(s->mechanisms);
	free(s->host);
	free(s);
}

static const struct way smtp_way = {.send = smtp_send, .close = close_smtp};

int
smtp_open(struct outgoing *out, const struct account *account, const char *secret,
    const struct net_options *o, struct err *e)
{
	const struct url *u = &account->outgoing;
	struct buf words = BUF_INIT;
	struct stream *st;
	struct smtp *s;

	if (stream_open(&st, u->host, u->port, o, e) != 0)
		return -1;
	s = xcalloc(1, sizeof(*s));
	s->st = st;
	s->port = u->port;
	s->timeout_s = o->timeout_s;
	clean_append(&words, slice_of(u->host), 255);
	s->host = xstrdup(buf_cstr(&words));
	s->line = mmap_string_new("");
	s->ms = stream_mailstream_new(st, NULL);
	if (s->line == NULL)
		abort();
	if (begin(s, account, secret, o, e) != 0) {
		buf_free(&words);
		close_smtp(s);
		return -1;
	}
	if (stream_has_tls(st))
		buf_addf(&words, ", %s", stream_tls_words(st));
	out->way = &smtp_way;
	out->state = s;
	out->caps = s->caps;
	out->words = buf_take(&words);
	return 0;
}
