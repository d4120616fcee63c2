#include "engine/recover.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "book/json.h"
#include "engine/outcome.h"
#include "engine/secret.h"
#include "journal/journal.h"
#include "journal/rundir.h"

#define LOOK_AGAIN (NSEC_PER_SEC / 10)
#define POWER_CUT (120 * NSEC_PER_SEC)
#define MAX_SLOTS 4096

/* ---- an interrupted attempt */

/* The attempt is known not to run any more and left no result: what its step
 * says about being done again decides. */
static bool
ended_unknown(struct task *t)
{
	t->slot = NULL;
	return task_go(t, TASK_EVIDENCE);
}

static bool
not_started(struct task *t, const char *why)
{
	engine_note(t->e, t->plan->address, "attempt %u had not begun: %s; "
	    "it begins anew", t->attempt, why);
	slots_adopt_empty(t->e->slots, t->slot_n);
	return task_go(t, TASK_BEFORE);
}

/* Without its secrets an output would be kept unmasked. So it stays where it
 * is, and the step as it is, until somebody resumes who has them (S7). */
static bool
secret_lacks(struct task *t, struct err *err)
{
	struct engine *e = t->e;

	engine_note(e, t->plan->address, "what it printed is not read before "
	    "its secrets are there: %s", err->text);
	err_free(err);
	t->job_over = true;
	e->pausing = true;
	engine_end(e, RUN_WAITING, "a secret of '%s' is not there; cairn "
	    "resume tries again", t->plan->address);
	return false;
}

/* Rebuilds what is needed to read the result. */
static bool
adopt(struct task *t, const json_t *start)
{
	struct err err = ERR_INIT;

	if (secret_get_all(t->e, json_object_get(start, "secrets"), &err) != 0)
		return secret_lacks(t, &err);
	t->job_over = true;
	if (task_find_host(t, &err) != 0)
		return task_fail(t, &err, false);
	work_call(&t->call, &t->names, &t->body, t->arena, t->nonce,
	    t->step->effect, false);
	return outcome_read(t);
}

/* The result of before a restart of the machine counts only where the step
 * itself can prove it: the effect may be lost although its record is not. */
static bool
proves_itself(const struct task *t)
{
	return t->step->done_when.n > 0 || t->step->verify.n > 0 ||
	    t->step->effect == EFFECT_READS;
}

static bool
has_begun(struct task *t)
{
	struct buf out = BUF_INIT(64 * 1024);
	struct err err = ERR_INIT;
	bool begun = true;

	if (t->kind->not_begun != NULL && slot_read(t->e->slots, t->slot_n, 1,
	    0, 64 * 1024, &out, &err) == 0)
		begun = !t->kind->not_begun(out.data, out.len);
	buf_free(&out);
	err_free(&err);
	return begun;
}

static bool
wait_for_it(struct task *t, const char *what)
{
	if (!t->noted) {
		t->noted = true;
		engine_note(t->e, t->plan->address, "attempt %u %s",
		    t->attempt, what);
	}
	if (t->e->stopping && t->state != STEP_STOPPING)
		task_stop(t, "the run is being stopped");
	engine_wake(t->e, clock_mono(t->e->clock) + LOOK_AGAIN);
	return false;
}

static bool
recover_job(struct task *t, const json_t *start)
{
	const char *boot = clock_boot(t->e->clock);
	struct job_meta meta;

	switch (slot_inspect(t->e->drive->dir->job_fd, t->slot_n, t->nonce,
	    boot, &t->result, &meta)) {
	case SLOT_NOT_STARTED:
		return not_started(t, "its slot is empty");
	case SLOT_PENDING:
		return wait_for_it(t, "is about to begin in an earlier "
		    "driver's slot");
	case SLOT_RUNNING:
		return wait_for_it(t, "still runs; attached to it");
	case SLOT_ORPHAN:
		return wait_for_it(t, "still runs, but its supervisor is "
		    "gone: its exit status will not be known");
	case SLOT_ENDED:
		if (strcmp(meta.boot, boot) != 0 && !proves_itself(t))
			return ended_unknown(t);
		return adopt(t, start);
	default:
		if (!has_begun(t))
			return not_started(t, "nothing was sent yet");
		return ended_unknown(t);
	}
}

bool
recover_phase(struct task *t)
{
	const struct fold_step *f = fold_find(t->e->fold, t->plan->address);
	struct err err = ERR_INIT;
	const char *nonce;
	json_t *start;
	bool moved;

	if (t->slot_n < 0) {
		/* nothing of it runs anywhere: it goes on from the record */
		return task_go(t, t->step->include != NULL || t->plan->each ?
		    TASK_CHILDREN :
		    TASK_BEFORE);
	}
	start = f == NULL || f->start == 0 ? NULL :
	    journal_payload(t->e->journal, f->start - 1, &err);
	if (start == NULL)
		return task_fail(t, &err, false);
	nonce = json_string_value(json_object_get(start, "nonce"));
	if (nonce != NULL && strlen(nonce) == NONCE_HEX)
		memcpy(t->nonce, nonce, sizeof t->nonce);
	moved = recover_job(t, start);
	json_decref(start);
	return moved;
}

void
recover_stop(struct engine *e, struct task *t)
{
	slot_stop_left(e->drive->dir->job_fd, t->slot_n, t->nonce,
	    clock_boot(e->clock));
}

/* ---- evidence */

static bool
may_run_again(const struct task *t)
{
	return t->step->effect == EFFECT_READS || t->step->repeatable ||
	    (t->kind != NULL && t->kind->again);
}

static bool
no_evidence(struct task *t)
{
	if (t->state == STEP_STOPPING)
		return task_end(t, STEP_STOPPED, "it was told to stop, and "
		    "nothing of it is left running; how far it came is not "
		    "known");
	if (may_run_again(t)) {
		engine_note(t->e, t->plan->address, "attempt %u was "
		    "interrupted and its end is not known; the step may run "
		    "again, so it does", t->attempt);
		return task_go(t, TASK_BEFORE);
	}
	return task_end(t, STEP_UNKNOWN, "it was interrupted, its end is not "
	    "known, nothing proves what it did, and it may not be run again "
	    "by itself");
}

bool
evidence_phase(struct task *t)
{
	struct patience once = { 0, 0, t->step->every };

	if (t->step->done_when.n == 0)
		return no_evidence(t);
	if (t->watch == NULL) {
		task_names(t);
		t->watch = watch_new(&t->names, "done_when",
		    &t->step->done_when, NULL, once);
	}
	switch (watch_advance(t->watch)) {
	case WATCH_BUSY:
		return false;
	case WATCH_YES:
		return outcome_already(t, watch_why(t->watch));
	default:
		return no_evidence(t);
	}
}

/* ---- after a restart of the machine */

bool
recheck_needed(const struct task *t, const struct fold_step *f)
{
	return t->e->rebooted && t->step->effect != EFFECT_READS &&
	    t->kind != NULL && t->kind->flow == FLOW_JOB &&
	    f != NULL && fold_last_at(t->e->fold) - f->ended < POWER_CUT;
}

static bool
recheck_lost(struct task *t, const char *why)
{
	return task_end(t, STEP_UNKNOWN, arena_printf(t->arena, "the machine "
	    "was restarted shortly after it ended, and whether its effect "
	    "survived is not known: %s", why));
}

bool
recheck_phase(struct task *t)
{
	struct err err = ERR_INIT;
	const struct value *self;
	struct patience p = { 0, CANNOT_TELL_PATIENCE, t->step->every };

	if (t->step->done_when.n == 0 && t->step->verify.n == 0)
		return recheck_lost(t, "the step has no `verify` and no "
		    "`done_when` that could tell");
	if (t->watch == NULL) {
		self = step_values(t->e, t->plan, &err);
		err_free(&err);
		t->self = self == NULL ? value_null() : *self;
		task_names(t);
		t->names.self = &t->self;
		t->watch = watch_new(&t->names, "verify", &t->step->done_when,
		    &t->step->verify, p);
	}
	switch (watch_advance(t->watch)) {
	case WATCH_BUSY:
		return false;
	case WATCH_YES:
		engine_note(t->e, t->plan->address, "its effect survived the "
		    "restart of the machine: %s", watch_why(t->watch));
		return task_go(t, TASK_OVER);
	default:
		return recheck_lost(t, watch_why(t->watch));
	}
}

/* ---- slots of earlier drivers */

/* Does a step wait for the job in this slot? Whatever its meta says: the job
 * may be about to begin. */
static bool
wanted(struct engine *e, int number)
{
	size_t i;

	for (i = 0; i < fold_count(e->fold); i++) {
		const struct fold_step *f = fold_at(e->fold, i);

		if (f->slot == number && (f->state == STEP_RUNNING ||
		    f->state == STEP_STOPPING))
			return true;
	}
	return false;
}

void
recover_slots(struct engine *e)
{
	int *numbers = xmalloc(MAX_SLOTS * sizeof *numbers);
	int job_fd = e->drive->dir->job_fd;
	size_t n = slots_existing(job_fd, numbers, MAX_SLOTS), i;

	for (i = 0; i < n; i++) {
		char nonce[NONCE_HEX + 1] = "";

		if (wanted(e, numbers[i]))
			continue;
		slot_nonce(job_fd, numbers[i], nonce);
		if (slot_is_free(job_fd, numbers[i]))
			slots_adopt_empty(e->slots, numbers[i]);
		else if (nonce[0] != '\0')
			slot_stop_left(job_fd, numbers[i], nonce,
			    clock_boot(e->clock));
	}
	free(numbers);
}
