#include "base/calendar.h"

#include <stdbool.h>

#define SECONDS_A_DAY 86400
#define DAYS_IN_ERA 146097 /* 400 years */

/* Years begin in March here, so that the leap day is the last one. */
static int64_t
days_from_civil(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * DAYS_IN_ERA + day_of_era - 719468;
}

static void
civil_from_days(int64_t days, struct calendar *c)
{
	int64_t era_days = days + 719468;
	int64_t era = era_days / DAYS_IN_ERA;
	int64_t doe = era_days - era * DAYS_IN_ERA;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / (DAYS_IN_ERA - 1)) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	c->day = (int)(doy - (153 * mp + 2) / 5 + 1);
	c->month = (int)(mp < 10 ? mp + 3 : mp - 9);
	c->year = (int)(yoe + era * 400 + (c->month <= 2 ? 1 : 0));
}

void
calendar_from_unix(int64_t unix_time, struct calendar *c)
{
	int64_t days;
	int rest;

	if (unix_time < 0)
		unix_time = 0;
	if (unix_time > CALENDAR_MAX)
		unix_time = CALENDAR_MAX;
	days = unix_time / SECONDS_A_DAY;
	rest = (int)(unix_time % SECONDS_A_DAY);
	civil_from_days(days, c);
	c->weekday = (int)((days + 4) % 7); /* 1970-01-01 was a Thursday */
	c->hour = rest / 3600;
	c->minute = rest / 60 % 60;
	c->second = rest % 60;
}

int64_t
calendar_to_unix(const struct calendar *c)
{
	int64_t days = days_from_civil(c->year, c->month, c->day);

	return days * SECONDS_A_DAY + (int64_t)c->hour * 3600 + (int64_t)c->minute * 60 + c->second;
}

int
calendar_days_in_month(int year, int month)
{
	static const signed char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (month < 1 || month > 12)
		return 0;
	return month == 2 && is_leap ? 29 : days[month - 1];
}

static char *
put_digits(char *p, int value, int digits)
{
	for (int i = digits - 1; i >= 0; i--) {
		p[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return p + digits;
}

const char *
calendar_rfc3339(char buf[CALENDAR_TEXT_BYTES], int64_t unix_time)
{
	struct calendar c;
	char *p = buf;

	buf[0] = '\0';
	if (unix_time == 0)
		return buf;
	calendar_from_unix(unix_time, &c);
	p = put_digits(p, c.year, 4);
	*p++ = '-';
	p = put_digits(p, c.month, 2);
	*p++ = '-';
	p = put_digits(p, c.day, 2);
	*p++ = 'T';
	p = put_digits(p, c.hour, 2);
	*p++ = ':';
	p = put_digits(p, c.minute, 2);
	*p++ = ':';
	p = put_digits(p, c.second, 2);
	*p++ = 'Z';
	*p = '\0';
	return buf;
}
