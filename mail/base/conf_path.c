/* Where files of ours are (XDG Base Directory Specification), and wiping. */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/conf.h"

/* Of the user database when HOME is not set, as cron and timers may have it. */
static const char *
home_dir(struct arena *a)
{
	const char *home = getenv("HOME");
	char memory[4096];
	struct passwd entry;
	struct passwd *found = NULL;

	if (home != NULL && home[0] == '/')
		return home;
	if (getpwuid_r(getuid(), &entry, memory, sizeof(memory), &found) == 0 && found != NULL)
		return arena_strdup(a, found->pw_dir);
	return "/";
}

/* The specification says that a relative path is to be ignored. */
static const char *
xdg_dir(struct arena *a, const char *variable, const char *fallback)
{
	const char *dir = getenv(variable);

	if (dir != NULL && dir[0] == '/')
		return arena_printf(a, "%s/bouncebox", dir);
	return arena_printf(a, "%s/%s/bouncebox", home_dir(a), fallback);
}

const char *
path_conf(struct arena *a)
{
	return arena_printf(a, "%s/bouncebox.conf", xdg_dir(a, "XDG_CONFIG_HOME", ".config"));
}

const char *
path_state(struct arena *a)
{
	return xdg_dir(a, "XDG_STATE_HOME", ".local/state");
}

const char *
path_cache(struct arena *a)
{
	return xdg_dir(a, "XDG_CACHE_HOME", ".cache");
}

const char *
path_expand(struct arena *a, const char *path)
{
	if (path[0] != '~' || path[1] != '/')
		return path;
	return arena_printf(a, "%s%s", home_dir(a), path + 1);
}

static int
make_one(const char *path, struct err *e)
{
	struct stat st;

	if (mkdir(path, 0700) == 0)
		return 0;
	/* Some systems answer EROFS or EACCES for a folder that is there already. */
	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return 0;
		errno = ENOTDIR;
	}
	return err_set(e, ERR_IO, "cannot make the folder %s: %s", path, strerror(errno));
}

int
path_make_dir(const char *path, struct err *e)
{
	char *copy = xstrdup(path);
	int rc = 0;

	for (char *p = strchr(copy + (copy[0] == '/'), '/'); rc == 0 && p != NULL;
	     p = strchr(p + 1, '/')) {
		*p = '\0';
		rc = make_one(copy, e);
		*p = '/';
	}
	if (rc == 0)
		rc = make_one(copy, e);
	if (rc == 0 && access(copy, R_OK | W_OK | X_OK) != 0)
		rc = err_set(e, ERR_IO, "cannot write to the folder %s: %s", path, strerror(errno));
	if (rc != 0)
		err_todo(e,
		    "give this user the right to write there, or point "
		    "the XDG_..._HOME variables elsewhere");
	free(copy);
	return rc;
}

void
secret_wipe(void *p, size_t n)
{
	volatile unsigned char *byte = p;

	while (n-- > 0)
		*byte++ = 0;
}
