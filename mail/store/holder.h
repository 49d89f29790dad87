/* Of this room only: is the process that began something still alive?
 *
 * An holder is a random name and a locked file beside the journal. The lock goes
 * with the process, however it ends; a process id would be given to another one. */
#ifndef STORE_HOLDER_H
#define STORE_HOLDER_H

#include <stdbool.h>

#include "base/err.h"

#define HOLDER_NAME_BYTES 33 /* 128 random bits in hex */

struct holder {
	char name[HOLDER_NAME_BYTES];
	char *path;
	int fd;
};

/* `beside` is the journal's path: the file is BESIDE.NAME.lock. */
int holder_take(struct holder *o, const char *beside, struct err *e);
/* False for a name whose process is gone; its file is removed then. */
bool holder_is_alive(const char *beside, const char *name);
void holder_release(struct holder *o);

#endif
