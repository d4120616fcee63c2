/* Which cells have to be equal to what, and which differences are accepted. */
#include "kind/reconcile.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "kind/call.h"
#include "kind/names.h"

/* How far two numbers may be from each other. */
struct tolerance {
	double most;                 /* the number, or the percentage */
	bool percent;
	const char *text;
};

struct live_rule {
	struct names_given rows, columns;
	int only;
	const char *why;             /* accepted; NULL: it has to be near */
	bool warn;
	const struct plains *against;
	struct tolerance tolerance;
};

struct rule_set {
	struct live_rule *rules;
	size_t n;
	bool against;                /* some rule has it */
};

/* ---- words */

/* "left.COLUMN" or "right.COLUMN"; the column, or NULL. */
static const char *
column_named(const char *s, bool *left)
{
	*left = str_has_prefix(s, "left.");
	if (!*left && !str_has_prefix(s, "right."))
		return NULL;
	s += *left ? strlen("left.") : strlen("right.");
	return *s == '\0' ? NULL : s;
}

static int
read_tolerance(const char *s, size_t n, struct tolerance *out)
{
	while (n > 0 && s[n - 1] == ' ')
		n--;
	out->percent = n > 0 && s[n - 1] == '%';
	n -= out->percent;
	while (n > 0 && s[n - 1] == ' ')
		n--;
	return parse_real(s, n, &out->most) == 0 && out->most >= 0 ? 0 : -1;
}

static int
bad_tolerance(const struct text *t, struct err *err)
{
	return err_at(err, text_mark(t), "`tolerance` is a number or a "
	    "percentage that is not negative, like 5 or 0.1%%");
}

static void
check_actions(const struct rule *r, struct mark mark, struct errs *errs)
{
	struct tolerance ignored;
	struct err err = ERR_INIT;

	if (r->ignore != NULL && (r->tolerance != NULL || r->against.n > 0))
		errs_add(errs, mark, "a rule either ignores a difference or "
		    "says with `tolerance` and `against` which is none");
	if (r->warn && r->ignore == NULL)
		errs_add(errs, mark, "`warn` stands with `ignore`: it names a "
		    "difference that is accepted");
	if (r->tolerance != NULL && text_is_literal(r->tolerance) &&
	    read_tolerance(text_source(r->tolerance),
	    strlen(text_source(r->tolerance)), &ignored) != 0) {
		bad_tolerance(r->tolerance, &err);
		errs_take(errs, &err);
	}
}

static struct mark
mark_of(const struct rule *r, struct mark mark)
{
	return r->ignore != NULL ? text_mark(r->ignore) :
	    r->tolerance != NULL ? text_mark(r->tolerance) :
	    r->rows.n > 0 && r->rows.v[0] != NULL ? text_mark(r->rows.v[0]) :
	    r->columns.n > 0 && r->columns.v[0] != NULL ?
	    text_mark(r->columns.v[0]) : mark;
}

void
rule_check(const struct rule *r, struct mark of_kind, struct errs *errs)
{
	struct mark mark = mark_of(r, of_kind);
	struct err err = ERR_INIT;
	size_t i;
	bool left;

	if (r->rows.n == 0 && r->columns.n == 0 && r->only == SIDE_ANY)
		errs_add(errs, mark, "a rule says for which cells it is: "
		    "rows, columns or only");
	for (i = 0; i < r->rows.n; i++)
		if (r->rows.v[i] != NULL &&
		    names_check_pattern(r->rows.v[i], &err) != 0)
			errs_take(errs, &err);
	for (i = 0; i < r->against.n; i++)
		if (column_named(r->against.v[i], &left) == NULL)
			errs_add(errs, mark, "`against` names columns as "
			    "left.NAME or right.NAME, not '%s'",
			    r->against.v[i]);
	if (r->ignore != NULL && strspn(text_source(r->ignore), " \t\n") ==
	    strlen(text_source(r->ignore)))
		errs_add(errs, mark, "`ignore` says why; it may not be "
		    "empty");
	check_actions(r, mark, errs);
}

/* ---- values */

static int
eval_tolerance(const struct kind_call *call, const struct text *t,
    struct tolerance *out, struct err *err)
{
	struct buf shown = BUF_INIT(256);
	struct value v;
	int result = 0;

	if (t == NULL)
		return 0;
	if (text_eval_typed(t, call->scope, call->arena, &v, err) != 0)
		return -1;
	if (v.type == VALUE_STRING)
		result = read_tolerance(v.u.string.p, v.u.string.n, out);
	else if (table_is_number(v))
		out->most = v.type == VALUE_REAL ? v.u.real :
		    (double)v.u.integer;
	else
		result = -1;
	if (result != 0 || !(out->most >= 0))
		return bad_tolerance(t, err);
	format_real(&shown, out->most);
	out->text = arena_printf(call->arena, "%s%s", shown.data,
	    out->percent ? "%" : "");
	buf_free(&shown);
	return 0;
}

static int
eval_rule(const struct kind_call *call, const struct rule *rule,
    struct live_rule *out, struct err *err)
{
	struct value why;

	out->only = rule->only;
	out->warn = rule->warn;
	out->against = &rule->against;
	if (names_eval(call, &rule->rows, true, &out->rows, err) != 0 ||
	    names_eval(call, &rule->columns, false, &out->columns,
	    err) != 0 || eval_tolerance(call, rule->tolerance,
	    &out->tolerance, err) != 0)
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
	for (i = 0; i < n; i++) {
		set->against |= rules[i].against.n > 0;
		if (eval_rule(call, &rules[i], &set->rules[i], err) != 0) {
			rules_free(set);
			return NULL;
		}
	}
	return set;
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

static bool
has_column(struct value table, const char *column)
{
	size_t i;

	for (i = 0; i < table.u.map.n; i++)
		if (value_member(table.u.map.entries[i].value, column,
		    strlen(column)) != NULL)
			return true;
	return table.u.map.n == 0;
}

int
rules_check_columns(const struct rule_set *set, struct value left,
    struct value right, struct err *err)
{
	size_t i, k;
	bool is_left;

	for (i = 0; i < set->n; i++)
		for (k = 0; k < set->rules[i].against->n; k++) {
			const char *name = column_named(
			    set->rules[i].against->v[k], &is_left);

			if (!has_column(is_left ? left : right, name))
				return err_set(err, "`against` names the "
				    "column %s, which no row of the table %s "
				    "has", name, is_left ? "left" : "right");
		}
	return 0;
}

/* ---- judging */

static bool
has_something(const struct value *row)
{
	size_t i;

	for (i = 0; row != NULL && i < row->u.map.n; i++) {
		struct value v = table_cell(&row->u.map.entries[i].value);

		if (!table_is_number(v) || value_order(v, value_int(0)) != 0)
			return true;
	}
	return false;
}

static bool
is_on_side(int only, const struct cell *cell)
{
	bool left = has_something(cell->left_row);
	bool right = has_something(cell->right_row);

	return only == SIDE_LEFT ? left && !right : right && !left;
}

/* The first rule that fits; *out is NULL when none does. */
static int
rule_for(const struct rule_set *set, const struct cell *cell,
    const struct live_rule **out, struct err *err)
{
	size_t i;

	*out = NULL;
	for (i = 0; i < set->n; i++) {
		const struct live_rule *r = &set->rules[i];
		int row, column;

		row = names_fit(&r->rows, cell->row, err);
		column = names_fit(&r->columns, cell->column, err);
		if (row < 0 || column < 0)
			return -1;
		if (row > 0 && column > 0 && (r->only == SIDE_ANY ||
		    is_on_side(r->only, cell))) {
			*out = r;
			return 0;
		}
	}
	return 0;
}

static bool
is_same(struct value a, struct value b)
{
	if (table_is_number(a) && table_is_number(b))
		return value_order(a, b) == 0;
	return a.type == b.type && value_equal(a, b);
}

/* Long doubles hold every 64-bit integer where it matters (x86, arm64). */
static long double
number(struct value v)
{
	return v.type == VALUE_REAL ? v.u.real : (long double)v.u.integer;
}

static bool
is_near(const struct tolerance *t, struct value expected, struct value v)
{
	long double apart, most = t->most;

	if (t->text == NULL || !table_is_number(expected) ||
	    !table_is_number(v))
		return false;
	apart = number(expected) - number(v);
	if (t->percent)
		most = most / 100 * (number(expected) < 0 ?
		    -number(expected) : number(expected));
	return (apart < 0 ? -apart : apart) <= most;
}

static int
sum_against(const struct kind_call *call, const struct live_rule *r,
    const struct cell *cell, struct value *sum, struct err *err)
{
	size_t i;
	bool left;

	*sum = value_int(0);
	for (i = 0; i < r->against->n; i++) {
		const char *name = column_named(r->against->v[i], &left);
		const struct value *row = left ? cell->left_row :
		    cell->right_row;
		const struct value *v = row == NULL ? NULL :
		    value_member(*row, name, strlen(name));

		if (table_add(sum, table_cell(v), arena_printf(call->arena,
		    "%s, %s", cell->row.u.string.p, r->against->v[i]),
		    err) != 0)
			return -1;
	}
	return 0;
}

int
rules_judge(const struct kind_call *call, const struct rule_set *set,
    const struct cell *cell, struct verdict *out, struct err *err)
{
	struct value left = table_cell(&cell->left);
	struct value right = table_cell(&cell->right);
	struct verdict v = { .same = is_same(left, right) };
	const struct live_rule *r;

	*out = v;
	if (v.same && !set->against)
		return 0;
	if (rule_for(set, cell, &r, err) != 0)
		return -1;
	if (r == NULL || (v.same && r->against->n == 0))
		return 0;
	v.against = r->against->n > 0;
	v.expected = left;
	if (v.against && sum_against(call, r, cell, &v.expected, err) != 0)
		return -1;
	v.same = is_same(v.expected, right);
	v.why = r->why;
	v.warn = r->warn;
	if (!v.same && is_near(&r->tolerance, v.expected, right))
		v.why = arena_printf(call->arena, "within the tolerance of %s",
		    r->tolerance.text);
	*out = v;
	return 0;
}
