#include "book/expr_private.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "yaml/node.h"

struct operation {
	struct eval *ev;
	const struct expr_node *node;
	struct value left, right;
	enum value_type yields;
};

static int too_large(const struct operation *o)
{
	return eval_fail(o->ev, o->node, "the result of '%s' is too large",
	    op_sign(o->node->op));
}

static int real_result(const struct operation *o, double d, struct value *out)
{
	if (!isfinite(d))
		return too_large(o);
	*out = value_real(d);
	return 0;
}

static double as_real(struct value v)
{
	return v.type == VALUE_REAL ? v.u.real : (double)v.u.integer;
}

static int add_integers(const struct operation *o, struct value *out)
{
	int64_t sum;

	if (__builtin_add_overflow(o->left.u.integer, o->right.u.integer,
	    &sum))
		return too_large(o);
	*out = value_of(o->yields, sum);
	return 0;
}

static int subtract_integers(const struct operation *o, struct value *out)
{
	int64_t rest;

	if (__builtin_sub_overflow(o->left.u.integer, o->right.u.integer,
	    &rest))
		return too_large(o);
	*out = value_of(o->yields, rest);
	return 0;
}

static int multiply_integers(const struct operation *o, struct value *out)
{
	int64_t product;

	if (__builtin_mul_overflow(o->left.u.integer, o->right.u.integer,
	    &product))
		return too_large(o);
	*out = value_of(o->yields, product);
	return 0;
}

static int add_reals(const struct operation *o, struct value *out)
{
	return real_result(o, as_real(o->left) + as_real(o->right), out);
}

static int subtract_reals(const struct operation *o, struct value *out)
{
	return real_result(o, as_real(o->left) - as_real(o->right), out);
}

static int multiply_reals(const struct operation *o, struct value *out)
{
	return real_result(o, as_real(o->left) * as_real(o->right), out);
}

static int by_zero(const struct operation *o)
{
	return eval_fail(o->ev, o->node, "division by zero");
}

static int divide_reals(const struct operation *o, struct value *out)
{
	if (as_real(o->right) == 0)
		return by_zero(o);
	return real_result(o, as_real(o->left) / as_real(o->right), out);
}

static int duration_result(const struct operation *o, double d,
    struct value *out)
{
	d = round(d);
	if (!(d > -0x1p63 && d < 0x1p63))
		return too_large(o);
	*out = value_of(VALUE_DURATION, (int64_t)d);
	return 0;
}

static int multiply_duration(const struct operation *o, struct value *out)
{
	return duration_result(o, as_real(o->left) * as_real(o->right), out);
}

static int divide_duration(const struct operation *o, struct value *out)
{
	if (as_real(o->right) == 0)
		return by_zero(o);
	return duration_result(o, as_real(o->left) / as_real(o->right), out);
}

static int modulo_integers(const struct operation *o, struct value *out)
{
	int64_t by = o->right.u.integer;

	if (by == 0)
		return by_zero(o);
	*out = value_of(o->yields, by == -1 ? 0 : o->left.u.integer % by);
	return 0;
}

static int join_strings(const struct operation *o, struct value *out)
{
	size_t n = o->left.u.string.n, m = o->right.u.string.n;
	char *s;

	if (eval_spend(o->ev, o->node, (n + m) / KIB) < 0)
		return -1;
	s = arena_alloc(o->ev->arena, n + m + 1);
	memcpy(s, o->left.u.string.p, n);
	memcpy(s + n, o->right.u.string.p, m);
	*out = (struct value){ .type = VALUE_STRING, .u.string = { s, n + m } };
	return 0;
}

static bool decides(enum expr_op op, int order)
{
	switch (op) {
	case OP_LT: return order < 0;
	case OP_LE: return order <= 0;
	case OP_GT: return order > 0;
	default: return order >= 0;
	}
}

static int compare(const struct operation *o, struct value *out)
{
	*out = value_bool(decides(o->node->op,
	    value_order(o->left, o->right)));
	return 0;
}

/* Looking at a large value costs as much as it is large. */
static size_t weight(struct value v)
{
	switch (v.type) {
	case VALUE_STRING: return v.u.string.n / KIB;
	case VALUE_LIST: return v.u.list.n;
	case VALUE_MAP: return v.u.map.n;
	default: return 0;
	}
}

static int equal(const struct operation *o, struct value *out)
{
	if (eval_spend(o->ev, o->node, weight(o->left)) < 0)
		return -1;
	*out = value_bool(value_equal(o->left, o->right) ==
	    (o->node->op == OP_EQ));
	return 0;
}

static int in_list(const struct operation *o, struct value *out)
{
	size_t i, n = o->right.u.list.n;
	struct value item;
	int same = 0;

	if (eval_spend(o->ev, o->node, n) < 0)
		return -1;
	for (i = 0; i < n && same <= 0; i++) {
		item = o->right.u.list.items[i];
		if (item.type == VALUE_UNKNOWN)
			continue;
		same = op_same(o->left, item);
		if (same < 0)
			return eval_fail(o->ev, o->node, "'%s' compares "
			    "values of one type; left is %s, the list holds "
			    "%s", op_sign(o->node->op),
			    value_type_name(o->left.type),
			    value_type_name(item.type));
	}
	if (same <= 0 && o->right.flags & VALUE_HOLDS_UNKNOWN)
		*out = unknown_of(o->right);
	else
		*out = value_bool((same > 0) == (o->node->op == OP_IN));
	return 0;
}

static int in_map(const struct operation *o, struct value *out)
{
	*out = value_bool((value_member(o->right, o->left.u.string.p,
	    o->left.u.string.n) != NULL) == (o->node->op == OP_IN));
	return 0;
}

struct row {
	enum expr_op first, last;    /* operators that this is about */
	unsigned left, right;
	enum value_type yields;
	int (*fn)(const struct operation *o, struct value *out);
};

#define INT TYPE(VALUE_INT)
#define REAL TYPE(VALUE_REAL)
#define SIZE TYPE(VALUE_SIZE)
#define STRING TYPE(VALUE_STRING)
#define DURATION TYPE(VALUE_DURATION)
#define TIME TYPE(VALUE_TIME)
#define INTEGER TYPES_INTEGER
#define NUMBER TYPES_NUMBER
#define BOTH(op) op, op

/* The first row that fits counts. */
static const struct row rows[] = {
	{ BOTH(OP_ADD), INT, INT, VALUE_INT, add_integers },
	{ BOTH(OP_ADD), INTEGER, INTEGER, VALUE_SIZE, add_integers },
	{ BOTH(OP_ADD), NUMBER, NUMBER, VALUE_REAL, add_reals },
	{ BOTH(OP_ADD), DURATION, DURATION, VALUE_DURATION, add_integers },
	{ BOTH(OP_ADD), TIME, DURATION, VALUE_TIME, add_integers },
	{ BOTH(OP_ADD), DURATION, TIME, VALUE_TIME, add_integers },
	{ BOTH(OP_ADD), STRING, STRING, VALUE_STRING, join_strings },
	{ BOTH(OP_SUBTRACT), INT, INT, VALUE_INT, subtract_integers },
	{ BOTH(OP_SUBTRACT), INTEGER, INTEGER, VALUE_SIZE, subtract_integers },
	{ BOTH(OP_SUBTRACT), NUMBER, NUMBER, VALUE_REAL, subtract_reals },
	{ BOTH(OP_SUBTRACT), DURATION, DURATION, VALUE_DURATION,
	    subtract_integers },
	{ BOTH(OP_SUBTRACT), TIME, TIME, VALUE_DURATION, subtract_integers },
	{ BOTH(OP_SUBTRACT), TIME, DURATION, VALUE_TIME, subtract_integers },
	{ BOTH(OP_MULTIPLY), INT, INT, VALUE_INT, multiply_integers },
	{ BOTH(OP_MULTIPLY), SIZE, INT, VALUE_SIZE, multiply_integers },
	{ BOTH(OP_MULTIPLY), INT, SIZE, VALUE_SIZE, multiply_integers },
	{ BOTH(OP_MULTIPLY), NUMBER, REAL, VALUE_REAL, multiply_reals },
	{ BOTH(OP_MULTIPLY), REAL, NUMBER, VALUE_REAL, multiply_reals },
	{ BOTH(OP_MULTIPLY), DURATION, INT, VALUE_DURATION,
	    multiply_integers },
	{ BOTH(OP_MULTIPLY), INT, DURATION, VALUE_DURATION,
	    multiply_integers },
	{ BOTH(OP_MULTIPLY), DURATION, REAL, VALUE_DURATION,
	    multiply_duration },
	{ BOTH(OP_MULTIPLY), REAL, DURATION, VALUE_DURATION,
	    multiply_duration },
	{ BOTH(OP_DIVIDE), NUMBER, NUMBER, VALUE_REAL, divide_reals },
	{ BOTH(OP_DIVIDE), DURATION, DURATION, VALUE_REAL, divide_reals },
	{ BOTH(OP_DIVIDE), DURATION, INT | REAL, VALUE_DURATION,
	    divide_duration },
	{ BOTH(OP_MODULO), INT, INT, VALUE_INT, modulo_integers },
	{ BOTH(OP_MODULO), SIZE, INTEGER, VALUE_SIZE, modulo_integers },
	{ BOTH(OP_MODULO), DURATION, DURATION, VALUE_DURATION,
	    modulo_integers },
	{ OP_EQ, OP_NE, NUMBER, NUMBER, VALUE_BOOL, equal },
	{ OP_EQ, OP_NE, STRING, STRING, VALUE_BOOL, equal },
	{ OP_EQ, OP_NE, TYPE(VALUE_BOOL), TYPE(VALUE_BOOL), VALUE_BOOL,
	    equal },
	{ OP_EQ, OP_NE, DURATION, DURATION, VALUE_BOOL, equal },
	{ OP_EQ, OP_NE, TIME, TIME, VALUE_BOOL, equal },
	{ OP_EQ, OP_NE, TYPE(VALUE_LIST), TYPE(VALUE_LIST), VALUE_BOOL,
	    equal },
	{ OP_EQ, OP_NE, TYPE(VALUE_MAP), TYPE(VALUE_MAP), VALUE_BOOL, equal },
	{ OP_EQ, OP_NE, TYPE(VALUE_NULL), TYPES_ANY, VALUE_BOOL, equal },
	{ OP_EQ, OP_NE, TYPES_ANY, TYPE(VALUE_NULL), VALUE_BOOL, equal },
	{ OP_LT, OP_GE, NUMBER, NUMBER, VALUE_BOOL, compare },
	{ OP_LT, OP_GE, STRING, STRING, VALUE_BOOL, compare },
	{ OP_LT, OP_GE, DURATION, DURATION, VALUE_BOOL, compare },
	{ OP_LT, OP_GE, TIME, TIME, VALUE_BOOL, compare },
	{ OP_IN, OP_NOT_IN, TYPES_ANY, TYPE(VALUE_LIST), VALUE_BOOL, in_list },
	{ OP_IN, OP_NOT_IN, STRING, TYPE(VALUE_MAP), VALUE_BOOL, in_map },
};

static const struct row *find_row(enum expr_op op, unsigned left,
    unsigned right, const struct row *after)
{
	const struct row *r = after ? after + 1 : rows;

	for (; r < rows + sizeof rows / sizeof *rows; r++) {
		if (op >= r->first && op <= r->last && r->left & left &&
		    r->right & right)
			return r;
	}
	return NULL;
}

unsigned op_types(enum expr_op op, unsigned left, unsigned right)
{
	unsigned boolean = TYPE(VALUE_BOOL), types = 0;
	const struct row *r = NULL;

	if (op == OP_AND || op == OP_OR)
		return left & boolean && right & boolean ? boolean : 0;
	if (op == OP_COALESCE)
		return (left & ~TYPE(VALUE_NULL)) | right;
	while ((r = find_row(op, left, right, r)) != NULL) {
		types |= TYPE(r->yields);
		if (!(left & (left - 1)) && !(right & (right - 1)))
			break;
	}
	return types;
}

static void mark_result(struct value *out, struct value left,
    struct value right)
{
	out->flags |= flags_from(left) | flags_from(right);
}

int op_binary(struct eval *ev, const struct expr_node *n, struct value left,
    struct value right, struct value *out)
{
	unsigned l = TYPE(left.type), r = TYPE(right.type);
	bool within = n->op == OP_IN || n->op == OP_NOT_IN;
	struct operation o = { ev, n, left, right, VALUE_NULL };
	const struct row *row;

	if (marked_unknown(left)) {
		*out = unknown_of(left);
	} else if (right.type == VALUE_UNKNOWN ||
	    (marked_unknown(right) && !within)) {
		*out = unknown_of(right);
	} else {
		row = find_row(n->op, l, r, NULL);
		if (!row)
			return op_refuse(ev->scalar, n, l, &left, r, &right,
			    ev->err);
		o.yields = row->yields;
		if (row->fn(&o, out) < 0)
			return -1;
	}
	mark_result(out, left, right);
	return 0;
}

int op_negate(struct eval *ev, const struct expr_node *n, struct value v,
    struct value *out)
{
	if (v.type == VALUE_REAL) {
		*out = value_real(-v.u.real);
	} else if (TYPE(v.type) & (INTEGER | DURATION)) {
		if (v.u.integer == INT64_MIN)
			return eval_fail(ev, n, "the result of '-' is too "
			    "large");
		*out = value_of(v.type, -v.u.integer);
	} else {
		return op_refuse(ev->scalar, n, TYPE(v.type), &v, 0, NULL,
		    ev->err);
	}
	out->flags |= flags_from(v);
	return 0;
}

int op_same(struct value a, struct value b)
{
	if (!find_row(OP_EQ, TYPE(a.type), TYPE(b.type), NULL))
		return -1;
	return value_equal(a, b);
}
