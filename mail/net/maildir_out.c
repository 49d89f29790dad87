/* A Maildir as the way out, for trying things: nothing leaves the machine. The
 * envelope, which a file has no other place for, goes into lines at the top. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "net/way.h"

struct maildir_out {
	char *path;
	unsigned n_sent;
};

static int
make_folder(const char *path, const char *name, struct err *e)
{
	struct buf full = BUF_INIT;
	int r = 0;

	buf_addf(&full, "%s%s", path, name);
	if (mkdir(buf_cstr(&full), 0700) != 0 && errno != EEXIST)
		r = err_set(e, ERR_IO, "cannot make %s: %s", full.data, strerror(errno));
	buf_free(&full);
	return r;
}

/* A name that no other delivery has: https://cr.yp.to/proto/maildir.html */
static void
unique_name(struct maildir_out *d, struct buf *out)
{
	char host[64] = "";

	if (gethostname(host, sizeof(host) - 1) != 0)
		snprintf(host, sizeof(host), "localhost");
	for (char *p = host; *p != '\0'; p++)
		if (*p == '/' || *p == ':')
			*p = '_';
	buf_addf(out, "%lld.P%dT%lldQ%u.%s", (long long)clock_now(), (int)getpid(),
	    (long long)clock_mono_ms(), ++d->n_sent, host);
}

static void
render(const struct outgoing_mail *m, struct buf *out)
{
	buf_addf(out, "Return-Path: <%.*s>\n", SLICE_FMT(m->envelope_from));
	for (size_t i = 0; i < m->n_recipients; i++)
		buf_addf(out, "X-Envelope-To: <%.*s>\n", SLICE_FMT(m->recipients[i]));
	lines_local(out, m->bytes);
}

static int
write_file(const char *path, struct slice bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int saved;

	if (fd < 0)
		return -1;
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			goto fail;
		bytes = slice_from(bytes, (size_t)n);
	}
	if (fsync(fd) != 0)
		goto fail;
	return close(fd);
fail:
	saved = errno;
	close(fd);
	unlink(path);
	errno = saved;
	return -1;
}

static void
sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd); /* the file is there either way */
	close(fd);
}

static enum outgoing_outcome
send_maildir(void *state, const struct outgoing_mail *m, struct outgoing_result *results,
    char *reply, struct err *e)
{
	struct maildir_out *d = state;
	struct buf text = BUF_INIT, name = BUF_INIT, from = BUF_INIT, to = BUF_INIT;
	enum outgoing_outcome outcome = OUT_SENT;

	unique_name(d, &name);
	render(m, &text);
	buf_addf(&from, "%s/tmp/%s", d->path, buf_cstr(&name));
	buf_addf(&to, "%s/new/%s", d->path, buf_cstr(&name));
	if (write_file(buf_cstr(&from), buf_slice(&text)) != 0 ||
	    rename(buf_cstr(&from), buf_cstr(&to)) != 0) {
		err_set(e, ERR_IO, "cannot write %s: %s", from.data, strerror(errno));
		outcome = OUT_NOT_SENT;
	} else {
		buf_truncate(&to, to.len - name.len - 1);
		sync_folder(buf_cstr(&to));
		results_set(results, m->n_recipients, true, 250, buf_slice(&name));
		if (reply != NULL)
			reply_set(reply, buf_slice(&name));
	}
	buf_free(&text);
	buf_free(&name);
	buf_free(&from);
	buf_free(&to);
	return outcome;
}

static void
close_maildir(void *state)
{
	struct maildir_out *d = state;

	free(d->path);
	free(d);
}

static const struct way maildir_way = {.send = send_maildir, .close = close_maildir};

int
maildir_out_open(struct outgoing *out, const struct url *u, struct err *e)
{
	struct maildir_out *d;
	struct buf words = BUF_INIT;

	if (make_folder(u->path, "", e) != 0 || make_folder(u->path, "/tmp", e) != 0 ||
	    make_folder(u->path, "/new", e) != 0 || make_folder(u->path, "/cur", e) != 0)
		return -1;
	d = xcalloc(1, sizeof(*d));
	d->path = xstrdup(u->path);
	buf_adds(&words, "Maildir ");
	clean_append(&words, slice_of(u->path), 200);
	out->way = &maildir_way;
	out->state = d;
	out->caps = (struct outgoing_caps){
	    .dsn = true, .pipelining = true, .eight_bit = true, .smtputf8 = true};
	out->words = buf_take(&words);
	return 0;
}
