#include "book/expr_private.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"

/* Maps inside each other, as reconcile's tables are: row, column. */
#define LEVELS 8

static int add_up(struct call *c, struct value_map *sum, struct value map,
    unsigned levels);

static int add_maps(struct call *c, struct value left, struct value right,
    unsigned levels, struct value *out)
{
	struct value_map sum = { .arena = c->ev->arena };

	if (levels == 0)
		return call_fail(c, 0, "maps are nested too deeply");
	if (add_up(c, &sum, left, levels - 1) < 0 ||
	    add_up(c, &sum, right, levels - 1) < 0)
		return -1;
	*out = value_map_done(&sum);
	return 0;
}

static int add_cell(struct call *c, struct value left, struct value right,
    unsigned levels, struct value *out)
{
	struct expr_node plus = { .op = OP_ADD, .at = c->node->at };

	if (left.type == VALUE_MAP && right.type == VALUE_MAP)
		return add_maps(c, left, right, levels, out);
	return op_binary(c->ev, &plus, left, right, out);
}

static bool can_be_added(struct value v)
{
	return TYPE(v.type) & (TYPES_NUMBER | TYPE(VALUE_DURATION) |
	    TYPE(VALUE_MAP));
}

static int add_up(struct call *c, struct value_map *sum, struct value map,
    unsigned levels)
{
	const struct value_entry *e;
	const struct value *have;
	struct value v;
	size_t i;

	for (i = 0; i < map.u.map.n; i++) {
		e = &map.u.map.entries[i];
		v = e->value;
		if (!can_be_added(v))
			return call_fail(c, 0, "'%s' is %s, no number",
			    e->key, value_type_name(v.type));
		have = value_member(value_map_done(sum), e->key, e->key_len);
		if (eval_spend(c->ev, c->node, 1) < 0 ||
		    (have && add_cell(c, *have, v, levels, &v) < 0))
			return -1;
		value_map_put(sum, e->key, e->key_len, v);
	}
	return 0;
}

int fn_merge_sum(struct call *c, struct value *out)
{
	struct value_map sum = { .arena = c->ev->arena };
	struct value v;
	size_t i;

	for (i = 0; i < c->args[0].u.list.n; i++) {
		v = c->args[0].u.list.items[i];
		if (v.type != VALUE_MAP)
			return call_fail(c, 0, "element %zu is %s, no map", i,
			    value_type_name(v.type));
		if (add_up(c, &sum, v, LEVELS) < 0)
			return -1;
	}
	*out = value_map_done(&sum);
	return 0;
}

static int sum_row(struct call *c, const struct value_entry *row,
    struct value *out)
{
	struct value columns = c->args[1], sum = value_int(0);
	struct expr_node plus = { .op = OP_ADD, .at = c->node->at };
	const struct value *cell;
	size_t i;

	if (row->value.type != VALUE_MAP)
		return call_fail(c, 0, "row '%s' is %s, no map", row->key,
		    value_type_name(row->value.type));
	for (i = 0; i < columns.u.list.n; i++) {
		cell = value_member(row->value,
		    columns.u.list.items[i].u.string.p,
		    columns.u.list.items[i].u.string.n);
		if (cell && !(TYPE(cell->type) & TYPES_NUMBER))
			return call_fail(c, 0, "row '%s', column '%s' is %s, "
			    "no number", row->key,
			    columns.u.list.items[i].u.string.p,
			    value_type_name(cell->type));
		if (eval_spend(c->ev, c->node, 1) < 0 ||
		    (cell && op_binary(c->ev, &plus, sum, *cell, &sum) < 0))
			return -1;
	}
	*out = sum;
	return 0;
}

int fn_sum_columns(struct call *c, struct value *out)
{
	struct value_map sums = { .arena = c->ev->arena };
	const struct value_entry *row;
	struct value sum;
	size_t i;

	for (i = 0; i < c->args[1].u.list.n; i++) {
		if (c->args[1].u.list.items[i].type != VALUE_STRING)
			return call_fail(c, 1, "columns are names in quotes");
	}
	for (i = 0; i < c->args[0].u.map.n; i++) {
		row = &c->args[0].u.map.entries[i];
		if (sum_row(c, row, &sum) < 0)
			return -1;
		value_map_put(&sums, row->key, row->key_len, sum);
	}
	*out = value_map_done(&sums);
	return 0;
}

int fn_lower_keys(struct call *c, struct value *out)
{
	struct value_map m = { .arena = c->ev->arena };
	const struct value_entry *e;
	size_t i, k, before;
	char *key;

	for (i = 0; i < c->args[0].u.map.n; i++) {
		e = &c->args[0].u.map.entries[i];
		key = arena_strndup(c->ev->arena, e->key, e->key_len);
		for (k = 0; k < e->key_len; k++) {
			if (key[k] >= 'A' && key[k] <= 'Z')
				key[k] = (char)(key[k] + ('a' - 'A'));
		}
		before = m.n;
		value_map_put(&m, key, e->key_len, e->value);
		if (m.n == before)
			return call_fail(c, 0, "two keys become '%s'", key);
	}
	*out = value_map_done(&m);
	return eval_spend(c->ev, c->node, i / 8);
}
