#include "engine/task.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/map.h"
#include "engine/outcome.h"
#include "engine/permit.h"
#include "engine/recover.h"
#include "engine/start.h"
#include "engine/trouble.h"
#include "journal/journal.h"

struct task *
task_of(struct engine *e, const struct plan_step *s)
{
	struct task *t = map_get(e->tasks, s->address);
	const struct fold_step *f;

	if (t != NULL)
		return t;
	t = xcalloc(1, sizeof *t);
	t->e = e;
	t->plan = s;
	t->step = s->step;
	t->kind = s->step->body.kind == NULL || s->each ? NULL :
	    kind_of(s->step->body.kind);
	t->slot_n = -1;
	t->arena = arena_new();
	t->self = value_null();
	t->body = s->step->body;
	f = fold_find(e->fold, s->address);
	if (f != NULL) {
		t->state = f->state;
		t->attempt = f->attempt;
		t->slot_n = f->slot;
	}
	map_put(e->tasks, s->address, t);
	return t;
}

void
task_free(struct task *t)
{
	if (t == NULL)
		return;
	watch_free(t->watch);
	if (t->read)
		work_free(&t->work);
	arena_free(t->arena);
	json_decref(t->asked);
	json_decref(t->account);
	free(t);
}

static void
free_task(struct engine *e, void *arg)
{
	(void)e;
	task_free(arg);
}

void
task_drop(struct task *t)
{
	map_put(t->e->tasks, t->plan->address, NULL);
	/* behind everything that this turn still has to do with it */
	engine_due(t->e, free_task, t);
}

void
task_names(struct task *t)
{
	names_init(&t->names, t->e, t->plan);
}

int
task_find_host(struct task *t, struct err *err)
{
	task_names(t);
	return work_body(&t->step->body, &t->names, t->arena, &t->body, err);
}

bool
task_go(struct task *t, enum task_phase phase)
{
	watch_free(t->watch);
	t->watch = NULL;
	t->phase = phase;
	return true;
}

char *
task_title(struct task *t, struct arena *a)
{
	const struct text *of = t->plan->each_of != NULL &&
	    t->step->each.title != NULL ? t->step->each.title :
	    t->step->title;
	struct err err = ERR_INIT;
	struct value v;
	char *title;

	task_names(t);
	if (text_eval(of, &t->names.scope, a, &v, &err) == 0)
		title = arena_strdup(a, v.u.string.p);
	else
		title = arena_strdup(a, text_source(of));
	err_free(&err);
	return title;
}

/* ---- inputs of an included file */

static const struct value *
bind_include(struct task *t, struct err *err)
{
	const struct decls *d = &t->step->include->inputs;
	struct value_map m = { .arena = t->e->arena };
	struct value *v = arena_alloc(t->e->arena, sizeof *v);
	size_t i;

	task_names(t);
	for (i = 0; i < d->n; i++)
		if (d->v[i].has_default)
			value_map_put(&m, d->v[i].name, strlen(d->v[i].name),
			    d->v[i].def);
	for (i = 0; i < t->step->with.n; i++) {
		const struct assign *as = &t->step->with.v[i];
		struct value x;

		if (text_eval_typed(as->text, &t->names.scope, t->e->arena,
		    &x, err) != 0 || decl_value_check(decls_find(d, as->name),
		    x, &x, err) != 0) {
			err_place(err, as->mark);
			return NULL;
		}
		value_map_put(&m, as->name, strlen(as->name), x);
	}
	*v = value_map_done(&m);
	return v;
}

int
task_bind(struct task *t, struct err *err)
{
	if (t->inputs == NULL)
		t->inputs = bind_include(t, err);
	return t->inputs == NULL ? -1 : 0;
}

const struct value *
task_inputs(struct engine *e, const struct plan_step *s)
{
	struct err err = ERR_INIT;
	struct task *caller;

	if (s == NULL || s->parent == NULL)
		return NULL;
	caller = task_of(e, s->parent);
	task_bind(caller, &err);
	err_free(&err);
	return caller->inputs;
}

/* ---- phases */

static bool
phase_new(struct task *t)
{
	const struct fold_step *f = fold_find(t->e->fold, t->plan->address);

	switch (t->state) {
	case STEP_DONE:
		if (recheck_needed(t, f))
			return task_go(t, TASK_RECHECK);
		return task_go(t, TASK_OVER);
	case STEP_FAILED:
		return task_go(t, retry_is_due(t->e, f) ? TASK_RETRY :
		    TASK_OVER);
	case STEP_SKIPPED: case STEP_UNDONE:
	case STEP_UNKNOWN: case STEP_STOPPED:
		return task_go(t, TASK_OVER);
	case STEP_RUNNING: case STEP_STOPPING:
		return task_go(t, TASK_RECOVER);
	default:
		return task_go(t, TASK_WHEN);
	}
}

static bool
skip(struct task *t, const char *why)
{
	json_t *payload = json_pack("{s:s, s:s}", "state", "skipped", "why",
	    why);

	step_values_keep(t->e, t->plan, RECORD_STEP_SKIP, payload, NULL);
	engine_record(t->e, RECORD_STEP_SKIP, t->plan->address, payload);
	t->state = STEP_SKIPPED;
	return task_go(t, TASK_OVER);
}

/* A `when`: 1 yes, 0 no (skipped), -1 failed. */
static int
ask_when(struct task *t, const struct expr *when, const char *whose)
{
	struct err err = ERR_INIT;
	struct value v;
	char *why;

	if (when == NULL)
		return 1;
	if (expr_test(when, &t->names.scope, t->arena, &v, &err) != 0) {
		task_fail(t, &err, true);
		return -1;
	}
	if (v.type == VALUE_UNKNOWN) {
		err_at(&err, expr_mark(when), "`when` cannot be told: %s",
		    v.u.why);
		task_fail(t, &err, true);
		return -1;
	}
	if (v.u.boolean)
		return 1;
	why = arena_printf(t->arena, "%s%s is false", whose,
	    expr_source(when));
	skip(t, why);
	return 0;
}

static bool
phase_when(struct task *t)
{
	/* was asked once, before there were items */
	if (t->plan->each_of != NULL)
		return task_go(t, TASK_BEFORE);
	task_names(t);
	if (t->plan->parent == NULL && t->plan->undo_of == NULL &&
	    ask_when(t, t->plan->phase->when, "the phase's ") != 1)
		return true;
	if (ask_when(t, t->step->when, "") != 1)
		return true;
	return task_go(t, t->plan->each ? TASK_START : TASK_BEFORE);
}

static void
watch_one(struct task *t, const char *role, const struct conds *conds,
    nsec no, nsec cannot)
{
	struct patience p = { no, cannot, t->step->every };

	if (t->watch != NULL)
		return;
	task_names(t);
	t->watch = watch_new(&t->names, role, conds, NULL, p);
}

/* done_when before the work: already so? */
static bool
phase_before(struct task *t)
{
	struct err err = ERR_INIT;

	if (t->watch == NULL && task_find_host(t, &err) != 0)
		return task_fail(t, &err, true);
	if (t->step->done_when.n == 0)
		return task_go(t, TASK_REQUIRE);
	watch_one(t, "done_when", &t->step->done_when, 0,
	    CANNOT_TELL_PATIENCE);
	switch (watch_advance(t->watch)) {
	case WATCH_BUSY:
		return false;
	case WATCH_YES:
		return outcome_already(t, watch_why(t->watch));
	case WATCH_NO:
		return task_go(t, TASK_REQUIRE);
	default:
		return outcome_condition(t, "done_when", true);
	}
}

static bool
phase_require(struct task *t)
{
	if (t->step->require.n == 0)
		return task_go(t, TASK_IDENTITY);
	watch_one(t, "require", &t->step->require, 0, CANNOT_TELL_PATIENCE);
	switch (watch_advance(t->watch)) {
	case WATCH_BUSY:
		return false;
	case WATCH_YES:
		return task_go(t, TASK_IDENTITY);
	default:
		return outcome_condition(t, "require", true);
	}
}

static bool
(*const phases[TASK_PHASES])(struct task *t) = {
	[TASK_NEW] = phase_new,
	[TASK_WHEN] = phase_when,
	[TASK_RECHECK] = recheck_phase,
	[TASK_RECOVER] = recover_phase,
	[TASK_EVIDENCE] = evidence_phase,
	[TASK_BEFORE] = phase_before,
	[TASK_REQUIRE] = phase_require,
	[TASK_IDENTITY] = identity_phase,
	[TASK_PERMIT] = permit_phase,
	[TASK_START] = start_phase,
	[TASK_CHILDREN] = children_phase,
	[TASK_WORK] = work_phase,
	[TASK_QUESTION] = question_phase,
	[TASK_TIME] = time_phase,
	[TASK_AFTER] = after_phase,
	[TASK_RETRY] = retry_phase,
};

enum progress
task_advance(struct task *t)
{
	while (t->phase != TASK_OVER && !t->e->over)
		if (!phases[t->phase](t))
			return t->bad != NULL ? PROGRESS_BAD : PROGRESS_BUSY;
	if (t->phase != TASK_OVER)
		return PROGRESS_BUSY;
	switch (t->state) {
	case STEP_DONE: case STEP_SKIPPED: case STEP_UNDONE:
		return PROGRESS_DONE;
	default:
		return PROGRESS_BAD;
	}
}

bool
task_runs(const struct task *t)
{
	return t->phase != TASK_OVER && (t->phase == TASK_WORK ||
	    t->phase == TASK_RECOVER) && t->slot_n >= 0 && !t->job_over;
}

static void
stop_now(struct engine *e, void *arg)
{
	struct task *t = arg;

	if (t->slot != NULL)
		slot_stop(t->slot, 10 * NSEC_PER_SEC);
	else
		recover_stop(e, t);
}

void
task_stop(struct task *t, const char *why)
{
	if (!task_runs(t) || t->state == STEP_STOPPING)
		return;
	engine_record(t->e, RECORD_STEP_STOP, t->plan->address,
	    json_pack("{s:i, s:s}", "attempt", (int)t->attempt, "why", why));
	t->state = STEP_STOPPING;
	engine_due(t->e, stop_now, t);
}
