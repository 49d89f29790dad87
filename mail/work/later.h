/* When to try again: from the cause, and from how long the domain has failed. Pure. */
#ifndef WORK_LATER_H
#define WORK_LATER_H

#include <stdbool.h>
#include <stdint.h>

#include "store/case.h"

/* Does one failure of this cause say that the domain's other recipients fail too? */
bool later_is_of_domain(enum cause c);
/* Seconds from the last failure to the next try: what the cause asks for, and 1 h,
 * 4 h or 24 h by how often it was tried again and how long the domain has failed. */
int64_t later_wait(enum cause c, uint32_t resends, int64_t failing_for);

#endif
