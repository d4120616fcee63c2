/* Values: order, equality, marks, text, JSON and records. */
#include "book_expr_help.h"

#include "book/base64.h"

static struct value
text(const char *s)
{
	return value_static(s);
}

static struct value
list_of(struct arena *a, struct value x, struct value y)
{
	struct value_list l = { .arena = a };

	value_list_add(&l, x);
	value_list_add(&l, y);
	return value_list_done(&l);
}

static struct value
map_of(struct arena *a, const char *key, struct value v)
{
	struct value_map m = { .arena = a };

	put(&m, key, v);
	return value_map_done(&m);
}

static void
test_names_of_types(void **state)
{
	(void)state;
	assert_string_equal(value_type_name(VALUE_NULL), "null");
	assert_string_equal(value_type_name(VALUE_INT), "an int");
	assert_string_equal(value_type_name(VALUE_UNKNOWN), "unknown");
}

static void
test_order(void **state)
{
	(void)state;
	assert_true(value_order(value_int(1), value_int(2)) < 0);
	assert_true(value_order(value_int(INT64_MAX),
	    value_real(9223372036854775807.0)) < 0);
	assert_true(value_order(value_real(9223372036854775807.0),
	    value_int(INT64_MAX)) > 0);
	assert_true(value_order(value_int(INT64_MIN),
	    value_real(-9223372036854775808.0)) == 0);
	assert_true(value_order(value_int(-1), value_real(-1.5)) > 0);
	assert_true(value_order(value_real(-1.5), value_int(-1)) < 0);
	assert_true(value_order(value_of(VALUE_SIZE, 5), value_real(5)) == 0);
	assert_true(value_order(text("a"), text("ab")) < 0);
	assert_true(value_order(text("\x80"), text("a")) > 0);
	assert_true(value_order(text(""), text("")) == 0);
	assert_true(value_order(value_bool(false), value_bool(true)) < 0);
}

static void
test_equal(void **state)
{
	struct arena *a = arena_new();
	struct value l = list_of(a, value_int(1), text("x"));

	(void)state;
	assert_true(value_equal(value_null(), value_null()));
	assert_false(value_equal(value_null(), value_bool(false)));
	assert_false(value_equal(text("1"), value_int(1)));
	assert_true(value_equal(value_int(1), value_real(1)));
	assert_true(value_equal(l, list_of(a, value_real(1), text("x"))));
	assert_false(value_equal(l, list_of(a, value_int(1), text("y"))));
	assert_true(value_equal(map_of(a, "k", l), map_of(a, "k", l)));
	assert_false(value_equal(map_of(a, "k", l), map_of(a, "j", l)));
	assert_false(value_equal(value_of(VALUE_TIME, 1),
	    value_of(VALUE_DURATION, 1)));
	assert_false(value_equal(value_unknown("x"), value_unknown("x")));
	arena_free(a);
}

/* Small maps are searched, large ones hashed: the same from outside. */
static void
test_maps(void **state)
{
	struct arena *a = arena_new();
	struct value_map m = { .arena = a };
	struct value v;
	char key[40];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		snprintf(key, sizeof key, "%s-%d", i % 7 ? "k" :
		    "a rather long key", i);
		put(&m, key, value_int(i));
		if (i % 3 == 0)
			put(&m, key, value_int(-i));
		assert_int_equal(m.n, i + 1);
	}
	v = value_map_done(&m);
	for (int i = 0; i < 5000; i++) {
		snprintf(key, sizeof key, "%s-%d", i % 7 ? "k" :
		    "a rather long key", i);
		assert_string_equal(v.u.map.entries[i].key, key);
		assert_int_equal(value_member(v, key, strlen(key))->u.integer,
		    i % 3 ? i : -i);
		key[0] = 'x';
		assert_null(value_member(v, key, strlen(key)));
	}
	assert_null(value_member(v, "", 0));
	assert_null(value_member(value_int(1), "x", 1));
	assert_true(value_equal(v, value_copy(a, v)));
	arena_free(a);
}

static void
test_marks(void **state)
{
	struct arena *a = arena_new();
	struct value secret = with_flags(text("pw"), VALUE_SECRET);
	struct value deep = map_of(a, "x", list_of(a, value_int(1), secret));
	struct value open = value_copy(a, list_of(a, value_int(1), text("")));

	(void)state;
	assert_true(value_is_secret(secret));
	assert_true(value_is_secret(deep));
	assert_true(deep.flags & VALUE_HOLDS_SECRET);
	assert_false(deep.flags & VALUE_SECRET);
	assert_false(value_is_secret(open));
	assert_true(value_is_secret(value_copy(a, deep)));
	assert_true(value_copy(a, secret).flags & VALUE_SECRET);
	assert_true(value_is_unknown(list_of(a, value_int(1),
	    value_unknown("y"))));
	assert_false(value_is_unknown(deep));
	assert_true(list_of(a, with_flags(value_int(1), VALUE_FOREIGN),
	    value_int(2)).flags & VALUE_HOLDS_FOREIGN);
	/* the wall does not trust the marks */
	deep.flags = 0;
	assert_true(value_is_secret(deep));
	arena_free(a);
}

static void
test_copy(void **state)
{
	struct arena *from = arena_new(), *to = arena_new();
	struct buf b = BUF_INIT(1000);
	struct value v = map_of(from, "k", list_of(from,
	    value_string(from, "abc", 3), value_unknown(arena_strdup(from,
	    "why"))));

	(void)state;
	v = value_copy(to, v);
	arena_free(from);
	value_show(&b, v, 100);
	assert_string_equal(b.data, "{\"k\": [\"abc\", unknown (why)]}");
	buf_free(&b);
	arena_free(to);
}

static void
check_text(struct value v, const char *want)
{
	struct buf b = BUF_INIT(1000);
	struct err err = ERR_INIT;

	if (value_text(&b, v, &err) < 0)
		buf_addf(&b, "!%s", err.text);
	assert_string_equal(b.data, want);
	err_free(&err);
	buf_free(&b);
}

static void
test_text(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	check_text(value_bool(true), "true");
	check_text(value_int(-5), "-5");
	check_text(value_real(0.1), "0.1");
	check_text(value_real(1), "1");
	check_text(text("a b"), "a b");
	check_text(value_of(VALUE_DURATION, 90 * NSEC_PER_SEC), "90s");
	check_text(value_of(VALUE_DURATION, -NSEC_PER_SEC / 2), "-500ms");
	check_text(value_of(VALUE_DURATION, 0), "0s");
	check_text(value_of(VALUE_SIZE, 20 << 10), "20480");
	check_text(value_of(VALUE_TIME, TEST_NOW), "2026-11-24T01:00:00Z");
	check_text(value_of(VALUE_TIME, TEST_NOW + 1000),
	    "2026-11-24T01:00:00.000001Z");
	check_text(value_null(), "!null cannot stand in text");
	check_text(list_of(a, value_int(1), value_int(2)),
	    "!a list cannot stand in text");
	check_text(map_of(a, "k", value_int(1)),
	    "!a map cannot stand in text");
	check_text(value_unknown("not run yet"),
	    "!the value is not known: not run yet");
	check_text(value_string(a, "a\0b", 3), "!a string holds a NUL byte");
	arena_free(a);
}

static void
check_show(struct value v, size_t max, const char *want)
{
	struct buf b = BUF_INIT(1000);

	value_show(&b, v, max);
	assert_string_equal(b.data, want);
	assert_true(b.len <= max);
	buf_free(&b);
}

static void
test_show(void **state)
{
	struct arena *a = arena_new();
	struct value secret = with_flags(text("pw"), VALUE_SECRET);

	(void)state;
	check_show(text("it's"), 100, "'it's'");
	check_show(value_null(), 100, "null");
	check_show(value_of(VALUE_DURATION, 90 * NSEC_PER_SEC), 100, "1m30s");
	check_show(value_of(VALUE_SIZE, (int64_t)20 << 30), 100, "20 GiB");
	check_show(secret, 100, "[secret]");
	check_show(list_of(a, value_int(1), secret), 100, "[1, [secret]]");
	check_show(map_of(a, "k\n", text("\x1b[1m\"\\\t")), 100,
	    "{\"k\\n\": \"\\u001b[1m\\\"\\\\\\t\"}");
	check_show(list_of(a, text("\x80" "a\xc3"), text("ä")), 100,
	    "[\"\xef\xbf\xbd" "a\xef\xbf\xbd\", \"ä\"]");
	check_show(text("abcdefghij"), 8, "'abcd…");
	check_show(text("äöüäöü"), 8, "'äö…");
	check_show(text("a\xc3\xa4öü"), 6, "'a…");
	check_show(list_of(a, text("abcdefghij"), value_int(1)), 8,
	    "[\"abc…");
	arena_free(a);
}

static void
check_json(struct value v, const char *want)
{
	struct buf b = BUF_INIT(1000);
	json_t *json = value_to_json(v);
	char *dumped = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);

	value_json(&b, v);
	assert_string_equal(b.data, want);
	if (v.type != VALUE_REAL)
		assert_string_equal(dumped, want);
	free(dumped);
	json_decref(json);
	buf_free(&b);
}

static void
test_json(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	check_json(value_null(), "null");
	check_json(value_unknown("x"), "null");
	check_json(value_real(0.1), "0.1");
	check_json(value_of(VALUE_DURATION, 90 * NSEC_PER_SEC), "\"90s\"");
	check_json(value_of(VALUE_SIZE, 1024), "1024");
	check_json(value_of(VALUE_TIME, TEST_NOW),
	    "\"2026-11-24T01:00:00Z\"");
	check_json(list_of(a, value_bool(true), text("ä\"\n")),
	    "[true,\"ä\\\"\\n\"]");
	check_json(map_of(a, "k", text("\xff")), "{\"k\":\"\xef\xbf\xbd\"}");
	check_json(map_of(a, "", list_of(a, value_null(), value_null())),
	    "{\"\":[null,null]}");
	check_json(value_string(a, "a\0b", 3), "\"a\\u0000b\"");
	arena_free(a);
}

static void
check_record(struct arena *a, struct value v, const char *want)
{
	json_t *json = value_to_record(v);
	char *dumped = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
	json_error_t why;
	json_t *again = json_loads(dumped, JSON_DECODE_ANY | JSON_ALLOW_NUL,
	    &why);
	struct value back;

	assert_string_equal(dumped, want);
	assert_non_null(again);
	back = value_from_record(a, again);
	assert_int_equal(back.type, v.type);
	assert_true(value_equal(back, v));
	free(dumped);
	json_decref(json);
	json_decref(again);
}

/* Types and bytes survive a record. */
static void
test_record(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	check_record(a, value_null(), "null");
	check_record(a, value_bool(false), "false");
	check_record(a, value_int(INT64_MIN), "-9223372036854775808");
	check_record(a, value_real(2), "2.0");
	check_record(a, value_real(0.1), "0.10000000000000001");
	check_record(a, text("ä"), "\"ä\"");
	check_record(a, value_of(VALUE_DURATION, -1), "{\"~duration\":-1}");
	check_record(a, value_of(VALUE_SIZE, 5), "{\"~size\":5}");
	check_record(a, value_of(VALUE_TIME, 5), "{\"~time\":5}");
	check_record(a, text("\xff\xfe"), "{\"~bytes\":\"//4=\"}");
	check_record(a, list_of(a, value_of(VALUE_SIZE, 5), value_int(5)),
	    "[{\"~size\":5},5]");
	check_record(a, map_of(a, "k", value_int(1)), "{\"k\":1}");
	check_record(a, map_of(a, "~size", value_int(1)), "{\"~~size\":1}");
	check_record(a, map_of(a, "~~x", value_int(1)), "{\"~~~x\":1}");
	check_record(a, map_of(a, "~", value_int(1)), "{\"~~\":1}");
	check_record(a, map_of(a, "", value_int(1)), "{\"\":1}");
	check_record(a, map_of(a, "\xff", value_int(1)),
	    "{\"~map\":[[{\"~bytes\":\"/w==\"},1]]}");
	check_record(a, map_of(a, "~map", list_of(a, value_int(1),
	    value_int(2))), "{\"~~map\":[1,2]}");
	arena_free(a);
}

/* What was not written by value_to_record does no harm. */
static void
test_record_of_others(void **state)
{
	static const char *const texts[] = {
		"{\"~duration\": \"x\"}", "{\"~size\": 1, \"x\": 2}",
		"{\"~bytes\": \"???\"}", "{\"~bytes\": 5}",
		"{\"~map\": [1, [], [1, 2], [\"k\"], [[\"k\"], 1]]}",
		"{\"~map\": {}}", "{\"~\": 1}", "{\"~~\": 1}",
		"[{\"~time\": null}]",
	};
	struct arena *a = arena_new();
	json_error_t why;
	json_t *json;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		json = json_loads(texts[i], 0, &why);
		assert_non_null(json);
		value_from_record(a, json);
		value_of_json(a, json);
		json_decref(json);
	}
	assert_int_equal(value_from_record(a, NULL).type, VALUE_NULL);
	arena_free(a);
}

static void
check_read(const char *s, size_t n, const char *want)
{
	struct arena *a = arena_new();
	struct buf b = BUF_INIT(1 * MIB);
	struct err err = ERR_INIT;
	struct value v;

	if (value_from_json(a, s, n, &v, &err) < 0)
		buf_addf(&b, "!%s", err.text);
	else
		value_json(&b, v);
	if (!is_as_expected(b.data, want))
		fail_msg("%.60s gives %.100s", s, b.data);
	err_free(&err);
	buf_free(&b);
	arena_free(a);
}

static void
check_many(const char *s, size_t times, const char *want)
{
	struct buf b = BUF_INIT(128 * MIB);

	while (times-- > 0)
		buf_adds(&b, s);
	check_read(b.data, b.len, want);
	buf_free(&b);
}

static void
test_json_limits(void **state)
{
	(void)state;
	check_read("[\"[[[\\\"[\"]", 10, "[\"[[[\\\"[\"]");
	check_read("\"a\\", 3, "!the JSON text cannot be read…");
	check_many("[", 64, "!the JSON text cannot be read: it breaks off…");
	check_many("[", 65, "!the JSON text is nested deeper than 64 levels");
	check_many("{\"a\":", 65, "!the JSON text is nested deeper…");
	check_many("[],", 1500000, "!the JSON text holds more than…");
	check_many("          ", 6800000, "!the JSON text has 64 MiB; at most "
	    "64 MiB are read");
	check_many("\"\n", 1000, "!the JSON text cannot be read…");
	check_many("\xff", 1000, "!the JSON text cannot be read…");
	check_read("[1]\n\n", 5, "[1]");
}

static void
test_base64(void **state)
{
	static const char *const bad[] = { "a", "ab", "abc", "a===", "====",
		"ab=c", "a=bc", "ab==abcd", "a\n==", "abc-", "ab=" };
	struct buf b = BUF_INIT(1000), back = BUF_INIT(1000);
	char bytes[256];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)i;
	for (size_t n = 0; n < sizeof bytes; n++) {
		buf_reset(&b);
		buf_reset(&back);
		base64_add(&b, bytes, n);
		assert_int_equal(base64_read(&back, b.data, b.len), 0);
		assert_int_equal(back.len, n);
		assert_memory_equal(back.data, bytes, n);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		buf_reset(&back);
		if (base64_read(&back, bad[i], strlen(bad[i])) == 0)
			fail_msg("%s", bad[i]);
	}
	buf_free(&b);
	buf_free(&back);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_of_types),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_show),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_record_of_others),
		cmocka_unit_test(test_json_limits),
		cmocka_unit_test(test_base64),
	};

	(void)run_rows_of;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
