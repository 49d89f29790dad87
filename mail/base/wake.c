#include "base/wake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void
make_quiet(int fd)
{
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void
wake_open(struct wake *w)
{
	int fds[2];

	if (pipe(fds) != 0) {
		fputs("bouncebox: no file descriptors left\n", stderr);
		abort();
	}
	make_quiet(fds[0]);
	make_quiet(fds[1]);
	w->read_fd = fds[0];
	w->write_fd = fds[1];
}

void
wake_up(const struct wake *w)
{
	int saved = errno;

	/* A full pipe is awake already. */
	while (write(w->write_fd, "", 1) < 0 && errno == EINTR)
		continue;
	errno = saved;
}

void
wake_drain(const struct wake *w)
{
	char bytes[64];
	ssize_t n;

	do
		n = read(w->read_fd, bytes, sizeof(bytes));
	while (n > 0 || (n < 0 && errno == EINTR));
}

void
wake_close(struct wake *w)
{
	close(w->read_fd);
	close(w->write_fd);
	w->read_fd = w->write_fd = -1;
}
