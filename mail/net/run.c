/* Commands that the user wrote into the configuration. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/run.h"

#define MAX_OUTPUT (1u << 20)
#define LOOK_EVERY_MS 100 /* whether it has gone while its children live on */

extern char **environ;

struct child {
	pid_t pid;
	int in;  /* its standard input */
	int out; /* its standard output */
	int err;
	struct slice input;
	struct run_result *result;
};

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* A pipe whose far end the child gets as `fd`. */
static int
pipe_to(posix_spawn_file_actions_t *actions, int fd, int *ours, int *theirs)
{
	int p[2];
	int near = fd == STDIN_FILENO ? 1 : 0;

	if (pipe2(p, O_CLOEXEC) != 0)
		return -1;
	*ours = p[near];
	*theirs = p[1 - near];
	fcntl(*ours, F_SETFL, O_NONBLOCK);
	return posix_spawn_file_actions_adddup2(actions, *theirs, fd) == 0 ? 0 : -1;
}

/* SIGPIPE is ignored here; programs expect it to work. A group of its own, so
 * that all it started can be ended with it. */
static void
child_attributes(posix_spawnattr_t *attr)
{
	sigset_t set;

	posix_spawnattr_init(attr);
	sigemptyset(&set);
	posix_spawnattr_setsigmask(attr, &set);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	posix_spawnattr_setsigdefault(attr, &set);
	posix_spawnattr_setpgroup(attr, 0);
	posix_spawnattr_setflags(
	    attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
}

static int
start(struct child *c, char *const argv[], struct err *e)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int theirs[3] = {-1, -1, -1};
	int r = -1;

	posix_spawn_file_actions_init(&actions);
	child_attributes(&attr);
	if (pipe_to(&actions, STDIN_FILENO, &c->in, &theirs[0]) == 0 &&
	    pipe_to(&actions, STDOUT_FILENO, &c->out, &theirs[1]) == 0 &&
	    pipe_to(&actions, STDERR_FILENO, &c->err, &theirs[2]) == 0)
		r = posix_spawn(&c->pid, "/bin/sh", &actions, &attr, argv, environ);
	else
		r = errno;
	for (int i = 0; i < 3; i++)
		close_fd(&theirs[i]);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return r == 0 ? 0 : err_set(e, ERR_IO, "cannot start a command: %s", strerror(r));
}

static void
feed(struct child *c)
{
	ssize_t n = write(c->in, c->input.p, c->input.n);

	if (n > 0)
		c->input = slice_from(c->input, (size_t)n);
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		close_fd(&c->in); /* it does not want to read: that is its right */
	if (c->input.n == 0) {
		c->result->took_all = true;
		close_fd(&c->in);
	}
}

static void
drain(int *fd, struct buf *out)
{
	char room[8192];
	ssize_t n = read(*fd, room, sizeof(room));

	if (n > 0 && out != NULL && out->len < MAX_OUTPUT)
		buf_add(out, room,
		    (size_t)n < MAX_OUTPUT - out->len ? (size_t)n : MAX_OUTPUT - out->len);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(fd);
	secret_wipe(room, sizeof(room));
}

/* What it started in the background may hold its ends open: not our concern. */
static bool
has_ended(const struct child *c)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
	    info.si_pid != 0;
}

/* Moves bytes until the child has closed its ends, or has gone. */
static int
converse(struct child *c, const struct net_options *o, struct buf *out, struct buf *err_out,
    struct err *e)
{
	int64_t until = clock_mono_ms() + (int64_t)o->timeout_s * 1000;

	while (c->out >= 0 || c->err >= 0) {
		struct pollfd p[4] = {{.fd = c->out, .events = POLLIN},
		    {.fd = c->err, .events = POLLIN}, {.fd = c->in, .events = POLLOUT},
		    {.fd = o->cancel == NULL ? -1 : cancel_fd(o->cancel), .events = POLLIN}};
		int64_t left = until > clock_mono_ms() ? until - clock_mono_ms() : 0;
		bool is_over = has_ended(c);
		int n = poll(p, 4, is_over ? 0 : left > LOOK_EVERY_MS ? LOOK_EVERY_MS : (int)left);

		if (o->cancel != NULL && cancel_is_fired(o->cancel))
			return err_set(e, ERR_CANCELLED, "cancelled while a command ran");
		if (n == 0 && is_over)
			break;
		if (left <= 0)
			return err_set(
			    e, ERR_TIMEOUT, "the command did not end in %u s", o->timeout_s);
		if (n <= 0)
			continue;
		if (p[0].revents != 0)
			drain(&c->out, out);
		if (p[1].revents != 0)
			drain(&c->err, err_out);
		if (p[2].revents != 0)
			feed(c);
	}
	return 0;
}

/* After the child has closed its ends it has a moment to go. */
static int
reap(struct child *c, bool failed, const struct net_options *o, struct err *e)
{
	int64_t until = clock_mono_ms() + (int64_t)o->timeout_s * 1000;
	struct timespec pause = {0, 2000000};
	int status = 0;
	pid_t r = -1;

	while (!failed && (r = waitpid(c->pid, &status, WNOHANG)) == 0) {
		if (clock_mono_ms() >= until || (o->cancel != NULL && cancel_is_fired(o->cancel))) {
			err_set(e, ERR_TIMEOUT, "the command did not end in %u s", o->timeout_s);
			failed = true;
			break;
		}
		nanosleep(&pause, NULL);
	}
	if (failed) {
		kill(-c->pid, SIGKILL);
		while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
			;
		return -1;
	}
	if (r < 0)
		return err_set(
		    e, ERR_IO, "the end of the command was not seen: %s", strerror(errno));
	if (WIFSIGNALED(status)) {
		c->result->was_killed = true;
		return err_set(e, ERR_IO, "the command was ended by signal %d", WTERMSIG(status));
	}
	c->result->status = WEXITSTATUS(status);
	return 0;
}

int
run_shell(char *const argv[], struct slice input, const struct net_options *o, struct buf *out,
    struct buf *err_out, struct run_result *result, struct err *e)
{
	struct child c = {.in = -1, .out = -1, .err = -1, .input = input, .result = result};
	int r;

	*result = (struct run_result){.status = -1};
	if (start(&c, argv, e) != 0) {
		r = -1;
	} else {
		if (input.n == 0) {
			close_fd(&c.in);
			result->took_all = true;
		}
		r = reap(&c, converse(&c, o, out, err_out, e) != 0, o, e);
	}
	close_fd(&c.in);
	close_fd(&c.out);
	close_fd(&c.err);
	return r;
}

int
net_run(const char *command, struct slice input, const struct net_options *o, struct buf *out,
    struct buf *err_out, int *status, struct err *e)
{
	char *words = xstrdup(command);
	char shell[] = "sh", option[] = "-c";
	char *argv[] = {shell, option, words, NULL};
	struct run_result result;
	int r = run_shell(argv, input, o, out, err_out, &result, e);

	free(words);
	*status = result.status;
	return r;
}
