/* Addresses in free text, by their shape. */
#include "bounce/guess_int.h"

/* atext (RFC 5322 3.2.3) and the dot, by columns of 32: a bit each */
static inline bool
is_local_char(unsigned char c)
{
	static const uint32_t atext[8] = {0, 0xa3ffecfa, 0xc7fffffe, 0x7fffffff};

	return (atext[c >> 5] >> (c & 31) & 1) != 0;
}

/* Letters of two bytes: Latin, Greek, Cyrillic and others that part words by blanks.
 * (Japanese, which does not, has three.) */
static bool
is_letter_lead(unsigned char c)
{
	return c >= 0xc3 && c <= 0xdb;
}

static bool
is_letter_rest(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* Bytes of the character of a local part that ends before `at`; 0 if it is none. */
static size_t
local_before(const char *p, size_t from, size_t at)
{
	if (at > from && is_local_char((unsigned char)p[at - 1]))
		return 1;
	return at > from + 1 && is_letter_rest((unsigned char)p[at - 1]) &&
		is_letter_lead((unsigned char)p[at - 2])
	    ? 2
	    : 0;
}

static bool
is_domain_char(unsigned char c)
{
	return ascii_isalpha((char)c) || ascii_isdigit((char)c) || c == '.' || c == '-' || c == '_';
}

static size_t
domain_at(const char *p, size_t at, size_t end)
{
	if (at < end && is_domain_char((unsigned char)p[at]))
		return 1;
	return at + 1 < end && is_letter_lead((unsigned char)p[at]) &&
		is_letter_rest((unsigned char)p[at + 1])
	    ? 2
	    : 0;
}

/* "to=a@b", "T=a@b": the key is not part of the address. */
static size_t
skip_key(const char *p, size_t begin, size_t at)
{
	static const char *const keys[] = {"to=", "from=", "rcpt=", "user=", "t=", "f=", "rcpt_to=",
	    "recipient=", "sender=", "email=", "addr=", "mailto="};
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
	size_t n;

	while (at - begin < 200 && (n = local_before(p, from, begin)) > 0)
		begin -= n;
	if (begin == at && at > 0 && p[at - 1] == '"')
		begin = quoted_begin(p, at);
	begin = skip_key(p, begin, at);
	if (end < h->n && p[end] == '[')
		end++;
	while (end - at < 256 && (n = domain_at(p, end, h->n)) > 0)
		end += n;
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

bool
mention_is_in_url(const struct human *h, const struct mention *m)
{
	const char *p = h->text;
	size_t i = m->at;

	while (i > h->lines[m->line].begin && p[i - 1] > ' ') {
		i--;
		if (p[i] == '/' && i > 0 && p[i - 1] == '/')
			return true;
	}
	return false;
}
