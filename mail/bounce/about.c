/* Which words are about which recipient. */
#include <stdlib.h>

#include "bounce/guess_int.h"

/* A paragraph ends at an empty line. */
bool
words_break(const struct human *h, size_t i)
{
	return h->text[i] == '\n' && i + 1 < h->n && h->text[i + 1] == '\n';
}

size_t
words_paragraph_end(const struct human *h, size_t at)
{
	size_t limit = h->n - at > 1000 ? at + 1000 : h->n;

	while (at < limit && !words_break(h, at))
		at++;
	return at;
}

bool
phrase_says_failure(enum phrase_kind kind)
{
	return kind == PHRASE_FAIL || kind == PHRASE_PERMANENT || kind == PHRASE_EXPIRED ||
	    kind == PHRASE_FAIL_TO || kind == PHRASE_INTRO || kind == PHRASE_LIST;
}

bool
words_open_list(const struct human *h, const struct phrase_hit *hit)
{
	size_t i = hit->end;

	while (i < h->n && i - hit->end < 40 && h->text[i] != '\n' && h->text[i] != '@')
		i++;
	return i < h->n && h->text[i] == '\n' && h->text[i - 1] == ':';
}

/* A reply code or an enhanced code between the two places. */
bool
words_have_code(const struct human *h, size_t from, size_t to)
{
	return to > from && reply_has_code((struct slice){h->text + from, to - from});
}

bool
words_have_status(struct slice text)
{
	struct slice at;
	struct status s;

	while (status_find(&text, &s, &at)) {
		if (s.class != 2)
			return true;
	}
	return false;
}

bool
reply_is_in(struct slice text)
{
	struct said said;

	if (text.n == 0)
		return false;
	reply_read(text, &said);
	return said.reply.n > 0 && said.reply.p[0] != '2';
}

static bool
begins_line(const struct human *h, size_t at)
{
	return at == 0 || h->text[at - 1] == '\n';
}

/* "a@b.example; c@d.example": where the row that `f` stands in ends. */
static size_t
row_end(const struct human *h, const struct findings *fs, const struct finding *f)
{
	size_t end = f->end;

	for (const struct finding *next = f + 1; next < fs->f + fs->n; next++) {
		size_t k = end;

		while (k < next->at && k < end + 8 && h->text[k] != '\n' && h->text[k] != '(' &&
		    !ascii_isalpha(h->text[k]) && !ascii_isdigit(h->text[k]))
			k++;
		if (k != next->at)
			break;
		end = next->end;
	}
	return end;
}

/* The first hit at or behind `at`. */
static size_t
first_hit(const struct human *h, size_t at)
{
	size_t low = 0;
	size_t high = h->n_hits;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (h->hits[mid].at < at)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Where the recipients are named, ascending. */
struct places {
	size_t *at;
	size_t n;
};

/* The first recipient that is named behind `at`. */
static size_t
next_named(const struct human *h, const struct places *named, size_t at)
{
	size_t low = 0;
	size_t high = named->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (named->at[mid] <= at)
			low = mid + 1;
		else
			high = mid;
	}
	return low < named->n ? named->at[low] : h->n;
}

/* Where the words about this recipient end: at the next one, or at the paragraph
 * that soothes, "No action is required on your part". */
static size_t
words_end(const struct human *h, const struct findings *fs, const struct places *named,
    const struct finding *f)
{
	size_t end = next_named(h, named, row_end(h, fs, f));

	for (size_t i = first_hit(h, f->end); i < h->n_hits && h->hits[i].at < end; i++) {
		if (h->hits[i].phrase->kind == PHRASE_DELAY && begins_line(h, h->hits[i].at))
			return h->hits[i].at;
	}
	return end;
}

static size_t
first_stop(const struct human *h, size_t from, size_t to)
{
	for (size_t i = first_hit(h, from); i < h->n_hits && h->hits[i].at < to; i++) {
		enum phrase_kind kind = h->hits[i].phrase->kind;

		if (kind == PHRASE_STOP || kind == PHRASE_ORIGINAL || kind == PHRASE_HEADER)
			return h->hits[i].at;
	}
	return to;
}

static bool
has_fail(const struct human *h, size_t from, size_t to)
{
	for (size_t i = first_hit(h, from); i < h->n_hits && h->hits[i].at < to; i++) {
		if (phrase_says_failure(h->hits[i].phrase->kind))
			return true;
	}
	return false;
}

size_t
words_line(const struct human *h, size_t at)
{
	size_t low = 0;
	size_t high = h->n_lines;

	while (low + 1 < high) {
		size_t mid = (low + high) / 2;

		if (h->lines[mid].begin <= at)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/* The last paragraph before `at` that holds a code; SLICE_NONE if none of the few
 * before it does. */
static size_t
paragraph_above(const struct human *h, size_t at)
{
	size_t begin = at;

	for (unsigned n = 0; n < 4 && begin > 1; n++) {
		size_t end = begin;

		begin -= 2;
		while (begin > 0 && !words_break(h, begin - 1))
			begin--;
		if (words_have_code(h, begin, end))
			return begin;
	}
	return SLICE_NONE;
}

/* The first paragraph of [from, to) that holds a code. */
static size_t
paragraph_below(const struct human *h, size_t from, size_t to)
{
	for (unsigned n = 0; n < 12 && from < to; n++) {
		size_t end = from;

		while (end < to && !words_break(h, end))
			end++;
		if (words_have_code(h, from, end))
			return from;
		from = end + 2;
	}
	return SLICE_NONE;
}

static struct slice
part_of(const struct human *h, size_t begin, size_t end)
{
	while (begin < end && (h->text[begin] == '>' || h->text[begin] == '"'))
		begin++;
	return (struct slice){h->text + begin, end - begin};
}

/* The words about one recipient: its own paragraph; if that says nothing, what a
 * server replied, the line or paragraph above; else all that follows. */
static struct slice
words_about(const struct human *h, const struct findings *fs, const struct places *named,
    const struct finding *f)
{
	size_t end = words_end(h, fs, named, f);
	size_t stop = first_stop(h, f->end, end);
	size_t own = f->end;
	size_t line = words_line(h, f->at);
	size_t above = h->lines[line > 0 ? line - 1 : 0].begin;

	while (own < stop && !words_break(h, own))
		own++;
	if (f->reply.n > 0 && f->reply.p >= h->text + above &&
	    f->reply.p < h->text + h->lines[line].end && reply_has_code(f->reply))
		return f->reply; /* it stands in a server's reply */
	if (reply_is_in(f->reply) && !reply_is_in(part_of(h, f->end, stop)))
		return f->reply;
	if (words_have_code(h, f->end, own))
		return part_of(h, f->end, own);
	if (words_have_code(h, f->end, stop))
		return part_of(h, f->end, stop);
	if (f->reply.n > 0 && (reply_has_code(f->reply) || !has_fail(h, f->end, stop)))
		return f->reply;
	if (words_have_code(h, above, f->at))
		return part_of(h, above, f->at); /* "550 User unknown", then who */
	if (fs->n == 1) {
		above = paragraph_below(h, stop, end);
		if (above != SLICE_NONE)
			return part_of(h, above, words_paragraph_end(h, above));
		above = paragraph_above(h, f->at);
		if (above != SLICE_NONE)
			return part_of(h, above, end);
	}
	if (has_fail(h, f->end, stop))
		return part_of(h, f->end, stop);
	return part_of(h, f->end, has_fail(h, f->end, end) ? end : stop);
}

static int
by_place(const void *x, const void *y)
{
	size_t a = *(const size_t *)x;
	size_t b = *(const size_t *)y;

	return a < b ? -1 : a > b;
}

void
words_take(struct reading *rd)
{
	struct findings *fs = &rd->words;
	struct places named = {arena_alloc(rd->a, (fs->n + 1) * sizeof(size_t)), fs->n};

	for (size_t i = 0; i < fs->n; i++)
		named.at[i] = fs->f[i].at;
	qsort(named.at, named.n, sizeof(size_t), by_place);
	for (size_t i = 0; i < fs->n; i++) {
		fs->f[i].words = words_about(&rd->human, fs, &named, &fs->f[i]);
		if (reply_has_code(fs->f[i].words))
			rd->marks |= MARK_FAIL;
	}
}
