#include "kind/kind.h"

#include "base/buf.h"

struct wait {
	struct expr *moment;
};

static const char *const wait_leaves[] = { NULL };

static int
wait_until(const struct kind_call *call, nsec now, nsec *out, struct err *err)
{
	const struct wait *w = call->body->spec;
	struct value v;

	if (expr_eval(w->moment, call->scope, call->arena, &v, err) != 0)
		return -1;
	if (v.type == VALUE_TIME) {
		*out = v.u.integer;
		return 0;
	}
	if (v.type == VALUE_DURATION) {
		if (!__builtin_add_overflow(now, v.u.integer, out))
			return 0;
		return err_at(err, expr_mark(w->moment),
		    "this is too far away");
	}
	err_at(err, expr_mark(w->moment), "`wait` wants a time, or a duration "
	    "from now, not %s", value_type_name(v.type));
	return err_hint(err, "time(x) and duration(x) convert text");
}

const struct kind kind_wait = {
	.shape = {
		"wait",
		"Waits until a time, or for a duration from now. The moment is "
		"computed once, when the step's turn comes, and recorded; the "
		"run needs no process while it waits long.",
		{ "wait", &field_expr, offsetof(struct wait, moment),
		  FIELD_NO_SECRET, NULL,
		  "An expression: a time, or a duration from now." },
		sizeof(struct wait),
	},
	.flow = FLOW_TIME,
	.effect = EFFECT_READS,
	.in_undo = true,
	.leaves = wait_leaves,
	.until = wait_until,
};
