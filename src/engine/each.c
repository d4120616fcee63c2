#include "engine/each.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mask.h"
#include "book/json.h"
#include "journal/journal.h"

#define MAX_KEY 200          /* bytes: it stands in addresses */
#define MAX_ITEMS 10000
#define MAX_BYTES (4 * MIB)  /* of all items as they are recorded */

/* ---- the list */

static int
check_key(const struct value *key, size_t number, struct err *err)
{
	if (key->type != VALUE_STRING) {
		err_set(err, "the key of item %zu is %s, not a string",
		    number, value_type_name(key->type));
		return err_hint(err, "`key` says what an item is called, such "
		    "as key: item.name or key: string(item)");
	}
	if (key->u.string.n > MAX_KEY)
		return err_set(err, "the key of item %zu is longer than %d "
		    "bytes", number, MAX_KEY);
	if (!utf8_valid(key->u.string.p, key->u.string.n))
		return err_set(err, "the key of item %zu is no text", number);
	return 0;
}

static int
key_of(struct task *t, const struct value *item, size_t number,
    struct value *key, struct err *err)
{
	const struct expr *e = t->step->each.key;

	*key = *item;
	t->names.item = item;
	if (e != NULL && expr_eval(e, &t->names.scope, t->arena, key, err) != 0)
		return -1;
	return check_key(key, number, err);
}

/* Each key once: it is what an item is known by, also after a crash. */
static int
check_new(struct task *t, struct map *seen, const struct value *key,
    size_t number, struct err *err)
{
	struct buf address = BUF_INIT(LIMIT_RECORD);
	int result = 0;

	plan_item_address(t->plan->address, key->u.string.p, key->u.string.n,
	    &address);
	if (map_get(seen, address.data) != NULL)
		result = err_set(err, "two items have one key: %s, item %zu",
		    address.data, number);
	else
		map_put(seen, address.data, t);
	buf_free(&address);
	return result;
}

static int
get_list(struct task *t, struct value *list, struct err *err)
{
	const struct expr *in = t->step->each.in;

	task_names(t);
	if (expr_eval(in, &t->names.scope, t->arena, list, err) != 0)
		return -1;
	if (value_is_unknown(*list))
		err_set(err, "the items cannot be told");
	else if (value_is_secret(*list))
		err_set(err, "an item is a secret: items are kept in the "
		    "journal, a secret never is");
	else if (list->type != VALUE_LIST)
		err_set(err, "the items are %s, not a list",
		    value_type_name(list->type));
	else if (list->u.list.n > MAX_ITEMS)
		err_set(err, "there are %zu items, more than %d",
		    list->u.list.n, MAX_ITEMS);
	if (!err->set)
		return 0;
	err_place(err, expr_mark(in));
	return -1;
}

static int
add_items(struct task *t, struct value list, json_t *out, struct err *err)
{
	struct map *seen = map_new();
	struct value key;
	size_t i;

	for (i = 0; i < list.u.list.n; i++) {
		const struct value *item = &list.u.list.items[i];

		if (key_of(t, item, i + 1, &key, err) != 0 ||
		    check_new(t, seen, &key, i + 1, err) != 0)
			break;
		json_array_append_new(out, json_pack("{s:o, s:o}", "key",
		    json_stringn_nocheck(key.u.string.p, key.u.string.n),
		    "item", value_to_record(*item)));
	}
	map_free(seen);
	if (!err->set)
		return 0;
	err_place(err, expr_mark(t->step->each.key != NULL ?
	    t->step->each.key : t->step->each.in));
	return -1;
}

/* What is recorded has to be what is used: nothing in it may be masked. */
static int
check_recorded(struct task *t, const json_t *items, struct err *err)
{
	char *text = json_dumps(items, JSON_COMPACT);
	const char *name = "";
	int result = 0;

	if (strlen(text) > MAX_BYTES)
		result = err_at(err, expr_mark(t->step->each.in), "the items "
		    "are more than 4 MiB");
	else if (mask_finds(t->e->mask, text, strlen(text), &name))
		result = err_at(err, expr_mark(t->step->each.in), "an item "
		    "holds the secret '%s': items are kept in the journal, a "
		    "secret never is", name);
	free(text);
	return result;
}

json_t *
each_items(struct task *t)
{
	struct err err = ERR_INIT;
	json_t *list = json_array(), *items;
	struct value v;

	items = json_pack("{s:o}", "items", list);
	if (get_list(t, &v, &err) == 0 && add_items(t, v, list, &err) == 0 &&
	    check_recorded(t, items, &err) == 0)
		return items;
	json_decref(items);
	task_fail(t, &err, true);
	return NULL;
}

/* A step that is done anew may have other items under the same addresses. */
static void
forget_items(struct engine *e, const struct plan_step *s)
{
	struct task *task;
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct plan_step *child = s->children[i];

		task = map_get(e->tasks, child->address);
		if (task != NULL)
			task_drop(task);
		step_values_forget(e, child);
		forget_items(e, child);
	}
}

void
each_record(struct task *t, json_t *items)
{
	struct err err = ERR_INIT;

	forget_items(t->e, t->plan);
	t->child = 0;
	if (plan_take_items(t->e->plan, t->plan->address, items, &err) != 0)
		BUG("items of its own: %s", err.text);
	engine_record(t->e, RECORD_ITEMS, t->plan->address, items);
}

/* ---- going through it */

static enum step_state
state_of(struct engine *e, const struct plan_step *s)
{
	const struct task *t = map_get(e->tasks, s->address);
	const struct fold_step *f = fold_find(e->fold, s->address);

	return t != NULL ? t->state : f != NULL ? f->state : STEP_PENDING;
}

static bool
is_good(enum step_state s)
{
	return s == STEP_DONE || s == STEP_SKIPPED || s == STEP_UNDONE;
}

/* Has an item failed that is not being tried again? Something inside it is
 * seen when it is advanced. */
static bool
any_failed(struct task *t)
{
	size_t i;

	for (i = t->child; i < t->plan->n; i++) {
		const char *address = t->plan->children[i]->address;
		enum step_state s;

		/* they begin in order: nothing behind this one has */
		if (fold_find(t->e->fold, address) == NULL &&
		    map_get(t->e->tasks, address) == NULL)
			return false;
		s = state_of(t->e, t->plan->children[i]);
		if (s == STEP_FAILED || s == STEP_UNKNOWN || s == STEP_STOPPED)
			return true;
	}
	return false;
}

/* Items that are done are not looked at again. */
static void
leave_behind(struct task *t)
{
	struct task *child;

	while (t->child < t->plan->n && is_good(state_of(t->e,
	    t->plan->children[t->child]))) {
		const char *address = t->plan->children[t->child]->address;

		child = map_get(t->e->tasks, address);
		if (child != NULL && child->phase != TASK_OVER)
			break;
		t->child++;
	}
}

/* True: an item is at work or waits. */
static bool
advance_items(struct task *t)
{
	bool stop = t->step->each.on_failure == EACH_STOP;
	bool failed = stop && any_failed(t);
	int64_t busy = 0;
	size_t i;

	for (i = t->child; i < t->plan->n && busy < t->step->each.parallel;
	    i++) {
		const struct plan_step *s = t->plan->children[i];
		struct task *item;

		if (failed && state_of(t->e, s) == STEP_PENDING &&
		    map_get(t->e->tasks, s->address) == NULL)
			continue;
		item = task_of(t->e, s);
		if (failed && item->phase == TASK_NEW &&
		    item->state == STEP_PENDING)
			continue;
		switch (task_advance(item)) {
		case PROGRESS_BUSY:
			busy++;
			break;
		case PROGRESS_BAD:
			if (t->bad == NULL)
				t->bad = item;
			failed = stop;
			break;
		default:
			break;
		}
	}
	return busy > 0;
}

static bool
begin_again(struct task *t)
{
	json_t *items = each_items(t);

	if (items != NULL)
		each_record(t, items);
	return items != NULL;
}

bool
each_phase(struct task *t)
{
	bool busy;

	/* the end of the journal was torn between start and items */
	if (!t->plan->known && !begin_again(t))
		return true;
	t->bad = NULL;
	busy = advance_items(t);
	leave_behind(t);
	if (busy || t->e->over)
		t->bad = NULL;
	if (t->child < t->plan->n)
		return false;
	return task_end(t, STEP_DONE, arena_printf(t->arena, "%zu item%s",
	    t->plan->n, t->plan->n == 1 ? "" : "s"));
}

/* ---- steps.X.items */

static void
put_null(struct value_map *m, const char *name)
{
	value_map_put(m, name, strlen(name), value_null());
}

static struct value
one_item(struct engine *e, const struct plan_step *s, struct arena *a)
{
	struct value_map m = { .arena = a };
	struct err err = ERR_INIT;
	const struct value *v = step_values(e, s, &err);
	const struct step_file *file = s->step->include;
	size_t i;

	/* what was skipped has all its values, and they are null */
	for (i = 0; i < s->step->capture.n; i++)
		put_null(&m, s->step->capture.v[i].name);
	for (i = 0; file != NULL && i < file->outputs.n; i++)
		put_null(&m, file->outputs.v[i].name);
	value_map_put(&m, "state", 5, value_static(step_state_name(
	    state_of(e, s))));
	for (i = 0; v != NULL && v->type == VALUE_MAP && i < v->u.map.n; i++)
		value_map_put(&m, v->u.map.entries[i].key,
		    v->u.map.entries[i].key_len, v->u.map.entries[i].value);
	value_map_put(&m, "key", 3, value_string(a, s->key, s->key_len));
	err_free(&err);
	return value_map_done(&m);
}

struct value
each_values(struct engine *e, const struct plan_step *s, struct arena *a)
{
	struct value_list list = { .arena = a };
	size_t i;

	for (i = 0; i < s->n; i++) {
		struct value v = one_item(e, s->children[i], a);

		v.flags |= VALUE_FOREIGN;
		value_list_add(&list, v);
	}
	return value_list_done(&list);
}
