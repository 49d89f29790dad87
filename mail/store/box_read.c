/* One message again, by its place. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/box.h"
#include "store/box_split.h"
#include "store/words.h"

struct wanted {
	unsigned n;
	char *bytes; /* malloc'ed */
	size_t len;
	bool is_found;
	bool is_over;
};

static bool
take_wanted(void *ctx, const struct box_piece *piece)
{
	struct wanted *w = ctx;

	if (piece->n != w->n)
		return true;
	w->is_found = true;
	w->is_over = piece->is_over;
	w->bytes = xslicedup(piece->bytes);
	w->len = piece->bytes.n;
	return false;
}

static bool
lies_in_maildir(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash - path >= 4 &&
	    (memcmp(slash - 4, "/new", 4) == 0 || memcmp(slash - 4, "/cur", 4) == 0);
}

/* A Maildir file keeps its name up to the ':' while its flags change, and while
 * it goes from new to cur. */
static int
open_moved(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *colon;
	struct slice base;
	struct buf folder = BUF_INIT;
	struct dirent *entry;
	DIR *d;
	int fd = -1;

	if (!lies_in_maildir(path))
		return -1;
	colon = strchr(slash, ':');
	base = slice_range(slash + 1, colon == NULL ? slash + strlen(slash) : colon);
	buf_add(&folder, path, (size_t)(slash - path) - 3);
	buf_adds(&folder, "cur");
	d = opendir(buf_cstr(&folder));
	while (d != NULL && fd < 0 && (entry = readdir(d)) != NULL) {
		struct slice name = slice_of(entry->d_name);

		if (name.n >= base.n && memcmp(name.p, base.p, base.n) == 0 &&
		    (name.n == base.n || name.p[base.n] == ':'))
			fd = openat(dirfd(d), entry->d_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	}
	if (d != NULL)
		closedir(d);
	buf_free(&folder);
	return fd;
}

static int
split_open_file(int fd, const char *path, struct wanted *w)
{
	struct buf space = BUF_INIT;
	struct stat st;
	struct box_split s = {.fd = fd,
	    .may_be_mbox = !lies_in_maildir(path),
	    .max_bytes = BOX_MAX_BYTES,
	    .space = &space,
	    .fn = take_wanted,
	    .ctx = w};
	int result = -1;

	if (fstat(fd, &st) == 0) {
		if (S_ISREG(st.st_mode))
			s.size_hint = (size_t)st.st_size;
		result = box_split(&s);
	}
	buf_free(&space);
	return result;
}

int
box_read(const char *path, unsigned n, char **bytes_r, size_t *n_r, struct err *e)
{
	struct wanted w = {.n = n};
	char shown[WORDS_PATH_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int result = -1;
	int number;

	if (fd < 0 && errno == ENOENT) {
		fd = open_moved(path);
		errno = ENOENT;
	}
	if (fd >= 0)
		result = split_open_file(fd, path, &w);
	number = errno;
	if (fd >= 0)
		close(fd);
	if (result < 0)
		return words_errno(e, number, "read", path);
	if (w.is_found && !w.is_over) {
		*bytes_r = w.bytes;
		*n_r = w.len;
		return 0;
	}
	if (w.is_over) {
		free(w.bytes);
		return err_set(e, ERR_LIMIT, "message %u of %s is larger than %zu MB", n + 1,
		    words_path(shown, path), BOX_MAX_BYTES >> 20);
	}
	err_set(e, ERR_NOT_FOUND, "%s has no message number %u any more", words_path(shown, path),
	    n + 1);
	return err_todo(e, "the mailbox changed: read it again (sync)");
}
