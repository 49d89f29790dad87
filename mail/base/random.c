#include "base/random.h"

#include <unistd.h>

#include "base/clock.h"

uint32_t
random_bits(void)
{
	uint32_t bits = 0;

	if (getentropy(&bits, sizeof(bits)) != 0)
		bits = (uint32_t)clock_mono_ms() ^ (uint32_t)getpid();
	return bits;
}
