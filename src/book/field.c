#include "book/field.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "book/decode_private.h"

#define MANY 1000            /* entries of a table that is searched */

struct arena *
decode_arena(struct decode *d)
{
	return d->arena;
}

struct errs *
decode_errs(struct decode *d)
{
	return d->errs;
}

int
decode_result(const struct decode *d, size_t before)
{
	return d->errs->list.n == before ? 0 : -1;
}

int
decode_wants(struct decode *d, const struct node *node, const struct field *f)
{
	errs_add(d->errs, node->mark, "`%s` wants %s, not %s", f->key,
	    f->type->name, node_type_name(node));
	return -1;
}

/* Nobody reads hints by the hundred, and they cost most. */
#define HINTED 100

bool
hint_near(struct errs *errs, const char *word, const char *const *candidates,
    size_t n)
{
	const char *near = errs->list.n > HINTED ? NULL :
	    str_nearest(word, candidates, n);

	if (near != NULL)
		errs_hint(errs, "did you mean '%s'?", near);
	return near != NULL;
}

bool
hint_near_key(struct errs *errs, const char *word, const struct map *m)
{
	VEC(const char *) names = { 0 };
	bool found;
	size_t i;

	for (i = 0; i < map_count(m) && errs->list.n <= HINTED; i++)
		vec_push(&names, map_key(m, i));
	found = hint_near(errs, word, names.v, names.n);
	vec_free(&names);
	return found;
}

int
decode_few(struct decode *d, const struct node *node, const struct field *f)
{
	if (node->count <= MANY)
		return 0;
	errs_add(d->errs, node->mark, "`%s` has more than %d entries", f->key,
	    MANY);
	return -1;
}

/* ---- rows by key */

/* The keys are known beforehand, and few: no author can make this slow. */
static unsigned
slot_of(const char *key, size_t n)
{
	const unsigned char *k = (const unsigned char *)key;

	return n == 0 ? 0 : ((unsigned)n * 5 + k[0] * 7u + k[n / 2] * 3u +
	    k[n - 1]) % ROW_SLOTS;
}

/* What is put in later is found first: a kind that is there hides the row
 * that says "not built yet". */
static void
put_row(struct shape_rows *rows, const struct field *f,
    const struct kind_shape *kind)
{
	struct row row = { f, kind, kind == NULL ? f->key : kind->name, 0 };
	short *slot = &rows->first[slot_of(row.key, strlen(row.key))];

	row.next = *slot;
	vec_push(&rows->rows, row);
	*slot = (short)rows->rows.n;
}

static struct shape_rows *
make_rows(struct decode *d, const struct shape *shape)
{
	struct shape_rows rows = { .shape = shape };
	const struct field *f;
	size_t i;

	for (f = shape->fields; f->key != NULL; f++) {
		put_row(&rows, f, NULL);
		if (f->type == &field_kind)
			rows.kind = f;
		if (f->flags & FIELD_REQUIRED)
			vec_push(&rows.required, f);
	}
	for (i = 0; rows.kind != NULL && d->kinds->shapes[i] != NULL; i++)
		put_row(&rows, &d->kinds->shapes[i]->value,
		    d->kinds->shapes[i]);
	vec_push(&d->rows, rows);
	return &d->rows.v[d->rows.n - 1];
}

static struct shape_rows *
rows_of(struct decode *d, const struct shape *shape)
{
	size_t i;

	for (i = 0; i < d->rows.n; i++)
		if (d->rows.v[i].shape == shape)
			return &d->rows.v[i];
	return make_rows(d, shape);
}

void
decode_free_rows(struct decode *d)
{
	size_t i;

	for (i = 0; i < d->rows.n; i++) {
		vec_free(&d->rows.v[i].rows);
		vec_free(&d->rows.v[i].required);
	}
	vec_free(&d->rows);
}

struct row
decode_row(struct decode *d, const struct shape *shape, const char *key,
    size_t n)
{
	const struct shape_rows *rows = rows_of(d, shape);
	const struct row *row;
	short i;

	for (i = rows->first[slot_of(key, n)]; i != 0; i = row->next) {
		row = &rows->rows.v[i - 1];
		if (strncmp(row->key, key, n) == 0 && row->key[n] == '\0')
			return *row;
	}
	return (struct row){ NULL, NULL, NULL, 0 };
}

/* ---- keys that do not fit */

static const struct kind_shape *
kind_with_key(const struct decode *d, const char *key)
{
	const struct kind_shape *const *kind;
	const struct shape *shape;
	const struct field *f;

	for (kind = d->kinds->shapes; *kind != NULL; kind++) {
		if ((*kind)->value.type != &field_shape)
			continue;
		shape = (*kind)->value.arg;
		for (f = shape->fields; f->key != NULL; f++)
			if (strcmp(f->key, key) == 0)
				return *kind;
	}
	return NULL;
}

static void
hint_row(struct decode *d, const char *word, const struct shape_rows *rows)
{
	VEC(const char *) keys = { 0 };
	size_t i;

	for (i = 0; i < rows->rows.n; i++)
		vec_push(&keys, rows->rows.v[i].key);
	hint_near(d->errs, word, keys.v, keys.n);
	vec_free(&keys);
}

static int
unknown_key(struct decode *d, const struct shape *shape,
    const struct node *key)
{
	const struct kind_shape *kind = NULL;

	if (rows_of(d, shape)->kind != NULL && shape != &step_shape &&
	    decode_row(d, &step_shape, key->text, key->len).field != NULL) {
		errs_add(d->errs, key->mark, "`%s` cannot stand in %s",
		    key->text, shape->name);
		return -1;
	}
	errs_add(d->errs, key->mark, "unknown key '%s' in %s", key->text,
	    shape->name);
	if (rows_of(d, shape)->kind != NULL)
		kind = kind_with_key(d, key->text);
	if (kind != NULL)
		errs_hint(d->errs, "`%s` has such a key: write it inside",
		    kind->name);
	else
		hint_row(d, key->text, rows_of(d, shape));
	return -1;
}

static int
not_built(struct decode *d, const struct node *key)
{
	errs_add(d->errs, key->mark, "'%s' is not built yet", key->text);
	return -1;
}

static int
no_value(struct decode *d, const struct node_entry *e)
{
	errs_add(d->errs, e->value->mark, "`%s` has no value", e->key->text);
	errs_hint(d->errs, "leave the key out, or write '' for an empty text");
	return -1;
}

/* ---- decoding */

static int
kind_decode(struct decode *d, const struct shape *shape,
    const struct node_entry *e, const struct kind_shape *kind, void *out)
{
	const struct field *here = rows_of(d, shape)->kind;
	struct body *body = (struct body *)((char *)out + here->offset);

	if (body->kind != NULL) {
		errs_add(d->errs, e->key->mark, "%s does one thing: `%s` "
		    "stands in line %u already", shape->name, body->kind->name,
		    body->mark.line);
		return -1;
	}
	body->kind = kind;
	body->mark = e->key->mark;
	body->spec = arena_alloc(d->arena, kind->size);
	if (!d->kinds->allowed(kind, here->arg)) {
		errs_add(d->errs, e->key->mark, "`%s` cannot be %s%s",
		    kind->name, shape->name, shape == &look_shape ?
		    ": a look only reads" : "");
		return -1;
	}
	if (node_is_null(e->value) && e->value->len == 0)
		return no_value(d, e);
	return kind->value.type->decode(d, e->value, &kind->value,
	    (char *)body->spec + kind->value.offset);
}

static int
entry_decode(struct decode *d, const struct shape *shape,
    const struct node_entry *e, void *out)
{
	struct row row = decode_row(d, shape, e->key->text, e->key->len);
	const struct field *f = row.field;

	if (row.kind != NULL)
		return kind_decode(d, shape, e, row.kind, out);
	if (f == NULL)
		return unknown_key(d, shape, e->key);
	if (f->flags & FIELD_LATER || f->type == &field_later)
		return not_built(d, e->key);
	if (node_is_null(e->value) && e->value->len == 0 &&
	    !field_is_kept(f->type))
		return no_value(d, e);
	return f->type->decode(d, e->value, f, (char *)out + f->offset);
}

static void
check_required(struct decode *d, const struct shape *shape,
    const struct node *node)
{
	const struct shape_rows *rows = rows_of(d, shape);
	size_t i;

	if (d->partial)
		return;
	for (i = 0; i < rows->required.n; i++) {
		const char *key = rows->required.v[i]->key;

		if (node_get(node, key) == NULL)
			errs_add(d->errs, node->mark, "%s wants the key '%s'",
			    shape->name, key);
	}
}

int
shape_decode(struct decode *d, const struct shape *shape,
    const struct node *node, void *out)
{
	size_t before = d->errs->list.n, i;

	if (node->type != NODE_MAP) {
		errs_add(d->errs, node->mark, "%s is a map, not %s",
		    shape->name, node_type_name(node));
		return -1;
	}
	for (i = 0; i < node->count; i++)
		entry_decode(d, shape, &node->entries[i], out);
	check_required(d, shape, node);
	return decode_result(d, before);
}

/* ---- visiting */

int
kind_shape_walk(const struct kind_shape *kind, const void *spec,
    const struct visitor *v)
{
	const struct field *f = &kind->value;

	return f->type->walk == NULL ? 0 :
	    f->type->walk(f, (const char *)spec + f->offset, v);
}

int
shape_walk(const struct shape *shape, const void *src,
    const struct visitor *v)
{
	const struct field *f;
	int status = 0;

	for (f = shape->fields; f->key != NULL && status == 0; f++)
		if (!(f->flags & FIELD_LATER) && f->type->walk != NULL)
			status = f->type->walk(f, (const char *)src +
			    f->offset, v);
	return status;
}

static int
kind_key_decode(struct decode *d, const struct node *node,
    const struct field *f, void *dst)
{
	(void)f;
	(void)dst;
	errs_add(d->errs, node->mark, "a kind is a key of its own");
	errs_hint(d->errs, "write `run: …` instead of `kind: run`");
	return -1;
}

static int
body_walk(const struct field *f, const void *src, const struct visitor *v)
{
	const struct body *body = src;

	(void)f;
	return body->kind == NULL ? 0 :
	    kind_shape_walk(body->kind, body->spec, v);
}

const struct field_type field_kind = {
	"a kind", kind_key_decode, body_walk, NULL,
};
