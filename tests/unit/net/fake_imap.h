/* An IMAP server that misbehaves as a table says, in a thread of the test. */
#ifndef TESTS_NET_FAKE_IMAP_H
#define TESTS_NET_FAKE_IMAP_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>

#include "peers.h"

#include "net/imap.h"

/* Waits for a line with `hear` (NULL: does not wait), then says `say` `times` times
 * (0 is once); "$" stands for the tag of the line. A row without `say` ends it. */
struct fake_row {
	const char *hear;
	const char *say;
	unsigned times;
};

struct fake {
	const struct fake_row *rows;
	size_t chunk;    /* bytes a packet, 0 = as many as there are */
	size_t split_at; /* ends a packet behind so many bytes of the dialogue, 0 = nowhere */
	size_t n_said;
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
fake_send(struct fake *f, int fd, struct slice bytes)
{
	while (bytes.n > 0) {
		size_t room = f->split_at > f->n_said ? f->split_at - f->n_said : SIZE_MAX;
		size_t now = bytes.n;
		ssize_t n;

		if (f->chunk > 0 && now > f->chunk)
			now = f->chunk;
		if (now > room)
			now = room;
		n = send(fd, bytes.p, now, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		f->n_said += (size_t)n;
		bytes = slice_from(bytes, (size_t)n);
		/* So that the reader likely sees the piece alone; nothing hangs on it. */
		if (f->n_said == f->split_at)
			usleep(200);
		else if (f->chunk > 0)
			sched_yield();
	}
	return true;
}

static inline bool
fake_say(struct fake *f, int fd, const struct fake_row *row, const char *tag)
{
	struct buf text = BUF_INIT;
	bool ok = true;

	for (const char *p = row->say; *p != '\0'; p++) {
		if (*p == '$')
			buf_adds(&text, tag);
		else
			buf_addc(&text, *p);
	}
	for (unsigned i = 0; ok && i < (row->times == 0 ? 1 : row->times); i++)
		ok = fake_send(f, fd, buf_slice(&text));
	buf_free(&text);
	return ok;
}

static inline void *
fake_run(void *ctx)
{
	struct fake *f = ctx;
	int fd = accept(f->listener, NULL, NULL);
	char tag[64] = "", room[256];
	int one = 1;

	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));

	for (const struct fake_row *row = f->rows; fd >= 0 && row->say != NULL; row++) {
		if (row->hear != NULL && !fake_hear(fd, row->hear, tag, sizeof(tag)))
			break;
		if (!fake_say(f, fd, row, tag))
			break;
	}
	while (f->stays && fd >= 0 && read(fd, room, sizeof(room)) > 0)
		;
	if (fd >= 0)
		close(fd);
	return NULL;
}

/* chunk and split_at are the caller's: {0} if he has none. */
static inline void
fake_start(struct fake *f, const struct fake_row *rows, bool stays)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sa);

	*f =
	    (struct fake){.rows = rows, .stays = stays, .chunk = f->chunk, .split_at = f->split_at};
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

static struct net_options options = {.timeout_s = 5, .ca_file = ""};

#define CAPS "IMAP4rev1 SASL-IR AUTH=PLAIN"
#define HELLO                                                   \
	{                                                       \
		NULL, "* OK [CAPABILITY " CAPS "] hello\r\n", 0 \
	}
#define LOGIN                                                          \
	{                                                              \
		"AUTHENTICATE", "$ OK [CAPABILITY " CAPS "] in\r\n", 0 \
	}
#define SELECT                                                                             \
	{                                                                                  \
		"SELECT",                                                                  \
		    "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 10] x\r\n$ OK " \
		    "[READ-WRITE] x\r\n",                                                  \
		    0                                                                      \
	}
#define FOUND                                                   \
	{                                                       \
		"UID SEARCH", "* SEARCH 1 2 3\r\n$ OK x\r\n", 0 \
	}
#define END                   \
	{                     \
		NULL, NULL, 0 \
	}

static inline struct account
account_at(unsigned port, enum url_scheme scheme)
{
	struct account a = {.name = "test"};

	a.source = (struct url){.scheme = scheme,
	    .text = "",
	    .user = "ann",
	    .password = "",
	    .host = "127.0.0.1",
	    .port = port,
	    .path = "INBOX"};
	return a;
}

struct seen {
	unsigned rows;
	size_t bytes;
	uint32_t last_uid;
};

static inline bool
count_row(void *ctx, const struct imap_message *m)
{
	struct seen *seen = ctx;

	seen->rows++;
	seen->bytes += m->bytes.n;
	seen->last_uid = m->uid;
	return true;
}

/* Opens, selects, lists, fetches everything: how far that comes. */
static inline int
go_through(unsigned port, enum url_scheme scheme, struct seen *seen, struct imap_box *box,
    struct err *e, bool *is_alive)
{
	struct account a = account_at(port, scheme);
	struct imap_range all = {1, UINT32_MAX};
	struct imap *s = NULL;
	uint32_t *uids = NULL;
	size_t n;
	int r;

	err_clear(e);
	r = imap_open(&s, &a, "secret", &options, e);
	if (r == 0)
		r = imap_select(s, "INBOX", false, box, e);
	if (r == 0)
		r = imap_uids(s, &uids, &n, e);
	free(uids);
	if (r == 0)
		r = imap_fetch(
		    s, &(struct imap_ranges){&all, 1, NULL, 0}, NULL, 0, count_row, seen, e);
	if (is_alive != NULL && s != NULL) {
		struct err second;
		bool conflict;

		/* A dead session says so before it sends anything. */
		*is_alive = imap_store(s, NULL, 0, true, "x", 0, &conflict, &second) == 0 &&
		    imap_create(s, "y", &second) == 0;
		assert_int_equal(*is_alive, !imap_is_dead(s));
	}
	imap_close(&s);
	return r;
}

#endif
