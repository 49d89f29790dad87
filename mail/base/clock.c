#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

/* The moment that a test has pinned; 0 if none. */
static int64_t
pinned_now(void)
{
	const char *text = getenv("BOUNCEBOX_NOW");
	char *end;
	long long value;

	if (text == NULL || *text == '\0')
		return 0;
	errno = 0;
	value = strtoll(text, &end, 10);
	return errno != 0 || *end != '\0' || value <= 0 ? 0 : value;
}

int64_t
clock_now(void)
{
	int64_t pinned = pinned_now();

	return pinned != 0 ? pinned : (int64_t)time(NULL);
}

int64_t
clock_mono_ms(void)
{
	struct timespec ts;

#ifdef CLOCK_BOOTTIME /* goes on while the machine sleeps, and so do those on the other side */
	clock_gettime(CLOCK_BOOTTIME, &ts);
#else
	clock_gettime(CLOCK_MONOTONIC, &ts);
#endif
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
