/* Questions to people: gates, and the permission to destroy (language.md 5,
 * security.md G2-G5, G11). */
#ifndef CAIRN_ENGINE_PERMIT_H
#define CAIRN_ENGINE_PERMIT_H

#include "engine/task.h"

/* What the effect of a destroying step is, resolved: kind and text, host,
 * environment, targets with their identity as measured. -1: not known yet. */
int effect_digest(struct task *t, const json_t *account,
    char hex[DIGEST_HEX + 1], struct value *shown, struct err *err);

/* TASK_PERMIT: goes on when a permission covers exactly this effect now; else
 * asks at the step. */
bool permit_phase(struct task *t);
/* TASK_QUESTION: asks, takes answers, goes on when they are complete. */
bool question_phase(struct task *t);
/* `verify` of a gate did not hold after its answer: it asks again. */
void question_reopen(struct task *t, const char *why);
/* Checks an answer from the inbox against what waits at t. On success it is
 * recorded; else -1 with the reason. */
int question_answer(struct task *t, const json_t *command, uid_t uid,
    const char *nonce, struct err *err);
/* All targets that a gate's permission is about: the identities to prove. */
void gate_targets(struct task *t, struct environment **out, size_t *n);

#endif
