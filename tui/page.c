#include "tui/page.h"

#include <stdlib.h>
#include <string.h>

void
page_begin(struct page *p, int cols)
{
	if (p->arena == NULL)
		p->arena = arena_new();
	arena_reset(p->arena);
	p->lines = NULL;
	p->n = p->cap = 0;
	p->cols = cols < 1 ? 1 : cols;
}

void
page_free(struct page *p)
{
	arena_free(&p->arena);
	p->lines = NULL;
	p->n = p->cap = 0;
}

static struct page_line *
add_line(struct page *p, int indent)
{
	struct page_line *line;

	if (p->n == p->cap) {
		size_t cap = p->cap == 0 ? 64 : p->cap * 2;
		struct page_line *lines = arena_calloc(p->arena, cap, sizeof(*lines));

		if (p->n > 0)
			memcpy(lines, p->lines, p->n * sizeof(*lines));
		p->lines = lines;
		p->cap = cap;
	}
	line = &p->lines[p->n++];
	line->indent = line->used = indent < p->cols ? indent : 0;
	return line;
}

static void
add_run(struct page *p, struct page_line *line, enum role role, struct clean_text text, int cols)
{
	if (line->n == line->cap) {
		size_t cap = line->cap == 0 ? 8 : line->cap * 2;
		struct run *runs = arena_calloc(p->arena, cap, sizeof(*runs));

		if (line->n > 0)
			memcpy(runs, line->runs, line->n * sizeof(*runs));
		line->runs = runs;
		line->cap = cap;
	}
	line->runs[line->n++] = (struct run){role, text};
	line->used += cols;
}

void
page_blank(struct page *p)
{
	add_line(p, 0);
}

/* Part of a cleaned text is clean: it is cut between characters. */
static struct clean_text
part(struct page *p, const char *s, size_t n)
{
	return (struct clean_text){arena_slicedup(p->arena, (struct slice){s, n})};
}

/* A word that is longer than a line is broken where it must. */
static struct page_line *
add_long_word(struct page *p, struct page_line *line, int indent, enum role role, const char *s)
{
	while (*s != '\0') {
		int used = 0;
		size_t n = utf8_fit(s, p->cols - line->used, &used);

		if (n == 0 && line->used > line->indent) {
			line = add_line(p, indent);
			continue;
		}
		if (n == 0)
			return line; /* not even one character fits */
		add_run(p, line, role, part(p, s, n), used);
		s += n;
		if (*s != '\0')
			line = add_line(p, indent);
	}
	return line;
}

static struct page_line *
add_word(struct page *p, struct page_line *line, int indent, enum role role, const char *s,
    size_t n, bool has_gap)
{
	struct clean_text word = part(p, s, n);
	int cols = utf8_columns(word.s);
	int gap = has_gap && line->used > line->indent ? 1 : 0;

	if (line->used + gap + cols > p->cols && line->used > line->indent &&
	    (cols <= p->cols - indent || p->cols - line->used < 8)) {
		line = add_line(p, indent);
		gap = 0;
	}
	if (gap > 0)
		add_run(p, line, role, clean_literal(" "), 1);
	if (line->used + cols > p->cols)
		return add_long_word(p, line, indent, role, word.s);
	add_run(p, line, role, word, cols);
	return line;
}

static struct page_line *
fill(struct page *p, struct page_line *line, int indent, const struct run *runs, size_t n)
{
	bool has_gap = false;

	for (size_t i = 0; i < n; i++) {
		const char *s = runs[i].text.s;

		while (*s != '\0') {
			size_t len;

			if (*s == ' ') {
				has_gap = true;
				s++;
				continue;
			}
			len = strcspn(s, " ");
			line = add_word(p, line, indent, runs[i].role, s, len, has_gap);
			has_gap = false;
			s += len;
		}
	}
	return line;
}

void
page_runs(struct page *p, int first, int indent, const struct run *runs, size_t n)
{
	fill(p, add_line(p, first), indent, runs, n);
}

void
page_words(struct page *p, int first, int indent, enum role role, struct slice dirty)
{
	struct run run = {role, clean(p->arena, dirty)};

	page_runs(p, first, indent, &run, 1);
}

void
page_fact(struct page *p, int label_cols, const char *label, enum role role, struct slice dirty)
{
	struct page_line *line;
	struct run run;

	if (dirty.n == 0)
		return;
	line = add_line(p, 0);
	add_run(p, line, ROLE_DIM, clean_literal(label), utf8_columns(label));
	while (line->used < label_cols)
		add_run(p, line, ROLE_DIM, clean_literal(" "), 1);
	line->indent = 0;
	run = (struct run){role, clean(p->arena, dirty)};
	/* The first word stands where the label's column ends. */
	line->indent = line->used;
	fill(p, line, label_cols < p->cols / 2 ? label_cols : 2, &run, 1);
	line = NULL;
}

void
page_raw(struct page *p, enum role role, struct slice dirty)
{
	struct slice line;

	while (slice_line(&dirty, &line)) {
		do {
			struct slice piece = slice_sub(line, 0, CLEAN_MAX_BYTES / 4);

			line = slice_from(line, piece.n);
			add_long_word(p, add_line(p, 0), 0, role, clean(p->arena, piece).s);
		} while (line.n > 0);
	}
}

bool
page_has(const struct page *p, size_t line, const char *words)
{
	struct buf all = BUF_INIT;
	bool has;

	for (size_t i = 0; i < p->lines[line].n; i++)
		buf_adds(&all, p->lines[line].runs[i].text.s);
	has = slice_ifind(buf_slice(&all), words) != SLICE_NONE;
	buf_free(&all);
	return has;
}

void
page_draw(const struct page *p, struct canvas *c, int row, int col, int rows, size_t top)
{
	for (int i = 0; i < rows && top + (size_t)i < p->n; i++) {
		const struct page_line *line = &p->lines[top + (size_t)i];
		/* A label pushes the indent; its runs begin at 0 then. */
		int at = 0;
		int width = 0;

		for (size_t k = 0; k < line->n; k++)
			width += utf8_columns(line->runs[k].text.s);
		at = line->used - width;
		for (size_t k = 0; k < line->n && at < p->cols; k++)
			at += canvas_put(c, row + i, col + at, p->cols - at, line->runs[k].role,
			    line->runs[k].text);
	}
}
