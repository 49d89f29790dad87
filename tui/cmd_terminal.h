/* Questions to a person, at the controlling terminal (never standard input:
 * that may be a file). */
#ifndef TUI_CMD_TERMINAL_H
#define TUI_CMD_TERMINAL_H

#include <stdbool.h>

bool terminal_is_there(void);
/* malloc'ed line without its end, or NULL for end of file, an interrupt or no
 * terminal. A secret is not shown while it is typed; the caller wipes it. */
char *terminal_ask(const char *prompt, bool is_secret);
/* True if exactly `word` was typed ("y" also takes "yes"). */
bool terminal_confirm(const char *prompt, const char *word);

#endif
