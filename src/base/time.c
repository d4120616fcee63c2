#include "base/str.h"

#include <string.h>

#include "base/buf.h"

#define MSEC ((nsec)1000000)
#define SEC NSEC_PER_SEC
#define MINUTE (60 * SEC)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static const struct unit {
	const char *name;
	nsec length;
	bool printed;         /* "w" is only read: people count in days */
} units[] = {
	{ "w", 7 * DAY, false }, { "d", DAY, true }, { "h", HOUR, true },
	{ "m", MINUTE, true }, { "s", SEC, true }, { "ms", MSEC, true },
};
#define UNITS (sizeof units / sizeof *units)

/* Reads digits; their number, 0 when there are none or too many. */
static size_t read_number(const char *s, size_t n, int64_t *out)
{
	size_t i;
	int64_t value = 0;

	for (i = 0; i < n && s[i] >= '0' && s[i] <= '9'; i++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, s[i] - '0', &value))
			return 0;
	}
	*out = value;
	return i;
}

/* The unit written at s, among those smaller than the one before. */
static size_t read_unit(const char *s, size_t n, size_t from)
{
	size_t len = 0, u;

	while (len < n && s[len] >= 'a' && s[len] <= 'z')
		len++;
	for (u = from; u < UNITS; u++) {
		if (strlen(units[u].name) == len &&
		    memcmp(units[u].name, s, len) == 0)
			return u;
	}
	return UNITS;
}

int parse_duration(const char *s, size_t n, nsec *out)
{
	nsec total = 0;
	int64_t number;
	size_t at = 0, run, u = 0;

	do {
		run = read_number(s + at, n - at, &number);
		if (run == 0)
			return -1;
		at += run;
		u = read_unit(s + at, n - at, u);
		if (u == UNITS)
			return -1;
		at += strlen(units[u].name);
		if (__builtin_mul_overflow(number, units[u].length, &number) ||
		    __builtin_add_overflow(total, number, &total))
			return -1;
		u++;
	} while (at < n);
	*out = total;
	return 0;
}

/* Exactly `width` digits. */
static int fixed(const char *s, size_t n, size_t width, int *out)
{
	int64_t value;

	if (n < width || read_number(s, width, &value) != width)
		return -1;
	*out = (int)value;
	return 0;
}

/* Days since 1970-01-01 of the Gregorian calendar, by eras of 400 years. */
static int64_t days_of_date(int year, int month, int day)
{
	int y = year - (month <= 2), era = y / 400, yoe = y - era * 400;
	int doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return (int64_t)era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy -
	    719468;
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* Every year whose nanoseconds fit into 64 bits. */
static int parse_date(const char *s, size_t n, nsec *out)
{
	int year, month, day;

	if (n < 10 || s[4] != '-' || s[7] != '-' ||
	    fixed(s, 4, 4, &year) < 0 || fixed(s + 5, 2, 2, &month) < 0 ||
	    fixed(s + 8, 2, 2, &day) < 0)
		return -1;
	if (year < 1678 || year > 2261 || month < 1 || month > 12 ||
	    day < 1 || day > days_in_month(year, month))
		return -1;
	*out = days_of_date(year, month, day) * DAY;
	return 0;
}

/* "hh:mm" or "hh:mm:ss[.fraction]". Returns its length, or 0. */
static size_t parse_clock(const char *s, size_t n, nsec *out)
{
	int hour, minute, second = 0;
	nsec fraction = 0, unit = SEC;
	size_t at = 5;

	if (n < 5 || s[2] != ':' || fixed(s, 2, 2, &hour) < 0 ||
	    fixed(s + 3, 2, 2, &minute) < 0)
		return 0;
	if (at < n && s[at] == ':') {
		if (fixed(s + 6, n - 6, 2, &second) < 0)
			return 0;
		at = 8;
		if (at < n && (s[at] == '.' || s[at] == ',')) {
			for (at++; at < n && s[at] >= '0' && s[at] <= '9'; at++)
				fraction += (unit /= 10) * (s[at] - '0');
			if (unit == SEC)
				return 0;
		}
	}
	if (hour > 23 || minute > 59 || second > 59)
		return 0;
	*out = hour * HOUR + minute * MINUTE + second * SEC + fraction;
	return at;
}

/* "Z", "+02", "+0200" or "+02:00", all of s. */
static int parse_offset(const char *s, size_t n, nsec *out)
{
	int hour, minute = 0;

	if (n == 1 && (s[0] == 'Z' || s[0] == 'z')) {
		*out = 0;
		return 0;
	}
	if (n < 3 || (s[0] != '+' && s[0] != '-') ||
	    fixed(s + 1, 2, 2, &hour) < 0)
		return -1;
	if (n == 5 ? fixed(s + 3, 2, 2, &minute) < 0 :
	    n == 6 ? s[3] != ':' || fixed(s + 4, 2, 2, &minute) < 0 : n != 3)
		return -1;
	if (hour > 23 || minute > 59)
		return -1;
	*out = (s[0] == '-' ? -1 : 1) * (hour * HOUR + minute * MINUTE);
	return 0;
}

int parse_time(const char *s, size_t n, nsec *out)
{
	nsec date, clock, offset;
	size_t at = 11, len;

	if (n < at || parse_date(s, n, &date) < 0 ||
	    !strchr("Tt ", s[10]) || s[10] == '\0')
		return -1;
	len = parse_clock(s + at, n - at, &clock);
	if (len == 0)
		return -1;
	at += len;
	if (at + 1 < n && s[at] == ' ')
		at++;
	if (parse_offset(s + at, n - at, &offset) < 0)
		return -1;
	*out = date + clock - offset;
	return 0;
}

void format_duration(struct buf *out, nsec d)
{
	size_t u, before;

	if (d < 0) {
		buf_addc(out, '-');
		d = d == INT64_MIN ? INT64_MAX : -d;
	}
	before = out->len;
	for (u = 0; u < UNITS; u++) {
		if (!units[u].printed || d < units[u].length)
			continue;
		buf_addf(out, "%lld%s", (long long)(d / units[u].length),
		    units[u].name);
		d %= units[u].length;
	}
	if (out->len == before)
		buf_adds(out, "0s");
}

void format_elapsed(struct buf *out, nsec d)
{
	long long s;

	if (d < 0) {
		buf_addc(out, '-');
		d = d == INT64_MIN ? INT64_MAX : -d;
	}
	s = d / SEC;
	if (d >= DAY)
		buf_addf(out, "%lldd %lldh", s / 86400, s % 86400 / 3600);
	else if (d >= HOUR)
		buf_addf(out, "%lldh %lldm", s / 3600, s % 3600 / 60);
	else if (d >= MINUTE)
		buf_addf(out, "%lldm %llds", s / 60, s % 60);
	else
		buf_addf(out, "%lld.%ds", s, (int)(d % SEC / (SEC / 10)));
}

/* The inverse of days_of_date. */
static void date_of_days(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468, era = z / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = (int)(yoe + era * 400 + (*month <= 2));
}

static nsec add_date_and_clock(struct buf *out, nsec wall)
{
	int64_t days = wall / DAY - (wall % DAY < 0);
	nsec rest = wall - days * DAY;
	int year, month, day;

	date_of_days(days, &year, &month, &day);
	buf_addf(out, "%04d-%02d-%02dT%02d:%02d:%02d", year, month, day,
	    (int)(rest / HOUR), (int)(rest % HOUR / MINUTE),
	    (int)(rest % MINUTE / SEC));
	return rest % SEC;
}

void format_time(struct buf *out, nsec wall)
{
	add_date_and_clock(out, wall);
	buf_addc(out, 'Z');
}

void format_time_us(struct buf *out, nsec wall)
{
	nsec rest = add_date_and_clock(out, wall);

	buf_addf(out, ".%06dZ", (int)(rest / 1000));
}
