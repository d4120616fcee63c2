#include "kind/names.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/rx.h"
#include "kind/call.h"

static bool
is_one_expression(const struct text *t)
{
	return t->n == 1 && t->parts[0].expr != NULL;
}

static int
add_names(struct names_given *out, struct value v, struct err *err)
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
    struct names_given *out, struct err *err)
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

int
names_eval(const struct kind_call *call, const struct texts *texts,
    bool patterns, struct names_given *out, struct err *err)
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

void
names_free(struct names_given *names)
{
	size_t i;

	for (i = 0; i < names->list.n; i++)
		rx_free(names->list.v[i].rx);
	vec_free(&names->list);
}

int
names_check_pattern(const struct text *t, struct err *err)
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

int
names_fit(const struct names_given *names, struct value v, struct err *err)
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
			return err_set(err, "a pattern takes too long for "
			    "%s", v.u.string.p);
	}
	return 0;
}
