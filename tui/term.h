/* The terminal: the only file that knows curses. One at a time. */
#ifndef TUI_TERM_H
#define TUI_TERM_H

#include "tui/canvas.h"

/* Keys: a Unicode code point, or one of these. Control characters are themselves
 * (C-d is 4, Esc 27, Enter 13, Tab 9, Backspace 127). */
enum term_key {
	KEY_NOTHING = -1, /* no more input now */
	KEY_SPECIAL = 0x200000,
	KEY_T_UP,
	KEY_T_DOWN,
	KEY_T_LEFT,
	KEY_T_RIGHT,
	KEY_T_HOME,
	KEY_T_END,
	KEY_T_PGUP,
	KEY_T_PGDN,
	KEY_T_DELETE,
	KEY_T_BACKTAB,
	KEY_T_F1,
	KEY_T_RESIZE,
	KEY_T_MOUSE, /* a click: where in mouse_row, mouse_col */
	KEY_T_WHEEL_UP,
	KEY_T_WHEEL_DOWN,
};

struct term_size {
	int rows, cols;
};

/* ERR_USAGE with words if the terminal cannot place a cursor (dumb, unknown).
 * NO_COLOR (non-empty) means no colour. `colour_forced`: the user named a theme. */
int term_open(bool mouse, bool colour_forced, struct err *e);
void term_close(void);
struct term_size term_size(void);
bool term_is_utf8(void);
/* Theme's colours from now on; with `ascii` wide signs are left alone, borders are ASCII. */
void term_theme(const struct theme *t);
/* Puts what changed since the last time. */
void term_show(const struct canvas *c);
void term_redraw(void); /* all of it with the next term_show */
/* The next key that is there, never waits. KEY_NOTHING otherwise. */
int term_key(int *mouse_row, int *mouse_col);
void term_bell(void);
/* To the shell and back: for an editor, or C-z. */
void term_leave(void);
void term_return(void);

#endif
