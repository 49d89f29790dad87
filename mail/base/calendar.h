/* The proleptic Gregorian calendar, UTC, without leap seconds. Pure arithmetic,
 * no locale, no time zone of the machine. */
#ifndef BASE_CALENDAR_H
#define BASE_CALENDAR_H

#include <stdint.h>

struct calendar {
	int year;
	int month; /* 1 to 12 */
	int day;   /* 1 to 31 */
	int hour;
	int minute;
	int second;
	int weekday; /* 0 is Sunday */
};

#define CALENDAR_MAX INT64_C(253402300799) /* the last second of the year 9999 */

/* Clamps to 1970 to 9999. */
void calendar_from_unix(int64_t unix_time, struct calendar *c);
/* `weekday` is not read. Fields may be out of range by a little: they carry over. */
int64_t calendar_to_unix(const struct calendar *c);
/* 28 to 31; 0 for a month that is none. */
int calendar_days_in_month(int year, int month);

/* "2026-11-20T09:14:00Z", NUL-terminated; "" for 0. Returns buf. */
#define CALENDAR_TEXT_BYTES 24
const char *calendar_rfc3339(char buf[CALENDAR_TEXT_BYTES], int64_t unix_time);

#endif
