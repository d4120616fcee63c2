/* A step that failed: what is known of it, and whether it is tried again. */
#ifndef CAIRN_ENGINE_TROUBLE_H
#define CAIRN_ENGINE_TROUBLE_H

#include "engine/task.h"

/* Puts into the end record of a task that ends in `state` what a report of the
 * failure shows: title, where it is written, and `say` and `offer` of the
 * first row of `trouble` that fits. Nothing for an end that is good. */
void trouble_record(struct task *t, enum step_state state, json_t *payload);

/* Puts the moment of the next attempt into the end record of a task that
 * failed and has one left. True: it did. */
bool retry_record(struct task *t, enum step_state state, json_t *payload);
/* Does the last end of a failed step announce another attempt? */
bool retry_is_due(struct engine *e, const struct fold_step *f);
/* The phase between a failed attempt and the next one. */
bool retry_phase(struct task *t);

#endif
