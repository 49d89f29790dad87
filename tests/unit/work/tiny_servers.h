/* An IMAP and an SMTP server in threads of the test, whose line dies after a byte.
 *
 * The mailbox holds one report and keeps its keywords over all connections; the SMTP
 * server counts what it accepted. A cut comes once, so many bytes after it was armed,
 * on one of four ways: what has arrived until then was heard and is done, and nothing
 * that was not said yet is heard any more. */
#ifndef TEST_TINY_SERVERS_H
#define TEST_TINY_SERVERS_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>

#include "scene.h"

enum way { IMAP_IN, IMAP_OUT, SMTP_IN, SMTP_OUT, N_WAYS, NO_WAY = N_WAYS };

struct tiny {
	pthread_mutex_t lock;
	enum way way;         /* on which it is to be cut */
	size_t left;          /* bytes until then */
	size_t count[N_WAYS]; /* bytes since they were set to 0 */
	unsigned accepted;
	char keywords[256]; /* of the one message: " a b" */
	uint64_t modseq;
	struct slice mail;
	struct tiny_line *lines[2];
};

struct tiny_line {
	struct tiny *tiny;
	bool is_smtp;
	bool is_dead;
	int listener, fd;
	unsigned port;
	pthread_t thread;
};

/* Counts a byte; false when the line dies with it. */
static inline bool
tiny_count(struct tiny_line *l, enum way way)
{
	struct tiny *t = l->tiny;
	bool lives = true;

	pthread_mutex_lock(&t->lock);
	t->count[way]++;
	if (t->way == way && --t->left == 0) {
		t->way = NO_WAY;
		lives = false;
	}
	pthread_mutex_unlock(&t->lock);
	return lives;
}

/* One line without its end; false when there will be none. */
static inline bool
tiny_hear(struct tiny_line *l, char *line, size_t size)
{
	size_t n = 0;
	char c;

	while (!l->is_dead && read(l->fd, &c, 1) == 1) {
		l->is_dead = !tiny_count(l, l->is_smtp ? SMTP_IN : IMAP_IN);
		if (c == '\n') {
			line[n] = '\0';
			return true;
		}
		if (c != '\r' && n < size - 1)
			line[n++] = c;
	}
	return false;
}

static inline void
tiny_say_bytes(struct tiny_line *l, struct slice s)
{
	size_t n = 0;

	if (l->is_dead)
		return;
	while (n < s.n && !l->is_dead) {
		n++;
		l->is_dead = !tiny_count(l, l->is_smtp ? SMTP_OUT : IMAP_OUT);
	}
	if (send(l->fd, s.p, n, MSG_NOSIGNAL) != (ssize_t)n)
		l->is_dead = true;
}

static inline void __attribute__((format(printf, 2, 3)))
tiny_say(struct tiny_line *l, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_addvf(&b, fmt, ap);
	va_end(ap);
	tiny_say_bytes(l, buf_slice(&b));
	buf_free(&b);
}

static inline void
tiny_select(struct tiny_line *l, const char *tag)
{
	struct tiny *t = l->tiny;

	tiny_say(l,
	    "* FLAGS (\\Seen%s)\r\n* OK [PERMANENTFLAGS (\\Seen%s \\*)] kept\r\n* 1 EXISTS\r\n"
	    "* 0 RECENT\r\n* OK [UIDVALIDITY 7] here\r\n* OK [UIDNEXT 2] next\r\n"
	    "* OK [HIGHESTMODSEQ %llu] now\r\n%s OK [READ-WRITE] selected\r\n",
	    t->keywords, t->keywords, (unsigned long long)t->modseq, tag);
}

static inline void
tiny_fetch(struct tiny_line *l, const char *tag, const char *what)
{
	struct tiny *t = l->tiny;
	const char *since = strstr(what, "CHANGEDSINCE ");
	struct buf b = BUF_INIT;

	if (since == NULL || strtoull(since + 13, NULL, 10) < t->modseq) {
		buf_adds(&b, "* 1 FETCH (UID 1");
		if (strstr(what, "FLAGS") != NULL)
			buf_addf(&b, " FLAGS (%s)", t->keywords + (t->keywords[0] == ' '));
		if (strstr(what, "INTERNALDATE") != NULL)
			buf_adds(&b, " INTERNALDATE \"20-Nov-2026 10:14:01 +0000\"");
		if (strstr(what, "SIZE") != NULL)
			buf_addf(&b, " RFC822.SIZE %zu", t->mail.n);
		if (strstr(what, "MODSEQ") != NULL)
			buf_addf(&b, " MODSEQ (%llu)", (unsigned long long)t->modseq);
		if (strstr(what, "BODY") != NULL) {
			buf_addf(&b, " BODY[]<0> {%zu}\r\n", t->mail.n);
			buf_addslice(&b, t->mail);
		}
		buf_adds(&b, ")\r\n");
	}
	buf_addf(&b, "%s OK fetched\r\n", tag);
	tiny_say_bytes(l, buf_slice(&b));
	buf_free(&b);
}

/* "UID STORE 1 (UNCHANGEDSINCE 3) +FLAGS.SILENT (keyword)" */
static inline void
tiny_store(struct tiny_line *l, const char *tag, const char *what)
{
	struct tiny *t = l->tiny;
	const char *unchanged = strstr(what, "UNCHANGEDSINCE ");
	const char *flags = strstr(what, "FLAGS.SILENT (");
	bool is_added = flags[-1] == '+';
	char word[128], *at;

	if (unchanged != NULL && strtoull(unchanged + 15, NULL, 10) < t->modseq) {
		tiny_say(l, "%s OK [MODIFIED 1] changed\r\n", tag);
		return;
	}
	snprintf(word, sizeof(word), " %.*s", (int)strcspn(flags + 14, ")"), flags + 14);
	at = strstr(t->keywords, word);
	if (is_added && at == NULL) {
		assert_true(strlen(t->keywords) + strlen(word) < sizeof(t->keywords));
		strcat(t->keywords, word);
	} else if (!is_added && at != NULL) {
		memmove(at, at + strlen(word), strlen(at + strlen(word)) + 1);
	}
	t->modseq++;
	tiny_say(l, "* 1 FETCH (UID 1 MODSEQ (%llu))\r\n%s OK stored\r\n",
	    (unsigned long long)t->modseq, tag);
}

static inline void
tiny_imap(struct tiny_line *l)
{
	static const char caps[] = "[CAPABILITY IMAP4rev1 SASL-IR CONDSTORE UIDPLUS AUTH=PLAIN]";
	char line[2048];

	tiny_say(l, "* OK %s here\r\n", caps);
	while (tiny_hear(l, line, sizeof(line))) {
		char tag[32];
		int n = (int)strcspn(line, " ");
		const char *rest = line + n + (line[n] == ' ');

		snprintf(tag, sizeof(tag), "%.*s", n, line);
		if (strncmp(rest, "SELECT", 6) == 0 || strncmp(rest, "EXAMINE", 7) == 0)
			tiny_select(l, tag);
		else if (strstr(rest, "FETCH ") != NULL)
			tiny_fetch(l, tag, rest);
		else if (strstr(rest, "STORE ") != NULL)
			tiny_store(l, tag, rest);
		else if (strstr(rest, "SEARCH") != NULL)
			tiny_say(l, "* SEARCH 1\r\n%s OK searched\r\n", tag);
		else if (strncmp(rest, "LOGOUT", 6) == 0)
			return;
		else
			tiny_say(l, "%s OK %s fine\r\n", tag, caps);
	}
}

static inline void
tiny_smtp(struct tiny_line *l)
{
	char line[2048];

	tiny_say(l, "220 tiny ESMTP\r\n");
	while (tiny_hear(l, line, sizeof(line))) {
		if (strncmp(line, "EHLO", 4) == 0)
			tiny_say(l, "250-tiny\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 DSN\r\n");
		else if (strncmp(line, "QUIT", 4) == 0)
			return;
		else if (strncmp(line, "DATA", 4) != 0)
			tiny_say(l, "250 2.1.0 fine\r\n");
		if (strncmp(line, "DATA", 4) != 0)
			continue;
		tiny_say(l, "354 go on\r\n");
		do {
			if (!tiny_hear(l, line, sizeof(line)))
				return;
		} while (strcmp(line, ".") != 0);
		pthread_mutex_lock(&l->tiny->lock);
		l->tiny->accepted++;
		pthread_mutex_unlock(&l->tiny->lock);
		tiny_say(l, "250 2.0.0 queued as 1\r\n");
	}
}

static inline void *
tiny_run(void *ctx)
{
	struct tiny_line *l = ctx;
	int on = 1;

	while ((l->fd = accept(l->listener, NULL, NULL)) >= 0) {
		setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		l->is_dead = false;
		if (l->is_smtp)
			tiny_smtp(l);
		else
			tiny_imap(l);
		close(l->fd);
	}
	return NULL;
}

static inline void
tiny_start(struct tiny *t, struct tiny_line *l, bool is_smtp)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sa);

	*l = (struct tiny_line){.tiny = t, .is_smtp = is_smtp, .fd = -1};
	l->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(l->listener >= 0);
	assert_int_equal(bind(l->listener, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(l->listener, 8), 0);
	assert_int_equal(getsockname(l->listener, (struct sockaddr *)&sa, &len), 0);
	l->port = ntohs(sa.sin_port);
	assert_int_equal(pthread_create(&l->thread, NULL, tiny_run, l), 0);
}

static inline void
tiny_end(struct tiny_line *l)
{
	shutdown(l->listener, SHUT_RDWR);
	pthread_join(l->thread, NULL);
	close(l->listener);
}

#endif
