#include "tui/editor.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_TEXT_BYTES (8 * 1024 * 1024)

const char *
editor_command(const struct conf *conf)
{
	const char *env;

	if (conf->editor[0] != '\0')
		return conf->editor;
	env = getenv("VISUAL");
	if (env == NULL || env[0] == '\0')
		env = getenv("EDITOR");
	return env == NULL || env[0] == '\0' ? "vi" : env;
}

static int
write_all(int fd, struct slice s)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n <= 0)
			return -1;
		s = slice_from(s, (size_t)n);
	}
	return 0;
}

static int
read_file(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "r");
	char block[4096];
	size_t n;
	int rc;

	if (f == NULL)
		return -1;
	buf_clear(out);
	while ((n = fread(block, 1, sizeof(block), f)) > 0 && out->len < MAX_TEXT_BYTES)
		buf_add(out, block, n);
	rc = ferror(f) != 0 ? -1 : 0;
	fclose(f);
	return rc;
}

/* The file's name is an argument of its own: no shell reads it. */
static int
run_editor(const char *command, const char *path, void (*leave)(void), void (*back)(void))
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction old_int, old_quit;
	int status = 0;
	pid_t pid;

	/* ^C in the editor is the editor's, from the moment that the terminal makes one of it. */
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGINT, &ignore, &old_int);
	sigaction(SIGQUIT, &ignore, &old_quit);
	if (leave != NULL)
		leave();
	pid = fork();
	if (pid == 0) {
		struct buf script = BUF_INIT;

		sigaction(SIGINT, &old_int, NULL);
		sigaction(SIGQUIT, &old_quit, NULL);
		buf_addf(&script, "%s \"$1\"", command);
		execl("/bin/sh", "sh", "-c", buf_cstr(&script), "sh", path, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		status = -1;
	if (back != NULL)
		back();
	sigaction(SIGINT, &old_int, NULL);
	sigaction(SIGQUIT, &old_quit, NULL);
	return status;
}

int
editor_edit(const char *command, struct buf *text, void (*leave)(void), void (*back)(void))
{
	const char *dir = getenv("TMPDIR");
	struct buf path = BUF_INIT;
	int rc = -1;
	int fd;

	buf_addf(&path, "%s/bouncebox-note-XXXXXX", dir == NULL || dir[0] == '\0' ? "/tmp" : dir);
	fd = mkstemp(path.data); /* 0600 */
	if (fd >= 0) {
		rc = write_all(fd, buf_slice(text));
		close(fd);
		if (rc == 0 && run_editor(command, path.data, leave, back) != 0)
			rc = -1;
		if (rc == 0)
			rc = read_file(path.data, text);
		unlink(path.data);
	}
	buf_free(&path);
	return rc;
}
