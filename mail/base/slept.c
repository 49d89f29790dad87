#include "base/slept.h"

#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/timerfd.h>
#endif

static atomic_int pretended = -1;

void
slept_pretend(int fd)
{
	pretended = fd;
}

/* The timer itself never ends; Linux cancels it when the clock is set, and waking up
 * counts as that (timerfd_create(2)). */
int
slept_open(void)
{
	int fd = pretended;

	if (fd >= 0)
		return dup(fd);
#ifdef TFD_TIMER_CANCEL_ON_SET
	struct itimerspec never = {.it_value = {.tv_sec = INT32_MAX}};

	fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (fd >= 0 &&
	    timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) != 0) {
		close(fd);
		fd = -1;
	}
#endif
	return fd;
}

void
slept_close(int fd)
{
	if (fd >= 0)
		close(fd);
}
