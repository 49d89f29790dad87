#include "store/box.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/box_split.h"
#include "store/words.h"

/* Folders deeper than this are a loop or an attack; symbolic links to folders
 * are not followed below the start at all. */
#define MAX_DEPTH 64
#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

/* One folder on the way down: its names, sorted, each with its type before it. */
struct folder {
	int fd;
	struct buf names;
	size_t *offsets;
	size_t n;
	size_t next;
	size_t path_len;
	bool is_leaf; /* new or cur: each file is one message, whatever it begins with */
};

struct walk {
	box_fn fn;
	void *ctx;
	struct buf space; /* of the message */
	struct buf path;
	struct buf name; /* path:N */
	struct folder folders[MAX_DEPTH];
	size_t depth;
	struct stat st;
	size_t max_bytes; /* of a message; 0 = all of it */
	bool is_seen;
	bool stop;
};

static void
tell_error(struct walk *w, struct err *e)
{
	struct box_message m = {.path = buf_cstr(&w->path),
	    .name = buf_cstr(&w->path),
	    .bytes = SLICE_EMPTY,
	    .mtime = w->st.st_mtime,
	    .error = e};

	if (!w->fn(w->ctx, &m))
		w->stop = true;
}

/* ":N" behind a path. */
static void
add_number(struct buf *b, unsigned n)
{
	char text[12];
	size_t i = sizeof(text);

	for (; n > 0; n /= 10)
		text[--i] = (char)('0' + n % 10);
	text[--i] = ':';
	buf_add(b, text + i, sizeof(text) - i);
}

static bool
give_piece(void *ctx, const struct box_piece *piece)
{
	struct walk *w = ctx;
	struct err e;
	struct box_message m = {.path = buf_cstr(&w->path),
	    .name = buf_cstr(&w->path),
	    .bytes = piece->bytes,
	    .mtime = w->st.st_mtime,
	    .seen = w->is_seen};

	if (!piece->is_only) {
		buf_clear(&w->name);
		buf_addslice(&w->name, buf_slice(&w->path));
		add_number(&w->name, piece->n + 1);
		m.name = w->name.data;
	}
	m.is_cut = piece->is_over;
	if (piece->is_over && w->max_bytes == 0) {
		err_set(&e, ERR_LIMIT, "message larger than %zu MB", BOX_MAX_BYTES >> 20);
		m.error = &e;
	}
	if (!w->fn(w->ctx, &m))
		w->stop = true;
	return !w->stop;
}

/* Maildir: "name:2,FS"; the letters behind the comma are flags. */
static bool
has_flag(const char *path, char flag)
{
	const char *info = strrchr(path, ':');

	return info != NULL && strncmp(info, ":2,", 3) == 0 && strchr(info + 3, flag) != NULL;
}

static int
read_file(struct walk *w, int fd, bool is_leaf)
{
	struct box_split s = {.fd = fd,
	    .may_be_mbox = !is_leaf,
	    .max_bytes = w->max_bytes > 0 ? w->max_bytes : BOX_MAX_BYTES,
	    .gives_begin = w->max_bytes > 0,
	    .space = &w->space,
	    .fn = give_piece,
	    .ctx = w};

	w->is_seen = is_leaf && has_flag(buf_cstr(&w->path), 'S');
	if (S_ISREG(w->st.st_mode) && w->st.st_size > 0)
		s.size_hint = (size_t)w->st.st_size;
	return box_split(&s);
}

static int
compare_names(const void *a, const void *b, void *names)
{
	const char *base = names;

	return strcmp(base + *(const size_t *)a + 1, base + *(const size_t *)b + 1);
}

static void
folder_add(struct folder *f, const char *name, unsigned char type)
{
	if ((f->n & (f->n - 1)) == 0)
		f->offsets = xrealloc(f->offsets, f->n == 0 ? 1 : f->n * 2, sizeof(*f->offsets));
	f->offsets[f->n++] = f->names.len;
	buf_addc(&f->names, (char)type);
	buf_add(&f->names, name, strlen(name) + 1);
}

static bool
is_folder_in(int fd, const char *name)
{
	struct stat st;

	return fstatat(fd, name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static int
list_all(struct folder *f)
{
	int fd = dup(f->fd);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int number = errno;

	if (d == NULL) {
		if (fd >= 0)
			close(fd);
		errno = number;
		return -1;
	}
	while (errno = 0, (entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.')
			folder_add(f, entry->d_name, entry->d_type);
	number = errno;
	closedir(d);
	errno = number;
	if (number != 0)
		return -1;
	if (f->n > 1)
		qsort_r(f->offsets, f->n, sizeof(*f->offsets), compare_names, f->names.data);
	return 0;
}

/* Is the last of the n bytes of a path "new" or "cur"? */
static bool
is_leaf_name(const char *path, size_t n)
{
	struct slice name = {path, n};
	const char *slash = memrchr(path, '/', n);

	if (slash != NULL)
		name = slice_range(slash + 1, path + n);
	return slice_is(name, "new") || slice_is(name, "cur");
}

static bool
is_file_in_leaf(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && is_leaf_name(path, (size_t)(slash - path));
}

static void
folder_close(struct folder *f)
{
	close(f->fd);
	buf_free(&f->names);
	free(f->offsets);
}

/* Takes fd. The path in w is the folder's. A Maildir has new and cur, and what
 * else lies there is not mail; new comes first: a message that moves to cur
 * meanwhile is met there. */
static int
enter(struct walk *w, int fd)
{
	struct folder *f = &w->folders[w->depth];

	if (w->depth == MAX_DEPTH) {
		close(fd);
		errno = ELOOP;
		return -1;
	}
	*f = (struct folder){.fd = fd, .path_len = w->path.len};
	f->is_leaf = is_leaf_name(buf_cstr(&w->path), w->path.len);
	if (is_folder_in(fd, "new") && is_folder_in(fd, "cur")) {
		folder_add(f, "new", DT_DIR);
		folder_add(f, "cur", DT_DIR);
	} else if (list_all(f) < 0) {
		int number = errno;

		folder_close(f);
		errno = number;
		return -1;
	}
	w->depth++;
	return 0;
}

/* A name of unknown type, or a symbolic link: only files are read through one. */
static unsigned char
resolve_type(int fd, const char *name, unsigned char type, struct stat *st)
{
	if (type == DT_UNKNOWN && fstatat(fd, name, st, AT_SYMLINK_NOFOLLOW) == 0)
		type = IFTODT(st->st_mode);
	if (type == DT_LNK && fstatat(fd, name, st, 0) == 0)
		return S_ISREG(st->st_mode) ? DT_REG : DT_FIFO;
	/* A dangling link: the open fails and says so. */
	return type == DT_LNK ? DT_REG : type;
}

static int
visit_file(struct walk *w, const struct folder *f, const char *name)
{
	int fd = openat(f->fd, name, OPEN_FLAGS);
	int result = -1;
	int number;

	if (fd >= 0 && fstat(fd, &w->st) == 0)
		result = S_ISREG(w->st.st_mode) ? read_file(w, fd, f->is_leaf) : 0;
	number = errno;
	if (fd >= 0)
		close(fd);
	/* Another program moved it: it is met under its new name, or next time. */
	if (result < 0 && f->is_leaf && number == ENOENT)
		return 0;
	errno = number;
	return result;
}

static void
visit(struct walk *w, struct folder *f)
{
	const char *entry = f->names.data + f->offsets[f->next++];
	const char *name = entry + 1;
	unsigned char type = resolve_type(f->fd, name, (unsigned char)entry[0], &w->st);
	struct err e;
	int result = 0;

	buf_truncate(&w->path, f->path_len);
	if (w->path.len > 0 && w->path.data[w->path.len - 1] != '/')
		buf_addc(&w->path, '/');
	buf_adds(&w->path, name);
	w->st = (struct stat){0};
	if (type == DT_DIR) {
		int fd = openat(f->fd, name, OPEN_FLAGS | O_DIRECTORY | O_NOFOLLOW);

		result = fd < 0 ? -1 : enter(w, fd);
	} else if (type == DT_REG) {
		result = visit_file(w, f, name);
	}
	if (result < 0) {
		words_errno(&e, errno, "read", buf_cstr(&w->path));
		tell_error(w, &e);
	}
}

static void
walk_folders(struct walk *w)
{
	while (w->depth > 0) {
		struct folder *f = &w->folders[w->depth - 1];

		if (w->stop || f->next == f->n) {
			folder_close(f);
			w->depth--;
		} else {
			visit(w, f);
		}
	}
}

static int
walk_start(struct walk *w, const char *path)
{
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	int result = -1;
	int number;

	buf_adds(&w->path, path);
	if (fd < 0)
		return -1;
	if (fstat(fd, &w->st) == 0) {
		if (S_ISDIR(w->st.st_mode))
			return enter(w, fd);
		result = read_file(w, fd, is_file_in_leaf(path));
	}
	number = errno;
	close(fd);
	errno = number;
	return result;
}

int
box_walk(const char *path, box_fn fn, void *ctx, struct err *e)
{
	return box_walk_begins(path, 0, fn, ctx, e);
}

int
box_walk_begins(const char *path, size_t max_bytes, box_fn fn, void *ctx, struct err *e)
{
	struct walk *w = xcalloc(1, sizeof(*w));
	int result;

	w->fn = fn;
	w->ctx = ctx;
	w->max_bytes = max_bytes;
	result = walk_start(w, path);
	if (result < 0)
		words_errno(e, errno, "read", path);
	else
		walk_folders(w);
	buf_free(&w->space);
	buf_free(&w->path);
	buf_free(&w->name);
	free(w);
	return result;
}
