/* Delivery into a Maildir, safe against crashes and against other writers: the
 * file is whole and on disk under tmp before it gets its name, and a name is
 * given by link, which never overwrites. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "store/box.h"
#include "store/words.h"

static int
make_folder(const char *path)
{
	return mkdir(path, 0700) < 0 && errno != EEXIST ? -1 : 0;
}

static int
make_maildir(const char *maildir)
{
	static const char *const parts[] = {"", "/tmp", "/new", "/cur"};
	struct buf path = BUF_INIT;
	int result = 0;

	for (size_t i = 0; i < 4 && result == 0; i++) {
		buf_clear(&path);
		buf_addf(&path, "%s%s", maildir, parts[i]);
		result = make_folder(buf_cstr(&path));
	}
	buf_free(&path);
	return result;
}

/* Unique on all machines that share the folder: time, process, chance, host. */
static char *
make_name(void)
{
	struct buf name = BUF_INIT;
	char host[64] = "localhost";
	uint64_t chance = 0;

	gethostname(host, sizeof(host) - 1);
	for (char *p = host; *p != '\0'; p++)
		if (*p == '/' || *p == ':')
			*p = '_';
	/* Without chance the link below still refuses a name that is taken. */
	if (getrandom(&chance, sizeof(chance), 0) < 0)
		chance = (uint64_t)clock_mono_ms();
	buf_addf(&name, "%lld.P%ldR%016llx.%s", (long long)clock_now(), (long)getpid(),
	    (unsigned long long)chance, host);
	return buf_take(&name);
}

static int
write_all(int fd, struct slice bytes)
{
	size_t done = 0;

	while (done < bytes.n) {
		ssize_t n = write(fd, bytes.p + done, bytes.n - done);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0)
			done += (size_t)n;
	}
	return 0;
}

static int
write_tmp(const char *path, struct slice bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int number;

	if (fd < 0)
		return -1;
	if (write_all(fd, bytes) == 0 && fsync(fd) == 0)
		return close(fd);
	number = errno;
	close(fd);
	unlink(path);
	errno = number;
	return -1;
}

static int
sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result;

	if (fd < 0)
		return -1;
	result = fsync(fd);
	/* Some network file systems cannot sync a folder; the file itself is. */
	if (result < 0 && (errno == EINVAL || errno == EROFS || errno == ENOTSUP))
		result = 0;
	close(fd);
	return result;
}

/* From tmp to its place. Where no links exist, rename: the name is unique. */
static int
give_name(const char *tmp, const char *path)
{
	int result = link(tmp, path);
	int number = errno;

	if (result < 0 && (number == EPERM || number == ENOTSUP || number == ENOSYS))
		return rename(tmp, path);
	unlink(tmp);
	errno = number;
	return result;
}

int
box_deliver(
    const char *maildir, struct slice bytes, const char *flags, char **path_r, struct err *e)
{
	bool has_flags = flags != NULL && flags[0] != '\0';
	struct buf folder = BUF_INIT;
	struct buf tmp = BUF_INIT;
	struct buf path = BUF_INIT;
	char *name = make_name();
	int result = -1;

	buf_addf(&folder, "%s/%s", maildir, has_flags ? "cur" : "new");
	buf_addf(&tmp, "%s/tmp/%s", maildir, name);
	buf_addf(
	    &path, "%s/%s%s%s", folder.data, name, has_flags ? ":2," : "", has_flags ? flags : "");
	if (make_maildir(maildir) == 0 && write_tmp(tmp.data, bytes) == 0 &&
	    give_name(tmp.data, path.data) == 0 && sync_folder(folder.data) == 0)
		result = 0;
	if (result < 0)
		words_errno(e, errno, "deliver into", maildir);
	else if (path_r != NULL)
		*path_r = buf_take(&path);
	free(name);
	buf_free(&folder);
	buf_free(&tmp);
	buf_free(&path);
	return result;
}
