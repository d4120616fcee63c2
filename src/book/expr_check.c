#include "book/expr_private.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "yaml/node.h"

/* What constants are folded with: enough for what people write, too little
 * to make an unread book cost memory or time. */
#define FOLD_STEPS 1000
#define FOLD_BYTES ((size_t)4096)

/* The names of language.md 1; `step` in a look within a step; `json` is the
 * line that `inspect` counts by. */
static const char *const roots[] = {
	"params", "vars", "inputs", "secrets", "steps", "step", "run", "item",
	"self", "environments", "past", "json",
};

const char *expr_root(const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < sizeof roots / sizeof *roots; i++) {
		if (strlen(roots[i]) == n && memcmp(roots[i], name, n) == 0)
			return roots[i];
	}
	return NULL;
}

int expr_unknown_name(const char *name, struct mark mark, struct err *err)
{
	const char *near = str_nearest(name, roots,
	    sizeof roots / sizeof *roots);

	err_at(err, mark, "unknown name '%s'", name);
	if (near)
		return err_hint(err, "did you mean '%s'?", near);
	return err_hint(err, "text needs quotes ('%s'); values are params.%s, "
	    "steps.X.%s and so on; a check stands alone", name, name, name);
}

void types_name(struct buf *out, unsigned types)
{
	const char *join = "";
	unsigned t;

	if ((types & TYPES_NOT_NULL) == TYPES_NOT_NULL) {
		buf_adds(out, "a value");
		return;
	}
	for (t = 0; t < VALUE_UNKNOWN; t++) {
		if (!(types & TYPE(t)))
			continue;
		types &= ~TYPE(t);
		buf_adds(out, join);
		buf_adds(out, value_type_name((enum value_type)t));
		join = types & (types - 1) ? ", " : " or ";
	}
}

static int refuse_member(const struct node *scalar, const struct expr_node *n,
    struct err *err)
{
	unsigned types = n->args[0]->types;
	struct buf is = BUF_INIT(200);

	types_name(&is, types);
	err_at(err, node_mark_at(scalar, n->at), "%s has no members", is.data);
	buf_free(&is);
	if (types == TYPE(VALUE_LIST))
		err_hint(err, "write first(…).key, or map(list, i -> i.key)");
	return -1;
}

static int check_index(const struct node *scalar, const struct expr_node *n,
    struct err *err)
{
	unsigned index = n->args[1]->types;
	struct buf is = BUF_INIT(200);

	if (!(n->args[0]->types & (TYPE(VALUE_LIST) | TYPE(VALUE_MAP) |
	    TYPE(VALUE_NULL))))
		return refuse_member(scalar, n, err);
	if (index & (TYPE(VALUE_INT) | TYPE(VALUE_STRING)))
		return 0;
	types_name(&is, index);
	err_at(err, node_mark_at(scalar, n->args[1]->at),
	    "[…] takes a number or a key, not %s", is.data);
	buf_free(&is);
	return -1;
}

static int check_count(const struct node *scalar, const struct expr_node *n,
    struct err *err)
{
	const struct function *f = n->function;

	if (n->n >= f->min && (f->max == ARGS_ANY || n->n <= f->max))
		return 0;
	err_at(err, node_mark_at(scalar, n->at), "%s() takes %s%u argument%s, "
	    "not %zu", f->doc.name, f->max == f->min ? "" :
	    n->n < f->min ? "at least " : "at most ",
	    n->n < f->min ? f->min : f->max,
	    (n->n < f->min ? f->min : f->max) == 1 ? "" : "s", n->n);
	return err_hint(err, "%s", f->doc.signature);
}

static int check_call(struct lexer *l, struct expr_node *n)
{
	const struct function *f = n->function;
	const struct expr_node *arg;
	size_t i;

	if (check_count(l->scalar, n, l->err) < 0)
		return -1;
	for (i = 0; i < n->n; i++) {
		arg = n->args[i];
		if (f->flags & FUNCTION_LAMBDA && i == 1 &&
		    arg->op != OP_LAMBDA) {
			err_at(l->err, node_mark_at(l->scalar, arg->at),
			    "%s() wants x -> … here", f->doc.name);
			return err_hint(l->err, "%s", f->doc.signature);
		}
		if (arg->op != OP_LAMBDA &&
		    !(arg->types & function_takes(f, i)))
			return function_refuse(l->scalar, n, i, arg->types,
			    NULL, l->err);
	}
	if (f->flags & FUNCTION_PATTERN)
		return pattern_check(l, n);
	return 0;
}

/* `yields` 0: what its arguments are; those of if() begin behind the test. */
static unsigned call_types(const struct expr_node *n)
{
	size_t i = n->function->flags & FUNCTION_LAZY ? 1 : 0;
	unsigned types = n->function->yields;

	if (types)
		return types;
	for (; i < n->n; i++)
		types |= n->args[i]->types;
	return types;
}

static int check_two(struct lexer *l, struct expr_node *n)
{
	unsigned left = n->args[0]->types, right = n->args[1]->types;

	n->types = op_types(n->op, left, right);
	if (n->types)
		return 0;
	return op_refuse(l->scalar, n, left, NULL, right, NULL, l->err);
}

static int check_one(struct lexer *l, struct expr_node *n, unsigned types,
    unsigned yields)
{
	n->types = yields;
	if (n->args[0]->types & types)
		return 0;
	return op_refuse(l->scalar, n, n->args[0]->types, NULL, 0, NULL,
	    l->err);
}

static int check_types(struct lexer *l, struct expr_node *n)
{
	unsigned types = n->n ? n->args[0]->types : 0;

	switch (n->op) {
	case OP_MEMBER:
		n->types = TYPES_ANY;
		if (!(types & (TYPE(VALUE_MAP) | TYPE(VALUE_NULL))))
			return refuse_member(l->scalar, n, l->err);
		return 0;
	case OP_INDEX:
		n->types = TYPES_ANY;
		return check_index(l->scalar, n, l->err);
	case OP_LIST:
		n->types = TYPE(VALUE_LIST);
		return 0;
	case OP_LAMBDA:
		n->types = types;
		return 0;
	case OP_CALL:
		n->types = 0;
		if (check_call(l, n) < 0)
			return -1;
		n->types = call_types(n);
		return 0;
	case OP_NOT:
		return check_one(l, n, TYPE(VALUE_BOOL), TYPE(VALUE_BOOL));
	case OP_NEGATE:
		types &= TYPES_NUMBER | TYPE(VALUE_DURATION);
		return check_one(l, n, types, types);
	default:
		return check_two(l, n);
	}
}

static bool is_constant(const struct expr_node *n)
{
	unsigned never = FUNCTION_LAZY | FUNCTION_IMPURE | FUNCTION_LAMBDA |
	    FUNCTION_PATTERN;
	size_t i;

	if (n->op == OP_LAMBDA || (n->op == OP_CALL &&
	    n->function->flags & never))
		return false;
	for (i = 0; i < n->n; i++) {
		if (n->args[i]->op != OP_LITERAL)
			return false;
	}
	return true;
}

static int fold(struct lexer *l, struct expr_node *n)
{
	struct err err = ERR_INIT;
	struct value v;
	struct eval ev;
	int failed;

	eval_init(&ev, l->scalar, NULL, l->arena, &err);
	ev.max_steps = FOLD_STEPS;
	ev.max_bytes = FOLD_BYTES;
	failed = eval_node(&ev, n, &v);
	eval_end(&ev);
	if (failed && ev.exhausted) {
		err_free(&err);
		return 0;
	}
	if (failed)
		return err_move(l->err, &err);
	v.flags |= VALUE_LITERAL;
	n->op = OP_LITERAL;
	n->literal = v;
	n->types = TYPE(v.type);
	n->n = 0;
	n->height = 0;
	return 0;
}

int expr_check(struct lexer *l, struct expr_node *n)
{
	if (check_types(l, n) < 0)
		return -1;
	return is_constant(n) ? fold(l, n) : 0;
}
