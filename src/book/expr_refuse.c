#include "book/expr_private.h"

#include "base/buf.h"
#include "base/err.h"
#include "yaml/node.h"

#define SHOWN 60           /* bytes of a value in a message */
#define MESSAGE 1000

static const struct {
	const char *sign, *takes;
} operators[] = {
	[OP_NOT] = { "not", "turns true and false round" },
	[OP_AND] = { "and", "joins true and false" },
	[OP_OR] = { "or", "joins true and false" },
	[OP_COALESCE] = { "??", "" },
	[OP_NEGATE] = { "-", "takes a number, a size or a duration" },
	[OP_ADD] = { "+", "adds numbers, sizes, durations, a duration to a "
	    "time, or joins two strings" },
	[OP_SUBTRACT] = { "-", "subtracts numbers, sizes, durations, two "
	    "times, or a duration from a time" },
	[OP_MULTIPLY] = { "*", "multiplies two numbers, or a size or a "
	    "duration by a number" },
	[OP_DIVIDE] = { "/", "divides numbers, sizes, durations, or a "
	    "duration by a number" },
	[OP_MODULO] = { "%", "takes two ints, sizes or durations" },
	[OP_EQ] = { "==", "compares two values of one type" },
	[OP_NE] = { "!=", "compares two values of one type" },
	[OP_LT] = { "<", "compares two values of one type" },
	[OP_LE] = { "<=", "compares two values of one type" },
	[OP_GT] = { ">", "compares two values of one type" },
	[OP_GE] = { ">=", "compares two values of one type" },
	[OP_IN] = { "in", "looks for a value in a list, or a key in a map" },
	[OP_NOT_IN] = { "not in",
	    "looks for a value in a list, or a key in a map" },
};

const char *op_sign(enum expr_op op)
{
	return operators[op].sign;
}

static void add_side(struct buf *text, const char *side, unsigned types,
    const struct value *v)
{
	buf_addf(text, "%s is ", side);
	types_name(text, types);
	if (!v || v->type == VALUE_NULL)
		return;
	buf_adds(text, " (");
	value_show(text, *v, SHOWN);
	buf_addc(text, ')');
}

/* Both sides together: what an author most likely wanted. */
static const char *hint_for(enum expr_op op, unsigned left, unsigned right)
{
	unsigned both = left | right;

	if (both & TYPE(VALUE_NULL) && (left == TYPE(VALUE_NULL) ||
	    right == TYPE(VALUE_NULL)))
		return "what was skipped or left out is null; say what counts "
		    "then: (… ?? 0)";
	if ((op == OP_IN || op == OP_NOT_IN) && right == TYPE(VALUE_STRING))
		return "for text within text write contains(text, part)";
	if (op >= OP_LT && op <= OP_GE && left == right)
		return "numbers, sizes, strings, durations and times have an "
		    "order";
	if (op == OP_ADD && both == TYPE(VALUE_LIST))
		return "write flatten([a, b])";
	if (op == OP_ADD && both == TYPE(VALUE_MAP))
		return "write merge(a, b)";
	if (both & TYPE(VALUE_STRING)) {
		if (op == OP_ADD)
			return "write string(…) around what is no string";
		if (both & TYPES_INTEGER)
			return "write int(…) around the string";
		if (both & TYPE(VALUE_REAL))
			return "write real(…) around the string";
		if (both & TYPE(VALUE_DURATION))
			return "write duration(…) around the string";
		if (both & TYPE(VALUE_TIME))
			return "write time(…) around the string";
		if (both & TYPE(VALUE_BOOL))
			return "compare the string with a string: x == 'true'";
	}
	if (both & TYPE(VALUE_DURATION) && both & TYPES_NUMBER)
		return "a duration has a unit: 90s, or n * 1s";
	return NULL;
}

int op_refuse(const struct node *scalar, const struct expr_node *n,
    unsigned left_types, const struct value *left, unsigned right_types,
    const struct value *right, struct err *err)
{
	const char *hint = hint_for(n->op, left_types,
	    right_types ? right_types : left_types);
	struct buf text = BUF_INIT(MESSAGE);

	buf_addf(&text, "'%s' %s; ", operators[n->op].sign,
	    operators[n->op].takes);
	if (right_types) {
		add_side(&text, "left", left_types, left);
		add_side(&text, ", right", right_types, right);
	} else {
		add_side(&text, "this", left_types, left);
	}
	err_at(err, node_mark_at(scalar, n->at), "%s", text.data);
	buf_free(&text);
	return hint ? err_hint(err, "%s", hint) : -1;
}

static const char *ordinal(size_t i)
{
	static const char *const words[] = { "its argument", "the first",
		"the second", "the third" };

	return i < 4 ? words[i] : "an argument";
}

int function_refuse(const struct node *scalar, const struct expr_node *n,
    size_t i, unsigned types, const struct value *v, struct err *err)
{
	const struct function *f = n->function;
	struct buf text = BUF_INIT(MESSAGE);

	buf_addf(&text, "%s() wants ", f->doc.name);
	types_name(&text, function_takes(f, i));
	buf_adds(&text, "; ");
	add_side(&text, ordinal(n->n == 1 ? 0 : i + 1), types, v);
	err_at(err, node_mark_at(scalar, n->args[i]->at), "%s", text.data);
	buf_free(&text);
	if (types == TYPE(VALUE_NULL))
		return err_hint(err, "what was skipped or left out is null; "
		    "say what counts then: (… ?? '')");
	if (types == TYPE(VALUE_MAP) &&
	    function_takes(f, i) & TYPE(VALUE_LIST))
		return err_hint(err, "write keys(…) or values(…)");
	return err_hint(err, "%s", f->doc.signature);
}
