#include "msg/addr.h"

#include <arpa/inet.h>

#include "base/clean.h"
#include "msg/coding.h"

#define LOCAL_MAX 64 /* RFC 5321 4.5.3.1.1 */
#define DOMAIN_MAX 255
#define LABEL_MAX 63 /* RFC 1035 2.3.4 */

/* atext (RFC 5322 3.2.3), and what is no ASCII (RFC 6531 3.3) */
static bool
is_atext(char c)
{
	if ((unsigned char)c >= 0x80 || ascii_isalpha(c) || ascii_isdigit(c))
		return true;
	return c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL;
}

/* Dot-string = Atom *("." Atom) */
static bool
is_dot_string(struct slice s)
{
	bool after_atom = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '.' ? !after_atom : !is_atext(s.p[i]))
			return false;
		after_atom = s.p[i] != '.';
	}
	return after_atom;
}

/* Quoted-string = DQUOTE *(qtextSMTP / "\" %d32-126) DQUOTE, here without angle
 * brackets: a server that reads them carelessly sees another address. */
static bool
is_quoted_string(struct slice s)
{
	if (s.n < 3 || s.p[0] != '"' || s.p[s.n - 1] != '"')
		return false;
	for (size_t i = 1; i + 1 < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || (c == '\\' && i + 2 >= s.n))
			return false;
		if (c == '\\')
			c = (unsigned char)s.p[++i];
		if (c < 32 || c == 127 || c == '<' || c == '>')
			return false;
	}
	return true;
}

static bool
is_label(struct slice s)
{
	if (s.n == 0 || s.n > LABEL_MAX || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!ascii_isalpha(c) && !ascii_isdigit(c) && c != '-' && (unsigned char)c < 0x80)
			return false;
	}
	return true;
}

/* address-literal = "[" ( IPv4 / "IPv6:" IPv6 ) "]" */
static bool
is_literal(struct slice s)
{
	struct in6_addr ignored;
	char text[INET6_ADDRSTRLEN];
	int family = AF_INET;

	if (s.n < 2 || s.p[0] != '[' || s.p[s.n - 1] != ']')
		return false;
	s = slice_sub(s, 1, s.n - 2);
	if (slice_istarts(s, "IPv6:")) {
		s = slice_from(s, 5);
		family = AF_INET6;
	}
	if (s.n >= sizeof(text) || slice_chr(s, '\0') != SLICE_NONE)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return inet_pton(family, text, &ignored) == 1;
}

static bool
is_domain(struct slice s)
{
	if (s.n == 0 || s.n > DOMAIN_MAX)
		return false;
	if (s.p[0] == '[')
		return is_literal(s);
	for (;;) {
		size_t dot = slice_chr(s, '.');

		if (!is_label(slice_sub(s, 0, dot)))
			return false;
		if (dot == SLICE_NONE)
			return true;
		s = slice_from(s, dot + 1);
	}
}

static bool
is_unicode_space(unsigned cp)
{
	return cp == 0xa0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) || cp == 0x202f ||
	    cp == 0x205f || cp == 0x3000;
}

/* Nothing that hides, and nothing that looks like a gap. */
static bool
is_honest_utf8(struct slice s)
{
	struct buf shown = BUF_INIT;
	bool is_same;
	unsigned cp = 0;

	for (size_t i = 0; i < s.n;) {
		size_t n = utf8_decode(s.p + i, s.p + s.n, &cp);

		if (n == 0 || is_unicode_space(cp))
			return false;
		i += n;
	}
	clean_append(&shown, s, ADDR_MAX_BYTES * 4);
	is_same = slice_eq(buf_slice(&shown), s);
	buf_free(&shown);
	return is_same;
}

bool
addr_is_wire_safe(struct slice address)
{
	struct slice local = addr_local(address);

	if (address.n > ADDR_MAX_BYTES || local.n > LOCAL_MAX)
		return false;
	if (!is_dot_string(local) && !is_quoted_string(local))
		return false;
	if (!is_domain(addr_domain(address)))
		return false;
	return coding_is_ascii(address) || is_honest_utf8(address);
}

bool
addr_needs_utf8(struct slice address)
{
	return !coding_is_ascii(address);
}

/* Index of the last "@": a local part may hold more of them, in quotes. */
static size_t
at_sign(struct slice address)
{
	const char *at = address.n == 0 ? NULL : memrchr(address.p, '@', address.n);

	return at == NULL ? SLICE_NONE : (size_t)(at - address.p);
}

struct slice
addr_local(struct slice address)
{
	return slice_sub(address, 0, at_sign(address));
}

struct slice
addr_domain(struct slice address)
{
	size_t at = at_sign(address);

	return at == SLICE_NONE ? SLICE_EMPTY : slice_from(address, at + 1);
}

static struct slice
without_dots_behind(struct slice s)
{
	while (s.n > 0 && s.p[s.n - 1] == '.')
		s.n--;
	return s;
}

bool
addr_same(struct slice a, struct slice b)
{
	return slice_ieq(without_dots_behind(a), without_dots_behind(b));
}

struct slice
addr_xtext_decode(struct arena *a, struct slice text)
{
	char *out;
	size_t n = 0;

	if (slice_chr(text, '+') == SLICE_NONE)
		return text;
	out = arena_alloc(a, text.n);
	for (size_t i = 0; i < text.n; i++) {
		/* hexchar = "+" 2(%x30-39 / %x41-46). "bob+ab@…" was not encoded. */
		static const char digits[] = "0123456789ABCDEF";
		const char *high = text.p[i] == '+' && text.n - i > 2 && text.p[i + 1] != '\0'
		    ? strchr(digits, text.p[i + 1])
		    : NULL;
		const char *low =
		    high != NULL && text.p[i + 2] != '\0' ? strchr(digits, text.p[i + 2]) : NULL;
		int c = low == NULL ? 0 : (int)((high - digits) * 16 + (low - digits));

		out[n++] = c >= 32 && c != 127 ? (char)c : text.p[i];
		i += c >= 32 && c != 127 ? 2 : 0;
	}
	return (struct slice){out, n};
}

void
addr_xtext_encode(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c > 32 && c < 127 && c != '+' && c != '=')
			buf_addc(out, (char)c);
		else
			buf_addf(out, "+%02X", c);
	}
}

struct slice
addr_redact(struct arena *a, struct slice address)
{
	struct slice local = addr_local(address);
	struct buf b = BUF_INIT;
	struct slice shown;
	unsigned cp;

	if (local.n > 1 && local.p[0] == '"')
		local = slice_from(local, 1);
	buf_addslice(&b, slice_sub(local, 0, utf8_decode(local.p, local.p + local.n, &cp)));
	buf_adds(&b, "***");
	buf_addslice(&b, slice_from(address, addr_local(address).n));
	shown = arena_copy(a, buf_slice(&b));
	buf_free(&b);
	return shown;
}
