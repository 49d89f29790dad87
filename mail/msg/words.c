/* Encoded words (RFC 2047).
 *
 *   encoded-word = "=?" charset ["*" language] "?" ("B" / "Q") "?" text "?="
 *
 * Mailers cut characters in two at the end of a word: adjacent words of one
 * charset are joined as bytes, and only then read in that charset. */
#include "msg/coding.h"

#include "base/clean.h"

#define MAX_CHARSET 60
/* Each change of the charset costs a look into a library. Nobody writes more of
 * them into a line; a stranger who does gets the rest as it came. */
#define MAX_CHANGES 32

struct word {
	struct slice charset;
	char encoding; /* 'b' or 'q' */
	struct slice text;
	struct slice whole;
};

/* Is there a word at the begin of s? `may_end` is cleared when no "?=" follows at
 * all, so that a line of beginnings is not searched to its end for each. */
static bool
word_at(struct slice s, struct word *w, bool *may_end)
{
	struct slice rest = slice_from(s, 2);
	size_t mark = slice_chr(slice_sub(rest, 0, MAX_CHARSET), '?');
	size_t language;
	size_t end;

	if (!slice_starts(s, "=?") || mark == SLICE_NONE || mark == 0)
		return false;
	w->charset = slice_sub(rest, 0, mark);
	language = slice_chr(w->charset, '*');
	if (language != SLICE_NONE)
		w->charset.n = language;
	rest = slice_from(rest, mark + 1);
	if (rest.n < 2 || rest.p[1] != '?')
		return false;
	w->encoding = ascii_lower(rest.p[0]);
	if (w->encoding != 'b' && w->encoding != 'q')
		return false;
	rest = slice_from(rest, 2);
	end = *may_end ? slice_find(rest, "?=") : SLICE_NONE;
	if (end == SLICE_NONE) {
		*may_end = false;
		return false;
	}
	w->text = slice_sub(rest, 0, end);
	w->whole = slice_range(s.p, rest.p + end + 2);
	return true;
}

struct decoder {
	struct arena *arena;
	struct buf out;
	struct buf bytes; /* of adjacent words in `charset` */
	struct slice charset;
	unsigned changes;
};

static void
flush(struct decoder *d)
{
	struct slice charset = ++d->changes > MAX_CHANGES ? SLICE_EMPTY : d->charset;

	if (d->bytes.len > 0)
		buf_addslice(&d->out, coding_to_utf8(d->arena, buf_slice(&d->bytes), charset));
	buf_clear(&d->bytes);
}

static int
hex_of(char c)
{
	if (ascii_isdigit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "Q": as quoted-printable, but "_" is a blank and nothing is trimmed. */
static void
add_q(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		int high = text.p[i] == '=' && text.n - i > 2 ? hex_of(text.p[i + 1]) : -1;
		int low = high >= 0 ? hex_of(text.p[i + 2]) : -1;

		if (low >= 0) {
			buf_addc(out, (char)(high * 16 + low));
			i += 2;
		} else {
			buf_addc(out, text.p[i] == '_' ? ' ' : text.p[i]);
		}
	}
}

static void
add_word(struct decoder *d, const struct word *w)
{
	if (d->bytes.len > 0 && !slice_ieq(d->charset, w->charset))
		flush(d);
	d->charset = w->charset;
	if (w->encoding == 'b')
		buf_addslice(&d->bytes, coding_base64(d->arena, w->text));
	else
		add_q(&d->bytes, w->text);
}

static bool
is_blank(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_isspace(s.p[i]))
			return false;
	}
	return true;
}

static void
add_plain(struct decoder *d, struct slice plain, bool is_between_words)
{
	if (is_between_words && is_blank(plain))
		return;
	flush(d);
	buf_addslice(&d->out, coding_to_utf8(d->arena, plain, SLICE_EMPTY));
}

struct slice
coding_words(struct arena *a, struct slice in)
{
	struct decoder d = {.arena = a, .out = BUF_INIT, .bytes = BUF_INIT, .charset = SLICE_EMPTY};
	bool may_end = true;
	bool after_word = false;
	struct slice plain = slice_sub(in, 0, 0);
	struct slice result;
	struct word w;

	if (slice_find(in, "=?") == SLICE_NONE)
		return coding_to_utf8(a, in, SLICE_EMPTY);
	for (size_t i = 0; i < in.n; i = (size_t)(plain.p + plain.n - in.p)) {
		size_t mark = slice_chr(slice_from(in, i), '=');

		plain.n += mark == SLICE_NONE ? in.n - i : mark;
		i += mark == SLICE_NONE ? in.n - i : mark;
		if (i == in.n)
			break;
		if (!word_at(slice_from(in, i), &w, &may_end)) {
			plain.n++;
			continue;
		}
		if (plain.n > 0)
			add_plain(&d, plain, after_word);
		add_word(&d, &w);
		after_word = true;
		plain = slice_sub(in, i + w.whole.n, 0);
	}
	flush(&d);
	buf_addslice(&d.out, coding_to_utf8(a, plain, SLICE_EMPTY));
	result = arena_copy(a, buf_slice(&d.out));
	buf_free(&d.out);
	buf_free(&d.bytes);
	return result;
}

#define WORD_BEGIN "=?UTF-8?B?"
#define WORD_BYTES 45 /* of text: 60 letters; with its frame 72, at most 75 are allowed */
#define LINE_CHARS 76

static size_t
column_of(const struct buf *out)
{
	const char *eol = out->len == 0 ? NULL : memrchr(out->data, '\n', out->len);

	return eol == NULL ? out->len : (size_t)(out->data + out->len - eol - 1);
}

/* Adds the blanks before a word of n characters, or folds in front of them. */
static void
add_gap(struct buf *out, struct slice blanks, size_t n)
{
	if (blanks.n == 0)
		return;
	if (column_of(out) > 1 && column_of(out) + blanks.n + n > LINE_CHARS)
		buf_adds(out, "\r\n");
	buf_addslice(out, blanks);
}

/* How much of `text` fits in a word of `max` bytes without cutting a character. */
static size_t
word_fit(struct slice text, size_t max)
{
	size_t most = text.n < max ? text.n : max;
	size_t n = most;

	while (n < text.n && n > 0 && ((unsigned char)text.p[n] & 0xc0) == 0x80)
		n--;
	return n == 0 ? most : n;
}

/* Bytes of text that a word may take in what is left of this line. */
static size_t
room_here(const struct buf *out)
{
	size_t used = column_of(out) + sizeof(WORD_BEGIN) + 1;
	size_t room = used < LINE_CHARS ? (LINE_CHARS - used) / 4 * 3 : 0;

	return room < 6 || room > WORD_BYTES ? WORD_BYTES : room;
}

static void
add_encoded(struct buf *out, struct slice blanks, struct slice text)
{
	while (text.n > 0) {
		size_t n = word_fit(text, blanks.n == 0 ? room_here(out) : WORD_BYTES);

		add_gap(out, blanks, sizeof(WORD_BEGIN) + (n + 2) / 3 * 4 + 1);
		buf_adds(out, WORD_BEGIN);
		coding_add_base64(out, slice_sub(text, 0, n));
		buf_truncate(out, out->len - 2); /* its line end */
		buf_adds(out, "?=");
		text = slice_from(text, n);
		blanks = SLICE_LIT(" ");
	}
}

static bool
must_encode(struct slice word)
{
	if (word.n > LINE_CHARS || slice_find(word, "=?") != SLICE_NONE)
		return true;
	for (size_t i = 0; i < word.n; i++) {
		if ((unsigned char)word.p[i] < 0x20 || (unsigned char)word.p[i] >= 0x7f)
			return true;
	}
	return false;
}

static struct slice
take_run(struct slice *s, bool of_blanks)
{
	struct slice run = slice_sub(*s, 0, 0);

	while (run.n < s->n && (s->p[run.n] == ' ') == of_blanks)
		run.n++;
	*s = slice_from(*s, run.n);
	return run;
}

void
coding_add_words(struct buf *out, struct slice utf8)
{
	while (utf8.n > 0) {
		struct slice blanks = take_run(&utf8, true);
		struct slice word = take_run(&utf8, false);

		/* The blanks between two encoded words are theirs: they go into the word. */
		if (must_encode(word)) {
			for (;;) {
				struct slice ahead = utf8;
				struct slice next;

				take_run(&ahead, true);
				next = take_run(&ahead, false);
				if (!must_encode(next))
					break;
				word = slice_range(word.p, next.p + next.n);
				utf8 = ahead;
			}
			add_encoded(out, blanks, word);
		} else {
			add_gap(out, blanks, word.n);
			buf_addslice(out, word);
		}
	}
}

void
coding_add_phrase(struct buf *out, struct slice utf8)
{
	if (coding_is_ascii(utf8))
		coding_add_words(out, utf8);
	else
		add_encoded(out, SLICE_EMPTY, utf8);
}
