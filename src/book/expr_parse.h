/* What the halves of the parser share. Private to src/book/expr_parse*.c. */
#ifndef CAIRN_BOOK_EXPR_PARSE_H
#define CAIRN_BOOK_EXPR_PARSE_H

#include "book/expr_private.h"

/* A variable of x ->, innermost first. */
struct bound {
	const struct bound *outer;
	const char *name;
	unsigned slot;
};

struct parser {
	struct lexer lex;
	struct token token;
	const struct bound *bound;
	unsigned depth;
	bool alone;      /* nothing was read yet: a bare name may be a check */
};

/* An error at `at`, unless the lexer had one already; NULL. */
void *parse_fail(struct parser *p, size_t at, const char *text,
    const char *hint);
void parse_advance(struct parser *p);
/* Goes on when the token is of this type. */
bool parse_take(struct parser *p, enum token_type type);

struct expr_node *parse_node(struct parser *p, enum expr_op op, size_t at,
    size_t n);
/* Checks a node whose arguments are all there; NULL after an error. */
struct expr_node *parse_finish(struct parser *p, struct expr_node *node);
/* With two arguments; one that is NULL was an error. */
struct expr_node *parse_two(struct parser *p, enum expr_op op, size_t at,
    struct expr_node *left, struct expr_node *right);

struct expr_node *parse_expr(struct parser *p);
/* A value with what is looked up in it: f(x)[1].name */
struct expr_node *parse_postfix(struct parser *p);

#endif
