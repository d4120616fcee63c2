#include "book/outcomes.h"

#include <string.h>

#include "book/expr_private.h"

struct search {
	const struct decls *inputs, *params;
	void (*fn)(const char *word, void *ctx);
	void *ctx;
};

static bool outcomes(const struct search *s, const struct expr_node *n);

static bool
of_enum(const struct search *s, const struct expr_node *n)
{
	const struct decls *decls = strcmp(n->root, "inputs") == 0 ?
	    s->inputs : strcmp(n->root, "params") == 0 ? s->params : NULL;
	const struct decl *d = decls == NULL || n->name == NULL ? NULL :
	    decls_find(decls, n->name);
	size_t i;

	if (d == NULL || d->type != DECL_ENUM)
		return false;
	for (i = 0; i < d->of.n; i++)
		s->fn(d->of.v[i], s->ctx);
	return true;
}

static bool
of_if(const struct search *s, const struct expr_node *n)
{
	bool then;

	if (strcmp(n->function->doc.name, "if") != 0)
		return false;
	then = outcomes(s, n->args[1]);
	return outcomes(s, n->args[2]) && then;
}

static bool
outcomes(const struct search *s, const struct expr_node *n)
{
	if (n->op == OP_LITERAL && n->literal.type == VALUE_STRING) {
		s->fn(n->literal.u.string.p, s->ctx);
		return true;
	}
	if (n->op == OP_REF)
		return of_enum(s, n);
	return n->op == OP_CALL && of_if(s, n);
}

bool
text_outcomes(const struct text *t, const struct decls *inputs,
    const struct decls *params, void (*fn)(const char *word, void *ctx),
    void *ctx)
{
	const struct search s = { inputs, params, fn, ctx };

	return t->n == 1 && t->parts[0].expr != NULL &&
	    outcomes(&s, t->parts[0].expr->root);
}
