/* What all connections share: whom to reach, how to prove it, when to give up.
 *
 * Every call may take up to `timeout_s` per wait and returns at once with
 * ERR_CANCELLED when `cancel` fires, name resolution and connect() included.
 * Certificates are checked (chain, name, dates) before a byte of the greeting is
 * parsed; there is no way to switch that off but a ca-file of one's own.
 * SIGPIPE must be ignored by the process (net_init does it). */
#ifndef NET_NET_H
#define NET_NET_H

#include "base/buf.h"
#include "base/cancel.h"
#include "base/conf.h"

/* Once, before threads start. */
void net_init(void);

struct net_options {
	struct cancel *cancel;
	unsigned timeout_s;
	unsigned keepalive_s; /* a line where nothing is said is tried this often; 0 = 120 */
	const char *ca_file;  /* "" = the system's trust store */
	bool allow_cleartext; /* else only to loopback */
	bool compress_always; /* also to this machine, where it costs more than it gives */
};

#define NET_KEEPALIVE_S 120

static inline unsigned
net_keepalive_s(const struct net_options *o)
{
	return o->keepalive_s != 0 ? o->keepalive_s : NET_KEEPALIVE_S;
}

/* Asks a person for a password; in the headless commands: reads the terminal.
 * Returns malloc'ed text that the caller wipes and frees, or NULL for "no". */
typedef char *(*secret_ask_fn)(void *ctx, const char *what);

/* The secret of a URL: from the command (first line of its output), the URL, or
 * by asking. The command runs by `sh -c` with a time limit and is cancellable;
 * its words on failure come back in *e, its output never. malloc'ed: wipe, free. */
int secret_get(const struct url *url, const char *cred_cmd, const struct net_options *o,
    secret_ask_fn ask, void *ctx, char **secret_r, struct err *e);

/* Runs `sh -c command` with `input` on its standard input; output (at most 1 MB)
 * to out (may be NULL). *status is the exit status. For cred-cmd, sendmail, notify. */
int net_run(const char *command, struct slice input, const struct net_options *o, struct buf *out,
    struct buf *err_out, int *status, struct err *e);

#endif
