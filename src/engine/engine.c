#include "engine/engine.h"

#include <stdarg.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/mask.h"
#include "engine/scope.h"
#include "engine/task.h"
#include "journal/journal.h"

nsec
engine_now(const struct engine *e)
{
	return clock_wall(e->clock);
}

void
engine_wake(struct engine *e, nsec mono)
{
	if (e->wake == 0 || mono < e->wake)
		e->wake = mono;
}

void
engine_due(struct engine *e, void (*act)(struct engine *, void *), void *arg)
{
	struct due d = { act, arg };

	vec_push(&e->due, d);
}

/* ---- records */

static json_t *
masked_string(const struct engine *e, const json_t *json)
{
	struct buf out = BUF_INIT((size_t)-1);
	json_t *masked = NULL;

	if (mask_text(e->mask, &out, json_string_value(json),
	    json_string_length(json)))
		masked = json_stringn_nocheck(out.data, out.len);
	buf_free(&out);
	return masked;
}

/* Replaces strings in place; a new reference when `json` itself is one. */
static json_t *
mask_json(const struct engine *e, json_t *json)
{
	const char *key;
	json_t *member, *masked;
	size_t i;

	if (json_is_string(json))
		return masked_string(e, json);
	if (json_is_object(json))
		json_object_foreach(json, key, member)
			if ((masked = mask_json(e, member)) != NULL)
				json_object_set_new(json, key, masked);
	if (json_is_array(json))
		for (i = 0; i < json_array_size(json); i++) {
			masked = mask_json(e, json_array_get(json, i));
			if (masked != NULL)
				json_array_set_new(json, i, masked);
		}
	return NULL;
}

json_t *
engine_masked(const struct engine *e, json_t *json)
{
	json_t *masked;

	if (e->book->secrets.n == 0)
		return json;
	masked = mask_json(e, json);
	if (masked == NULL)
		return json;
	json_decref(json);
	return masked;
}

void
engine_remember(struct engine *e, const char *step, json_t *payload)
{
	json_t *list = map_get(e->decides, step);

	if (list == NULL) {
		list = json_array();
		map_put(e->decides, step, list);
	}
	json_array_append(list, payload);
}

void
engine_record(struct engine *e, enum record_type type, const char *step,
    json_t *payload)
{
	payload = engine_masked(e, payload);
	/* answers are looked at before they are on disk */
	if (type == RECORD_DECIDE && str_eq("answer", json_string_value(
	    json_object_get(payload, "what"))))
		engine_remember(e, step, payload);
	journal_add(e->journal, type, step, payload);
}

void
engine_note(struct engine *e, const char *step, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	engine_record(e, RECORD_NOTE, step, json_pack("{s:s}", "text", text));
	free(text);
}

void
engine_end(struct engine *e, enum run_state state, const char *format, ...)
{
	va_list args;
	char *text;

	if (e->end_why != NULL)
		return;
	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	e->end_state = state;
	e->end_why = arena_strdup(e->arena, text);
	free(text);
}

void
engine_forget(struct engine *e, struct task *t)
{
	const struct plan_step *s = t->plan;
	json_t *said = map_get(e->decides, s->address);

	if (said != NULL)
		json_array_clear(said);
	step_values_forget(e, s);
	task_drop(t);
	/* the fold still knows the last attempt; the state is pending */
	t = task_of(e, s);
	t->state = STEP_PENDING;
}
