#include "book/text.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "yaml/node.h"

#define OPENING "${{"
#define CLOSING "}}"

/* What a text has from its parts; the marks of the author only when the
 * expression is all of it. */
#define AMONG_OTHERS (unsigned)(VALUE_SECRET | VALUE_FOREIGN)
#define ALONE (AMONG_OTHERS | VALUE_WILD | VALUE_OPT | VALUE_LITERAL)

/* The "}}" that ends the expression at `from`; those in strings do not. NULL:
 * there is none. */
static const char *find_end(const char *from, const char *end)
{
	const char *s;

	for (s = from; s < end; s++) {
		if (*s == '\'' || *s == '"') {
			s = memchr(s + 1, *s, (size_t)(end - s) - 1);
			if (!s)
				return NULL;
		} else if (*s == '}' && s + 1 < end && s[1] == '}') {
			return s;
		}
	}
	return NULL;
}

static int not_closed(const struct node *scalar, size_t at, struct err *err)
{
	const char *rest = scalar->text + at;

	err_at(err, node_mark_at(scalar, at), "this ${{ is not closed by }}");
	if (node_is_cut(scalar))
		return err_hint(err, "YAML cuts at ' #': was the rest cut off "
		    "as a comment? Put the whole text in quotes");
	if (memmem(rest, scalar->len - at, CLOSING, 2))
		return err_hint(err, "a quote before the }} is not closed");
	return -1;
}

static size_t count_parts(const struct node *scalar)
{
	const char *s = scalar->text, *end = s + scalar->len;
	size_t n = 1;

	while ((s = memmem(s, (size_t)(end - s), OPENING, 3)) != NULL) {
		n += 2;
		s += 3;
	}
	return n;
}

static void add_literal(struct text *t, size_t from, size_t to)
{
	struct text_part *part;

	if (to == from)
		return;
	part = &t->parts[t->n++];
	part->literal = t->node->text + from;
	part->len = to - from;
	part->offset = from;
}

/* The expression whose "${{" stands at `at`; *behind is set to its end. */
static int add_expr(struct text *t, struct arena *arena, size_t at,
    size_t *behind, struct err *err)
{
	const char *text = t->node->text, *end;
	struct text_part *part = &t->parts[t->n];
	size_t from = at + 3;

	end = find_end(text + from, text + t->node->len);
	if (!end)
		return not_closed(t->node, at, err);
	part->offset = at;
	part->len = (size_t)(end - text) + 2 - at;
	part->expr = expr_parse(arena, t->node, from,
	    (size_t)(end - text) - from, err);
	if (!part->expr)
		return -1;
	t->n++;
	*behind = at + part->len;
	return 0;
}

struct text *text_parse(struct arena *arena, const struct node *scalar,
    struct err *err)
{
	struct text *t;
	const char *found;
	size_t at = 0, opening;

	if (scalar->type != NODE_SCALAR) {
		err_at(err, scalar->mark, "this wants text, not %s",
		    node_type_name(scalar));
		return NULL;
	}
	t = arena_alloc(arena, sizeof *t);
	t->node = scalar;
	t->parts = arena_array(arena, count_parts(scalar), sizeof *t->parts);
	while ((found = memmem(scalar->text + at, scalar->len - at, OPENING,
	    3)) != NULL) {
		opening = (size_t)(found - scalar->text);
		add_literal(t, at, opening);
		if (add_expr(t, arena, opening, &at, err) < 0)
			return NULL;
	}
	add_literal(t, at, scalar->len);
	return t;
}

bool text_is_literal(const struct text *t)
{
	return t->n == 0 || (t->n == 1 && t->parts[0].literal);
}

static struct value literal_value(const struct text *t)
{
	struct value v = { .type = VALUE_STRING, .flags = VALUE_LITERAL };

	v.u.string.p = t->node->text;
	v.u.string.n = t->node->len;
	return v;
}

static int add_part(const struct text_part *part, const struct scope *scope,
    struct arena *a, struct buf *out, unsigned *flags, struct err *err)
{
	struct err why = ERR_INIT;
	struct value v;

	if (part->literal) {
		buf_add(out, part->literal, part->len);
		return 0;
	}
	if (expr_eval(part->expr, scope, a, &v, err) < 0)
		return -1;
	*flags |= v.flags;
	if (value_text(out, v, &why) == 0)
		return 0;
	err_place(&why, expr_mark(part->expr));
	return err_move(err, &why);
}

static int eval_parts(const struct text *t, const struct scope *scope,
    struct arena *a, struct value *out, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_EXPR_RESULT);
	unsigned flags = 0;
	int status = 0;
	size_t i;

	for (i = 0; i < t->n && status == 0; i++)
		status = add_part(&t->parts[i], scope, a, &text, &flags, err);
	if (status == 0 && text.cut)
		status = err_at(err, t->node->mark, "this text has more than "
		    "%zu MiB", LIMIT_EXPR_RESULT / MIB);
	if (status == 0) {
		*out = value_string(a, text.data, text.len);
		out->flags = flags & (t->n == 1 ? ALONE : AMONG_OTHERS);
	}
	buf_free(&text);
	return status;
}

static bool is_one_expr(const struct text *t)
{
	return t->n == 1 && t->parts[0].expr;
}

int text_eval(const struct text *t, const struct scope *scope,
    struct arena *a, struct value *out, struct err *err)
{
	if (!text_is_literal(t))
		return eval_parts(t, scope, a, out, err);
	if (t->node->len && memchr(t->node->text, '\0', t->node->len))
		return err_at(err, t->node->mark, "a text cannot hold a NUL "
		    "byte");
	*out = literal_value(t);
	return 0;
}

int text_eval_typed(const struct text *t, const struct scope *scope,
    struct arena *a, struct value *out, struct err *err)
{
	return is_one_expr(t) ? expr_eval(t->parts[0].expr, scope, a, out,
	    err) : text_eval(t, scope, a, out, err);
}

int text_refs(const struct text *t,
    int (*fn)(const struct expr_ref *ref, void *ctx), void *ctx)
{
	int status = 0;
	size_t i;

	for (i = 0; i < t->n && status == 0; i++) {
		if (t->parts[i].expr)
			status = expr_refs(t->parts[i].expr, fn, ctx);
	}
	return status;
}

const char *
text_source(const struct text *t)
{
	return t->node->text;
}

struct mark
text_mark(const struct text *t)
{
	return t->node->mark;
}
