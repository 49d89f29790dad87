#include "base/err.h"

#include <stdio.h>
#include <string.h>

int
err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	e->code = code;
	e->todo[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return -1;
}

int
err_todo(struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->todo, sizeof(e->todo), fmt, ap);
	va_end(ap);
	return -1;
}

int
err_add(struct err *e, const char *fmt, ...)
{
	char intent[sizeof(e->text)];
	char all[sizeof(e->text) * 2 + 3];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(intent, sizeof(intent), fmt, ap);
	va_end(ap);
	snprintf(all, sizeof(all), "%s: %s", intent, e->text);
	/* The facts stand at the end, but the beginning tells what failed: cutting is fine. */
	memcpy(e->text, all, sizeof(e->text) - 1);
	e->text[sizeof(e->text) - 1] = '\0';
	return -1;
}

void
err_clear(struct err *e)
{
	memset(e, 0, sizeof(*e));
}

const char *
err_code_name(enum err_code code)
{
	static const char *const names[] = {
	    [ERR_NONE] = "none",
	    [ERR_USAGE] = "usage",
	    [ERR_CONF] = "conf",
	    [ERR_NOT_FOUND] = "not-found",
	    [ERR_IO] = "io",
	    [ERR_CORRUPT] = "corrupt",
	    [ERR_LOCKED] = "locked",
	    [ERR_DNS] = "dns",
	    [ERR_CONNECT] = "connect",
	    [ERR_TLS] = "tls",
	    [ERR_LOGIN] = "login",
	    [ERR_BUSY] = "busy",
	    [ERR_TIMEOUT] = "timeout",
	    [ERR_CLOSED] = "closed",
	    [ERR_PROTOCOL] = "protocol",
	    [ERR_REFUSED] = "refused",
	    [ERR_DOUBT] = "doubt",
	    [ERR_CANCELLED] = "cancelled",
	    [ERR_LIMIT] = "limit",
	};

	return names[code];
}
