/* bouncebox without a command: the screen, after the first-run dialogue if there
 * is no configuration yet. */
#ifndef TUI_CMD_SCREEN_H
#define TUI_CMD_SCREEN_H

#include "tui/cmd.h"

int cmd_screen(const struct cmd_globals *g);

#endif
