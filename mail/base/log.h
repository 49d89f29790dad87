/* The log: a file that only its user reads (0600), off unless asked for
 * (BOUNCEBOX_LOG=path in the environment, or --log). Lines pass through clean.
 * Secrets never come here: callers log what they do, not what they hold. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"

int log_open(const char *path, struct err *e);
void log_line(const char *area, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_close(void);

#endif
