#include "book/schema.h"

#include <string.h>

#include "base/buf.h"
#include "book/decode_private.h"

/* In the schema of a field type, {"$ref": "@name"} means a row of this table,
 * and "@arg" what the field has as its argument: a shape, or in an "enum" its
 * words. */
enum word_flags {
	LAYER = 1,           /* a step's keys that lie under others */
	NO_WORK = 2,         /* without what is done */
};

static const struct known {
	const char *name;
	const struct shape *shape, *also;    /* or: */
	const char *json;
	unsigned flags;
	const char *more;                    /* of the shape, beyond its rows */
} known[] = {
	{ .name = "text",
	  .json = "{\"type\": [\"string\", \"number\", \"boolean\"]}" },
	{ .name = "value",
	  .json = "{\"type\": [\"string\", \"number\", \"boolean\", "
	  "\"null\"]}" },
	{ .name = "plain",
	  .json = "{\"type\": [\"string\", \"number\", \"boolean\"], "
	  "\"not\": {\"pattern\": \"\\\\$\\\\{\\\\{\"}}" },
	{ .name = "word",
	  .json = "{\"type\": [\"string\", \"number\", \"boolean\"], "
	  "\"minLength\": 1, "
	  "\"not\": {\"pattern\": \"\\\\$\\\\{\\\\{\"}}" },
	{ .name = "expression",
	  .json = "{\"type\": [\"string\", \"number\", \"boolean\", "
	  "\"null\"], \"not\": {\"pattern\": \"^\\\\$\\\\{\\\\{\"}, "
	  "\"minLength\": 1}" },
	{ .name = "pattern",
	  .json = "{\"type\": [\"string\", \"number\", \"boolean\"], "
	  "\"minLength\": 1}" },
	{ .name = "name",
	  .json = "{\"type\": \"string\", "
	  "\"pattern\": \"^[a-z][a-z0-9_]{0,63}$\"}" },
	{ .name = "integer",
	  .json = "{\"type\": [\"integer\", \"string\"], "
	  "\"pattern\": \"^-?(0|[1-9][0-9]*)$\"}" },
	{ .name = "status",
	  .json = "{\"type\": [\"integer\", \"string\"], \"minimum\": 0, "
	  "\"maximum\": 255, \"pattern\": \"^(0|[1-9][0-9]{0,2})$\"}" },
	{ .name = "condition",
	  .json = "{\"anyOf\": [{\"$ref\": \"@expression\"}, "
	  "{\"$ref\": \"@look\"}]}" },
	{ .name = "captured",
	  .json = "{\"anyOf\": [{\"$ref\": \"@expression\"}, "
	  "{\"$ref\": \"@capture\"}]}" },
	{ .name = "named_check",
	  .json = "{\"anyOf\": [{\"$ref\": \"@expression\"}, "
	  "{\"$ref\": \"@check\"}]}" },
	{ .name = "runbook", .shape = &book_shape,
	  .more = "{\"oneOf\": [{\"required\": [\"steps\"]}, "
	  "{\"required\": [\"phases\"]}]}" },
	{ .name = "phase", .shape = &phase_shape,
	  .more = "{\"oneOf\": [{\"required\": [\"steps\"]}, "
	  "{\"required\": [\"include\"]}]}" },
	{ .name = "step_file", .shape = &file_shape },
	{ .name = "step", .shape = &step_shape },
	{ .name = "template", .shape = &step_shape, .flags = LAYER },
	{ .name = "defaults", .shape = &step_shape, .flags = LAYER | NO_WORK },
	{ .name = "undo", .shape = &undo_shape },
	{ .name = "look", .shape = &look_shape },
	{ .name = "check", .shape = &check_shape, .also = &look_shape },
	{ .name = "declaration", .shape = &declaration_shape },
	{ .name = "capture", .shape = &capture_shape },
	{ .name = "host", .shape = &host_shape },
	{ .name = "environment", .shape = &environment_shape },
	{ .name = "secret", .shape = &secret_shape },
};
#define KNOWN (sizeof known / sizeof *known)

struct maker {
	const struct book_kinds *kinds;
	json_t *defs;
};

static json_t *make_known(struct maker *m, const struct known *w);

/* ---- references */

static const struct known *
known_shape(const struct shape *shape)
{
	size_t i;

	for (i = 0; i < KNOWN; i++)
		if (known[i].shape == shape && known[i].flags == 0)
			return &known[i];
	return NULL;
}

/* "a row of `trouble`" becomes row_of_trouble. */
static void
name_of_shape(const struct shape *shape, struct buf *out)
{
	const char *s = shape->name;

	s += strncmp(s, "a ", 2) == 0 ? 2 : strncmp(s, "an ", 3) == 0 ? 3 : 0;
	for (; *s != '\0'; s++)
		if (*s != '`')
			buf_addc(out, *s == ' ' ? '_' : *s);
}

static json_t *
reference(struct maker *m, const struct known *w)
{
	if (json_object_get(m->defs, w->name) == NULL) {
		/* there already, for shapes that hold each other */
		json_object_set_new(m->defs, w->name, json_null());
		json_object_set_new(m->defs, w->name, make_known(m, w));
	}
	return json_sprintf("#/$defs/%s", w->name);
}

static json_t *
reference_to_shape(struct maker *m, const struct shape *shape)
{
	const struct known *k = known_shape(shape);
	struct buf name = BUF_INIT(256);
	struct known w = { .shape = shape };
	json_t *result;

	if (k != NULL)
		return reference(m, k);
	name_of_shape(shape, &name);
	w.name = name.data;
	result = reference(m, &w);
	buf_free(&name);
	return result;
}

static json_t *
reference_to_name(struct maker *m, const char *name)
{
	size_t i;

	for (i = 0; i < KNOWN; i++)
		if (strcmp(known[i].name, name) == 0)
			return reference(m, &known[i]);
	return json_sprintf("#/$defs/%s", name);
}

static json_t *
enum_words(const struct field *f)
{
	const char *const *word;
	json_t *list = json_array();

	for (word = f->arg; word != NULL && *word != NULL; word++)
		json_array_append_new(list, json_string(*word));
	return list;
}

static void
resolve(struct maker *m, json_t *j, const struct field *f)
{
	const char *key, *s;
	json_t *value;
	size_t i;

	json_array_foreach(j, i, value)
		resolve(m, value, f);
	json_object_foreach(j, key, value) {
		s = json_string_value(value);
		if (s == NULL || s[0] != '@')
			resolve(m, value, f);
		else if (strcmp(s, "@arg") != 0)
			json_object_set_new(j, key,
			    reference_to_name(m, s + 1));
		else if (strcmp(key, "enum") == 0)
			json_object_set_new(j, key, enum_words(f));
		else
			json_object_set_new(j, key,
			    reference_to_shape(m, f->arg));
	}
}

/* `text` was written in a table; NULL means that anything goes. */
static json_t *
parse(struct maker *m, const char *text, const struct field *f)
{
	json_t *j = text == NULL ? NULL : json_loads(text, 0, NULL);

	if (j == NULL)
		return json_object();
	resolve(m, j, f);
	return j;
}

/* ---- shapes */

static json_t *
property(struct maker *m, const struct field *f, const char *help)
{
	json_t *j = json_object();

	if (help != NULL)
		json_object_set_new(j, "description", json_string(help));
	json_object_update_new(j, parse(m, f->type->schema, f));
	return j;
}

/* "One of these keys, or none": for what a step does. */
static void
only_one(json_t *schema, const json_t *keys)
{
	json_t *branches = json_array(), *each = json_array();
	size_t i;

	for (i = 0; i < json_array_size(keys); i++)
		json_array_append_new(each, json_pack("{s:[O]}", "required",
		    json_array_get(keys, i)));
	json_array_append_new(branches, json_pack("{s:{s:O}}", "not", "anyOf",
	    each));
	json_array_extend(branches, each);
	json_object_set_new(schema, "oneOf", branches);
	json_decref(each);
}

static void
add_kinds(struct maker *m, const struct field *here, json_t *props,
    json_t *work)
{
	const struct kind_shape *const *kind;

	for (kind = m->kinds->shapes; *kind != NULL; kind++) {
		if (!m->kinds->allowed(*kind, here->arg))
			continue;
		json_object_set_new(props, (*kind)->name, property(m,
		    &(*kind)->value, (*kind)->help));
		json_array_append_new(work, json_string((*kind)->name));
	}
}

/* Defaults are for all steps: they neither do something nor name a
 * template. */
static bool
left_out(const struct field *f, unsigned flags)
{
	if (f->flags & FIELD_LATER || f->type == &field_later)
		return true;
	if (flags & LAYER && f->flags & FIELD_OWN)
		return true;
	return flags & NO_WORK && (f->type == &field_kind ||
	    strcmp(f->key, "include") == 0 || strcmp(f->key, "template") == 0);
}

static void
add_rows(struct maker *m, const struct shape *shape, unsigned flags,
    json_t *schema)
{
	json_t *props = json_object_get(schema, "properties");
	json_t *required = json_array(), *work = json_array();
	const struct field *f, *kind = NULL;

	for (f = shape->fields; f->key != NULL; f++) {
		if (left_out(f, flags))
			continue;
		if (f->type == &field_kind) {
			kind = f;
			continue;
		}
		json_object_set_new(props, f->key, property(m, f, f->help));
		if (f->flags & FIELD_REQUIRED && !(flags & LAYER))
			json_array_append_new(required, json_string(f->key));
		if (strcmp(f->key, "include") == 0)
			json_array_append_new(work, json_string(f->key));
	}
	if (kind != NULL) {
		add_kinds(m, kind, props, work);
		only_one(schema, work);
	}
	if (json_array_size(required) > 0)
		json_object_set(schema, "required", required);
	json_decref(required);
	json_decref(work);
}

static json_t *
make_known(struct maker *m, const struct known *w)
{
	json_t *j;

	if (w->shape == NULL)
		return parse(m, w->json, NULL);
	j = json_pack("{s:s, s:s, s:{}}", "description", w->shape->help,
	    "type", "object", "properties");
	add_rows(m, w->shape, w->flags, j);
	if (w->also != NULL)
		add_rows(m, w->also, w->flags, j);
	json_object_set_new(j, "additionalProperties", json_false());
	if (w->more != NULL)
		json_object_update_new(j, parse(m, w->more, NULL));
	return j;
}

json_t *
book_schema(const struct book_kinds *kinds)
{
	struct maker m = { kinds, json_object() };
	json_t *root = json_pack("{s:s, s:s, s:s}", "$schema",
	    "https://json-schema.org/draft/2020-12/schema",
	    "title", "A runbook of cairn", "description",
	    "Made by `cairn schema` from the tables that read runbooks. It "
	    "knows the shape; `cairn lint` knows the rest. Text that YAML "
	    "reads as null or as a date has to be quoted.");

	json_object_set_new(root, "$ref", reference_to_shape(&m,
	    &book_shape));
	json_decref(reference_to_shape(&m, &file_shape));
	json_object_set_new(root, "$defs", m.defs);
	return root;
}

/* ---- the manual */

const struct shape *
book_shape_at(size_t i)
{
	static const struct shape *const order[] = {
		&book_shape, &phase_shape, &file_shape, &step_shape,
		&undo_shape, &look_shape, &check_shape, &capture_shape,
		&declaration_shape, &secret_shape, &environment_shape,
		&host_shape,
	};

	return i < sizeof order / sizeof *order ? order[i] : NULL;
}
