#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/calendar.h"
#include "base/clean.h"
#include "base/clock.h"

#define LINE_MAX_BYTES 2000

/* The one piece of state in this room: every thread writes to the same file. */
static atomic_int log_fd = -1;

static int
refuse(struct err *e, int fd, const char *path, const char *why)
{
	struct buf shown = BUF_INIT;

	if (fd >= 0)
		close(fd);
	clean_append(&shown, slice_of(path), 200);
	err_set(e, ERR_IO, "log file %s: %s", buf_cstr(&shown), why);
	err_todo(e, "name another file with --log or BOUNCEBOX_LOG");
	buf_free(&shown);
	return -1;
}

int
log_open(const char *path, struct err *e)
{
	int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	int fd = open(path, flags, 0600);
	struct stat st;

	if (fd < 0)
		return refuse(e, fd, path, strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return refuse(e, fd, path, "not a regular file");
	if (st.st_uid != geteuid())
		return refuse(e, fd, path, "belongs to somebody else");
	if ((st.st_mode & 077) != 0 && fchmod(fd, 0600) != 0)
		return refuse(e, fd, path, strerror(errno));
	fd = atomic_exchange(&log_fd, fd);
	if (fd >= 0)
		close(fd);
	return 0;
}

void
log_line(const char *area, const char *fmt, ...)
{
	int fd = atomic_load(&log_fd);
	struct buf text = BUF_INIT;
	struct buf line = BUF_INIT;
	char when[CALENDAR_TEXT_BYTES];
	va_list ap;

	if (fd < 0)
		return;
	va_start(ap, fmt);
	buf_addvf(&text, fmt, ap);
	va_end(ap);
	buf_addf(&line, "%s %s: ", calendar_rfc3339(when, clock_now()), area);
	clean_append(&line, buf_slice(&text), LINE_MAX_BYTES);
	buf_addc(&line, '\n');
	/* One write a line, so that lines of two threads do not mix. A full disk
	 * must not stop the program: the line is lost. */
	if (write(fd, line.data, line.len) < 0)
		errno = 0;
	buf_free(&text);
	buf_free(&line);
}

void
log_close(void)
{
	int fd = atomic_exchange(&log_fd, -1);

	if (fd >= 0)
		close(fd);
}
