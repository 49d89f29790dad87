/* Text in lines of so many columns, each made of runs that have a role: what the
 * explanation, the case, help and raw mail are laid out in before they are drawn. */
#ifndef TUI_PAGE_H
#define TUI_PAGE_H

#include "tui/canvas.h"

struct run {
	enum role role;
	struct clean_text text;
};

struct page_line {
	struct run *runs;
	size_t n, cap;
	int indent;
	int used; /* columns, indent included */
};

struct page {
	struct arena *arena; /* owns lines and texts */
	int cols;
	struct page_line *lines;
	size_t n, cap;
};

void page_begin(struct page *p, int cols); /* forgets what was there */
void page_free(struct page *p);

void page_blank(struct page *p);
/* Fills words into lines; the first begins at `first`, the others at `indent`. */
void page_runs(struct page *p, int first, int indent, const struct run *runs, size_t n);
/* One run. `dirty` may come from strangers. */
void page_words(struct page *p, int first, int indent, enum role role, struct slice dirty);
/* "label   words", the words wrapped behind the label. Nothing if dirty is empty. */
void page_fact(
    struct page *p, int label_cols, const char *label, enum role role, struct slice dirty);
/* Lines as they are, broken only where they are too long. */
void page_raw(struct page *p, enum role role, struct slice dirty);
/* Is `words` (without case) in the line? */
bool page_has(const struct page *p, size_t line, const char *words);

void page_draw(const struct page *p, struct canvas *c, int row, int col, int rows, size_t top);

#endif
