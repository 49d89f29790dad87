/* Where two programs do the same in the same second, these bits differ. Not for secrets. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdint.h>

uint32_t random_bits(void);

#endif
