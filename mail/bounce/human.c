/* The words for people: white space folded, case folded, phrases marked. */
#include "bounce/match.h"
#include "bounce/report_int.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

void
human_begin(struct reading *rd, size_t bytes)
{
	struct human *h = &rd->human;

	if (bytes > GUESS_MAX_BYTES)
		bytes = GUESS_MAX_BYTES;
	h->cap = bytes + 16;
	h->text = arena_alloc(rd->a, h->cap);
	h->low = arena_alloc(rd->a, h->cap);
	h->cap_lines = bytes / 24 + 16;
	if (h->cap_lines > GUESS_MAX_LINES)
		h->cap_lines = GUESS_MAX_LINES;
	h->lines = arena_alloc(rd->a, h->cap_lines * sizeof(*h->lines));
	h->tail = SLICE_EMPTY;
}

static struct line *
line_add(struct reading *rd)
{
	struct human *h = &rd->human;

	if (h->n_lines == h->cap_lines) {
		struct line *more;

		if (h->cap_lines >= GUESS_MAX_LINES) {
			rd->r->is_cut = true;
			return NULL;
		}
		more = arena_alloc(rd->a, h->cap_lines * 2 * sizeof(*more));
		memcpy(more, h->lines, h->n_lines * sizeof(*more));
		h->lines = more;
		h->cap_lines *= 2;
	}
	return &h->lines[h->n_lines++];
}

static void
put(struct human *h, char text, char low)
{
	h->text[h->n] = text;
	h->low[h->n++] = low;
}

/* Capitals of two bytes: Latin-1, Greek and Cyrillic. How many bytes were taken. */
static size_t
put_two(struct human *h, const char *p)
{
	unsigned char a = (unsigned char)p[0];
	unsigned char b = (unsigned char)p[1];
	unsigned char la = a;
	unsigned char lb = b;

	if (a == 0xc3 && b >= 0x80 && b <= 0x9e && b != 0x97)
		lb = (unsigned char)(b + 0x20);
	else if ((a == 0xd0 && b >= 0x90 && b <= 0x9f) || (a == 0xce && b >= 0x91 && b <= 0x9f))
		lb = (unsigned char)(b + 0x20);
	else if ((a == 0xd0 && b >= 0xa0 && b <= 0xaf) || (a == 0xce && b >= 0xa0 && b <= 0xa9)) {
		la++;
		lb = (unsigned char)(b - 0x20);
	} else if (a == 0xd0 && b < 0x90) {
		la++;
		lb = (unsigned char)(b + 0x10);
	}
	put(h, p[0], (char)la);
	put(h, p[1], (char)lb);
	return 2;
}

/* White space and apostrophes that take several bytes. 0 if there is none here. */
static size_t
put_special(struct human *h, const char *p, size_t left, bool *blank)
{
	static const struct {
		const char *bytes;
		unsigned char len;
		char as;
	} specials[] = {{"\xc2\xa0", 2, ' '}, {"\xe3\x80\x80", 3, ' '}, {"\xe2\x80\x99", 3, '\''},
	    {"\xe2\x80\xaf", 3, ' '}, {"\xe2\x80\x8b", 3, ' '}, {"\xef\xbb\xbf", 3, ' '},
	    {"\xef\xbc\x9a", 3, ':'}, {"\xef\xbc\xa0", 3, '@'}};

	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++) {
		if (specials[i].len > left || memcmp(p, specials[i].bytes, specials[i].len) != 0)
			continue;
		if (specials[i].as == ' ')
			*blank = true;
		else
			put(h, specials[i].as, specials[i].as);
		return specials[i].len;
	}
	return 0;
}

#ifdef __SSE2__
/* Sixteen bytes of plain ASCII with single blanks, which are most of most texts: how
 * many are taken, less than all where the last is a blank. 0 if they are not so. */
static size_t
put_sixteen(struct human *h, const char *p)
{
	const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i blank = _mm_cmpeq_epi8(x, _mm_set1_epi8(' '));
	/* signed: bytes from 0x80 on are below a blank too */
	__m128i odd = _mm_or_si128(
	    _mm_cmplt_epi8(x, _mm_set1_epi8(' ')), _mm_cmpeq_epi8(x, _mm_set1_epi8(0x7f)));
	__m128i capital = _mm_and_si128(
	    _mm_cmpgt_epi8(x, _mm_set1_epi8('A' - 1)), _mm_cmplt_epi8(x, _mm_set1_epi8('Z' + 1)));
	__m128i low = _mm_or_si128(x, _mm_and_si128(capital, _mm_set1_epi8(0x20)));
	unsigned blanks = (unsigned)_mm_movemask_epi8(blank);
	size_t n = blanks >> 15 != 0 ? 15 : 16;

	if (_mm_movemask_epi8(odd) != 0 || (blanks & blanks << 1) != 0)
		return 0;
	_mm_storeu_si128((__m128i *)(void *)(h->text + h->n), x);
	_mm_storeu_si128((__m128i *)(void *)(h->low + h->n), low);
	h->n += n;
	return n;
}
#endif

/* The run of plain ASCII that `in` begins with, no blank at its begin or end. */
static size_t
put_plain(struct human *h, struct slice in)
{
	size_t i = 0;

#ifdef __SSE2__
	while (in.n - i >= 16 && in.p[i] != ' ') {
		size_t n = put_sixteen(h, in.p + i);

		i += n;
		if (n < 16)
			break;
	}
#endif
	for (; i < in.n && in.p[i] > ' ' && in.p[i] < 0x7f; i++)
		put(h, in.p[i], ascii_lower(in.p[i]));
	return i;
}

/* Copies a line, runs of white space as one blank; none at its ends. */
static void
copy_line(struct human *h, struct slice line)
{
	size_t begin = h->n;
	bool blank = false;

	for (size_t i = 0; i < line.n;) {
		unsigned char c = (unsigned char)line.p[i];
		size_t taken;

		if (c <= ' ' || c == 0x7f) {
			blank = true;
			i++;
			continue;
		}
		taken = c == 0xc2 || c == 0xe3 || c == 0xe2 || c == 0xef
		    ? put_special(h, line.p + i, line.n - i, &blank)
		    : 0;
		if (taken > 0) {
			i += taken;
			continue;
		}
		if (blank && h->n > begin)
			put(h, ' ', ' ');
		blank = false;
		if ((c == 0xc3 || c == 0xd0 || c == 0xce) && i + 1 < line.n)
			i += put_two(h, line.p + i);
		else {
			put(h, (char)c, ascii_lower((char)c));
			i++;
			i += put_plain(h, slice_from(line, i));
		}
	}
}

static uint32_t
indent_of(struct slice line)
{
	uint32_t columns = 0;

	for (size_t i = 0; i < line.n && columns < 1000; i++) {
		if (line.p[i] == ' ')
			columns++;
		else if (line.p[i] == '\t')
			columns = (columns / 8 + 1) * 8;
		else
			break;
	}
	return columns;
}

static bool
add_line(struct reading *rd, struct slice line, const char *raw_end)
{
	struct human *h = &rd->human;
	struct line *l;

	if (h->cap - h->n < line.n + 2) {
		rd->r->is_cut = true;
		return false;
	}
	l = line_add(rd);
	if (l == NULL)
		return false;
	l->begin = (uint32_t)h->n;
	l->indent = indent_of(line);
	l->raw = line.p;
	l->raw_end = raw_end;
	copy_line(h, line);
	l->end = (uint32_t)h->n;
	put(h, '\n', ' ');
	return true;
}

/* A letter, and not too far on a colon: only then is it worth a closer look. */
static bool
may_be_field(struct slice line)
{
	if (line.n < 4 || !ascii_isalpha(line.p[0]))
		return false;
	return memchr(line.p, ':', line.n < 40 ? line.n : 40) != NULL;
}

static bool
is_quoted(const struct reading *rd, struct slice line)
{
	return !rd->is_forwarded && line.n > 1 && line.p[0] == '>' && line.p[1] != '>' &&
	    !head_is_daemon(&rd->head) && !head_is_null_sender(&rd->head);
}

/* "> a\n> b" without the marks of a person who sends a bounce on. */
static struct slice
without_quotes(struct arena *a, struct slice text)
{
	struct slice rest = text;
	struct slice line;
	char *out = arena_alloc(a, text.n + 1);
	size_t n = 0;

	while (slice_line(&rest, &line)) {
		bool has_end = rest.n > 0 || (line.p + line.n) < text.p + text.n;

		if (line.n > 0 && line.p[0] == '>') {
			line = slice_from(line, 1);
			if (line.n > 0 && line.p[0] == ' ')
				line = slice_from(line, 1);
		}
		memcpy(out + n, line.p, line.n);
		n += line.n;
		if (has_end && n < text.n)
			out[n++] = '\n';
	}
	return (struct slice){out, n};
}

/* The first header in a mail that a person sent on is that of the bounce. */
static bool
skip_forwarded(struct reading *rd, struct slice here, struct slice *rest)
{
	struct slice line;

	if (!rd->is_forwarded || rd->has_skipped_header)
		return false;
	rd->has_skipped_header = true;
	*rest = here;
	while (slice_line(rest, &line) && slice_trim(line).n > 0)
		;
	return true;
}

void
human_add(struct reading *rd, struct slice raw)
{
	struct slice text = rd->is_forwarded ? without_quotes(rd->a, raw) : raw;
	struct slice rest = text;
	const char *end = text.p + text.n;
	struct slice line;

	while (rest.n > 0) {
		struct slice here = rest;

		if (!slice_line(&rest, &line))
			break;
		if (may_be_field(line)) {
			size_t run = dsn_is_field(line) ? dsn_run(here) : 0;

			if (run > 0) {
				dsn_read(rd, slice_sub(here, 0, run));
				rest = slice_from(here, run);
				continue;
			}
			if (rd->human.tail.n == 0 && original_begins(here) > 0) {
				if (skip_forwarded(rd, here, &rest))
					continue;
				rd->human.tail = here;
				return;
			}
		}
		if (!is_quoted(rd, line) && !add_line(rd, line, end))
			return;
	}
}

static unsigned
mark_of(enum phrase_kind kind)
{
	static const unsigned marks[PHRASE_COUNT] = {
	    [PHRASE_INTRO] = MARK_INTRO,
	    [PHRASE_INTRO_DELAY] = MARK_DELAY,
	    [PHRASE_INTRO_OK] = MARK_OK,
	    [PHRASE_FAIL_TO] = MARK_FAIL,
	    [PHRASE_FAIL] = MARK_FAIL,
	    [PHRASE_PERMANENT] = MARK_FAIL | MARK_PERMANENT,
	    [PHRASE_DELAY] = MARK_DELAY,
	    [PHRASE_EXPIRED] = MARK_EXPIRED,
	    [PHRASE_OK] = MARK_OK,
	    [PHRASE_ORIGINAL] = MARK_ORIGINAL,
	    [PHRASE_HEADER] = MARK_ORIGINAL,
	    [PHRASE_AWAY] = MARK_AWAY,
	    [PHRASE_DIGEST] = MARK_DIGEST,
	    [PHRASE_COMPLAINT] = MARK_COMPLAINT,
	    [PHRASE_LIST] = MARK_LIST,
	    [PHRASE_SUBJECT_FAIL] = MARK_SUBJECT,
	    [PHRASE_SUBJECT_DELAY] = MARK_SUBJECT_DELAY,
	    [PHRASE_SUBJECT_OK] = MARK_SUBJECT_OK,
	    [PHRASE_SUBJECT_AWAY] = MARK_SUBJECT_AWAY,
	    [PHRASE_SUBJECT_COMPLAINT] = MARK_COMPLAINT,
	};

	return marks[kind];
}

/* Three dashes, stars or equals signs in a row: a dividing line. */
static bool
is_divider(const struct human *h, const struct line *l)
{
	size_t run = 0;

	for (size_t i = l->begin; i < l->end && run < 3; i++) {
		char c = h->text[i];

		if (c != '-' && c != '=' && c != '*' && c != '_')
			run = 0;
		else
			run = i > l->begin && h->text[i - 1] == c ? run + 1 : 1;
	}
	return run >= 3;
}

/* Does a field stand at the beginning of the next line that is not empty? */
static bool
header_follows(const struct human *h, size_t line)
{
	for (size_t i = line + 1; i < h->n_lines && i < line + 6; i++) {
		const struct line *l = &h->lines[i];
		size_t n = 0;

		if (l->end - l->begin < 4)
			continue;
		if (is_divider(h, l) &&
		    memchr(h->text + l->begin, '@', l->end - l->begin) == NULL &&
		    memchr(h->text + l->begin, ':', l->end - l->begin) == NULL)
			continue;
		while (l->begin + n < l->end &&
		    (ascii_isalpha(h->text[l->begin + n]) || h->text[l->begin + n] == '-'))
			n++;
		return n >= 2 && h->text[l->begin + n] == ':';
	}
	return false;
}

/* Cuts the words at `line`: the original begins behind it. */
static void
cut_at(struct human *h, size_t line, size_t hit)
{
	const struct line *l = &h->lines[line];

	if (line + 1 < h->n_lines && h->lines[line + 1].raw_end == l->raw_end)
		h->tail = slice_range(h->lines[line + 1].raw, l->raw_end);
	h->n = l->end;
	h->n_lines = line + 1;
	h->n_hits = hit + 1;
}

static void
find_cut(struct reading *rd)
{
	struct human *h = &rd->human;

	for (size_t i = 0; i < h->n_hits; i++) {
		enum phrase_kind kind = h->hits[i].phrase->kind;
		size_t line;
		bool near_end;

		if (kind != PHRASE_ORIGINAL && kind != PHRASE_HEADER)
			continue;
		line = words_line(h, h->hits[i].at);
		near_end = h->tail.n > 0 && line + 5 >= h->n_lines;
		if (near_end) {
			h->is_tail_header |= kind == PHRASE_HEADER;
			continue;
		}
		if (!header_follows(h, line) &&
		    (rd->is_forwarded || !is_divider(h, &h->lines[line])))
			continue;
		if (rd->is_forwarded && !rd->has_skipped_header) {
			rd->has_skipped_header = true; /* that of the bounce */
			continue;
		}
		h->is_tail_header = kind == PHRASE_HEADER;
		cut_at(h, line, i);
		return;
	}
}

static bool
is_success(const struct phrase_hit *hit)
{
	return hit->phrase->kind == PHRASE_INTRO_OK || hit->phrase->kind == PHRASE_OK;
}

/* "was not delivered to the following recipient" holds "delivered to the following
 * recipient": what a failure overlaps, or a "not" precedes, is no success. And in
 * "was delivered to the following recipients:" the last word announces nothing. */
static void
mind_negations(struct human *h)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n_hits; i++) {
		struct phrase_hit hit = h->hits[i];
		const struct phrase_hit *last = n > 0 ? &h->hits[n - 1] : NULL;
		bool overlaps = last != NULL && last->end > hit.at;
		struct slice before = {
		    h->low + (hit.at > 12 ? hit.at - 12 : 0), hit.at > 12 ? 12 : hit.at};

		if (overlaps && is_success(&hit) && !is_success(last))
			continue;
		if (overlaps && hit.phrase->kind == PHRASE_INTRO && is_success(last))
			continue;
		if (is_success(&hit) &&
		    (slice_find(before, "not ") != SLICE_NONE ||
			slice_find(before, "n't ") != SLICE_NONE))
			continue;
		h->hits[n++] = hit;
	}
	h->n_hits = n;
}

static void
insert_failure(struct human *h, size_t begin, size_t end)
{
	static const struct phrase failure = {.text = "", .kind = PHRASE_FAIL};
	size_t i = h->n_hits;

	if (h->n_hits == PHRASE_MAX_HITS)
		return;
	for (; i > 0 && h->hits[i - 1].at > begin; i--)
		h->hits[i] = h->hits[i - 1];
	h->hits[i] = (struct phrase_hit){(uint32_t)begin, (uint32_t)end, &failure};
	h->n_hits++;
}

/* Where a mail system speaks in sentences that nobody has met, what the table of
 * diagnostics knows is a failure as well. */
static void
mind_diagnostics(struct reading *rd)
{
	struct human *h = &rd->human;
	struct match_set set;

	if (!head_is_daemon(&rd->head) && !head_is_null_sender(&rd->head))
		return;
	for (size_t i = 0; i < h->n_hits; i++) {
		enum phrase_kind kind = h->hits[i].phrase->kind;

		if (phrase_says_failure(kind) || kind == PHRASE_DELAY ||
		    kind == PHRASE_INTRO_DELAY || is_success(&h->hits[i]))
			return;
	}
	for (size_t i = 0; i < h->n_lines; i++) {
		const struct line *l = &h->lines[i];

		match_text((struct slice){h->low + l->begin, l->end - l->begin}, &set);
		if (set.n > 0 && diagnostic_table[set.at[0].row].tier == 0)
			insert_failure(h, l->begin + set.at[0].begin, l->begin + set.at[0].end);
	}
}

static bool
has_shortened(const struct human *h)
{
	for (size_t i = 0; i < h->n_hits; i++) {
		if (h->hits[i].phrase->kind == PHRASE_SHORTENED)
			return true;
	}
	return false;
}

void
human_scan(struct reading *rd)
{
	struct human *h = &rd->human;

	if (h->n == 0)
		return;
	h->hits = arena_alloc(rd->a, PHRASE_MAX_HITS * sizeof(*h->hits));
	h->n_hits = phrase_scan(h->low, h->n, false, h->hits, PHRASE_MAX_HITS);
	mind_negations(h);
	h->is_shortened = has_shortened(h);
	find_cut(rd);
	mind_diagnostics(rd);
	for (size_t i = 0; i < h->n_hits; i++)
		rd->marks |= mark_of(h->hits[i].phrase->kind);
}

void
human_subject(struct reading *rd)
{
	struct phrase_hit hits[16];
	struct human subject = {.n = 0};
	size_t n;

	if (rd->r->subject.n == 0 || rd->r->subject.n > 4096)
		return;
	subject.text = arena_alloc(rd->a, rd->r->subject.n + 2);
	subject.low = arena_alloc(rd->a, rd->r->subject.n + 2);
	copy_line(&subject, rd->r->subject);
	n = phrase_scan(subject.low, subject.n, true, hits, 16);
	rd->is_away_first = n > 0 && hits[0].phrase->kind == PHRASE_SUBJECT_AWAY;
	for (size_t i = 0; i < n; i++) {
		if (hits[i].phrase->kind == PHRASE_SUBJECT_FORWARD)
			rd->is_forwarded |= hits[i].at < 4;
		else
			rd->marks |= mark_of(hits[i].phrase->kind);
	}
}
