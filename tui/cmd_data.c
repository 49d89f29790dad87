#include "tui/cmd_data.h"

#include <stdlib.h>
#include <unistd.h>

const char *
data_dir(struct arena *a, const char *name, const char *in_source)
{
	const char *set = getenv("BOUNCEBOX_DATADIR");
	const char *dir;

	if (set != NULL && set[0] == '/')
		return arena_printf(a, "%s/%s", set, name);
	dir = arena_printf(a, "%s/%s", BB_SOURCEDIR, in_source);
	if (access(dir, R_OK) == 0)
		return dir;
	return arena_printf(a, "%s/%s", BB_DATADIR, name);
}
