/* What is refused, with the way out, and what a compiled script looks like. */
#include "book_shell_help.h"

struct refused {
	const char *script, *text, *hint;
};

static const struct refused refusals[] = {
	{ "cat <<'E'\n" X "\nE", "delimiter is quoted", "env:" },
	{ "cat <<\"E\"\n" X "\nE", "delimiter is quoted", "" },
	{ "cat <<\\E\n" X "\nE", "delimiter is quoted", "" },
	{ "cat <<-E'F'\n\t" X "\n\tEF", "delimiter is quoted", "" },
	{ "cat <<" X "\na\nE", "delimiter of a here-document", "plain word" },
	{ "cat <<E$x\n" X "\nE", "delimiter of a here-document", "" },
	{ "cat <<E\n" X, "without the line that ends it", "" },
	{ "echo $((" X " + 1))", "arithmetic", "x + 1" },
	{ "echo \"$((1 + (2 * " X ")))\"", "arithmetic", "" },
	{ "echo $(( $(echo " X ") ))", "arithmetic", "" },
	{ "echo $\\\n((" X "))", "arithmetic", "" },
	{ "echo $(\\\n(" X "))", "arithmetic", "" },
	{ "cat <<E\n$((" X "))\nE", "arithmetic", "" },
	{ "((" X "))", "arithmetic", "" },
	{ "((a = " X "))", "arithmetic", "" },
	{ "for ((i = 0; i < " X "; i++)); do :; done", "arithmetic", "" },
	{ "((echo a); echo " X ")", "\"((\" without \"))\"", "( (" },
	{ "echo $((echo a); echo " X ")", "\"((\" without", "( (" },
	{ "echo $[" X "]", "$[", "\\$" },
	{ "let a=" X, "arithmetic", "" },
	{ "let \"a[" X "]=1\"", "arithmetic", "" },
	{ "[[ " X " -eq 3 ]]", "arithmetic", "" },
	{ "[[ a && 3 -lt " X " ]]", "arithmetic", "" },
	{ "declare -i n=" X, "arithmetic", "" },
	{ "typeset -n n=" X, "arithmetic", "" },
	{ "a[" X "]=1", "subscript", "script file" },
	{ "a[\"" X "\"]=1", "subscript", "" },
	{ "a[$(echo " X ")]=1", "subscript", "" },
	{ "echo ${a[" X "]}", "subscript", "" },
	{ "echo \"${a[" X "]}\"", "subscript", "" },
	{ "a=([" X "]=1)", "subscript", "" },
	{ P "\\" X, "behind a backslash", "leave the backslash out" },
	{ P "\"\\" X "\"", "behind a backslash", "" },
	{ P "a\\\\\\" X, "behind a backslash", "" },
	{ "cat <<E\n\\" X "\nE", "behind a backslash", "" },
	{ P "$" X, "behind \"$\"", "\\$" },
	{ P "\"$" X "\"", "behind \"$\"", "" },
	{ P "$\\\n" X, "behind \"$\"", "" },
	{ "cat <<E\n$" X "\nE", "behind \"$\"", "" },
	{ P "$'a" X "'", "$'…'", "" },
	{ P "$\"a" X "\"", "$'…'", "" },
	{ P "$'a\\'b" X "'", "\\' inside $'…'", "printf" },
	{ P "${" X "}", "name of a variable", "" },
	{ P "\"${a" X "}\"", "name of a variable", "" },
	{ P "${#" X "}", "name of a variable", "" },
	{ P "${!" X "}", "name of a variable", "" },
	{ P "${a/" X "/b}", "this kind of ${…}", "expression" },
	{ P "${a/b/" X "}", "this kind of ${…}", "" },
	{ P "${a:" X "}", "this kind of ${…}", "" },
	{ P "\"${a:1:" X "}\"", "this kind of ${…}", "" },
	{ P "\"${a^" X "}\"", "this kind of ${…}", "" },
	{ P "\"${a:-\"" X "\"}\"", "quotes inside", "inner quotes" },
	{ "cat <<E\n${a#" X "}\nE", "pattern in the text of a here", "cut" },
	{ P "\"${a#'" X "'}\"", "a single quote inside", "variable first" },
	{ P "\"${a:-it's " X "}\"", "a single quote inside", "" },
	{ X "=1", "left of \"=\"", "env:" },
	{ "a" X "=1 b", "left of \"=\"", "" },
	{ "A=1 " X "_x=2", "left of \"=\"", "" },
	{ "for " X " in a; do :; done", "name of a variable", "" },
	{ "select " X " in a; do :; done", "name of a variable", "" },
	{ "export " X, "name of a variable", "" },
	{ "export " X "=1", "name of a variable", "" },
	{ "readonly a=1 " X, "name of a variable", "" },
	{ "local \"" X "\"", "name of a variable", "" },
	{ "command export " X, "name of a variable", "" },
	{ "unset " X, "name of a variable", "" },
	{ "unset 'a[" X "]'", "name of a variable", "" },
	{ "read -r " X, "name of a variable", "" },
	{ "read -a " X, "name of a variable", "" },
	{ "mapfile -t " X, "name of a variable", "" },
	{ "getopts ab " X, "name of a variable", "" },
	{ "printf -v " X " a", "name of a variable", "" },
	{ "[ -v " X " ]", "name of a variable", "" },
	{ "test -v " X, "name of a variable", "" },
	{ "[[ -v " X " ]]", "name of a variable", "" },
	{ X "() { :; }", "name of a variable or a function", "" },
	{ "function " X " { :; }", "name of a variable or a function", "" },
	/* where the lexer cannot know */
	{ P "`printf \\`a\\` " X "`", "a backslash inside `…`", "$(…)" },
	{ P "\"`printf \\\"a\\\" " X "`\"", "a backslash inside", "" },
	{ P "`a " X, "a backquote is not closed", "" },
	{ P "\"a " X, "a double quote is not closed", "" },
	{ P "'a " X, "a single quote is not closed", "" },
	{ P "$(a " X, "\"(\" without \")\"", "" },
	{ P "${a:-" X, "\"${\" without \"}\"", "" },
	{ P X ")", "\")\" without \"(\"", "" },
	{ "a=(" X, "\"(\" without \")\"", "" },
	{ "case a in " X, "without \")\"", "" },
	{ "case a in b) " X, "without \"esac\"", "" },
	{ "case a b) " X " esac", "without \"in\"", "" },
	{ "[[ " X, "without \"]]\"", "" },
	{ "cat <<E $(a\nb) " X "\nE", "a new line before the text", "" },
	{ "echo $(cat <<E) " X "\na\nE", "does not begin before \")\"", "" },
};

static bool is_refused(struct fixture *f, const char *script,
    const char *text, const char *hint)
{
	struct errs errs = { 0 };
	struct shell_text out;
	bool good;
	char *all;

	shell_compile(f->arena, fixture_text(f, script, strlen(script)),
	    &out, &errs);
	all = fixture_errors(&errs);
	good = strstr(all, text) && strstr(all, hint) && *all;
	if (!good)
		print_error("%s\nshould say \"%s\" and \"%s\", says: %s\n",
		    script, text, hint, all);
	if (errs.list.n && !errs.list.v[0].mark.source)
		good = false;
	free(all);
	errs_free(&errs);
	return good;
}

static void refused_with_the_way_out(void **state)
{
	struct fixture f;
	size_t i;
	int failed = 0;

	(void)state;
	fixture_init(&f);
	for (i = 0; i < sizeof refusals / sizeof *refusals; i++)
		failed += !is_refused(&f, refusals[i].script,
		    refusals[i].text, refusals[i].hint);
	fixture_free(&f);
	assert_int_equal(failed, 0);
}

static void without_values_nothing_is_looked_at(void **state)
{
	static const char *const texts[] = { "", "a 'b", "$((1", "cat <<E",
		"case $x in a) b;; esac", "eval \"$a\"; sh -c 'x'" };
	struct shell_text out;
	struct fixture f;
	size_t i;

	(void)state;
	fixture_init(&f);
	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		compile(&f, texts[i], &out);
		assert_int_equal(out.n, 0);
		assert_string_equal(out.script, texts[i]);
	}
	fixture_free(&f);
}

static void script_begins_with_assignments(void **state)
{
	struct shell_text text;
	struct fixture f;
	struct scope scope;
	struct err err = ERR_INIT;
	struct value v;

	(void)state;
	fixture_init(&f);
	scope = fixture_scope(&f);
	f.x = value_static("it's");
	f.y = value_int(3);
	compile(&f, "echo " X " \"${{ params.y }}\" # " X, &text);
	assert_int_equal(text.n, 2);
	assert_int_equal(shell_script(&text, &scope, f.arena, &v, &err), 0);
	assert_string_equal(v.u.string.p, "unset CAIRN_1 CAIRN_2\n"
	    "CAIRN_1='it'\\''s'\nCAIRN_2='3'\nset -e\n"
	    "echo \"$CAIRN_1\" \"${CAIRN_2}\" # ");
	fixture_free(&f);
}

static void values_that_cannot_stand(void **state)
{
	struct value bad[6];
	struct shell_text text;
	struct fixture f;
	struct scope scope;
	struct value v;
	size_t i;

	(void)state;
	fixture_init(&f);
	scope = fixture_scope(&f);
	bad[0] = value_null();
	bad[1] = f.list;
	bad[2] = (struct value) { .type = VALUE_MAP };
	bad[3] = value_unknown("a dry run");
	bad[4] = value_string(f.arena, "a\0b", 3);
	bad[5] = value_static("secret");
	bad[5].flags = VALUE_SECRET;
	compile(&f, "echo " X, &text);
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err err = ERR_INIT;

		f.x = bad[i];
		assert_int_equal(shell_script(&text, &scope, f.arena, &v,
		    &err), -1);
		assert_true(err.set && err.mark.source);
		assert_null(strstr(err.text, "secret") &&
		    i != 5 ? err.text : NULL);
		err_free(&err);
	}
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused_with_the_way_out),
		cmocka_unit_test(without_values_nothing_is_looked_at),
		cmocka_unit_test(script_begins_with_assignments),
		cmocka_unit_test(values_that_cannot_stand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
