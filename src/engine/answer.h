/* Questions on record and what people said to them. */
#ifndef CAIRN_ENGINE_ANSWER_H
#define CAIRN_ENGINE_ANSWER_H

#include "engine/task.h"

/* Records the question t->question with the steps that it `allows` (taken),
 * unless it is the very question that is on record already. Returns the
 * payload; the caller owns it. */
json_t *answer_ask(struct task *t, const char *kind, json_t *allows);

/* Everything that was said to the question that stands. */
struct answers {
	int choice;                  /* enum choice */
	const char *choice_word;     /* or NULL */
	struct value values;         /* fields, choice, by */
};
/* Are all ticks, fields, the choice and the words there? */
bool answers_complete(struct task *t, struct answers *out);
/* What was said does not count any more. */
void answers_forget(struct task *t);

#endif
