/* Where the files that come with the program are. */
#ifndef TUI_CMD_DATA_H
#define TUI_CMD_DATA_H

#include "base/arena.h"

/* The folder `name` of $BOUNCEBOX_DATADIR, else `in_source` of the source that
 * the program was built from, else `name` of the installed data. In the arena;
 * the last is given even if it is not there. */
const char *data_dir(struct arena *a, const char *name, const char *in_source);

#endif
