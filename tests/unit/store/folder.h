/* A folder of a test's own, and files in it. */
#ifndef TEST_FOLDER_H
#define TEST_FOLDER_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"

static inline char *
folder_new(void)
{
	const char *base = getenv("TMPDIR");
	struct buf path = BUF_INIT;

	buf_addf(&path, "%s/bouncebox-test-XXXXXX", base != NULL ? base : P_tmpdir);
	if (mkdtemp(path.data) == NULL)
		abort();
	return buf_take(&path);
}

static inline char *
folder_path(const char *folder, const char *name)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s/%s", folder, name);
	return buf_take(&b);
}

/* Makes the folders on the way. */
static inline void
folder_put(const char *folder, const char *name, const char *bytes, size_t n)
{
	char *path = folder_path(folder, name);
	int fd;

	for (char *p = path + strlen(folder) + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		abort();
	close(fd);
	free(path);
}

static inline void
folder_free(char *folder)
{
	pid_t child = fork();

	if (child == 0) {
		execl("/bin/rm", "rm", "-rf", folder, (char *)NULL);
		_exit(127);
	}
	if (child > 0) {
		int status;

		while (waitpid(child, &status, 0) < 0)
			;
	}
	free(folder);
}

#endif
