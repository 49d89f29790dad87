#include "tui/term.h"

#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>
#include <wchar.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#define MAX_PAIRS 200

/* A role as curses has it. */
struct ink {
	attr_t attrs;
	int fg, bg; /* of the terminal's colours; -1 is its own, or all there is */
	int pair;
};

static struct {
	SCREEN *screen;
	bool is_utf8;
	bool has_colour;
	bool is_direct;
	struct theme theme;
	struct ink inks[ROLE_N][2]; /* [1]: under the cursor */
	struct canvas shown;
	bool is_stale;
	struct {
		int fg, bg;
	} pairs[MAX_PAIRS];
	int n_pairs;
} term;

static bool
has(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0';
}

static int
cannot(struct err *e, const char *name)
{
	err_set(e, ERR_USAGE, "the terminal \"%s\" cannot place a cursor, so there is no screen",
	    name == NULL ? "" : name);
	return err_todo(e,
	    "set TERM to what the terminal is (xterm-256color, linux, screen), or use "
	    "bouncebox list and its other commands");
}

static bool
is_truecolour(void)
{
	const char *value = getenv("COLORTERM");

	return value != NULL && (strcmp(value, "truecolor") == 0 || strcmp(value, "24bit") == 0);
}

static void
start_colours(bool is_forced)
{
	term.has_colour = has_colors() && (!has("NO_COLOR") || is_forced);
	if (!term.has_colour)
		return;
	start_color();
	use_default_colors();
	/* With such a terminal's description a number is red, green, blue itself. */
	term.is_direct = COLORS >= 1 << 24 && (tigetflag("RGB") > 0 || is_truecolour());
}

/* Asked before curses is started, which would end the program. */
static bool
can_place_cursor(const char *name)
{
	int status = 0;
	const char *place;
	bool can;

	if (name == NULL || name[0] == '\0' || setupterm(name, STDOUT_FILENO, &status) != OK)
		return false;
	place = tigetstr("cup");
	can = place != NULL && place != (char *)-1;
	del_curterm(cur_term);
	return can;
}

/* A terminal has two forms for these keys (DECCKM), and its description names one; what
 * stands between may send the other all the same. */
static void
define_other_forms(void)
{
	static const struct {
		const char *sequence;
		int key;
	} forms[] = {{"\033[A", KEY_UP}, {"\033OA", KEY_UP}, {"\033[B", KEY_DOWN},
	    {"\033OB", KEY_DOWN}, {"\033[C", KEY_RIGHT}, {"\033OC", KEY_RIGHT},
	    {"\033[D", KEY_LEFT}, {"\033OD", KEY_LEFT}, {"\033[H", KEY_HOME}, {"\033OH", KEY_HOME},
	    {"\033[1~", KEY_HOME}, {"\033[7~", KEY_HOME}, {"\033[F", KEY_END}, {"\033OF", KEY_END},
	    {"\033[4~", KEY_END}, {"\033[8~", KEY_END}, {"\033[5~", KEY_PPAGE},
	    {"\033[6~", KEY_NPAGE}, {"\033[3~", KEY_DC}, {"\033[Z", KEY_BTAB}};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (key_defined(forms[i].sequence) == 0)
			define_key(forms[i].sequence, forms[i].key);
	}
}

/* On a Linux console ncurses loads libgpm, asks for its daemon and unloads it again; ten
 * bytes of it are left behind. They are not ours to free. */
static void
watch_mouse(void)
{
#ifdef __SANITIZE_ADDRESS__
	__lsan_disable();
#endif
	mousemask(BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
#ifdef __SANITIZE_ADDRESS__
	__lsan_enable();
#endif
	mouseinterval(0);
}

int
term_open(bool mouse, bool colour_forced, struct err *e)
{
	const char *name = getenv("TERM");

	if (!can_place_cursor(name))
		return cannot(e, name);
	term.screen = newterm(NULL, stdout, stdin);
	if (term.screen == NULL)
		return cannot(e, name);
	term.is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	term.n_pairs = 0;
	term.is_stale = true;
	canvas_init(&term.shown);
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	meta(stdscr, TRUE);
	intrflush(stdscr, FALSE);
	set_escdelay(25);
	define_other_forms();
	start_colours(colour_forced);
	if (mouse)
		watch_mouse();
	return 0;
}

void
term_close(void)
{
	if (term.screen == NULL)
		return;
	curs_set(1);
	endwin();
	delscreen(term.screen);
	term.screen = NULL;
	canvas_free(&term.shown);
}

struct term_size
term_size(void)
{
	return (struct term_size){LINES, COLS};
}

bool
term_is_utf8(void)
{
	return term.is_utf8;
}

/* The palette as xterm has it, for terminals where a number is no index. */
static int32_t
palette_rgb(int32_t c)
{
	static const int32_t bright[8] = {
	    0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff};
	static const int32_t steps[6] = {0, 95, 135, 175, 215, 255};

	if (c < 16)
		return bright[c - 8];
	if (c >= 232)
		return (8 + (c - 232) * 10) * 0x010101;
	c -= 16;
	return steps[c / 36] << 16 | steps[c / 6 % 6] << 8 | steps[c % 6];
}

/* There 0 to 7 still are the palette's: no dark blue may end up as one of them. */
static int
direct_colour(int32_t c)
{
	if ((c & COLOUR_RGB) == 0) {
		if (c < 8)
			return (int)c;
		c = palette_rgb(c);
	}
	c &= 0xffffff;
	return c > 0 && c < 8 ? 8 : (int)c;
}

/* Of the terminal's; with `is_bright` what has no number of its own there. */
static int
colour(int32_t c, bool *is_bright)
{
	*is_bright = false;
	if (c == COLOUR_DEFAULT)
		return -1;
	if (term.is_direct)
		return direct_colour(c);
	if ((c & COLOUR_RGB) != 0)
		c = COLORS >= 256 ? theme_nearest_256(c & 0xffffff)
				  : theme_nearest_16(c & 0xffffff);
	else if (c >= 16 && c >= COLORS)
		c = theme_nearest_16(palette_rgb(c));
	if (c < COLORS)
		return (int)c;
	*is_bright = true;
	return (int)c & 7;
}

/* Also for the terminal's own two: from a pair to none curses resets all there is, which
 * takes eleven bytes; from a pair to this one five. */
static int
pair_of(int fg, int bg)
{
	for (int i = 0; i < term.n_pairs; i++) {
		if (term.pairs[i].fg == fg && term.pairs[i].bg == bg)
			return i + 1;
	}
	if (term.n_pairs == MAX_PAIRS || term.n_pairs + 2 > COLOR_PAIRS)
		return 0;
	term.pairs[term.n_pairs].fg = fg;
	term.pairs[term.n_pairs].bg = bg;
	init_extended_pair(++term.n_pairs, fg, bg);
	return term.n_pairs;
}

static struct style
style_of(enum role role, bool is_over, const struct theme *plain)
{
	struct style s = term.theme.styles[role];
	const struct style *over = &term.theme.styles[ROLE_CURSOR];

	/* A theme may say it all with colours: without them attributes must. */
	if (!term.has_colour) {
		s.attrs |= plain->styles[role].attrs;
		over = &plain->styles[ROLE_CURSOR];
	}
	if (!is_over)
		return s;
	/* A reversed line is of one piece: colours and bold words would be holes in it. */
	if ((over->attrs & ATTR_REVERSE) != 0)
		return *over;
	if (over->fg != COLOUR_DEFAULT)
		s.fg = over->fg;
	s.bg = over->bg;
	s.attrs = (uint8_t)((s.attrs & ATTR_BOLD) | over->attrs);
	return s;
}

/* Few colours make some alike that the theme has apart. */
static int
keep_apart(int fg, int bg)
{
	if (fg != bg || fg < 0)
		return fg;
	return bg == 0 ? 7 : 0;
}

static bool
is_cursor_lost(int bg)
{
	bool is_ignored;

	return bg >= 0 && bg == colour(term.theme.styles[ROLE_TEXT].bg, &is_ignored);
}

static struct ink
ink_of(enum role role, bool is_over, const struct theme *plain)
{
	static const struct {
		uint8_t ours;
		attr_t curses;
	} attrs[] = {{ATTR_BOLD, A_BOLD}, {ATTR_DIM, A_DIM}, {ATTR_UNDERLINE, A_UNDERLINE},
	    {ATTR_REVERSE, A_REVERSE}, {ATTR_ITALIC, A_ITALIC}};
	struct style s = style_of(role, is_over, plain);
	struct ink ink = {.attrs = A_NORMAL, .fg = -1, .bg = -1};
	bool is_bright, is_ignored;

	for (size_t i = 0; i < sizeof(attrs) / sizeof(attrs[0]); i++) {
		if ((s.attrs & attrs[i].ours) != 0)
			ink.attrs |= attrs[i].curses;
	}
	if (!term.has_colour)
		return ink;
	ink.bg = colour(s.bg, &is_ignored);
	ink.fg = colour(s.fg, &is_bright);
	/* Of eight colours the bright half is bold. */
	if (is_bright)
		ink.attrs |= A_BOLD;
	else
		ink.fg = keep_apart(ink.fg, ink.bg);
	if (is_over && is_cursor_lost(ink.bg))
		ink.attrs |= A_REVERSE;
	ink.pair = pair_of(ink.fg, ink.bg);
	return ink;
}

void
term_theme(const struct theme *t)
{
	struct theme plain;

	term.theme = *t;
	theme_plain(&plain);
	term.n_pairs = 0; /* all is drawn anew, so the old ones are free */
	term.is_stale = true;
	for (int i = 0; i < ROLE_N; i++) {
		for (int over = 0; over < 2; over++)
			term.inks[i][over] = ink_of((enum role)i, over == 1, &plain);
	}
}

static bool
is_blank(const struct cell *cell)
{
	return cell->text[0] == ' ' && cell->text[1] == '\0';
}

/* A blank shows nothing of the colour that it is written in. */
static bool
is_alike_on_blank(const struct ink *a, const struct ink *b)
{
	const attr_t seen = A_REVERSE | A_UNDERLINE;

	return (a->attrs & seen) == (b->attrs & seen) && (a->attrs & A_UNDERLINE) == 0 &&
	    a->bg == b->bg && ((a->attrs & A_REVERSE) == 0 || a->fg == b->fg);
}

/* The C library may think another width of a new character: it would move the rest. */
static bool
is_width_agreed(const struct cell *cell, int cols)
{
	wchar_t wide[CELL_BYTES];
	size_t n = mbstowcs(wide, cell->text, CELL_BYTES);

	return n != (size_t)-1 && n < CELL_BYTES && wcwidth(wide[0]) == cols;
}

static const char *
fit(const struct cell *cell)
{
	static const struct {
		const char *utf8, *ascii;
	} signs[] = {{"─", "-"}, {"│", "|"}, {"…", "~"}, {"↓", "v"}, {"·", "-"}};
	int cols;

	if ((unsigned char)cell->text[0] < 0x80 && cell->text[1] == '\0')
		return cell->text;
	cols = utf8_columns(cell->text);
	if (term.is_utf8 && is_width_agreed(cell, cols))
		return cell->text;
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (strcmp(signs[i].utf8, cell->text) == 0)
			return signs[i].ascii;
	}
	return cols == 2 ? "? " : "?";
}

static bool
is_same_row(const struct cell *a, const struct cell *b, int cols)
{
	for (int i = 0; i < cols; i++) {
		if (a[i].role != b[i].role || a[i].over != b[i].over ||
		    strcmp(a[i].text, b[i].text) != 0)
			return false;
	}
	return true;
}

/* ASCII in one piece. All else is placed by itself: curses may think another width of it. */
struct run {
	char text[160];
	int col, n;
};

static void
put_run(struct run *run, int row)
{
	if (run->n > 0)
		mvaddnstr(row, run->col, run->text, run->n);
	run->n = 0;
}

static void
add_to_run(struct run *run, int row, int col, char c)
{
	if (run->n == (int)sizeof(run->text))
		put_run(run, row);
	if (run->n == 0)
		run->col = col;
	run->text[run->n++] = c;
}

/* Blanks go on in what stands to the left of them: to leave it and come back costs bytes.
 * The whole row, so that it is the same wherever it stands: curses knows it again when the
 * list moves. It writes only what differs. */
static void
show_row(int row, const struct cell *cells, int cols)
{
	const struct ink *last = NULL, *set = NULL;
	struct run run = {.n = 0};

	for (int col = 0; col < cols; col++) {
		const struct cell *cell = &cells[col];
		const struct ink *ink = &term.inks[cell->role][cell->over];

		if (cell->text[0] == '\0')
			continue; /* the right half of a wide one */
		if (!is_blank(cell))
			last = ink;
		else if (last != NULL && is_alike_on_blank(ink, last))
			ink = last;
		if (ink != set) {
			int pair = ink->pair;

			put_run(&run, row);
			attr_set(ink->attrs, (short)0, &pair);
			set = ink;
		}
		if ((unsigned char)cell->text[0] < 0x80 && cell->text[1] == '\0') {
			add_to_run(&run, row, col, cell->text[0]);
		} else {
			put_run(&run, row);
			mvaddstr(row, col, fit(cell));
		}
	}
	put_run(&run, row);
}

void
term_show(const struct canvas *c)
{
	struct canvas *old = &term.shown;
	bool all = term.is_stale || old->rows != c->rows || old->cols != c->cols;

	if (all) {
		canvas_resize(old, c->rows, c->cols);
		erase();
	}
	for (int row = 0; row < c->rows; row++) {
		const struct cell *cells = &c->cells[row * c->cols];
		struct cell *was = &old->cells[row * c->cols];

		if (!all && is_same_row(cells, was, c->cols))
			continue;
		memcpy(was, cells, (size_t)c->cols * sizeof(*was));
		show_row(row, cells, c->cols);
	}
	term.is_stale = false;
	curs_set(c->cursor_row >= 0 ? 1 : 0);
	if (c->cursor_row >= 0)
		move(c->cursor_row, c->cursor_col);
	refresh();
}

void
term_redraw(void)
{
	clearok(stdscr, TRUE);
	term.is_stale = true;
}

static int
mouse_key(int *row, int *col)
{
	MEVENT m;

	if (getmouse(&m) != OK)
		return KEY_T_RESIZE; /* nothing to do */
	*row = m.y;
	*col = m.x;
	if ((m.bstate & BUTTON4_PRESSED) != 0)
		return KEY_T_WHEEL_UP;
	if ((m.bstate & BUTTON5_PRESSED) != 0)
		return KEY_T_WHEEL_DOWN;
	return KEY_T_MOUSE;
}

static int
special(wint_t key, int *row, int *col)
{
	static const struct {
		int curses, ours;
	} keys[] = {{KEY_UP, KEY_T_UP}, {KEY_DOWN, KEY_T_DOWN}, {KEY_LEFT, KEY_T_LEFT},
	    {KEY_RIGHT, KEY_T_RIGHT}, {KEY_HOME, KEY_T_HOME}, {KEY_END, KEY_T_END},
	    {KEY_PPAGE, KEY_T_PGUP}, {KEY_NPAGE, KEY_T_PGDN}, {KEY_DC, KEY_T_DELETE},
	    {KEY_BTAB, KEY_T_BACKTAB}, {KEY_F(1), KEY_T_F1}, {KEY_RESIZE, KEY_T_RESIZE},
	    {KEY_ENTER, 13}, {KEY_BACKSPACE, 127}};

	if (key == KEY_MOUSE)
		return mouse_key(row, col);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if ((wint_t)keys[i].curses == key)
			return keys[i].ours;
	}
	return KEY_T_RESIZE;
}

int
term_key(int *mouse_row, int *mouse_col)
{
	wint_t key = 0;
	int rc = get_wch(&key);

	if (rc == ERR)
		return KEY_NOTHING;
	if (rc == KEY_CODE_YES)
		return special(key, mouse_row, mouse_col);
	if (key == '\n')
		return 13;
	return key == 8 ? 127 : (int)key;
}

void
term_bell(void)
{
	beep();
}

void
term_leave(void)
{
	def_prog_mode();
	curs_set(1);
	endwin();
}

void
term_return(void)
{
	struct winsize size;

	reset_prog_mode();
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
		resizeterm(size.ws_row, size.ws_col);
	term_redraw();
}
