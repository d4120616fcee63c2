#include "kind/reconcile.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/rx.h"
#include "kind/call.h"

/* A row by name or by pattern; a column by name. */
struct name {
	struct value text;           /* string, or … */
	struct rx *rx;               /* … */
};

struct names {
	VEC(struct name) list;
	bool given;
};

struct live_rule {
	struct names rows, columns;
	int only;
	const char *why;             /* NULL: it has to be equal */
};

struct rule_set {
	struct live_rule *rules;
	size_t n;
};

/* ---- making them */

static bool
is_one_expression(const struct text *t)
{
	return t->n == 1 && t->parts[0].expr != NULL;
}

static int
add_names(struct names *out, struct value v, struct err *err)
{
	struct name name = { .text = v };
	size_t i;

	if (value_is_secret(v))
		return err_set(err, "a secret may not stand here");
	if (v.type == VALUE_STRING) {
		vec_push(&out->list, name);
		return 0;
	}
	if (v.type != VALUE_LIST)
		return err_set(err, "this has to be a name or a list of "
		    "names, not %s", value_type_name(v.type));
	for (i = 0; i < v.u.list.n; i++)
		if (v.u.list.items[i].type == VALUE_LIST ||
		    add_names(out, v.u.list.items[i], err) != 0)
			return err_set(err, "this has to be a list of names");
	return 0;
}

/* The author's pattern, in which values mean only themselves (V2). */
static int
add_pattern(const struct kind_call *call, const struct text *t,
    struct names *out, struct err *err)
{
	struct buf pattern = BUF_INIT(LIMIT_BOOK_FILE);
	struct buf value = BUF_INIT(LIMIT_BOOK_FILE);
	struct name name = { .rx = NULL };
	struct value v;
	int result = 0;
	size_t i;

	for (i = 0; i < t->n && result == 0; i++) {
		const struct text_part *part = &t->parts[i];

		buf_reset(&value);
		if (part->literal != NULL) {
			buf_add(&pattern, part->literal, part->len);
			continue;
		}
		result = expr_eval(part->expr, call->scope, call->arena, &v,
		    err) != 0 || value_text(&value, v, err) != 0 ? -1 : 0;
		rx_quote(&pattern, value.data, value.len);
	}
	if (result == 0)
		name.rx = rx_compile(pattern.data, pattern.len, RX_WHOLE, err);
	if (name.rx != NULL)
		vec_push(&out->list, name);
	buf_free(&pattern);
	buf_free(&value);
	return name.rx != NULL ? 0 : -1;
}

static int
eval_names(const struct kind_call *call, const struct texts *texts,
    bool patterns, struct names *out, struct err *err)
{
	struct value v;
	size_t i;

	out->given = texts->n > 0;
	for (i = 0; i < texts->n; i++) {
		const struct text *t = texts->v[i];
		int result;

		if (patterns && !is_one_expression(t))
			result = add_pattern(call, t, out, err);
		else
			result = text_eval_typed(t, call->scope, call->arena,
			    &v, err) != 0 ? -1 : add_names(out, v, err);
		if (result != 0)
			return err_place(err, text_mark(t));
	}
	return 0;
}

static int
eval_rule(const struct kind_call *call, const struct rule *rule,
    struct live_rule *out, struct err *err)
{
	struct value why;

	out->only = rule->only;
	if (eval_names(call, &rule->rows, true, &out->rows, err) != 0 ||
	    eval_names(call, &rule->columns, false, &out->columns, err) != 0)
		return -1;
	if (rule->ignore == NULL)
		return 0;
	if (call_text(call, rule->ignore, &why, err) != 0)
		return -1;
	out->why = why.u.string.p;
	return 0;
}

struct rule_set *
rules_eval(const struct kind_call *call, const struct rule *rules, size_t n,
    struct err *err)
{
	struct rule_set *set = xcalloc(1, sizeof *set);
	size_t i;

	set->n = n;
	set->rules = xcalloc(n + 1, sizeof *set->rules);
	for (i = 0; i < n; i++)
		if (eval_rule(call, &rules[i], &set->rules[i], err) != 0) {
			rules_free(set);
			return NULL;
		}
	return set;
}

static void
names_free(struct names *names)
{
	size_t i;

	for (i = 0; i < names->list.n; i++)
		rx_free(names->list.v[i].rx);
	vec_free(&names->list);
}

void
rules_free(struct rule_set *set)
{
	size_t i;

	if (set == NULL)
		return;
	for (i = 0; i < set->n; i++) {
		names_free(&set->rules[i].rows);
		names_free(&set->rules[i].columns);
	}
	free(set->rules);
	free(set);
}

int
rule_check_pattern(const struct text *t, struct err *err)
{
	struct buf pattern = BUF_INIT(LIMIT_BOOK_FILE);
	struct rx *rx;
	size_t i;

	if (is_one_expression(t))
		return 0;
	for (i = 0; i < t->n; i++)
		if (t->parts[i].literal != NULL)
			buf_add(&pattern, t->parts[i].literal,
			    t->parts[i].len);
		else
			buf_addc(&pattern, 'x');
	rx = rx_compile(pattern.data, pattern.len, RX_WHOLE, err);
	rx_free(rx);
	buf_free(&pattern);
	return rx != NULL ? 0 : err_place(err, text_mark(t));
}

/* ---- using them */

/* 1: one of them is it, or none was given; 0: no; -1: cannot tell. */
static int
fits(const struct names *names, struct value v, struct err *err)
{
	size_t i;

	if (!names->given)
		return 1;
	for (i = 0; i < names->list.n; i++) {
		const struct name *name = &names->list.v[i];
		enum rx_answer answer;

		if (name->rx == NULL) {
			if (value_equal(name->text, v))
				return 1;
			continue;
		}
		answer = rx_match(name->rx, v.u.string.p, v.u.string.n, 0,
		    NULL, 0);
		if (answer == RX_YES)
			return 1;
		if (answer == RX_LIMIT)
			return err_set(err, "a pattern of `rows` takes too "
			    "long for the row %s", v.u.string.p);
	}
	return 0;
}

static bool
is_on_side(int only, const struct cell *cell)
{
	return only == SIDE_ANY ||
	    (only == SIDE_LEFT && cell->in_left && !cell->in_right) ||
	    (only == SIDE_RIGHT && cell->in_right && !cell->in_left);
}

int
rules_excuse(const struct rule_set *set, const struct cell *cell,
    const char **why, struct err *err)
{
	size_t i;

	*why = NULL;
	for (i = 0; i < set->n; i++) {
		const struct live_rule *r = &set->rules[i];
		int row, column;

		if (!is_on_side(r->only, cell))
			continue;
		row = fits(&r->rows, cell->row, err);
		column = fits(&r->columns, cell->column, err);
		if (row < 0 || column < 0)
			return -1;
		if (row > 0 && column > 0) {
			*why = r->why;
			return 0;
		}
	}
	return 0;
}
