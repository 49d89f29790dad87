#include "base/conf_reader.h"
#include "base/conf_value.h"

/* Of the option, or of its section if the option is not there. */
static unsigned
line_of(const struct seen *seen, const char *section, const char *name)
{
	unsigned line = seen->lines[reader_option(section, name)];

	return line > 0 ? line : seen->section_line;
}

static void
check_url(struct reader *r, const struct account *a, const struct url *u, const char *name,
    const char *cred_cmd, unsigned line)
{
	bool is_cleartext = u->scheme == URL_IMAP_INSECURE || u->scheme == URL_SMTP_INSECURE;

	if (u->password[0] != '\0')
		r->has_password = true;
	if (u->password[0] != '\0' && cred_cmd[0] != '\0')
		reader_problem(r, line,
		    "%s holds a password, and %s-cred-cmd is given too: keep one of them", name,
		    name);
	if (is_cleartext && !a->allow_cleartext && !conf_host_is_loopback(u->host))
		reader_problem(r, line,
		    "%s would send all, the password too, in clear text to %.80s: use %s://, or "
		    "say "
		    "allow-cleartext = yes",
		    name, u->host, u->scheme == URL_IMAP_INSECURE ? "imaps" : "smtps");
}

static void
check_account(struct reader *r, struct account *a, const struct seen *seen)
{
	unsigned source_line = line_of(seen, "account", "source");

	if (a->source.scheme == URL_NONE && (source_line == seen->section_line || seen->n_bad == 0))
		reader_problem(r, source_line,
		    "[%s] has no source: the mailbox that collects its bounces", a->name);
	check_url(r, a, &a->source, "source", a->source_cred_cmd, source_line);
	check_url(r, a, &a->outgoing, "outgoing", a->outgoing_cred_cmd,
	    line_of(seen, "account", "outgoing"));
	if (seen->lines[reader_option("account", "outgoing-auth")] == 0)
		a->outgoing_auth = a->auth;
	if (a->from[0] == '\0' && conf_is_address(a->source.user))
		a->from = a->source.user;
	if (a->from[0] == '\0' && a->outgoing.scheme != URL_NONE && seen->n_bad == 0)
		reader_problem(r, seen->section_line,
		    "[%s] has an outgoing but no from: the sender of what goes out", a->name);
}

void
reader_check(struct reader *r)
{
	struct conf *c = r->c;

	if (c->n_accounts == 0)
		reader_problem(r, 0,
		    "there is no account in this file: a section such as [bounces] with a source");
	for (size_t i = 0; i < c->n_accounts; i++)
		check_account(r, &c->accounts[i], &r->seen[i]);
	if (c->n_accounts == 0)
		return;
	if (c->default_account[0] == '\0')
		c->default_account = c->accounts[0].name;
	if (reader_account(c, c->default_account) == c->n_accounts)
		reader_problem(r, line_of(&r->ui, "ui", "account"),
		    "account = %.60s: there is no account of this name", c->default_account);
}
