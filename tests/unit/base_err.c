/* err and source */
#include "base_test.h"

#include <errno.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/source.h"

static void first_error_wins(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(err_set(&err, "first %d", 1), -1);
	assert_int_equal(err_set(&err, "second"), -1);
	assert_string_equal(err.text, "first 1");
	assert_int_equal(err_hint(&err, "do %s", "this"), -1);
	err_hint(&err, "or that");
	assert_string_equal(err.hint, "do this");
	err_wrap(&err, "opening %s", "x");
	assert_string_equal(err.text, "opening x: first 1");
	err_free(&err);
	assert_false(err.set);
	errno = ENOENT;
	err_errno(&err, "cannot open '%s'", "x");
	assert_string_equal(err.text,
	    "cannot open 'x': No such file or directory");
	err_free(&err);
}

static void errors_move(void **state)
{
	struct err a = ERR_INIT, b = ERR_INIT;

	(void)state;
	assert_int_equal(err_move(&a, &b), -1);
	assert_false(a.set);
	err_set(&b, "b");
	err_move(&a, &b);
	assert_string_equal(a.text, "b");
	assert_false(b.set);
	err_set(&b, "late");
	err_move(&a, &b);
	assert_string_equal(a.text, "b");
	assert_false(b.set);
	err_free(&a);
}

static void a_place_is_set_once(void **state)
{
	struct source *s = source_new("f", "x\n", 2);
	struct err err = ERR_INIT;

	(void)state;
	err_place(&err, (struct mark){ s, 1, 1 });
	assert_null(err.mark.source);
	err_set(&err, "x");
	err_place(&err, (struct mark){ s, 1, 2 });
	err_place(&err, (struct mark){ s, 1, 1 });
	assert_int_equal(err.mark.col, 2);
	err_free(&err);
	source_free(s);
}

static void lines_of_a_source(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
		const char *found;
	} rows[] = {
		{ "", 1, "" }, { "", 2, "" }, { "a", 1, "a" }, { "a", 0, "" },
		{ "a\nb\n", 1, "a" }, { "a\nb\n", 2, "b" }, { "a\nb\n", 3, "" },
		{ "a\nb\n", 4, "" }, { "a\r\nb\r\n", 2, "b" },
		{ "a\rb", 2, "b" }, { "a\r\rb", 3, "b" }, { "\n\nc", 3, "c" },
		{ "\xef\xbb\xbf" "a\nb", 1, "a" },
	};
	struct source *s;
	const char *line;
	size_t i, n;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		s = source_new("f", rows[i].text, strlen(rows[i].text));
		line = source_line(s, rows[i].line, &n);
		assert_int_equal(n, strlen(rows[i].found));
		assert_memory_equal(line, rows[i].found, n);
		source_free(s);
	}
	source_free(NULL);
}

struct shown {
	const char *name, *text;
	unsigned line, col;
	const char *message, *hint, *printed;
};

static void printing(void **state)
{
	static const struct shown rows[] = {
		{ NULL, NULL, 0, 0, "no place", NULL, "error: no place\n" },
		{ NULL, NULL, 0, 0, "a", "b", "error: a\n  b\n" },
		{ "f.yaml", "a: b\n  requir: c\n", 2, 3,
		    "'requir' is not a key of a step",
		    "did you mean 'require'?",
		    "f.yaml:2:3: error: 'requir' is not a key of a step\n"
		    "    2 |   requir: c\n"
		    "      |   ^\n"
		    "  did you mean 'require'?\n" },
		{ "f", "\tx\ty\n", 1, 4, "tab", NULL,
		    "f:1:4: error: tab\n"
		    "    1 | \tx\ty\n"
		    "      | \t \t^\n" },
		{ "f", "\xc3\xa4\xc3\xb6: x\n", 1, 5, "wide", NULL,
		    "f:1:5: error: wide\n"
		    "    1 | \xc3\xa4\xc3\xb6: x\n"
		    "      |     ^\n" },
		{ "f", "a\033[2Kb\n", 1, 6, "e\033\nx", "h\033\ni",
		    "f:1:6: error: e\\x1b\\nx\n"
		    "    1 | a\\x1b[2Kb\n"
		    "      |         ^\n"
		    "  h\\x1b\n"
		    "  i\n" },
		{ "d\n\033/f", "x\n", 1, 2, "end", NULL,
		    "d\\n\\x1b/f:1:2: error: end\n"
		    "    1 | x\n"
		    "      |  ^\n" },
		{ "f", "x\n", 9, 9, "beyond", NULL,
		    "f:9:9: error: beyond\n"
		    "    9 | \n"
		    "      | ^\n" },
		{ "f", "x\n", 0, 0, "whole file", NULL,
		    "f: error: whole file\n" },
	};
	struct source *s;
	struct buf b = BUF_INIT(10000);
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		s = rows[i].text ? source_new(rows[i].name, rows[i].text,
		    strlen(rows[i].text)) : NULL;
		err_at(&err, (struct mark){ s, rows[i].line, rows[i].col },
		    "%s", rows[i].message);
		if (rows[i].hint)
			err_hint(&err, "%s", rows[i].hint);
		buf_reset(&b);
		err_print(&err, &b);
		assert_string_equal(b.data, rows[i].printed);
		err_free(&err);
		source_free(s);
	}
	buf_free(&b);
}

static void long_lines_are_cut_round_the_caret(void **state)
{
	char text[1001];
	struct source *s;
	struct buf b = BUF_INIT(10000);
	struct err err = ERR_INIT;
	const char *line, *caret;

	(void)state;
	memset(text, 'x', 1000);
	text[1000] = '\0';
	text[500] = '!';
	s = source_new("f", text, 1000);
	err_at(&err, (struct mark){ s, 1, 501 }, "here");
	err_print(&err, &b);
	line = strchr(b.data, '\n') + 1;
	caret = strchr(line, '\n') + 1;
	assert_memory_equal(line, "    1 | ...xxx", 14);
	assert_memory_equal(caret - 5, "x...\n", 5);
	assert_int_equal(strchr(line, '!') - line,
	    strchr(caret, '^') - caret);
	assert_true(caret - line < 130);
	err_free(&err);
	source_free(s);
	buf_free(&b);
}

static void a_list_is_sorted_and_has_no_doubles(void **state)
{
	struct source *x = source_new("x", "", 0), *y = source_new("y", "", 0);
	struct errs errs = { 0 };
	struct err none = ERR_INIT;
	static const char *const order[] = { "y1", "y2", "y2b", "y3", "x1",
		"nowhere" };
	size_t i;

	(void)state;
	errs_sort(&errs);
	errs_add(&errs, (struct mark){ y, 2, 1 }, "y2");
	errs_add(&errs, (struct mark){ x, 1, 1 }, "x1");
	errs_hint(&errs, "hint");
	errs_add(&errs, (struct mark){ y, 1, 9 }, "y1");
	errs_add(&errs, (struct mark){ y, 2, 1 }, "y2b");
	errs_add(&errs, (struct mark){ 0 }, "nowhere");
	errs_add(&errs, (struct mark){ y, 2, 1 }, "y2");
	errs_add(&errs, (struct mark){ y, 2, 3 }, "y3");
	errs_take(&errs, &none);
	errs_sort(&errs);
	assert_int_equal(errs.list.n, COUNT(order));
	for (i = 0; i < COUNT(order); i++)
		assert_string_equal(errs.list.v[i].text, order[i]);
	assert_string_equal(errs.list.v[4].hint, "hint");
	errs_free(&errs);
	assert_int_equal(errs.list.n, 0);
	source_free(x);
	source_free(y);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_error_wins),
		cmocka_unit_test(errors_move),
		cmocka_unit_test(a_place_is_set_once),
		cmocka_unit_test(lines_of_a_source),
		cmocka_unit_test(printing),
		cmocka_unit_test(long_lines_are_cut_round_the_caret),
		cmocka_unit_test(a_list_is_sorted_and_has_no_doubles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
