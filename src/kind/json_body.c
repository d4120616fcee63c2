#include "kind/json_body.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "yaml/node.h"

/* A map or list as it is written, texts at its leaves. */
struct json_tree {
	enum node_type type;
	struct text *text;               /* scalar with expressions, or … */
	struct value value;              /* … without */
	const char **keys;               /* of a map */
	struct json_tree *items;
	size_t n;
	struct mark mark;
};

/* ---- decoding */

/* In JSON `size: 0` is a number: plain scalars have the types of JSON. */
static struct value
typed_scalar(struct arena *a, const struct node *node)
{
	int64_t i;
	double d;

	if (node->style != STYLE_PLAIN)
		return value_string(a, node->text, node->len);
	if (node_is_null(node))
		return value_null();
	if (strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0)
		return value_bool(node->text[0] == 't');
	if (parse_int(node->text, node->len, &i) == 0)
		return value_int(i);
	if (parse_real(node->text, node->len, &d) == 0)
		return value_real(d);
	return value_string(a, node->text, node->len);
}

static int
decode_scalar(struct decode *d, const struct node *node,
    struct json_tree *out)
{
	struct err err = ERR_INIT;

	out->text = text_parse(decode_arena(d), node, &err);
	if (out->text == NULL) {
		errs_take(decode_errs(d), &err);
		return -1;
	}
	if (text_is_literal(out->text)) {
		out->text = NULL;
		out->value = typed_scalar(decode_arena(d), node);
	}
	return 0;
}

static int
decode_tree(struct decode *d, const struct node *node, struct json_tree *out)
{
	struct arena *a = decode_arena(d);
	int result = 0;
	size_t i;

	out->type = node->type;
	out->mark = node->mark;
	if (node->type == NODE_SCALAR)
		return decode_scalar(d, node, out);
	out->n = node->count;
	out->items = arena_array(a, node->count + 1, sizeof *out->items);
	out->keys = arena_array(a, node->count + 1, sizeof *out->keys);
	for (i = 0; i < node->count; i++) {
		bool map = node->type == NODE_MAP;

		if (map)
			out->keys[i] = node->entries[i].key->text;
		if (decode_tree(d, map ? node->entries[i].value :
		    node->items[i], &out->items[i]) != 0)
			result = -1;
	}
	return result;
}

static int
decode_body(struct decode *d, const struct node *node, const struct field *f,
    void *dst)
{
	struct json_body *b = dst;

	if (node->type == NODE_SCALAR)
		return field_text.decode(d, node, f, &b->text);
	b->tree = arena_alloc(decode_arena(d), sizeof *b->tree);
	return decode_tree(d, node, b->tree);
}

static int
walk_tree(const struct field *f, const struct json_tree *t,
    const struct visitor *v)
{
	int result = 0;
	size_t i;

	if (t->text != NULL)
		return v->visit(v->ctx, f, t->text, NULL);
	for (i = 0; i < t->n && result == 0; i++)
		result = walk_tree(f, &t->items[i], v);
	return result;
}

static int
walk_body(const struct field *f, const void *src, const struct visitor *v)
{
	const struct json_body *b = src;

	if (b->text != NULL)
		return v->visit(v->ctx, f, b->text, NULL);
	return b->tree == NULL ? 0 : walk_tree(f, b->tree, v);
}

const struct field_type field_json_body = {
	"text, or a map or list for JSON", decode_body, walk_body,
	"{\"type\": [\"string\", \"number\", \"boolean\", \"object\", "
	"\"array\"]}"
};

/* ---- evaluating */

static int
eval_leaf(const struct kind_call *call, const struct json_tree *t, bool show,
    struct value *out, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_STDIN);

	if (t->text == NULL) {
		*out = t->value;
		return 0;
	}
	if (text_eval_typed(t->text, call->scope, call->arena, out, err) != 0 ||
	    call_wild(call, t->text, false, err) != 0)
		return -1;
	if (!show || !value_is_secret(*out))
		return 0;
	call_show(call, t->text, &text);
	*out = value_string(call->arena, text.data, text.len);
	buf_free(&text);
	return 0;
}

static int
eval_tree(const struct kind_call *call, const struct json_tree *t, bool show,
    struct value *out, struct err *err)
{
	struct value_map m = { .arena = call->arena };
	struct value_list l = { .arena = call->arena };
	struct value v;
	size_t i;

	if (t->type == NODE_SCALAR)
		return eval_leaf(call, t, show, out, err);
	for (i = 0; i < t->n; i++) {
		if (eval_tree(call, &t->items[i], show, &v, err) != 0)
			return -1;
		if (t->type == NODE_MAP)
			value_map_put(&m, t->keys[i], strlen(t->keys[i]), v);
		else
			value_list_add(&l, v);
	}
	*out = t->type == NODE_MAP ? value_map_done(&m) : value_list_done(&l);
	return 0;
}

static int
eval_value(const struct kind_call *call, const struct json_body *b, bool show,
    struct value *out, struct err *err)
{
	struct json_tree leaf = { .type = NODE_SCALAR, .text = b->text };

	*out = value_null();
	if (b->tree != NULL)
		return eval_tree(call, b->tree, show, out, err);
	return b->text == NULL ? 0 : eval_leaf(call, &leaf, show, out, err);
}

static int
to_bytes(const struct kind_call *call, struct value v, struct value *out,
    struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_HTTP_BODY);
	int result = 0;

	if (v.type == VALUE_LIST || v.type == VALUE_MAP)
		value_json(&text, v);
	else
		result = value_text(&text, v, err);
	if (result == 0 && text.cut)
		result = err_set(err, "the body is larger than %zu MiB",
		    LIMIT_HTTP_BODY / MIB);
	*out = value_string(call->arena, text.data, text.len);
	if (value_is_secret(v))
		out->flags |= VALUE_SECRET;
	buf_free(&text);
	return result;
}

int
json_body_eval(const struct kind_call *call, const struct json_body *b,
    struct value *out, bool *json, struct err *err)
{
	struct mark mark = b->text != NULL ? text_mark(b->text) :
	    b->tree != NULL ? b->tree->mark : (struct mark){ 0 };
	struct value v;

	*json = false;
	*out = value_null();
	if (b->text == NULL && b->tree == NULL)
		return 0;
	if (eval_value(call, b, false, &v, err) != 0)
		return -1;
	if (value_is_unknown(v))
		return err_at(err, mark, "a value in the body is not known");
	*json = v.type == VALUE_LIST || v.type == VALUE_MAP;
	return to_bytes(call, v, out, err) == 0 ? 0 : err_place(err, mark);
}

void
json_body_show(const struct kind_call *call, const struct json_body *b,
    struct buf *out)
{
	struct err err = ERR_INIT;
	struct value v, bytes;

	if (b->text != NULL && !text_is_literal(b->text) &&
	    eval_value(call, b, false, &v, &err) == 0 && value_is_secret(v))
		call_show(call, b->text, out);
	else if (eval_value(call, b, true, &v, &err) == 0 &&
	    to_bytes(call, v, &bytes, &err) == 0)
		buf_add(out, bytes.u.string.p, bytes.u.string.n);
	err_free(&err);
}
