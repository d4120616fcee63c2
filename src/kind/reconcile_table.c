/* The tables of a reconcile: read, renamed, summed. */
#include "kind/reconcile.h"

#include <string.h>

#include "base/arena.h"
#include "kind/call.h"
#include "kind/names.h"

#define MAX_ROWS 100000

/* ---- cells */

bool
table_is_number(struct value v)
{
	return v.type == VALUE_INT || v.type == VALUE_REAL ||
	    v.type == VALUE_SIZE;
}

struct value
table_cell(const struct value *v)
{
	if (v == NULL || v->type == VALUE_NULL ||
	    (v->type == VALUE_STRING && v->u.string.n == 0))
		return value_int(0);
	return *v;
}

static double
real_of(struct value v)
{
	return v.type == VALUE_REAL ? v.u.real : (double)v.u.integer;
}

int
table_add(struct value *sum, struct value cell, const char *what,
    struct err *err)
{
	struct value v = table_cell(&cell);
	int64_t total;

	if (!table_is_number(v))
		return err_set(err, "%s is %s and cannot be summed", what,
		    value_type_name(v.type));
	if (sum->type == VALUE_REAL || v.type == VALUE_REAL) {
		*sum = value_real(real_of(*sum) + real_of(v));
		return 0;
	}
	if (__builtin_add_overflow(sum->u.integer, v.u.integer, &total))
		return err_set(err, "a sum with %s is too large", what);
	*sum = value_int(total);
	return 0;
}

/* ---- reading and renaming */

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
eval_table(const struct kind_call *call, const struct text *t,
    const char *side, struct value *out, struct err *err)
{
	struct value v;

	if (text_eval_typed(t, call->scope, call->arena, &v, err) != 0)
		return -1;
	if (value_is_secret(v) || value_is_unknown(v))
		return err_set(err, "the table %s %s", side,
		    value_is_secret(v) ? "holds a secret" : "is not known");
	if (v.type != VALUE_MAP)
		return err_set(err, "`%s` wants a table, row -> column -> "
		    "number, not %s", side, value_type_name(v.type));
	if (v.u.map.n > MAX_ROWS)
		return err_set(err, "the table %s has more than %d rows",
		    side, MAX_ROWS);
	*out = v;
	return 0;
}

static int
rename_rows(const struct kind_call *call, const struct assigns *rename,
    const char *side, struct value *table, struct err *err)
{
	struct value_map m = { .arena = call->arena };
	struct value name;
	size_t i;

	for (i = 0; i < table->u.map.n; i++) {
		const struct value_entry *row = &table->u.map.entries[i];

		if (new_name(call, rename, row, &name, err) != 0)
			return -1;
		value_map_put(&m, name.u.string.p, name.u.string.n,
		    columns_of(call->arena, row->value));
		if (m.n != i + 1)
			return err_set(err, "two rows of the table %s are "
			    "called %s after `rename`", side, name.u.string.p);
	}
	*table = value_map_done(&m);
	return 0;
}

/* ---- deriving */

struct derivation {
	const struct kind_call *call;
	const char *side;
	struct value row;            /* its name */
	struct names_given names;
	struct value_map rest, sum;
	bool any;                    /* a row was summed */
};

static int
add_row(struct derivation *d, const struct value_entry *row, struct err *err)
{
	size_t i;

	d->any = true;
	for (i = 0; i < row->value.u.map.n; i++) {
		const struct value_entry *c = &row->value.u.map.entries[i];
		const struct value *before = value_member(value_map_done(
		    &d->sum), c->key, c->key_len);
		struct value sum = before == NULL ? value_int(0) : *before;
		const char *what = arena_printf(d->call->arena, "%s, %s of "
		    "the table %s", row->key, c->key, d->side);

		if (table_add(&sum, c->value, what, err) != 0)
			return -1;
		value_map_put(&d->sum, c->key, c->key_len, sum);
	}
	return 0;
}

static int
derive_rows(struct derivation *d, struct value *table, struct err *err)
{
	struct arena *a = d->call->arena;
	struct value_map *rest = &d->rest;
	size_t i, before;

	for (i = 0; i < table->u.map.n; i++) {
		const struct value_entry *row = &table->u.map.entries[i];
		int fits = names_fit(&d->names, value_string(a, row->key,
		    row->key_len), err);

		if (fits < 0 || (fits > 0 && add_row(d, row, err) != 0))
			return -1;
		if (fits == 0)
			value_map_put(rest, row->key, row->key_len,
			    row->value);
	}
	if (!d->any)
		return 0;
	before = rest->n;
	value_map_put(rest, d->row.u.string.p, d->row.u.string.n,
	    value_map_done(&d->sum));
	if (rest->n == before)
		return err_set(err, "the table %s has a row %s already, "
		    "which `derive` does not sum", d->side,
		    d->row.u.string.p);
	*table = value_map_done(rest);
	return 0;
}

static int
derive_one(const struct kind_call *call, const struct derive *w,
    const char *side, struct value *table, struct err *err)
{
	struct derivation d = { .call = call, .side = side,
	    .rest = { .arena = call->arena }, .sum = { .arena = call->arena } };
	int result = -1;

	if (call_text(call, w->row, &d.row, err) == 0 &&
	    names_eval(call, &w->sum, true, &d.names, err) == 0)
		result = derive_rows(&d, table, err);
	names_free(&d.names);
	return result == 0 ? 0 : err_place(err, text_mark(w->row));
}

int
table_read(const struct kind_call *call, const struct adjust *adjust,
    const struct text *t, const char *side, struct value *out,
    struct err *err)
{
	const struct derive *derive = adjust->derive.v;
	struct value table;
	size_t i;

	if (eval_table(call, t, side, &table, err) != 0 ||
	    rename_rows(call, &adjust->rename, side, &table, err) != 0)
		return -1;
	for (i = 0; i < adjust->derive.n; i++)
		if (derive_one(call, &derive[i], side, &table, err) != 0)
			return -1;
	*out = table;
	return 0;
}
