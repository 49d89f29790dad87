/* The first-run dialogue: asks for an account, tries it, writes the file. */
#ifndef TUI_CMD_FIRST_H
#define TUI_CMD_FIRST_H

#include "base/buf.h"
#include "tui/cmd.h"

/* 0 when a configuration that works was written, else an exit status. */
int first_run(const struct cmd_globals *g);

/* What was answered. Nothing is NULL; `password` and `command` exclude each other. */
struct first_answers {
	const char *address;
	const char *login;
	const char *source_host; /* "host" or "host:port", or a whole URL */
	const char *mailbox;
	const char *password;
	const char *command; /* prints the password or a token */
	const char *auth;
	const char *outgoing; /* "smtps://host", "smtp://host", a command, or "" */
	const char *name;     /* of the person, for From */
};

/* The configuration file of these answers. It may hold the password. */
void first_conf(struct buf *out, const struct first_answers *a);

#endif
