/* One look: a body that only reads, run in a slot of its own, and the answer
 * of its condition. A look has a time limit and its answer is never adopted
 * after a crash: it is asked again. */
#ifndef CAIRN_ENGINE_LOOK_H
#define CAIRN_ENGINE_LOOK_H

#include "engine/scope.h"

enum answer { ANSWER_YES, ANSWER_NO, ANSWER_CANNOT };
extern const char *const answer_names[];

/* An answer with what led to it. */
struct answered {
	enum answer answer;
	char *why;                   /* one sentence; in the arena given */
	char *evidence;              /* what was seen, unmasked; "" */
	struct value captures;       /* map */
};

struct look;

/* Begins to look; NULL with err: it cannot even begin (cannot tell). `names`
 * is copied. */
struct look *look_start(const struct cond *c, const struct names *names,
    struct err *err);
/* Has it ended? Then *out is filled from `a`. Also stops it when it is late. */
bool look_advance(struct look *l, struct arena *a, struct answered *out);
/* Lets go of it: a running one is stopped, and freed when it has ended. */
void look_drop(struct look *l);
/* `holds`, or any condition expression, to an answer. */
void answer_expr(const struct expr *x, struct names *names, struct arena *a,
    struct answered *out);

#endif
