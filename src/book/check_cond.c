/* Conditions: expressions, checks, looks. */
#include "book/check_private.h"

#include <string.h>

#define CHECK_DEPTH 16       /* of checks that name checks */

#define LOOK(m) offsetof(struct cond, m)

/* ---- captures */

static bool
is_known(const struct names *n, const struct leaves *l, const char *name)
{
	static const char *const always[] = { "state", "started", "ended",
	    "duration", "attempt", "cwd", "items", NULL };
	const char *const *w;

	for (w = always; *w != NULL; w++)
		if (strcmp(*w, name) == 0)
			return true;
	if (l->kind == NULL)
		return false;
	for (w = n->c->kinds->leaves(l->kind, l->spec, n->c->d->arena);
	    *w != NULL; w++)
		if (strcmp(*w, name) == 0)
			return true;
	return false;
}

void
check_captures(const struct names *n, const struct captures *list,
    const struct leaves *leaves)
{
	struct leaves known = *leaves;
	struct names here = *n;
	size_t i;

	here.self = &known;
	for (i = 0; i < list->n; i++) {
		const struct capture *c = &list->v[i];

		known.n_captures = i;
		if (is_known(n, leaves, c->name))
			errs_add(n->c->errs, c->mark, "'%s' is there already: "
			    "take another name for the capture", c->name);
		if (c->how == CAPTURE_MATCH && (leaves->kind == NULL ||
		    !n->c->kinds->runs_program(leaves->kind)))
			errs_add(n->c->errs, c->mark, "`match` looks at what a "
			    "program prints, and none is run here");
		names_text(&here, "match", false, c->match.text);
		names_text(&here, "path", false, c->path);
		names_expr(&here, "capture", false, c->expr);
	}
}

/* ---- looks */

/* The rows of a look that are about its body, before anything was seen. */
static void
look_rows(const struct names *n, const struct cond *c)
{
	const struct field *f;

	for (f = look_shape.fields; f->key != NULL; f++) {
		if (f->flags & FIELD_LATER || f->offset == LOOK(when) ||
		    f->offset == LOOK(title) || f->offset == LOOK(holds) ||
		    f->type == &field_captures)
			continue;
		names_row(n, f, (const char *)c + f->offset);
	}
}

static void
check_look(const struct names *n, const struct cond *c)
{
	const struct leaves seen = { c->body.kind, c->body.spec, &c->capture,
	    c->capture.n, NULL, false };
	struct names in = *n;

	in.step = n->self;
	in.self = NULL;
	in.no_self = "in a look `self` is what the look saw: it is known in "
	    "`capture` and `holds`";
	look_rows(&in, c);
	check_body(&in, &look_shape, c->node, &c->body, EFFECT_READS);
	check_captures(&in, &c->capture, &seen);
	in.self = &seen;
	names_expr(&in, "holds", false, c->holds);
	warn_look(&in, c);
}

/* ---- what a check needs */

static void
check_called(const struct names *n, const struct cond *c)
{
	size_t i = (size_t)(c->check - n->c->book->checks.v);
	const struct check_use *use = &n->c->checks[i];
	const struct step *s = use->needs;

	check_with(n, &c->with, &c->check->inputs, c->mark, c->check_name);
	if (s == NULL)
		return;
	if (n->use != NULL) {
		if (n->use->needs == NULL || n->use->needs->order < s->order)
			n->use->needs = s;
	} else if (n->place == IN_IDENTITY) {
		errs_add(n->c->errs, c->mark, "the check '%s' uses the step "
		    "'%s': an identity is asked before any step",
		    c->check_name, s->id);
	} else {
		size_t before = n->file == NULL ? n->before :
		    file_use((struct checker *)n->c, n->file)->first;

		if (s->order >= before)
			errs_add(n->c->errs, c->mark, "the check '%s' uses the "
			    "step '%s', which has not ended by then",
			    c->check_name, s->id);
	}
}

static void
check_cond(const struct names *n, const struct cond *c)
{
	names_text(n, "title", false, c->title);
	names_expr(n, "when", false, c->when);
	switch (c->how) {
	case COND_EXPR:
		names_expr(n, "a condition", false, c->expr);
		break;
	case COND_CHECK:
		if (c->check != NULL)
			check_called(n, c);
		break;
	case COND_LOOK:
		if (c->whole)
			check_look(n, c);
		break;
	}
}

void
check_conds(const struct names *n, const struct conds *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		check_cond(n, &list->v[i]);
}

/* ---- named checks */

static void check_named(struct checker *c, size_t i);

/* A check that only names another: that one comes first. */
static void
follow(struct checker *c, const struct check *check, struct check_use *use)
{
	size_t next;

	if (check->cond.how != COND_CHECK || check->cond.check == NULL)
		return;
	next = (size_t)(check->cond.check - c->book->checks.v);
	if (c->checks[next].looking) {
		errs_add(c->errs, check->mark, "checks name each other "
		    "without end: '%s' comes back to itself", check->name);
		return;
	}
	if (c->depth < CHECK_DEPTH) {
		use->looking = true;
		c->depth++;
		check_named(c, next);
		c->depth--;
		use->looking = false;
		use->depth = c->checks[next].depth + 1;
	} else {
		use->depth = CHECK_DEPTH;
	}
	if (use->depth == CHECK_DEPTH)
		errs_add(c->errs, check->mark, "more than %d checks name each "
		    "other in a row", CHECK_DEPTH);
}

static void
check_named(struct checker *c, size_t i)
{
	const struct check *check = &c->book->checks.v[i];
	struct check_use *use = &c->checks[i];
	struct names n = { .c = c, .place = IN_CHECK,
	    .inputs = &check->inputs, .before = AFTER_ALL, .use = use,
	    .no_self = "in a check `self` is what its look saw" };

	if (use->known)
		return;
	use->known = true;
	follow(c, check, use);
	check_cond(&n, &check->cond);
}

void
check_checks(struct checker *c)
{
	size_t i;

	for (i = 0; i < c->book->checks.n; i++)
		check_named(c, i);
}
