/* A plan for people and for machines. */
#ifndef CAIRN_PLAN_PRINT_H
#define CAIRN_PLAN_PRINT_H

#include <jansson.h>

#include "plan/plan.h"

struct buf;

/* Phases and steps in order: where, what, effect, when, evidence, undo. */
void plan_text(const struct plan *p, const struct book *b, struct buf *out);
json_t *plan_json(const struct plan *p, const struct book *b);

#endif
