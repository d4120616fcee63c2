#include "book_help.h"

#include "base/buf.h"
#include "plan/plan.h"

static json_t *keys(const char *const *list, size_t n)
{
	json_t *items = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_array_append_new(items, json_pack("{s:s, s:i}", "key",
		    list[i], "item", (int)i));
	return json_pack("{s:o}", "items", items);
}

static void take(struct plan *p, const char *address,
    const char *const *list, size_t n)
{
	struct err err = ERR_INIT;
	json_t *payload = keys(list, n);

	assert_int_equal(plan_take_items(p, address, payload, &err), 0);
	json_decref(payload);
}

static void assert_steps(const struct plan *p, const char *const *wanted)
{
	struct plan_step *const *steps;
	size_t n = plan_steps(p, &steps), i;

	for (i = 0; i < n; i++) {
		assert_non_null(wanted[i]);
		assert_string_equal(steps[i]->address, wanted[i]);
		assert_int_equal(steps[i]->order, i);
		assert_ptr_equal(plan_find(p, wanted[i]), steps[i]);
	}
	assert_null(wanted[n]);
}

static const char book[] =
    "steps:\n"
    "  - {id: a, title: A, for_each: {in: '[]'}, include: f.yaml, "
    "undo: {run: 'true'}}\n"
    "  - {id: z, title: Z, run: 'true', effect: reads}\n";
static const char file[] =
    "steps:\n"
    "  - {id: b, title: B, for_each: {in: '[]'}, run: 'true', "
    "effect: reads}\n"
    "  - {id: c, title: C, run: 'true', effect: reads}\n";

/* Items stand where their step stands, whenever they come. */
static void order(void **state)
{
	static const char *const none[] = { "a", "z", NULL };
	static const char *const two[] = { "a", "a[x]", "a[x].b", "a[x].c",
	    "a[y]", "a[y].b", "a[y].c", "z", NULL };
	static const char *const inside[] = { "a", "a[x]", "a[x].b",
	    "a[x].b[k]", "a[x].c", "a[y]", "a[y].b", "a[y].b[k]", "a[y].c",
	    "z", NULL };
	static const char *const others[] = { "a", "a[y]", "a[y].b", "a[y].c",
	    "z", NULL };
	static const char *const xy[] = { "x", "y" }, *const k[] = { "k" };
	struct plan_step *item;
	struct plan *p;
	struct made m;

	(void)state;
	make_book(&m, book, file);
	p = plan_new(m.book);
	assert_steps(p, none);
	take(p, "a", xy, 2);
	assert_steps(p, two);
	take(p, "a[y].b", k, 1);
	take(p, "a[x].b", k, 1);
	assert_steps(p, inside);
	item = plan_find(p, "a[y]");
	assert_int_equal(item->item->u.integer, 1);
	assert_ptr_equal(plan_find(p, "a[y]!undo")->undo_of, item);
	assert_null(plan_find(p, "a!undo"));
	/* done anew with other items: the old ones are gone */
	take(p, "a", xy + 1, 1);
	assert_steps(p, others);
	assert_null(plan_find(p, "a[x]"));
	assert_null(plan_find(p, "a[x]!undo"));
	assert_null(plan_find(p, "a[y].b[k]"));
	take(p, "a", NULL, 0);
	assert_steps(p, none);
	plan_free(p);
	free_book(&m);
}

static void addresses(void **state)
{
	static const struct { const char *key; size_t n; const char *wanted; }
	rows[] = {
		{ "forms", 5, "a[forms]" }, { "a.b-1/c", 7, "a[a.b-1/c]" },
		{ "", 0, "a[\"\"]" }, { "a b", 3, "a[\"a b\"]" },
		{ "-rf", 3, "a[\"-rf\"]" }, { ".", 1, "a[\".\"]" },
		{ "]", 1, "a[\"]\"]" }, { "\"", 1, "a[\"\\\"\"]" },
		{ "x!undo", 6, "a[\"x!undo\"]" },
		{ "a\nb", 3, "a[\"a\\nb\"]" }, { "\x7f", 1, "a[\"\\u007f\"]" },
		{ "a\0b", 3, "a[\"a\\u0000b\"]" },
		{ "\xc3\xbc", 2, "a[\"\\u00FC\"]" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf b = BUF_INIT(1000);

		plan_item_address("a", rows[i].key, rows[i].n, &b);
		assert_string_equal(b.data, rows[i].wanted);
		buf_free(&b);
	}
}

/* A record of another book, or none: refused, and the plan is as it was. */
static void refused(void **state)
{
	static const char *const rows[] = { "{}", "{\"items\": {}}",
	    "{\"items\": [{\"item\": 1}]}",
	    "{\"items\": [{\"key\": 1, \"item\": 1}]}",
	    "{\"items\": [{\"key\": \"a\"}]}", "{\"items\": [1]}" };
	static const char *const none[] = { "a", "z", NULL };
	static const char *const addresses[] = { "z", "b", "a[x]", "" };
	struct plan *p;
	struct made m;
	size_t i;

	(void)state;
	make_book(&m, book, file);
	p = plan_new(m.book);
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		json_t *payload = json_loads(rows[i], 0, NULL);
		struct err err = ERR_INIT;

		assert_int_equal(plan_take_items(p, "a", payload, &err), -1);
		assert_true(err.set);
		err_free(&err);
		json_decref(payload);
	}
	for (i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		json_t *payload = keys(NULL, 0);
		struct err err = ERR_INIT;

		assert_int_equal(plan_take_items(p, addresses[i], payload,
		    &err), -1);
		err_free(&err);
		json_decref(payload);
	}
	assert_steps(p, none);
	plan_free(p);
	free_book(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order),
		cmocka_unit_test(addresses),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
