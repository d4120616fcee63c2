/* From the proof of identity to the work of a step. */
#ifndef CAIRN_ENGINE_START_H
#define CAIRN_ENGINE_START_H

#include "engine/task.h"

/* TASK_IDENTITY: proves which environment this is, where something changes. */
bool identity_phase(struct task *t);
/* TASK_START: makes the job and its start record. */
bool start_phase(struct task *t);
/* TASK_WORK: waits for the job. */
bool work_phase(struct task *t);
/* TASK_CHILDREN: the steps of an included file, in order. */
bool children_phase(struct task *t);
/* TASK_TIME: waits for a moment. */
bool time_phase(struct task *t);
/* The environments whose identity this step has to prove. */
void step_targets(const struct task *t, struct environment **out, size_t *n);
#define MAX_TARGETS 16

#endif
