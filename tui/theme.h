/* Themes: colours and attributes for roles. A role says what a thing is, never
 * where it stands. Colour is never the only bearer of a meaning. */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum role {
	ROLE_TEXT,
	ROLE_DIM,
	ROLE_HEADING,
	ROLE_TITLE, /* the first line of the screen */
	ROLE_BAR,   /* the line of keys */
	ROLE_KEY,   /* a key's name */
	ROLE_BORDER,
	ROLE_CURSOR, /* laid over the line that is chosen: background and attributes */
	ROLE_TAGGED,
	ROLE_MATCH,
	ROLE_PROMPT,
	ROLE_CODE,
	ROLE_EVIDENCE, /* words of the message */
	ROLE_TRYING,
	ROLE_GAVE_UP,
	ROLE_REFUSED,
	ROLE_DELIVERED,
	ROLE_UNKNOWN,
	ROLE_DOUBT,
	ROLE_HANDLED, /* resent, noted, ignored, done */
	ROLE_NEW,
	ROLE_GOOD,
	ROLE_WARN,
	ROLE_ERROR,
	ROLE_N,
};

enum attr { ATTR_BOLD = 1, ATTR_DIM = 2, ATTR_UNDERLINE = 4, ATTR_REVERSE = 8, ATTR_ITALIC = 16 };

#define COLOUR_DEFAULT (-1)
#define COLOUR_RGB 0x1000000 /* set: the low 24 bits are red, green, blue */
struct style {
	int32_t fg; /* COLOUR_DEFAULT, 0..255 of the palette, or COLOUR_RGB | 0xrrggbb */
	int32_t bg;
	uint8_t attrs; /* of enum attr */
};

struct theme {
	struct style styles[ROLE_N];
};

/* "state.gave-up", as in a theme file. */
const char *role_name(enum role r);

/* The file NAME.theme in the user's folder ($XDG_CONFIG_HOME/bouncebox/themes), else in
 * `dir`. A line is `role = [FG] [on BG] [ATTRIBUTE…]`, `base = NAME`, a # comment or blank. Colours:
 * default, black red green yellow blue magenta cyan white, bright-…, 0..255, #rrggbb. A
 * line that makes no sense is left out and told in `problems` (file:line: what was
 * found, what is allowed); the rest counts. ERR_CONF with the names that there are
 * if there is no such theme. */
int theme_load(
    struct theme *t, const char *name, const char *dir, struct buf *problems, struct err *e);
/* Attributes only: for what a file leaves out, and where there are no colours. */
void theme_plain(struct theme *t);
/* Names of all themes, sorted, a blank between, once each. */
void theme_names(struct buf *out, const char *dir);
/* #rrggbb to the nearest of 256 or 16 colours. */
int theme_nearest_256(int32_t rgb);
int theme_nearest_16(int32_t rgb);

#endif
