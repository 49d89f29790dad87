#include "tui/edit.h"

#include <string.h>

#include "base/clean.h"
#include "base/conf.h"
#include "tui/term.h"

#define EDIT_MAX_BYTES 4000

void
edit_set(struct edit *e, const char *text)
{
	buf_clear(&e->text);
	clean_append(&e->text, slice_of(text), EDIT_MAX_BYTES);
	buf_cstr(&e->text);
	e->at = e->text.len;
}

void
edit_free(struct edit *e)
{
	if (e->text.data != NULL)
		secret_wipe(e->text.data, e->text.cap);
	buf_free(&e->text);
	e->at = 0;
}

static bool
is_inside(const struct edit *e, size_t at)
{
	return at < e->text.len && ((unsigned char)e->text.data[at] & 0xc0) == 0x80;
}

static size_t
before(const struct edit *e, size_t at)
{
	if (at > 0)
		at--;
	while (at > 0 && is_inside(e, at))
		at--;
	return at;
}

static size_t
after(const struct edit *e, size_t at)
{
	if (at < e->text.len)
		at++;
	while (is_inside(e, at))
		at++;
	return at;
}

static void
cut(struct edit *e, size_t from, size_t to)
{
	size_t rest = e->text.len - to;

	if (to <= from)
		return;
	memmove(e->text.data + from, e->text.data + to, rest);
	buf_truncate(&e->text, from + rest);
	e->at = from;
}

static size_t
word_start(const struct edit *e)
{
	size_t at = e->at;

	while (at > 0 && e->text.data[at - 1] == ' ')
		at--;
	while (at > 0 && e->text.data[at - 1] != ' ')
		at--;
	return at;
}

/* Only what clean lets through as it is: no control and no bidi sign gets in. */
static bool
insert(struct edit *e, int key)
{
	struct buf checked = BUF_INIT;
	char bytes[4];
	size_t n;
	bool is_fine;

	if (key < 32 || key == 127 || key >= 0x110000 || e->text.len + 4 > EDIT_MAX_BYTES)
		return false;
	n = utf8_encode(bytes, (unsigned)key);
	clean_append(&checked, (struct slice){bytes, n}, 16);
	is_fine = slice_eq(buf_slice(&checked), (struct slice){bytes, n});
	buf_free(&checked);
	if (!is_fine)
		return false;
	buf_add(&e->text, bytes, n);
	memmove(e->text.data + e->at + n, e->text.data + e->at, e->text.len - n - e->at);
	memcpy(e->text.data + e->at, bytes, n);
	e->at += n;
	return true;
}

bool
edit_key(struct edit *e, int key)
{
	buf_cstr(&e->text);
	switch (key) {
	case 1:
	case KEY_T_HOME:
		e->at = 0;
		return true;
	case 5:
	case KEY_T_END:
		e->at = e->text.len;
		return true;
	case 2:
	case KEY_T_LEFT:
		e->at = before(e, e->at);
		return true;
	case 6:
	case KEY_T_RIGHT:
		e->at = after(e, e->at);
		return true;
	case 21:
		cut(e, 0, e->at);
		return true;
	case 11:
		cut(e, e->at, e->text.len);
		return true;
	case 23:
		cut(e, word_start(e), e->at);
		return true;
	case 127:
		cut(e, before(e, e->at), e->at);
		return true;
	case 4:
	case KEY_T_DELETE:
		cut(e, e->at, after(e, e->at));
		return true;
	default:
		return insert(e, key);
	}
}
