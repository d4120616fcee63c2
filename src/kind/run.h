/* The run kind: what is written, and how it is shown. */
#ifndef CAIRN_KIND_RUN_H
#define CAIRN_KIND_RUN_H

#include "kind/kind.h"

struct shell_text;

struct run {
	struct text_or_list command;
};

/* Compiles shell text; the first error. */
int run_compile(const struct text *t, struct arena *a, struct shell_text *out,
    struct err *err);
/* Fills job->shown: the command with its values, quoted for copying, secrets
 * by name, its input as a comment. */
void run_show(const struct kind_call *call, struct kind_job *job);

#endif
