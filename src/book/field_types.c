/* Types of one value. */
#include "book/field.h"

#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/str.h"
#include "book/decode_private.h"

static int
take_error(struct decode *d, struct err *err)
{
	errs_take(d->errs, err);
	return -1;
}

/* ---- text and expressions */

static int
text_decode(struct decode *d, const struct node *node, const struct field *f,
    void *dst)
{
	struct err err = ERR_INIT;
	struct text *t;

	if (node->type != NODE_SCALAR)
		return decode_wants(d, node, f);
	t = text_parse(d->arena, node, &err);
	if (t == NULL)
		return take_error(d, &err);
	*(struct text **)dst = t;
	return 0;
}

static int
text_walk(const struct field *f, const void *src, const struct visitor *v)
{
	const struct text *t = *(struct text *const *)src;

	return t == NULL ? 0 : v->visit(v->ctx, f, t, NULL);
}

static int
expr_decode(struct decode *d, const struct node *node, const struct field *f,
    void *dst)
{
	struct err err = ERR_INIT;
	struct expr *e;

	if (node->type != NODE_SCALAR)
		return decode_wants(d, node, f);
	if (node->len >= 3 && memcmp(node->text, "${{", 3) == 0) {
		errs_add(d->errs, node->mark, strchr(f->key, ' ') != NULL ?
		    "%s is an expression already" :
		    "`%s` is an expression already", f->key);
		errs_hint(d->errs, "write it without ${{ and }}");
		return -1;
	}
	e = expr_parse(d->arena, node, 0, node->len, &err);
	if (e == NULL)
		return take_error(d, &err);
	*(struct expr **)dst = e;
	return 0;
}

static int
expr_walk(const struct field *f, const void *src, const struct visitor *v)
{
	const struct expr *e = *(struct expr *const *)src;

	return e == NULL ? 0 : v->visit(v->ctx, f, NULL, e);
}

static int
plain_decode(struct decode *d, const struct node *node, const struct field *f,
    void *dst)
{
	if (node->type != NODE_SCALAR)
		return decode_wants(d, node, f);
	if (strstr(node->text, "${{") != NULL) {
		errs_add(d->errs, node->mark, "`%s` takes no expression",
		    f->key);
		return -1;
	}
	*(const char **)dst = node->text;
	return 0;
}

static int
node_decode(struct decode *d, const struct node *node, const struct field *f,
    void *dst)
{
	(void)d;
	(void)f;
	*(const struct node **)dst = node;
	return 0;
}

bool
field_is_kept(const struct field_type *type)
{
	return type->decode == node_decode;
}

/* ---- names */

static bool
is_name(const char *s, size_t n)
{
	size_t i;

	if (n == 0 || n > LIMIT_NAME || s[0] < 'a' || s[0] > 'z')
		return false;
	for (i = 1; i < n; i++)
		if ((s[i] < 'a' || s[i] > 'z') && s[i] != '_' &&
		    (s[i] < '0' || s[i] > '9'))
			return false;
	return true;
}

int
name_check(struct decode *d, const struct node *key)
{
	if (is_name(key->text, key->len))
		return 0;
	errs_add(d->errs, key->mark, "'%s' is no name", key->text);
	errs_hint(d->errs, "a name begins with a-z, goes on with a-z, 0-9 and "
	    "_, and has at most %d characters", LIMIT_NAME);
	return -1;
}

static int
name_decode(struct decode *d, const struct node *node, const struct field *f,
    void *dst)
{
	if (node->type != NODE_SCALAR)
		return decode_wants(d, node, f);
	if (name_check(d, node) != 0)
		return -1;
	*(const char **)dst = node->text;
	return 0;
}

static int
book_name_decode(struct decode *d, const struct node *node,
    const struct field *f, void *dst)
{
	const char *s = node->text;
	size_t i;

	if (node->type != NODE_SCALAR)
		return decode_wants(d, node, f);
	for (i = 0; i < node->len; i++)
		if ((s[i] < 'a' || s[i] > 'z') && (s[i] < '0' || s[i] > '9') &&
		    (s[i] != '-' || i == 0))
			break;
	if (i < node->len || i == 0 || i > LIMIT_NAME) {
		errs_add(d->errs, node->mark, "'%s' cannot be the name of a "
		    "book", s);
		errs_hint(d->errs, "it is made of a-z, 0-9 and -, does not "
		    "begin with -, and has at most %d characters", LIMIT_NAME);
		return -1;
	}
	*(const char **)dst = s;
	return 0;
}

/* ---- words and numbers */

static int
bad_word(struct decode *d, const struct node *node, const struct field *f,
    const char *hint)
{
	errs_add(d->errs, node->mark, "`%s` wants %s, not '%s'", f->key,
	    f->type->name, node->text);
	if (hint != NULL)
		errs_hint(d->errs, "%s", hint);
	return -1;
}

static int
bool_decode(struct decode *d, const struct node *node, const struct field *f,
    void *dst)
{
	if (node->type != NODE_SCALAR)
		return decode_wants(d, node, f);
	if (strcmp(node->text, "true") != 0 &&
	    strcmp(node->text, "false") != 0)
		return bad_word(d, node, f, NULL);
	*(bool *)dst = node->text[0] == 't';
	return 0;
}

static int
int_decode(struct decode *d, const struct node *node, const struct field *f,
    void *dst)
{
	if (node->type != NODE_SCALAR)
		return decode_wants(d, node, f);
	if (parse_int(node->text, node->len, dst) != 0)
		return bad_word(d, node, f, NULL);
	return 0;
}

static int
version_decode(struct decode *d, const struct node *node,
    const struct field *f, void *dst)
{
	if (node->type != NODE_SCALAR || strcmp(node->text, "1") != 0) {
		errs_add(d->errs, node->mark, "this cairn reads `%s: 1`",
		    f->key);
		return -1;
	}
	*(int *)dst = 1;
	return 0;
}

static int
duration_decode(struct decode *d, const struct node *node,
    const struct field *f, void *dst)
{
	nsec t;

	if (node->type != NODE_SCALAR)
		return decode_wants(d, node, f);
	if (parse_duration(node->text, node->len, &t) != 0)
		return bad_word(d, node, f, "write 30s, 5m, 1h30m or 14d");
	if (t <= 0) {
		errs_add(d->errs, node->mark, "`%s` must be more than 0s",
		    f->key);
		return -1;
	}
	*(nsec *)dst = t;
	return 0;
}

static int
size_decode(struct decode *d, const struct node *node, const struct field *f,
    void *dst)
{
	if (node->type != NODE_SCALAR)
		return decode_wants(d, node, f);
	if (parse_size(node->text, node->len, dst) != 0)
		return bad_word(d, node, f, "write 512, 5 MB or 20 GiB");
	return 0;
}

static int
enum_decode(struct decode *d, const struct node *node, const struct field *f,
    void *dst)
{
	const char *const *words = f->arg;
	size_t n;

	if (node->type != NODE_SCALAR)
		return decode_wants(d, node, f);
	for (n = 0; words[n] != NULL; n++) {
		if (strcmp(words[n], node->text) == 0) {
			*(int *)dst = (int)n;
			return 0;
		}
	}
	errs_add(d->errs, node->mark, "`%s` cannot be '%s'", f->key,
	    node->text);
	if (!hint_near(d->errs, node->text, words, n)) {
		char *all = arena_strdup(d->arena, words[0]);

		for (n = 1; words[n] != NULL; n++)
			all = arena_printf(d->arena, "%s, %s", all, words[n]);
		errs_hint(d->errs, "it is one of: %s", all);
	}
	return -1;
}

static int
effect_decode(struct decode *d, const struct node *node,
    const struct field *f, void *dst)
{
	static const char *const words[] = { "reads", "changes", "destroys",
	    NULL };
	const struct field as_word = { f->key, &field_enum, 0, 0, words,
	    NULL };
	int word;

	if (enum_decode(d, node, &as_word, &word) != 0)
		return -1;
	*(enum effect *)dst = (enum effect)(word + EFFECT_READS);
	return 0;
}

static int
later_decode(struct decode *d, const struct node *node, const struct field *f,
    void *dst)
{
	(void)dst;
	errs_add(d->errs, node->mark, "'%s' is not built yet", f->key);
	return -1;
}

#define REF(name) "{\"$ref\": \"@" name "\"}"
#define TABLE_OF(ref) "{\"type\": \"object\", \"propertyNames\": " \
	REF("name") ", \"additionalProperties\": " REF(ref) "}"

const struct field_type
    field_text = { "text", text_decode, text_walk, REF("text") },
    field_expr = { "an expression", expr_decode, expr_walk,
	REF("expression") },
    field_plain = { "text", plain_decode, NULL, REF("plain") },
    field_node = { "a value", node_decode, NULL, NULL },
    field_table = { "a map, name: a map", node_decode, NULL,
	TABLE_OF("arg") },
    field_checks = { "a map, name: a condition", node_decode, NULL,
	TABLE_OF("named_check") },
    field_templates = { "a map, name: keys of a step", node_decode, NULL,
	TABLE_OF("template") },
    field_defaults = { "a map, keys of a step", node_decode, NULL,
	REF("defaults") },
    field_rows = { "a list of maps", node_decode, NULL,
	"{\"type\": \"array\", \"minItems\": 1, \"items\": " REF("arg")
	"}" },
    field_name = { "a name", name_decode, NULL, REF("name") },
    field_book_name = { "a name", book_name_decode, NULL,
	"{\"type\": [\"string\", \"integer\"], "
	"\"pattern\": \"^[a-z0-9][a-z0-9-]{0,63}$\"}" },
    field_bool = { "true or false", bool_decode, NULL,
	"{\"enum\": [true, false, \"true\", \"false\"]}" },
    field_int = { "a whole number", int_decode, NULL, REF("integer") },
    field_version = { "1", version_decode, NULL, "{\"enum\": [1, \"1\"]}" },
    field_duration = { "a duration", duration_decode, NULL,
	"{\"type\": \"string\", \"pattern\": "
	"\"^([0-9]+(w|d|h|m|s|ms))+$\"}" },
    field_size = { "a size", size_decode, NULL,
	"{\"type\": [\"string\", \"integer\"], \"pattern\": "
	"\"^[0-9]+([.][0-9]+)? ?([kMGT]?B|[KMGT]iB)?$\"}" },
    field_enum = { "a word", enum_decode, NULL, "{\"enum\": \"@arg\"}" },
    field_effect = { "reads, changes or destroys", effect_decode, NULL,
	"{\"enum\": [\"reads\", \"changes\", \"destroys\"]}" },
    field_later = { "nothing yet", later_decode, NULL, NULL };
