#include "work/later.h"

#include "bounce/codes.h"

#define HOUR 3600
#define DAY 86400

bool
later_is_of_domain(enum cause c)
{
	switch (c) {
	case CAUSE_CONNECT_TIMEOUT:
	case CAUSE_CONNECT_REFUSED:
	case CAUSE_NO_ROUTE:
	case CAUSE_CONN_DROP:
	case CAUSE_DNS_TEMP:
	case CAUSE_TLS:
	case CAUSE_GREYLIST:
	case CAUSE_RATE:
	case CAUSE_HOST_FULL:
	case CAUSE_RESOURCE:
		return true;
	default:
		return false;
	}
}

int64_t
later_wait(enum cause c, uint32_t resends, int64_t failing_for)
{
	static const int64_t steps[] = {HOUR, 4 * HOUR, DAY};
	uint32_t step = failing_for >= DAY ? 2 : failing_for >= 4 * HOUR ? 1 : 0;
	int64_t asked = cause_info(c)->wait_s;
	int64_t wait;

	if (!later_is_of_domain(c)) /* of the recipient alone: what was tried counts */
		step = 0;
	if (resends > step)
		step = resends < 2 ? resends : 2;
	wait = steps[step];
	/* A first try after greylisting or a drop need not wait for an hour. */
	if (step == 0 && asked > 0)
		wait = asked;
	return asked > wait ? asked : wait;
}
