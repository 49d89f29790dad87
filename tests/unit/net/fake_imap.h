/* An IMAP server that misbehaves as a table says, in a thread of the test. */
#ifndef TESTS_NET_FAKE_IMAP_H
#define TESTS_NET_FAKE_IMAP_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include "peers.h"

/* Waits for a line with `hear` (NULL: does not wait), then says `say` `times` times
 * (0 is once); "$" stands for the tag of the line. A row without `say` ends it. */
struct fake_row {
	const char *hear;
	const char *say;
	unsigned times;
};

struct fake {
	const struct fake_row *rows;
	bool stays; /* keeps the connection open behind the last row until the client goes */
	int listener;
	unsigned port;
	pthread_t thread;
};

static inline bool
fake_hear(int fd, const char *hear, char *tag, size_t size)
{
	char line[4096];
	size_t n = 0;

	for (;;) {
		char c;

		if (read(fd, &c, 1) != 1)
			return false;
		if (c != '\n' && n < sizeof(line) - 1) {
			line[n++] = c;
			continue;
		}
		line[n] = '\0';
		n = 0;
		if (strstr(line, hear) == NULL)
			continue;
		snprintf(tag, size, "%.*s", (int)strcspn(line, " "), line);
		return true;
	}
}

static inline bool
fake_say(int fd, const struct fake_row *row, const char *tag)
{
	struct buf text = BUF_INIT;
	bool ok = true;

	for (const char *p = row->say; *p != '\0'; p++) {
		if (*p == '$')
			buf_adds(&text, tag);
		else
			buf_addc(&text, *p);
	}
	for (unsigned i = 0; ok && i < (row->times == 0 ? 1 : row->times); i++) {
		struct slice left = buf_slice(&text);

		while (ok && left.n > 0) {
			ssize_t n = send(fd, left.p, left.n, MSG_NOSIGNAL);

			ok = n > 0;
			left = slice_from(left, ok ? (size_t)n : 0);
		}
	}
	buf_free(&text);
	return ok;
}

static inline void *
fake_run(void *ctx)
{
	struct fake *f = ctx;
	int fd = accept(f->listener, NULL, NULL);
	char tag[64] = "", room[256];

	for (const struct fake_row *row = f->rows; fd >= 0 && row->say != NULL; row++) {
		if (row->hear != NULL && !fake_hear(fd, row->hear, tag, sizeof(tag)))
			break;
		if (!fake_say(fd, row, tag))
			break;
	}
	while (f->stays && fd >= 0 && read(fd, room, sizeof(room)) > 0)
		;
	if (fd >= 0)
		close(fd);
	return NULL;
}

static inline void
fake_start(struct fake *f, const struct fake_row *rows, bool stays)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sa);

	*f = (struct fake){.rows = rows, .stays = stays};
	f->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(f->listener >= 0);
	assert_int_equal(bind(f->listener, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(f->listener, 1), 0);
	assert_int_equal(getsockname(f->listener, (struct sockaddr *)&sa, &len), 0);
	f->port = ntohs(sa.sin_port);
	assert_int_equal(pthread_create(&f->thread, NULL, fake_run, f), 0);
}

static inline void
fake_end(struct fake *f)
{
	shutdown(f->listener, SHUT_RDWR);
	pthread_join(f->thread, NULL);
	close(f->listener);
}

#endif
