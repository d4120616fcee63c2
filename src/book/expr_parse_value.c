#include "book/expr_parse.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "yaml/node.h"

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
	struct expr_node *node = parse_node(p, OP_LAMBDA, t.at, 1);

	if (expr_root(b.name, t.len) || find_bound(p, t))
		return parse_fail(p, t.at, "this name has a meaning already",
		    "take another one before ->");
	parse_advance(p);
	parse_advance(p);
	p->bound = &b;
	node->args[0] = parse_expr(p);
	p->bound = b.outer;
	node->slot = b.slot;
	node->root = b.name;
	return node->args[0] ? parse_finish(p, node) : NULL;
}

static struct expr_node *parse_arg(struct parser *p,
    const struct function *f, size_t i)
{
	if (p->token.type != TOKEN_NAME || !lex_arrow_follows(&p->lex))
		return parse_expr(p);
	if (f && f->flags & FUNCTION_LAMBDA && i == 1)
		return parse_lambda(p);
	return parse_fail(p, p->token.at, "'->' stands only in the second "
	    "argument of map, filter, any, all and sum", NULL);
}

/* Elements up to `close`; false after an error. */
static bool parse_items(struct parser *p, enum token_type close,
    const struct function *f, struct nodes *list)
{
	struct expr_node *item;

	if (parse_take(p, close))
		return true;
	do {
		item = parse_arg(p, f, list->n);
		if (!item)
			return false;
		push(p, list, item);
	} while (parse_take(p, TOKEN_COMMA));
	if (parse_take(p, close))
		return true;
	parse_fail(p, p->token.at, close == TOKEN_CLOSE ?
	    "a ',' or a ')' is missing here" :
	    "a ',' or a ']' is missing here", NULL);
	return false;
}

static struct expr_node *parse_call(struct parser *p, struct token name)
{
	struct expr_node *node = parse_node(p, OP_CALL, name.at, 0);
	struct nodes args = { 0 };

	node->name = token_name(p, name);
	node->function = function_find(node->name);
	if (!node->function) {
		function_unknown(node->name,
		    node_mark_at(p->lex.scalar, name.at), p->lex.err);
		return NULL;
	}
	parse_advance(p);
	if (!parse_items(p, TOKEN_CLOSE, node->function, &args))
		return NULL;
	node->args = args.v;
	node->n = args.n;
	return parse_finish(p, node);
}

/* A bare name. Alone it may be the name of a check. */
static struct expr_node *parse_name(struct parser *p)
{
	struct token t = p->token;
	const struct bound *b;
	struct expr_node *node;
	bool first = p->alone;

	p->alone = false;
	parse_advance(p);
	if (p->token.type == TOKEN_OPEN)
		return parse_call(p, t);
	b = find_bound(p, t);
	node = parse_node(p, b ? OP_LOCAL : OP_ROOT, t.at, 0);
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
	struct expr_node *node = parse_node(p, OP_LIST, p->token.at, 0);
	struct nodes items = { 0 };

	parse_advance(p);
	if (!parse_items(p, TOKEN_CLOSE_LIST, NULL, &items))
		return NULL;
	node->args = items.v;
	node->n = items.n;
	return parse_finish(p, node);
}

static struct expr_node *parse_parens(struct parser *p)
{
	struct expr_node *node;
	size_t at = p->token.at;

	parse_advance(p);
	node = parse_expr(p);
	if (node && !parse_take(p, TOKEN_CLOSE))
		return parse_fail(p,
		    p->token.type == TOKEN_END ? at : p->token.at,
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
		node = parse_node(p, OP_LITERAL, p->token.at, 0);
		node->literal = p->token.literal;
		node->types = TYPE(node->literal.type);
		parse_advance(p);
		return node;
	case TOKEN_OPEN:
		return parse_parens(p);
	case TOKEN_OPEN_LIST:
		return parse_list(p);
	case TOKEN_NOT:
		return parse_fail(p, p->token.at, "'not' cannot stand here",
		    "put it in parentheses: (not …)");
	case TOKEN_END:
		return parse_fail(p, p->token.at, "the expression breaks off",
		    NULL);
	default:
		return parse_fail(p, p->token.at, "a value is missing here",
		    NULL);
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
	node = parse_node(p, OP_MEMBER, at, 1);
	node->args[0] = of;
	node->name = name;
	return parse_finish(p, node);
}

static struct expr_node *parse_member(struct parser *p, struct expr_node *of)
{
	struct token t;

	parse_advance(p);
	t = p->token;
	/* `.in` and `.not` are names as good as others here. */
	if (t.type != TOKEN_NAME && t.type != TOKEN_AND && t.type != TOKEN_OR &&
	    t.type != TOKEN_NOT && t.type != TOKEN_IN &&
	    !(t.type == TOKEN_LITERAL && t.literal.type <= VALUE_BOOL))
		return parse_fail(p, t.at, "a name is missing behind '.'",
		    "the key of a map may be anything: x['Key']");
	parse_advance(p);
	return member(p, of, t.at, token_name(p, t));
}

static struct expr_node *parse_index(struct parser *p, struct expr_node *of)
{
	size_t at = p->token.at;
	struct expr_node *index;

	parse_advance(p);
	index = parse_expr(p);
	if (!index)
		return NULL;
	if (!parse_take(p, TOKEN_CLOSE_LIST))
		return parse_fail(p, p->token.at, "a ']' is missing here",
		    NULL);
	if (of->op == OP_ROOT && index->op == OP_LITERAL &&
	    index->literal.type == VALUE_STRING)
		return member(p, of, at, index->literal.u.string.p);
	return parse_two(p, OP_INDEX, at, of, index);
}

struct expr_node *parse_postfix(struct parser *p)
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
