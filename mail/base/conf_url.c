/* scheme://[user[:password]@]host[:port][/path], percent-encoded (RFC 3986). */
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/conf.h"

struct scheme {
	const char *name;
	enum url_scheme scheme;
	unsigned port; /* 0 = it names a place on this machine */
};

static const struct scheme schemes[] = {
    {"imaps", URL_IMAPS, 993},
    {"imap", URL_IMAP, 143},
    {"imap+insecure", URL_IMAP_INSECURE, 143},
    {"smtps", URL_SMTPS, 465},
    {"smtp", URL_SMTP, 587},
    {"smtp+insecure", URL_SMTP_INSECURE, 25},
    {"maildir", URL_MAILDIR, 0},
    {"mbox", URL_MBOX, 0},
};

/* A URL cut into its parts, still encoded. */
struct parts {
	struct slice user;
	struct slice password;
	struct slice host;
	struct slice port;
	struct slice path;
	bool has_password;
};

static int
hex_value(char c)
{
	if (ascii_isdigit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Neither C0 nor C1 nor broken UTF-8: these go into commands to servers. */
static bool
is_clean_text(struct slice s)
{
	const char *p = s.p;
	const char *end = s.p + s.n;

	while (p < end) {
		unsigned cp = 0;
		size_t n = utf8_decode(p, end, &cp);

		if (n == 0 || cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			return false;
		p += n;
	}
	return true;
}

/* NULL and words in *e if it cannot be decoded. Never quotes what it decodes. */
static const char *
decode(struct arena *a, struct slice in, const char *what, struct err *e)
{
	char *out = arena_alloc(a, in.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++) {
		out[n++] = in.p[i];
		if (in.p[i] != '%')
			continue;
		if (in.n - i < 3 || hex_value(in.p[i + 1]) < 0 || hex_value(in.p[i + 2]) < 0) {
			err_set(e, ERR_CONF,
			    "%s has a %% that two hexadecimal digits do not follow", what);
			err_todo(e, "write a %% itself as %%25");
			return NULL;
		}
		out[n - 1] = (char)(hex_value(in.p[i + 1]) * 16 + hex_value(in.p[i + 2]));
		i += 2;
	}
	out[n] = '\0';
	if (is_clean_text((struct slice){out, n}))
		return out;
	err_set(e, ERR_CONF, "%s holds a control character or broken UTF-8", what);
	return NULL;
}

static const struct scheme *
scheme_find(struct slice name)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (slice_iis(name, schemes[i].name))
			return &schemes[i];
	}
	return NULL;
}

static size_t
last_at(struct slice s)
{
	size_t i = s.n;

	while (i > 0 && s.p[i - 1] != '@')
		i--;
	return i;
}

static int
split_host(struct slice s, struct parts *p, struct err *e)
{
	size_t colon = slice_chr(s, ':');

	p->port = SLICE_EMPTY;
	if (s.n > 0 && s.p[0] == '[') {
		size_t end = slice_chr(s, ']');

		if (end == SLICE_NONE)
			return err_set(e, ERR_CONF, "the ] of the IPv6 address is missing");
		p->host = slice_sub(s, 1, end - 1);
		s = slice_from(s, end + 1);
		if (s.n > 0 && s.p[0] != ':')
			return err_set(
			    e, ERR_CONF, "there is more behind the ] of the IPv6 address");
		p->port = slice_from(s, 1);
		colon = s.n > 0 ? 0 : SLICE_NONE;
	} else {
		p->host = slice_sub(s, 0, colon == SLICE_NONE ? s.n : colon);
		p->port = slice_from(s, colon == SLICE_NONE ? s.n : colon + 1);
	}
	if (colon != SLICE_NONE && p->port.n == 0)
		return err_set(e, ERR_CONF, "there is no port behind the colon");
	return 0;
}

static int
split(struct slice s, struct parts *p, struct err *e)
{
	size_t slash = slice_chr(s, '/');
	struct slice authority = slice_sub(s, 0, slash == SLICE_NONE ? s.n : slash);
	size_t at = last_at(authority);
	struct slice login = slice_sub(authority, 0, at > 0 ? at - 1 : 0);
	size_t colon = slice_chr(login, ':');

	p->path = slice_from(s, slash == SLICE_NONE ? s.n : slash);
	p->user = slice_sub(login, 0, colon == SLICE_NONE ? login.n : colon);
	p->has_password = colon != SLICE_NONE;
	p->password = p->has_password ? slice_from(login, colon + 1) : SLICE_EMPTY;
	if (slice_chr(login, '@') != SLICE_NONE) {
		err_set(e, ERR_CONF, "more than one @ in the URL");
		return err_todo(e, "write the @ of a user name or password as %%40");
	}
	return split_host(slice_from(authority, at), p, e);
}

static bool
is_host_char(char c, bool is_ipv6)
{
	if (ascii_isdigit(c) || c == '.')
		return true;
	if (is_ipv6)
		return c == ':' || c == '%' || ascii_isalpha(c);
	return ascii_isalpha(c) || c == '-' || c == '_';
}

static int
check_host(const char *host, struct err *e)
{
	bool is_ipv6 = strchr(host, ':') != NULL;

	if (host[0] == '\0')
		return err_set(e, ERR_CONF, "there is no host name in the URL");
	if (strlen(host) > 253 || host[0] == '-' || host[0] == '.')
		return err_set(e, ERR_CONF, "this is no host name");
	for (const char *p = host; *p != '\0'; p++) {
		if (is_host_char(*p, is_ipv6))
			continue;
		err_set(e, ERR_CONF, "the host name holds a character that host names do not have");
		return err_todo(e,
		    "write special characters of user and password with %%, and an "
		    "international name in its xn-- form");
	}
	return 0;
}

static int
read_port(struct slice s, unsigned fallback, unsigned *port_r, struct err *e)
{
	unsigned long n = 0;

	*port_r = fallback;
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_isdigit(s.p[i]) || s.n > 5)
			return err_set(e, ERR_CONF, "the port is not a number from 1 to 65535");
		n = n * 10 + (unsigned long)(s.p[i] - '0');
	}
	if (s.n > 0 && (n < 1 || n > 65535))
		return err_set(e, ERR_CONF, "the port is not a number from 1 to 65535");
	if (s.n > 0)
		*port_r = (unsigned)n;
	return 0;
}

/* What may be shown: the password is left out. */
static const char *
text_without_password(struct arena *a, struct slice text, const struct parts *p)
{
	size_t before = (size_t)(p->user.p + p->user.n - text.p);
	size_t after = (size_t)(p->password.p + p->password.n - text.p);

	if (!p->has_password)
		return arena_slicedup(a, text);
	return arena_printf(a, "%.*s%s", (int)before, text.p, text.p + after);
}

static int
read_local(struct arena *a, const struct parts *p, struct url *u, struct err *e)
{
	if (p->host.n > 0 || p->user.n > 0) {
		err_set(
		    e, ERR_CONF, "a maildir or mbox URL names a place on this machine, not a host");
		return err_todo(e, "three slashes: maildir:///home/me/Maildir");
	}
	u->path = decode(a, p->path, "the path", e);
	if (u->path == NULL)
		return -1;
	if (u->path[0] == '\0' || u->path[1] == '\0')
		return err_set(e, ERR_CONF, "the path is missing");
	return 0;
}

static int
read_remote(struct arena *a, const struct parts *p, unsigned port, struct url *u, struct err *e)
{
	bool is_imap =
	    u->scheme == URL_IMAPS || u->scheme == URL_IMAP || u->scheme == URL_IMAP_INSECURE;

	if ((u->user = decode(a, p->user, "the user name", e)) == NULL ||
	    (u->password = decode(a, p->password, "the password", e)) == NULL ||
	    (u->host = decode(a, p->host, "the host name", e)) == NULL ||
	    (u->path = decode(a, slice_from(p->path, 1), "the mailbox", e)) == NULL ||
	    check_host(u->host, e) != 0 || read_port(p->port, port, &u->port, e) != 0)
		return -1;
	if (is_imap && u->user[0] == '\0') {
		err_set(e, ERR_CONF, "there is no user name in the URL");
		return err_todo(e, "imaps://USER@HOST/INBOX, with the @ of a user name as %%40");
	}
	if (is_imap && u->path[0] == '\0')
		u->path = "INBOX";
	if (!is_imap && u->path[0] != '\0')
		return err_set(e, ERR_CONF, "an smtp URL has no path behind the host");
	return 0;
}

static int
read_command(struct arena *a, const char *text, struct url *u, struct err *e)
{
	if (!is_clean_text(slice_of(text)))
		return err_set(
		    e, ERR_CONF, "the command holds a control character or broken UTF-8");
	u->scheme = URL_COMMAND;
	u->path = arena_strdup(a, text);
	u->text = u->path;
	return 0;
}

static int
read_url(struct arena *a, const char *text, struct url *u, struct err *e)
{
	struct slice all = slice_trim(slice_of(text));
	size_t colon = slice_find(all, "://");
	const struct scheme *scheme = NULL;
	struct parts p = {.has_password = false};

	if (all.n > 0 && all.p[0] == '/')
		return read_command(a, text, u, e);
	if (colon != SLICE_NONE)
		scheme = scheme_find(slice_sub(all, 0, colon));
	if (scheme == NULL)
		return err_set(e, ERR_CONF,
		    "this begins with no scheme that is known, and with no / as a command does");
	u->scheme = scheme->scheme;
	if (split(slice_from(all, colon + 3), &p, e) != 0)
		return -1;
	u->text = text_without_password(a, all, &p);
	if (scheme->port == 0)
		return read_local(a, &p, u, e);
	return read_remote(a, &p, scheme->port, u, e);
}

int
url_parse(struct arena *a, const char *text, struct url *url_r, struct err *e)
{
	static const struct url none = {URL_NONE, "", "", "", "", 0, ""};

	*url_r = none;
	if (read_url(a, text, url_r, e) == 0)
		return 0;
	*url_r = none;
	return -1;
}
