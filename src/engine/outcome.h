/* How a step ends: conditions after the work, captures, the end record. */
#ifndef CAIRN_ENGINE_OUTCOME_H
#define CAIRN_ENGINE_OUTCOME_H

#include "engine/task.h"

/* The job has ended (or was adopted): judges output, takes captures. */
bool outcome_read(struct task *t);
/* TASK_AFTER: done_when and verify. */
bool after_phase(struct task *t);
/* done_when held before anything was done. */
bool outcome_already(struct task *t, const char *why);
/* A condition of the watch did not hold: fails (or: unknown) with its words.
 * `before`: nothing was done yet. */
bool outcome_condition(struct task *t, const char *role, bool before);
/* What a step without a job found, for its end record. */
void outcome_results(struct task *t, struct value results);
/* Takes the captures of a step without a job, then goes on to TASK_AFTER. */
bool outcome_values(struct task *t, struct value results);

#endif
