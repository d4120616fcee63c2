/* The schema says what the rows say, and nothing in it leads nowhere. */
#include "base_test.h"

#include <string.h>

#include "book/decode_private.h"
#include "book/schema.h"
#include "kind/kind.h"

static json_t *schema;

static const json_t *
def(const char *name)
{
	return json_object_get(json_object_get(schema, "$defs"), name);
}

static void
check_ref(const char *ref)
{
	const char *head = "#/$defs/";

	if (strncmp(ref, head, strlen(head)) != 0 ||
	    !json_is_object(def(ref + strlen(head))))
		fail_msg("'%s' leads nowhere", ref);
}

static void
check_refs(const json_t *j)
{
	const char *key;
	json_t *value;
	size_t i;

	json_array_foreach(j, i, value)
		check_refs(value);
	json_object_foreach((json_t *)j, key, value) {
		if (strcmp(key, "$ref") == 0)
			check_ref(json_string_value(value));
		else
			check_refs(value);
	}
}

static void
test_refs_lead_somewhere(void **state)
{
	(void)state;
	check_refs(schema);
	assert_true(json_object_size(json_object_get(schema, "$defs")) > 20);
}

/* ---- rows */

/* A type without a schema lets everything pass: only a value may. */
static void
check_type(const struct field *f)
{
	json_t *j;

	if (f->flags & FIELD_LATER || f->type == &field_node ||
	    f->type == &field_kind)
		return;
	if (f->type->schema == NULL)
		fail_msg("`%s`: the type '%s' has no schema", f->key,
		    f->type->name);
	j = json_loads(f->type->schema, 0, NULL);
	if (j == NULL)
		fail_msg("`%s`: no JSON: %s", f->key, f->type->schema);
	json_decref(j);
	if (f->help == NULL || f->help[0] == '\0')
		fail_msg("`%s` has no help", f->key);
}

static bool
is_kind(const char *key)
{
	size_t i;

	for (i = 0; kinds[i] != NULL; i++)
		if (strcmp(kinds[i]->shape.name, key) == 0)
			return true;
	return false;
}

static const json_t *
def_of(const struct shape *shape)
{
	const char *key;
	json_t *value;

	json_object_foreach(json_object_get(schema, "$defs"), key, value) {
		const char *help = json_string_value(json_object_get(value,
		    "description"));

		if (help != NULL && strcmp(help, shape->help) == 0 &&
		    strcmp(key, "template") != 0 &&
		    strcmp(key, "defaults") != 0)
			return value;
	}
	fail_msg("%s is not in the schema", shape->name);
	return NULL;
}

static void
rows_agree(const struct shape *shape)
{
	const json_t *props = json_object_get(def_of(shape), "properties");
	const struct field *f;

	for (f = shape->fields; f->key != NULL; f++) {
		bool there = json_object_get(props, f->key) != NULL;
		bool later = f->flags & FIELD_LATER;

		check_type(f);
		if (f->type == &field_kind || (later && is_kind(f->key)))
			continue;
		if (there == later)
			fail_msg("`%s` of %s: %s", f->key, shape->name,
			    later ? "not built, but in the schema" :
			    "not in the schema");
	}
}

static void
test_rows(void **state)
{
	const struct field *f;
	size_t i;

	(void)state;
	for (i = 0; book_shape_at(i) != NULL; i++) {
		rows_agree(book_shape_at(i));
		for (f = book_shape_at(i)->fields; f->key != NULL; f++)
			if (f->type == &field_shape ||
			    f->type == &field_shape_list)
				rows_agree(f->arg);
	}
	assert_true(i >= 12);
	for (i = 0; kinds[i] != NULL; i++) {
		check_type(&kinds[i]->shape.value);
		if (kinds[i]->shape.value.type == &field_shape)
			rows_agree(kinds[i]->shape.value.arg);
	}
}

/* ---- what only a few places may have */

static const json_t *
prop(const char *of, const char *key)
{
	return json_object_get(json_object_get(def(of), "properties"), key);
}

static void
test_places(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; kinds[i] != NULL; i++) {
		const struct kind *k = kinds[i];

		assert_non_null(prop("step", k->shape.name));
		assert_non_null(prop("template", k->shape.name));
		assert_null(prop("defaults", k->shape.name));
		assert_int_equal(prop("look", k->shape.name) != NULL,
		    k->in_look);
		assert_int_equal(prop("undo", k->shape.name) != NULL,
		    k->in_undo);
	}
	assert_non_null(prop("check", "inputs"));
	assert_non_null(prop("check", "holds"));
	assert_null(prop("look", "inputs"));
	assert_null(prop("template", "id"));
	assert_null(prop("defaults", "include"));
	assert_non_null(prop("defaults", "done_when"));
	assert_null(json_object_get(def("template"), "required"));
	assert_int_equal(2, json_array_size(json_object_get(def("step"),
	    "required")));
}

static int
setup(void **state)
{
	(void)state;
	schema = book_schema(kinds_for_book());
	return schema == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	json_decref(schema);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refs_lead_somewhere),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
