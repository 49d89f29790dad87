/* What servers say that cannot now. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/busy.h"

static void
test_words(void **state)
{
	static const struct {
		const char *says;
		bool at_login, elsewhere;
		unsigned wait_s;
	} rows[] = {
	    {"[UNAVAILABLE] Temporary authentication failure.", true, true, 0},
	    {"[INUSE] Mailbox in use", true, true, 0},
	    {"[LIMIT] Too many keywords", true, false, 0},
	    {"[THROTTLED] Account temporarily limited", true, true, 0},
	    {"[ALERT] Too many simultaneous connections. (Failure)", true, true, 0},
	    {"[ALERT] Account exceeded command or bandwidth limits. (Failure)", true, true, 0},
	    {"[AUTHENTICATIONFAILED] Invalid credentials (Failure)", false, false, 0},
	    {"Request is throttled. Suggested Backoff Time: 92415 milliseconds", true, true, 93},
	    {"Server Busy. Suggested Backoff Time: 1 milliseconds", true, true, 1},
	    {"Server Busy. Suggested Backoff Time: 99999999999999999999 milliseconds", true, true,
		3600},
	    {"Server Busy. Suggested Backoff Time: soon", true, true, 0},
	    {"User is authenticated but not connected.", true, true, 0},
	    {"454 4.7.0 Too many login attempts, please try again later.", true, false, 0},
	    {"432 4.3.2 Concurrent connections limit exceeded. Visit x", true, true, 0},
	    {"421 4.7.28 Our system has detected an unusual rate limit, try again in 10 minutes",
		true, true, 600},
	    {"451 4.7.0 Temporary server error. Please try again later. PRX4", true, true, 0},
	    {"450 4.7.1 Greylisted, try again in 300 seconds", false, false, 300},
	    {"452 4.2.2 mailbox full", false, false, 0},
	    {"retry after 2 hours", false, false, 3600},
	    {"", false, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice words = slice_of(rows[i].says);

		if (busy_is(words, true) != rows[i].at_login ||
		    busy_is(words, false) != rows[i].elsewhere ||
		    busy_wait_s(words) != rows[i].wait_s)
			fail_msg("%s: %d %d %u", rows[i].says, busy_is(words, true),
			    busy_is(words, false), busy_wait_s(words));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_words)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
