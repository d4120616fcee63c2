/* Expressions: grammar, names, operators, what is read out of them. */
#include "book_expr_help.h"

#include "book_expr_standard.h"

static void
test_literals(void **state)
{
	static const struct row rows[] = {
		{ "12", "12" }, { "0", "0" }, { "1.5", "1.5" },
		{ "9223372036854775807", "9223372036854775807" },
		{ "9223372036854775808", "!1 this number is too large" },
		{ "'raw, '' is a quote \\n'", "'raw, ' is a quote \\n'" },
		{ "\"raw, \"\" is a quote\"", "'raw, \" is a quote'" },
		{ "''", "''" }, { "'\"'", "'\"'" }, { "''''", "'''" },
		{ "90s", "1m30s" }, { "1h30m", "1h30m" }, { "14d", "14d" },
		{ "300ms", "300ms" }, { "0s", "0s" },
		{ "20 GiB", "20 GiB" }, { "20GiB", "20 GiB" },
		{ "5 MB", "4.8 MiB" }, { "1.5 GiB", "1.5 GiB" },
		{ "true", "true" }, { "false", "false" }, { "null", "null" },
		{ "[]", "[]" }, { "[1, 'a', [null]]", "[1, \"a\", [null]]" },
		{ "0123", "!1 a number does not begin with 0…" },
		{ "00", "!1 a number does not begin with 0…" },
		{ "1.5h", "!1 this is neither a number…" },
		{ "1e6", "!1 this is neither a number…" },
		{ "5 Mb", "!3 a name begins with a small letter…" },
		{ "5 GiBs", "!3 a name begins with a small letter…" },
		{ "5_000", "!1 this is neither a number…" },
		{ "1m1h", "!1 this is neither a number…" },
		{ "99999999 TiB", "!…" },
		{ "'abc", "!1 this string has no end…" },
		{ "'abc''", "!1 this string has no end…" },
		{ "\"abc'", "!1 this string has no end…" },
	};

	(void)state;
	run_rows(rows);
}

static void
test_grammar(void **state)
{
	static const struct row rows[] = {
		{ "1 + 2 * 3", "7" }, { "(1 + 2) * 3", "9" },
		{ "10 - 3 - 2", "5" }, { "2 * 3 % 4", "2" },
		{ "- 2 * 3", "-6" }, { "- - 2", "2" }, { "1 - -1", "2" },
		{ "1-1", "0" }, { "1<2 and 2<3", "true" },
		{ "true or false and false", "true" },
		{ "(true or false) and false", "false" },
		{ "not true or true", "true" }, { "not not true", "true" },
		{ "not 1 == 2", "true" }, { "not 1 in [2]", "true" },
		{ "1 not in [2]", "true" }, { "1 + 1 == 2", "true" },
		{ "null ?? 1 + 1", "2" }, { "null ?? null ?? 3", "3" },
		{ "1 + (null ?? 1)", "2" }, { "1 == null ?? 1", "true" },
		{ " 1\n+\t2 ", "3" }, { "[1,2][1]", "2" },
		{ "[[1],[2]][1][0]", "2" }, { "len('abc')", "3" },
		{ "len( [1 , 2] )", "2" }, { "params . n", "5" },
		{ "params['n']", "5" }, { "params['n' + '']", "5" },
		{ "params.map.b.c", "2" }, { "params.map['b']['c']", "2" },
		{ "params.map[params.words[1]]", "1" },
		{ "item", "{\"id\": 7, \"key\": \"k\"}" },
		{ "item.id", "7" }, { "item['id']", "7" },
		{ "", "!1 an expression is missing here" },
		{ "  ", "!3 an expression is missing here" },
		{ "1 +", "!4 the expression breaks off" },
		{ "+ 1", "!1 a value is missing here" },
		{ "1 2", "!3 the expression should end here…" },
		{ "1 )", "!3 the expression should end here" },
		{ "(1", "!1 this '(' is never closed" },
		{ "(1 2)", "!4 a ')' is missing here" },
		{ "[1 2]", "!4 a ',' or a ']' is missing here" },
		{ "[1,]", "!4 a value is missing here" },
		{ "len(1", "!6 a ',' or a ')' is missing here" },
		{ "params.", "!8 a name is missing behind '.'…" },
		{ "params.5", "!8 a name is missing behind '.'…" },
		{ "params[1", "!9 a ']' is missing here" },
		{ "1 < 2 < 3", "!7 comparisons do not chain…" },
		{ "1 == 2 in [3]", "!8 comparisons do not chain…" },
		{ "1 not 2", "!3 'not' cannot stand between two values…" },
		{ "1 == not true", "!6 'not' cannot stand here…" },
		{ "1 = 2", "!3 one '=' compares nothing (write ==)" },
		{ "true && true", "!6 '&&' is written 'and'" },
		{ "true || true", "!6 '||' is written 'or'" },
		{ "!true", "!1 '!' is written 'not'" },
		{ "true ? 1 : 2", "!6 there is no '? :'…" },
		{ "${{ 1 }}", "!1 an expression stands inside…" },
		{ "$x", "!1 '$' is no part of an expression…" },
		{ "{'a': 1}", "!1 maps cannot be written in an…" },
		{ "params.Key", "!8 a name begins with a small letter…" },
		{ "params.kEy", "!9 names have small letters only…" },
		{ "‘a’", "!1 this is a typographic quote (write '…')" },
		{ "1 ä", "!3 'ä' is no part of an expression" },
		{ "1 \x80", "!3 '\x80' is no part of an expression" },
		{ "'ä' + 1", "!5 '+' adds…" },
		{ "1 ~ 2", "!3 '~' is no part of an expression" },
		{ "true.x", "!6 a bool has no members" },
		{ "'a'.x", "!5 a string has no members" },
		{ "[1].x", "!5 a list has no members (write first(…).key, "
		    "or map(list, i -> i.key))" },
		{ "[1][true]", "!5 […] takes a number or a key, not a bool" },
	};

	(void)state;
	run_rows(rows);
}

static void
test_names(void **state)
{
	static const struct row rows[] = {
		{ "param.n", "!1 unknown name 'param' (did you mean "
		    "'params'?)" },
		{ "1 + foo", "!5 unknown name 'foo' (text needs quotes "
		    "('foo'); values are params.foo, steps.X.foo and so on; "
		    "a check stands alone)" },
		{ "(foo)", "!2 unknown name 'foo'…" },
		{ "not foo", "!5 unknown name 'foo'…" },
		{ "foo.bar", "!1 unknown name 'foo'…" },
		{ "foo", "!1 'foo.' means nothing here" },
		{ "1 + params.x", "!5 'params.x' means nothing here" },
		{ "lenn(params.n)", "!1 unknown function 'lenn' (did you mean "
		    "'len'?)" },
		{ "1 + str(5)", "!5 unknown function 'str' (here it is "
		    "string)" },
		{ "frobnicate(5)", "!1 unknown function 'frobnicate' "
		    "(cairn-runbook(5) lists them)" },
		{ "len", "!1 'len.' means nothing here" },
		{ "len()", "!1 len() takes 1 argument, not 0 (len(x))" },
		{ "len(1, 2)", "!1 len() takes 1 argument, not 2 (len(x))" },
		{ "round()", "!1 round() takes at least 1 argument, not 0 "
		    "(round(x) or round(x, digits))" },
		{ "round(1, 2, 3)", "!1 round() takes at most 2 arguments, "
		    "not 3…" },
		{ "map(params.list, x -> x + 1)", "[4, 2, 3]" },
		{ "map([1], x -> map([2], y -> x + y))", "[[3]]" },
		{ "map([[1], [2]], x -> sum(map(x, y -> y)))", "[1, 2]" },
		{ "map([1], x -> x) == [x]", "!22 unknown name 'x'…" },
		{ "map([1], item -> item)", "!10 this name has a meaning…" },
		{ "map([1], x -> map([1], x -> x))", "!24 this name has a…" },
		{ "map([1], len -> len + 1)", "[2]" },
		{ "map([1], 2)", "!10 map() wants x -> … here…" },
		{ "len(x -> 1)", "!5 '->' stands only in the second…" },
		{ "x -> 1", "!1 unknown name 'x'…" },
		{ "[x -> 1]", "!2 '->' stands only in the second…" },
		{ "map(x -> 1, [1])", "!5 '->' stands only in the second…" },
		{ "params.map.aa", "!12 there is no 'aa' here (it has: a, b, "
		    "Key)" },
		{ "params.map['Ke']", "!11 there is no 'Ke' here…" },
		{ "json('{\"label\": 1}').lable", "!22 there is no 'lable' "
		    "here (did you mean 'label'?)" },
		{ "params.list.n", "!13 a list has no members; it is "
		    "[3, 1, 2]…" },
		{ "params.text.n", "!13 a string has no members;…" },
		{ "params.list[3]", "!12 there is no element 3: the list has "
		    "3…" },
		{ "params.list[-1]", "!12 there is no element -1: the list…" },
		{ "params.map[1]", "!11 a map takes a key in […], not an int" },
		{ "params.rows['y'].n", "2" },
		{ "params.rows['z'].n", "!12 no element of the list has the "
		    "key 'z'" },
		{ "params.none.x.y[3]['z']", "null" },
		{ "params.map.not", "!12 there is no 'not' here…" },
		{ "params.map.true", "!12 there is no 'true' here…" },
	};

	(void)state;
	run_rows(rows);
}

/* What every operator makes of every pair of types: 0 null, b bool, i int,
 * r real, s string, d duration, z size, t time, [ list, { map; "." is refused,
 * "!" too, because of what the list holds. */
struct matrix {
	const char *sign;
	const char *results[10];
};

static const struct matrix matrices[] = {
	{ "+", {
	    "..........",
	    "..........",
	    "..ir..z...",
	    "..rr..r...",
	    "....s.....",
	    ".....d.t..",
	    "..zr..z...",
	    ".....t....",
	    "..........",
	    "..........",
	} },
	{ "-", {
	    "..........",
	    "..........",
	    "..ir..z...",
	    "..rr..r...",
	    "..........",
	    ".....d....",
	    "..zr..z...",
	    ".....t.d..",
	    "..........",
	    "..........",
	} },
	{ "*", {
	    "..........",
	    "..........",
	    "..ir.dz...",
	    "..rr.dr...",
	    "..........",
	    "..dd......",
	    "..zr......",
	    "..........",
	    "..........",
	    "..........",
	} },
	{ "/", {
	    "..........",
	    "..........",
	    "..rr..r...",
	    "..rr..r...",
	    "..........",
	    "..dd.r....",
	    "..rr..r...",
	    "..........",
	    "..........",
	    "..........",
	} },
	{ "%", {
	    "..........",
	    "..........",
	    "..i.......",
	    "..........",
	    "..........",
	    ".....d....",
	    "..z...z...",
	    "..........",
	    "..........",
	    "..........",
	} },
	{ "==", {
	    "bbbbbbbbbb",
	    "bb........",
	    "b.bb..b...",
	    "b.bb..b...",
	    "b...b.....",
	    "b....b....",
	    "b.bb..b...",
	    "b......b..",
	    "b.......b.",
	    "b........b",
	} },
	{ "<", {
	    "..........",
	    "..........",
	    "..bb..b...",
	    "..bb..b...",
	    "....b.....",
	    ".....b....",
	    "..bb..b...",
	    ".......b..",
	    "..........",
	    "..........",
	} },
	{ "in", {
	    "........b.",
	    "........!.",
	    "........b.",
	    "........b.",
	    "........!b",
	    "........!.",
	    "........b.",
	    "........!.",
	    "........!.",
	    "........!.",
	} },
	{ "and", {
	    "..........",
	    ".b........",
	    "..........",
	    "..........",
	    "..........",
	    "..........",
	    "..........",
	    "..........",
	    "..........",
	    "..........",
	} },
	{ "??", {
	    "0birsdzt[{",
	    "bbbbbbbbbb",
	    "iiiiiiiiii",
	    "rrrrrrrrrr",
	    "ssssssssss",
	    "dddddddddd",
	    "zzzzzzzzzz",
	    "tttttttttt",
	    "[[[[[[[[[[",
	    "{{{{{{{{{{",
	} },
};

static const char *const samples[] = { "none", "yes", "n", "half", "text",
	"wait", "size", "when", "list", "map" };

static void
check_pair(struct world *w, const char *text, char want)
{
	struct arena *a = arena_new();
	struct source *s = source_new("t", text, strlen(text));
	struct err err = ERR_INIT;
	struct expr *e = expr_parse(a, scalar_of(a, s), 0, s->len, &err);
	struct value v;
	char got;

	assert_non_null(e);
	if (expr_eval(e, &w->scope, a, &v, &err) == 0)
		got = "0birsdzt[{"[v.type];
	else
		got = strstr(err.text, "the list holds") ? '!' : '.';
	if (got == '.')
		assert_true(strstr(err.text, " is ") && err.mark.source);
	if (got != want)
		fail_msg("%s gives %c, not %c (%s)", text, got, want,
		    err.set ? err.text : "");
	err_free(&err);
	source_free(s);
	arena_free(a);
}

static void
test_operator_types(void **state)
{
	const char *want;
	char text[100];
	struct world w;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < sizeof matrices / sizeof *matrices; i++) {
		for (size_t pair = 0; pair < 100; pair++) {
			want = matrices[i].results[pair / 10];
			snprintf(text, sizeof text, "params.%s %s params.%s",
			    samples[pair / 10], matrices[i].sign,
			    samples[pair % 10]);
			check_pair(&w, text, want[pair % 10]);
		}
	}
	world_free(&w);
}

static void
test_operators(void **state)
{
	static const struct row rows[] = {
		{ "7 / 2", "3.5" }, { "6 / 2", "3" }, { "7 % 3", "1" },
		{ "-7 % 3", "-1" }, { "1 / 0", "!3 division by zero" },
		{ "1 % 0", "!3 division by zero" },
		{ "1 / 0.0", "!3 division by zero" },
		{ "1h / 0", "!4 division by zero" },
		{ "1h % 0s", "!4 division by zero" },
		{ "9223372036854775807 + 1", "!21 the result of '+' is too "
		    "large" },
		{ "-9223372036854775807 - 2", "!22 the result of '-'…" },
		{ "9223372036854775807 * 2", "!21 the result of '*'…" },
		{ "(-9223372036854775807 - 1) % -1", "0" },
		{ "-(-9223372036854775807 - 1)", "!1 the result of '-'…" },
		{ "100000000000000000000.0 * 1", "1e+20" },
		{ "1000d * 1000000.5", "!7 the result of '*' is too large" },
		{ "0.1 + 0.2", "0.30000000000000004" },
		{ "20 GiB * 2.2", "47244640256" },
		{ "size(round(20 GiB * 2.2 + 5 * 1.2))", "44.0 GiB" },
		{ "1 GiB + 1 GiB", "2 GiB" }, { "2 * 1 GiB", "2 GiB" },
		{ "1 GiB / 1 MiB", "1024" }, { "1 GiB == 1073741824", "true" },
		{ "params.wait * 1.3", "1m57s" }, { "1h / 2", "30m" },
		{ "5m / 30s", "10" }, { "10 * 1s", "10s" },
		{ "params.when + 1h", "2026-11-24T02:00:00Z" },
		{ "params.when + 1500ms", "2026-11-24T01:00:01.500000Z" },
		{ "(params.when + 1h) - params.when", "1h" },
		{ "params.wait * 1.3 < (params.when + 2m) - params.when",
		    "true" },
		{ "'a' + 'b'", "'ab'" }, { "'a' < 'b'", "true" },
		{ "'a' < 'aa'", "true" }, { "'Z' < 'a'", "true" },
		{ "1 < 1.5", "true" }, { "1 == 1.0", "true" },
		{ "9007199254740993 == 9007199254740992.0", "false" },
		{ "9007199254740993 > 9007199254740992.0", "true" },
		{ "9223372036854775807 < 9300000000000000000.0", "true" },
		{ "0 > -9300000000000000000.0", "true" },
		{ "-1.5 < -1", "true" }, { "1s <= 1000ms", "true" },
		{ "[1, 'a'] == [1, 'a']", "true" }, { "[1] == [2]", "false" },
		{ "[1] == [1, 2]", "false" }, { "[] == []", "true" },
		{ "params.map == merge(params.map)", "true" },
		{ "json('{\"a\":1,\"b\":2}') == json('{\"b\":2,\"a\":1}')",
		    "true" },
		{ "json('{\"a\":1}') == json('{\"b\":1}')", "false" },
		{ "null == null", "true" }, { "params.none == null", "true" },
		{ "1 == null", "false" }, { "1 != null", "true" },
		{ "1 in [1.0]", "true" }, { "null in [null]", "true" },
		{ "1 in []", "false" }, { "'a' in params.map", "true" },
		{ "'x' not in params.map", "true" },
	};

	(void)state;
	run_rows(rows);
}

static void
test_refused(void **state)
{
	static const struct row rows[] = {
		{ "5 in params.words", "!3 'in' compares values of one type; "
		    "left is an int, the list holds a string" },
		{ "'a' in 'abc'", "!5 'in' looks for a value in a list, or a "
		    "key in a map; left is a string, right is a string (for "
		    "text within text write contains(text, part))" },
		{ "params.text < 5", "!13 '<' compares two values of one "
		    "type; left is a string…" },
		{ "self.rc == '0'", "!9 '==' compares two values of one type; "
		    "left is an int (0), right is a string ('0') (write "
		    "int(…) around the string)" },
		{ "'12' < 5", "!6 '<' compares two values of one type; left "
		    "is a string, right is an int (write int(…) around the "
		    "string)" },
		{ "1.5 < '2'", "!5 '<' compares two values of one type; left "
		    "is a real, right is a string (write real(…) around the "
		    "string)" },
		{ "90s < '90s'", "!5 '<' compares two values of one type; "
		    "left is a duration, right is a string (write "
		    "duration(…) around the string)" },
		{ "params.when < '2026'", "!13 '<' compares two values of one "
		    "type; left is a time (2026-11-24T01:00:00Z), right is a "
		    "string ('2026') (write time(…) around the string)" },
		{ "1h > 5", "!4 '>' compares two values of one type; left is "
		    "a duration, right is an int (a duration has a unit: "
		    "90s, or n * 1s)" },
		{ "true == 'true'", "!6 '==' compares two values of one type; "
		    "left is a bool, right is a string (compare the string "
		    "with a string: x == 'true')" },
		{ "[1] < [2]", "!5 '<' compares two values of one type; left "
		    "is a list, right is a list (numbers, sizes, strings, "
		    "durations and times have an order)" },
		{ "[1] + [2]", "!5 '+' adds numbers, sizes, durations, a "
		    "duration to a time, or joins two strings; left is a "
		    "list, right is a list (write flatten([a, b]))" },
		{ "params.map + params.map", "!12 '+' adds…" },
		{ "'a' + 1", "!5 '+' adds numbers, sizes, durations, a "
		    "duration to a time, or joins two strings; left is a "
		    "string, right is an int (write string(…) around what is "
		    "no string)" },
		{ "params.none + 1", "!13 '+' adds numbers, sizes, durations, "
		    "a duration to a time, or joins two strings; left is "
		    "null, right is an int (1) (what was skipped or left out "
		    "is null; say what counts then: (… ?? 0))" },
		{ "-'a'", "!1 '-' takes a number, a size or a duration; this "
		    "is a string" },
		{ "-params.text", "!1 '-' takes a number…" },
		{ "not params.n", "!1 'not' turns true and false round; this "
		    "is an int (5)" },
		{ "params.yes and params.n", "!12 'and' joins true and false; "
		    "this is an int (5)" },
		{ "params.n or params.yes", "!10 'or' joins true and false;…" },
		{ "len(params.text) == '5'", "!18 '==' compares two values of "
		    "one type; left is an int, right is a string…" },
	};

	(void)state;
	run_rows(rows);
}

/* The second side is looked at only when the first has not decided. */
static void
test_lazy(void **state)
{
	static const struct row rows[] = {
		{ "params.no and params.gone", "false" },
		{ "params.yes or params.gone", "true" },
		{ "params.n ?? params.gone", "5" },
		{ "if(params.yes, 1, params.gone)", "1" },
		{ "if(params.no, params.gone, 2)", "2" },
		{ "params.none ?? params.gone", "!16 'params.gone'…" },
		{ "any(params.list, x -> x == 3 or params.gone)", "true" },
		{ "all([1], x -> x == 2 and params.gone)", "false" },
		{ "if(params.n, 1, 2)", "!4 if() wants a bool; the first is "
		    "an int (5)…" },
		{ "if(params.none, 1, 2)", "!4 if() wants a bool; the first "
		    "is null…" },
	};

	(void)state;
	run_rows(rows);
}

static struct expr *
parse(struct arena *a, struct source *s)
{
	struct err err = ERR_INIT;
	struct expr *e = expr_parse(a, scalar_of(a, s), 0, s->len, &err);

	if (e == NULL)
		fail_msg("%s: %s", s->text, err.text);
	return e;
}

static void
check_test(struct world *w, const char *text, const char *want)
{
	struct arena *a = arena_new();
	struct source *s = source_new("t", text, strlen(text));
	struct buf out = BUF_INIT(1000);
	struct err err = ERR_INIT;
	struct value v;

	if (expr_test(parse(a, s), &w->scope, a, &v, &err) == 0)
		value_show(&out, v, 100);
	else
		show_err(&out, &err);
	if (!is_as_expected(out.data, want))
		fail_msg("%s gives %s", text, out.data);
	buf_free(&out);
	err_free(&err);
	source_free(s);
	arena_free(a);
}

static void
test_test(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	check_test(&w, "1 == 1", "true");
	check_test(&w, "params.no", "false");
	check_test(&w, "params.unknown", "unknown (a dry run)");
	check_test(&w, " params.text", "!2 this must be true or false; it is "
	    "a string…");
	check_test(&w, "params.none", "!1 this must be true or false; it is "
	    "null (what was skipped…");
	check_test(&w, "params.secret", "!1 this must be true or false; it is "
	    "a string ([secret])");
	world_free(&w);
}

static int
add_ref(const struct expr_ref *ref, void *ctx)
{
	buf_addf(ctx, "%u:%s.%s.%s ", ref->mark.col, ref->root,
	    ref->name ? ref->name : "-", ref->member ? ref->member : "-");
	return strcmp(ref->root, "self") == 0 ? 7 : 0;
}

static void
check_refs(const char *text, const char *want, int status)
{
	struct arena *a = arena_new();
	struct source *s = source_new("t", text, strlen(text));
	struct buf out = BUF_INIT(1000);

	assert_int_equal(expr_refs(parse(a, s), add_ref, &out), status);
	assert_string_equal(out.data, want);
	buf_free(&out);
	source_free(s);
	arena_free(a);
}

static void
test_refs(void **state)
{
	(void)state;
	check_refs("1 + 2", "", 0);
	check_refs("params.a", "1:params.a.- ", 0);
	check_refs("steps.a.b.c", "1:steps.a.b ", 0);
	check_refs("steps['a']['b']", "1:steps.a.b ", 0);
	check_refs("steps[params.x].b", "1:steps.-.- 7:params.x.- ", 0);
	check_refs("steps.a[params.x]", "1:steps.a.- 9:params.x.- ", 0);
	check_refs("map(steps.a.items, i -> i.x + params.y)",
	    "5:steps.a.items 31:params.y.- ", 0);
	check_refs("if(inputs.a, vars.b, [run.id])",
	    "4:inputs.a.- 14:vars.b.- 23:run.id.- ", 0);
	check_refs("item", "1:item.-.- ", 0);
	check_refs("item.a.b", "1:item.a.b ", 0);
	check_refs("some_check", "1:some_check.-.- ", 0);
	check_refs("self.a + self.b", "1:self.a.- ", 7);
}

static void
check_bare(const char *text, const char *want)
{
	struct arena *a = arena_new();
	struct source *s = source_new("t", text, strlen(text));
	const char *name = expr_bare_name(parse(a, s));

	if (want == NULL)
		assert_null(name);
	else
		assert_string_equal(name, want);
	source_free(s);
	arena_free(a);
}

static void
test_bare_name(void **state)
{
	(void)state;
	check_bare("old_frozen", "old_frozen");
	check_bare(" old_frozen ", "old_frozen");
	check_bare("true", NULL);
	check_bare("null", NULL);
	check_bare("'x'", NULL);
	check_bare("params.x", NULL);
	check_bare("not params.x", NULL);
}

static void
test_source(void **state)
{
	struct arena *a = arena_new();
	struct source *s = source_new("t", "abc  1 + 2  xyz", 15);
	struct err err = ERR_INIT;
	struct expr *e;

	(void)state;
	e = expr_parse(a, scalar_of(a, s), 3, 9, &err);
	assert_non_null(e);
	assert_string_equal(expr_source(e), "1 + 2");
	assert_int_equal(expr_mark(e).col, 6);
	source_free(s);
	arena_free(a);
}

static int
get_unknown(void *ctx, const char *root, const char *name, struct arena *a,
    struct value *out, struct err *err)
{
	(void)ctx;
	(void)root;
	(void)name;
	(void)a;
	(void)err;
	*out = value_unknown("not run yet");
	return 0;
}

/* Everything in the standard runbook can be parsed, and gives no error as long
 * as nothing is known: that is its dry run. */
static void
test_standard(void **state)
{
	const struct scope scope = { get_unknown, NULL, TEST_NOW };
	struct arena *a = arena_new();
	struct err err = ERR_INIT;
	struct source *s;
	struct value v;

	(void)state;
	for (size_t i = 0; i < STANDARD_EXPRS; i++) {
		s = source_new("t", standard_exprs[i],
		    strlen(standard_exprs[i]));
		if (expr_eval(parse(a, s), &scope, a, &v, &err) < 0)
			fail_msg("%s: %s", standard_exprs[i], err.text);
		source_free(s);
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_literals),
		cmocka_unit_test(test_grammar),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_operator_types),
		cmocka_unit_test(test_operators),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_lazy),
		cmocka_unit_test(test_test),
		cmocka_unit_test(test_refs),
		cmocka_unit_test(test_bare_name),
		cmocka_unit_test(test_source),
		cmocka_unit_test(test_standard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
