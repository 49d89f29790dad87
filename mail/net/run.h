/* Runs a shell with words of its own. Private to this room. */
#ifndef NET_RUN_H
#define NET_RUN_H

#include "net/net.h"

struct run_result {
	int status;      /* of exit; -1 = it did not come that far */
	bool took_all;   /* all of the input went into the pipe */
	bool was_killed; /* by a signal that was not ours */
};

/* argv of /bin/sh: "sh", "-c", script, "$0", "$1", … NULL. At most 1 MB of output
 * is kept. Ends the whole process group on time-out and cancel. */
int run_shell(char *const argv[], struct slice input, const struct net_options *o, struct buf *out,
    struct buf *err_out, struct run_result *result, struct err *e);

#endif
