#include "work/own.h"

#include "msg/addr.h"

#define OWN_MAX 64

static const char *const freemail[] = {"126.com", "163.com", "aol.com", "fastmail.com", "free.fr",
    "gmail.com", "gmx.at", "gmx.ch", "gmx.de", "gmx.net", "googlemail.com", "hotmail.com",
    "icloud.com", "laposte.net", "live.com", "mac.com", "mail.ru", "me.com", "msn.com", "orange.fr",
    "outlook.com", "pm.me", "posteo.de", "proton.me", "protonmail.com", "qq.com", "t-online.de",
    "wanadoo.fr", "web.de", "yahoo.co.jp", "yahoo.com", "yandex.ru", "ymail.com", "zoho.com"};

static bool
is_freemail(struct slice domain)
{
	for (size_t i = 0; i < sizeof(freemail) / sizeof(freemail[0]); i++) {
		if (slice_iis(domain, freemail[i]))
			return true;
	}
	return false;
}

struct own {
	struct arena *arena;
	const char **list;
	size_t n;
};

static void
add(struct own *own, struct slice s)
{
	char *copy;

	s = slice_trim(s);
	if (s.n == 0 || own->n == OWN_MAX)
		return;
	copy = arena_slicedup(own->arena, s);
	for (char *p = copy; *p != '\0'; p++)
		*p = ascii_lower(*p);
	own->list[own->n++] = copy;
}

static void
add_address(struct own *own, struct slice address)
{
	struct slice domain = addr_domain(address);

	if (domain.n == 0)
		return;
	add(own, address);
	if (!is_freemail(domain))
		add(own, domain);
}

struct slice
own_address(struct arena *a, const struct account *account)
{
	return addr_read(a, slice_of(account->from));
}

size_t
own_list(struct arena *a, const struct account *account, const char ***own_r)
{
	struct own own = {a, arena_calloc(a, OWN_MAX, sizeof(*own.list)), 0};
	struct slice rest = slice_of(account->addresses);

	add_address(&own, own_address(a, account));
	add_address(&own, slice_of(account->source.user));
	while (rest.n > 0) {
		size_t comma = slice_chr(rest, ',');
		struct slice one = comma == SLICE_NONE ? rest : slice_sub(rest, 0, comma);

		one = slice_trim(one);
		if (slice_chr(one, '@') != SLICE_NONE)
			add_address(&own, one);
		else
			add(&own, one);
		rest = comma == SLICE_NONE ? SLICE_EMPTY : slice_from(rest, comma + 1);
	}
	*own_r = own.list;
	return own.n;
}
