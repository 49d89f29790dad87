#include "tui/cmd_terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#include "base/conf.h"

#define MAX_LINE 1024

static int
open_terminal(void)
{
	return open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
}

bool
terminal_is_there(void)
{
	int fd = open_terminal();

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static void
write_all(int fd, const char *text)
{
	size_t n = strlen(text);

	while (n > 0) {
		ssize_t done = write(fd, text, n);

		if (done <= 0)
			return;
		text += done;
		n -= (size_t)done;
	}
}

/* An interrupt ends the question, not the program: the terminal is still to be
 * put right. */
struct held {
	struct sigaction action;
	sigset_t mask;
};

static void
on_interrupt(int number)
{
	(void)number;
}

static void
hold_interrupt(struct held *h)
{
	struct sigaction act = {.sa_handler = on_interrupt};
	sigset_t set;

	sigemptyset(&act.sa_mask);
	sigaction(SIGINT, &act, &h->action);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, &h->mask);
}

static void
release_interrupt(const struct held *h)
{
	sigaction(SIGINT, &h->action, NULL);
	pthread_sigmask(SIG_SETMASK, &h->mask, NULL);
}

/* One line of at most MAX_LINE bytes; -1 at the end or at an interrupt. The
 * interrupt is let in only while we wait, so it is not lost before. */
static ssize_t
read_line(int fd, char *line)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	sigset_t all;
	ssize_t n;

	pthread_sigmask(SIG_SETMASK, NULL, &all);
	sigdelset(&all, SIGINT);
	if (ppoll(&wait, 1, NULL, &all) < 0)
		return -1;
	n = read(fd, line, MAX_LINE);
	if (n <= 0)
		return -1;
	if (line[n - 1] == '\n')
		n--;
	return n;
}

/* Restores what it changed, whatever happened between. The question comes after the
 * echo is off: what is typed at its first letter is neither shown nor lost. */
static ssize_t
read_hidden(int fd, const char *prompt, char *line)
{
	struct termios shown;
	struct termios hidden;
	ssize_t n;

	if (tcgetattr(fd, &shown) != 0)
		return -1;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
	hidden.c_lflag |= ECHONL;
	tcsetattr(fd, TCSAFLUSH, &hidden);
	write_all(fd, prompt);
	n = read_line(fd, line);
	tcsetattr(fd, TCSAFLUSH, &shown);
	return n;
}

char *
terminal_ask(const char *prompt, bool is_secret)
{
	char line[MAX_LINE];
	char *answer = NULL;
	struct held held;
	int fd = open_terminal();
	ssize_t n;

	if (fd < 0)
		return NULL;
	hold_interrupt(&held);
	if (is_secret) {
		n = read_hidden(fd, prompt, line);
	} else {
		write_all(fd, prompt);
		n = read_line(fd, line);
	}
	if (n < 0)
		write_all(fd, "\n");
	else
		answer = xslicedup((struct slice){line, (size_t)n});
	release_interrupt(&held);
	secret_wipe(line, sizeof(line));
	close(fd);
	return answer;
}

bool
terminal_confirm(const char *prompt, const char *word)
{
	char *answer = terminal_ask(prompt, false);
	bool yes = answer != NULL &&
	    (strcasecmp(answer, word) == 0 ||
		(strcmp(word, "y") == 0 && strcasecmp(answer, "yes") == 0));

	free(answer);
	return yes;
}
