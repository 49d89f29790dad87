/* Addresses in free text, by their shape. */
#include "bounce/guess_int.h"

static bool
is_local_char(unsigned char c)
{
	return ascii_isalpha((char)c) || ascii_isdigit((char)c) ||
	    (c != 0 && strchr(".!#$%&'*+/=?^_`{|}~-", c) != NULL);
}

static bool
is_domain_char(unsigned char c)
{
	return ascii_isalpha((char)c) || ascii_isdigit((char)c) || c == '.' || c == '-' || c == '_';
}

/* "to=a@b", "T=a@b": the key is not part of the address. */
static size_t
skip_key(const char *p, size_t begin, size_t at)
{
	static const char *const keys[] = {"to=", "from=", "rcpt=", "user=", "t=", "f=", "rcpt_to=",
	    "recipient=", "email=", "addr=", "mailto="};
	struct slice s = {p + begin, at - begin};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (slice_istarts(s, keys[i]))
			return begin + strlen(keys[i]);
	}
	while (begin < at && strchr("'/=`|*.", p[begin]) != NULL)
		begin++;
	return begin;
}

/* The quoted local part that ends before `at`, if there is one. */
static size_t
quoted_begin(const char *p, size_t at)
{
	size_t i = at - 1;

	while (i > 0 && at - i < 66) {
		i--;
		if (p[i] == '\n')
			return at;
		if (p[i] == '"' && (i == 0 || p[i - 1] != '\\'))
			return i;
	}
	return at;
}

/* The address around the '@' at `at`; false if there is none. */
bool
mention_read(const struct human *h, size_t from, size_t at, struct mention *m)
{
	const char *p = h->text;
	size_t begin = at;
	size_t end = at + 1;

	while (begin > from && at - begin < 200 && is_local_char((unsigned char)p[begin - 1]))
		begin--;
	if (begin == at && at > 0 && p[at - 1] == '"')
		begin = quoted_begin(p, at);
	begin = skip_key(p, begin, at);
	if (end < h->n && p[end] == '[')
		end++;
	while (end < h->n && end - at < 256 && is_domain_char((unsigned char)p[end]))
		end++;
	if (end < h->n && p[at + 1] == '[' && p[end] == ']')
		end++;
	while (end > at + 1 && (p[end - 1] == '.' || p[end - 1] == '-'))
		end--;
	m->in_brackets = begin > 0 && p[begin - 1] == '<' && end < h->n && p[end] == '>';
	if (begin > 0 && p[begin - 1] == '<') { /* whatever stands in brackets */
		const char *close = memchr(p + at, '>', h->n - at < 256 ? h->n - at : 256);

		if (close != NULL && memchr(p + at, '\n', (size_t)(close - (p + at))) == NULL &&
		    memchr(p + at, ' ', (size_t)(close - (p + at))) == NULL) {
			end = (size_t)(close - p);
			m->in_brackets = true;
		}
	}
	if (begin == at || end - at < 3)
		return false;
	m->at = begin;
	m->end = end;
	m->address = (struct slice){p + begin, end - begin};
	return m->in_brackets || memchr(p + at, '.', end - at) != NULL ||
	    slice_iends(m->address, "@localhost");
}

bool
mention_is_role(struct slice address)
{
	static const char *const roles[] = {"postmaster@", "mailer-daemon@", "abuse@", "support@",
	    "helpdesk@", "hostmaster@", "noc@", "webmaster@", "root@", "admin@", "security@",
	    "noreply@", "no-reply@", "help@", "dmarc@", "delisting@", "removeme@", "unblock@"};

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (slice_istarts(address, roles[i]))
			return true;
	}
	return false;
}

/* "a@b <c@d>": the first is a name, the second the address. */
bool
mention_is_name(const struct human *h, const struct mention *m)
{
	struct slice behind = slice_sub((struct slice){h->text, h->n}, m->end, 256);
	size_t close;

	if (m->in_brackets || !(slice_starts(behind, " <") || slice_starts(behind, "\" <")))
		return false;
	close = slice_chr(behind, '>');
	return close != SLICE_NONE && slice_chr(slice_sub(behind, 0, close), '@') != SLICE_NONE &&
	    slice_chr(slice_sub(behind, 2, close - 2), ' ') == SLICE_NONE;
}
