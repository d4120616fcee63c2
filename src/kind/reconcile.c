#include "kind/reconcile.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "kind/call.h"
#include "kind/names.h"
#include "kind/worker.h"

#define MAX_DIFFERENT 10000          /* that are listed, in a record */
#define SHOWN 3                      /* differences in the message */

static const char *const sides[] = { "any", "left", "right", NULL };

struct reconcile {
	struct text *left, *right;
	struct adjust adjust;
	struct shapes rules;
};

/* ---- rows */

static const struct field rule_fields[] = {
	{ "rows", &field_texts, offsetof(struct rule, rows), FIELD_NO_SECRET,
	  NULL, "Patterns for whole names of rows; an expression in one means "
	  "itself, an expression alone may be a list of names." },
	{ "columns", &field_texts, offsetof(struct rule, columns),
	  FIELD_NO_SECRET, NULL, "Names of columns." },
	{ "only", &field_enum, offsetof(struct rule, only), 0, sides,
	  "left or right: rows that only this side has." },
	{ "ignore", &field_text, offsetof(struct rule, ignore),
	  FIELD_NO_SECRET, NULL,
	  "Why a difference there is accepted." },
	{ "against", &field_plains, offsetof(struct rule, against), 0, NULL,
	  "left.COLUMN or right.COLUMN, in the same row: the right cell is "
	  "compared with their sum, and the left one does not count." },
	{ "tolerance", &field_text, offsetof(struct rule, tolerance),
	  FIELD_NO_SECRET, NULL, "How far the numbers may be apart: a number, "
	  "or a percentage of the left one (or of what `against` gives), "
	  "like 0.1%." },
	{ "warn", &field_bool, offsetof(struct rule, warn), 0, NULL,
	  "true: what `ignore` accepts is named in the summary." },
	{ 0 }
};

static const struct shape rule_shape = {
	.name = "a rule", .fields = rule_fields, .size = sizeof(struct rule),
	.help = "The first rule that fits a cell counts.",
};

static const struct field derive_fields[] = {
	{ "row", &field_text, offsetof(struct derive, row),
	  FIELD_REQUIRED | FIELD_NO_SECRET, NULL, "The row that is made." },
	{ "sum", &field_texts, offsetof(struct derive, sum),
	  FIELD_REQUIRED | FIELD_NO_SECRET, NULL,
	  "Patterns for whole names of the rows that it is the sum of; they "
	  "vanish." },
	{ 0 }
};

static const struct shape derive_shape = {
	.name = "a derived row", .fields = derive_fields,
	.size = sizeof(struct derive),
	.help = "A row that one side has in parts.",
};

static const struct field reconcile_fields[] = {
	{ "left", &field_text, offsetof(struct reconcile, left),
	  FIELD_REQUIRED | FIELD_NO_SECRET, NULL, "A table: row -> column -> "
	  "number, as table() makes it, or row -> number." },
	{ "right", &field_text, offsetof(struct reconcile, right),
	  FIELD_REQUIRED | FIELD_NO_SECRET, NULL,
	  "What it is compared with." },
	{ "rename", &field_renames, offsetof(struct reconcile, adjust.rename),
	  FIELD_NO_SECRET, NULL,
	  "Rows that one side calls by an older name: {old: new}." },
	{ "derive", &field_shape_list, offsetof(struct reconcile,
	  adjust.derive), 0, &derive_shape,
	  "Rows that are the sum of others, on both sides, after `rename`." },
	{ "rules", &field_shape_list, offsetof(struct reconcile, rules), 0,
	  &rule_shape, "Which differences are accepted, and why." },
	{ 0 }
};

static const struct shape reconcile_shape = {
	.name = "`reconcile`", .fields = reconcile_fields,
	.size = sizeof(struct reconcile),
	.help = "Compares two tables.",
};

static const char *const reconcile_leaves[] = {
	"summary", "differences", "accepted", "table", "file", NULL
};

static void
reconcile_check(const void *spec, const struct body *body, enum effect effect,
    struct errs *errs)
{
	const struct reconcile *r = spec;
	const struct rule *rules = r->rules.v;
	const struct derive *derive = r->adjust.derive.v;
	struct err err = ERR_INIT;
	size_t i, k;

	(void)effect;
	for (i = 0; i < r->rules.n; i++)
		rule_check(&rules[i], body->mark, errs);
	for (i = 0; i < r->adjust.derive.n; i++)
		for (k = 0; k < derive[i].sum.n; k++)
			if (derive[i].sum.v[k] != NULL && names_check_pattern(
			    derive[i].sum.v[k], &err) != 0)
				errs_take(errs, &err);
}

/* ---- comparing */

struct comparison {
	const struct kind_call *call;
	struct rule_set *rules;
	struct value left, right;    /* tables */
	size_t rows, cells;
	struct value_list differences, accepted, warned;
};

static int
note(struct comparison *c, const struct cell *cell, const struct verdict *v,
    struct err *err)
{
	struct value_map m = { .arena = c->call->arena };

	if (c->differences.n + c->accepted.n >= MAX_DIFFERENT)
		return err_set(err, "more than %d cells differ: these are not "
		    "two versions of one table", MAX_DIFFERENT);
	worker_put(&m, "row", cell->row);
	worker_put(&m, "column", cell->column);
	worker_put(&m, "left", cell->left);
	worker_put(&m, "right", cell->right);
	if (v->against)
		worker_put(&m, "expected", v->expected);
	if (v->why != NULL)
		worker_put(&m, "why", value_cstring(c->call->arena, v->why));
	if (v->why != NULL && v->warn)
		worker_put(&m, "warn", value_bool(true));
	value_list_add(v->why != NULL ? &c->accepted : &c->differences,
	    value_map_done(&m));
	if (v->why != NULL && v->warn)
		value_list_add(&c->warned, value_map_done(&m));
	return 0;
}

static int
compare_cell(struct comparison *c, struct cell *cell,
    const struct value_entry *column, struct err *err)
{
	const struct value *left = cell->left_row == NULL ? NULL :
	    value_member(*cell->left_row, column->key, column->key_len);
	const struct value *right = cell->right_row == NULL ? NULL :
	    value_member(*cell->right_row, column->key, column->key_len);
	struct verdict v;

	c->cells++;
	cell->column = value_string(c->call->arena, column->key,
	    column->key_len);
	cell->left = left == NULL ? value_null() : *left;
	cell->right = right == NULL ? value_null() : *right;
	if (rules_judge(c->call, c->rules, cell, &v, err) != 0)
		return -1;
	return v.same ? 0 : note(c, cell, &v, err);
}

/* Columns of the left side in their order, then what only the right has. */
static int
compare_row(struct comparison *c, const struct value_entry *row,
    const struct value *left, const struct value *right, struct err *err)
{
	struct cell cell = { .left_row = left, .right_row = right };
	size_t i;

	c->rows++;
	cell.row = value_string(c->call->arena, row->key, row->key_len);
	for (i = 0; left != NULL && i < left->u.map.n; i++)
		if (compare_cell(c, &cell, &left->u.map.entries[i], err) != 0)
			return -1;
	for (i = 0; right != NULL && i < right->u.map.n; i++) {
		const struct value_entry *e = &right->u.map.entries[i];

		if ((left == NULL || value_member(*left, e->key,
		    e->key_len) == NULL) && compare_cell(c, &cell, e,
		    err) != 0)
			return -1;
	}
	return 0;
}

static int
compare(struct comparison *c, struct err *err)
{
	size_t i;

	if (rules_check_columns(c->rules, c->left, c->right, err) != 0)
		return -1;
	for (i = 0; i < c->left.u.map.n; i++) {
		const struct value_entry *e = &c->left.u.map.entries[i];

		if (compare_row(c, e, &e->value, value_member(c->right, e->key,
		    e->key_len), err) != 0)
			return -1;
	}
	for (i = 0; i < c->right.u.map.n; i++) {
		const struct value_entry *e = &c->right.u.map.entries[i];

		if (value_member(c->left, e->key, e->key_len) == NULL &&
		    compare_row(c, e, NULL, &e->value, err) != 0)
			return -1;
	}
	return 0;
}

/* ---- the result */

/* The first few cells of a list, after one another. */
static void
some(struct buf *out, const struct value_list *list)
{
	size_t i;

	for (i = 0; i < list->n && i < SHOWN; i++) {
		buf_adds(out, i == 0 ? "" : "; ");
		report_cell(out, list->items[i]);
	}
	if (list->n > SHOWN)
		buf_addf(out, "; and %zu more", list->n - SHOWN);
}

static struct value
summary(const struct comparison *c)
{
	struct buf b = BUF_INIT(LIMIT_EVIDENCE);
	struct value v;

	buf_addf(&b, "%zu rows, %zu cells compared: %zu differ, %zu "
	    "differences accepted", c->rows, c->cells, c->differences.n,
	    c->accepted.n);
	if (c->warned.n > 0) {
		buf_addf(&b, ", %zu of them with a warning: ", c->warned.n);
		some(&b, &c->warned);
	}
	v = value_string(c->call->arena, b.data, b.len);
	buf_free(&b);
	return v;
}

static int
results(struct comparison *c, struct value *self, struct err *err)
{
	struct arena *a = c->call->arena;
	struct value_map m = { .arena = a };
	struct value told = summary(c), file;
	struct buf text = BUF_INIT(LIMIT_JSON);
	size_t head, n;
	int result;

	buf_addf(&text, "%s\n\n", told.u.string.p);
	head = text.len;
	report_table(&text, value_list_done(&c->differences),
	    value_list_done(&c->accepted));
	result = report_keep(c->call, &text, &file, err);
	n = text.len - head;
	worker_put(&m, "summary", told);
	worker_put(&m, "differences", value_list_done(&c->differences));
	worker_put(&m, "accepted", value_list_done(&c->accepted));
	worker_put(&m, "table", n > LIMIT_OUT_IN_EXPR ?
	    value_unknown("it is more than 1 MiB; `file` has it") :
	    value_string(a, text.data + head, n));
	worker_put(&m, "file", file);
	buf_free(&text);
	*self = value_map_done(&m);
	return result;
}

static int
complain(const struct comparison *c, struct value self, struct err *err)
{
	const char *file = worker_maybe(self, "file");
	struct buf text = BUF_INIT(LIMIT_EVIDENCE);

	some(&text, &c->differences);
	err_set(err, "%zu %s: %s", c->differences.n, c->differences.n == 1 ?
	    "cell differs" : "cells differ", text.data);
	if (file != NULL)
		err_hint(err, "%s of this run has the whole table", file);
	buf_free(&text);
	return -1;
}

static int
reconcile_compute(const struct kind_call *call, struct value *self,
    struct err *err)
{
	const struct reconcile *r = call->body->spec;
	struct comparison c = {
		.call = call,
		.differences = { .arena = call->arena },
		.accepted = { .arena = call->arena },
		.warned = { .arena = call->arena },
	};
	int result = -1;

	c.rules = rules_eval(call, r->rules.v, r->rules.n, err);
	if (c.rules != NULL && table_read(call, &r->adjust, r->left, "left",
	    &c.left, err) == 0 && table_read(call, &r->adjust, r->right,
	    "right", &c.right, err) == 0 && compare(&c, err) == 0 &&
	    results(&c, self, err) == 0)
		result = c.differences.n == 0 ? 0 : complain(&c, *self, err);
	err_place(err, call->body->mark);
	rules_free(c.rules);
	return result;
}

const struct kind kind_reconcile = {
	.shape = {
		"reconcile",
		"Compares two tables cell by cell. Everything has to be "
		"exactly equal; what is empty or missing, a cell or a whole "
		"row, equals zero. The first of the `rules` that fits a cell "
		"counts: with `ignore` a difference is accepted, with "
		"`tolerance` the numbers have to be near, without both they "
		"have to be equal. A difference that no rule accepts fails "
		"the step. It leaves `summary` (text), `differences` and "
		"`accepted` (lists of row, column, left, right, why, and "
		"`expected` where a rule has `against`), `table`, a text with "
		"every cell that differs, and `file`, where that is kept.",
		{ "reconcile", &field_shape, 0, 0, &reconcile_shape,
		  "Compares two tables." },
		sizeof(struct reconcile),
	},
	.flow = FLOW_PURE,
	.effect = EFFECT_READS,
	.leaves = reconcile_leaves,
	.check = reconcile_check,
	.compute = reconcile_compute,
};
