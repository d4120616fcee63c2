#include "book/expr_private.h"

#include "base/err.h"

/* Element i, with what it has from its list. */
static struct value element(const struct call *c, size_t i)
{
	struct value v = c->args[0].u.list.items[i];

	v.flags |= flags_of_member(c->args[0]);
	return v;
}

static int each(struct call *c, size_t i, struct value *out)
{
	return eval_lambda(c->ev, c->node->args[1], element(c, i), out);
}

/* What the question says of element i: a bool or unknown. */
static int ask(struct call *c, size_t i, struct value *out)
{
	const struct expr_node *body = c->node->args[1]->args[0];

	if (each(c, i, out) < 0)
		return -1;
	if (out->type == VALUE_BOOL || out->type == VALUE_UNKNOWN)
		return 0;
	eval_fail(c->ev, body, "%s() asks a question of each element; the "
	    "answer must be true or false, it is %s",
	    c->node->function->doc.name, value_type_name(out->type));
	if (out->type == VALUE_NULL)
		err_hint(c->ev->err, "say what null means: (… ?? false)");
	return -1;
}

int fn_map(struct call *c, struct value *out)
{
	struct value_list l = { .arena = c->ev->arena };
	struct value v;
	size_t i;

	for (i = 0; i < c->args[0].u.list.n; i++) {
		if (each(c, i, &v) < 0)
			return -1;
		value_list_add(&l, v);
	}
	*out = value_list_done(&l);
	return 0;
}

int fn_filter(struct call *c, struct value *out)
{
	struct value_list l = { .arena = c->ev->arena };
	struct value answer;
	unsigned secret = 0;
	size_t i;

	for (i = 0; i < c->args[0].u.list.n; i++) {
		if (ask(c, i, &answer) < 0)
			return -1;
		secret |= answer.flags & VALUE_SECRET;
		if (answer.type == VALUE_UNKNOWN) {
			*out = answer;
			return 0;
		}
		if (answer.u.boolean)
			value_list_add(&l, c->args[0].u.list.items[i]);
	}
	*out = value_list_done(&l);
	out->flags |= secret;
	return 0;
}

/* One element that answers `decisive` decides; else what is unknown does. */
static int decide(struct call *c, bool decisive, struct value *out)
{
	struct value answer, unknown = value_null();
	unsigned flags = 0;
	size_t i;

	*out = value_bool(!decisive);
	for (i = 0; i < c->args[0].u.list.n; i++) {
		if (ask(c, i, &answer) < 0)
			return -1;
		flags |= flags_from(answer);
		if (answer.type == VALUE_UNKNOWN) {
			unknown = answer;
		} else if (answer.u.boolean == decisive) {
			*out = value_bool(decisive);
			unknown = value_null();
			break;
		}
	}
	if (unknown.type == VALUE_UNKNOWN)
		*out = unknown;
	out->flags |= flags;
	return 0;
}

int fn_any(struct call *c, struct value *out)
{
	return decide(c, true, out);
}

int fn_all(struct call *c, struct value *out)
{
	return decide(c, false, out);
}

static int check_summand(struct call *c, size_t i, struct value v)
{
	const struct function *f = c->node->function;

	if (v.type == VALUE_UNKNOWN || TYPE(v.type) & function_takes(f, 1))
		return 0;
	call_fail(c, c->n - 1, "element %zu is %s, no number, size or "
	    "duration", i, value_type_name(v.type));
	if (v.type == VALUE_NULL)
		call_hint(c, "say what null counts: (… ?? 0)");
	return -1;
}

int fn_sum(struct call *c, struct value *out)
{
	struct expr_node plus = { .op = OP_ADD, .at = c->node->at };
	struct value v, sum = value_int(0);
	size_t i;

	for (i = 0; i < c->args[0].u.list.n; i++) {
		v = element(c, i);
		if ((c->n == 2 && each(c, i, &v) < 0) ||
		    eval_spend(c->ev, c->node, c->n == 1) < 0 ||
		    check_summand(c, i, v) < 0)
			return -1;
		if (i == 0) {
			sum = v;
			sum.flags = flags_from(v);
		} else if (op_binary(c->ev, &plus, sum, v, &sum) < 0) {
			return -1;
		}
	}
	*out = sum;
	return 0;
}

int fn_if(struct call *c, struct value *out)
{
	const struct expr_node *n = c->node;
	struct value test;

	if (eval_node(c->ev, n->args[0], &test) < 0)
		return -1;
	if (test.type == VALUE_UNKNOWN) {
		*out = test;
		return 0;
	}
	if (test.type != VALUE_BOOL)
		return function_refuse(c->ev->scalar, n, 0, TYPE(test.type),
		    &test, c->ev->err);
	if (eval_node(c->ev, n->args[test.u.boolean ? 1 : 2], out) < 0)
		return -1;
	out->flags |= test.flags & VALUE_SECRET;
	return 0;
}

int fn_is_null(struct call *c, struct value *out)
{
	*out = value_bool(c->args[0].type == VALUE_NULL);
	return 0;
}

/* The elements of a list that is spliced are looked at like scalars. */
static struct value marked(struct arena *a, struct value v, unsigned mark)
{
	struct value_list l = { .arena = a };
	struct value list;
	size_t i;

	v.flags |= mark;
	if (v.type != VALUE_LIST)
		return v;
	for (i = 0; i < v.u.list.n; i++)
		value_list_add(&l, marked(a, v.u.list.items[i], mark));
	list = value_list_done(&l);
	list.flags |= v.flags;
	return list;
}

int fn_wild(struct call *c, struct value *out)
{
	*out = marked(c->ev->arena, c->args[0], VALUE_WILD);
	return eval_spend(c->ev, c->node, 0);
}

int fn_opt(struct call *c, struct value *out)
{
	*out = marked(c->ev->arena, c->args[0], VALUE_OPT);
	return eval_spend(c->ev, c->node, 0);
}
