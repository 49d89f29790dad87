#include "tui/cmd_demo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "msg/date.h"
#include "msg/field.h"
#include "tui/cmd_data.h"

#define MAX_SAMPLE_BYTES (256 * 1024)

struct demo {
	struct arena *arena;
	const char *root;
	const char *conf;
	const char *state;
	const char *cache;
	const char *out;    /* what was sent */
	const char *drafts; /* … and what was saved: a Maildir source has no other place for it */
};

/* Reads "-2h30m" or "+4d20h": seconds. False if it is no such thing. */
static bool
read_offset(struct slice *s, int64_t *seconds_r)
{
	int64_t total = 0;
	int sign = s->n > 0 && s->p[0] == '-' ? -1 : 1;
	size_t i = 1;

	if (s->n < 3 || (s->p[0] != '-' && s->p[0] != '+'))
		return false;
	while (i < s->n && ascii_isdigit(s->p[i])) {
		int64_t n = 0;

		for (; i < s->n && ascii_isdigit(s->p[i]) && n < 100000; i++)
			n = n * 10 + (s->p[i] - '0');
		if (i == s->n || strchr("dhm", s->p[i]) == NULL)
			return false;
		total += n * (s->p[i] == 'd' ? 86400 : s->p[i] == 'h' ? 3600 : 60);
		i++;
	}
	*s = slice_from(*s, i);
	*seconds_r = sign * total;
	return true;
}

/* " +0130" in minutes; nothing is UTC. */
static int
read_zone(struct slice s)
{
	int n = s.n == 6 ? atoi(s.p + 2) : 0;

	return (s.n == 6 && s.p[1] == '-' ? -1 : 1) * (n / 100 * 60 + n % 100);
}

void
demo_expand(struct buf *out, struct slice sample, int64_t now)
{
	char date[DATE_TEXT_BYTES];

	while (sample.n > 0) {
		size_t begin = slice_find(sample, "{{");
		struct slice inside =
		    slice_from(sample, begin == SLICE_NONE ? sample.n : begin + 2);
		size_t end = slice_find(inside, "}}");
		int64_t offset = 0;

		buf_addslice(out, slice_sub(sample, 0, begin));
		sample = slice_from(sample, begin == SLICE_NONE ? sample.n : begin + 2);
		if (end == SLICE_NONE) {
			buf_adds(out, begin == SLICE_NONE ? "" : "{{");
			continue;
		}
		inside = slice_sub(inside, 0, end);
		if (!read_offset(&inside, &offset)) {
			buf_adds(out, "{{");
			continue;
		}
		buf_adds(out, date_rfc5322(date, now + offset, read_zone(inside)));
		sample = slice_from(sample, end + 2);
	}
}

static int
write_file(const char *path, struct slice bytes, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t done = fd < 0 ? -1 : write(fd, bytes.p, bytes.n);

	if (fd >= 0 && (close(fd) != 0 || done != (ssize_t)bytes.n))
		done = -1;
	return done < 0 ? err_set(e, ERR_IO, "%s: %s", path, strerror(errno)) : 0;
}

/* The file is as old as the message in it, as in a real Maildir. */
static void
set_age(const char *path, struct slice message)
{
	struct timespec times[2] = {{0, 0}, {0, 0}};
	struct slice header;
	struct slice body;

	field_split(message, &header, &body);
	if (!date_read(field_get(header, "Date"), &times[1].tv_sec, NULL))
		return;
	times[0] = times[1];
	(void)utimensat(AT_FDCWD, path, times, 0);
}

static int
copy_sample(const char *from, const char *to, int64_t now, struct err *e)
{
	struct buf out = BUF_INIT;
	char *text = xmalloc(MAX_SAMPLE_BYTES);
	FILE *f = fopen(from, "re");
	size_t n = f == NULL ? 0 : fread(text, 1, MAX_SAMPLE_BYTES, f);
	int rc = 0;

	if (f == NULL || ferror(f) != 0)
		rc = err_set(e, ERR_IO, "%s: %s", from, strerror(errno));
	if (f != NULL)
		fclose(f);
	demo_expand(&out, (struct slice){text, n}, now);
	if (rc == 0)
		rc = write_file(to, buf_slice(&out), e);
	if (rc == 0)
		set_age(to, buf_slice(&out));
	free(text);
	buf_free(&out);
	return rc;
}

static int
make_maildir(struct arena *a, const char *path, struct err *e)
{
	static const char *const parts[] = {"cur", "new", "tmp"};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < 3; i++)
		rc = path_make_dir(arena_printf(a, "%s/%s", path, parts[i]), e);
	return rc;
}

static int
is_sample(const struct dirent *d)
{
	return slice_iends(slice_of(d->d_name), ".eml");
}

/* All samples of a folder, in the order of their names. `now` is one for all folders:
 * an original is known by its date. */
static int
fill_maildir(
    struct arena *a, const char *from, const char *to, const char *part, int64_t now, struct err *e)
{
	struct dirent **list = NULL;
	int n = scandir(from, &list, is_sample, alphasort);
	int rc = make_maildir(a, to, e);

	if (rc == 0 && n <= 0) {
		rc = err_set(e, ERR_NOT_FOUND, "there is no sample mailbox in %s", from);
		err_todo(e, "install bouncebox, or say where its data is with BOUNCEBOX_DATADIR");
	}
	for (int i = 0; i < n; i++) {
		if (rc == 0)
			rc = copy_sample(arena_printf(a, "%s/%s", from, list[i]->d_name),
			    arena_printf(a, "%s/%s/%s", to, part, list[i]->d_name), now, e);
		free(list[i]);
	}
	free(list);
	return rc;
}

static int
write_conf(struct demo *d, struct err *e)
{
	const char *text = arena_printf(d->arena,
	    "[demo]\nsource = maildir://%s/mail\noutgoing = maildir://%s\n"
	    "from = Alice Example <alice@example.org>\naddresses = example.org\n"
	    "search-in = Sent\n"
	    "[tickets]\nsource = maildir://%s/tickets\noutgoing = maildir://%s\n"
	    "from = Ticket system <tickets@example.org>\naddresses = example.org\n",
	    d->root, d->out, d->root, d->out);

	return write_file(d->conf, slice_of(text), e);
}

static int
fill(struct demo *d, struct err *e)
{
	const char *sample = data_dir(d->arena, "sample", "mail/work/sample");
	const char *mail = arena_printf(d->arena, "%s/mail", d->root);
	int64_t now = clock_now();

	if (fill_maildir(
		d->arena, arena_printf(d->arena, "%s/inbox", sample), mail, "new", now, e) != 0 ||
	    fill_maildir(d->arena, arena_printf(d->arena, "%s/sent", sample),
		arena_printf(d->arena, "%s/.Sent", mail), "cur", now, e) != 0 ||
	    fill_maildir(d->arena, arena_printf(d->arena, "%s/tickets", sample),
		arena_printf(d->arena, "%s/tickets", d->root), "new", now, e) != 0)
		return -1;
	return write_conf(d, e);
}

int
demo_open(struct demo **d_r, struct err *e)
{
	struct arena *a = arena_new();
	struct demo *d = arena_calloc(a, 1, sizeof(*d));
	const char *tmp = getenv("TMPDIR");
	char *root = arena_printf(
	    a, "%s/bouncebox-demo-XXXXXX", tmp != NULL && tmp[0] == '/' ? tmp : "/tmp");

	*d_r = d;
	d->arena = a;
	d->root = "";
	if (mkdtemp(root) == NULL)
		return err_set(
		    e, ERR_IO, "cannot make a folder like %s: %s", root, strerror(errno));
	d->root = root;
	d->conf = arena_printf(a, "%s/bouncebox.conf", root);
	d->state = arena_printf(a, "%s/state", root);
	d->cache = arena_printf(a, "%s/cache", root);
	d->out = arena_printf(a, "%s/sent", root);
	d->drafts = arena_printf(a, "%s/drafts", d->state);
	return fill(d, e);
}

const char *
demo_conf(const struct demo *d)
{
	return d->conf;
}

const char *
demo_state_dir(const struct demo *d)
{
	return d->state;
}

const char *
demo_cache_dir(const struct demo *d)
{
	return d->cache;
}

static int
is_mail(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int
count_mail(struct arena *a, const char *maildir)
{
	static const char *const parts[] = {"new", "cur"};
	int total = 0;

	for (size_t i = 0; i < 2; i++) {
		struct dirent **list = NULL;
		int n = scandir(arena_printf(a, "%s/%s", maildir, parts[i]), &list, is_mail, NULL);

		for (int k = 0; k < n; k++)
			free(list[k]);
		free(list);
		total += n > 0 ? n : 0;
	}
	return total;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void
demo_close(struct demo **d)
{
	struct arena *a;
	int sent;
	int drafts;

	if (d == NULL || *d == NULL)
		return;
	a = (*d)->arena;
	sent = (*d)->root[0] == '\0' ? 0 : count_mail(a, (*d)->out);
	drafts = (*d)->root[0] == '\0' ? 0 : count_mail(a, (*d)->drafts);
	if (sent > 0)
		fprintf(stderr, "Nothing left this machine: what was sent is in the Maildir %s\n",
		    (*d)->out);
	if (drafts > 0)
		fprintf(stderr, "Drafts are in the Maildir %s\n", (*d)->drafts);
	if (sent + drafts == 0 && (*d)->root[0] != '\0')
		(void)nftw((*d)->root, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	arena_free(&a);
	*d = NULL;
}
