/* What `with` hands over to a check or a file. */
#include "book/check_private.h"

#include <string.h>

#include "base/arena.h"

static void
no_input(const struct names *n, const struct assign *given,
    const struct decls *inputs, const char *what)
{
	VEC(const char *) all = { 0 };
	size_t i;

	errs_add(n->c->errs, given->mark, "'%s' has no input '%s'", what,
	    given->name);
	for (i = 0; i < inputs->n; i++)
		vec_push(&all, inputs->v[i].name);
	hint_near(n->c->errs, given->name, all.v, all.n);
	vec_free(&all);
}

/* Text that is written out has to fit the type. */
static void
check_literal(const struct names *n, const struct text *t,
    const struct decl *d)
{
	struct err err = ERR_INIT;
	struct value v;

	if (!text_is_literal(t)) {
		if (t->n > 1 && d->type != DECL_STRING &&
		    d->type != DECL_PATH && d->type != DECL_ENUM &&
		    d->type != DECL_SECRET)
			errs_add(n->c->errs, text_mark(t), "'%s' wants %s: "
			    "only an expression alone can be one", d->name,
			    decl_type_name(d->type));
		return;
	}
	if (decl_value_of_text(n->c->d->arena, d, t->node->text,
	    t->node->len, &v, &err) != 0) {
		err_place(&err, text_mark(t));
		errs_take(n->c->errs, &err);
	}
}

static void
check_given(const struct names *n, const struct assign *given,
    const struct decls *inputs, const char *what)
{
	const struct decl *d = decls_find(inputs, given->name);

	names_text(n, "with", d == NULL || d->type == DECL_SECRET,
	    given->text);
	if (d == NULL)
		no_input(n, given, inputs, what);
	else if (given->text != NULL)
		check_literal(n, given->text, d);
}

static bool
is_given(const struct assigns *with, const char *name)
{
	size_t i;

	for (i = 0; i < with->n; i++)
		if (strcmp(with->v[i].name, name) == 0)
			return true;
	return false;
}

void
check_with(const struct names *n, const struct assigns *with,
    const struct decls *inputs, struct mark mark, const char *what)
{
	size_t i;

	for (i = 0; i < with->n; i++)
		check_given(n, &with->v[i], inputs, what);
	for (i = 0; i < inputs->n; i++) {
		const struct decl *d = &inputs->v[i];

		if (!d->required || is_given(with, d->name))
			continue;
		errs_add(n->c->errs, mark, "'%s' wants the input '%s'", what,
		    d->name);
		errs_hint(n->c->errs, "%s%s`with: {%s: …}` gives %s",
		    d->help != NULL ? d->help : "", d->help != NULL ? ": " :
		    "", d->name, decl_type_name(d->type));
	}
}
