#include "book/expr_private.h"

#include <stdarg.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/rx.h"
#include "base/xalloc.h"
#include "yaml/node.h"

#define KEYS_SHOWN 8       /* in "it has: …" */
#define KEYS_COMPARED 500  /* for "did you mean" */

void eval_init(struct eval *ev, const struct node *scalar,
    const struct scope *scope, struct arena *a, struct err *err)
{
	/* Not all of it: `locals` are large, and set before they are read. */
	ev->scalar = scalar;
	ev->scope = scope;
	ev->arena = a;
	ev->err = err;
	ev->steps = 0;
	ev->max_steps = LIMIT_EXPR_STEPS;
	ev->bytes_before = arena_used(a);
	ev->max_bytes = LIMIT_EXPR_RESULT;
	ev->exhausted = false;
	ev->patterns = NULL;
}

void eval_end(struct eval *ev)
{
	struct pattern_kept *p;

	for (p = ev->patterns; p; p = p->next)
		rx_free(p->rx);
	ev->patterns = NULL;
}

int eval_fail(struct eval *ev, const struct expr_node *n, const char *format,
    ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	err_at(ev->err, node_mark_at(ev->scalar, n->at), "%s", text);
	free(text);
	return -1;
}

int eval_spend(struct eval *ev, const struct expr_node *n, size_t steps)
{
	ev->steps += steps;
	if (ev->steps > ev->max_steps) {
		ev->exhausted = true;
		eval_fail(ev, n, "this expression takes more than %zu steps",
		    ev->max_steps);
		return err_hint(ev->err, "let a program on the host do this "
		    "work, and capture its result");
	}
	if (arena_used(ev->arena) - ev->bytes_before > ev->max_bytes) {
		ev->exhausted = true;
		return eval_fail(ev, n, "this expression makes more than "
		    "%zu MiB of values", ev->max_bytes / MIB);
	}
	return 0;
}

unsigned flags_from(struct value v)
{
	unsigned flags = v.flags & (VALUE_SECRET | VALUE_FOREIGN);

	if (v.flags & VALUE_HOLDS_SECRET)
		flags |= VALUE_SECRET;
	if (v.flags & VALUE_HOLDS_FOREIGN)
		flags |= VALUE_FOREIGN;
	return flags;
}

unsigned flags_of_member(struct value container)
{
	return container.flags & (VALUE_SECRET | VALUE_FOREIGN);
}

bool marked_unknown(struct value v)
{
	return v.type == VALUE_UNKNOWN || v.flags & VALUE_HOLDS_UNKNOWN;
}

struct value unknown_of(struct value v)
{
	size_t i;

	if (v.type == VALUE_LIST) {
		for (i = 0; i < v.u.list.n; i++) {
			if (marked_unknown(v.u.list.items[i]))
				return unknown_of(v.u.list.items[i]);
		}
	}
	if (v.type == VALUE_MAP) {
		for (i = 0; i < v.u.map.n; i++) {
			if (marked_unknown(v.u.map.entries[i].value))
				return unknown_of(v.u.map.entries[i].value);
		}
	}
	return value_unknown(v.type == VALUE_UNKNOWN ? v.u.why : "unknown");
}

static int eval_reference(struct eval *ev, const struct expr_node *n,
    struct value *out)
{
	struct err err = ERR_INIT;

	if (ev->scope->get(ev->scope->ctx, n->root, n->name, ev->arena, out,
	    &err) == 0)
		return 0;
	err_place(&err, node_mark_at(ev->scalar, n->at));
	return err_move(ev->err, &err);
}

static int no_key(struct eval *ev, size_t at,
    struct value map, struct value key)
{
	const char *keys[KEYS_COMPARED], *near;
	struct buf text = BUF_INIT(1000);
	size_t i, count = map.u.map.n;

	value_show(&text, key, 80);
	err_at(ev->err, node_mark_at(ev->scalar, at), "there is no %s here",
	    text.data);
	buf_reset(&text);
	for (i = 0; i < count && i < KEYS_COMPARED; i++)
		keys[i] = map.u.map.entries[i].key;
	near = str_nearest(key.u.string.p, keys, i);
	if ((map.flags | key.flags) & VALUE_SECRET || count == 0)
		;
	else if (near)
		err_hint(ev->err, "did you mean '%s'?", near);
	else {
		for (i = 0; i < count && i < KEYS_SHOWN; i++)
			buf_addf(&text, "%s%s", i ? ", " : "", keys[i]);
		err_hint(ev->err, "it has: %s%s", text.data,
		    i < count ? ", …" : "");
	}
	buf_free(&text);
	return -1;
}

static int key_of_map(struct eval *ev, size_t at,
    struct value map, struct value key, struct value *out)
{
	const struct value *v = value_member(map, key.u.string.p,
	    key.u.string.n);

	if (!v)
		return no_key(ev, at, map, key);
	*out = *v;
	out->flags |= flags_of_member(map);
	return 0;
}

static int not_a_map(struct eval *ev, const struct expr_node *n,
    struct value v)
{
	struct buf text = BUF_INIT(1000);

	value_show(&text, v, 60);
	eval_fail(ev, n, "%s has no members; it is %s",
	    value_type_name(v.type), text.data);
	buf_free(&text);
	if (v.type == VALUE_LIST)
		return err_hint(ev->err, "write first(…).key, or "
		    "map(list, i -> i.key)");
	if (v.type == VALUE_STRING)
		return err_hint(ev->err, "if it is JSON, write json(…)");
	return -1;
}

/* Of null every member is null; of what is unknown it is unknown. */
static bool passes_through(struct value v, struct value *out)
{
	if (v.type != VALUE_NULL && v.type != VALUE_UNKNOWN)
		return false;
	*out = v;
	out->flags = flags_of_member(v);
	return true;
}

static int eval_member(struct eval *ev, const struct expr_node *n,
    struct value *out)
{
	struct value of;

	if (eval_node(ev, n->args[0], &of) < 0)
		return -1;
	if (passes_through(of, out))
		return 0;
	if (of.type != VALUE_MAP)
		return not_a_map(ev, n, of);
	return key_of_map(ev, n->at, of, value_static(n->name), out);
}

static int item_by_number(struct eval *ev, const struct expr_node *n,
    struct value list, struct value index, struct value *out)
{
	int64_t i = index.u.integer;
	size_t count = list.u.list.n;

	if (i >= 0 && (uint64_t)i < count) {
		*out = list.u.list.items[i];
		out->flags |= flags_of_member(list);
		return 0;
	}
	eval_fail(ev, n, "there is no element %lld: the list has %zu",
	    (long long)i, count);
	return err_hint(ev->err, "elements are counted from 0; the end is "
	    "last(…)");
}

/* items[key] of a for_each: the element whose `key` is so. */
static int item_by_key(struct eval *ev, const struct expr_node *n,
    struct value list, struct value key, struct value *out)
{
	size_t i;
	const struct value *k;
	struct buf text = BUF_INIT(1000);

	if (eval_spend(ev, n, list.u.list.n) < 0)
		return -1;
	for (i = 0; i < list.u.list.n; i++) {
		k = value_member(list.u.list.items[i], "key", 3);
		if (k && value_equal(*k, key)) {
			*out = list.u.list.items[i];
			out->flags |= flags_of_member(list);
			return 0;
		}
	}
	value_show(&text, key, 60);
	eval_fail(ev, n, "no element of the list has the key %s", text.data);
	buf_free(&text);
	return -1;
}

static int eval_index(struct eval *ev, const struct expr_node *n,
    struct value *out)
{
	struct value of, index;
	int status;

	if (eval_node(ev, n->args[0], &of) < 0 ||
	    eval_node(ev, n->args[1], &index) < 0)
		return -1;
	if (passes_through(of, out))
		return 0;
	if (index.type == VALUE_UNKNOWN) {
		*out = index;
		out->flags = flags_of_member(of) | flags_of_member(index);
		return 0;
	}
	if (of.type == VALUE_MAP && index.type == VALUE_STRING)
		status = key_of_map(ev, n->at, of, index, out);
	else if (of.type == VALUE_LIST && index.type == VALUE_INT)
		status = item_by_number(ev, n, of, index, out);
	else if (of.type == VALUE_LIST && index.type == VALUE_STRING)
		status = item_by_key(ev, n, of, index, out);
	else if (of.type != VALUE_LIST && of.type != VALUE_MAP)
		return not_a_map(ev, n, of);
	else
		return eval_fail(ev, n, "%s takes %s in […], not %s",
		    value_type_name(of.type),
		    of.type == VALUE_MAP ? "a key" : "a number or a key",
		    value_type_name(index.type));
	if (status == 0)
		out->flags |= index.flags & VALUE_SECRET;
	return status;
}

static int eval_list(struct eval *ev, const struct expr_node *n,
    struct value *out)
{
	struct value_list l = { .arena = ev->arena };
	struct value v;
	size_t i;

	for (i = 0; i < n->n; i++) {
		if (eval_node(ev, n->args[i], &v) < 0)
			return -1;
		value_list_add(&l, v);
	}
	*out = value_list_done(&l);
	return 0;
}

/* One side of and, or, not: a bool or unknown. */
static int eval_bool(struct eval *ev, const struct expr_node *n,
    const struct expr_node *side, struct value *out)
{
	if (eval_node(ev, side, out) < 0)
		return -1;
	if (out->type == VALUE_BOOL || out->type == VALUE_UNKNOWN)
		return 0;
	return op_refuse(ev->scalar, n, TYPE(out->type), out, 0, NULL,
	    ev->err);
}

static int eval_not(struct eval *ev, const struct expr_node *n,
    struct value *out)
{
	struct value v;

	if (eval_bool(ev, n, n->args[0], &v) < 0)
		return -1;
	*out = v.type == VALUE_BOOL ? value_bool(!v.u.boolean) : v;
	out->flags = flags_from(v);
	return 0;
}

/* The second side is looked at only when the first has not decided. */
static int eval_and_or(struct eval *ev, const struct expr_node *n,
    struct value *out)
{
	struct value left, right;

	if (eval_bool(ev, n, n->args[0], &left) < 0)
		return -1;
	*out = left;
	out->flags = flags_from(left);
	if (left.type == VALUE_UNKNOWN ||
	    left.u.boolean == (n->op == OP_OR))
		return 0;
	if (eval_bool(ev, n, n->args[1], &right) < 0)
		return -1;
	*out = right;
	out->flags = flags_from(left) | flags_from(right);
	return 0;
}

static int eval_coalesce(struct eval *ev, const struct expr_node *n,
    struct value *out)
{
	unsigned flags;

	if (eval_node(ev, n->args[0], out) < 0)
		return -1;
	if (out->type != VALUE_NULL)
		return 0;
	flags = out->flags & VALUE_SECRET;
	if (eval_node(ev, n->args[1], out) < 0)
		return -1;
	out->flags |= flags;
	return 0;
}

static int eval_two(struct eval *ev, const struct expr_node *n,
    struct value *out)
{
	struct value left, right;

	if (eval_node(ev, n->args[0], &left) < 0 ||
	    eval_node(ev, n->args[1], &right) < 0)
		return -1;
	return op_binary(ev, n, left, right, out);
}

static int eval_negate(struct eval *ev, const struct expr_node *n,
    struct value *out)
{
	struct value v;

	if (eval_node(ev, n->args[0], &v) < 0)
		return -1;
	if (v.type == VALUE_UNKNOWN) {
		*out = v;
		return 0;
	}
	return op_negate(ev, n, v, out);
}

int eval_lambda(struct eval *ev, const struct expr_node *lambda,
    struct value item, struct value *out)
{
	ev->locals[lambda->slot] = item;
	return eval_node(ev, lambda->args[0], out);
}

int eval_node(struct eval *ev, const struct expr_node *n, struct value *out)
{
	if (eval_spend(ev, n, 1) < 0)
		return -1;
	switch (n->op) {
	case OP_LITERAL: *out = n->literal; return 0;
	case OP_ROOT:
	case OP_REF: return eval_reference(ev, n, out);
	case OP_LOCAL: *out = ev->locals[n->slot]; return 0;
	case OP_MEMBER: return eval_member(ev, n, out);
	case OP_INDEX: return eval_index(ev, n, out);
	case OP_LIST: return eval_list(ev, n, out);
	case OP_CALL: return function_call(ev, n, out);
	case OP_LAMBDA: break;
	case OP_NOT: return eval_not(ev, n, out);
	case OP_AND:
	case OP_OR: return eval_and_or(ev, n, out);
	case OP_COALESCE: return eval_coalesce(ev, n, out);
	case OP_NEGATE: return eval_negate(ev, n, out);
	default: return eval_two(ev, n, out);
	}
	BUG("a lambda that stands alone");
}
