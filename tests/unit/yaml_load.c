/* Text to nodes. What is refused stands in tests/yaml/invalid: a folder for
 * each case with input.yaml and error: lines "line col message", "  hint". */
#include "base_test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/source.h"
#include "base/str.h"
#include "yaml/load.h"
#include "yaml/node.h"

/* One loaded text and what belongs to it. */
struct loaded {
	struct arena *arena;
	struct source *source;
	struct errs errs;
	struct node *root;
};

static void load_n(struct loaded *l, const char *text, size_t n)
{
	memset(l, 0, sizeof *l);
	l->arena = arena_new();
	l->source = source_new("book.yaml", text, n);
	l->root = yaml_load(l->arena, l->source, &l->errs);
	assert_int_equal(l->root == NULL, l->errs.list.n > 0);
}

static void load(struct loaded *l, const char *text)
{
	load_n(l, text, strlen(text));
}

static void unload(struct loaded *l)
{
	errs_free(&l->errs);
	source_free(l->source);
	arena_free(l->arena);
}

static void show(struct buf *out, const struct node *n)
{
	size_t i;

	if (n->type == NODE_SCALAR) {
		buf_addc(out, "p'\"|>"[n->style]);
		buf_add(out, n->text, n->len);
		return;
	}
	buf_addc(out, n->type == NODE_LIST ? '[' : '{');
	for (i = 0; i < n->count; i++) {
		if (i > 0)
			buf_addc(out, ',');
		if (n->type == NODE_LIST) {
			show(out, n->items[i]);
			continue;
		}
		show(out, n->entries[i].key);
		buf_addc(out, ':');
		show(out, n->entries[i].value);
	}
	buf_addc(out, n->type == NODE_LIST ? ']' : '}');
}

static void what_yaml_says(void **state)
{
	static const struct { const char *text, *shown; } rows[] = {
		{ "a: b\n", "{pa:pb}" }, { "a: b", "{pa:pb}" },
		{ "- a\n- b: c\n  d: e\n", "[pa,{pb:pc,pd:pe}]" },
		{ "a: [b, 'c', \"d\"]\n", "{pa:[pb,'c,\"d]}" },
		{ "a: {b: c}\n", "{pa:{pb:pc}}" },
		{ "a:\n- b\n- c\n", "{pa:[pb,pc]}" },
		{ "a: |\n  x\n   y\n", "{pa:|x\n y\n}" },
		{ "a: >-\n  x\n  y\n", "{pa:>x y}" },
		{ "a:\nb: ~\nc: null\n", "{pa:p,pb:p~,pc:pnull}" },
		{ "n: 0644\nv: 1.10\ny: no\n", "{pn:p0644,pv:p1.10,py:pno}" },
		{ "a: 'it''s'\n", "{pa:'it's}" },
		{ "a: \"\\u00fc\\n\"\n", "{pa:\"\xc3\xbc\n}" },
		{ "a: &x b\nc: *x\n", "{pa:pb,pc:pb}" },
		{ "a: &x\n  k: v\nb: *x\n", "{pa:{pk:pv},pb:{pk:pv}}" },
		{ "a: b # c\n", "{pa:pb}" }, { "# only\na: b\n", "{pa:pb}" },
		{ "---\na: b\n...\n", "{pa:pb}" },
		{ "%YAML 1.2\n---\na: b\n", "{pa:pb}" },
		{ "a: ${{ x }}\n", "{pa:p${{ x }}}" },
		{ "a: f(x) == 'y'\n", "{pa:pf(x) == 'y'}" },
		{ "a: [f(x), '${{ y }}']\n", "{pa:[pf(x),'${{ y }}]}" },
		{ "\xef\xbb\xbf" "a: b\n", "{pa:pb}" },
		{ "a: b\r\nc: |\r\n  d\r\n", "{pa:pb,pc:|d\n}" },
		{ "'': b\n", "{':pb}" }, { "[]", "[]" }, { "{}", "{}" },
		{ "a: []\nb: {}\n", "{pa:[],pb:{}}" },
	};
	struct buf b = BUF_INIT(10000);
	struct loaded l;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		load(&l, rows[i].text);
		if (!l.root)
			fail_msg("%s: %s", rows[i].text,
			    l.errs.list.v[0].text);
		buf_reset(&b);
		show(&b, l.root);
		assert_string_equal(b.data, rows[i].shown);
		unload(&l);
	}
	buf_free(&b);
}

static void nodes_are_found_and_named(void **state)
{
	struct loaded l;
	struct node *list;

	(void)state;
	load(&l, "a: x\nb: [1, ~]\nc: ''\nd: {}\n");
	assert_string_equal(node_get(l.root, "a")->text, "x");
	assert_null(node_get(l.root, "x"));
	list = node_get(l.root, "b");
	assert_true(list->flow);
	assert_false(l.root->flow);
	assert_null(node_get(list, "a"));
	assert_true(node_is_null(list->items[1]));
	assert_false(node_is_null(node_get(l.root, "c")));
	assert_string_equal(node_type_name(l.root), "a map");
	assert_string_equal(node_type_name(list), "a list");
	assert_string_equal(node_type_name(list->items[0]), "text");
	assert_string_equal(node_type_name(list->items[1]), "nothing");
	unload(&l);
}

static void an_alias_is_the_same_node(void **state)
{
	struct loaded l;

	(void)state;
	load(&l, "a: &x [1]\nb: *x\nc: &x 2\nd: *x\n");
	assert_ptr_equal(node_get(l.root, "a"), node_get(l.root, "b"));
	assert_ptr_equal(node_get(l.root, "c"), node_get(l.root, "d"));
	unload(&l);
}

static void marks(void **state)
{
	static const char text[] = "a: b\n\xc3\xa4: &x \"c\"\nd:\n  - *x\n"
	    "  -   e\nf: [g]\n";
	static const struct { const char *key; unsigned line, col; } rows[] = {
		{ "a", 1, 4 }, { "\xc3\xa4", 2, 7 }, { "d", 4, 3 },
		{ "f", 6, 4 },
	};
	const struct node *n;
	struct loaded l;
	size_t i;

	(void)state;
	load(&l, text);
	for (i = 0; i < COUNT(rows); i++) {
		n = node_get(l.root, rows[i].key);
		assert_ptr_equal(n->mark.source, l.source);
		assert_int_equal(n->mark.line, rows[i].line);
		assert_int_equal(n->mark.col, rows[i].col);
	}
	n = node_get(l.root, "d")->items[1];
	assert_int_equal(n->mark.line, 5);
	assert_int_equal(n->mark.col, 7);
	assert_int_equal(n->end_col, 8);
	unload(&l);
}

/* Places inside of the value of "a", found by a character in it. */
static void marks_inside_of_text(void **state)
{
	static const struct {
		const char *text;
		size_t offset;
		unsigned line, col;
	} rows[] = {
		{ "a: bc\xc3\xa4X\n", 4, 1, 7 }, { "a: b\n", 0, 1, 4 },
		{ "a: b\n", 1, 1, 5 }, { "a: b\n", 99, 1, 5 },
		{ "a: &n X\nb: *n\n", 0, 1, 7 },
		{ "\xc3\xa4: &n b\na: 'X'\nc: *n\n", 0, 2, 5 },
		{ "a: 'it''s X'\n", 5, 1, 11 }, { "a: ''\n", 0, 1, 5 },
		{ "a: \"\\n\\u00fc\\x41X\"\n", 4, 1, 17 },
		{ "a: \"\\U0001f600X\"\n", 4, 1, 15 },
		{ "a: \"\\\"\\\\\\LX\"\n", 5, 1, 11 },
		{ "a: \"\xc3\xa4X\"\n", 2, 1, 6 },
		{ "a: |\n  l1\n  l2X\n", 5, 3, 5 },
		{ "a: |\n\n\n    l1\n      X\n", 7, 5, 7 },
		{ "a: |\n\n\n    l1\n", 0, 2, 5 },
		{ "a: |2\n    l1X\n", 4, 2, 7 },
		{ "a: |-\n  \xc3\xa4X", 2, 2, 4 },
		{ "a: >\n  l1\n  l2\n", 4, 1, 4 },      /* the beginning */
		{ "a: b\n  c\n", 2, 1, 4 },
		{ "a: 'b\n  c'\n", 2, 1, 4 },
	};
	struct loaded l;
	struct mark mark;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		load(&l, rows[i].text);
		assert_non_null(l.root);
		mark = node_mark_at(node_get(l.root, "a"), rows[i].offset);
		if (mark.line != rows[i].line || mark.col != rows[i].col)
			fail_msg("%s: %u:%u", rows[i].text, mark.line,
			    mark.col);
		unload(&l);
	}
}

static void what_a_comment_cut(void **state)
{
	static const struct { const char *text; bool cut; } rows[] = {
		{ "a: b # c\n", true }, { "a: b\t# c\n", true },
		{ "a: b#c\n", false }, { "a: 'b' # c\n", false },
		{ "a: b\n# c\n", false }, { "a: b # c", true },
		{ "a: # c\n", true }, { "a: |  # c\n  x\n", false },
	};
	struct loaded l;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		load(&l, rows[i].text);
		assert_int_equal(node_is_cut(node_get(l.root, "a")),
		    rows[i].cut);
		unload(&l);
	}
}

/* ---- what is refused ---- */

static void add_errors(struct buf *out, struct errs *errs)
{
	const struct err *e;
	size_t i;

	errs_sort(errs);
	for (i = 0; i < errs->list.n; i++) {
		e = &errs->list.v[i];
		buf_addf(out, "%u %u %s\n", e->mark.line, e->mark.col,
		    e->text);
		if (e->hint)
			buf_addf(out, "  %s\n", e->hint);
	}
}

static void check_case(int dir, const char *name)
{
	struct buf text = BUF_INIT(1000000), expected = BUF_INIT(10000);
	struct buf got = BUF_INIT(10000), path = BUF_INIT(300);
	struct err err = ERR_INIT;
	struct loaded l;

	buf_addf(&path, "%s/input.yaml", name);
	if (file_read_beneath(dir, path.data, &text, &err) < 0)
		fail_msg("%s", err.text);
	buf_reset(&path);
	buf_addf(&path, "%s/error", name);
	if (file_read_beneath(dir, path.data, &expected, &err) < 0)
		fail_msg("%s", err.text);
	load_n(&l, text.data, text.len);
	add_errors(&got, &l.errs);
	if (!str_eq(got.data, expected.data))
		fail_msg("%s: %s", name, got.data);
	unload(&l);
	buf_free(&text);
	buf_free(&expected);
	buf_free(&got);
	buf_free(&path);
}

static void each_invalid_case(void **state)
{
	const char *srcdir = getenv("srcdir");
	struct buf path = BUF_INIT(4096);
	const struct dirent *entry;
	size_t count = 0;
	DIR *dir;

	(void)state;
	buf_addf(&path, "%s/tests/yaml/invalid", srcdir ? srcdir : ".");
	dir = opendir(path.data);
	if (!dir)
		fail_msg("no %s", path.data);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		check_case(dirfd(dir), entry->d_name);
		count++;
	}
	closedir(dir);
	assert_true(count > 40);
	buf_free(&path);
}

static void check_error(const char *text, size_t n, const char *message)
{
	struct loaded l;

	load_n(&l, text, n);
	assert_null(l.root);
	if (!strstr(l.errs.list.v[0].text, message))
		fail_msg("%s", l.errs.list.v[0].text);
	unload(&l);
}

static void depth_has_an_end(void **state)
{
	struct buf b = BUF_INIT(100000);
	struct loaded l;
	int i;

	(void)state;
	for (i = 0; i < LIMIT_YAML_DEPTH; i++)
		buf_addc(&b, '[');
	for (i = 0; i < LIMIT_YAML_DEPTH; i++)
		buf_addc(&b, ']');
	load(&l, b.data);
	assert_non_null(l.root);
	unload(&l);
	buf_reset(&b);
	for (i = 0; i <= LIMIT_YAML_DEPTH; i++)
		buf_addc(&b, '[');
	for (i = 0; i <= LIMIT_YAML_DEPTH; i++)
		buf_addc(&b, ']');
	check_error(b.data, b.len, "nested more than 64 levels deep");
	buf_reset(&b);
	for (i = 0; i < 100; i++)
		buf_addf(&b, "%*sa:\n", i, "");
	check_error(b.data, b.len, "nested more than 64 levels deep");
	buf_reset(&b);
	for (i = 0; i < 50000; i++)
		buf_addc(&b, '[');
	check_error(b.data, b.len, "nested more than 64 levels deep");
	buf_free(&b);
}

/* Each list holds the one before: no line is deep, the whole is. */
static void depth_by_aliases_has_an_end(void **state)
{
	struct buf b = BUF_INIT(100000);
	struct loaded l;
	int i;

	(void)state;
	buf_adds(&b, "- &a0 [x]\n");
	for (i = 1; i < 60; i++)
		buf_addf(&b, "- &a%d [*a%d]\n", i, i - 1);
	load(&l, b.data);
	assert_non_null(l.root);
	unload(&l);
	for (; i < 70; i++)
		buf_addf(&b, "- &a%d [*a%d]\n", i, i - 1);
	check_error(b.data, b.len, "nested more than 64 levels deep");
	buf_free(&b);
}

static void alias_bombs(void **state)
{
	struct buf b = BUF_INIT(10000000);
	struct loaded l;
	int i, j;

	(void)state;
	buf_adds(&b, "- &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (i = 1; i < 10; i++) {
		buf_addf(&b, "- &a%d [", i);
		for (j = 0; j < 10; j++)
			buf_addf(&b, "*a%d, ", i - 1);
		buf_adds(&b, "]\n");
	}
	check_error(b.data, b.len, "aliases stand for more than 100000 nodes");
	buf_reset(&b);
	buf_adds(&b, "- &x y\n");
	for (i = 0; i < LIMIT_YAML_ALIAS_NODES; i++)
		buf_adds(&b, "- *x\n");
	load(&l, b.data);
	assert_non_null(l.root);
	unload(&l);
	buf_adds(&b, "- *x\n");
	check_error(b.data, b.len, "aliases stand for more than 100000 nodes");
	buf_free(&b);
}

static void many_keys(void **state)
{
	struct buf b = BUF_INIT(1000000);
	struct loaded l;
	int i;

	(void)state;
	for (i = 0; i < 20000; i++)
		buf_addf(&b, "k%d: v\n", i);
	load(&l, b.data);
	assert_int_equal(l.root->count, 20000);
	unload(&l);
	buf_adds(&b, "k7: v\nk19999: v\nk7: v\n");
	load(&l, b.data);
	errs_sort(&l.errs);
	assert_int_equal(l.errs.list.n, 3);
	assert_string_equal(l.errs.list.v[0].text, "duplicate key 'k7'");
	assert_int_equal(l.errs.list.v[0].mark.line, 20001);
	assert_string_equal(l.errs.list.v[0].hint,
	    "it stands in line 8 already");
	assert_string_equal(l.errs.list.v[1].text, "duplicate key 'k19999'");
	assert_int_equal(l.errs.list.v[2].mark.line, 20003);
	unload(&l);
	buf_free(&b);
}

static void bytes_that_are_no_text(void **state)
{
	static const struct { const char *text; size_t n; const char *error; }
	    rows[] = {
		{ "a: \xff\n", 5, "byte \\xff is not UTF-8" },
		{ "a: \xc3", 4, "byte \\xc3 is not UTF-8" },
		{ "\xff\xfe" "a\0:\0", 6, "byte \\xff is not UTF-8" },
		{ "a: b\0c\n", 7, "a control character" },
		{ "a: b\033c\n", 7, "a control character" },
		{ "a: \"\\0\"\n", 8, "text may not hold a NUL" },
		{ "\0", 1, "a control character" },
		{ "a: b\xe2\x80\xa8" "c: d\n", 12, "an invisible line break" },
		{ "a: b\xc2\x85" "c: d\n", 11, "an invisible line break" },
		{ "# \xe2\x80\xa9\na: b\n", 11, "an invisible line break" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		check_error(rows[i].text, rows[i].n, rows[i].error);
}

/* Every beginning of a book ends well or with an error in place. */
static void cut_anywhere(void **state)
{
	static const char text[] = "version: 1\nsteps:\n  - id: &a x\n"
	    "    run: |2\n        echo \"\\u00fc\"\n"
	    "    when: [*a, {b: 'c''d'}]\n"
	    "    \"x\\\"y\": >-\n      z\n    ? k\n    : - 1\n      -  2 # c\n";
	struct buf b = BUF_INIT(100000);
	struct loaded l;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof text; n++) {
		load_n(&l, text, n);
		buf_reset(&b);
		errs_print(&l.errs, &b);
		unload(&l);
	}
	buf_free(&b);
}

/* The same with one byte replaced by each that means something. */
static void damaged_anywhere(void **state)
{
	static const char good[] = "a: &x [b, {c: 'd'}]\ne: \"f\"\ng:\n"
	    "  - *x\n  - |\n    h\n";
	static const char bytes[] = "-?:,[]{}#&*!|>'\"%@`\t\n \\$\xc3";
	char text[sizeof good];
	struct buf b = BUF_INIT(100000);
	struct loaded l;
	size_t at, i;

	(void)state;
	for (at = 0; at < sizeof good - 1; at++) {
		for (i = 0; i < sizeof bytes; i++) {
			memcpy(text, good, sizeof good);
			text[at] = bytes[i];
			load_n(&l, text, sizeof good - 1);
			buf_reset(&b);
			errs_print(&l.errs, &b);
			assert_true(utf8_valid(b.data, b.len));
			unload(&l);
		}
	}
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_yaml_says),
		cmocka_unit_test(nodes_are_found_and_named),
		cmocka_unit_test(an_alias_is_the_same_node),
		cmocka_unit_test(marks),
		cmocka_unit_test(marks_inside_of_text),
		cmocka_unit_test(what_a_comment_cut),
		cmocka_unit_test(each_invalid_case),
		cmocka_unit_test(depth_has_an_end),
		cmocka_unit_test(depth_by_aliases_has_an_end),
		cmocka_unit_test(alias_bombs),
		cmocka_unit_test(many_keys),
		cmocka_unit_test(bytes_that_are_no_text),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(damaged_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
