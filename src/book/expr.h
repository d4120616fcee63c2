/* Expressions (language.md 3, grammar in details.md 1): parsed once when the
 * book is read, evaluated pure, with a bounded cost. */
#ifndef CAIRN_BOOK_EXPR_H
#define CAIRN_BOOK_EXPR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "book/value.h"

struct arena;
struct expr;
struct node;

/* Where names get their values. `get` answers root.name (root "params", name
 * "domain"), or root alone (name NULL: "item", or a root used as a whole).
 * -1 with err for an unknown name. A step that was skipped is null. */
struct scope {
	int (*get)(void *ctx, const char *root, const char *name,
	    struct arena *a, struct value *out, struct err *err);
	void *ctx;
	nsec now;             /* what now() yields: fixed for one evaluation */
};

/* Parses bytes [from, from+n) of a scalar node; errors point there. The result
 * lives in the arena. Unknown functions and names, wrong numbers of arguments,
 * types that can never fit and what goes wrong in constants (1 + 'a', 1 / 0,
 * a pattern that does not compile) are errors already. NULL and err then. */
struct expr *expr_parse(struct arena *arena, const struct node *scalar,
    size_t from, size_t n, struct err *err);
/* Evaluates. Temporary values come from `a` as well. -1 and err (with the
 * place inside the YAML file) on a type error, a missing key, a limit. */
int expr_eval(const struct expr *e, const struct scope *scope,
    struct arena *a, struct value *out, struct err *err);
/* Evaluates and wants a bool or unknown. */
int expr_test(const struct expr *e, const struct scope *scope,
    struct arena *a, struct value *out, struct err *err);

/* One bare name, not true false null: a check in a list of conditions.
 * Returns it, or NULL. */
const char *expr_bare_name(const struct expr *e);
/* The text as it is written in the book. */
const char *expr_source(const struct expr *e);
struct mark expr_mark(const struct expr *e);

/* Every reference root.name[.member] in the expression: `member` is the
 * third part when it is literal, else NULL; name NULL: the root as a whole or
 * with a computed index. `item.x` is reported as root "item", name "x", but
 * evaluated as the member x of get("item", NULL). Names bound by `x ->` are
 * not reported. A single name that is no root may be a check; it is reported
 * with itself as the root. Stops and
 * returns the first value of `fn` that is not 0. */
struct expr_ref {
	const char *root, *name, *member;
	struct mark mark;
};
int expr_refs(const struct expr *e,
    int (*fn)(const struct expr_ref *ref, void *ctx), void *ctx);

/* The table of functions, for the manual: name, signature, one sentence.
 * Row i, from 0, in the order of the manual; NULL behind the last. */
struct expr_function_doc {
	const char *name, *signature, *help;
};
const struct expr_function_doc *expr_function_doc(size_t i);

#endif
