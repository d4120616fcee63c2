#include "base_test.h"

#include "base/buf.h"

static void begins_empty(void **state)
{
	struct buf b = BUF_INIT(10);

	(void)state;
	assert_string_equal(b.data, "");
	buf_add(&b, "", 0);
	buf_truncate(&b, 0);
	buf_drop(&b, 0);
	assert_int_equal(b.cap, 0);
	assert_ptr_equal(b.data, buf_empty);
	buf_free(&b);
}

static void ends_at_the_ceiling_and_says_so(void **state)
{
	struct buf b = BUF_INIT(5);

	(void)state;
	buf_adds(&b, "abc");
	assert_false(b.cut);
	buf_adds(&b, "de");
	assert_false(b.cut);
	buf_addc(&b, 'f');
	assert_true(b.cut);
	assert_string_equal(b.data, "abcde");
	buf_reset(&b);
	assert_false(b.cut);
	assert_string_equal(b.data, "");
	buf_addf(&b, "%s", "abcdefg");
	assert_true(b.cut);
	assert_string_equal(b.data, "abcde");
	buf_free(&b);
	assert_int_equal(b.max, 5);
}

static void formats_long_text(void **state)
{
	struct buf b = BUF_INIT(100000);

	(void)state;
	buf_addf(&b, "%01000d|", 1);
	buf_addf(&b, "%s %d", "x", 255);
	assert_int_equal(b.len, 1001 + 5);
	assert_string_equal(b.data + 999, "1|x 255");
	buf_free(&b);
}

static void drops_and_truncates(void **state)
{
	struct buf b = BUF_INIT(100);

	(void)state;
	buf_adds(&b, "0123456789");
	buf_drop(&b, 3);
	assert_string_equal(b.data, "3456789");
	buf_truncate(&b, 2);
	assert_string_equal(b.data, "34");
	buf_drop(&b, 2);
	assert_string_equal(b.data, "");
	buf_adds(&b, "again");
	assert_string_equal(b.data, "again");
	buf_free(&b);
}

static void holds_any_byte(void **state)
{
	struct buf b = BUF_INIT(1000);
	int i;

	(void)state;
	for (i = 0; i < 256; i++)
		buf_addc(&b, (char)i);
	assert_int_equal(b.len, 256);
	for (i = 0; i < 256; i++)
		assert_int_equal((unsigned char)b.data[i], i);
	buf_free(&b);
}

static void detaches(void **state)
{
	struct buf b = BUF_INIT(100);
	size_t n = 7;
	char *s = buf_detach(&b, &n);

	(void)state;
	assert_string_equal(s, "");
	assert_int_equal(n, 0);
	free(s);
	buf_adds(&b, "mine");
	s = buf_detach(&b, NULL);
	assert_string_equal(s, "mine");
	free(s);
	assert_int_equal(b.len, 0);
	assert_ptr_equal(b.data, buf_empty);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begins_empty),
		cmocka_unit_test(ends_at_the_ceiling_and_says_so),
		cmocka_unit_test(formats_long_text),
		cmocka_unit_test(drops_and_truncates),
		cmocka_unit_test(holds_any_byte),
		cmocka_unit_test(detaches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
