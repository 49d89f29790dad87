#include "tui/cmd_data.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

/* "PREFIX/share/bouncebox" for PREFIX/bin/bouncebox: an installed program may be
 * moved, or put elsewhere than was said when it was configured. "" if not known. */
static const char *
beside_program(struct arena *a)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));

	for (int up = 0; up < 2 && n > 0; up++) {
		while (n > 0 && path[n - 1] != '/')
			n--;
		while (n > 0 && path[n - 1] == '/')
			n--;
	}
	if (n <= 0 || n == (ssize_t)sizeof(path))
		return "";
	return arena_printf(a, "%.*s/share/bouncebox", (int)n, path);
}

const char *
data_dir(struct arena *a, const char *name, const char *in_source)
{
	const char *set = getenv("BOUNCEBOX_DATADIR");
	const char *dir;

	if (set != NULL && set[0] == '/')
		return arena_printf(a, "%s/%s", set, name);
	dir = arena_printf(a, "%s/%s", beside_program(a), name);
	if (dir[1] != '\0' && access(dir, R_OK) == 0)
		return dir;
	dir = arena_printf(a, "%s/%s", BB_SOURCEDIR, in_source);
	if (access(dir, R_OK) == 0)
		return dir;
	return arena_printf(a, "%s/%s", BB_DATADIR, name);
}
