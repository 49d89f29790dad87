/* Results on standard output. */
#ifndef TUI_CMD_OUT_H
#define TUI_CMD_OUT_H

#include "base/buf.h"

/* Columns of the terminal that standard output is, or 0 if it is none. */
int out_columns(void);
/* Writes and empties; -1 if it cannot be written (said on standard error). */
int out_flush(struct buf *out);
/* The same and frees. */
int out_end(struct buf *out);
/* Words for people on standard error; gives EXIT_NO_MATCH. */
int out_nothing(const char *words);

#endif
