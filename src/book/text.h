/* Text with ${{ }} (details.md 1): literal parts and expressions. */
#ifndef CAIRN_BOOK_TEXT_H
#define CAIRN_BOOK_TEXT_H

#include "book/expr.h"

struct text_part {
	const char *literal;          /* or NULL: an expression */
	size_t len;
	size_t offset;                /* of the part in the scalar */
	struct expr *expr;
};

struct text {
	const struct node *node;      /* the scalar; place and source text */
	struct text_part *parts;
	size_t n;
};

/* Parses a scalar. The traps of YAML around ${{ }} have their own messages
 * (an unclosed "${{", a "}}" cut by " #"). NULL and err on failure. */
struct text *text_parse(struct arena *arena, const struct node *scalar,
    struct err *err);
/* As it is written in the book, and where. */
const char *text_source(const struct text *t);
struct mark text_mark(const struct text *t);
/* No expression inside. */
bool text_is_literal(const struct text *t);
/* The text, with values written canonically; null, list, map, unknown are
 * errors that point at the expression. The value carries the flags of its
 * parts (SECRET, FOREIGN; LITERAL when there is no expression). */
int text_eval(const struct text *t, const struct scope *scope,
    struct arena *a, struct value *out, struct err *err);
/* The same, but a text that is exactly one ${{ e }} keeps the type of e. */
int text_eval_typed(const struct text *t, const struct scope *scope,
    struct arena *a, struct value *out, struct err *err);
int text_refs(const struct text *t,
    int (*fn)(const struct expr_ref *ref, void *ctx), void *ctx);

#endif
