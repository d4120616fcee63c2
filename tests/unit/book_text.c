/* Text with ${{ }}: parts, places of errors, values in text, YAML's cuts. */
#include "book_expr_help.h"

#include "yaml/load.h"

enum how { AS_TEXT, AS_TYPED };

/* The text stands as the value of `k` in a YAML file. */
static void
check_yaml(struct world *w, const char *yaml, enum how how, const char *want)
{
	struct arena *a = arena_new();
	struct source *s = source_new("t", yaml, strlen(yaml));
	struct buf out = BUF_INIT(1 * MIB);
	struct errs errs = { 0 };
	struct err err = ERR_INIT;
	struct node *root = yaml_load(a, s, &errs);
	struct text *t;
	struct value v;
	int status;

	if (root == NULL)
		fail_msg("%s: %s", yaml, errs.list.v[0].text);
	t = text_parse(a, node_get(root, "k"), &err);
	status = t == NULL ? -1 : how == AS_TYPED ?
	    text_eval_typed(t, &w->scope, a, &v, &err) :
	    text_eval(t, &w->scope, a, &v, &err);
	if (status == 0) {
		if (v.flags & VALUE_LITERAL)
			buf_adds(&out, "LITERAL ");
		show_result(&out, v);
	} else {
		buf_addf(&out, "%u:", err.mark.line);
		show_err(&out, &err);
	}
	if (!is_as_expected(out.data, want))
		fail_msg("%s\n  gives %s\n  not   %s", yaml, out.data, want);
	err_free(&err);
	errs_free(&errs);
	buf_free(&out);
	source_free(s);
	arena_free(a);
}

struct text_row {
	const char *yaml, *text, *typed;     /* typed NULL: the same */
};

static const struct text_row rows[] = {
	{ "k: plain", "LITERAL 'plain'", NULL },
	{ "k: ''", "LITERAL ''", NULL },
	{ "k: 0644", "LITERAL '0644'", NULL },
	{ "k: no", "LITERAL 'no'", NULL },
	{ "k: '{{ x }} and }} and $ { and $x'",
	    "LITERAL '{{ x }} and }} and $ { and $x'", NULL },
	{ "k: ${{ params.domain }}", "'demo'", NULL },
	{ "k: ${{params.domain}}", "'demo'", NULL },
	{ "k: a-${{ params.domain }}-b", "'a-demo-b'", NULL },
	{ "k: ${{ params.n }}${{ params.n }}", "'55'", NULL },
	{ "k: ${{ params.n }}", "'5'", "5" },
	{ "k: n=${{ params.n }}", "'n=5'", NULL },
	{ "k: ${{ params.yes }}", "'true'", "true" },
	{ "k: ${{ params.half }}", "'0.5'", "0.5" },
	{ "k: ${{ params.wait }}", "'90s'", "1m30s" },
	{ "k: ${{ params.size }}", "'21474836480'", "20 GiB" },
	{ "k: ${{ params.when }}", "'2026-11-24T01:00:00Z'",
	    "2026-11-24T01:00:00Z" },
	{ "k: ${{ params.list }}", "1:!8 a list cannot stand in text (write "
	    "join(…, ', ') or string(…))", "[3, 1, 2]" },
	{ "k: ${{ params.none }}", "1:!8 null cannot stand in text (say what "
	    "stands there instead: … ?? '')", "null" },
	{ "k: a ${{ params.none }}", "1:!10 null cannot stand in text…",
	    NULL },
	{ "k: ${{ params.unknown }}", "1:!8 the value is not known: a dry "
	    "run", "unknown (a dry run)" },
	{ "k: \"${{ '}}' }}\"", "LITERAL '}}'", NULL },
	{ "k: \"${{ '${{' }} x\"", "'${{ x'", NULL },
	{ "k: 'x ${{ \"it''s }} \" }}'", "'x it's }} '", NULL },
	{ "k: ${{ 'a''}}' + 'b' }}", "LITERAL 'a'}}b'", NULL },
	{ "k: 'a ${{ params.secret }}'", "SECRET 'a hunter22'", NULL },
	{ "k: ${{ params.taken }}", "FOREIGN 'a/b'", NULL },
	{ "k: x${{ params.taken }}", "FOREIGN 'xa/b'", NULL },
	{ "k: ${{ opt(params.dash) }}", "OPT '--all'", NULL },
	{ "k: x${{ opt(params.dash) }}", "'x--all'", NULL },
	{ "k: ${{ opt('-x') }}", "LITERAL OPT '-x'", NULL },
	{ "k: |\n  one\n  two ${{ params.n }}\n", "'one\ntwo 5\n'", NULL },
	/* errors, and where they point */
	{ "k: a ${{ params.gone }}", "1:!10 'params.gone' means nothing here",
	    NULL },
	{ "k: 'a ${{ params.gone }}'", "1:!11 'params.gone'…", NULL },
	{ "k: 'it''s ${{ params.gone }}'", "1:!15 'params.gone'…", NULL },
	{ "k: \"\\t ${{ params.gone }}\"", "1:!12 'params.gone'…", NULL },
	{ "k: |\n  one\n  two ${{ 1 + params.text }}\n", "3:!13 '+' adds…",
	    NULL },
	{ "k: ${{ 1 + 'a' }}", "1:!10 '+' adds…", NULL },
	{ "k: ä ${{ 1 + 'a' }}", "1:!12 '+' adds…", NULL },
	{ "k: ${{ params.n", "1:!4 this ${{ is not closed by }}", NULL },
	{ "k: ${{ params.n } }", "1:!4 this ${{ is not closed by }}", NULL },
	{ "k: ${{ 'a }} b", "1:!4 this ${{ is not closed by }} (a quote "
	    "before the }} is not closed)", NULL },
	{ "k: ${{ 'a #b' }}", "1:!4 this ${{ is not closed by }} (YAML cuts at "
	    "' #': was the rest cut off as a comment? Put the whole text in "
	    "quotes)", NULL },
	{ "k: x # ${{ ", "LITERAL 'x'", NULL },
	{ "k: ${{ }}", "1:!8 an expression is missing here", NULL },
	{ "k: ${{}}", "1:!7 an expression is missing here", NULL },
	{ "k: ${{ ${{ params.n }} }}", "1:!8 an expression stands inside an "
	    "expression…", NULL },
	{ "k: [a]", "1:!4 this wants text, not a list", NULL },
	{ "k: {a: b}", "1:!4 this wants text, not a map", NULL },
};

static void
test_rows(void **state)
{
	struct world w;
	const struct text_row *r;

	(void)state;
	world_init(&w);
	for (r = rows; r < rows + sizeof rows / sizeof *rows; r++) {
		check_yaml(&w, r->yaml, AS_TEXT, r->text);
		check_yaml(&w, r->yaml, AS_TYPED, r->typed ? r->typed :
		    r->text);
	}
	world_free(&w);
}

/* A bare expression that YAML cut at " #". */
static void
test_cut_expression(void **state)
{
	const char *yaml = "k: params.x == 'a #b'\n";
	struct arena *a = arena_new();
	struct source *s = source_new("t", yaml, strlen(yaml));
	struct errs errs = { 0 };
	struct err err = ERR_INIT;
	struct node *k = node_get(yaml_load(a, s, &errs), "k");

	(void)state;
	assert_null(expr_parse(a, k, 0, k->len, &err));
	assert_true(strstr(err.hint, "comment") ||
	    strstr(err.hint, "cut off"));
	err_free(&err);
	source_free(s);
	arena_free(a);
}

static int
count_refs(const struct expr_ref *ref, void *ctx)
{
	size_t *n = ctx;

	++*n;
	return strcmp(ref->root, "self") == 0 ? 3 : 0;
}

static void
check_refs(const char *yaml, size_t parts, size_t refs, int status)
{
	struct arena *a = arena_new();
	struct source *s = source_new("t", yaml, strlen(yaml));
	struct errs errs = { 0 };
	struct err err = ERR_INIT;
	struct text *t = text_parse(a, node_get(yaml_load(a, s, &errs), "k"),
	    &err);
	size_t n = 0;

	assert_non_null(t);
	assert_int_equal(t->n, parts);
	assert_int_equal(text_refs(t, count_refs, &n), status);
	assert_int_equal(n, refs);
	assert_int_equal(text_is_literal(t), refs == 0);
	source_free(s);
	arena_free(a);
}

static void
test_refs(void **state)
{
	(void)state;
	check_refs("k: abc", 1, 0, 0);
	check_refs("k: ''", 0, 0, 0);
	check_refs("k: ${{ params.a }}", 1, 1, 0);
	check_refs("k: a${{ params.a + params.b }}b${{ run.id }}", 4, 3, 0);
	check_refs("k: a${{ self.a }}b${{ run.id }}", 4, 1, 3);
}

static void
test_large(void **state)
{
	struct buf b = BUF_INIT(64 * MIB);
	struct world w;

	(void)state;
	world_init(&w);
	buf_adds(&b, "k: '");
	for (int i = 0; i < 20000; i++)
		buf_adds(&b, "${{ params.n }}");
	buf_adds(&b, "'");
	check_yaml(&w, b.data, AS_TEXT, "'5555555…");
	buf_free(&b);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_cut_expression),
		cmocka_unit_test(test_refs),
		cmocka_unit_test(test_large),
	};

	(void)run_rows_of;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
