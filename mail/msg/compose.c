#include "msg/compose.h"

#include "msg/addr.h"
#include "msg/coding.h"

#define LINE_CHARS 76

static struct slice
without_controls(struct buf *room, struct slice value)
{
	buf_clear(room);
	buf_addslice(room, slice_trim(value));
	for (size_t i = 0; i < room->len; i++) {
		unsigned char c = (unsigned char)room->data[i];

		if (c < 0x20 || c == 0x7f)
			room->data[i] = ' ';
	}
	return buf_slice(room);
}

void
compose_text(struct buf *out, const char *name, struct slice utf8)
{
	struct buf room = BUF_INIT;

	buf_adds(out, name);
	buf_adds(out, ": ");
	coding_add_words(out, without_controls(&room, utf8));
	buf_adds(out, "\r\n");
	buf_free(&room);
}

static size_t
column_of(const struct buf *out)
{
	const char *eol = out->len == 0 ? NULL : memrchr(out->data, '\n', out->len);

	return eol == NULL ? out->len : (size_t)(out->data + out->len - eol - 1);
}

/* A blank, or a fold when the next n characters would not fit. */
static void
add_blank(struct buf *out, size_t n)
{
	if (column_of(out) > 1 && column_of(out) + 1 + n > LINE_CHARS)
		buf_adds(out, "\r\n");
	buf_addc(out, ' ');
}

void
compose_tokens(struct buf *out, const char *name, struct slice value)
{
	struct buf room = BUF_INIT;
	struct slice rest = without_controls(&room, value);
	size_t begin = out->len;
	size_t bare;

	buf_adds(out, name);
	buf_addc(out, ':');
	bare = out->len;
	while (rest.n > 0) {
		size_t n = slice_chr(rest, ' ');
		struct slice token = slice_sub(rest, 0, n);

		rest = slice_from(rest, token.n + 1);
		if (token.n == 0 || !coding_is_ascii(token))
			continue;
		add_blank(out, token.n);
		buf_addslice(out, token);
	}
	if (out->len == bare)
		buf_truncate(out, begin);
	else
		buf_adds(out, "\r\n");
	buf_free(&room);
}

/* Without the quotes and backslashes of a quoted string. */
static void
unquote(struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->len; i++) {
		if (b->data[i] == '"')
			continue;
		if (b->data[i] == '\\' && i + 1 < b->len)
			i++;
		b->data[n++] = b->data[i];
	}
	buf_truncate(b, n);
}

static void
add_mailbox(struct buf *out, struct slice address, struct slice name)
{
	struct buf shown = BUF_INIT;

	without_controls(&shown, name);
	if (shown.len == 0) {
		add_blank(out, address.n + 1);
		buf_addslice(out, address);
	} else {
		if (!coding_is_ascii(buf_slice(&shown)))
			unquote(&shown);
		add_blank(out, shown.len + 1);
		coding_add_phrase(out, buf_slice(&shown));
		add_blank(out, address.n + 3);
		buf_addf(out, "<%.*s>", SLICE_FMT(address));
	}
	buf_free(&shown);
}

void
compose_mailboxes(struct arena *a, struct buf *out, const char *name, struct slice list)
{
	struct slice address;
	struct slice display;
	bool is_first = true;

	buf_adds(out, name);
	buf_addc(out, ':');
	while (addr_next(a, &list, &address, &display)) {
		if (!is_first)
			buf_addc(out, ',');
		add_mailbox(out, address, display);
		is_first = false;
	}
	buf_adds(out, "\r\n");
}

void
compose_add_crlf(struct buf *out, struct slice text)
{
	struct slice line;

	buf_reserve(out, text.n + text.n / 32);
	while (text.n > 0) {
		size_t n = slice_eol(text);
		bool has_end = n < text.n;

		slice_line(&text, &line);
		buf_addslice(out, line);
		if (has_end)
			buf_add(out, "\r\n", 2);
	}
}
