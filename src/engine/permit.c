#include "engine/permit.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/map.h"
#include "book/json.h"
#include "engine/answer.h"
#include "engine/outcome.h"
#include "engine/start.h"
#include "journal/journal.h"

/* ---- what an effect is */

static json_t *
text_json(struct value v)
{
	return value_is_secret(v) ? json_string("secret") :
	    value_to_record(v);
}

static int
add_env(struct task *t, struct arena *a, json_t *effect, struct err *err)
{
	const struct assigns *env = &t->step->body.env;
	json_t *out = json_object();
	struct value v;
	size_t i;

	json_object_set_new(effect, "env", out);
	for (i = 0; i < env->n; i++) {
		if (text_eval(env->v[i].text, &t->names.scope, a, &v, err) != 0)
			return -1;
		json_object_set_new(out, env->v[i].name, text_json(v));
	}
	return 0;
}

static int
add_input(struct task *t, struct arena *a, json_t *effect, struct err *err)
{
	const struct input *in = &t->step->body.input;
	char hex[DIGEST_HEX + 1];
	struct value v;

	if (in->text != NULL) {
		if (text_eval(in->text, &t->names.scope, a, &v, err) != 0)
			return -1;
		json_object_set_new(effect, "stdin", text_json(v));
	} else if (in->file != NULL) {
		sha256_hex(in->bytes, in->len, hex);
		json_object_set_new(effect, "stdin_file", json_string(hex));
	}
	return 0;
}

/* The part of the account that is about this step's own targets. */
static json_t *
own_account(struct task *t, const json_t *account)
{
	struct environment *targets[MAX_TARGETS];
	json_t *out = json_array(), *entry;
	size_t n = 0, i, k;

	step_targets(t, targets, &n);
	for (i = 0; i < n; i++)
		json_array_foreach(account, k, entry)
			if (strcmp(targets[i]->name, json_string_value(
			    json_object_get(entry, "environment"))) == 0)
				json_array_append(out, entry);
	return out;
}

static void
digest_json(const json_t *json, char hex[DIGEST_HEX + 1])
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);

	sha256_hex(text, strlen(text), hex);
	free(text);
}

int
effect_digest(struct task *t, const json_t *account,
    char hex[DIGEST_HEX + 1], struct value *shown, struct err *err)
{
	struct arena *a = arena_new();
	struct kind_call call;
	struct kind_job job = { 0 };
	json_t *effect = json_object();
	const struct host *host;
	int result = -1;

	if (t->kind == NULL) {
		json_decref(effect);
		arena_free(a);
		return err_set(err, "its items are not known yet");
	}
	if (task_find_host(t, err) != 0) {
		json_decref(effect);
		arena_free(a);
		return -1;
	}
	host = t->body.host;
	work_call(&call, &t->names, &t->body, a, "", t->step->effect,
	    false);
	if (t->kind->make(&call, &job, err) == 0 &&
	    add_env(t, a, effect, err) == 0 &&
	    add_input(t, a, effect, err) == 0) {
		json_object_set_new(effect, "address",
		    json_string(t->plan->address));
		json_object_set_new(effect, "kind",
		    json_string(t->step->body.kind->name));
		json_object_set_new(effect, "text", value_to_record(job.shown));
		json_object_set_new(effect, "cwd", job.spec.cwd == NULL ?
		    json_null() : json_string(job.spec.cwd));
		json_object_set_new(effect, "host", host == NULL ?
		    json_null() : json_string(host->name));
		json_object_set_new(effect, "identity",
		    own_account(t, account));
		digest_json(effect, hex);
		*shown = value_copy(t->arena, job.shown);
		result = 0;
	}
	json_decref(effect);
	arena_free(a);
	return result;
}

/* ---- is it permitted? */

static bool
permits(const json_t *decide, const char *address, const char *effect,
    nsec now)
{
	const json_t *list = json_object_get(decide, "permits");
	nsec until = json_integer_value(json_object_get(decide, "until"));
	nsec given = json_integer_value(json_object_get(decide, "given"));
	const json_t *p;
	size_t i;

	/* a clock that went back ends a permission (E3) */
	if (now >= until || now < given)
		return false;
	json_array_foreach(list, i, p)
		if (strcmp(json_string_value(json_object_get(p, "address")),
		    address) == 0 && strcmp(json_string_value(
		    json_object_get(p, "effect")), effect) == 0)
			return true;
	return false;
}

static bool
permitted(struct task *t, const char *asked_at, const char *effect)
{
	const json_t *list = map_get(t->e->decides, asked_at), *decide;
	size_t i;

	json_array_foreach(list, i, decide)
		if (permits(decide, t->plan->address, effect,
		    engine_now(t->e)))
			return true;
	return false;
}

static const char *
target_names(struct task *t)
{
	struct environment *targets[MAX_TARGETS];
	struct buf b = BUF_INIT(4096);
	char *names;
	size_t n = 0, i;

	step_targets(t, targets, &n);
	for (i = 0; i < n; i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "", targets[i]->name);
	names = arena_strdup(t->arena, b.data);
	buf_free(&b);
	return names;
}

/* What has to be typed when no gate said it: the environment's name, or the
 * host's when it has none (G5). */
static const char *
word_to_type(struct task *t)
{
	struct environment *targets[MAX_TARGETS];
	size_t n = 0;

	step_targets(t, targets, &n);
	if (n > 0)
		return targets[0]->name;
	return t->body.host == NULL ? "local" : t->body.host->name;
}

static json_t *
one_allowed(struct task *t, const char *effect, struct value shown)
{
	return json_pack("{s:s, s:s, s:o, s:s, s:s}", "address",
	    t->plan->address, "effect", effect, "text", value_to_record(shown),
	    "host", t->body.host == NULL ? "local" :
	    t->body.host->name, "targets", target_names(t));
}

static void
ask_to_destroy(struct task *t, const char *effect, struct value shown)
{
	struct question *q = &t->question;

	memset(q, 0, sizeof *q);
	q->ask = value_cstring(t->arena, arena_printf(t->arena,
	    "%s: this destroys something in %s.", task_title(t, t->arena),
	    target_names(t)));
	q->by = value_null();
	q->show = value_null();
	q->confirm = value_cstring(t->arena, word_to_type(t));
	q->valid = 3 * 3600 * NSEC_PER_SEC;
	json_decref(t->asked);
	t->asked = answer_ask(t, "destroy", json_pack("[o]",
	    one_allowed(t, effect, shown)));
}

bool
permit_phase(struct task *t)
{
	struct err err = ERR_INIT;
	char effect[DIGEST_HEX + 1];
	struct value shown;
	const struct step *gate = t->step->gate;

	if (t->asked != NULL && !t->answered)
		return false;
	if (effect_digest(t, t->account, effect, &shown, &err) != 0)
		return task_fail(t, &err, true);
	if (permitted(t, t->plan->address, effect) ||
	    (gate != NULL && permitted(t, gate->id, effect))) {
		if (t->asked == NULL)
			return task_go(t, TASK_START);
		/* the answer took its time: everything is proven anew */
		json_decref(t->asked);
		t->asked = NULL;
		return task_go(t, TASK_BEFORE);
	}
	t->answered = false;
	ask_to_destroy(t, effect, shown);
	return false;
}

/* ---- gates */

/* Calls `each` for every step that this gate allows. */
static void
each_allowed(struct task *gate, void (*each)(struct task *t, void *ctx),
    void *ctx)
{
	struct plan_step *const *steps;
	size_t n = plan_steps(gate->e->plan, &steps), i;

	for (i = 0; i < n; i++)
		if (steps[i]->step->gate == gate->step)
			each(task_of(gate->e, steps[i]), ctx);
}

struct targets { struct environment **v; size_t *n; };

static void
collect_targets(struct task *t, void *ctx)
{
	struct targets *out = ctx;

	step_targets(t, out->v, out->n);
}

void
gate_targets(struct task *t, struct environment **out, size_t *n)
{
	struct targets targets = { out, n };

	each_allowed(t, collect_targets, &targets);
}

struct allows { json_t *list; const json_t *account; };

static void
collect_allowed(struct task *t, void *ctx)
{
	struct allows *out = ctx;
	struct err err = ERR_INIT;
	char effect[DIGEST_HEX + 1];
	struct value shown;

	if (effect_digest(t, out->account, effect, &shown, &err) == 0)
		json_array_append_new(out->list, one_allowed(t, effect,
		    shown));
	else
		json_array_append_new(out->list, json_pack("{s:s, s:s}",
		    "address", t->plan->address, "text", "what it will do is "
		    "not known yet: it asks at the step itself"));
	err_free(&err);
}

static bool
resolve(struct task *t, struct err *err)
{
	task_names(t);
	work_call(&t->call, &t->names, &t->body, t->arena, "",
	    t->step->effect, false);
	return t->kind->ask(&t->call, &t->question, err) == 0;
}

static bool
open_gate(struct task *t)
{
	struct err err = ERR_INIT;
	struct allows allows = { json_array(), t->account };

	if (!resolve(t, &err)) {
		json_decref(allows.list);
		return task_fail(t, &err, true);
	}
	each_allowed(t, collect_allowed, &allows);
	t->begin = engine_now(t->e);
	t->asked = answer_ask(t, "gate", allows.list);
	return true;
}

/* The gate closes when the world is already so. */
static enum watched
look_around(struct task *t)
{
	struct patience p = { PATIENCE_FOREVER, PATIENCE_FOREVER,
	    t->step->every };

	if (t->step->done_when.n == 0 ||
	    clock_mono(t->e->clock) > t->e->gates_until)
		return WATCH_BUSY;
	if (t->watch == NULL) {
		task_names(t);
		t->watch = watch_new(&t->names, "done_when",
		    &t->step->done_when, NULL, p);
	}
	return watch_advance(t->watch);
}

static bool
closed(struct task *t, const struct answers *a)
{
	switch (a->choice) {
	case CHOICE_WAIT:
		return false;
	case CHOICE_STOP:
		t->e->pausing = true;
		engine_end(t->e, RUN_PAUSED, "'%s' was answered with '%s'",
		    t->plan->address, a->choice_word);
		return false;
	case CHOICE_UNDO:
		t->e->pausing = true;
		engine_end(t->e, RUN_PAUSED, "'%s' was answered with '%s': "
		    "cairn undo takes back what was done", t->plan->address,
		    a->choice_word);
		return false;
	default:
		return outcome_values(t, a->values);
	}
}

bool
question_phase(struct task *t)
{
	struct answers a;

	if (t->asked == NULL && open_gate(t) && t->phase == TASK_OVER)
		return true;
	if (answers_complete(t, &a))
		return closed(t, &a);
	if (look_around(t) == WATCH_YES)
		return outcome_already(t, watch_why(t->watch));
	return false;
}

void
question_reopen(struct task *t, const char *why)
{
	engine_note(t->e, t->plan->address, "the answer was taken, but %s; "
	    "the question stays open", why);
	answers_forget(t);
	json_decref(t->asked);
	t->asked = NULL;
	memset(&t->captures, 0, sizeof t->captures);
	memset(&t->work, 0, sizeof t->work);
	task_go(t, TASK_QUESTION);
}
