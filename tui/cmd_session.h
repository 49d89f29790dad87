/* What the commands without a screen share: configuration, a worker, and a
 * conversation with it. Words for people go to standard error. */
#ifndef TUI_CMD_SESSION_H
#define TUI_CMD_SESSION_H

#include <signal.h>

#include "tui/cmd.h"
#include "work/letters.h"
#include "work/worker.h"

struct demo;

/* Configuration and folders, before anything runs. */
struct setup {
	struct arena *arena;
	struct conf *conf;
	const struct account *account;
	struct demo *demo; /* NULL if it is not the sample mailbox */
	const char *state_dir;
	const char *cache_dir;
	const char *template_dir;
};

/* Reads the configuration, or builds the sample mailbox; says what is wrong
 * itself. 0 or an exit status. *missing (may be NULL) is set when there is no
 * configuration and none was named: nothing is said then. */
int setup_open(struct setup *s, const struct cmd_globals *g, bool *missing);
void setup_close(struct setup *s);

struct session {
	struct setup setup;
	struct worker *worker;
	uint32_t last_request;
	bool progress;       /* standard error is a terminal */
	bool progress_shown; /* and a line of it stands there */
	bool interrupted;
	struct sigaction old_int; /* as they were before */
	struct sigaction old_term;
	sigset_t old_mask;
};

/* 0 or an exit status, everything said. */
int session_open(struct session *s, const struct cmd_globals *g);
void session_close(struct session *s);

/* A letter with a new number. */
struct letter *session_letter(struct session *s, enum letter_type type);
typedef void (*session_fn)(void *ctx, const struct letter *l);
/* Sends l and waits for its last answer; the letters before it go to fn (may be
 * NULL). Secrets are asked for at the terminal. An interrupt cancels what runs
 * (ERR_CANCELLED); a second one ends the waiting. */
int session_ask(struct session *s, struct letter *l, session_fn fn, void *ctx, struct err *e);

#endif
