#include "engine/outcome.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mask.h"
#include "book/json.h"
#include "engine/capture.h"
#include "engine/permit.h"
#include "engine/trouble.h"

/* ---- the end record */

/* A capture in which a secret was found stays in memory only (S8). */
static json_t *
value_record(struct engine *e, struct value v)
{
	const char *name = "secret";
	json_t *json;
	char *text;

	/* what could not be told must not become a null that can be compared */
	if (value_is_unknown(v))
		return json_pack("{s:s}", "~unknown", v.type == VALUE_UNKNOWN ?
		    v.u.why : "a part of it could not be told");
	if (value_is_secret(v))
		return json_pack("{s:s}", "~secret", name);
	json = value_to_record(v);
	text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
	if (mask_finds(e->mask, text, strlen(text), &name)) {
		json_decref(json);
		json = json_pack("{s:s}", "~secret", name);
	}
	free(text);
	return json;
}

static json_t *
map_record(struct engine *e, struct value map)
{
	json_t *out = json_object();
	size_t i;

	for (i = 0; map.type == VALUE_MAP && i < map.u.map.n; i++)
		json_object_set_new(out, map.u.map.entries[i].key,
		    value_record(e, map.u.map.entries[i].value));
	return out;
}

static void
put_result(struct task *t, json_t *payload)
{
	const struct job_result *r = &t->result;
	const char *names[] = { "exited", "signal", "not executed", "stopped" };

	if (!t->read)
		return;
	if (r->outcome >= JOB_EXITED && r->outcome <= JOB_STOPPED)
		json_object_set_new(payload, "rc", json_pack("{s:s, s:i}",
		    "outcome", names[r->outcome], "status", r->status));
}

/* A log that cannot be written fails the run's promise to keep what was said,
 * not the step: it is noted, and the step is what it is. */
static void
put_output(struct task *t, json_t *payload)
{
	struct err err = ERR_INIT;

	if (!t->read)
		return;
	if (output_keep(t->e, &t->work.out, payload, "out", t->plan->address,
	    t->attempt, &err) != 0 || output_keep(t->e, &t->work.err, payload,
	    "err", t->plan->address, t->attempt, &err) != 0)
		json_object_set_new(payload, "log_lost",
		    json_string(err.text));
	err_free(&err);
}

static void
release(struct engine *e, void *arg)
{
	(void)e;
	slot_release(arg);
}

static void
release_left(struct engine *e, void *arg)
{
	struct task *t = arg;

	slots_adopt_empty(e->slots, t->slot_n);
}

static void
give_back(struct task *t)
{
	if (t->slot != NULL)
		engine_due(t->e, release, t->slot);
	else if (t->slot_n >= 0 && t->read)
		engine_due(t->e, release_left, t);
	t->slot = NULL;
}

bool
task_end(struct task *t, enum step_state state, const char *why)
{
	struct engine *e = t->e;
	bool job = t->read && t->result.end != 0;
	nsec now = engine_now(e);
	struct value captures;
	json_t *payload;
	bool again;

	if (t->begin == 0)
		t->begin = now;
	payload = json_pack("{s:i, s:s, s:I, s:I}",
	    "attempt", (int)t->attempt, "state", step_state_name(state),
	    "begin", (json_int_t)(job ? t->result.begin : t->begin),
	    "end", (json_int_t)(job ? t->result.end : now));

	if (why != NULL)
		json_object_set_new(payload, "why", json_stringn_nocheck(why,
		    utf8_valid_prefix(why, strlen(why))));
	put_result(t, payload);
	put_output(t, payload);
	if (t->captures.n > 0)
		json_object_set_new(payload, "captures", map_record(e,
		    value_map_done(&t->captures)));
	if (t->work.results.n > 0)
		json_object_set_new(payload, "results", map_record(e,
		    value_map_done(&t->work.results)));
	if (t->step->effect == EFFECT_READS)
		json_object_set_new(payload, "reads", json_true());
	if (t->nothing_done)
		json_object_set_new(payload, "nothing_done", json_true());
	trouble_record(t, state, payload);
	again = retry_record(t, state, payload);
	captures = value_map_done(&t->captures);
	step_values_keep(e, t->plan, RECORD_STEP_END, payload, &captures);
	engine_record(e, RECORD_STEP_END, t->plan->address, payload);
	t->state = state;
	give_back(t);
	return task_go(t, again ? TASK_RETRY : TASK_OVER);
}

/* "file:line:col: text; hint", for the end record. */
static char *
error_text(struct task *t, const struct err *err)
{
	struct buf b = BUF_INIT(64 * KIB);
	char *text;

	err_print(err, &b);
	if (b.len > 0 && b.data[b.len - 1] == '\n')
		buf_truncate(&b, b.len - 1);
	text = arena_strndup(t->arena, b.data, b.len);
	buf_free(&b);
	return text;
}

bool
task_fail(struct task *t, struct err *err, bool nothing_done)
{
	char *text;

	err_place(err, t->step->mark);
	text = error_text(t, err);
	err_free(err);
	t->nothing_done = nothing_done;
	return task_end(t, STEP_FAILED, text);
}

/* ---- after the work */

static bool
has_conditions_after(const struct task *t)
{
	return t->step->done_when.n > 0 || t->step->verify.n > 0;
}

static void
set_self(struct task *t, struct value_map *self)
{
	struct value cwd = t->job.spec.cwd == NULL ? value_null() :
	    value_cstring(t->arena, t->job.spec.cwd);

	value_map_put(self, "attempt", 7, value_int(t->attempt));
	value_map_put(self, "cwd", 3, cwd);
	t->self = value_map_done(self);
	t->names.self = &t->self;
}

/* A step that only reads and whose conditions do not hold yet is read again
 * while `within` lasts. */
static bool
judge(struct task *t, struct value_map *self)
{
	struct err err = ERR_INIT;
	enum found f;

	if (work_check_status(&t->step->ok_exit, &t->self, &err) != 0)
		return task_fail(t, &err, false);
	f = patterns_check(&t->step->expect, &t->step->refuse, &t->names,
	    &t->work.out, &t->work.err, t->arena, &err);
	if (f == FOUND_CANNOT && t->step->effect != EFFECT_READS) {
		char *why = error_text(t, &err);

		err_free(&err);
		return task_end(t, STEP_UNKNOWN, why);
	}
	if (f != FOUND_YES)
		return task_fail(t, &err, false);
	t->captures.arena = t->arena;
	if (captures_take(&t->step->capture, &t->names, &t->work.out,
	    t->arena, self, &t->captures, &err) != 0)
		return task_fail(t, &err, false);
	t->self = value_map_done(self);
	t->names.self = &t->self;
	t->after_began = clock_mono(t->e->clock);
	return task_go(t, TASK_AFTER);
}

static bool
stopped(struct task *t)
{
	struct err err = ERR_INIT;

	/* nobody asked for that: it did not do what it was to do in time */
	if (t->late && !t->e->stopping) {
		err_set(&err, "it took longer than its `timeout`, and was "
		    "stopped");
		return task_fail(t, &err, false);
	}
	return task_end(t, STEP_STOPPED, "it was stopped, and nothing of it "
	    "is left running");
}

bool
outcome_read(struct task *t)
{
	struct err err = ERR_INIT;
	int result;

	task_names(t);
	result = work_read(t->e, &t->call, t->slot_n, &t->result, &t->work,
	    &err);
	t->read = true;
	set_self(t, &t->work.self);
	if (t->result.outcome == JOB_STOPPED) {
		err_free(&err);
		return stopped(t);
	}
	if (result != 0)
		return task_fail(t, &err, !t->work.began);
	return judge(t, &t->work.self);
}

void
outcome_results(struct task *t, struct value results)
{
	size_t i;

	t->work.results.arena = t->arena;
	for (i = 0; results.type == VALUE_MAP && i < results.u.map.n; i++) {
		const struct value_entry *en = &results.u.map.entries[i];

		value_map_put(&t->work.results, en->key, en->key_len,
		    en->value);
	}
}

bool
outcome_values(struct task *t, struct value results)
{
	struct value_map self = { .arena = t->arena };
	struct err err = ERR_INIT;
	size_t i;

	t->captures.arena = t->arena;
	outcome_results(t, results);
	for (i = 0; results.type == VALUE_MAP && i < results.u.map.n; i++) {
		const struct value_entry *en = &results.u.map.entries[i];

		value_map_put(&self, en->key, en->key_len, en->value);
	}
	set_self(t, &self);
	if (captures_take(&t->step->capture, &t->names, NULL, t->arena, &self,
	    &t->captures, &err) != 0)
		return task_fail(t, &err, false);
	t->self = value_map_done(&self);
	t->names.self = &t->self;
	t->after_began = clock_mono(t->e->clock);
	return task_go(t, TASK_AFTER);
}

bool
outcome_already(struct task *t, const char *why)
{
	struct value_map self = { .arena = t->arena };
	struct err err = ERR_INIT;
	char *text = arena_printf(t->arena, "already so: %s", why);

	t->captures.arena = t->arena;
	set_self(t, &self);
	if (captures_take(&t->step->capture, &t->names, NULL, t->arena, &self,
	    &t->captures, &err) != 0) {
		/* what cannot be taken is null: nothing was run */
		err_free(&err);
	}
	t->begin = engine_now(t->e);
	return task_end(t, STEP_DONE, text);
}

static void
describe(struct task *t, const char *role, struct err *err)
{
	const struct cond *c = watch_cond(t->watch);
	const char *why = watch_why(t->watch);
	const char *seen = watch_evidence(t->watch);

	err_at(err, c == NULL ? t->step->mark : c->mark, "%s does not hold: %s",
	    role, why);
	if (seen[0] != '\0')
		err_hint(err, "seen: %.1500s", seen);
}

bool
outcome_condition(struct task *t, const char *role, bool before)
{
	struct err err = ERR_INIT;

	describe(t, role, &err);
	return task_fail(t, &err, before);
}

/* Reading again: a new attempt of the whole step, after a rest. */
static bool
read_again(struct task *t)
{
	nsec now = clock_mono(t->e->clock);

	if (t->first_after == 0)
		t->first_after = t->after_began;
	if (now - t->first_after >= t->step->within)
		return false;
	if (t->again_at == 0)
		t->again_at = now + t->step->every;
	return true;
}

static bool
again(struct task *t)
{
	if (clock_mono(t->e->clock) < t->again_at) {
		engine_wake(t->e, t->again_at);
		return false;
	}
	t->again_at = 0;
	give_back(t);
	if (t->read)
		work_free(&t->work);
	t->read = false;
	memset(&t->work, 0, sizeof t->work);
	memset(&t->captures, 0, sizeof t->captures);
	return task_go(t, TASK_START);
}

static bool
after_failed(struct task *t, enum watched w)
{
	struct err err = ERR_INIT;
	char *text;

	if (t->kind != NULL && t->kind->flow == FLOW_QUESTION) {
		question_reopen(t, watch_why(t->watch));
		return true;
	}
	describe(t, "a condition after the work", &err);
	if (w == WATCH_NO || t->step->effect == EFFECT_READS)
		return task_fail(t, &err, false);
	text = error_text(t, &err);
	err_free(&err);
	return task_end(t, STEP_UNKNOWN, text);
}

bool
after_phase(struct task *t)
{
	bool rereads = t->step->effect == EFFECT_READS && t->kind != NULL &&
	    t->kind->flow == FLOW_JOB && t->step->within > 0;
	nsec within = rereads ? 0 : t->step->within;
	struct patience p = { within, within, t->step->every };
	enum watched w;

	if (!has_conditions_after(t))
		return task_end(t, STEP_DONE, NULL);
	if (t->again_at != 0)
		return again(t);
	if (t->watch == NULL)
		t->watch = watch_new(&t->names, "verify", &t->step->done_when,
		    &t->step->verify, p);
	w = watch_advance(t->watch);
	if (w == WATCH_BUSY)
		return false;
	if (w == WATCH_YES)
		return task_end(t, STEP_DONE, watch_why(t->watch));
	if (rereads && !t->e->pausing && read_again(t))
		return again(t);
	return after_failed(t, w);
}
