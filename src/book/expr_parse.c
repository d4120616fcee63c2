#include "book/expr_parse.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "yaml/node.h"

static struct expr_node *parse_not(struct parser *p);

void *parse_fail(struct parser *p, size_t at, const char *text,
    const char *hint)
{
	if (p->token.type != TOKEN_BAD) {
		err_at(p->lex.err, node_mark_at(p->lex.scalar, at), "%s", text);
		if (hint && p->lex.err->set)
			err_hint(p->lex.err, "%s", hint);
	}
	return NULL;
}

void parse_advance(struct parser *p)
{
	p->token = lex_next(&p->lex);
}

bool parse_take(struct parser *p, enum token_type type)
{
	if (p->token.type != type)
		return false;
	parse_advance(p);
	return true;
}

struct expr_node *parse_node(struct parser *p, enum expr_op op, size_t at,
    size_t n)
{
	struct expr_node *node = arena_alloc(p->lex.arena, sizeof *node);

	node->op = op;
	node->at = at;
	node->n = n;
	if (n)
		node->args = arena_array(p->lex.arena, n, sizeof *node->args);
	return node;
}

struct expr_node *parse_finish(struct parser *p, struct expr_node *node)
{
	size_t i;

	for (i = 0; i < node->n; i++) {
		if (node->args[i]->height >= node->height)
			node->height = node->args[i]->height + 1;
	}
	if (node->height > EXPR_HEIGHT_MAX)
		return parse_fail(p, node->at, "this expression is too long",
		    "compute parts of it in vars or captures");
	return expr_check(&p->lex, node) < 0 ? NULL : node;
}

static struct expr_node *one(struct parser *p, enum expr_op op, size_t at,
    struct expr_node *arg)
{
	struct expr_node *node;

	if (!arg)
		return NULL;
	node = parse_node(p, op, at, 1);
	node->args[0] = arg;
	return parse_finish(p, node);
}

struct expr_node *parse_two(struct parser *p, enum expr_op op, size_t at,
    struct expr_node *left, struct expr_node *right)
{
	struct expr_node *node;

	if (!left || !right)
		return NULL;
	node = parse_node(p, op, at, 2);
	node->args[0] = left;
	node->args[1] = right;
	return parse_finish(p, node);
}

static bool too_deep(struct parser *p)
{
	if (p->depth < LIMIT_EXPR_DEPTH)
		return false;
	parse_fail(p, p->token.at, "this expression is nested too deeply",
	    "compute parts of it in vars or captures");
	return true;
}

static struct expr_node *parse_unary(struct parser *p)
{
	struct expr_node *node;
	size_t at = p->token.at;

	if (p->token.type != TOKEN_MINUS)
		return parse_postfix(p);
	if (too_deep(p))
		return NULL;
	p->alone = false;
	p->depth++;
	parse_advance(p);
	node = one(p, OP_NEGATE, at, parse_unary(p));
	p->depth--;
	return node;
}

/* Operators that chain to the left, the loosest first. */
static const struct {
	enum token_type token;
	enum expr_op op;
	unsigned level;
} chained[] = {
	{ TOKEN_OR, OP_OR, 0 }, { TOKEN_AND, OP_AND, 1 },
	{ TOKEN_COALESCE, OP_COALESCE, 2 },
	{ TOKEN_PLUS, OP_ADD, 3 }, { TOKEN_MINUS, OP_SUBTRACT, 3 },
	{ TOKEN_TIMES, OP_MULTIPLY, 4 }, { TOKEN_DIVIDE, OP_DIVIDE, 4 },
	{ TOKEN_MODULO, OP_MODULO, 4 },
};
#define LEVEL_AND 1
#define LEVEL_TIGHTEST 4

static struct expr_node *parse_chain(struct parser *p, unsigned level);

static struct expr_node *parse_operand(struct parser *p, unsigned level)
{
	if (level == LEVEL_AND)
		return parse_not(p);
	return level == LEVEL_TIGHTEST ? parse_unary(p) :
	    parse_chain(p, level + 1);
}

static const enum expr_op *chained_op(const struct parser *p, unsigned level)
{
	size_t i;

	for (i = 0; i < sizeof chained / sizeof *chained; i++) {
		if (chained[i].token == p->token.type &&
		    chained[i].level == level)
			return &chained[i].op;
	}
	return NULL;
}

static struct expr_node *parse_chain(struct parser *p, unsigned level)
{
	struct expr_node *left = parse_operand(p, level);
	const enum expr_op *op;
	size_t at;

	while (left && (op = chained_op(p, level)) != NULL) {
		at = p->token.at;
		parse_advance(p);
		left = parse_two(p, *op, at, left, parse_operand(p, level));
	}
	return left;
}

/* OP_LITERAL: the token compares nothing. */
static enum expr_op compare_op(const struct parser *p)
{
	switch (p->token.type) {
	case TOKEN_EQ: return OP_EQ;
	case TOKEN_NE: return OP_NE;
	case TOKEN_LT: return OP_LT;
	case TOKEN_LE: return OP_LE;
	case TOKEN_GT: return OP_GT;
	case TOKEN_GE: return OP_GE;
	case TOKEN_IN: return OP_IN;
	case TOKEN_NOT: return OP_NOT_IN;
	default: return OP_LITERAL;
	}
}

static struct expr_node *parse_compare(struct parser *p)
{
	struct expr_node *left = parse_chain(p, LEVEL_AND + 1);
	enum expr_op op = compare_op(p);
	size_t at = p->token.at;

	if (!left || op == OP_LITERAL)
		return left;
	parse_advance(p);
	if (op == OP_NOT_IN && !parse_take(p, TOKEN_IN))
		return parse_fail(p, at, "'not' cannot stand between two "
		    "values", "only 'not in' can");
	left = parse_two(p, op, at, left, parse_chain(p, LEVEL_AND + 1));
	if (left && compare_op(p) != OP_LITERAL)
		return parse_fail(p, p->token.at, "comparisons do not chain",
		    "write a < b and b < c, or put one in parentheses");
	return left;
}

static struct expr_node *parse_not(struct parser *p)
{
	struct expr_node *node;
	size_t at = p->token.at;

	if (p->token.type != TOKEN_NOT)
		return parse_compare(p);
	if (too_deep(p))
		return NULL;
	p->alone = false;
	p->depth++;
	parse_advance(p);
	node = one(p, OP_NOT, at, parse_not(p));
	p->depth--;
	return node;
}

struct expr_node *parse_expr(struct parser *p)
{
	struct expr_node *node;

	if (p->token.type != TOKEN_NAME)
		p->alone = false;
	if (too_deep(p))
		return NULL;
	p->depth++;
	node = parse_chain(p, 0);
	p->depth--;
	return node;
}

static struct expr_node *parse_whole(struct parser *p)
{
	struct expr_node *node;

	parse_advance(p);
	if (p->token.type == TOKEN_END)
		return parse_fail(p, p->token.at, "an expression is missing "
		    "here", NULL);
	node = parse_expr(p);
	if (node && p->token.type != TOKEN_END)
		return parse_fail(p, p->token.at, "the expression should end "
		    "here",
		    p->token.type == TOKEN_NAME ||
		    p->token.type == TOKEN_LITERAL ?
		    "an operator is missing before it" : NULL);
	return node;
}

static const char *source(struct parser *p, size_t from, size_t n)
{
	const char *s = p->lex.s + from;

	while (n && strchr(" \t\r\n", s[n - 1]) && s[n - 1])
		n--;
	return arena_strndup(p->lex.arena, s, n);
}

struct expr *expr_parse(struct arena *arena, const struct node *scalar,
    size_t from, size_t n, struct err *err)
{
	struct parser p = { .lex = { scalar, scalar->text, from, from + n,
		arena, err }, .alone = true };
	struct expr_node *root = NULL;
	struct expr *e;

	if (scalar->type != NODE_SCALAR)
		err_at(err, scalar->mark, "an expression is text, not %s",
		    node_type_name(scalar));
	else
		root = parse_whole(&p);
	if (!root) {
		if (node_is_cut(scalar))
			err_hint(err, "YAML cuts at ' #': was the rest cut "
			    "off as a comment? Put the whole in quotes");
		return NULL;
	}
	while (from < p.lex.end && strchr(" \t\r\n", scalar->text[from]))
		from++, n--;
	e = arena_alloc(arena, sizeof *e);
	*e = (struct expr){ scalar, root, source(&p, from, n), from };
	return e;
}
