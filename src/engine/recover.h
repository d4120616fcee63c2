/* What became of an attempt that an earlier driver started: design.md 5. */
#ifndef CAIRN_ENGINE_RECOVER_H
#define CAIRN_ENGINE_RECOVER_H

#include "engine/task.h"

/* TASK_RECOVER: attaches, adopts, or finds what must be asked. */
bool recover_phase(struct task *t);
/* TASK_EVIDENCE: an attempt whose end nobody knows. */
bool evidence_phase(struct task *t);
/* TASK_RECHECK: the machine was restarted, and this step had ended shortly
 * before: does its effect still hold? */
bool recheck_phase(struct task *t);
bool recheck_needed(const struct task *t, const struct fold_step *f);
/* Tells the supervisor of an earlier driver to stop its job. */
void recover_stop(struct engine *e, struct task *t);
/* At the start of a driver: stops looks that are still running, gives back
 * slots that nobody needs. */
void recover_slots(struct engine *e);

#endif
