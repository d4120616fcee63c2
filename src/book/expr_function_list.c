#include "book/expr_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

int fn_len(struct call *c, struct value *out)
{
	struct value v = c->args[0];
	size_t n = v.type == VALUE_LIST ? v.u.list.n : v.type == VALUE_MAP ?
	    v.u.map.n : utf8_count(v.u.string.p, v.u.string.n);

	*out = value_int((int64_t)n);
	return v.type == VALUE_STRING ? call_scan(c, n) : 0;
}

int fn_keys(struct call *c, struct value *out)
{
	struct value_list l = { .arena = c->ev->arena };
	const struct value_entry *e;
	size_t i, n = c->args[0].u.map.n;

	for (i = 0; i < n; i++) {
		e = &c->args[0].u.map.entries[i];
		value_list_add(&l, (struct value){ .type = VALUE_STRING,
			.u.string = { e->key, e->key_len } });
	}
	*out = value_list_done(&l);
	return eval_spend(c->ev, c->node, n / 8);
}

int fn_values(struct call *c, struct value *out)
{
	struct value_list l = { .arena = c->ev->arena };
	size_t i, n = c->args[0].u.map.n;

	for (i = 0; i < n; i++)
		value_list_add(&l, c->args[0].u.map.entries[i].value);
	*out = value_list_done(&l);
	return eval_spend(c->ev, c->node, n / 8);
}

static void add_members(struct value_map *m, struct value map)
{
	const struct value_entry *e;
	struct value v;
	size_t i;

	for (i = 0; i < map.u.map.n; i++) {
		e = &map.u.map.entries[i];
		v = e->value;
		v.flags |= flags_of_member(map);
		value_map_put(m, e->key, e->key_len, v);
	}
}

int fn_merge(struct call *c, struct value *out)
{
	bool listed = c->args[0].type == VALUE_LIST;
	const struct value *maps = listed ? c->args[0].u.list.items : c->args;
	size_t n = listed ? c->args[0].u.list.n : c->n, i;
	struct value_map m = { .arena = c->ev->arena };

	if (listed && c->n > 1)
		return call_fail(c, 0, "one list of maps, or several maps");
	for (i = 0; i < n; i++) {
		if (maps[i].type == VALUE_UNKNOWN) {
			*out = maps[i];
			return 0;
		}
		if (maps[i].type != VALUE_MAP)
			return call_fail(c, 0, "element %zu is %s, no map", i,
			    value_type_name(maps[i].type));
		if (eval_spend(c->ev, c->node, maps[i].u.map.n / 8 + 1) < 0)
			return -1;
		add_members(&m, maps[i]);
	}
	*out = value_map_done(&m);
	return 0;
}

int fn_flatten(struct call *c, struct value *out)
{
	struct value_list l = { .arena = c->ev->arena };
	struct value item, v;
	size_t i, k;

	for (i = 0; i < c->args[0].u.list.n; i++) {
		item = c->args[0].u.list.items[i];
		if (item.type == VALUE_UNKNOWN) {
			*out = item;
			return 0;
		}
		if (item.type == VALUE_NULL)
			return call_fail(c, 0, "element %zu is null", i);
		if (item.type != VALUE_LIST) {
			value_list_add(&l, item);
			continue;
		}
		for (k = 0; k < item.u.list.n; k++) {
			v = item.u.list.items[k];
			v.flags |= flags_of_member(item);
			value_list_add(&l, v);
		}
		if (eval_spend(c->ev, c->node, k / 8 + 1) < 0)
			return -1;
	}
	*out = value_list_done(&l);
	return 0;
}

static int nth(struct call *c, bool last, struct value *out)
{
	struct value list = c->args[0];

	*out = list.u.list.n == 0 ? value_null() :
	    list.u.list.items[last ? list.u.list.n - 1 : 0];
	return 0;
}

int fn_first(struct call *c, struct value *out)
{
	return nth(c, false, out);
}

int fn_last(struct call *c, struct value *out)
{
	return nth(c, true, out);
}

static int compare(const void *a, const void *b)
{
	return value_order(*(const struct value *)a, *(const struct value *)b);
}

/* Can all elements be put in one order? */
static int check_order(const struct call *c, const struct value *items,
    size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (op_types(OP_LT, TYPE(items[0].type), TYPE(items[i].type)))
			continue;
		return call_fail(c, 0, "%s and %s have no order",
		    value_type_name(items[0].type),
		    value_type_name(items[i].type));
	}
	return 0;
}

static size_t sorting_cost(size_t n)
{
	size_t bits = 1;

	while (n >> bits)
		bits++;
	return n * bits / 8;
}

int fn_sort(struct call *c, struct value *out)
{
	size_t n = c->args[0].u.list.n;
	struct value *items;

	if (check_order(c, c->args[0].u.list.items, n) < 0 ||
	    eval_spend(c->ev, c->node, sorting_cost(n)) < 0)
		return -1;
	items = arena_memdup(c->ev->arena, c->args[0].u.list.items,
	    n * sizeof *items);
	if (n)
		qsort(items, n, sizeof *items, compare);
	*out = c->args[0];
	out->u.list.items = items;
	return 0;
}

static int extreme(struct call *c, int sign, struct value *out)
{
	bool listed = c->n == 1 && c->args[0].type == VALUE_LIST;
	const struct value *items = listed ? c->args[0].u.list.items : c->args;
	size_t n = listed ? c->args[0].u.list.n : c->n, i, best = 0;

	if (!listed && c->args[0].type == VALUE_LIST)
		return call_fail(c, 0, "one list, or several values");
	if (check_order(c, items, n) < 0 ||
	    eval_spend(c->ev, c->node, n / 8) < 0)
		return -1;
	for (i = 1; i < n; i++) {
		if (value_order(items[i], items[best]) * sign > 0)
			best = i;
	}
	*out = n ? items[best] : value_null();
	return 0;
}

int fn_min(struct call *c, struct value *out)
{
	return extreme(c, -1, out);
}

int fn_max(struct call *c, struct value *out)
{
	return extreme(c, 1, out);
}

/* A text that two values share when they are equal. */
static void add_identity(struct buf *text, struct value v)
{
	buf_reset(text);
	if (v.type == VALUE_STRING) {
		buf_addc(text, 's');
		buf_add(text, v.u.string.p, v.u.string.n);
		return;
	}
	if (v.type == VALUE_REAL && v.u.real >= -0x1p62 &&
	    v.u.real <= 0x1p62 && v.u.real == (double)(int64_t)v.u.real)
		v = value_int((int64_t)v.u.real);
	buf_addc(text, v.type == VALUE_TIME ? 't' :
	    v.type == VALUE_DURATION ? 'd' : 'j');
	if (v.type == VALUE_DURATION || v.type == VALUE_TIME)
		buf_addf(text, "%lld", (long long)v.u.integer);
	else
		value_json(text, v);
}

/* Adds those of `list` that are new to `seen` and, if `wanted`, in it. */
static int add_new(struct call *c, struct value list, struct value_map *seen,
    const struct value *wanted, struct value_list *l)
{
	struct buf text = BUF_INIT(c->ev->max_bytes);
	struct value now;
	size_t i;
	int status = 0;

	for (i = 0; i < list.u.list.n && status == 0; i++) {
		add_identity(&text, list.u.list.items[i]);
		now = value_map_done(seen);
		if ((!wanted || value_member(*wanted, text.data, text.len)) &&
		    !value_member(now, text.data, text.len)) {
			value_map_put(seen, text.data, text.len, value_null());
			if (l)
				value_list_add(l, list.u.list.items[i]);
		}
		status = eval_spend(c->ev, c->node, 1 + text.len / KIB);
	}
	buf_free(&text);
	return status;
}

int fn_unique(struct call *c, struct value *out)
{
	struct value_map seen = { .arena = c->ev->arena };
	struct value_list l = { .arena = c->ev->arena };

	if (add_new(c, c->args[0], &seen, NULL, &l) < 0)
		return -1;
	*out = value_list_done(&l);
	return 0;
}

int fn_intersection(struct call *c, struct value *out)
{
	struct value_map seen = { .arena = c->ev->arena };
	struct value_map other = { .arena = c->ev->arena };
	struct value_list l = { .arena = c->ev->arena };
	struct value wanted;

	if (add_new(c, c->args[1], &other, NULL, NULL) < 0)
		return -1;
	wanted = value_map_done(&other);
	if (add_new(c, c->args[0], &seen, &wanted, &l) < 0)
		return -1;
	*out = value_list_done(&l);
	return 0;
}
