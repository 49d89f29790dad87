/* Time. Tests pin the wall clock: BOUNCEBOX_NOW=<unix seconds> in the environment. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t clock_now(void);     /* wall clock, unix seconds */
int64_t clock_mono_ms(void); /* monotonic; for time-outs and delays only */

#endif
