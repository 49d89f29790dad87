/* A grid of cells to draw into. Text comes in as clean_text only, is measured in
 * columns and cut at them, never inside a character. Everything outside of the
 * grid, or of the clip, is dropped silently: sizes of 0 and 1 are real. */
#ifndef TUI_CANVAS_H
#define TUI_CANVAS_H

#include "base/clean.h"
#include "tui/theme.h"

#define CELL_BYTES 20 /* a character with a few combining ones; more are dropped */
struct cell {
	char text[CELL_BYTES]; /* NUL-terminated UTF-8; "" is the right half of a wide one */
	uint8_t role;
	uint8_t over; /* 1: ROLE_CURSOR is laid over it */
};

struct canvas {
	int rows, cols;
	struct cell *cells;         /* rows * cols */
	int cursor_row, cursor_col; /* where the terminal's cursor rests; -1 = hidden */
};

void canvas_init(struct canvas *c);
void canvas_resize(struct canvas *c, int rows, int cols); /* and clears */
void canvas_clear(struct canvas *c);
void canvas_free(struct canvas *c);

/* Draws at most max_cols columns (-1 = to the edge), returns the columns used.
 * canvas_cut puts an ellipsis ("…", or "~" with ascii) where it cuts. */
int canvas_put(
    struct canvas *c, int row, int col, int max_cols, enum role role, struct clean_text text);
int canvas_cut(struct canvas *c, int row, int col, int max_cols, enum role role,
    struct clean_text text, bool ascii);
void canvas_fill(struct canvas *c, int row, int col, int cols, enum role role, char ch);
/* Lays ROLE_CURSOR over a run of cells. */
void canvas_over(struct canvas *c, int row, int col, int cols);
/* The role of what stands there already. */
void canvas_role(struct canvas *c, int row, int col, int cols, enum role role);

#endif
