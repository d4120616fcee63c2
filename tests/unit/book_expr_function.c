/* Every function of the language: what it makes, what it refuses. */
#include "book_expr_help.h"

static const struct row list_rows[] = {
	{ "len('äöü')", "3" }, { "len('')", "0" }, { "len([1, 2])", "2" },
	{ "len(params.map)", "3" },
	{ "len(params.n)", "!5 len() wants a string, a list or a map; its "
	    "argument is an int (5) (len(x))" },
	{ "len(params.none)", "!5 len() wants a string, a list or a map; its "
	    "argument is null (what was skipped or left out is null; say "
	    "what counts then: (… ?? ''))" },
	{ "keys(params.map)", "[\"a\", \"b\", \"Key\"]" },
	{ "keys(params.list)", "!6 keys() wants a map; its argument is a "
	    "list ([3, 1, 2]) (keys(map))" },
	{ "values(params.map)", "[1, {\"c\": 2}, 3]" },
	{ "merge(params.map, json('{\"a\": 9, \"z\": 8}'))",
	    "{\"a\": 9, \"b\": {\"c\": 2}, \"Key\": 3, \"z\": 8}" },
	{ "merge([json('{\"a\": 1}'), json('{\"a\": 2}')])", "{\"a\": 2}" },
	{ "merge([])", "{}" },
	{ "merge([1])", "!7 merge(): element 0 is an int, no map" },
	{ "merge([], params.map)", "!7 merge(): one list of maps…" },
	{ "flatten([[1, 2], [], [[3]], 4])", "[1, 2, [3], 4]" },
	{ "flatten([null])", "!9 flatten(): element 0 is null" },
	{ "sort([3, 1.5, 2])", "[1.5, 2, 3]" },
	{ "sort(['b', 'a', 'B'])", "[\"B\", \"a\", \"b\"]" },
	{ "sort([1h, 5m])", "[5m, 1h]" }, { "sort([])", "[]" },
	{ "sort([1, 'a'])", "!6 sort(): an int and a string have no order" },
	{ "sort([null])", "!6 sort(): null and null have no order" },
	{ "unique([1, 2, 1.0, 'a', 'a', '1', null, null])",
	    "[1, 2, \"a\", \"1\", null]" },
	{ "unique([90s, '90s', 1m30s])", "[1m30s, \"90s\"]" },
	{ "unique([[1], [1], [2]])", "[[1], [2]]" },
	{ "first([1, 2])", "1" }, { "last([1, 2])", "2" },
	{ "first([])", "null" }, { "last([])", "null" },
	{ "first([]).x", "null" },
	{ "map(params.list, x -> x * 2)", "[6, 2, 4]" },
	{ "map([], x -> x.y)", "[]" },
	{ "map(params.map, x -> x)", "!5 map() wants a list; the first is a "
	    "map ({\"a\": 1, \"b\": {\"c\": 2}, \"Key\": 3}) (write keys(…) "
	    "or values(…))" },
	{ "filter(params.list, x -> x > 1)", "[3, 2]" },
	{ "filter(params.list, x -> x)", "!26 filter() asks a question of "
	    "each element; the answer must be true or false, it is an int" },
	{ "filter([1], x -> params.none)", "!18 filter() asks…" },
	{ "any(params.list, x -> x > 2)", "true" },
	{ "any([], x -> true)", "false" },
	{ "all(params.list, x -> x > 2)", "false" },
	{ "all([], x -> false)", "true" },
	{ "sum([1, 2, 3])", "6" }, { "sum([])", "0" },
	{ "sum([1, 1.5])", "2.5" }, { "sum([1 GiB, 1 GiB])", "2 GiB" },
	{ "sum([1h, 30m])", "1h30m" }, { "sum([1 GiB, 5])", "1.0 GiB" },
	{ "sum(params.rows, r -> r.n)", "3" },
	{ "sum(['a'])", "!5 sum(): element 0 is a string, no number, size or "
	    "duration" },
	{ "sum([null])", "!5 sum(): element 0 is null, no number, size or "
	    "duration (say what null counts: (… ?? 0))" },
	{ "sum([1, 1h])", "!1 '+' adds…" },
	{ "sum([9223372036854775807, 1])", "!1 the result of '+' is too…" },
	{ "min(3, 1, 2)", "1" }, { "max([3, 5, 4])", "5" },
	{ "max('a', 'b')", "'b'" }, { "min(1h, 5m)", "5m" },
	{ "max([])", "null" }, { "min(5)", "5" },
	{ "max(1, 'a')", "!5 max(): an int and a string have no order" },
	{ "max([1], 2)", "!5 max(): one list, or several values" },
	{ "intersection([1, 2, 2, 3], [2, 3, 4])", "[2, 3]" },
	{ "intersection(['a'], [])", "[]" },
	{ "if(true, 1, 2)", "1" }, { "if(1 > 2, 1, 'b')", "'b'" },
	{ "if('a', 1, 2)", "!4 if() wants a bool; the first is a string…" },
	{ "is_null(null)", "true" }, { "is_null([])", "false" },
};

static const struct row text_rows[] = {
	{ "contains('abc', 'bc')", "true" }, { "contains('abc', '')", "true" },
	{ "contains('abc', 'x')", "false" }, { "contains('', 'a')", "false" },
	{ "contains(['a'], 'a')", "!10 contains() wants a string; the first "
	    "is a list (contains(text, part))" },
	{ "startswith('abc', 'ab')", "true" },
	{ "startswith('ab', 'abc')", "false" },
	{ "endswith('abc', 'bc')", "true" }, { "endswith('c', 'bc')",
	    "false" },
	{ "endswith('abc', 1)", "!17 endswith() wants a string; the second "
	    "is an int (endswith(text, part))" },
	{ "split('a,b,,c', ',')", "[\"a\", \"b\", \"\", \"c\"]" },
	{ "split('', ',')", "[\"\"]" }, { "split('a--b', '--')",
	    "[\"a\", \"b\"]" },
	{ "split('a', '')", "!12 split(): the separator is empty" },
	{ "join(['a', 1, 2.5, true, 90s, 1 KiB], '-')",
	    "'a-1-2.5-true-90s-1024'" },
	{ "join([], '-')", "''" },
	{ "join(['a', null], '-')", "!6 join(): element 1 is null, no text" },
	{ "join([[1]], '-')", "!6 join(): element 0 is a list, no text" },
	{ "lines('')", "[]" }, { "lines('a')", "[\"a\"]" },
	{ "lines('a\n')", "[\"a\"]" }, { "lines('a\n\nb')",
	    "[\"a\", \"\", \"b\"]" },
	{ "lines('\n')", "[\"\"]" },
	{ "lines('a\r\nb\r\n')", "[\"a\", \"b\"]" },
	{ "words('  a\tb \n c ')", "[\"a\", \"b\", \"c\"]" },
	{ "words('')", "[]" }, { "words(' ')", "[]" },
	{ "trim(' \n\ta b\r\n ')", "'a b'" }, { "trim(' ')", "''" },
	{ "lower('ÄbC')", "'Äbc'" }, { "upper('äbC')", "'äBC'" },
	{ "base64('')", "''" }, { "base64('f')", "'Zg=='" },
	{ "base64('fo')", "'Zm8='" }, { "base64('foo')", "'Zm9v'" },
	{ "base64('foobar')", "'Zm9vYmFy'" }, { "base64('ä')", "'w6Q='" },
	{ "sha256('')", "'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca49"
	    "5991b7852b855'" },
	{ "string('a')", "'a'" }, { "string(5)", "'5'" },
	{ "string(0.1)", "'0.1'" }, { "string(true)", "'true'" },
	{ "string(90s)", "'90s'" }, { "string(1500ms)", "'1500ms'" },
	{ "string(20 GiB)", "'21474836480'" },
	{ "string(params.when)", "'2026-11-24T01:00:00Z'" },
	{ "string([1, 'a', null, 90s, 1 KiB, 0.1])",
	    "'[1,\"a\",null,\"90s\",1024,0.1]'" },
	{ "string(params.map)", "'{\"a\":1,\"b\":{\"c\":2},\"Key\":3}'" },
	{ "string(params.none)", "!8 string() wants a value; its argument "
	    "is null…" },
};

/* V1: the whole value, whatever the pattern does to climb out. */
static const struct row pattern_rows[] = {
	{ "matches('abc', '[a-c]+')", "true" },
	{ "matches('abcx', '[a-c]+')", "false" },
	{ "matches('xabc', '[a-c]+')", "false" },
	{ "matches('abc\n', '[a-c]+')", "false" },
	{ "matches('abc\n', '[a-c]+$')", "false" },
	{ "matches('abc\nx', '(?m)^[a-c]+$')", "false" },
	{ "matches('ab', 'a|b')", "false" },
	{ "matches('axx', 'a)|(?:b')", "!16 the pattern is wrong at byte…" },
	{ "matches('', '')", "true" }, { "matches('', 'a*')", "true" },
	{ "matches('a\nb', '(?s)a.b')", "true" },
	{ "matches('a', 'a(')", "!14 the pattern is wrong at byte…" },
	{ "matches('a', params.text)", "!14 a pattern is a literal, or "
	    "literals and re(x) joined by '+' (write re(…) around what "
	    "comes from a value)" },
	{ "matches('a', 'x' + params.text)", "!18 a pattern is…" },
	{ "matches('a', lower('A'))", "true" },       /* a constant */
	{ "matches('a', if(true, 'a', 'b'))", "!14 a pattern is…" },
	{ "matches('a', 5)", "!14 matches() wants a string; the second is an "
	    "int (matches(text, pattern))" },
	{ "matches('x' + params.domain, 'x' + re(params.domain))", "true" },
	{ "matches('a.c', re('a.c'))", "true" },
	{ "matches('abc', re('a.c'))", "false" },
	{ "matches('\\E.*', re('\\E.*'))", "true" },
	{ "matches('a]#b c', '(?x)' + re('a]#b c'))", "true" },
	{ "matches('a\nb', '(?x)' + re('a\nb'))", "true" },
	{ "matches('5', re(5))", "true" },
	{ "re(params.none)", "!4 re() wants…" },
	{ "replace('a-b-c', '-', '+')", "'a+b+c'" },
	{ "replace('abc', 'x', 'y')", "'abc'" },
	{ "replace('abc', 'b*', '-')", "'-a--c-'" },
	{ "replace('äö', '', '-')", "'-ä-ö-'" },
	{ "replace('a\nb', '^', '> ')", "'> a\n> b'" },
	{ "replace('a1b22', '[0-9]+', '\\0$1')", "'a\\0$1b\\0$1'" },
	{ "replace('abc', '(?=b)', '-')", "'a-bc'" },
	{ "replace('aaa', 'a', '')", "''" },
	{ "replace('a.b', re('.'), 'x')", "'axb'" },
	{ "replace('a', params.text, 'x')", "!14 a pattern is…" },
};

static const struct row number_rows[] = {
	{ "int('12')", "12" }, { "int(' -5\n')", "-5" }, { "int(7)", "7" },
	{ "int(2.0)", "2" }, { "int(1 KiB)", "1024" },
	{ "int(2.5)", "!5 int(): 2.5 is no whole number (write round(…))" },
	{ "int('')", "!5 int(): '' is no int" },
	{ "int('1 2')", "!5 int(): '1 2' is no int" },
	{ "int('0x10')", "!5 int(): '0x10' is no int" },
	{ "int('9223372036854775808')", "!5 int(): '9223372036854775808' is "
	    "no int" },
	{ "int(10000000000000000000.0)", "!5 int(): 1e+19 is "
	    "no int: too large" },
	{ "int(true)", "!5 int() wants an int, a real, a string or a size; "
	    "its argument is a bool (int(x))" },
	{ "int(90s)", "!5 int() wants…" },
	{ "real('1.5\n')", "1.5" }, { "real('1e3')", "1000" },
	{ "real(2)", "2" }, { "real('inf')", "!6 real(): 'inf' is no…" },
	{ "real('nan')", "!6 real()…" }, { "real('')", "!6 real()…" },
	{ "duration('1h30m')", "1h30m" }, { "duration(90s)", "1m30s" },
	{ "duration('90')", "!10 duration(): '90' is no duration (90s, "
	    "1h30m, 14d; seconds in a text: int(…) * 1s)" },
	{ "duration(90)", "!10 duration() wants a string or a duration;…" },
	{ "size('20 GiB')", "20 GiB" }, { "size(1024)", "1 KiB" },
	{ "size('512')", "512 B" },
	{ "size('x')", "!6 size(): 'x' is no size (20 GiB…" },
	{ "size(-1)", "!6 size(): -1 is no size" },
	{ "size(1.5)", "!6 size() wants…" },
	{ "time('2026-11-24T01:00:00Z')", "2026-11-24T01:00:00Z" },
	{ "time('2026-11-24T02:00:00+01:00')", "2026-11-24T01:00:00Z" },
	{ "time('2026-11-24T01:00:00')", "!6 time(): '2026-11-24T01:00:00' "
	    "is no time (2026-11-24T01:02:03Z, or with an offset: …+01:00)" },
	{ "time(0)", "!6 time() wants…" },
	{ "now()", "2026-11-24T01:00:00Z" },
	{ "now() - 30d < now()", "true" },
	{ "since(now() - 90s)", "1m30s" },
	{ "since('x')", "!7 since() wants a time;…" },
	{ "abs(-5)", "5" }, { "abs(-2.5)", "2.5" }, { "abs(1m - 2m)", "1m" },
	{ "abs(-9223372036854775807 - 1)", "!26 abs(): the result is…" },
	{ "round(2.5)", "3" }, { "round(-2.5)", "-3" }, { "round(2.4)", "2" },
	{ "round(7)", "7" }, { "round(1 KiB)", "1 KiB" },
	{ "round(20 GiB * 1.1)", "23622320128" },
	{ "round(2.456, 2)", "2.46" }, { "round(2.456, 0)", "2" },
	{ "round(5, 2)", "5" }, { "round(2.5, 16)", "!12 round(): digits are "
	    "0 to 15" },
	{ "round(100000000000000000000.0)", "!7 round()…" },
	{ "round('a')", "!7 round() wants an int, a real or a size; its "
	    "argument is a string…" },
};

static const struct row format_rows[] = {
	{ "json('{\"a\": [1, 2.5, \"x\", true, null]}')",
	    "{\"a\": [1, 2.5, \"x\", true, null]}" },
	{ "json('5')", "5" }, { "json(' \"a\" ')", "'a'" },
	{ "json('null')", "null" }, { "json('1.0') == 1", "true" },
	{ "json('')", "!6 json(): the JSON text cannot be read: it breaks "
	    "off (line 1, column 0) (the text is empty)" },
	{ "json('{')", "!6 json(): the JSON text cannot be read: it breaks "
	    "off…" },
	{ "json('[1,]')", "!6 json(): the JSON text cannot be read: it is "
	    "no JSON…" },
	{ "json('1 2')", "!6 json(): the JSON text cannot be read: something "
	    "stands behind its end…" },
	{ "json('{\"a\":1,\"a\":2}')", "!6 json(): the JSON text cannot be "
	    "read: a key stands there twice…" },
	{ "json('9223372036854775808')", "!6 json(): the JSON text cannot be "
	    "read: a number is too large…" },
	{ "json('1e999')", "!6 json(): the JSON text cannot be read: a number "
	    "is too large…" },
	{ "json('\"\\u0000\"')", "!6 json(): the JSON text cannot be read: "
	    "it holds a NUL character…" },
	{ "json('\"\x80\"')", "!6 json(): the JSON text cannot be read: it "
	    "is no UTF-8…" },
	{ "json('NaN')", "!6 json()…" },
	{ "table('k,n\na,1\nb,\n', 'k')",
	    "{\"a\": {\"n\": 1}, \"b\": {\"n\": 0}}" },
	{ "table('x', 'k')", "!7 table(): no line has a column 'k'" },
	{ "merge_sum([json('{\"a\": 1, \"b\": 2}'), json('{\"a\": 5}')])",
	    "{\"a\": 6, \"b\": 2}" },
	{ "merge_sum([json('{\"a\": {\"x\": 1}}'), json('{\"a\": {\"x\": 2, "
	    "\"y\": 3}}')])", "{\"a\": {\"x\": 3, \"y\": 3}}" },
	{ "merge_sum([])", "{}" },
	{ "merge_sum([1])", "!11 merge_sum(): element 0 is an int, no map" },
	{ "merge_sum([json('{\"a\": \"x\"}')])", "!11 merge_sum(): 'a' is a "
	    "string, no number" },
	{ "merge_sum([json('{\"a\": 1}'), json('{\"a\": {\"b\": 1}}')])",
	    "!1 '+' adds…" },
	{ "sum_columns(table('k,a,b,c\nx,1,2,3\ny,4,,6\n', 'k'), ['a', 'b', "
	    "'gone'])", "{\"x\": 3, \"y\": 4}" },
	{ "sum_columns(json('{\"a\": 1}'), ['x'])", "!13 sum_columns(): row "
	    "'a' is an int, no map" },
	{ "sum_columns(json('{\"a\": {\"x\": \"y\"}}'), ['x'])", "!13 "
	    "sum_columns(): row 'a', column 'x' is a string, no number" },
	{ "sum_columns(json('{}'), [1])", "!25 sum_columns(): columns are…" },
	{ "lower_keys(params.map)",
	    "{\"a\": 1, \"b\": {\"c\": 2}, \"key\": 3}" },
	{ "lower_keys(json('{\"A\": 1, \"a\": 2}'))", "!12 lower_keys(): two "
	    "keys become 'a'" },
};

/* security.md V8 */
static const struct row path_rows[] = {
	{ "path_join('/a', 'b', 'c')", "'/a/b/c'" },
	{ "path_join('/a/', 'b')", "'/a/b'" },
	{ "path_join('/', 'b')", "'/b'" },
	{ "path_join('a', 'b/c')", "'a/b/c'" },
	{ "path_join('.', 'b')", "'./b'" },
	{ "path_join('/a')", "!1 path_join() takes at least 2 arguments…" },
	{ "path_join('', 'b')", "!11 path_join(): '' is empty" },
	{ "path_join('/a/../b', 'c')", "!11 path_join(): '/a/../b' has a "
	    "component '..'" },
	{ "path_join('..', 'c')", "!11 path_join(): '..' has a…" },
	{ "path_join('/a\nb', 'c')", "!11 path_join(): '/a\nb' has a control "
	    "character" },
	{ "path_join('/a', '')", "!17 path_join(): '' is empty" },
	{ "path_join('/a', '/b')", "!17 path_join(): '/b' is absolute" },
	{ "path_join('/a', '.')", "!17 path_join(): '.' has a component…" },
	{ "path_join('/a', '..')", "!17 path_join(): '..' has a component…" },
	{ "path_join('/a', 'b/../../c')", "!17 path_join(): 'b/../../c' has…" },
	{ "path_join('/a', 'b/./c')", "!17 path_join(): 'b/./c' has…" },
	{ "path_join('/a', 'b//c')", "!17 path_join(): 'b//c' has an empty…" },
	{ "path_join('/a', 'b/')", "!17 path_join(): 'b/' has an empty…" },
	{ "path_join('/a', 'b\tc')", "!17 path_join(): 'b\tc' has a control…" },
	{ "path_join('/a', 'b', '../../../home/cchq/.ssh/authorized_keys')",
	    "!22 path_join(): '../../../home/cchq/.ssh/authorized_keys' has a "
	    "component '..'" },
	{ "path_join('/a', params.taken)", "!17 path_join(): 'a/b' has a '/'; "
	    "what was captured, or is an item, is one component" },
	{ "path_join(params.taken, 'x')", "FOREIGN 'a/b/x'" },
	{ "path_join('/a', 5)", "!17 path_join() wants a string;…" },
	{ "path_join('/a', params.none)", "!17 path_join() wants a string; "
	    "the second is null…" },
};

static void
test_lists(void **state)
{
	(void)state;
	run_rows(list_rows);
}

static void
test_texts(void **state)
{
	(void)state;
	run_rows(text_rows);
}

static void
test_patterns(void **state)
{
	(void)state;
	run_rows(pattern_rows);
}

static void
test_numbers(void **state)
{
	(void)state;
	run_rows(number_rows);
}

static void
test_formats(void **state)
{
	(void)state;
	run_rows(format_rows);
}

static void
test_paths(void **state)
{
	(void)state;
	run_rows(path_rows);
}

/* language.md 3 has the list; the manual's table is made from these rows. */
static void
test_docs(void **state)
{
	static const char *const names[] = {
		"len", "keys", "values", "merge", "flatten", "sort", "unique",
		"first", "last", "contains", "startswith", "endswith",
		"matches", "replace", "split", "join", "lines", "words",
		"trim", "lower", "upper", "int", "real", "string", "duration",
		"size", "time", "json", "table", "re", "path_join", "base64",
		"sha256", "now", "since", "abs", "min", "max", "round",
		"is_null", "wild", "opt", "if", "map", "filter", "any", "all",
		"sum", "merge_sum", "sum_columns", "intersection",
		"lower_keys",
	};
	const struct expr_function_doc *doc;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof names / sizeof *names; i++) {
		doc = expr_function_doc(i);
		assert_non_null(doc);
		assert_string_equal(doc->name, names[i]);
		assert_true(strncmp(doc->signature, doc->name,
		    strlen(doc->name)) == 0);
		assert_int_equal(doc->help[strlen(doc->help) - 1] == '.' ||
		    doc->help[strlen(doc->help) - 1] == '?' ||
		    doc->help[strlen(doc->help) - 1] == ')', 1);
	}
	assert_null(expr_function_doc(i));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_docs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
