/* What the kinds share: texts of a body to values, and how they are shown. */
#ifndef CAIRN_KIND_CALL_H
#define CAIRN_KIND_CALL_H

#include "kind/kind.h"

struct buf;

/* The value of a text where a secret may not stand (S1). In a destroying step
 * its expressions may not be empty or wild (V5). */
int call_text(const struct kind_call *call, const struct text *t,
    struct value *out, struct err *err);
/* In a destroying step: no expression of the text is empty or wild. A list is
 * looked at item by item. */
int call_wild(const struct kind_call *call, const struct text *t, bool url,
    struct err *err);
/* The text with its values; a secret is "[secret:NAME]". Also for plans, so
 * what cannot be evaluated stands as it is written. */
void call_show(const struct kind_call *call, const struct text *t,
    struct buf *out);
/* "[secret:NAME]" for the secret that an expression names. */
void call_show_secret(const struct expr *e, struct buf *out);

/* Does an expression refer to one of these roots ("steps", "params", …)? To
 * none but these? */
bool expr_uses(const struct expr *e, const char *const *names);
bool expr_uses_only(const struct expr *e, const char *const *names);
/* A captured, foreign or `item` value that stands after "/" without path_join
 * (V8). */
void check_joined(const struct text *t, struct errs *errs);
/* Text that destroys in a body that does not say so (V9). `word` is what was
 * found, or NULL. */
void check_destroying(const char *word, struct mark mark, enum effect effect,
    struct errs *errs);

/* The result line of a worker, decoded; *out is a map. What it reports as its
 * own error, a signal, a line that is none: -1. */
int worker_result(const struct kind_call *call, const struct kind_outcome *o,
    struct value *out, struct err *err);
/* How a job ended, as a sentence, when it is not an exit. */
int job_died(const struct job_result *r, struct err *err);

#endif
