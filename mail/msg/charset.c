/* Charsets: UTF-8 and windows-1252 by hand, because nearly all mail is in these;
 * the others by iconv. */
#include "msg/coding.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>

#include "base/clean.h"

#define SIGN "\xef\xbf\xbd" /* U+FFFD */
#define MAX_NAME 40

bool
coding_is_ascii(struct slice in)
{
	size_t i = 0;
	uint64_t word;

	for (; in.n - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, in.p + i, sizeof(word));
		if ((word & UINT64_C(0x8080808080808080)) != 0)
			return false;
	}
	for (; i < in.n; i++) {
		if ((unsigned char)in.p[i] >= 0x80)
			return false;
	}
	return true;
}

bool
coding_is_utf8(struct slice in)
{
	const char *p = in.p;
	const char *end = in.p + in.n;
	uint64_t word;
	unsigned cp;

	while (p < end) {
		size_t n;

		if (end - p >= 8) {
			memcpy(&word, p, sizeof(word));
			if ((word & UINT64_C(0x8080808080808080)) == 0) {
				p += 8;
				continue;
			}
		}
		n = utf8_decode(p, end, &cp);
		if (n == 0)
			return false;
		p += n;
	}
	return true;
}

/* 0x80 to 0x9f of windows-1252; 0 where nothing is assigned. */
static const uint16_t windows_1252[32] = {0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178};

static struct slice
from_windows_1252(struct arena *a, struct slice in)
{
	char *out = arena_alloc(a, in.n * 3);
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++) {
		unsigned c = (unsigned char)in.p[i];

		if (c >= 0x80 && c < 0xa0)
			c = windows_1252[c - 0x80] == 0 ? 0xfffd : windows_1252[c - 0x80];
		if (c < 0x80) {
			out[n++] = (char)c;
		} else if (c < 0x800) {
			out[n++] = (char)(0xc0 | c >> 6);
			out[n++] = (char)(0x80 | (c & 63));
		} else {
			out[n++] = (char)(0xe0 | c >> 12);
			out[n++] = (char)(0x80 | (c >> 6 & 63));
			out[n++] = (char)(0x80 | (c & 63));
		}
	}
	return (struct slice){out, n};
}

/* Names that mail uses and iconv does not know, or reads too narrowly: what
 * calls itself GB2312 is often GBK. */
static const struct alias {
	const char *name;
	const char *iconv_name;
} aliases[] = {
    {"unicode-1-1-utf-7", "UTF-7"},
    {"gb2312", "GB18030"},
    {"gbk", "GB18030"},
    {"x-gbk", "GB18030"},
    {"shift_jis", "CP932"},
    {"shift-jis", "CP932"},
    {"x-sjis", "CP932"},
    {"ks_c_5601-1987", "CP949"},
    {"euc-kr", "CP949"},
    {"iso-8859-8-i", "ISO-8859-8"},
    {"iso-8859-9", "CP1254"},
    {"cp-850", "CP850"},
    {"tis-620", "CP874"},
};

/* Are bytes below 128 (but ESC) ASCII in this charset? Then iconv need not be asked. */
static bool
is_ascii_based(struct slice charset)
{
	static const char *const prefixes[] = {"us-ascii", "utf-8", "iso-8859", "iso-2022",
	    "windows-", "koi8", "big5", "gb", "euc", "shift", "ks_c", "cp125", "ansi_x3", "tis-",
	    "x-sjis"};

	if (charset.n == 0)
		return true;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (slice_istarts(charset, prefixes[i]))
			return true;
	}
	return false;
}

/* ISO-8859-1 is read as windows-1252, as browsers do: C1 is never meant. */
static bool
is_western(struct slice charset)
{
	return slice_iis(charset, "iso-8859-1") || slice_iis(charset, "windows-1252") ||
	    slice_iis(charset, "cp1252") || slice_iis(charset, "latin1");
}

/* One byte a letter. Their letters in a row are no UTF-8 (one that opens a sequence
 * stands among signs there), so what is valid UTF-8 was only called so. */
static bool
is_single_byte(struct slice charset)
{
	return is_western(charset) || slice_istarts(charset, "iso-8859-") ||
	    slice_istarts(charset, "windows-125") || slice_istarts(charset, "cp125") ||
	    slice_istarts(charset, "koi8");
}

static bool
is_unicode(struct slice charset)
{
	return charset.n == 0 || slice_iis(charset, "utf-8") || slice_iis(charset, "utf8") ||
	    slice_iis(charset, "us-ascii") || slice_iis(charset, "ascii") ||
	    slice_iis(charset, "ansi_x3.4-1968");
}

/* (iconv_t)-1 if there is no such charset. Only plain names reach iconv. */
static iconv_t
open_charset(struct slice charset)
{
	char name[MAX_NAME + 1];

	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (slice_iis(charset, aliases[i].name))
			return iconv_open("UTF-8", aliases[i].iconv_name);
	}
	if (charset.n > MAX_NAME)
		return (iconv_t)-1;
	for (size_t i = 0; i < charset.n; i++) {
		char c = charset.p[i];

		if (!ascii_isalpha(c) && !ascii_isdigit(c) && c != '-' && c != '_' && c != '.')
			return (iconv_t)-1;
		name[i] = c;
	}
	name[charset.n] = '\0';
	return iconv_open("UTF-8", name);
}

/* A sign for each byte that makes no sense. */
static struct slice
convert(struct arena *a, iconv_t cd, struct slice in)
{
	struct buf out = BUF_INIT;
	struct slice result;
	char *from =
	    (char *)(uintptr_t)in.p; /* iconv's argument is not const, but it does not write */
	size_t left = in.n;

	while (left > 0) {
		char *to;
		size_t room;
		size_t done;

		buf_reserve(&out, left * 2 + 64);
		to = out.data + out.len;
		room = out.cap - out.len - 1;
		done = iconv(cd, &from, &left, &to, &room);
		out.len = (size_t)(to - out.data);
		if (done != (size_t)-1 || errno == E2BIG)
			continue;
		buf_adds(&out, SIGN);
		if (errno == EINVAL)
			break; /* ends within a character */
		from++;
		left--;
	}
	result = arena_copy(a, buf_slice(&out));
	buf_free(&out);
	return result;
}

struct slice
coding_to_utf8(struct arena *a, struct slice in, struct slice charset)
{
	iconv_t cd;
	struct slice out;

	charset = slice_trim(charset);
	if (is_ascii_based(charset) && coding_is_ascii(in) && slice_chr(in, '\x1b') == SLICE_NONE)
		return in;
	if (is_unicode(charset))
		return coding_is_utf8(in) ? in : from_windows_1252(a, in);
	if (is_single_byte(charset) && coding_is_utf8(in))
		return in;
	if (is_western(charset))
		return from_windows_1252(a, in);
	cd = open_charset(charset);
	if (cd == (iconv_t)-1)
		return coding_is_utf8(in) ? in : from_windows_1252(a, in);
	out = convert(a, cd, in);
	iconv_close(cd);
	/* Some charsets of iconv give surrogates or other things that are no UTF-8. */
	return coding_is_utf8(out) ? out : from_windows_1252(a, out);
}
