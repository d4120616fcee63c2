/* Types of many values: lists, patterns, shapes inside shapes. */
#include "book/field.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/rx.h"
#include "base/source.h"
#include "base/str.h"
#include "book/decode_private.h"

/* A list of one may be written without brackets. */
static size_t
count_of(const struct node *node)
{
	return node->type == NODE_LIST ? node->count : 1;
}

static const struct node *
item_of(const struct node *node, size_t i)
{
	return node->type == NODE_LIST ? node->items[i] : node;
}

static struct text *
parse_text(struct decode *d, const struct node *node, const struct field *f)
{
	struct err err = ERR_INIT;
	struct text *t = NULL;

	if (node->type != NODE_SCALAR)
		errs_add(d->errs, node->mark, "an element of `%s` is text, "
		    "not %s", f->key, node_type_name(node));
	else if (node_is_null(node) && node->len == 0)
		errs_add(d->errs, node->mark, "an element of `%s` is missing",
		    f->key);
	else
		t = text_parse(d->arena, node, &err);
	errs_take(d->errs, &err);
	return t;
}

/* ---- texts */

static int
texts_decode(struct decode *d, const struct node *node, const struct field *f,
    void *dst)
{
	size_t before = d->errs->list.n, i;
	struct texts *out = dst;

	if (node->type == NODE_MAP)
		return decode_wants(d, node, f);
	out->n = count_of(node);
	out->v = arena_array(d->arena, out->n, sizeof *out->v);
	for (i = 0; i < out->n; i++)
		out->v[i] = parse_text(d, item_of(node, i), f);
	return decode_result(d, before);
}

static int
texts_walk(const struct field *f, const void *src, const struct visitor *v)
{
	const struct texts *list = src;
	int status = 0;
	size_t i;

	for (i = 0; i < list->n && status == 0; i++)
		if (list->v[i] != NULL)
			status = v->visit(v->ctx, f, list->v[i], NULL);
	return status;
}

static int
argv_decode(struct decode *d, const struct node *node, const struct field *f,
    void *dst)
{
	if (node->type != NODE_LIST)
		return decode_wants(d, node, f);
	if (node->count == 0) {
		errs_add(d->errs, node->mark, "`%s` names no program", f->key);
		return -1;
	}
	return texts_decode(d, node, f, dst);
}

static int
text_or_list_decode(struct decode *d, const struct node *node,
    const struct field *f, void *dst)
{
	struct text_or_list *out = dst;
	struct texts list;

	out->mark = node->mark;
	if (node->type == NODE_LIST) {
		if (argv_decode(d, node, f, &list) != 0)
			return -1;
		out->list = list.v;
		out->n = list.n;
		return 0;
	}
	return field_text.decode(d, node, f, &out->text);
}

static int
text_or_list_walk(const struct field *f, const void *src,
    const struct visitor *v)
{
	const struct text_or_list *t = src;
	const struct texts list = { t->list, t->n };

	return t->text != NULL ? v->visit(v->ctx, f, t->text, NULL) :
	    texts_walk(f, &list, v);
}

/* ---- words and numbers */

static int
plains_decode(struct decode *d, const struct node *node,
    const struct field *f, void *dst)
{
	size_t before = d->errs->list.n, i;
	struct plains *out = dst;

	if (node->type == NODE_MAP)
		return decode_wants(d, node, f);
	if (node->type == NODE_LIST && decode_few(d, node, f) != 0)
		return -1;
	out->n = count_of(node);
	out->v = arena_array(d->arena, out->n, sizeof *out->v);
	for (i = 0; i < out->n; i++) {
		const struct node *item = item_of(node, i);

		field_plain.decode(d, item, f, &out->v[i]);
		if (item->type == NODE_SCALAR && item->len == 0)
			errs_add(d->errs, item->mark, "an element of `%s` is "
			    "empty", f->key);
	}
	return decode_result(d, before);
}

static int
ints_decode(struct decode *d, const struct node *node, const struct field *f,
    void *dst)
{
	size_t before = d->errs->list.n, i;
	struct ints *out = dst;
	int64_t value;

	if (node->type == NODE_MAP)
		return decode_wants(d, node, f);
	out->n = count_of(node);
	out->v = arena_array(d->arena, out->n, sizeof *out->v);
	out->set = true;
	for (i = 0; i < out->n; i++) {
		const struct node *item = item_of(node, i);

		value = 0;
		if (field_int.decode(d, item, f, &value) == 0 &&
		    (value < 0 || value > 255))
			errs_add(d->errs, item->mark, "`%s`: a status is a "
			    "number from 0 to 255", f->key);
		out->v[i] = (long)value;
	}
	if (out->n == 0)
		errs_add(d->errs, node->mark, "`%s` is empty: nothing would "
		    "count as success", f->key);
	return decode_result(d, before);
}

static int
words_decode(struct decode *d, const struct node *node, const struct field *f,
    void *dst)
{
	size_t before = d->errs->list.n, i;
	struct words *out = dst;

	if (node->type != NODE_MAP)
		return decode_wants(d, node, f);
	if (decode_few(d, node, f) != 0)
		return -1;
	out->n = node->count;
	out->v = arena_array(d->arena, out->n, sizeof *out->v);
	for (i = 0; i < out->n; i++) {
		const struct node_entry *e = &node->entries[i];
		const struct field word = { e->key->text, &field_enum, 0, 0,
		    f->arg, NULL };

		name_check(d, e->key);
		out->v[i].key = e->key->text;
		out->v[i].mark = e->key->mark;
		field_enum.decode(d, e->value, &word, &out->v[i].value);
	}
	return decode_result(d, before);
}

/* ---- patterns */

/* With a letter in place of each value: does it make sense at all? */
static void
try_pattern(struct decode *d, const struct text *t)
{
	struct buf b = BUF_INIT(LIMIT_BOOK_FILE);
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; i < t->n; i++) {
		if (t->parts[i].literal != NULL)
			buf_add(&b, t->parts[i].literal, t->parts[i].len);
		else
			buf_addc(&b, 'x');
	}
	rx_free(rx_compile(b.data, b.len, RX_LINES, &err));
	err_place(&err, text_mark(t));
	errs_take(d->errs, &err);
	buf_free(&b);
}

static void
compile_pattern(struct decode *d, const struct node *node,
    struct pattern *out)
{
	struct err err = ERR_INIT;

	if (!text_is_literal(out->text)) {
		try_pattern(d, out->text);
		return;
	}
	out->rx = rx_compile(node->text, node->len, RX_LINES, &err);
	if (out->rx != NULL)
		vec_push(&d->book->index->patterns, out->rx);
	err_place(&err, node->mark);
	errs_take(d->errs, &err);
}

static int
pattern_decode(struct decode *d, const struct node *node,
    const struct field *f, void *dst)
{
	size_t before = d->errs->list.n;
	struct pattern *out = dst;

	out->text = parse_text(d, node, f);
	if (out->text != NULL && node->len == 0)
		errs_add(d->errs, node->mark, "`%s`: an empty pattern fits "
		    "everything", f->key);
	else if (out->text != NULL)
		compile_pattern(d, node, out);
	return decode_result(d, before);
}

static int
pattern_walk(const struct field *f, const void *src, const struct visitor *v)
{
	const struct pattern *p = src;

	return p->text == NULL ? 0 : v->visit(v->ctx, f, p->text, NULL);
}

static int
patterns_decode(struct decode *d, const struct node *node,
    const struct field *f, void *dst)
{
	size_t before = d->errs->list.n, i;
	struct patterns *out = dst;

	if (node->type == NODE_MAP)
		return decode_wants(d, node, f);
	out->n = count_of(node);
	out->v = arena_array(d->arena, out->n, sizeof *out->v);
	for (i = 0; i < out->n; i++)
		pattern_decode(d, item_of(node, i), f, &out->v[i]);
	return decode_result(d, before);
}

static int
patterns_walk(const struct field *f, const void *src, const struct visitor *v)
{
	const struct patterns *list = src;
	int status = 0;
	size_t i;

	for (i = 0; i < list->n && status == 0; i++)
		status = pattern_walk(f, &list->v[i], v);
	return status;
}

/* ---- name: text, name: expression */

static bool
is_env_name(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!(s[i] == '_' || (s[i] >= 'A' && s[i] <= 'Z') ||
		    (s[i] >= 'a' && s[i] <= 'z') ||
		    (i > 0 && s[i] >= '0' && s[i] <= '9')))
			return false;
	return n > 0;
}

static void
check_env_name(struct decode *d, const struct node *key)
{
	if (!is_env_name(key->text, key->len)) {
		errs_add(d->errs, key->mark, "'%s' cannot be the name of an "
		    "environment variable", key->text);
		errs_hint(d->errs, "it is made of letters, digits and _, and "
		    "does not begin with a digit");
	} else if (str_has_prefix(key->text, "CAIRN_")) {
		errs_add(d->errs, key->mark, "'%s': variables that begin with "
		    "CAIRN_ are cairn's own", key->text);
	}
}

static void
assign_decode(struct decode *d, const struct node_entry *e,
    const struct field *f, struct assign *out)
{
	const struct field one = { e->key->text, &field_text, 0, 0, NULL,
	    NULL };

	out->name = e->key->text;
	out->mark = e->key->mark;
	if (f->type == &field_env)
		check_env_name(d, e->key);
	else if (f->type != &field_labels && f->type != &field_renames)
		name_check(d, e->key);
	if (node_is_null(e->value) && e->value->len == 0) {
		errs_add(d->errs, e->value->mark, "`%s` has no value",
		    e->key->text);
		errs_hint(d->errs, "write '' for an empty text");
	} else if (f->type == &field_exprs) {
		field_expr.decode(d, e->value, &one, &out->expr);
	} else {
		field_text.decode(d, e->value, &one, &out->text);
		if (e->value->type != NODE_SCALAR)
			errs_hint(d->errs, "as an expression it can be one: "
			    "'${{ [1, 2] }}'");
	}
}

static int
assigns_decode(struct decode *d, const struct node *node,
    const struct field *f, void *dst)
{
	size_t before = d->errs->list.n, i;
	struct assigns *out = dst;

	if (node->type != NODE_MAP)
		return decode_wants(d, node, f);
	if (decode_few(d, node, f) != 0)
		return -1;
	out->n = node->count;
	out->v = arena_array(d->arena, out->n, sizeof *out->v);
	for (i = 0; i < out->n; i++)
		assign_decode(d, &node->entries[i], f, &out->v[i]);
	return decode_result(d, before);
}

static int
assigns_walk(const struct field *f, const void *src, const struct visitor *v)
{
	const struct assigns *list = src;
	int status = 0;
	size_t i;

	for (i = 0; i < list->n && status == 0; i++)
		if (list->v[i].text != NULL || list->v[i].expr != NULL)
			status = v->visit(v->ctx, f, list->v[i].text,
			    list->v[i].expr);
	return status;
}

/* ---- an input: text, or a file of the book */

static int
input_decode(struct decode *d, const struct node *node, const struct field *f,
    void *dst)
{
	static const struct field file = { "file", &field_plain, 0, 0, NULL,
	    NULL };
	const struct book_file *read;
	struct input *out = dst;

	out->set = true;
	if (node->type == NODE_SCALAR)
		return field_text.decode(d, node, f, &out->text);
	if (node->type != NODE_MAP || node->count != 1 ||
	    strcmp(node->entries[0].key->text, "file") != 0) {
		errs_add(d->errs, node->mark, "`%s` is text, or {file: a file "
		    "of the book}", f->key);
		return -1;
	}
	node = node->entries[0].value;
	if (file.type->decode(d, node, &file, &out->file) != 0)
		return -1;
	read = files_read(d, out->file, node->mark);
	if (read == NULL)
		return -1;
	out->digest = read->digest;
	out->bytes = read->source->text;
	out->len = read->source->len;
	return 0;
}

static int
input_walk(const struct field *f, const void *src, const struct visitor *v)
{
	const struct input *in = src;

	return in->text == NULL ? 0 : v->visit(v->ctx, f, in->text, NULL);
}

/* ---- shapes inside shapes */

static int
in_place_decode(struct decode *d, const struct node *node,
    const struct field *f, void *dst)
{
	return shape_decode(d, f->arg, node, dst);
}

static int
in_place_walk(const struct field *f, const void *src, const struct visitor *v)
{
	return shape_walk(f->arg, src, v);
}

static int
shape_list_decode(struct decode *d, const struct node *node,
    const struct field *f, void *dst)
{
	const struct shape *shape = f->arg;
	size_t before = d->errs->list.n, i;
	struct shapes *out = dst;

	if (node->type == NODE_SCALAR)
		return decode_wants(d, node, f);
	out->n = count_of(node);
	out->v = arena_array(d->arena, out->n, shape->size);
	for (i = 0; i < out->n; i++)
		shape_decode(d, shape, item_of(node, i),
		    (char *)out->v + i * shape->size);
	return decode_result(d, before);
}

static int
shape_list_walk(const struct field *f, const void *src,
    const struct visitor *v)
{
	const struct shape *shape = f->arg;
	const struct shapes *list = src;
	int status = 0;
	size_t i;

	for (i = 0; i < list->n && status == 0; i++)
		status = shape_walk(shape, (const char *)list->v +
		    i * shape->size, v);
	return status;
}

const struct field_type
    field_texts = { "text or a list of texts", texts_decode, texts_walk,
	"{\"anyOf\": [{\"$ref\": \"@text\"}, {\"type\": \"array\", "
	"\"items\": {\"$ref\": \"@text\"}}]}" },
    field_argv = { "a list, a program with its arguments", argv_decode,
	texts_walk, "{\"type\": \"array\", \"minItems\": 1, "
	"\"items\": {\"$ref\": \"@text\"}}" },
    field_text_or_list = { "shell text, or a list", text_or_list_decode,
	text_or_list_walk, "{\"anyOf\": [{\"$ref\": \"@text\"}, "
	"{\"type\": \"array\", \"minItems\": 1, "
	"\"items\": {\"$ref\": \"@text\"}}]}" },
    field_plains = { "a word or a list of words", plains_decode, NULL,
	"{\"anyOf\": [{\"$ref\": \"@word\"}, {\"type\": \"array\", "
	"\"items\": {\"$ref\": \"@word\"}}]}" },
    field_ints = { "a number or a list of numbers", ints_decode, NULL,
	"{\"anyOf\": [{\"$ref\": \"@status\"}, {\"type\": \"array\", \"minItems\": 1, "
	"\"items\": {\"$ref\": \"@status\"}}]}" },
    field_words = { "a map, word: meaning", words_decode, NULL,
	"{\"type\": \"object\", \"propertyNames\": {\"$ref\": \"@name\"},"
	" \"additionalProperties\": {\"enum\": \"@arg\"}}" },
    field_pattern = { "a pattern", pattern_decode, pattern_walk,
	"{\"$ref\": \"@pattern\"}" },
    field_patterns = { "a pattern or a list of patterns", patterns_decode,
	patterns_walk, "{\"anyOf\": [{\"$ref\": \"@pattern\"}, {\"type\": \"array\", "
	"\"items\": {\"$ref\": \"@pattern\"}}]}" },
    field_assigns = { "a map, name: text", assigns_decode, assigns_walk,
	"{\"type\": \"object\", \"propertyNames\": {\"$ref\": \"@name\"},"
	" \"additionalProperties\": {\"$ref\": \"@value\"}}" },
    field_env = { "a map, NAME: text", assigns_decode, assigns_walk,
	"{\"type\": \"object\", \"propertyNames\": {\"pattern\": "
	"\"^(?!CAIRN_)[A-Za-z_][A-Za-z0-9_]*$\"}, "
	"\"additionalProperties\": {\"$ref\": \"@value\"}}" },
    field_exprs = { "a map, name: expression", assigns_decode, assigns_walk,
	"{\"type\": \"object\", \"propertyNames\": {\"$ref\": \"@name\"},"
	" \"additionalProperties\": {\"$ref\": \"@expression\"}}" },
    field_labels = { "a map, label: text", assigns_decode, assigns_walk,
	"{\"type\": \"object\", \"additionalProperties\": {\"$ref\": \"@value\"}}" },
    field_renames = { "a map, old name: new name", assigns_decode,
	assigns_walk, "{\"type\": \"object\", "
	"\"additionalProperties\": {\"$ref\": \"@value\"}}" },
    field_input = { "text, or {file: a file of the book}", input_decode,
	input_walk, "{\"anyOf\": [{\"$ref\": \"@text\"}, {\"type\": \"object\", "
	"\"properties\": {\"file\": {\"$ref\": \"@plain\"}}, "
	"\"required\": [\"file\"], \"additionalProperties\": false}]}" },
    field_shape = { "a map", in_place_decode, in_place_walk,
	"{\"$ref\": \"@arg\"}" },
    field_shape_list = { "a map or a list of maps", shape_list_decode,
	shape_list_walk, "{\"anyOf\": [{\"$ref\": \"@arg\"}, {\"type\": \"array\", "
	"\"items\": {\"$ref\": \"@arg\"}}]}" };
