#include "engine/start.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/map.h"
#include "engine/each.h"
#include "engine/outcome.h"
#include "engine/permit.h"
#include "engine/recover.h"
#include "engine/secret.h"
#include "journal/journal.h"

/* ---- identity */

static void
add_target(struct environment **out, size_t *n, struct environment *env)
{
	size_t i;

	for (i = 0; i < *n; i++)
		if (out[i] == env)
			return;
	if (env != NULL && *n < MAX_TARGETS)
		out[(*n)++] = env;
}

void
step_targets(const struct task *t, struct environment **out, size_t *n)
{
	const struct step *s = t->step;
	const struct book *book = t->e->book;
	size_t i;

	for (i = 0; i < s->targets.n; i++) {
		const struct host *h = book_host(book, s->targets.v[i]);

		add_target(out, n, h != NULL ? h->environment :
		    book_environment(book, s->targets.v[i]));
	}
	if (s->targets.n == 0 && s->effect != EFFECT_READS &&
	    t->body.host != NULL)
		add_target(out, n, t->body.host->environment);
}

/* A step that only changes proves an environment once for each connection,
 * which on this machine is once for each driver. */
static bool
already_proven(const struct task *t, const struct environment *env)
{
	return t->step->effect != EFFECT_DESTROYS &&
	    t->kind != NULL && t->kind->flow != FLOW_QUESTION &&
	    map_get(t->e->proven, env->name) != NULL;
}

static void
proven(struct task *t, const struct environment *env)
{
	map_put(t->e->proven, env->name, t->e);
	json_array_append_new(t->account, json_pack("{s:s, s:o}",
	    "environment", env->name, "facts", watch_account(t->watch)));
	watch_free(t->watch);
	t->watch = NULL;
	t->target++;
}

bool
identity_phase(struct task *t)
{
	struct environment *targets[MAX_TARGETS];
	struct patience p = { 0, CANNOT_TELL_PATIENCE, t->step->every };
	size_t n = 0;

	if (t->kind != NULL && t->kind->flow == FLOW_QUESTION)
		gate_targets(t, targets, &n);
	else if (t->step->include == NULL)
		step_targets(t, targets, &n);
	if (t->target == 0 && t->watch == NULL) {
		/* proven anew: what was measured before does not count */
		json_decref(t->account);
		t->account = json_array();
	}
	while (t->target < n) {
		struct environment *env = targets[t->target];

		if (already_proven(t, env) || env->identity.n == 0) {
			t->target++;
			continue;
		}
		if (t->watch == NULL) {
			task_names(t);
			t->names.book_level = true;
			t->watch = watch_new(&t->names, "identity",
			    &env->identity, NULL, p);
		}
		switch (watch_advance(t->watch)) {
		case WATCH_BUSY:
			return false;
		case WATCH_YES:
			proven(t, env);
			break;
		default:
			return outcome_condition(t, "identity", true);
		}
	}
	t->target = 0;
	return task_go(t, t->step->effect == EFFECT_DESTROYS ? TASK_PERMIT :
	    TASK_START);
}

/* ---- the start record */

static void
add_place(struct task *t, json_t *payload)
{
	struct buf b = BUF_INIT(4096);

	plan_place(t->plan, &b);
	json_object_set_new(payload, "where", json_string(b.data));
	buf_free(&b);
}

static void
record_start(struct task *t, int slot)
{
	struct engine *e = t->e;
	json_t *payload = json_pack("{s:i, s:i, s:s, s:s, s:s}",
	    "attempt", (int)++t->attempt, "slot", slot,
	    "boot", clock_boot(e->clock),
	    "fingerprint", t->step->fingerprint,
	    "title", task_title(t, t->arena));

	add_place(t, payload);
	t->begin = engine_now(e);
	if (slot >= 0) {
		char hex[DIGEST_HEX + 1];

		sha256_hex(t->job.shown.u.string.p, t->job.shown.u.string.n,
		    hex);
		json_object_set_new(payload, "nonce", json_string(t->nonce));
		json_object_set_new(payload, "inputs", json_string(hex));
		json_object_set_new(payload, "shown",
		    json_string(t->job.shown.u.string.p));
		if (e->book->secrets.n > 0)
			json_object_set_new(payload, "secrets",
			    secret_names(e));
	}
	t->slot_n = slot;
	t->state = STEP_RUNNING;
	step_values_forget(e, t->plan);
	engine_record(e, RECORD_STEP_START, t->plan->address, payload);
}

static void
job_ended(struct slot *slot, const struct job_result *r, void *ctx)
{
	struct task *t = ctx;

	(void)slot;
	t->job_over = true;
	t->result = *r;
}

/* The start record is on disk. */
static void
start_job(struct engine *e, void *arg)
{
	struct task *t = arg;
	struct err err = ERR_INIT;

	(void)e;
	if (slot_start(t->slot, &t->job.spec, t->nonce, &err) == 0)
		return;
	t->job_over = true;
	memset(&t->result, 0, sizeof t->result);
	t->result.outcome = JOB_LOST;
	err_free(&err);
}

static bool
start_job_phase(struct task *t)
{
	struct err err = ERR_INIT;

	nonce_make(t->nonce);
	task_names(t);
	work_call(&t->call, &t->names, &t->body, t->arena, t->nonce,
	    t->step->effect, false);
	t->call.attempt = t->attempt + 1;
	if (t->kind->make(&t->call, &t->job, &err) != 0)
		return task_fail(t, &err, true);
	t->slot = slots_take(t->e->slots, job_ended, t, &err);
	if (t->slot == NULL)
		return task_fail(t, &err, true);
	t->job_over = false;
	record_start(t, slot_number(t->slot));
	engine_due(t->e, start_job, t);
	t->late_at = 0;
	t->late = false;
	if (t->step->timeout > 0) {
		t->late_at = clock_mono(t->e->clock) + t->step->timeout;
		engine_wake(t->e, t->late_at);
	}
	return task_go(t, TASK_WORK);
}

/* Computed by the driver from recorded values. */
static bool
start_pure(struct task *t)
{
	struct err err = ERR_INIT;
	struct value v = value_null();

	record_start(t, -1);
	task_names(t);
	if (t->kind == NULL)
		return outcome_values(t, v);
	work_call(&t->call, &t->names, &t->body, t->arena, "",
	    t->step->effect, false);
	t->call.attempt = t->attempt;
	if (t->kind->compute(&t->call, &v, &err) == 0)
		return outcome_values(t, v);
	outcome_results(t, v);
	return task_fail(t, &err, false);
}

/* The items are evaluated first: keys that are wrong do nothing. */
static bool
start_each(struct task *t)
{
	json_t *items = each_items(t);

	if (items == NULL)
		return true;
	record_start(t, -1);
	each_record(t, items);
	return task_go(t, TASK_CHILDREN);
}

bool
start_phase(struct task *t)
{
	struct err err = ERR_INIT;

	if (t->e->pausing || t->e->stopping || !journal_has_room(t->e->journal))
		return false;
	if (t->plan->each)
		return start_each(t);
	if (t->step->include != NULL) {
		if (task_bind(t, &err) != 0)
			return task_fail(t, &err, true);
		record_start(t, -1);
		return task_go(t, TASK_CHILDREN);
	}
	if (t->kind == NULL || t->kind->flow == FLOW_PURE)
		return start_pure(t);
	if (t->kind->flow == FLOW_QUESTION)
		return task_go(t, TASK_QUESTION);
	if (t->kind->flow == FLOW_TIME)
		return task_go(t, TASK_TIME);
	return start_job_phase(t);
}

/* ---- work */

/* A look or a step that only reads is stopped when it is late; any other is
 * announced and left alone: a killed load is a lost night. */
static void
late(struct task *t)
{
	if (t->late_at == 0 || clock_mono(t->e->clock) < t->late_at) {
		if (t->late_at != 0)
			engine_wake(t->e, t->late_at);
		return;
	}
	t->late_at = 0;
	if (t->step->effect == EFFECT_READS) {
		t->late = true;
		task_stop(t, "it took longer than its `timeout`");
	} else {
		engine_note(t->e, t->plan->address, "takes longer than its "
		    "`timeout`; it changes something, so it is left running "
		    "(cairn stop would stop it)");
	}
}

bool
work_phase(struct task *t)
{
	if (!t->job_over) {
		late(t);
		return false;
	}
	if (t->result.outcome == JOB_LOST) {
		t->slot = NULL;
		return task_go(t, TASK_RECOVER);
	}
	return outcome_read(t);
}

/* ---- an included file */

static bool
outputs(struct task *t)
{
	const struct assigns *out = &t->step->include->outputs;
	struct value_map m = { .arena = t->arena };
	struct err err = ERR_INIT;
	size_t i;

	/* outputs see what the file's own steps see */
	names_init(&t->names, t->e, t->plan->n > 0 ? t->plan->children[0] :
	    t->plan);
	for (i = 0; i < out->n; i++) {
		struct value v;

		if (expr_eval(out->v[i].expr, &t->names.scope, t->arena, &v,
		    &err) != 0)
			return task_fail(t, &err, false);
		value_map_put(&m, out->v[i].name, strlen(out->v[i].name), v);
	}
	task_names(t);
	return outcome_values(t, value_map_done(&m));
}

bool
children_phase(struct task *t)
{
	if (t->begin == 0)
		t->begin = engine_now(t->e);
	if (t->plan->each)
		return each_phase(t);
	t->bad = NULL;
	while (t->child < t->plan->n) {
		struct task *child = task_of(t->e, t->plan->children[t->child]);
		enum progress p = task_advance(child);

		if (p == PROGRESS_BAD)
			t->bad = child;
		if (p != PROGRESS_DONE)
			return false;
		t->child++;
	}
	return outputs(t);
}

/* ---- time */

static bool
ask_time(struct task *t)
{
	struct err err = ERR_INIT;

	task_names(t);
	work_call(&t->call, &t->names, &t->body, t->arena, "",
	    t->step->effect, false);
	if (t->kind->until(&t->call, engine_now(t->e), &t->until, &err) != 0)
		return task_fail(t, &err, true);
	t->asked = json_pack("{s:s, s:I, s:s}", "kind", "wait", "until",
	    (json_int_t)t->until, "title", task_title(t, t->arena));
	add_place(t, t->asked);
	t->begin = engine_now(t->e);
	t->state = STEP_WAITING;
	engine_record(t->e, RECORD_ASK, t->plan->address,
	    json_incref(t->asked));
	return true;
}

bool
time_phase(struct task *t)
{
	const struct fold_step *f = fold_find(t->e->fold, t->plan->address);
	nsec left;

	if (t->asked == NULL && t->state == STEP_WAITING && f->ask != 0) {
		struct err err = ERR_INIT;

		t->asked = journal_payload(t->e->journal, f->ask - 1, &err);
		t->until = json_integer_value(json_object_get(t->asked,
		    "until"));
		err_free(&err);
	}
	if (t->asked == NULL && !ask_time(t))
		return true;
	if (t->phase == TASK_OVER)
		return true;
	left = t->until - engine_now(t->e);
	if (left > 0) {
		/* wall time may jump: look again at least once a minute */
		nsec most = 60 * NSEC_PER_SEC;

		engine_wake(t->e, clock_mono(t->e->clock) +
		    (left < most ? left : most));
		return false;
	}
	return outcome_values(t, value_null());
}
