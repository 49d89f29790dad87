#include "store/holder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/words.h"

static char *
lock_path(const char *beside, const char *name)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s.%s.lock", beside, name);
	return buf_take(&b);
}

static int
random_name(char name[HOLDER_NAME_BYTES], struct err *e)
{
	unsigned char bits[(HOLDER_NAME_BYTES - 1) / 2];

	if (getrandom(bits, sizeof(bits), 0) != (ssize_t)sizeof(bits))
		return err_set(e, ERR_IO, "the system gives no random numbers");
	for (size_t i = 0; i < sizeof(bits); i++)
		snprintf(name + 2 * i, 3, "%02x", bits[i]);
	return 0;
}

int
holder_take(struct holder *o, const char *beside, struct err *e)
{
	int r;

	o->path = NULL;
	o->fd = -1;
	if (random_name(o->name, e) != 0)
		return -1;
	o->path = lock_path(beside, o->name);
	o->fd = open(o->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (o->fd >= 0 && flock(o->fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	r = words_errno(e, errno, "cannot lock", o->path);
	holder_release(o);
	return r;
}

static bool
is_name(const char *name)
{
	size_t n = strspn(name, "0123456789abcdef");

	return n == HOLDER_NAME_BYTES - 1 && name[n] == '\0';
}

bool
holder_is_alive(const char *beside, const char *name)
{
	char *path;
	bool is_alive;
	int fd;

	/* The name comes from a file: it must not lead elsewhere. */
	if (!is_name(name))
		return false;
	path = lock_path(beside, name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	is_alive = fd >= 0 ? flock(fd, LOCK_EX | LOCK_NB) != 0 : errno != ENOENT;
	if (fd >= 0 && !is_alive)
		unlink(path);
	if (fd >= 0)
		close(fd);
	free(path);
	return is_alive;
}

void
holder_release(struct holder *o)
{
	if (o->fd >= 0) {
		unlink(o->path);
		close(o->fd);
	}
	free(o->path);
	o->path = NULL;
	o->fd = -1;
}
