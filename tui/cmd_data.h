/* Where the files that come with the program are. */
#ifndef TUI_CMD_DATA_H
#define TUI_CMD_DATA_H

#include "base/arena.h"

/* The folder `name` of $BOUNCEBOX_DATADIR, else of the data that was installed with
 * the program, else `in_source` of the source that it was built from, else `name`
 * where the data was to be installed. In the arena;
 * the last is given even if it is not there. */
const char *data_dir(struct arena *a, const char *name, const char *in_source);

#endif
