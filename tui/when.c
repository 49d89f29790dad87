/* Words for a time to come, in local time. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/slice.h"
#include "store/case.h"
#include "tui/edit.h"

#define MAX_SPAN_S (366 * 86400)

/* "1h30m" */
static int64_t
span(const char *s)
{
	int64_t sum = 0;

	if (*s == '\0')
		return 0;
	while (*s != '\0') {
		int64_t n = 0;

		if (!ascii_isdigit(*s))
			return 0;
		while (ascii_isdigit(*s) && n < 1000000)
			n = n * 10 + (*s++ - '0');
		switch (*s == '\0' ? 0 : ascii_lower(*s++)) {
		case 'm':
			sum += n * 60;
			break;
		case 'h':
			sum += n * 3600;
			break;
		case 'd':
			sum += n * 86400;
			break;
		case 'w':
			sum += n * 7 * 86400;
			break;
		default:
			return 0;
		}
	}
	return sum <= MAX_SPAN_S ? sum : 0;
}

/* "9", "9:30", "" (9:00) */
static bool
clock_time(const char *s, struct tm *tm)
{
	int hour = 9;
	int minute = 0;
	int n = 0;

	if (*s != '\0' && sscanf(s, "%2d:%2d%n", &hour, &minute, &n) != 2) {
		minute = 0;
		if (sscanf(s, "%2d%n", &hour, &n) != 1)
			return false;
	}
	if (s[n] != '\0' || hour < 0 || hour > 23 || minute < 0 || minute > 59)
		return false;
	tm->tm_hour = hour;
	tm->tm_min = minute;
	tm->tm_sec = 0;
	tm->tm_isdst = -1;
	return true;
}

/* Days from today to the day that is named; -1 if it is none. */
static int
day_of(struct slice word, int weekday)
{
	static const char *const days[] = {
	    "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};

	if (slice_iis(word, "today"))
		return 0;
	if (slice_iis(word, "tomorrow"))
		return 1;
	for (int i = 0; i < 7 && word.n >= 3; i++) {
		if (word.n <= strlen(days[i]) && slice_ieq(word, (struct slice){days[i], word.n}))
			return (i - weekday + 6) % 7 + 1;
	}
	return -1;
}

static bool
date_and_time(const char *text, struct tm *tm)
{
	int year, month, day;
	int n = 0;

	if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &n) != 3 || n == 0)
		return false;
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	tm->tm_mday = day;
	while (text[n] == ' ' || text[n] == 'T')
		n++;
	return clock_time(text + n, tm);
}

int64_t
when_parse(const char *text, int64_t now)
{
	char word[64];
	time_t t = (time_t)now;
	struct slice all = slice_trim(slice_of(text));
	struct slice first, rest;
	struct tm tm;
	int days;

	if (all.n == 0 || all.n >= sizeof(word))
		return 0;
	memcpy(word, all.p, all.n);
	word[all.n] = '\0';
	if (span(word) > 0)
		return now + span(word);
	localtime_r(&t, &tm);
	first = slice_sub(all, 0, slice_chr(all, ' '));
	rest = slice_trim(slice_from(all, first.n));
	days = day_of(first, tm.tm_wday);
	if (days >= 0) {
		tm.tm_mday += days;
		if (!clock_time(word + (all.n - rest.n), &tm))
			return 0;
	} else if (!date_and_time(word, &tm)) {
		struct tm today = tm;

		if (strchr(word, ':') == NULL || !clock_time(word, &today))
			return 0;
		tm = today;
		if ((int64_t)mktime(&today) <= now)
			tm.tm_mday++;
	}
	t = mktime(&tm);
	return (int64_t)t > now ? (int64_t)t : 0;
}

bool
until_parse(const char *text, int64_t now, int64_t *until_r)
{
	static const char word[] = "next-bounce";
	struct slice s = slice_trim(slice_of(text));

	*until_r = CASE_UNTIL_NEXT_BOUNCE;
	if (s.n >= 4 && s.n <= strlen(word) && slice_ieq(s, (struct slice){word, s.n}))
		return true;
	*until_r = when_parse(text, now);
	return *until_r != 0;
}
