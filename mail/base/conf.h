/* The configuration file: INI, one section an account,
 * [ui] and [keys] beside them. Options are rows of one table (conf_options),
 * from which help, manual and error messages come. Nothing is guessed: an
 * unknown key or a bad value is ERR_CONF with file, line, what was found and
 * what is allowed. All mistakes of a file are reported at once (`problems`). */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum url_scheme {
	URL_NONE,
	URL_IMAPS,         /* implicit TLS, 993 */
	URL_IMAP,          /* STARTTLS required, 143 */
	URL_IMAP_INSECURE, /* no TLS: loopback, or allow-cleartext = yes */
	URL_MAILDIR,
	URL_MBOX,
	URL_SMTPS, /* 465 */
	URL_SMTP,  /* STARTTLS required, 587 */
	URL_SMTP_INSECURE,
	URL_COMMAND, /* a sendmail-like command line; in `path` */
};

struct url {
	enum url_scheme scheme;
	const char *text;     /* as written, without the password: may be shown */
	const char *user;     /* percent-decoded, "" if none */
	const char *password; /* percent-decoded, "" if none; wiped by conf_free */
	const char *host;     /* IPv6 without brackets */
	unsigned port;
	const char *path; /* mailbox (decoded, UTF-8), folder, file or command */
};

enum conf_auth {
	AUTH_AUTO,
	AUTH_PLAIN,
	AUTH_LOGIN,
	AUTH_CRAM_MD5,
	AUTH_SCRAM_SHA_1,
	AUTH_SCRAM_SHA_256,
	AUTH_XOAUTH2,
	AUTH_OAUTHBEARER,
};

struct account {
	const char *name; /* the section */
	struct url source;
	const char *source_cred_cmd; /* "" if none */
	struct url outgoing;
	const char *outgoing_cred_cmd;
	const char *from;      /* as written: "Alice Example <alice@example.org>" */
	const char *addresses; /* further addresses and domains that are ours, comma list */
	const char *copy_to;   /* "" = the folder marked \Sent */
	const char *postpone;  /* "" = the folder marked \Drafts */
	const char *search_in; /* comma list, "" = copy_to */
	const char *ca_file;
	enum conf_auth auth;
	enum conf_auth outgoing_auth;
	bool allow_cleartext;
	unsigned timeout_s;    /* per read, 30 */
	unsigned keepalive_s;  /* a line where nothing is said is tried, 120 */
	unsigned per_minute;   /* messages sent, 60 */
	unsigned per_domain;   /* of them to one domain, 20 */
	const char *language;  /* of notes: en de fr es ja */
	const char *languages; /* by domain: "jp=ja, acme.test=fr" */
	const char *contacts;  /* file: domain TAB address of its administrators */
	const char *lists;     /* addresses and domains of mailing lists, comma list */
	bool keep_dkim;        /* on what is resent */
};

struct binding {
	const char *key;     /* "r", "C-d", "PgDn", "Space" */
	const char *command; /* "" unbinds */
	unsigned line;
};

struct conf {
	struct arena *arena; /* owns every string */
	const char *file;
	struct account *accounts;
	size_t n_accounts;
	const char *default_account; /* [ui] account, else the first */
	const char *theme;
	unsigned undo_seconds;
	bool ascii; /* no glyphs beyond ASCII even in UTF-8 */
	bool mouse;
	bool bell;
	bool linear;        /* for screen readers: no ticking, no side-by-side */
	const char *notify; /* command run on new bounces */
	const char *editor; /* "" = $VISUAL, $EDITOR, vi */
	struct binding *bindings;
	size_t n_bindings;
};

enum conf_type { CONF_STRING, CONF_URL, CONF_BOOL, CONF_UINT, CONF_CHOICE, CONF_COMMAND };

/* One row an option: the single source for reader, help, manual and tests. */
struct conf_option {
	const char *section; /* "account" or "ui" */
	const char *name;
	enum conf_type type;
	const char *fallback;
	const char *allowed; /* in words, for messages */
	const char *help;    /* one line */
	size_t offset;       /* of the member in struct account or struct conf */
};
extern const struct conf_option conf_options[];
extern const size_t conf_n_options;

/* Reads `path`. On failure *e holds the first mistake and `problems` (may be
 * NULL) all of them, a line each. Checks that a file that holds a password is
 * readable by its owner only. ERR_NOT_FOUND if there is no such file. */
int conf_read(const char *path, struct conf **conf_r, struct buf *problems, struct err *e);
/* "" = the default account; NULL if there is none of this name. */
const struct account *conf_account(const struct conf *c, const char *name);
int url_parse(struct arena *a, const char *text, struct url *url_r, struct err *e);
/* "$XDG_CONFIG_HOME/bouncebox/bouncebox.conf", and state and cache folders
 * (made with 0700 by path_make_dir). In the arena. */
const char *path_conf(struct arena *a);
const char *path_state(struct arena *a);
const char *path_cache(struct arena *a);
int path_make_dir(const char *path, struct err *e);
/* "~/x" with the home folder before it; anything else as it is. */
const char *path_expand(struct arena *a, const char *path);
void conf_free(struct conf **c);

/* Overwrites, and is not optimised away. */
void secret_wipe(void *p, size_t n);

#endif
