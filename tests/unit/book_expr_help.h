/* Expressions from text, values as text, and a world of names for both. */
#ifndef TESTS_UNIT_BOOK_EXPR_HELP_H
#define TESTS_UNIT_BOOK_EXPR_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/source.h"
#include "book/expr.h"
#include "book/json.h"
#include "book/text.h"
#include "yaml/node.h"

/* 2026-11-24T01:00:00Z */
#define TEST_NOW ((nsec)1795482000 * NSEC_PER_SEC)

/* The roots, as JSON. `unknown`, `secret` and others are put in by code. */
static const char test_world[] =
    "{\"params\": {\"domain\": \"demo\", \"n\": 5, \"half\": 0.5,"
    "  \"yes\": true, \"no\": false, \"none\": null, \"empty\": [],"
    "  \"list\": [3, 1, 2], \"words\": [\"b\", \"a\", \"b\"],"
    "  \"map\": {\"a\": 1, \"b\": {\"c\": 2}, \"Key\": 3},"
    "  \"text\": \"one two\\nthree\\n\", \"dash\": \"--all\","
    "  \"rows\": [{\"key\": \"x\", \"n\": 1}, {\"key\": \"y\", \"n\": 2}]},"
    " \"item\": {\"id\": 7, \"key\": \"k\"},"
    " \"self\": {\"out\": \"12\\n\", \"rc\": 0}}";

struct world {
	struct arena *arena;
	struct value roots;          /* map: root -> map */
	struct scope scope;
};

static int
world_get(void *ctx, const char *root, const char *name, struct arena *a,
    struct value *out, struct err *err)
{
	struct world *w = ctx;
	const struct value *v = value_member(w->roots, root, strlen(root));

	(void)a;
	if (v != NULL && name != NULL)
		v = value_member(*v, name, strlen(name));
	if (v == NULL)
		return err_set(err, "'%s.%s' means nothing here", root,
		    name == NULL ? "" : name);
	*out = *v;
	return 0;
}

static void
put(struct value_map *m, const char *key, struct value v)
{
	value_map_put(m, key, strlen(key), v);
}

static struct value
with_flags(struct value v, unsigned flags)
{
	v.flags |= flags;
	return v;
}

/* More of `params`: types that JSON lacks, flags, unknown values. */
static void
put_params(struct value_map *m, struct arena *a)
{
	struct value_list mixed = { .arena = a };
	struct value_map holder = { .arena = a };

	put(m, "size", value_of(VALUE_SIZE, (int64_t)20 << 30));
	put(m, "wait", value_of(VALUE_DURATION, 90 * NSEC_PER_SEC));
	put(m, "when", value_of(VALUE_TIME, TEST_NOW));
	put(m, "secret", with_flags(value_static("hunter22"), VALUE_SECRET));
	put(m, "taken", with_flags(value_static("a/b"), VALUE_FOREIGN));
	put(m, "file", with_flags(value_static("dump.zip"), VALUE_FOREIGN));
	put(m, "unknown", value_unknown("a dry run"));
	value_list_add(&mixed, value_int(1));
	value_list_add(&mixed, value_unknown("a dry run"));
	put(m, "partly", value_list_done(&mixed));
	put(&holder, "open", value_int(1));
	put(&holder, "shut", with_flags(value_static("pw"), VALUE_SECRET));
	put(m, "holder", value_map_done(&holder));
}

static void
world_init(struct world *w)
{
	struct value_map roots, params;
	struct err err = ERR_INIT;
	struct value all;

	w->arena = arena_new();
	roots = (struct value_map){ .arena = w->arena };
	params = roots;
	assert_int_equal(value_from_json(w->arena, test_world,
	    strlen(test_world), &all, &err), 0);
	for (size_t i = 0; i < all.u.map.n; i++)
		put(&roots, all.u.map.entries[i].key,
		    all.u.map.entries[i].value);
	all = *value_member(all, "params", 6);
	for (size_t i = 0; i < all.u.map.n; i++)
		put(&params, all.u.map.entries[i].key,
		    all.u.map.entries[i].value);
	put_params(&params, w->arena);
	put(&roots, "params", value_map_done(&params));
	w->roots = value_map_done(&roots);
	w->scope = (struct scope){ world_get, w, TEST_NOW };
}

static void
world_free(struct world *w)
{
	arena_free(w->arena);
}

/* A plain scalar that is all of a file. */
static struct node *
scalar_of(struct arena *a, const struct source *s)
{
	struct node *n = arena_alloc(a, sizeof *n);

	n->type = NODE_SCALAR;
	n->style = STYLE_PLAIN;
	n->mark = (struct mark){ s, 1, 1 };
	n->end_line = 1;
	n->end_col = (unsigned)s->len + 1;
	n->text = s->text;
	n->len = s->len;
	return n;
}

/* "!COLUMN message (hint)" */
static void
show_err(struct buf *out, const struct err *err)
{
	buf_addf(out, "!%u %s", err->mark.col, err->text);
	if (err->hint != NULL)
		buf_addf(out, " (%s)", err->hint);
}

/* What an expression yields, for people; "SECRET " and so on before it. */
static void
show_result(struct buf *out, struct value v)
{
	static const char *const flags[] = { "SECRET ", "WILD ", "OPT ",
		"LITERAL ", "FOREIGN " };
	bool secret = v.flags & VALUE_SECRET;

	for (unsigned i = 0; i < 5; i++) {
		if (i != 3 && v.flags & 1u << i)
			buf_adds(out, flags[i]);
	}
	v.flags &= ~(unsigned)VALUE_SECRET;
	value_show(out, v, 2000);
	assert_true(!secret || value_is_secret(with_flags(v, VALUE_SECRET)));
}

static void
evaluate(struct world *w, const char *text, size_t n, struct buf *out)
{
	struct arena *a = arena_new();
	struct source *s = source_new("t", text, n);
	struct err err = ERR_INIT;
	struct expr *e = expr_parse(a, scalar_of(a, s), 0, n, &err);
	struct value v;

	if (e != NULL && expr_eval(e, &w->scope, a, &v, &err) == 0)
		show_result(out, v);
	else
		show_err(out, &err);
	assert_true(err.set == (out->len > 0 && out->data[0] == '!'));
	err_free(&err);
	source_free(s);
	arena_free(a);
}

/* A row: an expression and what comes of it. An expected text that ends with
 * "…" is a beginning. */
struct row {
	const char *text, *result;
};

static bool
is_as_expected(const char *got, const char *want)
{
	size_t n = strlen(want), dots = strlen("…");

	if (n >= dots && strcmp(want + n - dots, "…") == 0)
		return strncmp(got, want, n - dots) == 0;
	return strcmp(got, want) == 0;
}

#define run_rows(rows) run_rows_of((rows), sizeof (rows) / sizeof *(rows))

static void
run_rows_of(const struct row *rows, size_t n)
{
	struct buf out = BUF_INIT(1 * MIB);
	struct world w;
	int bad = 0;

	world_init(&w);
	for (size_t i = 0; i < n; i++) {
		buf_reset(&out);
		evaluate(&w, rows[i].text, strlen(rows[i].text), &out);
		if (is_as_expected(out.data, rows[i].result))
			continue;
		print_error("%s\n    gives %s\n    not   %s\n", rows[i].text,
		    out.data, rows[i].result);
		bad++;
	}
	buf_free(&out);
	world_free(&w);
	assert_int_equal(bad, 0);
}

#endif
