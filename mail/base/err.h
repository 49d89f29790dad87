/* An error is a value that the caller owns: which kind, and in which words.
 *
 * The lower floor states facts ("server closed the connection after DATA"),
 * each floor above prepends the intent ("resending to a@b: …"). Functions that
 * take a `struct err *` return 0 for done and -1 for failed, and fill it only
 * when they fail. The pointer may not be NULL. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>

enum err_code {
	ERR_NONE = 0,
	ERR_USAGE,     /* the caller of the program asked for something impossible */
	ERR_CONF,      /* configuration: file, line, what was found, what is allowed */
	ERR_NOT_FOUND, /* no such mailbox, case, original, file */
	ERR_IO,        /* disk: full, unwritable, unreadable */
	ERR_CORRUPT,   /* a file of ours is damaged or of a newer version */
	ERR_LOCKED,    /* another process holds it */
	ERR_DNS,
	ERR_CONNECT,
	ERR_TLS,
	ERR_LOGIN,
	ERR_BUSY, /* the peer cannot now, and says that it can later */
	ERR_TIMEOUT,
	ERR_CLOSED,   /* the peer closed the connection */
	ERR_PROTOCOL, /* the peer said what cannot be understood: reconnect */
	ERR_REFUSED,  /* the peer understood and said no; or a guard of ours did */
	ERR_DOUBT,    /* sent or not sent: not known. Only a person resolves this. */
	ERR_CANCELLED,
	ERR_LIMIT, /* over a limit of ours */
};

struct err {
	enum err_code code;
	char text[512]; /* always NUL-terminated, safe for a screen, one line */
	char todo[256]; /* what the user can do; may be "" */
};

/* Both return -1, so that `return err_set(…)` reads well. Text from outside
 * must have gone through clean before it is formatted in. */
int err_set(struct err *e, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int err_todo(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Prepends "intent: "; keeps code and todo. */
int err_add(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void err_clear(struct err *e);

/* "dns", "tls", …: for logs and tests. */
const char *err_code_name(enum err_code code);

#endif
