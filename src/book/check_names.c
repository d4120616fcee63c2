/* Every name in every expression: is there such a thing, is it known by then,
 * may it be seen from here, may a secret stand there? */
#include "book/check_private.h"

#include <string.h>

#include "base/arena.h"
#include "base/source.h"

/* ---- what is seen from where */

#define SEES_PARAMS 1u
#define SEES_VARS 2u
#define SEES_SECRETS 4u
#define SEES_STEPS 8u
#define SEES_INPUTS 16u
#define SEES_RUN 32u

static const struct {
	unsigned sees;
	const char *why;
} places[] = {
	[IN_BOOK] = { SEES_PARAMS | SEES_VARS | SEES_SECRETS | SEES_STEPS |
	    SEES_RUN, "`inputs` are what a file or a check is called with" },
	[IN_FILE] = { SEES_INPUTS | SEES_STEPS | SEES_RUN,
	    "an included file sees only what `with` hands over, as inputs.X" },
	[IN_CHECK] = { SEES_PARAMS | SEES_VARS | SEES_SECRETS | SEES_STEPS |
	    SEES_INPUTS | SEES_RUN, "declare `inputs` in the check" },
	[IN_IDENTITY] = { SEES_PARAMS | SEES_VARS | SEES_SECRETS | SEES_RUN,
	    "an identity is asked before any step: it sees params, vars, "
	    "secrets and run" },
	[IN_TITLE] = { SEES_PARAMS | SEES_VARS | SEES_RUN,
	    "the title of a book sees params, vars and run" },
	[IN_VARS] = { SEES_PARAMS | SEES_RUN,
	    "vars are computed once, from params and run.id" },
	[IN_SECRET] = { SEES_PARAMS | SEES_VARS | SEES_RUN,
	    "where a secret comes from is told by params, vars and run" },
	[IN_HOST] = { SEES_PARAMS | SEES_VARS | SEES_SECRETS | SEES_RUN,
	    "a host sees params, vars, secrets and run" },
};

static bool
is_seen(const struct names *n, const struct expr_ref *ref, unsigned sees)
{
	if (places[n->place].sees & sees)
		return true;
	errs_add(n->c->errs, ref->mark, "`%s` means nothing here", ref->root);
	errs_hint(n->c->errs, "%s", places[n->place].why);
	return false;
}

/* ---- lists of words for "did you mean" */

struct words_list { VEC(const char *) list; };

static bool
is_among(const char *const *words, const char *word)
{
	for (; words != NULL && *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

static void
add_words(struct words_list *w, const char *const *words)
{
	for (; words != NULL && *words != NULL; words++)
		vec_push(&w->list, *words);
}

/* Complains that `name` is none of them, with the nearest or all. */
static void
not_among(const struct names *n, const struct expr_ref *ref,
    const char *name, const char *what, const struct words_list *w)
{
	struct buf all = BUF_INIT(400);
	size_t i;

	errs_add(n->c->errs, ref->mark, "%s '%s'", what, name);
	if (!hint_near(n->c->errs, name, w->list.v, w->list.n) &&
	    w->list.n > 0) {
		for (i = 0; i < w->list.n; i++)
			buf_addf(&all, "%s%s", i > 0 ? ", " : "",
			    w->list.v[i]);
		errs_hint(n->c->errs, "there is: %s%s", all.data,
		    all.cut ? " …" : "");
	}
	buf_free(&all);
}

/* ---- params, vars, inputs, run */

static void
decl_ref(const struct names *n, const struct expr_ref *ref,
    const struct decls *d, const char *what)
{
	struct words_list w = { { 0 } };
	size_t i;

	if (ref->name == NULL || decls_find(d, ref->name) != NULL)
		return;
	for (i = 0; i < d->n; i++)
		vec_push(&w.list, d->v[i].name);
	not_among(n, ref, ref->name, what, &w);
	vec_free(&w.list);
}

static void
var_ref(const struct names *n, const struct expr_ref *ref)
{
	const struct assigns *vars = &n->c->book->vars;
	struct words_list w = { { 0 } };
	size_t i;

	if (ref->name == NULL)
		return;
	for (i = 0; i < vars->n; i++)
		if (strcmp(vars->v[i].name, ref->name) == 0)
			return;
	for (i = 0; i < vars->n; i++)
		vec_push(&w.list, vars->v[i].name);
	not_among(n, ref, ref->name, "there is no var", &w);
	vec_free(&w.list);
}

static void
input_ref(const struct names *n, const struct expr_ref *ref)
{
	static const struct decls none;

	decl_ref(n, ref, n->inputs != NULL ? n->inputs : &none,
	    "there is no input");
}

static void
run_ref(const struct names *n, const struct expr_ref *ref)
{
	static const char *const known[] = { "id", "profile", "only",
	    "started", "open", NULL };
	struct words_list w = { { 0 } };

	if (ref->name == NULL) {
		errs_add(n->c->errs, ref->mark, "`run` needs a name behind "
		    "it, such as run.id");
	} else if (!is_among(known, ref->name)) {
		add_words(&w, known);
		not_among(n, ref, ref->name, "`run` has no", &w);
	} else if (n->place == IN_VARS && strcmp(ref->name, "id") != 0) {
		errs_add(n->c->errs, ref->mark, "`run.%s` means nothing here",
		    ref->name);
		errs_hint(n->c->errs, "%s", places[IN_VARS].why);
	}
	vec_free(&w.list);
}

/* ---- secrets (S1) */

bool
names_is_secret(const struct names *n, const struct expr_ref *ref)
{
	const struct decl *d;

	if (strcmp(ref->root, "secrets") == 0)
		return true;
	if (strcmp(ref->root, "inputs") != 0 || ref->name == NULL ||
	    n->inputs == NULL)
		return false;
	d = decls_find(n->inputs, ref->name);
	return d != NULL && d->type == DECL_SECRET;
}

static void
check_secret(const struct names *n, const struct expr_ref *ref)
{
	if (n->secret || !names_is_secret(n, ref))
		return;
	/* "`holds`", but "a condition" */
	errs_add(n->c->errs, ref->mark, strchr(n->key, ' ') != NULL ?
	    "a secret may not stand in %s" : "a secret may not stand in `%s`",
	    n->key);
	errs_hint(n->c->errs, "it may stand in `stdin`, in a value of `env`, "
	    "in auth, headers and body of `http`, and be handed to an input "
	    "of `type: secret`");
}

static void
secret_ref(const struct names *n, const struct expr_ref *ref)
{
	if (ref->name == NULL) {
		errs_add(n->c->errs, ref->mark, "`secrets` needs a name "
		    "behind it");
	} else if (book_secret(n->c->book, ref->name) == NULL) {
		errs_add(n->c->errs, ref->mark, "there is no secret '%s'",
		    ref->name);
		hint_near_key(n->c->errs, ref->name,
		    n->c->book->index->secrets);
	} else {
		check_secret(n, ref);
	}
}

/* ---- self, step, steps.X */

struct leaves
leaves_of_step(const struct step *s)
{
	return (struct leaves){ s->body.kind, s->body.spec, &s->capture,
	    s->capture.n, s->include, !s->whole };
}

static void
add_leaves(const struct names *n, struct words_list *w,
    const struct leaves *l)
{
	size_t i;

	if (l->kind != NULL)
		add_words(w, n->c->kinds->leaves(l->kind, l->spec,
		    n->c->d->arena));
	for (i = 0; l->captures != NULL && i < l->n_captures; i++)
		vec_push(&w->list, l->captures->v[i].name);
	for (i = 0; l->include != NULL && i < l->include->outputs.n; i++)
		vec_push(&w->list, l->include->outputs.v[i].name);
}

static bool
leaves_have(const struct names *n, const struct leaves *l, const char *name)
{
	size_t i;

	if (l->kind != NULL && is_among(n->c->kinds->leaves(l->kind, l->spec,
	    n->c->d->arena), name))
		return true;
	for (i = 0; l->captures != NULL && i < l->n_captures; i++)
		if (strcmp(l->captures->v[i].name, name) == 0)
			return true;
	for (i = 0; l->include != NULL && i < l->include->outputs.n; i++)
		if (strcmp(l->include->outputs.v[i].name, name) == 0)
			return true;
	return false;
}

static void
member_ref(const struct names *n, const struct expr_ref *ref,
    const char *name, const struct leaves *l, const char *const *also)
{
	struct words_list w = { { 0 } };
	const char *what;

	if (l->unsure || is_among(also, name) || leaves_have(n, l, name))
		return;
	if (strcmp(ref->root, "steps") == 0)
		what = arena_printf(n->c->d->arena, "the step '%s' leaves no",
		    ref->name);
	else
		what = arena_printf(n->c->d->arena, "`%s` has no", ref->root);
	add_leaves(n, &w, l);
	add_words(&w, also);
	not_among(n, ref, name, what, &w);
	vec_free(&w.list);
}

static void
self_ref(const struct names *n, const struct expr_ref *ref)
{
	static const char *const also[] = { "attempt", "cwd", NULL };
	const struct leaves *l = strcmp(ref->root, "self") == 0 ? n->self :
	    n->step;

	if (l == NULL) {
		errs_add(n->c->errs, ref->mark, "`%s` means nothing here",
		    ref->root);
		if (strcmp(ref->root, "self") != 0)
			errs_hint(n->c->errs, "`step` is the step in whose "
			    "`verify` a look is made");
		else if (n->no_self != NULL)
			errs_hint(n->c->errs, "%s", n->no_self);
	} else if (ref->name == NULL) {
		errs_add(n->c->errs, ref->mark, "`%s` needs a name behind it",
		    ref->root);
	} else {
		member_ref(n, ref, ref->name, l, also);
	}
}

static void
no_step(const struct names *n, const struct expr_ref *ref,
    const struct map *ids)
{
	const struct book_index *x = n->c->book->index;
	size_t i;

	errs_add(n->c->errs, ref->mark, "there is no step '%s' here",
	    ref->name);
	if (n->file != NULL && map_get(x->steps, ref->name) != NULL) {
		errs_hint(n->c->errs, "%s", places[IN_FILE].why);
		return;
	}
	if (map_get(x->phases, ref->name) != NULL) {
		errs_hint(n->c->errs, "'%s' is a phase: only steps have "
		    "values", ref->name);
		return;
	}
	for (i = 0; i < x->step_file_list.n; i++) {
		const struct step_file *f = x->step_file_list.v[i];

		if (map_get(f->by_id, ref->name) == NULL)
			continue;
		errs_hint(n->c->errs, "it stands in %s: only `outputs` of an "
		    "included file are seen outside", f->path);
		return;
	}
	hint_near_key(n->c->errs, ref->name, ids);
}

static void
too_late(const struct names *n, const struct expr_ref *ref,
    const struct step *s)
{
	if (s == n->at) {
		errs_add(n->c->errs, ref->mark, "steps.%s is this step itself",
		    s->id);
		errs_hint(n->c->errs, n->self != NULL ? "write self.%s" :
		    "its values are known when it has ended",
		    ref->member != NULL ? ref->member : "X");
		return;
	}
	errs_add(n->c->errs, ref->mark, "the step '%s' comes later, in line "
	    "%u%s%s", s->id, s->mark.line,
	    s->mark.source == ref->mark.source ? "" : " of ",
	    s->mark.source == ref->mark.source ? "" : s->mark.source->name);
}

static void
remember_need(struct check_use *use, const struct step *s)
{
	if (use->needs == NULL || use->needs->order < s->order)
		use->needs = s;
}

/* A step with `for_each` leaves its items, each with its own values. */
static void
items_ref(const struct names *n, const struct expr_ref *ref,
    const struct step *s)
{
	static const char *const also[] = { "items", "state", "started",
	    "ended", "duration", "attempt", NULL };

	if (!s->whole)
		return;
	if (s->each.in == NULL) {
		errs_add(n->c->errs, ref->mark, "the step '%s' has no items: "
		    "it is no `for_each`", s->id);
	} else if (!is_among(also, ref->member)) {
		errs_add(n->c->errs, ref->mark, "the step '%s' is done for "
		    "each item: it leaves no '%s' itself", s->id,
		    ref->member);
		errs_hint(n->c->errs, "steps.%s.items['KEY'].%s is that of "
		    "one item, map(steps.%s.items, i -> i.%s) those of all",
		    s->id, ref->member, s->id, ref->member);
	}
}

static void
step_ref(const struct names *n, const struct expr_ref *ref)
{
	static const char *const also[] = { "state", "started", "ended",
	    "duration", "attempt", "cwd", NULL };
	const struct map *ids = n->file != NULL ? n->file->by_id :
	    n->c->book->index->steps;
	const struct step *s;
	struct leaves l;

	if (ref->name == NULL) {
		errs_add(n->c->errs, ref->mark, "`steps` needs the id of a "
		    "step behind it, written out");
		return;
	}
	s = map_get(ids, ref->name);
	if (s == NULL) {
		no_step(n, ref, ids);
		return;
	}
	if (s->order >= n->before) {
		too_late(n, ref, s);
		return;
	}
	if (n->use != NULL)
		remember_need(n->use, s);
	if (ref->member == NULL)
		return;
	l = leaves_of_step(s);
	if (strcmp(ref->member, "items") == 0 || s->each.in != NULL)
		items_ref(n, ref, s);
	else
		member_ref(n, ref, ref->member, &l, also);
}

/* ---- one reference */

static void
other_ref(const struct names *n, const struct expr_ref *ref)
{
	const char *root = ref->root;

	if (strcmp(root, "item") == 0) {
		if (n->item)
			return;
		errs_add(n->c->errs, ref->mark, "`item` means nothing here");
		errs_hint(n->c->errs, n->place == IN_FILE ? "an included file "
		    "sees the caller's item only when `with` hands it over" :
		    "it is known in a step with `for_each`, except in its "
		    "`when` and `in`");
	} else if (strcmp(root, "environments") == 0 ||
	    strcmp(root, "past") == 0) {
		errs_add(n->c->errs, ref->mark, "'%s' is not built yet", root);
	} else if (strcmp(root, "json") == 0) {
		errs_add(n->c->errs, ref->mark, "`json` is a function: "
		    "json(text)");
	} else if (book_check(n->c->book, root) != NULL) {
		errs_add(n->c->errs, ref->mark, "'%s' is a check", root);
		errs_hint(n->c->errs, "a check stands alone in a list of "
		    "conditions: `require`, `done_when`, `verify`");
	} else {
		errs_add(n->c->errs, ref->mark, "unknown name '%s'", root);
		errs_hint(n->c->errs, "text needs quotes ('%s'); values are "
		    "params.%s, steps.X.%s and so on", root, root, root);
	}
}

static int
one_ref(const struct expr_ref *ref, void *ctx)
{
	const struct names *n = ctx;
	static const struct {
		const char *root;
		unsigned sees;
	} roots[] = {
		{ "params", SEES_PARAMS }, { "vars", SEES_VARS },
		{ "secrets", SEES_SECRETS }, { "steps", SEES_STEPS },
		{ "inputs", SEES_INPUTS }, { "run", SEES_RUN },
	};
	size_t i;

	if (strcmp(ref->root, "self") == 0 || strcmp(ref->root, "step") == 0) {
		self_ref(n, ref);
		return 0;
	}
	for (i = 0; i < 6 && strcmp(roots[i].root, ref->root) != 0; i++)
		;
	if (i == 6) {
		other_ref(n, ref);
		return 0;
	}
	if (!is_seen(n, ref, roots[i].sees))
		return 0;
	switch (roots[i].sees) {
	case SEES_PARAMS:
		decl_ref(n, ref, &n->c->book->params, "there is no param");
		break;
	case SEES_VARS: var_ref(n, ref); break;
	case SEES_SECRETS: secret_ref(n, ref); break;
	case SEES_STEPS: step_ref(n, ref); break;
	case SEES_RUN: run_ref(n, ref); break;
	default:
		input_ref(n, ref);
		check_secret(n, ref);
		break;
	}
	return 0;
}

/* ---- expressions, texts, rows */

void
names_expr(const struct names *n, const char *key, bool secret,
    const struct expr *e)
{
	struct names here = *n;

	here.key = key;
	here.secret = secret;
	if (e != NULL)
		expr_refs(e, one_ref, &here);
}

void
names_text(const struct names *n, const char *key, bool secret,
    const struct text *t)
{
	struct names here = *n;

	here.key = key;
	here.secret = secret;
	if (t != NULL && !text_is_literal(t))
		text_refs(t, one_ref, &here);
}

static int
visit(void *ctx, const struct field *f, const struct text *text,
    const struct expr *expr)
{
	bool secret = !(f->flags & FIELD_NO_SECRET);

	names_text(ctx, f->key, secret, text);
	names_expr(ctx, f->key, secret, expr);
	return 0;
}

void
names_row(const struct names *n, const struct field *f, const void *src)
{
	const struct visitor v = { visit, (void *)n };

	if (f->type->walk != NULL)
		f->type->walk(f, src, &v);
}

struct names
names_of_step(struct checker *c, const struct step *s)
{
	return (struct names){
		.c = c,
		.place = s->file != NULL ? IN_FILE : IN_BOOK,
		.inputs = s->file != NULL ? &s->file->inputs : NULL,
		.file = s->file,
		.before = s->order,
		.at = s,
		.item = node_get(s->node, "for_each") != NULL,
		.no_self = "nothing is known of this step before its work",
	};
}
