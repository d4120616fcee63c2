#include "base_test.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mask.h"
#include "base_mask_rows.h"

#define BEFORE "some text, \n"
#define BEHIND " and\nmore text\n"

static struct mask *mask_of(const char *value)
{
	struct mask *m = mask_new();

	mask_add(m, "pw", value, strlen(value), false);
	return m;
}

/* The whole text, in chunks that end at the given offsets. */
static void feed(const struct mask *m, struct buf *out, const char *s,
    size_t n, const size_t *ends, size_t n_ends)
{
	struct mask_stream *st = mask_stream_new(m);
	size_t at = 0, i;

	for (i = 0; i < n_ends; i++) {
		mask_stream_add(st, out, s + at, ends[i] - at);
		at = ends[i];
	}
	mask_stream_add(st, out, s + at, n - at);
	mask_stream_end(st, out);
	mask_stream_free(st);
}

static void each_form_in_one_piece(void **state)
{
	struct mask *m = mask_of(SECRET);
	struct buf out = BUF_INIT(10000);
	const char *name;
	size_t i, n;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		buf_reset(&out);
		n = strlen(rows[i].text);
		assert_true(mask_text(m, &out, rows[i].text, n));
		if (strcmp(out.data, rows[i].masked) != 0)
			fail_msg("%s: %s", rows[i].name, out.data);
		name = NULL;
		assert_true(mask_finds(m, rows[i].text, n, &name));
		assert_string_equal(name, "pw");
	}
	mask_free(m);
	buf_free(&out);
}

static void check_split(const struct mask *m, const struct row *row,
    const struct buf *text, const struct buf *masked, const size_t *ends,
    size_t n_ends)
{
	struct buf out = BUF_INIT(10000);

	feed(m, &out, text->data, text->len, ends, n_ends);
	if (strcmp(out.data, masked->data) != 0)
		fail_msg("%s, %zu chunks, first ends at %zu: %s", row->name,
		    n_ends + 1, ends[0], out.data);
	buf_free(&out);
}

/* Two and three chunks with every border, and single bytes. */
static void each_form_across_every_border(void **state)
{
	struct mask *m = mask_of(SECRET);
	struct buf text = BUF_INIT(10000), masked = BUF_INIT(10000);
	size_t i, j, ends[1000];

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		buf_reset(&text);
		buf_reset(&masked);
		buf_addf(&text, BEFORE "%s" BEHIND, rows[i].text);
		buf_addf(&masked, BEFORE "%s" BEHIND, rows[i].masked);
		for (ends[0] = 0; ends[0] <= text.len; ends[0]++) {
			check_split(m, &rows[i], &text, &masked, ends, 1);
			for (ends[1] = ends[0]; ends[1] <= text.len;
			    ends[1]++)
				check_split(m, &rows[i], &text, &masked, ends,
				    2);
		}
		for (j = 0; j < text.len; j++)
			ends[j] = j + 1;
		check_split(m, &rows[i], &text, &masked, ends, text.len);
	}
	mask_free(m);
	buf_free(&text);
	buf_free(&masked);
}

static void check_text(const struct mask *m, const char *text,
    const char *masked)
{
	struct buf out = BUF_INIT(10000);
	size_t n = strlen(text), ends[1000], i;

	assert_true(mask_text(m, &out, text, n) ==
	    (strcmp(text, masked) != 0));
	assert_string_equal(out.data, masked);
	for (i = 0; i < n; i++)
		ends[i] = i + 1;
	buf_reset(&out);
	feed(m, &out, text, n, ends, n);
	assert_string_equal(out.data, masked);
	buf_free(&out);
}

/* Of secrets that overlap none shows what the other does not cover. */
static void secrets_that_overlap(void **state)
{
	struct mask *m = mask_new();

	(void)state;
	mask_add(m, "short", "password", 8, false);
	mask_add(m, "long", "password-of-root", 16, false);
	mask_add(m, "end", "of-root-and-more", 16, false);
	mask_add(m, "inside", "rd-of-ro", 8, false);
	check_text(m, "a password b", "a [secret:short] b");
	check_text(m, "a password-of-root b", "a [secret:long] b");
	check_text(m, "a password-of-roo b",
	    "a [secret:short][secret:inside]o b");
	check_text(m, "a password-of-root-and-more b",
	    "a [secret:long][secret:end] b");
	check_text(m, "xpasswordpasswordx",
	    "x[secret:short][secret:short]x");
	check_text(m, "passwor passwordpasswor",
	    "passwor [secret:short]passwor");
	mask_free(m);
}

static void a_value_that_repeats_itself(void **state)
{
	struct mask *m = mask_of("aaaaaaaa");

	(void)state;
	check_text(m, "aaaaaaa", "aaaaaaa");
	check_text(m, "aaaaaaaa", "[secret:pw]");
	check_text(m, "baaaaaaaab", "b[secret:pw]b");
	mask_free(m);
}

#define KEY "-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA7x\n  wq9Lk3YbX0Zr2m\n" \
	"short\n-----END KEY-----\n"

static void each_line_of_a_value(void **state)
{
	struct mask *m = mask_of(KEY);

	(void)state;
	check_text(m, "k: " KEY, "k: [secret:pw]");
	check_text(m, "MIIEpAIBAAKCAQEA7x wq9Lk3YbX0Zr2m short",
	    "[secret:pw] [secret:pw] short");
	check_text(m, "-----BEGIN KEY-----", "-----BEGIN KEY-----");
	check_text(m, "MIIEpAIBAAKCAQEA7x\r\nwq9Lk3YbX0Zr2m\r\n",
	    "[secret:pw]\r\n[secret:pw]\r\n");
	mask_free(m);
}

static void a_newline_at_the_end_may_be_missing(void **state)
{
	struct mask *m = mask_of("hunter2hunter2\n");

	(void)state;
	check_text(m, "x hunter2hunter2 y", "x [secret:pw] y");
	check_text(m, "x hunter2hunter2\ny", "x [secret:pw]y");
	check_text(m, "aHVudGVyMmh1bnRlcjI=", "[secret:pw]");
	mask_free(m);
}

static void weak_ones_are_known_and_not_searched(void **state)
{
	struct mask *m = mask_new();
	size_t n;

	(void)state;
	mask_add(m, "weak", "production", 10, true);
	mask_add(m, "tiny", "abc", 3, false);
	mask_add(m, "empty", "", 0, false);
	mask_add(m, "newlines", "\n\n\n\n\n\n\n\n\n", 9, false);
	check_text(m, "production abc\n\n\n\n\n\n\n\n\n\n",
	    "production abc\n\n\n\n\n\n\n\n\n\n");
	assert_true(mask_has(m, "weak"));
	assert_false(mask_has(m, "strong"));
	assert_string_equal(mask_value(m, "weak", &n), "production");
	assert_int_equal(n, 10);
	assert_null(mask_value(m, "strong", &n));
	assert_string_equal(mask_value(m, "empty", &n), "");
	mask_free(m);
}

static void a_new_value_hides_in_addition(void **state)
{
	struct mask *m = mask_new();
	size_t n;

	(void)state;
	mask_add(m, "pw", "old-value-1", 11, false);
	mask_add(m, "pw", "old-value-1", 11, false);
	mask_add(m, "pw", "new-value-2", 11, false);
	check_text(m, "old-value-1 new-value-2", "[secret:pw] [secret:pw]");
	assert_string_equal(mask_value(m, "pw", &n), "new-value-2");
	mask_free(m);
}

static void binary_values(void **state)
{
	static const char value[] = "\0\1\2\xff\0zz\n\xfe";
	struct mask *m = mask_new();
	struct buf out = BUF_INIT(1000);

	(void)state;
	mask_add(m, "bin", value, sizeof value - 1, false);
	assert_true(mask_text(m, &out, value, sizeof value - 1));
	assert_string_equal(out.data, "[secret:bin]");
	buf_reset(&out);
	assert_true(mask_text(m, &out, "0102ff007a7a0afe 000102ff007a7a0afe",
	    35));
	assert_string_equal(out.data, "0102ff007a7a0afe [secret:bin]");
	mask_free(m);
	buf_free(&out);
}

static void nothing_known_changes_nothing(void **state)
{
	struct mask *m = mask_new();

	(void)state;
	check_text(m, "", "");
	check_text(m, "any text\n", "any text\n");
	assert_false(mask_finds(m, "x", 1, NULL));
	mask_free(m);
	mask_free(NULL);
	mask_stream_free(NULL);
}

static void only_a_beginning_is_held_back(void **state)
{
	struct mask *m = mask_of("swordfish");
	struct mask_stream *st = mask_stream_new(m);
	struct buf out = BUF_INIT(1000);

	(void)state;
	mask_stream_add(st, &out, "a line\n", 7);
	assert_string_equal(out.data, "a line\n");
	mask_stream_add(st, &out, "unfinished swor", 15);
	assert_string_equal(out.data, "a line\nunfinished ");
	assert_false(mask_stream_end(st, &out));
	assert_string_equal(out.data, "a line\nunfinished swor");
	buf_reset(&out);
	mask_stream_add(st, &out, "sword", 5);
	assert_int_equal(out.len, 0);
	assert_true(mask_stream_add(st, &out, "fish", 4));
	assert_string_equal(out.data, "[secret:pw]");
	mask_stream_free(st);
	mask_free(m);
	buf_free(&out);
}

/* What could go on for ever is given up, so that memory has an end. */
static void blanks_are_not_held_back_for_ever(void **state)
{
	struct mask *m = mask_of("swordfish");
	struct mask_stream *st = mask_stream_new(m);
	struct buf out = BUF_INIT(100000);
	char blanks[1000];

	(void)state;
	memset(blanks, ' ', sizeof blanks);
	mask_stream_add(st, &out, "ssssssssssssssssssss\n", 21);
	assert_int_equal(out.len, 19);
	mask_stream_add(st, &out, blanks, 30);
	assert_int_equal(out.len, 19);
	mask_stream_add(st, &out, blanks, sizeof blanks);
	assert_int_equal(out.len, 21 + 30 + sizeof blanks);
	mask_stream_free(st);
	mask_free(m);
	buf_free(&out);
}

/* A secret that becomes known while its stream is open. */
static void known_in_the_middle_of_a_stream(void **state)
{
	struct mask *m = mask_new();
	struct mask_stream *st = mask_stream_new(m);
	struct buf out = BUF_INIT(1000);

	(void)state;
	mask_stream_add(st, &out, "swordfish ", 10);
	mask_add(m, "pw", "swordfish", 9, false);
	mask_stream_add(st, &out, "swordfish", 9);
	mask_stream_end(st, &out);
	assert_string_equal(out.data, "swordfish [secret:pw]");
	mask_stream_free(st);
	mask_free(m);
	buf_free(&out);
}

/* Random texts from few characters, so that beginnings and overlaps abound:
 * in chunks as in one piece. */
static void chunks_make_no_difference(void **state)
{
	static const char alphabet[] = "abAB+/=\n\r ";
	struct mask *m = mask_new();
	struct buf whole = BUF_INIT(10000), parts = BUF_INIT(10000);
	char text[300];
	size_t i, round, ends[40], n_ends;
	unsigned seed = 1;

	(void)state;
	mask_add(m, "x", "abababAB", 8, false);
	mask_add(m, "y", "bababaBA", 8, false);
	mask_add(m, "z", "ABabababABab/+abBAbaBAbaBAba", 28, false);
	for (round = 0; round < 20000; round++) {
		for (i = 0; i < sizeof text; i++) {
			seed = seed * 1103515245 + 12345;
			text[i] = alphabet[(seed >> 16) %
			    (round % 3 ? 4 : COUNT(alphabet) - 1)];
		}
		for (i = 0, n_ends = 0; n_ends < COUNT(ends); n_ends++) {
			seed = seed * 1103515245 + 12345;
			i += (seed >> 16) % 16;
			if (i > sizeof text)
				break;
			ends[n_ends] = i;
		}
		buf_reset(&whole);
		buf_reset(&parts);
		mask_text(m, &whole, text, sizeof text);
		feed(m, &parts, text, sizeof text, ends, n_ends);
		assert_string_equal(whole.data, parts.data);
	}
	mask_free(m);
	buf_free(&whole);
	buf_free(&parts);
}

static void a_child_has_no_secrets(void **state)
{
	struct mask *m = mask_of("swordfish");
	struct buf out = BUF_INIT(100);
	size_t i, n;
	const char *value;
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		value = mask_value(m, "pw", &n);
		for (i = 0; i < n; i++) {
			if (value[i])
				_exit(1);
		}
		_exit(mask_text(m, &out, "swordfish", 9) ? 2 :
		    strcmp(out.data, "swordfish") != 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	mask_free(m);
}

static void the_largest_secret(void **state)
{
	static char value[LIMIT_SECRET];
	struct mask *m = mask_new();
	struct buf out = BUF_INIT(LIMIT_SECRET * 2);
	struct mask_stream *st;
	unsigned seed = 7;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof value; i++) {
		seed = seed * 1103515245 + 12345;
		value[i] = (char)(seed >> 16);
	}
	mask_add(m, "big", value, sizeof value, false);
	st = mask_stream_new(m);
	mask_stream_add(st, &out, "x", 1);
	for (i = 0; i < sizeof value; i += 1024)
		mask_stream_add(st, &out, value + i, 1024);
	mask_stream_add(st, &out, "y", 1);
	mask_stream_end(st, &out);
	assert_string_equal(out.data, "x[secret:big]y");
	mask_stream_free(st);
	mask_free(m);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_in_one_piece),
		cmocka_unit_test(each_form_across_every_border),
		cmocka_unit_test(secrets_that_overlap),
		cmocka_unit_test(a_value_that_repeats_itself),
		cmocka_unit_test(each_line_of_a_value),
		cmocka_unit_test(a_newline_at_the_end_may_be_missing),
		cmocka_unit_test(weak_ones_are_known_and_not_searched),
		cmocka_unit_test(a_new_value_hides_in_addition),
		cmocka_unit_test(binary_values),
		cmocka_unit_test(nothing_known_changes_nothing),
		cmocka_unit_test(only_a_beginning_is_held_back),
		cmocka_unit_test(blanks_are_not_held_back_for_ever),
		cmocka_unit_test(known_in_the_middle_of_a_stream),
		cmocka_unit_test(chunks_make_no_difference),
		cmocka_unit_test(a_child_has_no_secrets),
		cmocka_unit_test(the_largest_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
