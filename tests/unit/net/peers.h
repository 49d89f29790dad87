/* Real servers for the tests of this room, started and ended by each program. */
#ifndef TESTS_NET_PEERS_H
#define TESTS_NET_PEERS_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/net.h"

/* A program under test helpers; its words are NAME=VALUE lines. */
struct peer {
	pid_t pid;
	int in; /* closing it ends the sink */
	struct buf words;
	char dir[64];
};

static inline pid_t
peer_spawn(char *const argv[], int *in, int *out)
{
	int to[2], from[2];
	pid_t pid;

	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	assert_int_equal(pipe2(from, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		signal(SIGPIPE, SIG_DFL);
		execv(argv[0], argv);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	*in = to[1];
	*out = from[0];
	return pid;
}

/* Reads until the line READY, or the end. */
static inline void
peer_listen(struct peer *p, int out)
{
	char room[512];
	ssize_t n;

	while ((n = read(out, room, sizeof(room))) > 0) {
		buf_add(&p->words, room, (size_t)n);
		if (strstr(p->words.data, "READY\n") != NULL)
			break;
	}
	close(out);
}

/* Value of NAME, malloc'ed; "" if it was not said. */
static inline char *
peer_get(struct peer *p, const char *name)
{
	struct slice rest = buf_slice(&p->words), line;
	size_t n = strlen(name);

	while (slice_line(&rest, &line))
		if (slice_starts(line, name) && line.n > n && line.p[n] == '=')
			return xslicedup(slice_from(line, n + 1));
	return xstrdup("");
}

static inline unsigned
peer_port(struct peer *p, const char *name)
{
	char *text = peer_get(p, name);
	unsigned port = (unsigned)strtoul(text, NULL, 10);

	free(text);
	return port;
}

static inline void
peer_make_dir(struct peer *p)
{
	snprintf(p->dir, sizeof(p->dir), "/tmp/bb-net-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	assert_int_equal(chdir(p->dir), 0);
}

static inline int
peer_wait(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* dovecot.sh VERB DIR; its words come through *out. */
static inline pid_t
peer_script_spawn(struct peer *p, const char *verb, int *out)
{
	char *argv[] = {xstrdup(TEST_DATA "/lib/dovecot.sh"), xstrdup(verb), xstrdup(p->dir), NULL};
	int in;
	pid_t pid = peer_spawn(argv, &in, out);

	close(in);
	for (int i = 0; i < 3; i++)
		free(argv[i]);
	return pid;
}

static inline pid_t
peer_script_start(struct peer *p, const char *verb)
{
	int out;
	pid_t pid = peer_script_spawn(p, verb, &out);

	close(out);
	return pid;
}

static inline int
peer_script(struct peer *p, const char *verb)
{
	int out;
	pid_t pid = peer_script_spawn(p, verb, &out);

	buf_clear(&p->words);
	peer_listen(p, out);
	return peer_wait(pid);
}

/* Private Dovecot, options in the environment; false if the machine has none. */
static inline bool
dovecot_start(struct peer *p)
{
	int status;

	if (p->dir[0] == '\0')
		peer_make_dir(p);
	/* Failed logins are no attack here. */
	setenv("IMAP_EXTRA",
	    "service anvil {\n unix_listener anvil-auth-penalty {\n  mode = 0\n }\n}", 0);
	status = peer_script(p, "start");
	if (status == 77)
		return false;
	assert_int_equal(status, 0);
	return true;
}

static inline void
peer_remove(struct peer *p)
{
	char *argv[] = {xstrdup("/bin/rm"), xstrdup("-rf"), xstrdup(p->dir), NULL};
	int in, out;
	pid_t pid;

	if (p->dir[0] == '\0')
		return;
	assert_int_equal(chdir("/"), 0);
	pid = peer_spawn(argv, &in, &out);
	close(in);
	close(out);
	peer_wait(pid);
	for (int i = 0; i < 3; i++)
		free(argv[i]);
	buf_free(&p->words);
	p->dir[0] = '\0';
}

static inline void
dovecot_stop(struct peer *p)
{
	assert_int_equal(peer_script(p, "stop"), 0);
}

static inline void
sink_start(struct peer *p, const char *cert, const char *key)
{
	char *argv[] = {xstrdup("/usr/bin/env"), xstrdup("python3"),
	    xstrdup(TEST_DATA "/lib/smtp_sink.py"), xstrdup(p->dir), NULL, NULL, NULL, NULL, NULL};
	int out;

	if (cert != NULL) {
		argv[4] = xstrdup("--cert");
		argv[5] = xstrdup(cert);
		argv[6] = xstrdup("--key");
		argv[7] = xstrdup(key);
	}
	p->pid = peer_spawn(argv, &p->in, &out);
	peer_listen(p, out);
	assert_non_null(strstr(buf_cstr(&p->words), "READY"));
	for (int i = 0; argv[i] != NULL; i++)
		free(argv[i]);
}

static inline void
sink_stop(struct peer *p)
{
	close(p->in);
	peer_wait(p->pid);
}

/* What the sink does on its next connections. */
static inline void
sink_plan(const struct peer *p, const char *json)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/plan.json", p->dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(json, f);
	assert_int_equal(fclose(f), 0);
}

/* Messages that the sink has accepted; the last of them goes to `text`. */
static inline unsigned
sink_accepted(const struct peer *p, struct buf *text)
{
	char path[400], last[300] = "";
	struct dirent *entry;
	unsigned n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "%s/accepted", p->dir);
	d = opendir(path);
	assert_non_null(d);
	while ((entry = readdir(d)) != NULL) {
		if (strchr(entry->d_name, '.') != NULL)
			continue;
		n++;
		if (strcmp(entry->d_name, last) > 0)
			snprintf(last, sizeof(last), "%s", entry->d_name);
	}
	closedir(d);
	if (text != NULL && n > 0) {
		char room[4096];
		size_t got;
		FILE *f;

		snprintf(path, sizeof(path), "%s/accepted/%s", p->dir, last);
		f = fopen(path, "r");
		assert_non_null(f);
		buf_clear(text);
		while ((got = fread(room, 1, sizeof(room), f)) > 0)
			buf_add(text, room, got);
		fclose(f);
	}
	return n;
}

#endif
