/* Declarations and the values that fit them: params, inputs, fields. */
#include "book/decode_private.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/rx.h"
#include "base/source.h"
#include "base/str.h"
#include "yaml/load.h"

const char *const decl_type_words[] = { "string", "int", "real", "bool",
    "duration", "size", "time", "list", "map", "path", "enum", "secret",
    NULL };

static const struct {
	const char *name, *hint;
	enum value_type value;
} types[DECL_TYPES] = {
	[DECL_STRING] = { "a string", NULL, VALUE_STRING },
	[DECL_INT] = { "an int", "digits, without a leading 0", VALUE_INT },
	[DECL_REAL] = { "a real", "such as 1.5", VALUE_REAL },
	[DECL_BOOL] = { "a bool", "true or false", VALUE_BOOL },
	[DECL_DURATION] = { "a duration", "such as 30s, 5m, 1h30m or 14d",
	    VALUE_DURATION },
	[DECL_SIZE] = { "a size", "such as 512, 5 MB or 20 GiB", VALUE_SIZE },
	[DECL_TIME] = { "a time", "such as 2026-11-24T01:02:03Z; with Z or an "
	    "offset", VALUE_TIME },
	[DECL_LIST] = { "a list", "such as [a, b]", VALUE_LIST },
	[DECL_MAP] = { "a map", "such as {a: 1}", VALUE_MAP },
	[DECL_PATH] = { "a path", NULL, VALUE_STRING },
	[DECL_ENUM] = { "a word", NULL, VALUE_STRING },
	[DECL_SECRET] = { "a secret", NULL, VALUE_STRING },
};

const char *
decl_type_name(int type)
{
	return types[type].name;
}

struct decl *
decls_find(const struct decls *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		if (strcmp(d->v[i].name, name) == 0)
			return &d->v[i];
	return NULL;
}

/* ---- what a string may hold (V7) */

static bool
is_control(const char *s, size_t n, bool multiline)
{
	unsigned char c = (unsigned char)s[0];

	if (multiline && (c == '\n' || c == '\t' || c == '\r'))
		return false;
	return c < 0x20 || c == 0x7f ||
	    (c == 0xc2 && n > 1 && (unsigned char)s[1] < 0xa0 &&
	    (unsigned char)s[1] >= 0x80);
}

static int
check_controls(const struct decl *d, const char *s, size_t n,
    struct err *err)
{
	bool multiline = d->multiline || d->type == DECL_SECRET;
	size_t i;

	for (i = 0; i < n; i++) {
		if (s[i] == '\0')
			return err_set(err, "'%s' cannot hold a NUL byte",
			    d->name);
		if (!is_control(s + i, n - i, multiline))
			continue;
		err_set(err, "'%s' has a control character at byte %zu",
		    d->name, i + 1);
		return s[i] == '\n' && d->type == DECL_STRING ? err_hint(err,
		    "`multiline: true` in its declaration allows more than "
		    "one line") : -1;
	}
	return 0;
}

static int
check_path(const struct decl *d, const char *s, size_t n, struct err *err)
{
	const char *end = s + n, *p = s + (n > 0 && s[0] == '/'), *slash;

	if (n > 0 && s[0] == '-')
		return err_set(err, "'%s' is a path: it cannot begin with -",
		    d->name);
	for (;; p = slash + 1) {
		slash = memchr(p, '/', (size_t)(end - p));
		if (slash == NULL)
			slash = end;
		if (slash == p)
			return err_set(err, n == 0 ? "'%s' is a path: it "
			    "cannot be empty" : "'%s' is a path: it cannot "
			    "have an empty part, nor end with /", d->name);
		if ((slash - p == 1 && p[0] == '.') ||
		    (slash - p == 2 && p[0] == '.' && p[1] == '.'))
			return err_set(err, "'%s' is a path: it cannot have "
			    "a part that is . or ..", d->name);
		if (slash == end)
			return 0;
	}
}

static int
check_enum(const struct decl *d, const char *s, size_t n, struct err *err)
{
	struct buf all = BUF_INIT(4096);
	size_t i;

	for (i = 0; i < d->of.n; i++)
		if (strlen(d->of.v[i]) == n && memcmp(d->of.v[i], s, n) == 0)
			return 0;
	for (i = 0; i < d->of.n; i++)
		buf_addf(&all, "%s%s", i > 0 ? ", " : "", d->of.v[i]);
	err_set(err, "'%s' cannot be '%.*s'", d->name, (int)n, s);
	err_hint(err, "it is one of: %s", all.data);
	buf_free(&all);
	return -1;
}

static int
check_pattern(const struct decl *d, const char *s, size_t n, struct err *err)
{
	if (d->pattern == NULL)
		return 0;
	switch (rx_match(d->pattern, s, n, 0, NULL, 0)) {
	case RX_YES:
		return 0;
	case RX_NO:
		return err_set(err, "'%s' must fit %s as a whole; '%.*s' does "
		    "not", d->name, d->pattern_text, (int)n, s);
	default:
		return err_set(err, "'%s': whether it fits %s cannot be told",
		    d->name, d->pattern_text);
	}
}

static int
check_string(const struct decl *d, const char *s, size_t n, struct err *err)
{
	if (check_controls(d, s, n, err) != 0)
		return -1;
	if (d->type == DECL_PATH && check_path(d, s, n, err) != 0)
		return -1;
	if (d->type == DECL_ENUM && check_enum(d, s, n, err) != 0)
		return -1;
	return check_pattern(d, s, n, err);
}

/* ---- values of text */

static int
no_value_of(const struct decl *d, const char *s, size_t n, struct err *err)
{
	err_set(err, "'%s' wants %s, not '%.*s'", d->name,
	    types[d->type].name, (int)(n < 200 ? n : 200), s);
	return types[d->type].hint == NULL ? -1 :
	    err_hint(err, "%s", types[d->type].hint);
}

static int
parse_number(const struct decl *d, const char *s, size_t n,
    struct value *out)
{
	int64_t i = 0;
	double real = 0;
	int status;

	switch (d->type) {
	case DECL_INT: status = parse_int(s, n, &i); break;
	case DECL_DURATION: status = parse_duration(s, n, &i); break;
	case DECL_SIZE: status = parse_size(s, n, &i); break;
	case DECL_TIME: status = parse_time(s, n, &i); break;
	default: status = parse_real(s, n, &real); break;
	}
	if (status == 0)
		*out = d->type == DECL_REAL ? value_real(real) :
		    value_of(types[d->type].value, i);
	return status;
}

/* Lists and maps from the command line are written as in a book. */
static int
parse_tree(struct arena *a, const struct decl *d, const char *s, size_t n,
    struct value *out, struct err *err)
{
	struct source *source = source_new(d->name, s, n);
	struct errs errs = { 0 };
	struct arena *scratch = arena_new();
	const struct node *node = yaml_load(scratch, source, &errs);
	struct err why = ERR_INIT;
	int status = -1;

	if (node == NULL || node->type == NODE_SCALAR)
		no_value_of(d, s, n, err);
	else if (decl_value_of_node(a, d, node, out, &why) == 0)
		status = 0;
	else
		err_set(err, "%s", why.text);
	err_free(&why);
	errs_free(&errs);
	arena_free(scratch);
	source_free(source);
	return status;
}

int
decl_value_of_text(struct arena *a, const struct decl *d, const char *s,
    size_t n, struct value *out, struct err *err)
{
	switch (d->type) {
	case DECL_LIST:
	case DECL_MAP:
		return parse_tree(a, d, s, n, out, err);
	case DECL_BOOL:
		if (n == 4 && memcmp(s, "true", 4) == 0)
			*out = value_bool(true);
		else if (n == 5 && memcmp(s, "false", 5) == 0)
			*out = value_bool(false);
		else
			return no_value_of(d, s, n, err);
		return 0;
	case DECL_STRING:
	case DECL_PATH:
	case DECL_ENUM:
	case DECL_SECRET:
		if (check_string(d, s, n, err) != 0)
			return -1;
		*out = value_string(a, s, n);
		return 0;
	default:
		return parse_number(d, s, n, out) == 0 ? 0 :
		    no_value_of(d, s, n, err);
	}
}

/* ---- values of nodes */

static int
value_of_scalar(struct arena *a, const struct node *node, struct value *out,
    struct err *err)
{
	const char *s = node->text;
	int64_t i;
	double real;

	if (node_is_null(node))
		*out = value_null();
	else if (node->style != STYLE_PLAIN)
		*out = value_string(a, s, node->len);
	else if (strcmp(s, "true") == 0 || strcmp(s, "false") == 0)
		*out = value_bool(s[0] == 't');
	else if (parse_int(s, node->len, &i) == 0)
		*out = value_int(i);
	else if (s[0] == '0' && node->len > 1 &&
	    strspn(s, "0123456789") == node->len) {
		err_at(err, node->mark, "'%s' could be a number or text", s);
		return err_hint(err, "write '%s' in quotes for text, or the "
		    "number without the 0 before it", s);
	} else if (parse_real(s, node->len, &real) == 0)
		*out = value_real(real);
	else
		*out = value_string(a, s, node->len);
	return 0;
}

int
value_of_node(struct arena *a, const struct node *node, struct value *out,
    struct err *err)
{
	struct value_list list = { .arena = a };
	struct value_map map = { .arena = a };
	struct value v;
	size_t i;

	if (node->type == NODE_SCALAR)
		return value_of_scalar(a, node, out, err);
	for (i = 0; node->type == NODE_LIST && i < node->count; i++) {
		if (value_of_node(a, node->items[i], &v, err) != 0)
			return -1;
		value_list_add(&list, v);
	}
	for (i = 0; node->type == NODE_MAP && i < node->count; i++) {
		const struct node *key = node->entries[i].key;

		if (value_of_node(a, node->entries[i].value, &v, err) != 0)
			return -1;
		value_map_put(&map, key->text, key->len, v);
	}
	*out = node->type == NODE_LIST ? value_list_done(&list) :
	    value_map_done(&map);
	return 0;
}

int
decl_value_of_node(struct arena *a, const struct decl *d,
    const struct node *node, struct value *out, struct err *err)
{
	bool tree = d->type == DECL_LIST || d->type == DECL_MAP;

	if (node_is_null(node)) {
		if (d->required)
			return err_at(err, node->mark, "'%s' is required: it "
			    "cannot be null", d->name);
		*out = value_null();
		return 0;
	}
	if (tree && node->type == (d->type == DECL_LIST ? NODE_LIST :
	    NODE_MAP))
		return value_of_node(a, node, out, err);
	if (tree || node->type != NODE_SCALAR) {
		err_at(err, node->mark, "'%s' wants %s, not %s", d->name,
		    types[d->type].name, node_type_name(node));
		return types[d->type].hint == NULL ? -1 :
		    err_hint(err, "%s", types[d->type].hint);
	}
	if (decl_value_of_text(a, d, node->text, node->len, out, err) == 0)
		return 0;
	return err_place(err, node->mark);
}

/* ---- values that have a type already */

static bool
fits(const struct decl *d, struct value v)
{
	if (d->type == DECL_REAL || d->type == DECL_SIZE)
		return v.type == VALUE_INT || v.type == types[d->type].value;
	return v.type == types[d->type].value;
}

static struct value
as_declared(const struct decl *d, struct value v)
{
	struct value out = v;

	if (d->type == DECL_REAL && v.type == VALUE_INT)
		out = value_real((double)v.u.integer);
	else if (d->type == DECL_SIZE && v.type == VALUE_INT)
		out = value_of(VALUE_SIZE, v.u.integer);
	out.flags = v.flags;
	return out;
}

/* A literal of the book is text that its declaration gives a type. */
static int
check_literal(const struct decl *d, struct value v, struct value *out,
    struct err *err)
{
	struct value made;

	if (d->type == DECL_LIST || d->type == DECL_MAP)
		return no_value_of(d, v.u.string.p, v.u.string.n, err);
	if (decl_value_of_text(NULL, d, v.u.string.p, v.u.string.n, &made,
	    err) != 0)
		return -1;
	made.flags = v.flags;
	*out = made;
	return 0;
}

int
decl_value_check(const struct decl *d, struct value v, struct value *out,
    struct err *err)
{
	if (value_is_secret(v) && d->type != DECL_SECRET) {
		err_set(err, "a secret may not be given to '%s'", d->name);
		return err_hint(err, "`type: secret` in its declaration "
		    "allows it");
	}
	if (v.type == VALUE_UNKNOWN ||
	    (v.type == VALUE_NULL && !d->required)) {
		*out = v;
		return 0;
	}
	if (v.type == VALUE_STRING && types[d->type].value != VALUE_STRING &&
	    v.flags & VALUE_LITERAL)
		return check_literal(d, v, out, err);
	if (!fits(d, v))
		return err_set(err, "'%s' wants %s, not %s", d->name,
		    types[d->type].name, value_type_name(v.type));
	if (v.type == VALUE_STRING && check_string(d, v.u.string.p,
	    v.u.string.n, err) != 0)
		return -1;
	*out = as_declared(d, v);
	return 0;
}

/* ---- decoding a declaration */

static void
compile(struct decode *d, const struct node *node, struct decl *decl)
{
	struct err err = ERR_INIT;

	if (decl->pattern_text == NULL)
		return;
	if (decl->type != DECL_STRING && decl->type != DECL_PATH) {
		errs_add(d->errs, node->mark, "`pattern` is for a string or a "
		    "path");
		return;
	}
	decl->pattern = rx_compile(decl->pattern_text, node->len, RX_WHOLE,
	    &err);
	if (decl->pattern != NULL)
		vec_push(&d->book->index->patterns, decl->pattern);
	err_place(&err, node->mark);
	errs_take(d->errs, &err);
}

static void
check_declaration(struct decode *d, const struct node *node,
    const struct decl *decl, unsigned flags)
{
	const struct node *of = node_get(node, "of");
	const struct node *multiline = node_get(node, "multiline");
	const struct node *type = node_get(node, "type");

	if (decl->type == DECL_ENUM && decl->of.n == 0)
		errs_add(d->errs, type->mark, "an enum needs `of`: its words");
	if (decl->type != DECL_ENUM && of != NULL)
		errs_add(d->errs, of->mark, "`of` belongs to `type: enum`");
	if (decl->type != DECL_STRING && multiline != NULL)
		errs_add(d->errs, multiline->mark, "`multiline` belongs to "
		    "`type: string`");
	if (decl->type == DECL_SECRET && !(flags & FIELD_INPUTS)) {
		errs_add(d->errs, type->mark, "only an input may be a secret");
		errs_hint(d->errs, "a secret of the book is declared in "
		    "`secrets`");
	}
}

static void
decode_default(struct decode *d, const struct node *node, struct decl *decl)
{
	struct err err = ERR_INIT;

	decl->has_default = true;
	if (decl->required) {
		errs_add(d->errs, node->mark, "'%s' is required and has a "
		    "default: one of the two has no meaning", decl->name);
	} else if (decl->type == DECL_SECRET && !node_is_null(node)) {
		errs_add(d->errs, node->mark, "a secret cannot have a "
		    "default: it would stand in the book");
	} else if (decl_value_of_node(d->arena, decl, node, &decl->def,
	    &err) != 0) {
		errs_take(d->errs, &err);
	}
}

int
declaration_decode(struct decode *d, const struct node *key,
    const struct node *node, unsigned flags, struct decl *out)
{
	size_t before = d->errs->list.n;
	struct decl_written w = { 0 };

	out->name = key->text;
	out->mark = key->mark;
	name_check(d, key);
	if (shape_decode(d, &declaration_shape, node, &w) != 0)
		return -1;
	w.decl.name = key->text;
	w.decl.mark = key->mark;
	check_declaration(d, node, &w.decl, flags);
	if (d->errs->list.n == before)
		compile(d, node_get(node, "pattern"), &w.decl);
	if (w.def != NULL && d->errs->list.n == before)
		decode_default(d, w.def, &w.decl);
	/* what `with` has to give is needed, unless its file says otherwise */
	if (flags & FIELD_INPUTS && !w.decl.has_default) {
		w.decl.required = w.decl.required ||
		    node_get(node, "required") == NULL;
		w.decl.has_default = !w.decl.required;
	}
	*out = w.decl;
	return decode_result(d, before);
}

static int
declarations_decode(struct decode *d, const struct node *node,
    const struct field *f, void *dst)
{
	size_t before = d->errs->list.n, i;
	struct decls *out = dst;

	if (node->type != NODE_MAP)
		return decode_wants(d, node, f);
	if (decode_few(d, node, f) != 0)
		return -1;
	out->n = node->count;
	out->v = arena_array(d->arena, out->n, sizeof *out->v);
	for (i = 0; i < out->n; i++)
		declaration_decode(d, node->entries[i].key,
		    node->entries[i].value, f->flags, &out->v[i]);
	return decode_result(d, before);
}

const struct field_type field_declarations = {
	"a map, name: {type: …}", declarations_decode, NULL,
	"{\"type\": \"object\", \"propertyNames\": {\"$ref\": \"@name\"},"
	" \"additionalProperties\": {\"$ref\": \"@declaration\"}}",
};
