#include "tui/cmd.h"

#include <stdio.h>

const struct cmd cmd_table[] = {
    {"explain", "CODE|TEXT…|-", "explain a status code, a reply code or a diagnostic text", "",
	cmd_explain},
    {"parse", "[--json] PATH…|-", "read message files, Maildirs, folders and mbox files", "",
	cmd_parse},
};
const size_t cmd_table_n = sizeof(cmd_table) / sizeof(cmd_table[0]);

int
cmd_fail(const struct err *e)
{
	fprintf(stderr, "bouncebox: %s\n", e->text);
	if (e->todo[0] != '\0')
		fprintf(stderr, "  %s\n", e->todo);
	switch (e->code) {
	case ERR_USAGE:
	case ERR_CONF:
		return EXIT_MISUSE;
	case ERR_DNS:
	case ERR_CONNECT:
	case ERR_TLS:
	case ERR_LOGIN:
	case ERR_TIMEOUT:
		return EXIT_NO_REACH;
	default:
		return EXIT_FAILED;
	}
}
