/* What names mean to a step: params vars inputs secrets steps run self. */
#ifndef CAIRN_ENGINE_SCOPE_H
#define CAIRN_ENGINE_SCOPE_H

#include "book/expr.h"
#include "engine/engine.h"

/* Where an expression stands. `at` NULL: the book's own level. */
struct names {
	struct engine *e;
	const struct plan_step *at;
	bool book_level;                   /* a check or an identity: it sees the
	                                      book's own steps, wherever it is
	                                      asked */
	const struct value *inputs;        /* of a check, else NULL: of the file */
	const struct value *self;          /* nearest thing, or NULL */
	const struct value *step;          /* inside a look of a step, or NULL */
	const struct value *item;          /* or NULL: that of `at` */
	struct scope scope;                /* made by names_init */
};

/* Fills `scope`; `n` must stay where it is while the scope is used. */
void names_init(struct names *n, struct engine *e,
    const struct plan_step *at);
/* Values of an ended step as a map (null: skipped, NULL: has not ended). */
const struct value *step_values(struct engine *e, const struct plan_step *s,
    struct err *err);
/* Makes and keeps them from the payload of its last record. `live`, or NULL:
 * the captures as they are in memory, for those that hold a secret. */
const struct value *step_values_keep(struct engine *e,
    const struct plan_step *s, enum record_type type, const json_t *payload,
    const struct value *live);
void step_values_forget(struct engine *e, const struct plan_step *s);

#endif
