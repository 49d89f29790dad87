#include "tui/cmd_first.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/conf.h"
#include "tui/cmd_providers.h"
#include "tui/cmd_session.h"
#include "tui/cmd_terminal.h"

/* All that RFC 3986 does not leave as it is in user names and passwords. */
static void
add_encoded(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (ascii_isalpha(*text) || ascii_isdigit(*text) || strchr("-._~", *text) != NULL)
			buf_addc(out, *text);
		else
			buf_addf(out, "%%%02X", (unsigned char)*text);
	}
}

/* scheme://login[:password]@host */
static void
add_url(struct buf *out, const char *scheme, const char *host, const struct first_answers *a)
{
	buf_adds(out, scheme);
	add_encoded(out, a->login);
	if (a->password[0] != '\0') {
		buf_addc(out, ':');
		add_encoded(out, a->password);
	}
	buf_addf(out, "%s%s", a->login[0] == '\0' ? "" : "@", host);
}

static bool
is_url(const char *text)
{
	return strstr(text, "://") != NULL;
}

static void
add_source(struct buf *out, const struct first_answers *a)
{
	buf_adds(out, "source = ");
	if (is_url(a->source_host)) {
		buf_addf(out, "%s\n", a->source_host);
	} else {
		add_url(out, "imaps://", a->source_host, a);
		buf_addc(out, '/');
		add_encoded(out, a->mailbox);
		buf_addc(out, '\n');
	}
	if (a->command[0] != '\0')
		buf_addf(out, "source-cred-cmd = %s\n", a->command);
	if (a->auth[0] != '\0')
		buf_addf(out, "auth = %s\n", a->auth);
}

static void
add_outgoing(struct buf *out, const struct first_answers *a)
{
	const char *colon = strstr(a->outgoing, "://");
	bool is_server = strncmp(a->outgoing, "smtp", 4) == 0 && colon != NULL;

	if (a->outgoing[0] == '\0')
		return;
	buf_adds(out, "outgoing = ");
	if (!is_server || strchr(a->outgoing, '@') != NULL) {
		buf_addf(out, "%s\n", a->outgoing);
		return;
	}
	if (strncmp(a->outgoing, "smtps://", 8) == 0)
		add_url(out, "smtps://", colon + 3, a);
	else if (strncmp(a->outgoing, "smtp://", 7) == 0)
		add_url(out, "smtp://", colon + 3, a);
	else
		add_url(out, "smtp+insecure://", colon + 3, a);
	buf_addc(out, '\n');
	if (a->command[0] != '\0')
		buf_addf(out, "outgoing-cred-cmd = %s\n", a->command);
	if (a->auth[0] != '\0')
		buf_addf(out, "outgoing-auth = %s\n", a->auth);
}

/* A display name, quoted if it is more than words (RFC 5322 3.2.4). */
static void
add_name(struct buf *out, const char *name)
{
	if (strpbrk(name, "()<>[]:;@\\,.\"#'") == NULL) {
		buf_adds(out, name);
		return;
	}
	buf_addc(out, '"');
	for (; *name != '\0'; name++) {
		if (*name != '"' && *name != '\\')
			buf_addc(out, *name);
	}
	buf_addc(out, '"');
}

void
first_conf(struct buf *out, const struct first_answers *a)
{
	buf_adds(out,
	    "# Written by bouncebox; man bouncebox tells what else can stand here.\n[bounces]\n");
	add_source(out, a);
	add_outgoing(out, a);
	buf_adds(out, "from = ");
	add_name(out, a->name);
	buf_addf(out, a->name[0] == '\0' ? "%s\n" : " <%s>\n", a->address);
}

/* A secret may be in the text: only we may read the file, from its first byte
 * on, and half of it never stands there. */
static int
write_conf(const char *path, struct buf *text, struct err *e)
{
	struct arena *a = arena_new();
	char *temp = arena_printf(a, "%s.XXXXXX", path);
	char *folder = arena_strdup(a, path);
	int fd = -1;
	int rc = 0;

	*strrchr(folder, '/') = '\0';
	if (path_make_dir(folder, e) != 0)
		rc = -1;
	else if ((fd = mkostemp(temp, O_CLOEXEC)) < 0)
		rc = err_set(e, ERR_IO, "%s: %s", temp, strerror(errno));
	else if (write(fd, text->data, text->len) != (ssize_t)text->len || fsync(fd) != 0 ||
	    rename(temp, path) != 0)
		rc = err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (rc != 0 && fd >= 0)
		unlink(temp);
	arena_free(&a);
	return rc;
}

/* The answer, or the proposal when only Enter was pressed; NULL to leave. */
static const char *
ask(struct arena *a, const char *question, const char *proposal)
{
	char *prompt = proposal[0] == '\0' ? arena_printf(a, "%s: ", question)
					   : arena_printf(a, "%s [%s]: ", question, proposal);
	char *answer = terminal_ask(prompt, false);
	const char *kept;

	if (answer == NULL)
		return NULL;
	kept = answer[0] == '\0' ? proposal : arena_slicedup(a, slice_trim(slice_of(answer)));
	free(answer);
	return kept;
}

static bool
ask_address(struct arena *a, struct first_answers *f)
{
	for (;;) {
		const char *at;

		f->address = ask(a, "Address of the mailbox that collects bounces", f->address);
		if (f->address == NULL)
			return false;
		at = strrchr(f->address, '@');
		if (at != NULL && at != f->address && at[1] != '\0')
			return true;
		fputs("That is no address: something like bounces@example.org\n", stderr);
		f->address = "";
	}
}

/* A command, or the password itself. */
static bool
ask_secret(struct arena *a, struct first_answers *f)
{
	char *secret;

	fputs("A command that prints the password keeps it out of files, such as\n"
	      "  pass show mail/bounces\n",
	    stderr);
	f->command = ask(a, "Command (Enter: type the password instead)", f->command);
	if (f->command == NULL || f->command[0] != '\0')
		return f->command != NULL;
	secret =
	    terminal_ask("Password (not shown; kept in the file, which only you may read): ", true);
	if (secret == NULL)
		return false;
	f->password = arena_strdup(a, secret);
	secret_wipe(secret, strlen(secret));
	free(secret);
	return true;
}

/* Of a whole URL only the way to its password is left to ask for. */
static bool
ask_source(struct arena *a, struct first_answers *f)
{
	f->source_host = ask(a, "IMAP server (a host, host:port, or a whole URL)", f->source_host);
	if (f->source_host == NULL)
		return false;
	if (strncmp(f->source_host, "imap", 4) == 0 && is_url(f->source_host)) {
		f->command = ask(a, "Command that prints the password", f->command);
		return f->command != NULL;
	}
	if (is_url(f->source_host))
		return true;
	f->login = ask(a, "Login name", f->login[0] == '\0' ? f->address : f->login);
	if (f->login == NULL)
		return false;
	f->mailbox = ask(a, "Mailbox", f->mailbox);
	return f->mailbox != NULL && ask_secret(a, f);
}

static bool
ask_outgoing(struct arena *a, struct first_answers *f)
{
	f->outgoing =
	    ask(a, "Outgoing (smtps://HOST, smtp://HOST, a command, or none)", f->outgoing);
	if (f->outgoing == NULL)
		return false;
	if (strcmp(f->outgoing, "none") == 0)
		f->outgoing = "";
	f->name = ask(a, "Your name, for notes (may stay empty)", f->name);
	return f->name != NULL;
}

static bool
ask_all(struct arena *a, struct first_answers *f)
{
	struct provider p;

	if (!ask_address(a, f))
		return false;
	p = provider_of(a, strrchr(f->address, '@') + 1);
	if (f->source_host[0] == '\0') {
		f->source_host = p.imap;
		f->outgoing = p.smtp;
		f->auth = p.auth;
	}
	if (p.hint[0] != '\0')
		fprintf(stderr, "%s\n", p.hint);
	return ask_source(a, f) && ask_outgoing(a, f);
}

static void
print_line(void *ctx, const struct letter *l)
{
	struct buf words = BUF_INIT;

	(void)ctx;
	if (l->type != LETTER_TEXT)
		return;
	clean_append(&words, slice_of(l->title), 40);
	buf_adds(&words, words.len > 0 ? ": " : "");
	clean_append(&words, l->text, CLEAN_MAX_BYTES);
	fprintf(stderr, "  %s\n", buf_cstr(&words));
	buf_free(&words);
}

/* Tries the file as it would be used. */
static int
try_conf(const struct cmd_globals *g, const char *path)
{
	struct cmd_globals tried = *g;
	struct session s;
	struct err e;
	int status;

	tried.conf = path;
	tried.offline = false;
	fputs("Trying it:\n", stderr);
	status = session_open(&s, &tried);
	if (status != 0)
		return status;
	if (session_ask(&s, session_letter(&s, LETTER_CHECK), print_line, NULL, &e) != 0)
		status = cmd_fail(&e);
	session_close(&s);
	return status;
}

enum verdict_of_user { KEEP, CHANGE, LEAVE };

static enum verdict_of_user
ask_what_next(struct arena *a)
{
	const char *answer =
	    ask(a, "That did not work. (c)hange the answers, (k)eep them, or (l)eave", "c");

	if (answer == NULL || answer[0] == 'l')
		return LEAVE;
	return answer[0] == 'k' ? KEEP : CHANGE;
}

static int
try_and_keep(const struct cmd_globals *g, struct arena *a, const struct first_answers *f,
    enum verdict_of_user *next)
{
	const char *path = path_conf(a);
	const char *trial = arena_printf(a, "%s.new", path);
	struct buf text = BUF_INIT;
	struct err e;
	int status = 0;

	buf_reserve(&text, 16384); /* it must not move: a password would stay behind */
	first_conf(&text, f);
	if (write_conf(trial, &text, &e) != 0)
		status = cmd_fail(&e);
	*next = LEAVE;
	if (status == 0)
		*next = try_conf(g, trial) == 0 ? KEEP : ask_what_next(a);
	if (*next == KEEP && rename(trial, path) != 0) {
		err_set(&e, ERR_IO, "%s: %s", path, strerror(errno));
		status = cmd_fail(&e);
		*next = LEAVE;
	}
	if (*next == KEEP)
		fprintf(stderr, "Written to %s\n", path);
	else
		unlink(trial);
	secret_wipe(text.data, text.len);
	buf_free(&text);
	return status;
}

int
first_run(const struct cmd_globals *g)
{
	struct first_answers f = {"", "", "", "INBOX", "", "", "", "", ""};
	struct arena *a = arena_new();
	enum verdict_of_user next = CHANGE;
	int status = 0;

	fprintf(stderr,
	    "There is no configuration yet (%s).\nA few questions; ^C leaves, and nothing is "
	    "written "
	    "before it was tried.\n\n",
	    path_conf(a));
	while (next == CHANGE && status == 0) {
		if (!ask_all(a, &f))
			next = LEAVE;
		else
			status = try_and_keep(g, a, &f, &next);
		secret_wipe((char *)(uintptr_t)f.password, strlen(f.password));
		f.password = "";
	}
	arena_free(&a);
	if (status == 0 && next == LEAVE)
		status = cmd_misuse("no configuration was written");
	return status;
}
