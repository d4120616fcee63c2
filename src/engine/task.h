/* The life of one step, from `when` to its end record (language.md 2):
 *
 *   when -> [recover an interrupted attempt] -> done_when -> require ->
 *   identity -> permission -> START RECORD -> work -> ok_exit expect refuse ->
 *   capture -> done_when and verify -> END RECORD
 *
 * Invariants:
 *  T1 Nothing but looks runs for a task before its start record is on disk.
 *  T2 A task ends once, by one end or skip record.
 *  T3 A new attempt begins only when the one before is known not to run. */
#ifndef CAIRN_ENGINE_TASK_H
#define CAIRN_ENGINE_TASK_H

#include "engine/engine.h"
#include "engine/scope.h"
#include "engine/watch.h"
#include "engine/work.h"
#include "kind/kind.h"

enum task_phase {
	TASK_NEW, TASK_WHEN, TASK_RECHECK, TASK_RECOVER, TASK_EVIDENCE,
	TASK_BEFORE, TASK_REQUIRE, TASK_IDENTITY, TASK_PERMIT, TASK_START,
	TASK_CHILDREN, TASK_WORK, TASK_QUESTION, TASK_TIME, TASK_AFTER,
	TASK_RETRY, TASK_OVER, TASK_PHASES
};

struct task {
	struct engine *e;
	const struct plan_step *plan;
	const struct step *step;
	const struct kind *kind;         /* NULL: none, or an include */
	enum task_phase phase;
	enum step_state state;           /* records of this turn included */
	struct arena *arena;             /* of the attempt */
	struct names names;
	struct watch *watch;

	unsigned attempt;                /* of the last start record */
	char nonce[NONCE_HEX + 1];
	struct body body;                /* with its host, from TASK_BEFORE on */
	struct kind_call call;
	struct kind_job job;
	struct slot *slot;               /* ours, or NULL */
	int slot_n;                      /* also of a job of an earlier driver */
	bool job_over;
	struct job_result result;
	bool read;                       /* `work` holds what it printed */
	struct work_result work;
	struct value self;               /* for captures and conditions */
	struct value_map captures;
	nsec begin, end;                 /* wall; of work that is no job */
	bool nothing_done;               /* it failed before any effect */
	nsec after_began;                /* mono: of TASK_AFTER */
	nsec first_after, again_at;      /* mono: a reading step is read again */
	bool noted;                      /* said once: orphan, late */
	nsec late_at;                    /* mono: when `timeout` is over; 0 */
	bool late;                       /* which is why it is being stopped */

	const struct value *inputs;      /* of an include: what `with` gives */
	size_t child;                    /* the one whose turn it is */
	const struct task *bad;          /* the one that ended the turn badly */

	struct question question;        /* gate, or a destroying step */
	json_t *asked;                   /* payload of its ask record */
	bool answered;                   /* something was said to it since */
	nsec until;                      /* TASK_TIME: wall */
	size_t target;                   /* whose identity is being proven */
	json_t *account;                 /* of the identity that was proven */
};

enum progress { PROGRESS_BUSY, PROGRESS_DONE, PROGRESS_BAD };

/* The task of a step; made when first asked for. */
struct task *task_of(struct engine *e, const struct plan_step *s);
void task_free(struct task *t);
/* Nobody finds it any more; it is freed when what it left in `due` is done. */
void task_drop(struct task *t);
/* Goes on as far as it can. BAD: failed, unknown or stopped; what comes after
 * it does not start. */
enum progress task_advance(struct task *t);
/* A person told the run to stop: stops what runs, journaled first. */
void task_stop(struct task *t, const char *why);
/* Does a job of it run, here or left by an earlier driver? */
bool task_runs(const struct task *t);
/* Inputs of the included file that a step stands in, or NULL. */
const struct value *task_inputs(struct engine *e, const struct plan_step *s);
/* Computes them for a step that is an include. -1 with err: `with` gives what
 * does not fit. */
int task_bind(struct task *t, struct err *err);
/* The names that a step's expressions use. */
void task_names(struct task *t);
/* Finds the host of the step, which may be computed. */
int task_find_host(struct task *t, struct err *err);

/* ---- for the parts of the engine that carry a task on */

/* Ends the task by an end record. `why` may be NULL. */
bool task_end(struct task *t, enum step_state state, const char *why);
bool task_fail(struct task *t, struct err *err, bool nothing_done);
bool task_go(struct task *t, enum task_phase phase);
/* The title with its values, or as it is written. */
char *task_title(struct task *t, struct arena *a);

#endif
