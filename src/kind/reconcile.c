#include "kind/reconcile.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "kind/call.h"
#include "kind/worker.h"

#define MAX_ROWS 100000
#define SHOWN 3                      /* differences in the message */

static const char *const sides[] = { "any", "left", "right", NULL };

struct reconcile {
	struct text *left, *right;
	struct assigns rename;
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
	{ "against", &field_later, 0, FIELD_LATER, NULL, "Not built yet." },
	{ "tolerance", &field_later, 0, FIELD_LATER, NULL, "Not built yet." },
	{ "warn", &field_later, 0, FIELD_LATER, NULL, "Not built yet." },
	{ 0 }
};

static const struct shape rule_shape = {
	.name = "a rule", .fields = rule_fields, .size = sizeof(struct rule),
	.help = "The first rule that fits a cell counts.",
};

static const struct field reconcile_fields[] = {
	{ "left", &field_text, offsetof(struct reconcile, left),
	  FIELD_REQUIRED | FIELD_NO_SECRET, NULL, "A table: row -> column -> "
	  "number, as table() makes it, or row -> number." },
	{ "right", &field_text, offsetof(struct reconcile, right),
	  FIELD_REQUIRED | FIELD_NO_SECRET, NULL,
	  "What it is compared with." },
	{ "rename", &field_renames, offsetof(struct reconcile, rename),
	  FIELD_NO_SECRET, NULL,
	  "Rows that one side calls by an older name: {old: new}." },
	{ "rules", &field_shape_list, offsetof(struct reconcile, rules), 0,
	  &rule_shape, "Which differences are accepted, and why." },
	{ "derive", &field_later, 0, FIELD_LATER, NULL, "Not built yet." },
	{ 0 }
};

static const struct shape reconcile_shape = {
	.name = "`reconcile`", .fields = reconcile_fields,
	.size = sizeof(struct reconcile),
	.help = "Compares two tables.",
};

static const char *const reconcile_leaves[] = {
	"summary", "differences", "accepted", "table", NULL
};

static void
check_rule(const struct rule *r, const struct body *body, struct errs *errs)
{
	struct err err = ERR_INIT;
	size_t i;

	if (r->rows.n == 0 && r->columns.n == 0 && r->only == SIDE_ANY)
		errs_add(errs, r->ignore != NULL ? text_mark(r->ignore) :
		    body->mark, "a rule says for which cells it is: rows, "
		    "columns or only");
	for (i = 0; i < r->rows.n; i++)
		if (r->rows.v[i] != NULL &&
		    rule_check_pattern(r->rows.v[i], &err) != 0)
			errs_take(errs, &err);
	if (r->ignore != NULL && strspn(text_source(r->ignore), " \t\n") ==
	    strlen(text_source(r->ignore)))
		errs_add(errs, text_mark(r->ignore),
		    "`ignore` says why; it may not be empty");
}

static void
reconcile_check(const void *spec, const struct body *body, enum effect effect,
    struct errs *errs)
{
	const struct reconcile *r = spec;
	const struct rule *rules = r->rules.v;
	size_t i;

	(void)effect;
	for (i = 0; i < r->rules.n; i++)
		check_rule(&rules[i], body, errs);
}

/* ---- tables */

struct side {
	const char *name;
	struct value table;          /* row -> column -> cell */
};

static int
new_name(const struct kind_call *call, const struct assigns *rename,
    const struct value_entry *row, struct value *out, struct err *err)
{
	size_t i;

	for (i = 0; i < rename->n; i++)
		if (strlen(rename->v[i].name) == row->key_len &&
		    memcmp(rename->v[i].name, row->key, row->key_len) == 0)
			return call_text(call, rename->v[i].text, out, err);
	*out = value_string(call->arena, row->key, row->key_len);
	return 0;
}

/* row -> number is a table of one column, which has no name. */
static struct value
columns_of(struct arena *a, struct value row)
{
	struct value_map m = { .arena = a };

	if (row.type == VALUE_MAP)
		return row;
	value_map_put(&m, "", 0, row);
	return value_map_done(&m);
}

static int
read_table(const struct kind_call *call, const struct reconcile *r,
    const struct text *t, struct side *side, struct err *err)
{
	struct value_map m = { .arena = call->arena };
	struct value v, name;
	size_t i;

	if (text_eval_typed(t, call->scope, call->arena, &v, err) != 0)
		return -1;
	if (value_is_secret(v) || value_is_unknown(v))
		return err_set(err, "the table %s %s", side->name,
		    value_is_secret(v) ? "holds a secret" : "is not known");
	if (v.type != VALUE_MAP)
		return err_set(err, "`%s` wants a table, row -> column -> "
		    "number, not %s", side->name, value_type_name(v.type));
	if (v.u.map.n > MAX_ROWS)
		return err_set(err, "the table %s has more than %d rows",
		    side->name, MAX_ROWS);
	for (i = 0; i < v.u.map.n; i++) {
		const struct value_entry *row = &v.u.map.entries[i];

		if (new_name(call, &r->rename, row, &name, err) != 0)
			return -1;
		value_map_put(&m, name.u.string.p, name.u.string.n,
		    columns_of(call->arena, row->value));
		if (m.n != i + 1)
			return err_set(err, "two rows of the table %s are "
			    "called %s after `rename`", side->name,
			    name.u.string.p);
	}
	side->table = value_map_done(&m);
	return 0;
}

/* ---- cells */

static bool
is_number(struct value v)
{
	return v.type == VALUE_INT || v.type == VALUE_REAL ||
	    v.type == VALUE_SIZE;
}

/* What is missing or empty is a zero. */
static struct value
cell_value(const struct value *v)
{
	if (v == NULL || v->type == VALUE_NULL ||
	    (v->type == VALUE_STRING && v->u.string.n == 0))
		return value_int(0);
	return *v;
}

static bool
is_same(struct value a, struct value b)
{
	if (is_number(a) && is_number(b))
		return value_order(a, b) == 0;
	return a.type == b.type && value_equal(a, b);
}

static bool
has_something(const struct value *row)
{
	size_t i;

	for (i = 0; row != NULL && i < row->u.map.n; i++)
		if (!is_same(cell_value(&row->u.map.entries[i].value),
		    value_int(0)))
			return true;
	return false;
}

/* ---- comparing */

struct comparison {
	const struct kind_call *call;
	struct rule_set *rules;
	struct side left, right;
	size_t rows, cells;
	struct value_list differences, accepted;
	struct buf table;            /* for people */
};

static void
show_cell(struct buf *out, const struct cell *c)
{
	buf_add(out, c->row.u.string.p, c->row.u.string.n);
	if (c->column.u.string.n > 0)
		buf_addf(out, ", %s", c->column.u.string.p);
	buf_adds(out, ": left ");
	value_show(out, c->left, 200);
	buf_adds(out, ", right ");
	value_show(out, c->right, 200);
}

static int
note(struct comparison *c, const struct cell *cell, struct err *err)
{
	struct value_map m = { .arena = c->call->arena };
	const char *why;

	if (rules_excuse(c->rules, cell, &why, err) != 0)
		return -1;
	worker_put(&m, "row", cell->row);
	worker_put(&m, "column", cell->column);
	worker_put(&m, "left", cell->left);
	worker_put(&m, "right", cell->right);
	show_cell(&c->table, cell);
	if (why != NULL) {
		worker_put(&m, "why", value_cstring(c->call->arena, why));
		buf_addf(&c->table, " (accepted: %s)", why);
	}
	buf_addc(&c->table, '\n');
	value_list_add(why != NULL ? &c->accepted : &c->differences,
	    value_map_done(&m));
	return 0;
}

static int
compare_cell(struct comparison *c, struct cell *cell,
    const struct value_entry *column, const struct value *left,
    const struct value *right, struct err *err)
{
	c->cells++;
	if (is_same(cell_value(left), cell_value(right)))
		return 0;
	cell->column = value_string(c->call->arena, column->key,
	    column->key_len);
	cell->left = left == NULL ? value_null() : *left;
	cell->right = right == NULL ? value_null() : *right;
	return note(c, cell, err);
}

static const struct value *
column_of(const struct value *row, const struct value_entry *e)
{
	return row == NULL ? NULL : value_member(*row, e->key, e->key_len);
}

/* Columns of the left side in their order, then what only the right has. */
static int
compare_row(struct comparison *c, const struct value_entry *row,
    const struct value *left, const struct value *right, struct err *err)
{
	struct cell cell = { .in_left = has_something(left),
	    .in_right = has_something(right) };
	size_t i;

	c->rows++;
	cell.row = value_string(c->call->arena, row->key, row->key_len);
	for (i = 0; left != NULL && i < left->u.map.n; i++) {
		const struct value_entry *e = &left->u.map.entries[i];

		if (compare_cell(c, &cell, e, &e->value, column_of(right, e),
		    err) != 0)
			return -1;
	}
	for (i = 0; right != NULL && i < right->u.map.n; i++) {
		const struct value_entry *e = &right->u.map.entries[i];

		if (column_of(left, e) == NULL && compare_cell(c, &cell, e,
		    NULL, &e->value, err) != 0)
			return -1;
	}
	return 0;
}

static int
compare(struct comparison *c, struct err *err)
{
	struct value left = c->left.table, right = c->right.table;
	size_t i;

	for (i = 0; i < left.u.map.n; i++) {
		const struct value_entry *e = &left.u.map.entries[i];

		if (compare_row(c, e, &e->value, value_member(right, e->key,
		    e->key_len), err) != 0)
			return -1;
	}
	for (i = 0; i < right.u.map.n; i++) {
		const struct value_entry *e = &right.u.map.entries[i];

		if (value_member(left, e->key, e->key_len) == NULL &&
		    compare_row(c, e, NULL, &e->value, err) != 0)
			return -1;
	}
	return 0;
}

/* ---- the result */

static struct value
results(struct comparison *c)
{
	struct arena *a = c->call->arena;
	struct value_map m = { .arena = a };
	const char *summary = arena_printf(a, "%zu rows, %zu cells compared: "
	    "%zu differ, %zu differences accepted", c->rows, c->cells,
	    c->differences.n, c->accepted.n);

	worker_put(&m, "summary", value_cstring(a, summary));
	worker_put(&m, "differences", value_list_done(&c->differences));
	worker_put(&m, "accepted", value_list_done(&c->accepted));
	if (c->table.cut)
		memcpy(c->table.data + c->table.len - 4, "...\n", 4);
	worker_put(&m, "table", value_string(a, c->table.data, c->table.len));
	return value_map_done(&m);
}

static int
complain(const struct comparison *c, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_EVIDENCE);
	size_t i;

	for (i = 0; i < c->differences.n && i < SHOWN; i++) {
		struct value d = c->differences.items[i];
		struct cell cell = { .row = worker_member(d, "row"),
		    .column = worker_member(d, "column"),
		    .left = worker_member(d, "left"),
		    .right = worker_member(d, "right") };

		buf_adds(&text, i == 0 ? "" : "; ");
		show_cell(&text, &cell);
	}
	if (c->differences.n > SHOWN)
		buf_addf(&text, "; and %zu more", c->differences.n - SHOWN);
	err_set(err, "%zu %s: %s", c->differences.n, c->differences.n == 1 ?
	    "cell differs" : "cells differ", text.data);
	buf_free(&text);
	return -1;
}

static int
reconcile_compute(const struct kind_call *call, struct value *self,
    struct err *err)
{
	const struct reconcile *r = call->body->spec;
	struct comparison c = {
		.call = call, .left = { .name = "left" },
		.right = { .name = "right" },
		.differences = { .arena = call->arena },
		.accepted = { .arena = call->arena },
		.table = BUF_INIT(LIMIT_OUT_IN_EXPR),
	};
	int result = -1;

	c.rules = rules_eval(call, r->rules.v, r->rules.n, err);
	if (c.rules != NULL && read_table(call, r, r->left, &c.left,
	    err) == 0 && read_table(call, r, r->right, &c.right, err) == 0 &&
	    compare(&c, err) == 0) {
		*self = results(&c);
		result = c.differences.n == 0 ? 0 : complain(&c, err);
	}
	err_place(err, call->body->mark);
	rules_free(c.rules);
	buf_free(&c.table);
	return result;
}

const struct kind kind_reconcile = {
	.shape = {
		"reconcile",
		"Compares two tables cell by cell. Everything has to be "
		"exactly equal; what is empty or missing, a cell or a whole "
		"row, equals zero. The first of the `rules` that fits a cell "
		"counts: with `ignore` a difference is accepted, without it "
		"the cell has to be equal. A difference that no rule accepts "
		"fails the step. It leaves `summary` (text), `differences` "
		"and `accepted` (lists of row, column, left, right, why) and "
		"`table`, a text that names every cell that differs.",
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
