#include "base_test.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/rx.h"

struct row {
	const char *pattern;
	const char *text;
	enum rx_answer answer;
};

static enum rx_answer ask(const char *pattern, size_t n, enum rx_mode mode,
    const char *text, size_t len)
{
	struct err err = ERR_INIT;
	struct rx *rx = rx_compile(pattern, n, mode, &err);
	enum rx_answer answer;

	if (!rx)
		fail_msg("'%s': %s", pattern, err.text);
	answer = rx_match(rx, text, len, 0, NULL, 0);
	rx_free(rx);
	return answer;
}

static void check_rows(const struct row *rows, size_t n, enum rx_mode mode)
{
	enum rx_answer answer;
	size_t i;

	for (i = 0; i < n; i++) {
		answer = ask(rows[i].pattern, strlen(rows[i].pattern), mode,
		    rows[i].text, strlen(rows[i].text));
		if (answer != rows[i].answer)
			fail_msg("'%s' and '%s': %d", rows[i].pattern,
			    rows[i].text, answer);
	}
}

/* security.md V1 */
static void the_whole_value_counts(void **state)
{
	static const char name[] = "[a-z0-9][a-z0-9-]*";
	static const struct row rows[] = {
		{ name, "abc", RX_YES }, { name, "a-b", RX_YES },
		{ name, "x/../../..", RX_NO }, { name, "abc\n", RX_NO },
		{ name, "abc\n$(id)", RX_NO }, { name, "-x", RX_NO },
		{ name, "..", RX_NO }, { name, "", RX_NO },
		{ name, " abc", RX_NO }, { name, "abc ", RX_NO },
		{ name, "abc\r", RX_NO }, { name, "a)|(?:b", RX_NO },
		{ "ok$", "ok\n", RX_NO }, { "^ok$", "ok\nx", RX_NO },
		{ "^ok$", "x\nok", RX_NO }, { "ok\\Z", "ok\n", RX_NO },
		/* would climb out of \A(?:...)\z */
		{ "(a)|(?:b)", "xb", RX_NO }, { "a|b", "ab", RX_NO },
		{ "a|b", "b", RX_YES }, { "a|ab", "ab", RX_YES },
		{ "(?m)^a$", "a\nb", RX_NO }, { "(?m)^a$", "b\na", RX_NO },
		{ "a(*ACCEPT)b", "abc", RX_NO }, { "a(*ACCEPT)b", "a", RX_YES },
		{ "a.c", "a\nc", RX_NO }, { "(?s)a.c", "a\nc", RX_YES },
		{ "a*?", "aaa", RX_YES }, { "\\Kok", "ok", RX_YES },
		{ "ok", "ok\xff", RX_LIMIT }, { "ok", "\xffok", RX_LIMIT },
		{ "ok.*", "ok\xff", RX_LIMIT }, { "ok", "ok\xc3", RX_LIMIT },
		{ "ok|x", "x\xed\xa0\x80", RX_LIMIT },
		{ ".", "\xc3\xbc", RX_YES }, { "\\w", "\xc3\xbc", RX_NO },
		{ "\\d", "\xd9\xa1", RX_NO }, { "", "", RX_YES },
		{ "", "x", RX_NO },
	};

	(void)state;
	check_rows(rows, COUNT(rows), RX_WHOLE);
}

static void nul_bytes_are_bytes(void **state)
{
	(void)state;
	assert_int_equal(ask("ok", 2, RX_WHOLE, "ok\0x", 4), RX_NO);
	assert_int_equal(ask("ok\0x", 4, RX_WHOLE, "ok\0x", 4), RX_YES);
	assert_int_equal(ask("ok", 2, RX_LINES, "x\0ok", 4), RX_YES);
	assert_int_equal(ask("x", 0, RX_WHOLE, NULL, 0), RX_YES);
}

static void lines(void **state)
{
	static const struct row rows[] = {
		{ "^b$", "a\nb\nc", RX_YES }, { "^b$", "ab\n", RX_NO },
		{ "^$", "a\n\nb", RX_YES }, { "b", "abc", RX_YES },
		{ "^a$", "a\r\nb", RX_NO }, { "a\\Z", "a\n", RX_YES },
		{ "ok", "\xff\xfe ok \xff", RX_YES },
		{ "^ok$", "\xff\nok\n\xff", RX_YES },
		{ "^ok$", "\xffok\xff", RX_NO }, { "ok\\z", "ok\xff", RX_NO },
		{ "\\Aok", "\xffok", RX_NO }, { "a.b", "a\xff" "b", RX_YES },
		{ "a..b", "a\xe2\x82" "b", RX_YES },
		{ "\\w\xc3\xbc", "a\xc3\xbc", RX_YES },
	};

	(void)state;
	check_rows(rows, COUNT(rows), RX_LINES);
}

static void groups(void **state)
{
	struct err err = ERR_INIT;
	struct rx *rx = rx_compile("(a)|(b)(c)?", 11, RX_LINES, &err);
	size_t g[10];

	(void)state;
	assert_int_equal(rx_groups(rx), 3);
	assert_int_equal(rx_match(rx, "xxbc", 4, 0, g, 5), RX_YES);
	assert_int_equal(g[0], 2);
	assert_int_equal(g[1], 4);
	assert_true(g[2] == (size_t)-1 && g[3] == (size_t)-1);
	assert_int_equal(g[4], 2);
	assert_int_equal(g[7], 4);
	assert_true(g[8] == (size_t)-1 && g[9] == (size_t)-1);
	assert_int_equal(rx_match(rx, "aab", 3, 1, g, 2), RX_YES);
	assert_int_equal(g[0], 1);
	assert_int_equal(g[2], 1);
	assert_int_equal(rx_match(rx, "a", 1, 1, g, 1), RX_NO);
	assert_int_equal(rx_match(rx, "a", 1, 2, g, 1), RX_NO);
	assert_int_equal(rx_match(rx, "\xc3\xbc" "a", 3, 1, g, 1), RX_YES);
	assert_int_equal(g[0], 2);
	rx_free(rx);
	rx_free(NULL);
}

static void wrong_patterns_say_where(void **state)
{
	static const struct { const char *pattern, *text; } rows[] = {
		{ "a(b", "the pattern is wrong at byte 4: missing closing" },
		{ "a)|(?:b", "at byte 2: unmatched closing" },
		{ "[", "missing terminating ]" }, { "*", "quantifier" },
		{ "\\C", "\\C is disabled" }, { "a\xff", "UTF-8 error" },
		{ "(?<n>a)(?<n>b)", "" },
	};
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_null(rx_compile(rows[i].pattern,
		    strlen(rows[i].pattern), RX_WHOLE, &err));
		if (!strstr(err.text, rows[i].text))
			fail_msg("%s", err.text);
		err_free(&err);
	}
}

/* security.md L1 */
static void a_limit_is_no_no(void **state)
{
	static char many[1 << 20];

	(void)state;
	memset(many, 'a', sizeof many);
	assert_int_equal(ask("(a*)*[bc]", 9, RX_WHOLE, many, 50), RX_LIMIT);
	assert_int_equal(ask("(a*)*[bc]", 9, RX_LINES, many, 50), RX_LIMIT);
	assert_int_equal(ask("(?:a|b)+[^a]", 12, RX_LINES, many, sizeof many),
	    RX_LIMIT);
}

static const char *const hostile[] = { "\\E.*", "\\Q", "]", "[", "[^a]", "#",
	" ", "# x", "a b", "\n", "a\nb", "(?x)", "(?i)", ".", "*", "a|b",
	"a)|(?:b", "^", "$", "\\", "\\\\", "{2}", "-", "a-z", "&&", "~", "'",
	"\xc3\xbc", "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\x8e", "(*ACCEPT)",
	"\\K", "%", "_", "\t", "\x01", "" };

/* security.md V2 */
static void quoted_values_match_only_themselves(void **state)
{
	static const struct { const char *before, *behind; } frames[] = {
		{ "", "" }, { "(?x) ", " " }, { "(?xx)(", ")" },
		{ "(?i)(?:", ")" }, { "(?s)", "" },
	};
	struct buf b = BUF_INIT(1000);
	size_t i, j, k;
	enum rx_answer answer;

	(void)state;
	for (i = 0; i < COUNT(hostile); i++) {
		for (j = 0; j < COUNT(frames); j++) {
			buf_reset(&b);
			buf_adds(&b, frames[j].before);
			rx_quote(&b, hostile[i], strlen(hostile[i]));
			buf_adds(&b, frames[j].behind);
			for (k = 0; k < COUNT(hostile); k++) {
				answer = ask(b.data, b.len, RX_WHOLE,
				    hostile[k], strlen(hostile[k]));
				if (answer != (i == k ? RX_YES : RX_NO))
					fail_msg("'%s' and '%s': %d", b.data,
					    hostile[k], answer);
			}
		}
	}
	buf_free(&b);
}

/* In a class a quoted value stands for its characters, and for no other. */
static void quoted_values_in_a_class(void **state)
{
	struct buf b = BUF_INIT(1000);
	char c[2] = { 0 };
	size_t i;
	int x;

	(void)state;
	for (i = 0; i < COUNT(hostile); i++) {
		buf_reset(&b);
		buf_adds(&b, "[q");
		rx_quote(&b, hostile[i], strlen(hostile[i]));
		buf_adds(&b, "]");
		for (x = 1; x < 128; x++) {
			c[0] = (char)x;
			assert_int_equal(ask(b.data, b.len, RX_WHOLE, c, 1),
			    x == 'q' || strchr(hostile[i], x) ? RX_YES : RX_NO);
		}
	}
	buf_free(&b);
}

static void nul_is_quoted(void **state)
{
	struct buf b = BUF_INIT(10);

	(void)state;
	rx_quote(&b, "a\0b", 3);
	assert_int_equal(ask(b.data, b.len, RX_WHOLE, "a\0b", 3), RX_YES);
	assert_int_equal(ask(b.data, b.len, RX_WHOLE, "ab", 2), RX_NO);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_value_counts),
		cmocka_unit_test(nul_bytes_are_bytes),
		cmocka_unit_test(lines),
		cmocka_unit_test(groups),
		cmocka_unit_test(wrong_patterns_say_where),
		cmocka_unit_test(a_limit_is_no_no),
		cmocka_unit_test(quoted_values_match_only_themselves),
		cmocka_unit_test(quoted_values_in_a_class),
		cmocka_unit_test(nul_is_quoted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
