#include "tui/canvas.h"

#include <stdlib.h>
#include <string.h>

void
canvas_init(struct canvas *c)
{
	memset(c, 0, sizeof(*c));
	c->cursor_row = -1;
}

void
canvas_clear(struct canvas *c)
{
	static const struct cell blank = {.text = " ", .role = ROLE_TEXT};

	for (int i = 0; i < c->rows * c->cols; i++)
		c->cells[i] = blank;
}

void
canvas_resize(struct canvas *c, int rows, int cols)
{
	c->rows = rows < 0 ? 0 : rows;
	c->cols = cols < 0 ? 0 : cols;
	free(c->cells);
	c->cells = xcalloc((size_t)c->rows * (size_t)c->cols + 1, sizeof(*c->cells));
	canvas_clear(c);
}

void
canvas_free(struct canvas *c)
{
	free(c->cells);
	canvas_init(c);
}

static struct cell *
at(struct canvas *c, int row, int col)
{
	if (row < 0 || row >= c->rows || col < 0 || col >= c->cols)
		return NULL;
	return &c->cells[row * c->cols + col];
}

static bool
is_right_half(struct canvas *c, int row, int col)
{
	struct cell *cell = at(c, row, col);

	return cell != NULL && cell->text[0] == '\0';
}

static void
set(struct canvas *c, int row, int col, enum role role, const char *s, size_t n)
{
	struct cell *cell = at(c, row, col);

	if (cell == NULL || n >= CELL_BYTES)
		return;
	/* Half of a wide character must not stay behind, on either side. */
	if (n > 0 && is_right_half(c, row, col) && col > 0)
		memcpy(at(c, row, col - 1)->text, " ", 2);
	if (!is_right_half(c, row, col) && is_right_half(c, row, col + 1))
		memcpy(at(c, row, col + 1)->text, " ", 2);
	memcpy(cell->text, s, n);
	cell->text[n] = '\0';
	cell->role = (uint8_t)role;
}

/* One that sticks out at the left leaves a blank: its other half alone is no sign. */
static void
set_wide(struct canvas *c, int row, int col, enum role role, const char *s, size_t n)
{
	set(c, row, col + 1, role, " ", 1);
	if (at(c, row, col) == NULL)
		return;
	set(c, row, col, role, s, n);
	set(c, row, col + 1, role, "", 0);
}

static void
combine(struct canvas *c, int row, int col, const char *s, size_t n)
{
	struct cell *cell = at(c, row, col);
	size_t len;

	if (cell != NULL && cell->text[0] == '\0')
		cell = at(c, row, col - 1);
	if (cell == NULL)
		return;
	len = strlen(cell->text);
	if (len + n < CELL_BYTES) {
		memcpy(cell->text + len, s, n);
		cell->text[len + n] = '\0';
	}
}

int
canvas_put(struct canvas *c, int row, int col, int max_cols, enum role role, struct clean_text text)
{
	const char *p = text.s;
	const char *end = p + strlen(p);
	int limit = max_cols < 0 ? c->cols - col : max_cols;
	int used = 0;

	while (p < end) {
		unsigned cp;
		size_t n = utf8_decode(p, end, &cp);
		int width = n == 0 ? 0 : utf8_width(cp);

		if (n == 0) {
			p++;
			continue;
		}
		if (used + width > limit || (width > 0 && col + used + width > c->cols))
			break;
		if (width == 0 && used > 0)
			combine(c, row, col + used - 1, p, n);
		if (width == 1)
			set(c, row, col + used, role, p, n);
		if (width == 2)
			set_wide(c, row, col + used, role, p, n);
		used += width;
		p += n;
	}
	return used;
}

int
canvas_cut(struct canvas *c, int row, int col, int max_cols, enum role role, struct clean_text text,
    bool ascii)
{
	int used;

	if (max_cols > c->cols - col)
		max_cols = c->cols - col;
	if (max_cols <= 0)
		return 0;
	if (utf8_columns(text.s) <= max_cols)
		return canvas_put(c, row, col, max_cols, role, text);
	used = canvas_put(c, row, col, max_cols - 1, role, text);
	return used + canvas_put(c, row, col + used, 1, role, clean_literal(ascii ? "~" : "…"));
}

void
canvas_fill(struct canvas *c, int row, int col, int cols, enum role role, char ch)
{
	for (int i = 0; i < cols; i++)
		set(c, row, col + i, role, &ch, 1);
}

void
canvas_over(struct canvas *c, int row, int col, int cols)
{
	for (int i = 0; i < cols; i++) {
		if (at(c, row, col + i) != NULL)
			at(c, row, col + i)->over = 1;
	}
}

void
canvas_role(struct canvas *c, int row, int col, int cols, enum role role)
{
	for (int i = 0; i < cols; i++) {
		if (at(c, row, col + i) != NULL)
			at(c, row, col + i)->role = (uint8_t)role;
	}
}
