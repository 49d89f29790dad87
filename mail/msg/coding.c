/* The transfer encodings of RFC 2045. */
#include "msg/coding.h"

#include <stdint.h>

#include "base/clean.h"

#define LINE_CHARS 76 /* RFC 2045 6.8 */

static const char base64_letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Value of a base64 letter, -1 for what is none. */
static int
base64_value(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

struct slice
coding_base64(struct arena *a, struct slice in)
{
	char *out = arena_alloc(a, in.n / 4 * 3 + 3);
	uint32_t bits = 0;
	unsigned n_bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++) {
		int value = base64_value((unsigned char)in.p[i]);

		if (in.p[i] == '=')
			n_bits = 0; /* padding: what comes behind it begins anew */
		if (value < 0)
			continue;
		bits = bits << 6 | (uint32_t)value;
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			out[n++] = (char)(bits >> n_bits & 0xff);
		}
	}
	return (struct slice){out, n};
}

void
coding_add_base64(struct buf *out, struct slice in)
{
	size_t column = 0;

	buf_reserve(out, in.n / 3 * 4 + in.n / 38 + 8);
	for (size_t i = 0; i < in.n; i += 3) {
		size_t left = in.n - i;
		unsigned b0 = (unsigned char)in.p[i];
		unsigned b1 = left > 1 ? (unsigned char)in.p[i + 1] : 0;
		unsigned b2 = left > 2 ? (unsigned char)in.p[i + 2] : 0;
		char four[4] = {base64_letters[b0 >> 2], base64_letters[(b0 & 3) << 4 | b1 >> 4],
		    left > 1 ? base64_letters[(b1 & 15) << 2 | b2 >> 6] : '=',
		    left > 2 ? base64_letters[b2 & 63] : '='};

		buf_add(out, four, 4);
		column += 4;
		if (column == LINE_CHARS || left <= 3) {
			buf_add(out, "\r\n", 2);
			column = 0;
		}
	}
}

static int
hex_of(char c)
{
	if (ascii_isdigit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One line without its end. What is no valid "=XX" is passed on. */
static size_t
add_unquoted(char *out, struct slice line)
{
	size_t n = 0;

	while (line.n > 0) {
		size_t run = slice_chr(line, '=');
		int high;
		int low;

		if (run == SLICE_NONE)
			run = line.n;
		memcpy(out + n, line.p, run);
		n += run;
		line = slice_from(line, run);
		if (line.n == 0)
			break;
		high = line.n > 2 ? hex_of(line.p[1]) : -1;
		low = high >= 0 ? hex_of(line.p[2]) : -1;
		out[n++] = low >= 0 ? (char)(high * 16 + low) : '=';
		line = slice_from(line, low >= 0 ? 3 : 1);
	}
	return n;
}

struct slice
coding_quoted_printable(struct arena *a, struct slice in)
{
	char *out;
	size_t n = 0;

	if (slice_chr(in, '=') == SLICE_NONE)
		return in;
	out = arena_alloc(a, in.n);
	while (in.n > 0) {
		size_t eol = slice_eol(in);
		struct slice line = slice_sub(in, 0, eol);
		struct slice line_end = slice_sub(in, eol, 1);

		if (eol + 1 < in.n && in.p[eol] == '\r' && in.p[eol + 1] == '\n')
			line_end.n = 2;
		in = slice_from(in, eol + line_end.n);
		while (line.n > 0 && (line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\t'))
			line.n--;
		if (line.n > 0 && line.p[line.n - 1] == '=') {
			line.n--;
			line_end.n = 0;
		}
		n += add_unquoted(out + n, line);
		memcpy(out + n, line_end.p, line_end.n);
		n += line_end.n;
	}
	return (struct slice){out, n};
}

static bool
is_literal(unsigned char c)
{
	return c == '\t' || (c >= 32 && c < 127 && c != '=');
}

static void
add_quoted_line(struct buf *out, struct slice line)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t column = 0;

	for (size_t i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];
		bool is_last = i + 1 == line.n;
		/* RFC 2045 6.7 (3), and what SMTP or mbox would change at the begin of a line */
		bool is_quoted = !is_literal(c) || (is_last && (c == ' ' || c == '\t')) ||
		    (column == 0 && (c == '.' || c == 'F' || c == '-'));
		char text[3] = {'=', hex[c >> 4], hex[c & 15]};
		size_t n = is_quoted ? 3 : 1;

		if (column + n > LINE_CHARS - (is_last ? 0 : 1)) {
			buf_add(out, "=\r\n", 3);
			column = 0;
		}
		buf_add(out, is_quoted ? text : line.p + i, n);
		column += n;
	}
}

void
coding_add_quoted_printable(struct buf *out, struct slice in)
{
	struct slice line;

	while (slice_line(&in, &line)) {
		add_quoted_line(out, line);
		buf_add(out, "\r\n", 2);
	}
}
