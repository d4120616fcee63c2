#include "engine/scope.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mask.h"
#include "book/json.h"
#include "engine/each.h"
#include "engine/normal.h"
#include "engine/secret.h"
#include "engine/task.h"
#include "journal/journal.h"
#include "journal/rundir.h"

static int
member_of(const struct value *map, const char *root, const char *name,
    struct value *out, struct err *err)
{
	const struct value *v;

	if (map == NULL)
		return err_set(err, "'%s' means nothing here", root);
	if (map->type == VALUE_NULL) {
		*out = value_null();
		return 0;
	}
	if (name == NULL) {
		*out = *map;
		return 0;
	}
	v = value_member(*map, name, strlen(name));
	if (v == NULL)
		return err_set(err, "'%s' has no '%s'", root, name);
	*out = *v;
	return 0;
}

static int
step_get(const struct names *n, const char *id, struct value *out,
    struct err *err)
{
	const struct plan_step *s = plan_sibling(n->e->plan,
	    n->book_level ? NULL : n->at, id);
	const struct value *v;

	if (s == NULL)
		return err_set(err, "there is no step '%s' here", id);
	v = step_values(n->e, s, err);
	if (v == NULL)
		return err->set ? -1 :
		    err_set(err, "step '%s' has not ended yet", s->address);
	*out = *v;
	return 0;
}

static int
item_get(const struct names *n, const char *name, struct value *out,
    struct err *err)
{
	const struct value *item = n->item;

	if (item == NULL && n->at != NULL)
		item = n->at->undo_of != NULL ? n->at->undo_of->item :
		    n->at->item;
	if (item != NULL && name != NULL && item->type != VALUE_MAP &&
	    item->type != VALUE_NULL)
		return err_set(err, "`item` is %s: it has no '%s'",
		    value_type_name(item->type), name);
	if (member_of(item, "item", name, out, err) != 0)
		return -1;
	out->flags |= VALUE_FOREIGN;
	return 0;
}

static const struct value *
run_values(const struct names *n, struct arena *a)
{
	struct value_map m = { .arena = a };
	struct value *v = arena_alloc(a, sizeof *v);
	struct engine *e = n->e;
	struct value_list open = { .arena = a };

	value_map_put(&m, "id", 2, value_cstring(a, e->drive->dir->id));
	value_map_put(&m, "profile", 7, value_static("real"));
	value_map_put(&m, "only", 4, value_null());
	value_map_put(&m, "started", 7,
	    value_of(VALUE_TIME, fold_first_at(e->fold)));
	value_map_put(&m, "open", 4, value_list_done(&open));
	*v = value_map_done(&m);
	return v;
}

static int
names_get(void *ctx, const char *root, const char *name, struct arena *a,
    struct value *out, struct err *err)
{
	const struct names *n = ctx;

	if (strcmp(root, "params") == 0)
		return member_of(&n->e->params, root, name, out, err);
	if (strcmp(root, "vars") == 0)
		return member_of(&n->e->vars, root, name, out, err);
	if (strcmp(root, "self") == 0)
		return member_of(n->self, root, name, out, err);
	if (strcmp(root, "step") == 0)
		return member_of(n->step, root, name, out, err);
	if (strcmp(root, "item") == 0)
		return item_get(n, name, out, err);
	if (strcmp(root, "run") == 0)
		return member_of(run_values(n, a), root, name, out, err);
	if (strcmp(root, "inputs") == 0)
		return member_of(n->inputs != NULL ? n->inputs :
		    task_inputs(n->e, n->at), root, name, out, err);
	if (strcmp(root, "secrets") == 0 && name != NULL)
		return secret_get(n->e, name, a, out, err);
	if (strcmp(root, "steps") == 0 && name != NULL)
		return step_get(n, name, out, err);
	return err_set(err, "'%s%s%s' means nothing here", root,
	    name == NULL ? "" : ".", name == NULL ? "" : name);
}

void
names_init(struct names *n, struct engine *e, const struct plan_step *at)
{
	memset(n, 0, sizeof *n);
	n->e = e;
	n->at = at;
	n->scope.get = names_get;
	n->scope.ctx = n;
	n->scope.now = engine_now(e);
}

static void
put_json(struct value_map *m, const char *key, struct value v)
{
	v.flags |= VALUE_FOREIGN;
	value_map_put(m, key, strlen(key), v);
}

/* What the end record holds of a value that could not be kept is why. */
static struct value
value_kept(struct arena *a, const json_t *json)
{
	const char *why = json_string_value(json_object_get(json, "~unknown"));

	if (why != NULL)
		return value_unknown(arena_strdup(a, why));
	if (json_object_get(json, "~secret") != NULL)
		return value_unknown("it held a secret, which is never kept: "
		    "the step has to be run again");
	return value_from_record(a, json);
}

static void
put_members(struct value_map *m, const json_t *object, struct arena *a)
{
	const char *key;
	json_t *member;

	json_object_foreach((json_t *)object, key, member)
		put_json(m, key, value_kept(a, member));
}

/* Captures in which a secret was found live on in memory, for this driver. */
static void
put_secrets(struct value_map *m, struct value live)
{
	size_t i;

	for (i = 0; live.type == VALUE_MAP && i < live.u.map.n; i++) {
		const struct value_entry *c = &live.u.map.entries[i];
		const struct value *kept = value_member(value_map_done(m),
		    c->key, c->key_len);

		if (kept != NULL && kept->type == VALUE_UNKNOWN) {
			struct value v = value_copy(m->arena, c->value);

			v.flags |= VALUE_SECRET;
			value_map_put(m, c->key, c->key_len, v);
		}
	}
}

static void
put_text(struct value_map *m, const json_t *payload, const char *key)
{
	const json_t *v = json_object_get(payload, key);

	put_json(m, key, v == NULL ? value_null() :
	    value_from_record(m->arena, v));
}

/* out and err, as the log holds them, normalised. */
static void
put_output(struct engine *e, struct value_map *m, const json_t *payload,
    const char *key)
{
	struct buf file = BUF_INIT(64), raw = BUF_INIT(LIMIT_OUT_IN_EXPR);
	struct buf text = BUF_INIT(LIMIT_OUT_IN_EXPR);
	struct err err = ERR_INIT;
	const char *name;

	buf_addf(&file, "%s_file", key);
	name = json_string_value(json_object_get(payload, file.data));
	if (name != NULL && file_read_beneath(e->drive->dir->log_fd,
	    name + strlen("log/"), &raw, &err) != 0) {
		put_json(m, key, value_unknown("it is more than 1 MiB"));
	} else if (name != NULL) {
		normal_text(&text, raw.data, raw.len);
		put_json(m, key, value_string(m->arena, text.data, text.len));
	} else if (json_is_true(json_object_get(payload, "masked"))) {
		put_json(m, key, value_unknown("a secret in it was masked"));
	} else {
		put_text(m, payload, key);
	}
	err_free(&err);
	buf_free(&file);
	buf_free(&raw);
	buf_free(&text);
}

static void
put_times(struct value_map *m, const json_t *payload)
{
	nsec begin = json_integer_value(json_object_get(payload, "begin"));
	nsec end = json_integer_value(json_object_get(payload, "end"));

	put_json(m, "started", value_of(VALUE_TIME, begin));
	put_json(m, "ended", value_of(VALUE_TIME, end));
	put_json(m, "duration", value_of(VALUE_DURATION, end - begin));
	put_json(m, "attempt", value_int(json_integer_value(
	    json_object_get(payload, "attempt"))));
}

const struct value *
step_values_keep(struct engine *e, const struct plan_step *s,
    enum record_type type, const json_t *payload, const struct value *live)
{
	struct value_map m = { .arena = e->arena };
	struct value *v = arena_alloc(e->arena, sizeof *v);

	if (type == RECORD_STEP_SKIP && strcmp("skipped", json_string_value(
	    json_object_get(payload, "state"))) == 0) {
		*v = value_null();
		map_put(e->values, s->address, v);
		return v;
	}
	put_text(&m, payload, "state");
	put_output(e, &m, payload, "out");
	put_output(e, &m, payload, "err");
	put_text(&m, payload, "cwd");
	put_times(&m, payload);
	put_members(&m, json_object_get(payload, "results"), e->arena);
	put_members(&m, json_object_get(payload, "captures"), e->arena);
	if (s->each) {
		struct value items = each_values(e, s, e->arena);

		value_map_put(&m, "items", 5, items);
	}
	if (live != NULL)
		put_secrets(&m, *live);
	*v = value_map_done(&m);
	map_put(e->values, s->address, v);
	return v;
}

void
step_values_forget(struct engine *e, const struct plan_step *s)
{
	map_put(e->values, s->address, NULL);
}

const struct value *
step_values(struct engine *e, const struct plan_step *s, struct err *err)
{
	const struct value *kept = map_get(e->values, s->address);
	const struct fold_step *f;
	json_t *payload;
	const char *type;

	if (kept != NULL)
		return kept;
	f = fold_find(e->fold, s->address);
	if (f == NULL || f->end == 0 || !step_state_ended(f->state))
		return NULL;
	payload = journal_payload(e->journal, f->end - 1, err);
	if (payload == NULL)
		return NULL;
	type = json_string_value(json_object_get(payload, "type"));
	kept = step_values_keep(e, s, strcmp(type, "step.skip") == 0 ?
	    RECORD_STEP_SKIP : RECORD_STEP_END, payload, NULL);
	json_decref(payload);
	return kept;
}
