#include "book/expr.h"

#include <string.h>

#include "base/buf.h"
#include "book/expr_private.h"
#include "yaml/node.h"

/* Nothing that a step leaves behind may nest so deeply that its record could
 * not be read again. */
static bool nests_within(struct value v, unsigned levels)
{
	size_t i;

	if (v.type == VALUE_LIST) {
		for (i = 0; levels && i < v.u.list.n; i++) {
			if (!nests_within(v.u.list.items[i], levels - 1))
				return false;
		}
	}
	if (v.type == VALUE_MAP) {
		for (i = 0; levels && i < v.u.map.n; i++) {
			if (!nests_within(v.u.map.entries[i].value,
			    levels - 1))
				return false;
		}
	}
	return levels > 0;
}

int expr_eval(const struct expr *e, const struct scope *scope,
    struct arena *a, struct value *out, struct err *err)
{
	struct eval ev;
	struct value v;
	int failed;

	eval_init(&ev, e->scalar, scope, a, err);
	failed = eval_node(&ev, e->root, &v);
	if (!failed && !nests_within(v, LIMIT_EXPR_DEPTH))
		failed = eval_fail(&ev, e->root, "lists and maps inside each "
		    "other, more than %d levels", LIMIT_EXPR_DEPTH);
	eval_end(&ev);
	if (failed)
		return -1;
	*out = v;
	return 0;
}

int expr_test(const struct expr *e, const struct scope *scope,
    struct arena *a, struct value *out, struct err *err)
{
	struct buf text = BUF_INIT(400);
	struct value v;

	if (expr_eval(e, scope, a, &v, err) < 0)
		return -1;
	if (v.type == VALUE_BOOL || v.type == VALUE_UNKNOWN) {
		*out = v;
		return 0;
	}
	value_show(&text, v, 60);
	if (v.type == VALUE_NULL) {
		err_at(err, expr_mark(e), "this must be true or false; it is "
		    "null");
		err_hint(err, "what was skipped or left out is null; say what "
		    "counts then: (… ?? false)");
	} else {
		err_at(err, expr_mark(e), "this must be true or false; it is "
		    "%s (%s)", value_type_name(v.type), text.data);
	}
	buf_free(&text);
	return -1;
}

const char *expr_bare_name(const struct expr *e)
{
	return e->root->op == OP_ROOT ? e->root->root : NULL;
}

const char *expr_source(const struct expr *e)
{
	return e->source;
}

struct mark expr_mark(const struct expr *e)
{
	return node_mark_at(e->scalar, e->at);
}

struct visit {
	const struct node *scalar;
	int (*fn)(const struct expr_ref *ref, void *ctx);
	void *ctx;
};

/* What is looked up in the value of a node: .a.b */
struct behind {
	const char *first, *second;
};

static int visit_node(const struct visit *v, const struct expr_node *n,
    struct behind behind);

/* The name that a node looks up in its first argument, when it is literal. */
static const char *looked_up(const struct expr_node *n)
{
	if (n->op == OP_MEMBER)
		return n->name;
	if (n->op == OP_INDEX && n->args[1]->op == OP_LITERAL &&
	    n->args[1]->literal.type == VALUE_STRING)
		return n->args[1]->literal.u.string.p;
	return NULL;
}

static int visit_args(const struct visit *v, const struct expr_node *n,
    struct behind behind)
{
	struct behind inner = { looked_up(n), behind.first }, none = { 0 };
	int status = 0;
	size_t i;

	for (i = 0; i < n->n && status == 0; i++)
		status = visit_node(v, n->args[i], i == 0 ? inner : none);
	return status;
}

static int visit_node(const struct visit *v, const struct expr_node *n,
    struct behind behind)
{
	struct expr_ref ref = { n->root, n->name, behind.first, { 0 } };

	if (n->op != OP_ROOT && n->op != OP_REF)
		return visit_args(v, n, behind);
	/* item.x: a member of the one value that the name stands for */
	if (n->op == OP_ROOT && behind.first) {
		ref.name = behind.first;
		ref.member = behind.second;
	}
	ref.mark = node_mark_at(v->scalar, n->at);
	return v->fn(&ref, v->ctx);
}

int expr_refs(const struct expr *e,
    int (*fn)(const struct expr_ref *ref, void *ctx), void *ctx)
{
	struct visit v = { e->scalar, fn, ctx };

	return visit_node(&v, e->root, (struct behind){ 0 });
}
