/* Where well-known mail providers have their servers. */
#ifndef TUI_CMD_PROVIDERS_H
#define TUI_CMD_PROVIDERS_H

#include "base/arena.h"

struct provider {
	const char *domains; /* with blanks between */
	const char *imap;    /* host, implicit TLS */
	const char *smtp;    /* "smtps://host" or "smtp://host" */
	const char *auth;    /* "" = auto */
	const char *hint;    /* what one has to know; "" */
};

/* By the domain of an address; for one that is not known imap.DOMAIN and
 * smtp.DOMAIN, in the arena. */
struct provider provider_of(struct arena *a, const char *domain);

#endif
