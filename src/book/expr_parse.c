#include "book/expr_private.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "yaml/node.h"

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
	bool alone;          /* nothing was read yet: a bare name may be a check */
};

static struct expr_node *parse_expr(struct parser *p);
static struct expr_node *parse_not(struct parser *p);

static void *fail(struct parser *p, size_t at, const char *text,
    const char *hint)
{
	if (p->token.type != TOKEN_BAD) {
		err_at(p->lex.err, node_mark_at(p->lex.scalar, at), "%s", text);
		if (hint && p->lex.err->set)
			err_hint(p->lex.err, "%s", hint);
	}
	return NULL;
}

static void advance(struct parser *p)
{
	p->token = lex_next(&p->lex);
}

static bool take(struct parser *p, enum token_type type)
{
	if (p->token.type != type)
		return false;
	advance(p);
	return true;
}

static struct expr_node *node_new(struct parser *p, enum expr_op op, size_t at,
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

static struct expr_node *finish(struct parser *p, struct expr_node *node)
{
	size_t i;

	for (i = 0; i < node->n; i++) {
		if (node->args[i]->height >= node->height)
			node->height = node->args[i]->height + 1;
	}
	if (node->height > EXPR_HEIGHT_MAX)
		return fail(p, node->at, "this expression is too long",
		    "compute parts of it in vars or captures");
	return expr_check(&p->lex, node) < 0 ? NULL : node;
}

static struct expr_node *one(struct parser *p, enum expr_op op, size_t at,
    struct expr_node *arg)
{
	struct expr_node *node;

	if (!arg)
		return NULL;
	node = node_new(p, op, at, 1);
	node->args[0] = arg;
	return finish(p, node);
}

static struct expr_node *two(struct parser *p, enum expr_op op, size_t at,
    struct expr_node *left, struct expr_node *right)
{
	struct expr_node *node;

	if (!left || !right)
		return NULL;
	node = node_new(p, op, at, 2);
	node->args[0] = left;
	node->args[1] = right;
	return finish(p, node);
}

static const char *token_name(struct parser *p, struct token t)
{
	return arena_strndup(p->lex.arena, p->lex.s + t.at, t.len);
}

/* A list under construction, of arguments or elements. */
struct nodes {
	struct expr_node **v;
	size_t n, cap;
};

static void push(struct parser *p, struct nodes *list, struct expr_node *node)
{
	struct expr_node **grown;

	if (list->n == list->cap) {
		list->cap = list->cap ? list->cap * 2 : 4;
		grown = arena_array(p->lex.arena, list->cap, sizeof *grown);
		if (list->n)
			memcpy(grown, list->v, list->n * sizeof *grown);
		list->v = grown;
	}
	list->v[list->n++] = node;
}

static const struct bound *find_bound(const struct parser *p, struct token t)
{
	const struct bound *b;

	for (b = p->bound; b; b = b->outer) {
		if (strlen(b->name) == t.len &&
		    memcmp(b->name, p->lex.s + t.at, t.len) == 0)
			return b;
	}
	return NULL;
}

/* Behind the name: x -> body. */
static struct expr_node *parse_lambda(struct parser *p)
{
	struct token t = p->token;
	struct bound b = { p->bound, token_name(p, t),
		p->bound ? p->bound->slot + 1 : 0 };
	struct expr_node *node = node_new(p, OP_LAMBDA, t.at, 1);

	if (expr_root(b.name, t.len) || find_bound(p, t))
		return fail(p, t.at, "this name has a meaning already",
		    "take another one before ->");
	advance(p);
	advance(p);
	p->bound = &b;
	node->args[0] = parse_expr(p);
	p->bound = b.outer;
	node->slot = b.slot;
	node->root = b.name;
	return node->args[0] ? finish(p, node) : NULL;
}

static struct expr_node *parse_arg(struct parser *p,
    const struct function *f, size_t i)
{
	if (p->token.type != TOKEN_NAME || !lex_arrow_follows(&p->lex))
		return parse_expr(p);
	if (f && f->flags & FUNCTION_LAMBDA && i == 1)
		return parse_lambda(p);
	return fail(p, p->token.at, "'->' stands only in the second argument "
	    "of map, filter, any, all and sum", NULL);
}

/* Elements up to `close`; false after an error. */
static bool parse_items(struct parser *p, enum token_type close,
    const struct function *f, struct nodes *list)
{
	struct expr_node *item;

	if (take(p, close))
		return true;
	do {
		item = parse_arg(p, f, list->n);
		if (!item)
			return false;
		push(p, list, item);
	} while (take(p, TOKEN_COMMA));
	if (take(p, close))
		return true;
	fail(p, p->token.at, close == TOKEN_CLOSE ?
	    "a ',' or a ')' is missing here" :
	    "a ',' or a ']' is missing here", NULL);
	return false;
}

static struct expr_node *parse_call(struct parser *p, struct token name)
{
	struct expr_node *node = node_new(p, OP_CALL, name.at, 0);
	struct nodes args = { 0 };

	node->name = token_name(p, name);
	node->function = function_find(node->name);
	if (!node->function) {
		function_unknown(node->name,
		    node_mark_at(p->lex.scalar, name.at), p->lex.err);
		return NULL;
	}
	advance(p);
	if (!parse_items(p, TOKEN_CLOSE, node->function, &args))
		return NULL;
	node->args = args.v;
	node->n = args.n;
	return finish(p, node);
}

/* A bare name. Alone it may be the name of a check. */
static struct expr_node *parse_name(struct parser *p)
{
	struct token t = p->token;
	const struct bound *b;
	struct expr_node *node;
	bool first = p->alone;

	p->alone = false;
	advance(p);
	if (p->token.type == TOKEN_OPEN)
		return parse_call(p, t);
	b = find_bound(p, t);
	node = node_new(p, b ? OP_LOCAL : OP_ROOT, t.at, 0);
	node->types = TYPES_ANY;
	node->root = b ? b->name : expr_root(p->lex.s + t.at, t.len);
	node->slot = b ? b->slot : 0;
	if (node->root)
		return node;
	node->root = token_name(p, t);
	if (first && p->token.type == TOKEN_END)
		return node;
	if (p->token.type != TOKEN_BAD)
		expr_unknown_name(node->root,
		    node_mark_at(p->lex.scalar, t.at), p->lex.err);
	return NULL;
}

static struct expr_node *parse_list(struct parser *p)
{
	struct expr_node *node = node_new(p, OP_LIST, p->token.at, 0);
	struct nodes items = { 0 };

	advance(p);
	if (!parse_items(p, TOKEN_CLOSE_LIST, NULL, &items))
		return NULL;
	node->args = items.v;
	node->n = items.n;
	return finish(p, node);
}

static struct expr_node *parse_parens(struct parser *p)
{
	struct expr_node *node;
	size_t at = p->token.at;

	advance(p);
	node = parse_expr(p);
	if (node && !take(p, TOKEN_CLOSE))
		return fail(p, p->token.type == TOKEN_END ? at : p->token.at,
		    p->token.type == TOKEN_END ? "this '(' is never closed" :
		    "a ')' is missing here", NULL);
	return node;
}

static struct expr_node *parse_primary(struct parser *p)
{
	struct expr_node *node;

	switch (p->token.type) {
	case TOKEN_NAME:
		return parse_name(p);
	case TOKEN_LITERAL:
		node = node_new(p, OP_LITERAL, p->token.at, 0);
		node->literal = p->token.literal;
		node->types = TYPE(node->literal.type);
		advance(p);
		return node;
	case TOKEN_OPEN:
		return parse_parens(p);
	case TOKEN_OPEN_LIST:
		return parse_list(p);
	case TOKEN_NOT:
		return fail(p, p->token.at, "'not' cannot stand here",
		    "put it in parentheses: (not …)");
	case TOKEN_END:
		return fail(p, p->token.at, "the expression breaks off", NULL);
	default:
		return fail(p, p->token.at, "a value is missing here", NULL);
	}
}

/* root.name and root['name'] are references; everything else is looked up in
 * the value that stands before. */
static struct expr_node *member(struct parser *p, struct expr_node *of,
    size_t at, const char *name)
{
	struct expr_node *node;

	if (of->op == OP_ROOT && !str_eq(of->root, "item")) {
		of->op = OP_REF;
		of->name = name;
		return of;
	}
	node = node_new(p, OP_MEMBER, at, 1);
	node->args[0] = of;
	node->name = name;
	return finish(p, node);
}

static struct expr_node *parse_member(struct parser *p, struct expr_node *of)
{
	struct token t;

	advance(p);
	t = p->token;
	/* `.in` and `.not` are names as good as others here. */
	if (t.type != TOKEN_NAME && t.type != TOKEN_AND && t.type != TOKEN_OR &&
	    t.type != TOKEN_NOT && t.type != TOKEN_IN &&
	    !(t.type == TOKEN_LITERAL && t.literal.type <= VALUE_BOOL))
		return fail(p, t.at, "a name is missing behind '.'",
		    "the key of a map may be anything: x['Key']");
	advance(p);
	return member(p, of, t.at, token_name(p, t));
}

static struct expr_node *parse_index(struct parser *p, struct expr_node *of)
{
	size_t at = p->token.at;
	struct expr_node *index;

	advance(p);
	index = parse_expr(p);
	if (!index)
		return NULL;
	if (!take(p, TOKEN_CLOSE_LIST))
		return fail(p, p->token.at, "a ']' is missing here", NULL);
	if (of->op == OP_ROOT && index->op == OP_LITERAL &&
	    index->literal.type == VALUE_STRING)
		return member(p, of, at, index->literal.u.string.p);
	return two(p, OP_INDEX, at, of, index);
}

static struct expr_node *parse_postfix(struct parser *p)
{
	struct expr_node *node = parse_primary(p);

	while (node) {
		if (p->token.type == TOKEN_DOT)
			node = parse_member(p, node);
		else if (p->token.type == TOKEN_OPEN_LIST)
			node = parse_index(p, node);
		else
			break;
	}
	return node;
}

static bool too_deep(struct parser *p)
{
	if (p->depth < LIMIT_EXPR_DEPTH)
		return false;
	fail(p, p->token.at, "this expression is nested too deeply",
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
	advance(p);
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
		advance(p);
		left = two(p, *op, at, left, parse_operand(p, level));
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
	advance(p);
	if (op == OP_NOT_IN && !take(p, TOKEN_IN))
		return fail(p, at, "'not' cannot stand between two values",
		    "only 'not in' can");
	left = two(p, op, at, left, parse_chain(p, LEVEL_AND + 1));
	if (left && compare_op(p) != OP_LITERAL)
		return fail(p, p->token.at, "comparisons do not chain",
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
	advance(p);
	node = one(p, OP_NOT, at, parse_not(p));
	p->depth--;
	return node;
}

static struct expr_node *parse_expr(struct parser *p)
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

	advance(p);
	if (p->token.type == TOKEN_END)
		return fail(p, p->token.at, "an expression is missing here",
		    NULL);
	node = parse_expr(p);
	if (node && p->token.type != TOKEN_END)
		return fail(p, p->token.at, "the expression should end here",
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
