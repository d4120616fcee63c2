/* What a step may do to the world: effects, targets, who allows it. */
#include "book/check_private.h"

#include <string.h>

#include "base/arena.h"
#include "base/source.h"

static void
at_key(const struct names *n, const struct step *s, const char *key,
    const char *text)
{
	errs_add(n->c->errs, step_mark(s, key), "%s", text);
}

/* ---- targets */

static bool
holds_word(const struct plains *list, const char *word)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (strcmp(list->v[i], word) == 0)
			return true;
	return false;
}

static bool permitted(struct checker *c, const struct environment *env,
    const struct step *s);

/* A step of a file: each caller is listed, or "caller.step" is. */
static bool
permitted_inside(struct checker *c, const struct environment *env,
    const struct step *s)
{
	const struct file_use *use = file_use(c, s->file);
	size_t i;

	for (i = 0; i < use->callers.n; i++) {
		const struct step *caller = use->callers.v[i];
		const char *address = arena_printf(c->d->arena, "%s.%s",
		    caller->id, s->id);

		if (!holds_word(&env->may_destroy, address) &&
		    !permitted(c, env, caller))
			return false;
	}
	return true;
}

static bool
permitted(struct checker *c, const struct environment *env,
    const struct step *s)
{
	return s->file == NULL ? holds_word(&env->may_destroy, s->id) :
	    permitted_inside(c, env, s);
}

static void
destroys_in(const struct names *n, const struct step *s,
    const struct environment *env, struct mark mark)
{
	n->c->destroyed[env - n->c->book->environments.v] = true;
	if (!env->has_may_destroy || permitted(n->c, env, s))
		return;
	errs_add(n->c->errs, mark, "'%s' destroys something in '%s', which "
	    "does not list it", s->id, env->name);
	errs_hint(n->c->errs, "`may_destroy` of '%s' names the only steps that "
	    "may", env->name);
}

/* Environments and hosts share one space of names. */
static void
unknown_target(const struct names *n, const char *name, struct mark mark)
{
	const struct book_index *x = n->c->book->index;

	errs_add(n->c->errs, mark, "there is no environment '%s'", name);
	if (!hint_near_key(n->c->errs, name, x->environments))
		hint_near_key(n->c->errs, name, x->hosts);
}

static void
check_target(const struct names *n, const struct step *s, const char *name,
    struct mark mark)
{
	const struct environment *env = book_environment(n->c->book, name);
	const struct host *h = book_host(n->c->book, name);
	bool destroys = s->effect == EFFECT_DESTROYS;

	if (env != NULL) {
		if (destroys)
			destroys_in(n, s, env, mark);
	} else if (h == NULL) {
		unknown_target(n, name, mark);
	} else if (h->environment != NULL) {
		errs_add(n->c->errs, mark, "the host '%s' belongs to the "
		    "environment '%s': name that", name,
		    h->environment->name);
	} else if (destroys && n->c->guarded) {
		errs_add(n->c->errs, mark, "'%s' belongs to no environment",
		    name);
		errs_hint(n->c->errs, "in a book with `may_destroy` every step "
		    "that destroys says in which environment");
	}
}

static void
check_targets(const struct names *n, const struct step *s)
{
	const struct node *node = node_get(s->node, "targets");
	size_t i;

	for (i = 0; i < s->targets.n; i++)
		check_target(n, s, s->targets.v[i],
		    node->type == NODE_LIST ? node->items[i]->mark :
		    node->mark);
	if (s->effect == EFFECT_DESTROYS && s->targets.n == 0) {
		at_key(n, s, "effect", "a step that destroys needs `targets`");
		errs_hint(n->c->errs, "they name the environments (or hosts "
		    "without one, such as local, this machine) whose identity "
		    "is proven directly before");
	}
}

/* ---- the host's environment */

struct at_host { const struct names *n; const struct step *s; };

static void
destroys_at(const struct host *h, void *ctx)
{
	const struct at_host *at = ctx;

	if (h->environment != NULL)
		destroys_in(at->n, at->s, h->environment,
		    step_mark(at->s, "host"));
}

/* Where something may be destroyed, nobody leaves an effect unsaid. */
static void
unsaid_at(const struct host *h, void *ctx)
{
	const struct at_host *at = ctx;

	if (h->environment == NULL || !h->environment->has_may_destroy)
		return;
	errs_add(at->n->c->errs, at->s->mark, "'%s' has to say its `effect`",
	    at->s->id);
	errs_hint(at->n->c->errs, "something may be destroyed in the "
	    "environment '%s': whatever could change something there says "
	    "reads, changes or destroys", h->environment->name);
}

static void
check_hosts(const struct names *n, const struct step *s)
{
	struct at_host at = { n, s };

	if (s->body.kind == NULL)
		return;
	if (s->effect == EFFECT_DESTROYS)
		body_hosts(n, &s->body, destroys_at, &at);
	else if (node_get(s->node, "effect") == NULL &&
	    n->c->kinds->effect(s->body.kind, s->body.spec) ==
	    EFFECT_CHANGES)
		body_hosts(n, &s->body, unsaid_at, &at);
}

/* ---- allowed_by */

static void
check_gate(const struct names *n, const struct step *s,
    const struct step *gate)
{
	const struct node *spec;

	if (gate->body.kind == NULL || !n->c->kinds->is_gate(gate->body.kind)) {
		if (gate->whole)
			errs_add(n->c->errs, step_mark(s, "allowed_by"),
			    "'%s' is no gate", gate->id);
		return;
	}
	if (gate->order >= s->order)
		errs_add(n->c->errs, step_mark(s, "allowed_by"), "the gate "
		    "'%s' has to come before this step", gate->id);
	spec = node_get(gate->node, gate->body.kind->name);
	if (spec == NULL || node_get(spec, "confirm") == NULL) {
		errs_add(n->c->errs, step_mark(s, "allowed_by"), "the gate "
		    "'%s' allows something to be destroyed: it needs "
		    "`confirm`", gate->id);
		errs_hint(n->c->errs, "it stands in line %u of %s",
		    gate->mark.line, gate->mark.source->name);
	}
}

static void
check_allowed(const struct names *n, const struct step *s)
{
	const struct map *ids = s->file != NULL ? s->file->by_id :
	    n->c->book->index->steps;

	if (s->allowed_by == NULL)
		return;
	if (s->effect != EFFECT_DESTROYS)
		at_key(n, s, "allowed_by", "`allowed_by` stands at a step "
		    "that destroys, and this one does not");
	((struct step *)s)->gate = map_get(ids, s->allowed_by);
	if (s->gate != NULL) {
		check_gate(n, s, s->gate);
		return;
	}
	errs_add(n->c->errs, step_mark(s, "allowed_by"), "there is no step "
	    "'%s' here", s->allowed_by);
	hint_near_key(n->c->errs, s->allowed_by, ids);
}

/* ---- contradictions */

static void
check_words(const struct names *n, const struct step *s)
{
	bool acts = s->body.kind != NULL &&
	    !n->c->kinds->is_gate(s->body.kind) &&
	    s->body.kind->value.type != &field_expr;
	const char *const belong[] = { "targets", "timeout" };
	size_t i;

	if (s->body.kind == NULL && s->effect != EFFECT_READS)
		at_key(n, s, "effect", "a step without a kind only reads");
	else if (!acts && s->effect == EFFECT_DESTROYS)
		at_key(n, s, "effect", "this destroys nothing: a question or a "
		    "wait has no such effect");
	if (s->body.kind == NULL && s->repeatable == false)
		at_key(n, s, "repeatable", "a step without a kind is always "
		    "repeatable");
	for (i = 0; i < 2 && s->body.kind == NULL; i++)
		if (node_get(s->node, belong[i]) != NULL)
			errs_add(n->c->errs, step_mark(s, belong[i]), "`%s` "
			    "is about what is run, and a step without a kind "
			    "runs nothing", belong[i]);
}

/* ---- paths (V8) */

static int
is_foreign(const struct expr_ref *ref, void *ctx)
{
	(void)ctx;
	return strcmp(ref->root, "steps") == 0 ||
	    strcmp(ref->root, "self") == 0 ||
	    strcmp(ref->root, "step") == 0 || strcmp(ref->root, "item") == 0;
}

static int
check_joined(void *ctx, const struct field *f, const struct text *t,
    const struct expr *e)
{
	struct errs *errs = ctx;
	size_t i;

	(void)f;
	(void)e;
	for (i = 1; t != NULL && i < t->n; i++) {
		const struct text_part *before = &t->parts[i - 1];
		const struct expr *value = t->parts[i].expr;

		if (value == NULL || before->literal == NULL ||
		    before->literal[before->len - 1] != '/' ||
		    strncmp(expr_source(value), "path_join(", 10) == 0 ||
		    expr_refs(value, is_foreign, NULL) == 0)
			continue;
		errs_add(errs, expr_mark(value), "%s comes from outside and "
		    "stands after \"/\": it could lead anywhere",
		    expr_source(value));
		errs_hint(errs, "put the path together with "
		    "${{ path_join('%.*s', %s) }}", (int)(before->len > 1 ?
		    before->len - 1 : 1), before->literal,
		    expr_source(value));
	}
	return 0;
}

void
check_effect(const struct names *n, const struct step *s)
{
	const struct visitor v = { check_joined, n->c->errs };

	if (s->include_path != NULL)
		return;
	check_words(n, s);
	check_targets(n, s);
	check_hosts(n, s);
	check_allowed(n, s);
	if (s->effect != EFFECT_DESTROYS || s->body.kind == NULL)
		return;
	kind_shape_walk(s->body.kind, s->body.spec, &v);
	field_env.walk(NULL, &s->body.env, &v);
	if (s->body.cwd != NULL)
		v.visit(v.ctx, NULL, s->body.cwd, NULL);
}

/* ---- environments */

/* What a look goes by: its kind, and the program if it runs one. */
static const char *
way_of(struct checker *c, const struct cond *cond)
{
	const struct body *body;
	const struct text_or_list *t;
	const char *source;
	unsigned depth;

	/* checks that name each other without end were found before */
	for (depth = 0; cond->how == COND_CHECK && cond->check != NULL &&
	    depth < 100; depth++)
		cond = &cond->check->cond;
	body = &cond->body;
	if (cond->how != COND_LOOK || !cond->whole)
		return NULL;
	if (body->kind->value.type != &field_text_or_list)
		return body->kind->name;
	t = (const void *)((const char *)body->spec +
	    body->kind->value.offset);
	source = t->text != NULL ? text_source(t->text) :
	    text_source(t->list[0]);
	return arena_printf(c->d->arena, "%s %.*s", body->kind->name,
	    t->text != NULL ? (int)strcspn(source, " \t\n") :
	    (int)strlen(source), source);
}

static bool
has_two_facts(struct checker *c, const struct environment *env)
{
	const char *first = NULL, *way;
	size_t i;

	for (i = 0; i < env->identity.n; i++) {
		way = way_of(c, &env->identity.v[i]);
		if (way == NULL)
			continue;
		if (first != NULL && strcmp(first, way) != 0)
			return true;
		first = way;
	}
	return false;
}

/* Steps of the book are listed by id, those of a file by "caller.step". */
static bool
is_step(struct checker *c, const char *word)
{
	const char *dot = strchr(word, '.');
	const struct step *s = dot == NULL ? book_step(c->book, word) :
	    map_getn(c->book->index->steps, word, (size_t)(dot - word));

	while (dot != NULL && s != NULL) {
		const char *id = dot + 1;

		if (s->include == NULL)
			return s->include_path != NULL;
		dot = strchr(id, '.');
		s = map_getn(s->include->by_id, id, dot == NULL ?
		    strlen(id) : (size_t)(dot - id));
	}
	return s != NULL;
}

static void
check_listed(struct checker *c, const struct environment *env)
{
	const struct node *node = node_get(env->node, "may_destroy");
	size_t i;

	for (i = 0; i < env->may_destroy.n; i++) {
		if (is_step(c, env->may_destroy.v[i]))
			continue;
		errs_add(c->errs, node->type == NODE_LIST ?
		    node->items[i]->mark : node->mark, "there is no step "
		    "'%s'", env->may_destroy.v[i]);
		hint_near_key(c->errs, env->may_destroy.v[i],
		    c->book->index->steps);
	}
}

void
check_environments(struct checker *c)
{
	size_t i;

	for (i = 0; i < c->book->environments.n; i++) {
		const struct environment *env = &c->book->environments.v[i];
		struct names n = { .c = c, .place = IN_IDENTITY,
		    .before = BEFORE_ALL, .no_self = "in an identity `self` "
		    "is what its look saw" };

		names_text(&n, "title", false, env->title);
		check_conds(&n, &env->identity);
		check_listed(c, env);
		if ((env->may_destroy.n == 0 && !c->destroyed[i]) ||
		    has_two_facts(c, env))
			continue;
		errs_add(c->errs, env->mark, "something may be destroyed in "
		    "'%s': its `identity` needs two facts of different kinds",
		    env->name);
		errs_hint(c->errs, "two looks that differ in kind or program, "
		    "one of them at something that is not copied with the "
		    "data");
	}
}
