/* The user's editor, on a file of its own. */
#ifndef TUI_EDITOR_H
#define TUI_EDITOR_H

#include "base/buf.h"
#include "base/conf.h"

/* [ui] editor, $VISUAL, $EDITOR or vi. */
const char *editor_command(const struct conf *conf);
/* 0 when the text was edited (or left as it was) and the editor was content, else -1
 * and the text is as it was. `leave` and `back` (may be NULL) give the terminal away
 * and take it again. */
int editor_edit(const char *command, struct buf *text, void (*leave)(void), void (*back)(void));

#endif
