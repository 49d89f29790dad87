/* Modified UTF-7, the spelling of mailbox names on the wire (RFC 3501 5.1.3). */
#include "base/clean.h"
#include "net/imap_session.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

struct bits {
	unsigned value;
	unsigned n;
};

static void
put_unit(struct buf *out, struct bits *b, unsigned unit)
{
	b->value = (b->value << 16 | unit) & 0x3fffff;
	for (b->n += 16; b->n >= 6; b->n -= 6)
		buf_addc(out, alphabet[b->value >> (b->n - 6) & 63]);
}

static void
end_shift(struct buf *out, struct bits *b)
{
	if (b->n > 0)
		buf_addc(out, alphabet[b->value << (6 - b->n) & 63]);
	buf_addc(out, '-');
	*b = (struct bits){0, 0};
}

void
mutf7_encode(struct buf *out, struct slice utf8)
{
	const char *p = utf8.p, *end = utf8.p + utf8.n;
	struct bits b = {0, 0};
	bool shifted = false;

	while (p < end) {
		unsigned cp = 0xfffd;
		size_t n = utf8_decode(p, end, &cp);
		bool plain = n == 1 && cp >= 0x20 && cp <= 0x7e;

		p += n > 0 ? n : 1;
		if (n == 0)
			cp = 0xfffd;
		if (plain != !shifted) {
			if (shifted)
				end_shift(out, &b);
			else
				buf_addc(out, '&');
			shifted = !shifted;
		}
		if (plain) {
			buf_addc(out, (char)cp);
			if (cp == '&')
				buf_addc(out, '-');
		} else if (cp > 0xffff) {
			put_unit(out, &b, 0xd800 + ((cp - 0x10000) >> 10));
			put_unit(out, &b, 0xdc00 + ((cp - 0x10000) & 0x3ff));
		} else {
			put_unit(out, &b, cp);
		}
	}
	if (shifted)
		end_shift(out, &b);
}

static void
add_utf8(struct buf *out, unsigned cp)
{
	if (cp < 0x80) {
		buf_addc(out, (char)cp);
	} else if (cp < 0x800) {
		buf_addc(out, (char)(0xc0 | cp >> 6));
		buf_addc(out, (char)(0x80 | (cp & 63)));
	} else if (cp < 0x10000) {
		buf_addc(out, (char)(0xe0 | cp >> 12));
		buf_addc(out, (char)(0x80 | (cp >> 6 & 63)));
		buf_addc(out, (char)(0x80 | (cp & 63)));
	} else {
		buf_addc(out, (char)(0xf0 | cp >> 18));
		buf_addc(out, (char)(0x80 | (cp >> 12 & 63)));
		buf_addc(out, (char)(0x80 | (cp >> 6 & 63)));
		buf_addc(out, (char)(0x80 | (cp & 63)));
	}
}

/* One run between '&' and '-'. Broken surrogates become U+FFFD. */
static void
decode_run(struct buf *out, struct slice run)
{
	struct bits b = {0, 0};
	unsigned high = 0;

	for (size_t i = 0; i < run.n; i++) {
		const char *at = strchr(alphabet, run.p[i]);
		unsigned unit;

		if (at == NULL || run.p[i] == '\0')
			continue;
		b.value = (b.value << 6 | (unsigned)(at - alphabet)) & 0x3fffff;
		b.n += 6;
		if (b.n < 16)
			continue;
		b.n -= 16;
		unit = b.value >> b.n & 0xffff;
		if (unit >= 0xd800 && unit < 0xdc00) {
			high = unit;
		} else if (unit >= 0xdc00 && unit < 0xe000) {
			add_utf8(out,
			    high == 0 ? 0xfffd
				      : 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
			high = 0;
		} else {
			add_utf8(out, unit);
			high = 0;
		}
	}
}

void
mutf7_decode(struct buf *out, struct slice encoded)
{
	while (encoded.n > 0) {
		size_t amp = slice_chr(encoded, '&'), dash;
		struct slice run;

		buf_addslice(out, slice_sub(encoded, 0, amp == SLICE_NONE ? encoded.n : amp));
		if (amp == SLICE_NONE)
			return;
		encoded = slice_from(encoded, amp + 1);
		dash = slice_chr(encoded, '-');
		run = slice_sub(encoded, 0, dash == SLICE_NONE ? encoded.n : dash);
		encoded = slice_from(encoded, dash == SLICE_NONE ? encoded.n : dash + 1);
		if (run.n == 0)
			buf_addc(out, '&');
		else
			decode_run(out, run);
	}
}

bool
imap_add_mailbox(struct buf *out, const char *mailbox)
{
	struct buf name = BUF_INIT;
	bool ok;

	for (const char *p = mailbox; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			return false;
	if (mailbox[0] == '\0' || strlen(mailbox) > 1000)
		return false;
	mutf7_encode(&name, slice_of(mailbox));
	ok = imap_add_quoted(out, buf_slice(&name));
	buf_free(&name);
	return ok;
}
