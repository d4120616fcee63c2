#include "base_test.h"

#include <math.h>

#include "base/buf.h"
#include "base/str.h"

#define S NSEC_PER_SEC
#define DAY (86400 * S)
#define REFUSED INT64_MIN          /* no row has this value */

struct row {
	const char *text;
	int64_t value;
};

static void check_rows(const struct row *rows, size_t n,
    int (*parse)(const char *s, size_t n, int64_t *out))
{
	int64_t value;
	size_t i;
	int result;

	for (i = 0; i < n; i++) {
		value = 4711;
		result = parse(rows[i].text, strlen(rows[i].text), &value);
		if (rows[i].value == REFUSED ? result != -1 || value != 4711 :
		    result != 0 || value != rows[i].value)
			fail_msg("'%s': %d, %lld", rows[i].text, result,
			    (long long)value);
	}
}

static void integers(void **state)
{
	static const struct row rows[] = {
		{ "0", 0 }, { "-0", 0 }, { "7", 7 }, { "-12", -12 },
		{ "9223372036854775807", INT64_MAX },
		{ "9223372036854775808", REFUSED },
		{ "-9223372036854775807", -INT64_MAX },
		{ "-9223372036854775809", REFUSED },
		{ "", REFUSED }, { "-", REFUSED }, { "+1", REFUSED },
		{ "0123", REFUSED }, { "00", REFUSED }, { "-01", REFUSED },
		{ " 1", REFUSED }, { "1 ", REFUSED }, { "1\n", REFUSED },
		{ "0x1f", REFUSED }, { "1_000", REFUSED }, { "1.0", REFUSED },
		{ "1e3", REFUSED }, { "99999999999999999999999", REFUSED },
	};
	int64_t value = 1;

	(void)state;
	check_rows(rows, COUNT(rows), parse_int);
	assert_int_equal(parse_int("12x", 2, &value), 0);
	assert_int_equal(value, 12);
	assert_int_equal(parse_int("-9223372036854775808", 20, &value), 0);
	assert_true(value == INT64_MIN);
}

static void reals(void **state)
{
	static const struct { const char *text; double value; } good[] = {
		{ "0", 0 }, { "1.5", 1.5 }, { "-2", -2 }, { "1e3", 1000 },
		{ "1.25E-2", 0.0125 }, { "-0.0", -0.0 }, { "2e+2", 200 },
		{ "1.7976931348623157e308", 1.7976931348623157e308 },
		{ "1e-400", 0 },
	};
	static const char *const bad[] = { "", "-", ".5", "5.", "1e", "1e+",
		"01", "0x1p3", "inf", "nan", "-inf", "1e999", "1,5", " 1",
		"1 ", "1.5.2", "+1", "1e1.5" };
	double value;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(good); i++) {
		assert_int_equal(parse_real(good[i].text,
		    strlen(good[i].text), &value), 0);
		assert_true(value == good[i].value);
	}
	for (i = 0; i < COUNT(bad); i++) {
		value = 42;
		assert_int_equal(parse_real(bad[i], strlen(bad[i]), &value),
		    -1);
		assert_true(value == 42);
	}
}

static void reals_are_printed_short_and_read_back(void **state)
{
	static const double values[] = { 0, 1, -1.5, 0.1, 1.0 / 3, 1e100,
		123456789.125, 5e-324, 1.7976931348623157e308, 0.1 + 0.2 };
	struct buf b = BUF_INIT(100);
	double back;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(values); i++) {
		buf_reset(&b);
		format_real(&b, values[i]);
		assert_int_equal(parse_real(b.data, b.len, &back), 0);
		assert_true(back == values[i]);
	}
	buf_reset(&b);
	format_real(&b, 0.1);
	assert_string_equal(b.data, "0.1");
	buf_free(&b);
}

static void durations(void **state)
{
	static const struct row rows[] = {
		{ "0s", 0 }, { "90s", 90 * S }, { "1h30m", 5400 * S },
		{ "14d", 14 * DAY }, { "2w", 14 * DAY },
		{ "300ms", 3 * S / 10 },
		{ "1w2d3h4m5s6ms", 9 * DAY + 11045 * S + 6 * S / 1000 },
		{ "5m", 300 * S }, { "0090s", 90 * S },
		{ "", REFUSED }, { "90", REFUSED }, { "s", REFUSED },
		{ "30m1h", REFUSED }, { "1h1h", REFUSED }, { "1s1m", REFUSED },
		{ "-5s", REFUSED }, { "1.5h", REFUSED }, { "5 m", REFUSED },
		{ "5S", REFUSED }, { "5s ", REFUSED }, { "1h30", REFUSED },
		{ "5min", REFUSED }, { "5y", REFUSED }, { "5us", REFUSED },
		{ "99999999999w", REFUSED }, { "15251w", REFUSED },
		{ "99999999999999999999s", REFUSED },
	};

	(void)state;
	check_rows(rows, COUNT(rows), parse_duration);
}

static void sizes(void **state)
{
	static const struct row rows[] = {
		{ "512", 512 }, { "0", 0 }, { "5 MB", 5000000 },
		{ "20 GiB", (int64_t)20 << 30 }, { "1kB", 1000 },
		{ "1 KiB", 1024 }, { "7 B", 7 }, { "1.5 KiB", 1536 },
		{ "2 TiB", (int64_t)2 << 40 }, { "1.5 GB", 1500000000 },
		{ "", REFUSED }, { "MB", REFUSED }, { "5 mb", REFUSED },
		{ "5 KB", REFUSED }, { "5  MB", REFUSED }, { "-5 MB", REFUSED },
		{ "5 ", REFUSED }, { "05 MB", REFUSED }, { "1.5", REFUSED },
		{ "1.5 B", REFUSED }, { "5M", REFUSED }, { ". MB", REFUSED },
		{ "9999999999 TiB", REFUSED }, { "9999999999.5 TiB", REFUSED },
	};

	(void)state;
	check_rows(rows, COUNT(rows), parse_size);
}

static void times(void **state)
{
	const nsec t = 1795482123 * S;      /* 2026-11-24T01:02:03Z */
	const struct row rows[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2026-11-24T01:02:03Z", t }, { "2026-11-24 01:02:03Z", t },
		{ "2026-11-24t01:02:03z", t },
		{ "2026-11-24T02:02:03+01:00", t },
		{ "2026-11-24T02:02:03+0100", t },
		{ "2026-11-24 02:02:03+01", t },
		{ "2026-11-24 02:02:03 +0100", t },
		{ "2026-11-23T20:32:03-04:30", t },
		{ "2026-11-24T01:02:03.123456Z", t + 123456000 },
		{ "2026-11-24T01:02:03,5Z", t + S / 2 },
		{ "2026-11-24T01:02:03.1234567891Z", t + 123456789 },
		{ "2026-11-24T01:02Z", t - 3 * S },
		{ "2024-02-29T00:00:00Z", 1709164800 * S },
		{ "1969-12-31T23:59:59Z", -S },
		{ "2026-11-24T01:02:03", REFUSED },      /* where? */
		{ "2026-11-24", REFUSED }, { "", REFUSED },
		{ "2023-02-29T00:00:00Z", REFUSED },
		{ "1900-02-29T00:00:00Z", REFUSED },
		{ "2026-13-01T00:00:00Z", REFUSED },
		{ "2026-00-01T00:00:00Z", REFUSED },
		{ "2026-01-32T00:00:00Z", REFUSED },
		{ "2026-01-00T00:00:00Z", REFUSED },
		{ "2026-01-01T24:00:00Z", REFUSED },
		{ "2026-01-01T00:60:00Z", REFUSED },
		{ "2026-01-01T00:00:60Z", REFUSED },
		{ "2026-01-01T00:00:00.Z", REFUSED },
		{ "2026-01-01T00:00:0Z", REFUSED },
		{ "2026-01-01T00:00:00Zx", REFUSED },
		{ "2026-01-01T00:00:00+1", REFUSED },
		{ "2026-01-01T00:00:00+24:00", REFUSED },
		{ "2026-01-01T00:00:00+01:60", REFUSED },
		{ "2026-01-01  00:00:00Z", REFUSED },
		{ "26-01-01T00:00:00Z", REFUSED },
		{ "2300-01-01T00:00:00Z", REFUSED },
		{ "1600-01-01T00:00:00Z", REFUSED },
		{ "2026-01-01T+1:00:00Z", REFUSED },
	};

	(void)state;
	check_rows(rows, COUNT(rows), parse_time);
}

struct print {
	void (*format)(struct buf *out, int64_t value);
	int64_t value;
	const char *text;
};

static void printing(void **state)
{
	static const struct print rows[] = {
		{ format_duration, 0, "0s" },
		{ format_duration, 5400 * S, "1h30m" },
		{ format_duration, 90 * S, "1m30s" },
		{ format_duration, S / 4, "250ms" },
		{ format_duration, 14 * DAY, "14d" },
		{ format_duration, -60 * S, "-1m" },
		{ format_duration, 999999, "0s" },
		{ format_elapsed, 0, "0.0s" },
		{ format_elapsed, 12345 * S / 1000, "12.3s" },
		{ format_elapsed, 59999 * S / 1000, "59.9s" },
		{ format_elapsed, 61 * S, "1m 1s" },
		{ format_elapsed, 5400 * S, "1h 30m" },
		{ format_elapsed, 100 * 3600 * S, "4d 4h" },
		{ format_elapsed, -2 * S, "-2.0s" },
		{ format_time, 0, "1970-01-01T00:00:00Z" },
		{ format_time, -1, "1969-12-31T23:59:59Z" },
		{ format_time, 951782400 * S, "2000-02-29T00:00:00Z" },
		{ format_time_us, 1795482123 * S + 123456789,
		    "2026-11-24T01:02:03.123456Z" },
		{ format_time_us, -1000, "1969-12-31T23:59:59.999999Z" },
		{ format_size, 0, "0 B" }, { format_size, 1023, "1023 B" },
		{ format_size, 1024, "1 KiB" },
		{ format_size, 1610612736, "1.5 GiB" },
		{ format_size, INT64_MAX, "8388608.0 TiB" },
	};
	struct buf b = BUF_INIT(100);
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		buf_reset(&b);
		rows[i].format(&b, rows[i].value);
		assert_string_equal(b.data, rows[i].text);
	}
	buf_free(&b);
}

static void every_day_is_read_as_it_is_printed(void **state)
{
	struct buf b = BUF_INIT(100);
	nsec t, back;

	(void)state;
	for (t = -106000 * DAY; t < 106000 * DAY; t += 7 * DAY + 12345 * S) {
		buf_reset(&b);
		format_time(&b, t);
		assert_int_equal(parse_time(b.data, b.len, &back), 0);
		assert_true(back == t);
	}
	buf_free(&b);
}

static void comparing(void **state)
{
	(void)state;
	assert_true(str_eq(NULL, NULL));
	assert_false(str_eq(NULL, ""));
	assert_false(str_eq("", NULL));
	assert_true(str_eq("a", "a"));
	assert_true(str_has_prefix("abc", "ab"));
	assert_true(str_has_prefix("abc", ""));
	assert_false(str_has_prefix("a", "ab"));
	assert_true(str_has_suffix("abc", "bc"));
	assert_true(str_has_suffix("abc", ""));
	assert_false(str_has_suffix("c", "bc"));
}

static void nearest_word(void **state)
{
	static const char *const words[] = { "require", "verify", "title",
		"host", "hosts", "as", "id" };
	static const struct { const char *word, *found; } rows[] = {
		{ "requir", "require" }, { "reqiure", "require" },
		{ "verfiy", "verify" }, { "tilte", "title" },
		{ "hots", "host" }, { "hsots", "hosts" }, { "host", "host" },
		{ "xyz", NULL }, { "a", NULL }, { "", NULL }, { "sa", NULL },
		{ "rquiree", "require" }, { "reuir", "require" },
		{ "euir", NULL },
		{ "a-word-that-is-much-longer-than-sixty-four-bytes-and-nobody"
		  "-typed-it-by-mistake", NULL },
	};
	const char *found;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		found = str_nearest(rows[i].word, words, COUNT(words));
		if (!str_eq(found, rows[i].found))
			fail_msg("%s: %s", rows[i].word,
			    found ? found : "nothing");
	}
	assert_null(str_nearest("require", NULL, 0));
}

static void utf8(void **state)
{
	static const struct { const char *text; size_t valid; } rows[] = {
		{ "", 0 }, { "abc", 3 }, { "\xc3\xbc", 2 }, { "\xc3", 0 },
		{ "a\xc0\xaf", 1 },                  /* overlong */
		{ "\xe0\x80\x80", 0 }, { "\xf0\x80\x80\x80", 0 },
		{ "\xed\xa0\x80", 0 },               /* a surrogate */
		{ "\xed\x9f\xbf", 3 }, { "\xf4\x8f\xbf\xbf", 4 },
		{ "\xf4\x90\x80\x80", 0 },           /* beyond U+10FFFF */
		{ "12345678\x80", 8 }, { "1234567\xe2\x82\xac" "89", 12 },
		{ "\xff", 0 }, { "\xe2\x82", 0 }, { "\xe2\x28\xa1", 0 },
		{ "\xf0\x9f\x98\x80x", 5 }, { "\xf0\x9f\x98", 0 },
	};
	size_t i, n;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		n = strlen(rows[i].text);
		assert_int_equal(utf8_valid_prefix(rows[i].text, n),
		    rows[i].valid);
		assert_int_equal(utf8_valid(rows[i].text, n),
		    n == rows[i].valid);
	}
	assert_int_equal(utf8_count("a\xc3\xbc\xff" "b", 5), 4);
	assert_int_equal(utf8_skip("a\xc3\xbc" "b", 4, 2), 3);
	assert_int_equal(utf8_skip("ab", 2, 9), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers),
		cmocka_unit_test(reals),
		cmocka_unit_test(reals_are_printed_short_and_read_back),
		cmocka_unit_test(durations),
		cmocka_unit_test(sizes),
		cmocka_unit_test(times),
		cmocka_unit_test(printing),
		cmocka_unit_test(every_day_is_read_as_it_is_printed),
		cmocka_unit_test(comparing),
		cmocka_unit_test(nearest_word),
		cmocka_unit_test(utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
