/* Conditions and captures. */
#include "book/decode_private.h"

#include <string.h>

#include "base/arena.h"

#define LOOK_TIMEOUT (60 * NSEC_PER_SEC)

/* ---- bodies */

void
body_finish(struct decode *d, const struct node *node, struct body *body)
{
	const char *name;

	if (body->kind == NULL)
		body->mark = node->mark;
	body->host = body->host_text == NULL ? &d->book->hosts.v[0] : NULL;
	if (body->host_text == NULL || !text_is_literal(body->host_text))
		return;
	name = text_source(body->host_text);
	body->host = book_host(d->book, name);
	if (body->host == NULL) {
		errs_add(d->errs, text_mark(body->host_text),
		    "there is no host '%s'", name);
		hint_near_key(d->errs, name, d->book->index->hosts);
	}
}

/* ---- conditions */

static void
find_check(struct decode *d, struct cond *c, struct mark mark)
{
	c->how = COND_CHECK;
	c->check = book_check(d->book, c->check_name);
	if (c->check != NULL)
		return;
	errs_add(d->errs, mark, "there is no check '%s'", c->check_name);
	hint_near_key(d->errs, c->check_name, d->book->index->checks);
}

static int
done(struct decode *d, size_t before, struct cond *out)
{
	out->whole = d->errs->list.n == before;
	return out->whole ? 0 : -1;
}

static int
expr_cond(struct decode *d, const struct node *node, struct cond *out)
{
	static const struct field bare = { "a condition", &field_expr, 0, 0,
	    NULL, NULL };

	if (bare.type->decode(d, node, &bare, &out->expr) != 0)
		return -1;
	out->check_name = expr_bare_name(out->expr);
	if (out->check_name != NULL)
		find_check(d, out, node->mark);
	return 0;
}

/* Beside `check` stand only the keys that are about asking it. */
static void
check_cond(struct decode *d, const struct node *node, struct cond *out)
{
	static const char *const words[] = { "check", "with", "title",
	    "when", "inputs" };
	size_t i, k;

	for (i = 0; i < node->count; i++) {
		const struct node *key = node->entries[i].key;

		for (k = 0; k < 5 && strcmp(words[k], key->text) != 0; k++)
			;
		if (k == 5)
			errs_add(d->errs, key->mark, "`%s` cannot stand beside "
			    "`check`: the check says how it looks", key->text);
	}
	find_check(d, out, node_get(node, "check")->mark);
}

static void
look_cond(struct decode *d, const struct node *node, struct cond *out)
{
	const struct node *with = node_get(node, "with");

	out->how = COND_LOOK;
	body_finish(d, node, &out->body);
	if (out->timeout == 0)
		out->timeout = LOOK_TIMEOUT;
	if (with != NULL)
		errs_add(d->errs, with->mark, "`with` gives a check its "
		    "inputs, and there is no `check` here");
	if (out->body.kind != NULL)
		return;
	errs_add(d->errs, node->mark, "this looks at nothing");
	errs_hint(d->errs, "a condition is an expression, the name of a check, "
	    "or a map with `check` or with what is run");
}

int
cond_decode(struct decode *d, const struct node *node, struct cond *out)
{
	size_t before = d->errs->list.n;

	out->mark = node->mark;
	out->node = node;
	if (node->type == NODE_LIST) {
		errs_add(d->errs, node->mark, "a condition is an expression, "
		    "the name of a check or a look, not a list");
		return -1;
	}
	if (node_is_null(node) && node->len == 0) {
		errs_add(d->errs, node->mark, "a condition is missing here");
		return -1;
	}
	if (node->type == NODE_SCALAR) {
		expr_cond(d, node, out);
		return done(d, before, out);
	}
	shape_decode(d, &look_shape, node, out);
	if (out->check_name != NULL)
		check_cond(d, node, out);
	else if (d->errs->list.n == before)
		look_cond(d, node, out);
	else
		out->how = COND_LOOK;
	return done(d, before, out);
}

static int
conditions_decode(struct decode *d, const struct node *node,
    const struct field *f, void *dst)
{
	size_t before = d->errs->list.n, i;
	struct conds *out = dst;

	(void)f;
	out->n = node->type == NODE_LIST ? node->count : 1;
	out->v = arena_array(d->arena, out->n, sizeof *out->v);
	for (i = 0; i < out->n; i++)
		cond_decode(d, node->type == NODE_LIST ? node->items[i] :
		    node, &out->v[i]);
	return decode_result(d, before);
}

static int
conditions_walk(const struct field *f, const void *src,
    const struct visitor *v)
{
	const struct conds *list = src;
	int status = 0;
	size_t i;

	for (i = 0; i < list->n && status == 0; i++) {
		const struct cond *c = &list->v[i];

		status = c->how == COND_EXPR && c->expr != NULL ?
		    v->visit(v->ctx, f, NULL, c->expr) :
		    shape_walk(&look_shape, c, v);
	}
	return status;
}

/* ---- captures */

static void
capture_default(struct decode *d, const struct capture_written *w,
    struct capture *out)
{
	const struct decl decl = { .name = out->name, .type = out->type,
	    .multiline = true };
	struct err err = ERR_INIT;

	if (w->def == NULL)
		return;
	out->has_default = true;
	if (out->pick == PICK_ALL)
		errs_add(d->errs, w->def->mark, "`pick: all` of nothing is an "
		    "empty list: it has no default");
	else if (!node_is_null(w->def) && decl_value_of_node(d->arena, &decl,
	    w->def, &out->def, &err) != 0)
		errs_take(d->errs, &err);
}

static void
capture_type(struct decode *d, const struct node *node, int type)
{
	if (type == DECL_LIST || type == DECL_MAP || type == DECL_ENUM ||
	    type == DECL_SECRET)
		errs_add(d->errs, node_get(node, "type")->mark, "a match is "
		    "text: it cannot become %s", decl_type_name(type));
}

static void
capture_map(struct decode *d, const struct node *node, struct capture *out)
{
	size_t before = d->errs->list.n;
	struct capture_written w = { .capture = *out };

	if (shape_decode(d, &capture_shape, node, &w) != 0)
		return;
	*out = w.capture;
	if (out->path != NULL && node->count == 1) {
		out->how = CAPTURE_PATH;
		return;
	}
	out->how = CAPTURE_MATCH;
	if (out->path != NULL || out->match.text == NULL) {
		errs_add(d->errs, node->mark, "the capture '%s' is an "
		    "expression, a map with `match`, or {path: a file}",
		    out->name);
		return;
	}
	capture_type(d, node, out->type);
	if (d->errs->list.n == before)
		capture_default(d, &w, out);
}

static int
captures_decode(struct decode *d, const struct node *node,
    const struct field *f, void *dst)
{
	size_t before = d->errs->list.n, i;
	struct captures *out = dst;

	if (node->type != NODE_MAP)
		return decode_wants(d, node, f);
	if (decode_few(d, node, f) != 0)
		return -1;
	out->n = node->count;
	out->v = arena_array(d->arena, out->n, sizeof *out->v);
	for (i = 0; i < out->n; i++) {
		const struct node_entry *e = &node->entries[i];
		const struct field one = { e->key->text, &field_expr, 0, 0,
		    NULL, NULL };

		out->v[i].name = e->key->text;
		out->v[i].mark = e->key->mark;
		name_check(d, e->key);
		if (e->value->type == NODE_MAP)
			capture_map(d, e->value, &out->v[i]);
		else
			one.type->decode(d, e->value, &one, &out->v[i].expr);
	}
	return decode_result(d, before);
}

static int
captures_walk(const struct field *f, const void *src, const struct visitor *v)
{
	const struct captures *list = src;
	int status = 0;
	size_t i;

	for (i = 0; i < list->n && status == 0; i++) {
		const struct capture *c = &list->v[i];
		const struct text *t = c->how == CAPTURE_MATCH ?
		    c->match.text : c->path;

		if (t != NULL || c->expr != NULL)
			status = v->visit(v->ctx, f, t, t != NULL ? NULL :
			    c->expr);
	}
	return status;
}

const struct field_type
    field_conditions = { "a condition or a list of conditions",
	conditions_decode, conditions_walk,
	"{\"anyOf\": [{\"$ref\": \"@condition\"}, {\"type\": \"array\", "
	"\"items\": {\"$ref\": \"@condition\"}}]}" },
    field_captures = { "a map, name: expression", captures_decode,
	captures_walk, "{\"type\": \"object\", \"propertyNames\": {\"$ref\": \"@name\"},"
	" \"additionalProperties\": {\"$ref\": \"@captured\"}}" };
