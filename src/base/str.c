#include "base/str.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define NUMBER_MAX 400      /* longer than any double written out in full */
#define WORD_MAX 64         /* longer words are nobody's typing error */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t digits(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && is_digit(s[i]))
		i++;
	return i;
}

int parse_int(const char *s, size_t n, int64_t *out)
{
	bool minus = n && s[0] == '-';
	size_t at = minus;
	int64_t value = 0;

	if (at == n || digits(s + at, n - at) != n - at)
		return -1;
	if (s[at] == '0' && n - at > 1)
		return -1;
	for (; at < n; at++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, s[at] - '0', &value))
			return -1;
	}
	if (!minus && value == INT64_MIN)
		return -1;
	*out = minus ? value : -value;
	return 0;
}

/* [-] digits [. digits] [e [+-] digits], without a useless leading 0. */
static bool is_real(const char *s, size_t n)
{
	size_t at = n && s[0] == '-', run = digits(s + at, n - at);

	if (run == 0 || (run > 1 && s[at] == '0'))
		return false;
	at += run;
	if (at < n && s[at] == '.') {
		run = digits(s + at + 1, n - at - 1);
		if (run == 0)
			return false;
		at += 1 + run;
	}
	if (at < n && (s[at] == 'e' || s[at] == 'E')) {
		at++;
		at += at < n && (s[at] == '+' || s[at] == '-');
		run = digits(s + at, n - at);
		if (run == 0)
			return false;
		at += run;
	}
	return at == n;
}

int parse_real(const char *s, size_t n, double *out)
{
	char text[NUMBER_MAX];
	double value;

	if (n >= sizeof text || !is_real(s, n))
		return -1;
	memcpy(text, s, n);
	text[n] = '\0';
	value = strtod(text, NULL);
	if (!isfinite(value))
		return -1;
	*out = value;
	return 0;
}

static const struct unit {
	const char *name;
	int64_t bytes;
} size_units[] = {
	{ "TiB", (int64_t)1 << 40 }, { "GiB", (int64_t)1 << 30 },
	{ "MiB", (int64_t)1 << 20 }, { "KiB", (int64_t)1 << 10 },
	{ "TB", 1000000000000 }, { "GB", 1000000000 }, { "MB", 1000000 },
	{ "kB", 1000 }, { "B", 1 }, { "", 1 },
};
#define BINARY_UNITS 4

static int64_t size_unit(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < sizeof size_units / sizeof *size_units; i++) {
		if (strlen(size_units[i].name) == n &&
		    memcmp(size_units[i].name, s, n) == 0)
			return size_units[i].bytes;
	}
	return 0;
}

int parse_size(const char *s, size_t n, int64_t *out)
{
	size_t whole = digits(s, n), at = whole;
	int64_t value, unit;
	double real;

	if (at < n && s[at] == '.')
		at += 1 + digits(s + at + 1, n - at - 1);
	if (parse_real(s, at, &real) < 0)
		return -1;
	unit = size_unit(s + at, n - at);
	if (unit == 0 && at + 1 < n && s[at] == ' ')
		unit = size_unit(s + at + 1, n - at - 1);
	if (unit == 0)
		return -1;
	if (at == whole) {
		if (parse_int(s, whole, &value) < 0 ||
		    __builtin_mul_overflow(value, unit, &value))
			return -1;
	} else {
		if (unit == 1 || real * (double)unit >= 9.2e18)
			return -1;
		value = (int64_t)(real * (double)unit + 0.5);
	}
	*out = value;
	return 0;
}

void format_size(struct buf *out, int64_t bytes)
{
	const struct unit *u;

	for (u = size_units; u < size_units + BINARY_UNITS; u++) {
		if (bytes < u->bytes && bytes > -u->bytes)
			continue;
		if (bytes % u->bytes == 0)
			buf_addf(out, "%lld %s", (long long)(bytes / u->bytes),
			    u->name);
		else
			buf_addf(out, "%.1f %s",
			    (double)bytes / (double)u->bytes, u->name);
		return;
	}
	buf_addf(out, "%lld B", (long long)bytes);
}

void format_real(struct buf *out, double d)
{
	char text[64];
	int precision;

	for (precision = 15; precision <= 17; precision++) {
		snprintf(text, sizeof text, "%.*g", precision, d);
		if (strtod(text, NULL) == d)
			break;
	}
	buf_adds(out, text);
}

bool str_eq(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	return strcmp(a, b) == 0;
}

bool str_has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_has_suffix(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return m <= n && memcmp(s + n - m, suffix, m) == 0;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edit distance, where a swap of neighbours is one edit. */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t rows[3][WORD_MAX + 1], i, j, cost;
	size_t *last = rows[0], *row = rows[1], *before = rows[2], *spare;

	for (j = 0; j <= m; j++)
		last[j] = j;
	memcpy(before, last, sizeof rows[0]);
	for (i = 1; i <= n; i++) {
		row[0] = i;
		for (j = 1; j <= m; j++) {
			cost = last[j - 1] + (a[i - 1] != b[j - 1]);
			cost = least(cost, least(last[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				cost = least(cost, before[j - 2] + 1);
			row[j] = cost;
		}
		spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[m];
}

const char *str_nearest(const char *word, const char *const *candidates,
    size_t n)
{
	size_t len = strlen(word), best = 3, i, m, d;
	const char *found = NULL;

	if (len > WORD_MAX)
		return NULL;
	for (i = 0; i < n; i++) {
		m = strlen(candidates[i]);
		if (m > WORD_MAX || m > len + 2 || len > m + 2)
			continue;
		d = distance(word, len, candidates[i], m);
		if (d < best && 2 * d < len) {
			best = d;
			found = candidates[i];
		}
	}
	return found;
}
