/* Dates: RFC 5322 3.3 with the obsolete and broken forms seen in bounces. */
#ifndef MSG_DATE_H
#define MSG_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

#define DATE_TEXT_BYTES 48

/* Unix time, and the zone's offset in minutes (may be NULL). False, and 0, if it
 * is no date or lies outside of 1970 to 9999. */
bool date_read(struct slice text, int64_t *unix_time, int *zone_minutes);

/* "2026-11-20T09:14:00Z" (RFC 3339); "" for 0. Both return buf. */
const char *date_rfc3339(char buf[DATE_TEXT_BYTES], int64_t unix_time);
/* "Fri, 20 Nov 2026 10:14:00 +0100" (RFC 5322) */
const char *date_rfc5322(char buf[DATE_TEXT_BYTES], int64_t unix_time, int zone_minutes);
/* Of the machine's local time at that moment. */
int date_local_zone(int64_t unix_time);

#endif
