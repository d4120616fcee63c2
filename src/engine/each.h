/* A step that is done once for each item of a list. The step itself only
 * begins, goes through its items and ends; the items are steps of their own,
 * which the plan gets when the list is known. */
#ifndef CAIRN_ENGINE_EACH_H
#define CAIRN_ENGINE_EACH_H

#include "engine/task.h"

/* Evaluates the list and the keys. The payload of an `items` record, or NULL:
 * the task has failed, and nothing was done. */
json_t *each_items(struct task *t);
/* Records them (takes `items`) and puts them into the plan. */
void each_record(struct task *t, json_t *items);
/* A phase: goes through the items. */
bool each_phase(struct task *t);
/* steps.X.items: key, state and values of each item, in order. */
struct value each_values(struct engine *e, const struct plan_step *s,
    struct arena *a);

#endif
