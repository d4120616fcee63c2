/* Taking back: undo of every step that started, latest end first. */
#ifndef CAIRN_ENGINE_BACK_H
#define CAIRN_ENGINE_BACK_H

#include "engine/engine.h"

struct task;

/* Begins to take back, down to `to` (taken back too), or everything. -1: a
 * step that changed something says nothing about its undo. */
int back_begin(struct engine *e, struct plan_step *to, struct err *err);
/* Goes on: true when everything is taken back. */
bool back_advance(struct engine *e);
void back_free(struct engine *e);

/* The steps that would be taken back, in that order, for --plan: returns how
 * many; `out` has room for all steps of the plan. */
size_t back_list(const struct plan *p, const struct fold *f,
    const struct plan_step *to, const struct plan_step **out);
/* "lift the freeze", "nothing to take back: …", or NULL: the book is silent. */
const char *back_what(const struct plan_step *s);

#endif
