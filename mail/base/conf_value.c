#include "base/conf_value.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clean.h"

#define SHOWN_BYTES 120 /* of a bad value, in messages */

/* Refuses with what was found, and words. */
static int
refuse_with(const struct conf_option *o, const char *value, const char *words, struct err *e)
{
	struct buf shown = BUF_INIT;

	clean_append(&shown, slice_of(value), SHOWN_BYTES);
	err_set(e, ERR_CONF, "%s = %s: %s", o->name, buf_cstr(&shown), words);
	buf_free(&shown);
	return -1;
}

static int
refuse(const struct conf_option *o, const char *value, struct err *e)
{
	char allowed[256];

	snprintf(allowed, sizeof(allowed), "allowed is %s", o->allowed);
	return refuse_with(o, value, allowed, e);
}

/* Index of the word in a list with commas, or -1. */
static int
word_index(const char *list, const char *word)
{
	size_t n = strlen(word);
	int index = 0;

	for (const char *p = list; n > 0; index++) {
		size_t len = strcspn(p, ",");

		if (len == n && strncasecmp(p, word, n) == 0)
			return index;
		if (p[len] == '\0')
			break;
		p += len + 1;
		p += strspn(p, " ");
	}
	return -1;
}

static int
set_bool(const struct conf_option *o, bool *place, const char *value, struct err *e)
{
	int index = word_index("yes, no", value);

	if (index < 0)
		return refuse(o, value, e);
	*place = index == 0;
	return 0;
}

/* The limits stand in `allowed`: "1 to 3600". */
static int
set_uint(const struct conf_option *o, unsigned *place, const char *value, struct err *e)
{
	char *end = NULL;
	unsigned long least = strtoul(o->allowed, &end, 10);
	unsigned long most = strtoul(end + strcspn(end, "0123456789"), NULL, 10);
	size_t digits = strspn(value, "0123456789");
	unsigned long n = strtoul(value, NULL, 10);

	if (digits == 0 || digits > 9 || value[digits] != '\0' || n < least || n > most)
		return refuse(o, value, e);
	*place = (unsigned)n;
	return 0;
}

static bool
is_allowed_scheme(const struct conf_option *o, enum url_scheme s)
{
	bool is_source = strcmp(o->name, "source") == 0;

	switch (s) {
	case URL_MAILDIR:
		return true;
	case URL_IMAPS:
	case URL_IMAP:
	case URL_IMAP_INSECURE:
	case URL_MBOX:
		return is_source;
	default:
		return !is_source;
	}
}

/* Never quotes the value: a password may be in it. */
static int
set_url(struct arena *a, const struct conf_option *o, struct url *place, const char *value,
    struct err *e)
{
	if (value[0] == '\0') {
		*place = (struct url){URL_NONE, "", "", "", "", 0, ""};
		return 0;
	}
	if (url_parse(a, value, place, e) != 0) {
		char todo[sizeof(e->todo)];

		memcpy(todo, e->todo, sizeof(todo));
		err_add(e, "%s", o->name);
		if (todo[0] == '\0')
			err_todo(e, "allowed is %s", o->allowed);
		return -1;
	}
	if (is_allowed_scheme(o, place->scheme))
		return 0;
	return err_set(
	    e, ERR_CONF, "%s cannot be of this kind: allowed is %s", o->name, o->allowed);
}

bool
conf_is_address(const char *text)
{
	const char *at = strrchr(text, '@');

	return at != NULL && at != text && at[1] != '\0' && at[1] != '>' &&
	    strpbrk(text, "\r\n") == NULL;
}

static int
check_from(const struct conf_option *o, const char *value, struct err *e)
{
	const char *open = strchr(value, '<');
	const char *close = strrchr(value, '>');

	if (!conf_is_address(value) || (open == NULL) != (close == NULL))
		return refuse(o, value, e);
	if (open != NULL ? close < open || close[1] != '\0' : strpbrk(value, " \t,;") != NULL)
		return refuse(o, value, e);
	return 0;
}

static int
check_file(const struct conf_option *o, const char *value, struct err *e)
{
	if (value[0] == '/' && access(value, R_OK) == 0)
		return 0;
	if (value[0] == '/')
		return refuse_with(o, value, "this file is not there or cannot be read", e);
	return refuse_with(o, value, "allowed is a path that begins with / or ~/", e);
}

static int
check_theme(const struct conf_option *o, const char *value, struct err *e)
{
	for (const char *p = value; *p != '\0'; p++) {
		if (!ascii_isalpha(*p) && !ascii_isdigit(*p) && *p != '-' && *p != '_')
			return refuse(o, value, e);
	}
	return value[0] == '\0' ? refuse(o, value, e) : 0;
}

static int
check_language(const struct conf_option *o, const char *value, struct err *e)
{
	return word_index(o->allowed, value) < 0 ? refuse(o, value, e) : 0;
}

struct check {
	const char *name;
	int (*check)(const struct conf_option *o, const char *value, struct err *e);
	bool is_file; /* ~/ is expanded */
};

static const struct check checks[] = {
    {"from", check_from, false},
    {"ca-file", check_file, true},
    {"contacts", check_file, true},
    {"theme", check_theme, false},
    {"language", check_language, false},
};

/* The empty value is the default of each, and always fine. */
static int
set_string(struct arena *a, const struct conf_option *o, const char **place, const char *value,
    struct err *e)
{
	const char *kept = arena_strdup(a, value);

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (strcmp(checks[i].name, o->name) != 0)
			continue;
		if (kept[0] == '\0')
			kept = o->fallback;
		if (checks[i].is_file)
			kept = path_expand(a, kept);
		if (kept[0] != '\0' && checks[i].check(o, kept, e) != 0)
			return -1;
	}
	*place = kept;
	return 0;
}

int
conf_value_set(
    struct arena *a, const struct conf_option *o, void *base, const char *value, struct err *e)
{
	void *place = (char *)base + o->offset;
	int index;

	switch (o->type) {
	case CONF_URL:
		return set_url(a, o, place, value, e);
	case CONF_BOOL:
		return set_bool(o, place, value, e);
	case CONF_UINT:
		return set_uint(o, place, value, e);
	case CONF_CHOICE:
		index = word_index(o->allowed, value);
		if (index < 0)
			return refuse(o, value, e);
		*(enum conf_auth *)place = (enum conf_auth)index;
		return 0;
	default:
		return set_string(a, o, place, value, e);
	}
}

bool
conf_host_is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, host, &v6) == 1)
		return memcmp(&v6, &in6addr_loopback, sizeof(v6)) == 0;
	return strcasecmp(host, "localhost") == 0;
}
