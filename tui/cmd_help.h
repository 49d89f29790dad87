/* What is made from the tables of commands, options, settings and keys. */
#ifndef TUI_CMD_HELP_H
#define TUI_CMD_HELP_H

#include "base/buf.h"

/* "bouncebox 0.1.0" */
const char *help_version(void);
void help_overview(struct buf *out);
/* A script for "bash", "zsh" or "fish". */
void help_completion(struct buf *out, const char *shell);
/* mdoc(7) of one part: "commands", "options", "configuration" or "keys". */
void help_manual(struct buf *out, const char *part);

#endif
