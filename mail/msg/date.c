#include "msg/date.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/calendar.h"

/* What is seen in mail, and what is read of it. Words in parentheses are comments.
 *
 *   [Fri,] 20 Nov 2026 10:14[:00] [+0100 | GMT | EST | A]      RFC 5322, RFC 822
 *   Fri Nov 20 10:14:00 [CET] 2026                             asctime, mbox
 *   [Friday,] November 20, 2026 10:14:00 PM                    some Windows systems
 *   2026-11-20[T ]10:14[:00[.5]][Z | +01:00]                   RFC 3339
 *
 * So: tokens in any order. A month has letters, a time has colons, a zone has a
 * sign or a known name; a year is what has four digits or comes after the day. */

struct reading {
	struct calendar when;
	int zone; /* minutes */
	bool has_day;
	bool has_year;
	bool has_time;
	bool has_zone;
	bool is_bad;
};

/* RFC 822 5, and names that people's mail systems write. Unknown names count as
 * -0000 (RFC 5322 4.3). */
static const struct zone {
	const char *name;
	int minutes;
} zones[] = {
    {"ut", 0},
    {"utc", 0},
    {"gmt", 0},
    {"z", 0},
    {"wet", 0},
    {"est", -300},
    {"edt", -240},
    {"cst", -360},
    {"cdt", -300},
    {"mst", -420},
    {"mdt", -360},
    {"pst", -480},
    {"pdt", -420},
    {"akst", -540},
    {"akdt", -480},
    {"hst", -600},
    {"bst", 60},
    {"west", 60},
    {"cet", 60},
    {"met", 60},
    {"mez", 60},
    {"cest", 120},
    {"mest", 120},
    {"mesz", 120},
    {"eet", 120},
    {"sast", 120},
    {"eest", 180},
    {"msk", 180},
    {"ist", 330},
    {"pkt", 300},
    {"hkt", 480},
    {"sgt", 480},
    {"awst", 480},
    {"jst", 540},
    {"kst", 540},
    {"aest", 600},
    {"aedt", 660},
    {"nzst", 720},
    {"nzdt", 780},
};

static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";

static int
month_of(struct slice word)
{
	char low[3];

	if (word.n < 3)
		return 0;
	for (size_t i = 0; i < 3; i++)
		low[i] = ascii_lower(word.p[i]);
	for (int i = 0; i < 12; i++) {
		if (memcmp(low, months + (size_t)i * 3, 3) == 0)
			return i + 1;
	}
	return 0;
}

/* Takes up to `max` digits off s. -1 if there is none. */
static int
take_int(struct slice *s, size_t max)
{
	int value = 0;
	size_t n = 0;

	while (n < max && n < s->n && ascii_isdigit(s->p[n]))
		value = value * 10 + (s->p[n++] - '0');
	*s = slice_from(*s, n);
	return n == 0 ? -1 : value;
}

static bool
take_char(struct slice *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = slice_from(*s, 1);
	return true;
}

static void
set_year(struct reading *r, int year, size_t digits)
{
	/* RFC 5322 4.3 */
	if (digits == 2)
		year += year < 50 ? 2000 : 1900;
	else if (digits == 3)
		year += 1900;
	r->when.year = year;
	r->has_year = true;
}

static void
read_word(struct reading *r, struct slice word)
{
	int month = month_of(word);

	if (month != 0 && r->when.month == 0) {
		r->when.month = month;
		return;
	}
	if ((slice_iis(word, "pm") || slice_iis(word, "am")) && r->has_time) {
		bool is_pm = ascii_lower(word.p[0]) == 'p';

		if (r->when.hour == 12)
			r->when.hour = 0;
		if (is_pm && r->when.hour < 12)
			r->when.hour += 12;
		return;
	}
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]) && !r->has_zone; i++) {
		if (slice_iis(word, zones[i].name)) {
			r->zone = zones[i].minutes;
			r->has_zone = true;
		}
	}
}

/* hour ":" minute [":" second ["." fraction]]; some write "-" for ":". */
static void
read_time(struct reading *r, int hour, struct slice *s)
{
	char colon = s->p[0];

	r->when.hour = hour;
	take_char(s, colon);
	r->when.minute = take_int(s, 2);
	if (take_char(s, colon))
		r->when.second = take_int(s, 2);
	if (take_char(s, '.') || take_char(s, ','))
		while (take_int(s, 9) >= 0)
			continue;
	r->has_time = true;
	r->is_bad = r->is_bad || r->when.minute < 0 || r->when.second < 0;
}

/* sign hour [":"] minute */
static void
read_zone(struct reading *r, struct slice *s)
{
	int sign = s->p[0] == '-' ? -1 : 1;
	int hours;
	int minutes;

	*s = slice_from(*s, 1);
	hours = take_int(s, 2);
	take_char(s, ':');
	minutes = take_int(s, 2);
	if (hours < 0 || hours > 24 || minutes > 59 || r->has_zone)
		return;
	r->zone = sign * (hours * 60 + (minutes < 0 ? 0 : minutes));
	r->has_zone = true;
}

/* year "-" month "-" day, as in ISO 8601; day "-" month "-" year, as in Europe,
 * where the month may be a word. */
static void
read_dashed(struct reading *r, int first, size_t digits, struct slice *s)
{
	int last;
	size_t left;

	take_char(s, '-');
	if (s->n > 0 && ascii_isalpha(s->p[0])) {
		r->when.month = month_of(*s);
		while (s->n > 0 && ascii_isalpha(s->p[0]))
			*s = slice_from(*s, 1);
	} else {
		r->when.month = take_int(s, 2);
	}
	if (!take_char(s, '-'))
		r->is_bad = true;
	left = s->n;
	last = take_int(s, 4);
	if (digits == 4) {
		set_year(r, first, digits);
		r->when.day = last;
	} else {
		r->when.day = first;
		set_year(r, last, left - s->n);
	}
	r->has_day = true;
}

static void
read_number(struct reading *r, struct slice *s)
{
	size_t left = s->n;
	int value = take_int(s, 4);
	size_t digits = left - s->n;
	char next = s->n > 0 ? s->p[0] : ' ';

	if (ascii_isdigit(next))
		r->is_bad = true;
	else if (next == ':' && !r->has_time)
		read_time(r, value, s);
	else if (next == '-' && s->n > 1 && s->p[1] != '-' && !r->has_day)
		read_dashed(r, value, digits, s);
	else if (next == '-' && s->n > 1 && r->has_year && !r->has_time)
		read_time(r, value, s);
	else if ((digits <= 2 || (digits == 3 && value <= 31)) && !r->has_day) {
		r->when.day = value;
		r->has_day = true;
	} else if (!r->has_year && digits >= 2)
		set_year(r, value, digits);
}

/* Comments nest, and may be left open. */
static void
skip_comment(struct slice *s)
{
	unsigned depth = 0;
	size_t i = 0;

	for (; i < s->n; i++) {
		if (s->p[i] == '(')
			depth++;
		else if (s->p[i] == '\\')
			i++;
		else if (s->p[i] == ')' && --depth == 0)
			break;
	}
	*s = slice_from(*s, i + 1);
}

static void
read_token(struct reading *r, struct slice *s)
{
	char c = s->p[0];
	size_t n = 0;

	if (ascii_isdigit(c)) {
		read_number(r, s);
	} else if (ascii_isalpha(c)) {
		while (n < s->n && ascii_isalpha(s->p[n]))
			n++;
		/* GMT+0200: the number says more than the name. */
		if (n + 1 >= s->n || (s->p[n] != '+' && s->p[n] != '-') ||
		    !ascii_isdigit(s->p[n + 1]))
			read_word(r, slice_sub(*s, 0, n));
		*s = slice_from(*s, n);
	} else if ((c == '+' || c == '-') && r->has_time) {
		read_zone(r, s);
	} else if (c == '(') {
		skip_comment(s);
	} else {
		*s = slice_from(*s, 1);
	}
}

static bool
is_complete(const struct reading *r)
{
	return r->has_day && r->when.month != 0 && r->has_year && r->has_time && r->has_zone;
}

static bool
is_possible(const struct reading *r)
{
	const struct calendar *w = &r->when;

	if (r->is_bad || !r->has_day || !r->has_year)
		return false;
	return w->year >= 1970 && w->year <= 9999 && w->day >= 1 &&
	    w->day <= calendar_days_in_month(w->year, w->month) && w->hour >= 0 && w->hour <= 24 &&
	    w->minute <= 59 && w->second <= 60;
}

/* Two digits, or one and a blank or colon behind it. */
static bool
take_two(const char **p, int *value)
{
	const char *q = *p;

	if (!ascii_isdigit(q[0]))
		return false;
	*value = q[0] - '0';
	if (ascii_isdigit(q[1]))
		*value = *value * 10 + (*++q - '0');
	*p = q + 1;
	return true;
}

/* "Fri, 20 Nov 2026 10:14:00 +0100", as nearly all mail systems write it; false
 * for any other form, which is read token by token. */
static bool
read_usual(struct reading *r, struct slice s)
{
	const char *p = s.p + 5;
	unsigned month = 0;

	if (s.n < 30 || s.p[3] != ',' || s.p[4] != ' ' || !ascii_isalpha(s.p[0]) ||
	    month_of(slice_sub(s, 0, 3)) != 0 || !take_two(&p, &r->when.day) || *p++ != ' ')
		return false;
	month = (unsigned)month_of((struct slice){p, 3});
	p += 3;
	if (month == 0 || *p++ != ' ')
		return false;
	r->when.month = (int)month;
	for (int i = 0; i < 4; i++, p++) {
		if (!ascii_isdigit(*p))
			return false;
		r->when.year = r->when.year * 10 + (*p - '0');
	}
	if (p[0] != ' ' || p[3] != ':' || p[6] != ':' || p[9] != ' ' || s.p + s.n - p < 15)
		return false;
	if ((p[10] != '+' && p[10] != '-'))
		return false;
	for (int i = 1; i < 15; i++) {
		if (i != 3 && i != 6 && i != 9 && i != 10 && !ascii_isdigit(p[i]))
			return false;
	}
	if (s.p + s.n - p > 15 && ascii_isdigit(p[15]))
		return false;
	r->when.hour = (p[1] - '0') * 10 + (p[2] - '0');
	r->when.minute = (p[4] - '0') * 10 + (p[5] - '0');
	r->when.second = (p[7] - '0') * 10 + (p[8] - '0');
	r->zone = ((p[11] - '0') * 10 + (p[12] - '0')) * 60 + (p[13] - '0') * 10 + (p[14] - '0');
	if (r->zone > 24 * 60 || p[13] > '5')
		return false;
	r->zone = p[10] == '-' ? -r->zone : r->zone;
	r->has_day = r->has_year = r->has_time = r->has_zone = true;
	return true;
}

/* No date is longer; what follows in a line may be anything. */
#define MAX_BYTES 200

bool
date_read(struct slice text, int64_t *unix_time, int *zone_minutes)
{
	struct reading r = {0};
	int64_t t;

	text = slice_sub(slice_trim(text), 0, MAX_BYTES);
	if (!read_usual(&r, text))
		r = (struct reading){0};
	while (text.n > 0 && !is_complete(&r))
		read_token(&r, &text);
	*unix_time = 0;
	if (zone_minutes != NULL)
		*zone_minutes = 0;
	if (!is_possible(&r))
		return false;
	t = calendar_to_unix(&r.when) - (int64_t)r.zone * 60;
	if (t <= 0 || t > CALENDAR_MAX)
		return false;
	*unix_time = t;
	if (zone_minutes != NULL)
		*zone_minutes = r.zone;
	return true;
}

const char *
date_rfc3339(char buf[DATE_TEXT_BYTES], int64_t unix_time)
{
	return calendar_rfc3339(buf, unix_time);
}

const char *
date_rfc5322(char buf[DATE_TEXT_BYTES], int64_t unix_time, int zone_minutes)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int distance = abs(zone_minutes);
	struct calendar c;

	if (distance >= 24 * 60)
		zone_minutes = distance = 0;
	calendar_from_unix(unix_time + (int64_t)zone_minutes * 60, &c);
	snprintf(buf, DATE_TEXT_BYTES, "%.3s, %02d %.3s %04d %02d:%02d:%02d %c%02d%02d",
	    days + (size_t)c.weekday * 3, c.day, names + (size_t)(c.month - 1) * 3, c.year, c.hour,
	    c.minute, c.second, zone_minutes < 0 ? '-' : '+', distance / 60, distance % 60);
	return buf;
}

int
date_local_zone(int64_t unix_time)
{
	time_t t = (time_t)unix_time;
	struct tm tm;

	return localtime_r(&t, &tm) == NULL ? 0 : (int)(tm.tm_gmtoff / 60);
}
