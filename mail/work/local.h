/* Maildir and mbox have no UIDs: numbers that stay the same are made. Pure. */
#ifndef WORK_LOCAL_H
#define WORK_LOCAL_H

#include <stdint.h>

#include "base/slice.h"

/* Of a file below `root`: new, cur and the flags in its name do not count, so
 * that it keeps its number when another program reads or marks it. */
uint32_t local_uid_of_file(struct slice root, struct slice path);
/* Of a message in an mbox, which moves when others are taken out. */
uint32_t local_uid_of_bytes(struct slice bytes);

#endif
