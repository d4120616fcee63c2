/* A question put to the person at the terminal, part by part. Pure: lines in,
 * text out; who shows and reads is view.c. */
#ifndef CAIRN_CLI_ASK_H
#define CAIRN_CLI_ASK_H

#include <jansson.h>
#include <stddef.h>

struct ask;
struct buf;

enum ask_end {
	ASK_MORE,                    /* the next part is to be asked */
	ASK_TOLD,                    /* ask_command has it all */
};

/* A gate: choice, ticks, fields, in whose name, the words; then the answer.
 * `question` is the payload of its record and is taken over. */
struct ask *ask_gate(const char *step, json_t *question, const char *login);
/* What to do with a step that is `state` (failed, unknown, stopped): retry,
 * done, skip, undo, with a reason; leave gives a command without a verb. */
struct ask *ask_trouble(const char *step, const char *state);
/* What to do with what runs, after Ctrl-C: wait and leave give the verbs
 * "wait" and "leave", which only the viewer knows; stop is one of a run's. */
struct ask *ask_running(void);
/* NULL is fine. */
void ask_free(struct ask *a);

/* The step; "" for ask_running. */
const char *ask_step(const struct ask *a);
/* Appends what is asked now, escaped, without a newline at its end. */
void ask_prompt(const struct ask *a, struct buf *out);
/* Takes a line, without its newline; appends what is wrong with it. */
enum ask_end ask_line(struct ask *a, const char *line, size_t n,
    struct buf *out);
/* After ASK_TOLD: {verb, step, …}; the caller owns it. */
json_t *ask_command(const struct ask *a);
/* After a refusal: fields and words are asked again; choice and ticks stay. */
void ask_again(struct ask *a);

#endif
