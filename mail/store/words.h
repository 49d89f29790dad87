/* Of this room only: names of files, and what the system said, fit for messages. */
#ifndef STORE_WORDS_H
#define STORE_WORDS_H

#include <stddef.h>

#include "base/err.h"

#define WORDS_PATH_BYTES 200

/* A path, cleaned; its end is what tells files apart, so the beginning is cut. */
const char *words_path(char out[WORDS_PATH_BYTES], const char *path);

/* "PATH: No such file or directory", with what to do. Returns -1. */
int words_errno(struct err *e, int number, const char *deed, const char *path);

#endif
