#include "tui/cmd_out.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tui/cmd.h"

int
out_columns(void)
{
	struct winsize size;

	if (isatty(STDOUT_FILENO) == 0)
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

int
out_flush(struct buf *out)
{
	size_t n = out->len == 0 ? 0 : fwrite(out->data, 1, out->len, stdout);
	bool failed = n != out->len || fflush(stdout) != 0;

	/* A reader that has seen enough is no failure worth words. */
	if (failed && errno != EPIPE)
		fprintf(stderr, "bouncebox: standard output: %m\n");
	buf_clear(out);
	return failed ? -1 : 0;
}

int
out_end(struct buf *out)
{
	int rc = out_flush(out);

	buf_free(out);
	return rc;
}

int
out_nothing(const char *words)
{
	fprintf(stderr, "%s\n", words);
	return EXIT_NO_MATCH;
}
