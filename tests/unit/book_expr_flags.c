/* Unknown values of a dry run, secrets and other marks: how they spread. */
#include "book_expr_help.h"

static void
test_unknown(void **state)
{
	static const struct row rows[] = {
		{ "params.unknown", "unknown (a dry run)" },
		{ "params.unknown + 1", "unknown (a dry run)" },
		{ "[] == params.unknown", "unknown (a dry run)" },
		{ "params.unknown.a.b[0]", "unknown (a dry run)" },
		{ "params.list[params.unknown]", "unknown (a dry run)" },
		{ "-params.unknown", "unknown (a dry run)" },
		{ "not params.unknown", "unknown (a dry run)" },
		{ "len(params.unknown)", "unknown (a dry run)" },
		{ "params.unknown and false", "unknown (a dry run)" },
		{ "params.unknown or true", "unknown (a dry run)" },
		{ "false and params.unknown", "false" },
		{ "true and params.unknown", "unknown (a dry run)" },
		{ "true or params.unknown", "true" },
		{ "params.unknown ?? 1", "unknown (a dry run)" },
		{ "params.none ?? params.unknown", "unknown (a dry run)" },
		{ "if(params.unknown, 1, 2)", "unknown (a dry run)" },
		{ "if(true, 1, params.unknown)", "1" },
		{ "is_null(params.unknown)", "unknown (a dry run)" },
		{ "[1, params.unknown]", "[1, unknown (a dry run)]" },
		{ "len(params.partly)", "2" }, { "params.partly[0]", "1" },
		{ "first(params.partly)", "1" },
		{ "last(params.partly)", "unknown (a dry run)" },
		{ "sum(params.partly)", "unknown (a dry run)" },
		{ "join(params.partly, ',')", "unknown (a dry run)" },
		{ "string(params.partly)", "unknown (a dry run)" },
		{ "sort(params.partly)", "unknown (a dry run)" },
		{ "unique(params.partly)", "unknown (a dry run)" },
		{ "flatten([params.partly, params.unknown])",
		    "unknown (a dry run)" },
		{ "flatten([params.partly])", "[1, unknown (a dry run)]" },
		{ "merge([params.unknown])", "unknown (a dry run)" },
		{ "params.partly == [1, 2]", "unknown (a dry run)" },
		{ "1 in params.partly", "true" },
		{ "1 not in params.partly", "false" },
		{ "2 in params.partly", "unknown (a dry run)" },
		{ "2 not in params.partly", "unknown (a dry run)" },
		{ "'x' in params.partly", "!5 'in' compares…" },
		{ "params.unknown in [1]", "unknown (a dry run)" },
		{ "map(params.partly, x -> x + 1)",
		    "[2, unknown (a dry run)]" },
		{ "filter(params.partly, x -> x == 1)",
		    "unknown (a dry run)" },
		{ "any(params.partly, x -> x == 1)", "true" },
		{ "any(params.partly, x -> x == 2)", "unknown (a dry run)" },
		{ "all(params.partly, x -> x == 1)", "unknown (a dry run)" },
		{ "all(params.partly, x -> x == 2)", "false" },
		{ "matches(params.domain, 'x' + re(params.unknown))",
		    "unknown (a dry run)" },
		{ "path_join('/x', params.unknown)", "unknown (a dry run)" },
	};

	(void)state;
	run_rows(rows);
}

/* security.md S1, V8: what is computed from it has the flag. */
static void
test_secret(void **state)
{
	static const struct row rows[] = {
		{ "params.secret", "SECRET 'hunter22'" },
		{ "params.secret + 'x'", "SECRET 'hunter22x'" },
		{ "'x' + params.secret", "SECRET 'xhunter22'" },
		{ "params.secret == 'x'", "SECRET false" },
		{ "not (params.secret == 'x')", "SECRET true" },
		{ "params.secret == 'x' and true", "SECRET false" },
		{ "true and params.secret == 'x'", "SECRET false" },
		{ "len(params.secret)", "SECRET 8" },
		{ "-len(params.secret)", "SECRET -8" },
		{ "sha256('hunter22')", "'20d2fe5e369db54ec7090639a9dc30ec4d60"
		    "8604936239d39e2de07fda09eb0b'" },
		{ "sha256(params.secret)", "SECRET '20d2fe5e369db54ec70…" },
		{ "base64(params.secret)", "SECRET 'aHVudGVyMjI='" },
		{ "upper(params.secret)", "SECRET 'HUNTER22'" },
		{ "words(params.secret)", "SECRET [\"hunter22\"]" },
		{ "first(words(params.secret))", "SECRET 'hunter22'" },
		{ "words(params.secret)[0]", "SECRET 'hunter22'" },
		{ "re(params.secret)", "SECRET 'hunter22'" },
		{ "string(params.secret)", "SECRET 'hunter22'" },
		{ "params.secret ?? 'x'", "SECRET 'hunter22'" },
		{ "if(params.secret == 'x', 1, 2)", "SECRET 2" },
		{ "params.rows[if(params.secret == 'x', 0, 1)].n",
		    "SECRET 2" },
		{ "json('[' + string(len(params.secret)) + ']')[0]",
		    "SECRET 8" },
		{ "[params.secret]", "[[secret]]" },
		{ "[params.secret][0]", "SECRET 'hunter22'" },
		{ "join([params.secret], ',')", "SECRET 'hunter22'" },
		{ "join(['a'], params.secret)", "SECRET 'a'" },
		{ "string([params.secret])", "SECRET '[\"hunter22\"]'" },
		{ "['x'] == [params.secret]", "SECRET false" },
		{ "'x' in [params.secret]", "SECRET false" },
		{ "params.holder.open", "1" },
		{ "params.holder.shut", "SECRET 'pw'" },
		{ "values(params.holder)", "[1, [secret]]" },
		{ "last(values(params.holder))", "SECRET 'pw'" },
		{ "merge(params.holder).open", "1" },
		{ "merge(params.holder).shut", "SECRET 'pw'" },
		{ "string(params.holder)",
		    "SECRET '{\"open\":1,\"shut\":\"pw\"}'" },
		{ "map([params.secret], s -> s + '!')", "[[secret]]" },
		{ "any([params.secret], s -> s == 'x')", "SECRET false" },
		{ "all(['x'], s -> s == params.secret)", "SECRET false" },
		{ "filter(['x'], s -> s == params.secret)", "SECRET []" },
		{ "sum([1], s -> len(params.secret))", "SECRET 8" },
		{ "sum([1, 2], s -> s + len(params.secret))", "SECRET 19" },
		{ "max('a', params.secret)", "SECRET 'hunter22'" },
		{ "sort([params.secret, 'a'])[1]", "SECRET 'hunter22'" },
		{ "unique([params.secret])", "[[secret]]" },
		{ "intersection(['x', 'hunter22'], [params.secret])",
		    "SECRET [\"hunter22\"]" },
		{ "matches(params.secret, 'h.*')", "SECRET true" },
		{ "replace('a', 'a', params.secret)", "SECRET 'hunter22'" },
		{ "params.unknown == params.secret",
		    "SECRET unknown (a dry run)" },
	};

	(void)state;
	run_rows(rows);
}

static void
test_marks(void **state)
{
	static const struct row rows[] = {
		{ "params.taken + 'x'", "FOREIGN 'a/bx'" },
		{ "path_join('/x', params.file)", "FOREIGN '/x/dump.zip'" },
		{ "if(params.taken == 'x', 'a', 'b')", "'b'" },
		{ "if(params.yes, params.taken, 'b')", "FOREIGN 'a/b'" },
		{ "first(split(params.taken, '/'))", "FOREIGN 'a'" },
		{ "opt(params.dash)", "OPT '--all'" },
		{ "opt('--x=' + params.domain)", "OPT '--x=demo'" },
		{ "opt(params.dash) + ''", "'--all'" },
		{ "wild('')", "WILD ''" }, { "wild(null)", "WILD null" },
		{ "wild(opt('-a'))", "WILD OPT '-a'" },
		{ "if(params.yes, opt('--all'), null)", "OPT '--all'" },
		{ "map(params.words, w -> opt('--x=' + w))[0]",
		    "OPT '--x=b'" },
		{ "opt(params.words)[1]", "OPT 'a'" },
		{ "params.none ?? opt('-a')", "OPT '-a'" },
	};

	(void)state;
	run_rows(rows);
}

/* What the author wrote is his; what was computed from a value is not. */
static void
check_literal(struct world *w, const char *text, bool literal)
{
	struct arena *a = arena_new();
	struct source *s = source_new("t", text, strlen(text));
	struct err err = ERR_INIT;
	struct expr *e = expr_parse(a, scalar_of(a, s), 0, s->len, &err);
	struct value v;

	assert_non_null(e);
	assert_int_equal(expr_eval(e, &w->scope, a, &v, &err), 0);
	if (!(v.flags & VALUE_LITERAL) == literal)
		fail_msg("%s", text);
	source_free(s);
	arena_free(a);
}

static void
test_literal(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	check_literal(&w, "'-x'", true);
	check_literal(&w, "'-' + 'x'", true);
	check_literal(&w, "if(params.yes, '-x', null)", true);
	check_literal(&w, "params.none ?? '-x'", true);
	check_literal(&w, "params.dash", false);
	check_literal(&w, "'-' + params.domain", false);
	check_literal(&w, "now()", false);
	check_literal(&w, "trim('-' + params.domain)", false);
	world_free(&w);
}

/* No message shows a secret, or anything of a text that is one. */
static void
test_secret_in_messages(void **state)
{
	static const char *const texts[] = {
		"params.secret + 1", "params.secret < 1", "int(params.secret)",
		"real(params.secret)", "size(params.secret)",
		"duration(params.secret)", "time(params.secret)",
		"json(params.secret)", "table(params.secret, 'hunter')",
		"params.secret.x", "params.map[params.secret]",
		"params.rows[params.secret]",
		"path_join('/x', '/' + params.secret)",
		"path_join('', params.secret)", "not params.secret",
		"params.secret and true", "round(params.secret)",
		"params.holder.nothing", "params.secret in params.list",
		"sum([params.secret])", "min(params.secret, 1)",
		"merge([params.secret])", "sort([params.secret, 1])",
		"map(params.secret, x -> x)", "[params.secret].x",
		"words(params.secret).x", "int([params.secret])",
		"matches('', re(params.secret) + '(')",
		"lower_keys(json('{\"A\":1, \"a\":' + params.secret + '}'))",
	};
	struct buf out = BUF_INIT(1 * MIB);
	struct world w;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		buf_reset(&out);
		evaluate(&w, texts[i], strlen(texts[i]), &out);
		if (out.data[0] != '!' || strstr(out.data, "unter2") ||
		    strstr(out.data, "'pw'"))
			fail_msg("%s gives %s", texts[i], out.data);
	}
	buf_free(&out);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_literal),
		cmocka_unit_test(test_secret_in_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
