#include "journal_tmp.h"

#include "base/buf.h"

#define ZEROS "00000000000000000000000000000000" \
	"00000000000000000000000000000000"
#define HEAD "{\"n\":7,\"prev\":\"" ZEROS "\"," \
	"\"at\":\"2026-11-24T01:02:03.123456Z\",\"type\":\"note\",\"step\":\""

static void round_trip(void **state)
{
	struct buf b = BUF_INIT(10000);
	struct err err = ERR_INIT;
	struct record r;
	json_t *payload = json_pack("{s:s,s:[i,{s:n}],s:o}", "text",
	    "a \" \\ \n \xc3\xa9", "list", 1, "x", "r", json_real(0.5)), *back;

	(void)state;
	record_write(&b, 7, ZEROS, 1795482123123456000, RECORD_STEP_END,
	    "dump[\"a\\b\"].run", payload);
	assert_int_equal(b.data[b.len - 1], '\n');
	assert_int_equal(record_scan(b.data, b.len - 1, &r, &err), 0);
	assert_int_equal(r.n, 7);
	assert_memory_equal(r.prev, ZEROS, DIGEST_HEX);
	assert_int_equal(r.at, 1795482123123456000);
	assert_int_equal(r.type, RECORD_STEP_END);
	assert_int_equal(r.len, b.len - 1);
	assert_false(r.more);
	back = record_parse(&r, &err);
	assert_non_null(back);
	assert_string_equal(json_string_value(json_object_get(back, "step")),
	    "dump[\"a\\b\"].run");
	json_object_set(payload, "n", json_object_get(back, "n"));
	assert_true(json_equal(json_object_get(payload, "list"),
	    json_object_get(back, "list")));
	assert_true(json_equal(json_object_get(payload, "text"),
	    json_object_get(back, "text")));
	json_decref(back);
	json_decref(payload);
	record_mark_more(&b);
	assert_int_equal(record_scan(b.data, b.len - 1, &r, &err), 0);
	assert_true(r.more);
	buf_free(&b);
}

static void exact_text(void **state)
{
	struct buf b = BUF_INIT(10000);
	struct err err = ERR_INIT;
	struct record r;

	(void)state;
	record_write(&b, 7, ZEROS, 1795482123123456000, RECORD_NOTE, "", NULL);
	assert_string_equal(b.data, HEAD "\"}\n");
	assert_int_equal(record_scan(b.data, b.len - 1, &r, &err), 0);
	assert_int_equal(r.step_len, 0);
	buf_free(&b);
}

/* Every type has a name, and the name leads back. */
static void types(void **state)
{
	const char *name;
	int i;

	(void)state;
	for (i = 0; i < RECORD_TYPES; i++) {
		name = record_type_name((enum record_type)i);
		assert_non_null(name);
		assert_int_equal(record_type_parse(name, strlen(name)), i);
	}
	assert_int_equal(record_type_parse("step", 4), -1);
	assert_int_equal(record_type_parse("", 0), -1);
}

static void refused(void **state)
{
	static const char *const lines[] = {
		"", "{", "{}", "x", "null",
		"{\"n\":07,\"prev\":\"" ZEROS "\"",
		"{\"n\":-1,\"prev\":\"" ZEROS "\"",
		"{\"n\":9999999999999999999,\"prev\":\"" ZEROS "\"",
		"{\"n\":7,\"prev\":\"" ZEROS,
		HEAD, HEAD "\"", HEAD "\"]", HEAD "\"},", HEAD "\"}}",
		HEAD "\",}x", HEAD "a\\\"}", HEAD "a\\", HEAD "\"}  ",
		" " HEAD "\"}",
	};
	struct err err = ERR_INIT;
	struct record r;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof lines / sizeof *lines; i++) {
		n = strlen(lines[i]);
		if (n == 0)
			continue;
		if (record_scan(lines[i], n, &r, &err) == 0)
			fail_msg("taken: %s", lines[i]);
		err_free(&err);
	}
}

/* No change of a byte of the head, and no shortening, is taken for a record
 * with the same head. */
static void every_byte(void **state)
{
	const char *line = HEAD "a\",\"x\":1}";
	size_t n = strlen(line), head = strlen(HEAD), i;
	struct err err = ERR_INIT;
	struct record r, good;
	char *copy;
	int c;

	(void)state;
	assert_int_equal(record_scan(line, n, &good, &err), 0);
	for (i = 0; i < n; i++) {
		copy = xstrndup(line, i);
		if (i && record_scan(copy, i, &r, &err) == 0)
			fail_msg("cut at %zu", i);
		free(copy);
		err_free(&err);
		for (c = 0; i < head && c < 256; c++) {
			copy = xstrndup(line, n);
			copy[i] = (char)c;
			if (c != line[i] &&
			    record_scan(copy, n, &r, &err) == 0 &&
			    r.n == good.n && r.at == good.at &&
			    r.type == good.type &&
			    memcmp(r.prev, ZEROS, DIGEST_HEX) == 0)
				fail_msg("byte %zu as %d", i, c);
			free(copy);
			err_free(&err);
		}
	}
}

static void unknown_type(void **state)
{
	const char *line = "{\"n\":7,\"prev\":\"" ZEROS "\","
	    "\"at\":\"2026-11-24T01:02:03.123456Z\",\"type\":\"new\","
	    "\"step\":\"\"}";
	struct err err = ERR_INIT;
	struct record r;

	(void)state;
	assert_int_equal(record_scan(line, strlen(line), &r, &err), -1);
	assert_error(&err, "\"new\" is not known to this cairn");
}

static void members(void **state)
{
	static const char line[] = HEAD "a\",\"s\":\"x\\\"}{,\\\\\",\"o\":"
	    "{\"k\":\"}\",\"l\":[1,{\"i\":2}]},\"i\":42,\"w\":\"word\","
	    "\"n\":null,\"e\":\"\",\"big\":99999999999999999999}";
	struct err err = ERR_INIT;
	const char *value;
	struct record r;
	int64_t number = 0;
	size_t n;

	(void)state;
	assert_int_equal(record_scan(line, sizeof line - 1, &r, &err), 0);
	assert_true(record_member_int(&r, "i", &number));
	assert_int_equal(number, 42);
	assert_true(record_member_word(&r, "w", &value, &n));
	assert_int_equal(n, 4);
	assert_memory_equal(value, "word", 4);
	assert_true(record_member_word(&r, "e", &value, &n));
	assert_int_equal(n, 0);
	assert_true(record_member(&r, "n", &value, &n));
	assert_memory_equal(value, "null", n);
	assert_false(record_member(&r, "k", &value, &n));
	assert_false(record_member(&r, "l", &value, &n));
	assert_false(record_member_word(&r, "s", &value, &n));
	assert_false(record_member_word(&r, "i", &value, &n));
	assert_false(record_member_int(&r, "w", &number));
	assert_false(record_member_int(&r, "big", &number));
	assert_true(record_member(&r, "o", &value, &n));
	assert_int_equal(n, strlen("{\"k\":\"}\",\"l\":[1,{\"i\":2}]}"));
}

/* The member finder must not run away on lines that are no JSON. */
static void hostile_members(void **state)
{
	static const char *const tails[] = {
		"}", ",}", ",\"}", ",\"a}", ",\"a\"}", ",\"a\":}", ",\"a\":\"}",
		",\"a\":[}", ",\"a\":{}", ",\"a\":[[[[}", ",\"a\":\"\\}",
		",\"a\":{\"}", ",\"a\":1", ",\"a\":,\"b\":}",
	};
	struct err err = ERR_INIT;
	const char *value;
	struct record r;
	char line[400];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof tails / sizeof *tails; i++) {
		snprintf(line, sizeof line, HEAD "a\"%s", tails[i]);
		if (record_scan(line, strlen(line), &r, &err) == 0)
			record_member(&r, "zz", &value, &n);
		err_free(&err);
	}
}

static void bad_payload(void **state)
{
	static const char line[] = HEAD "a\",\"x\":[1,}";
	static const char twice[] = HEAD "a\",\"x\":1,\"x\":2}";
	struct err err = ERR_INIT;
	struct record r;

	(void)state;
	assert_int_equal(record_scan(line, sizeof line - 1, &r, &err), 0);
	assert_null(record_parse(&r, &err));
	assert_error(&err, "record 7 at byte 0 is not JSON");
	assert_int_equal(record_scan(twice, sizeof twice - 1, &r, &err), 0);
	assert_null(record_parse(&r, &err));
	err_free(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip), cmocka_unit_test(exact_text),
		cmocka_unit_test(types), cmocka_unit_test(refused),
		cmocka_unit_test(every_byte), cmocka_unit_test(unknown_type),
		cmocka_unit_test(members), cmocka_unit_test(hostile_members),
		cmocka_unit_test(bad_payload),
	};

	return cmocka_run_group_tests_name("journal_record", tests, NULL,
	    NULL);
}
