#include "book/decode.h"

#include <string.h>

#include "base/arena.h"
#include "base/rx.h"
#include "base/source.h"
#include "book/decode_private.h"

/* ---- finding things */

struct host *
book_host(const struct book *b, const char *name)
{
	return map_get(b->index->hosts, name);
}

struct environment *
book_environment(const struct book *b, const char *name)
{
	return map_get(b->index->environments, name);
}

struct check *
book_check(const struct book *b, const char *name)
{
	return map_get(b->index->checks, name);
}

struct secret *
book_secret(const struct book *b, const char *name)
{
	return map_get(b->index->secrets, name);
}

struct step *
book_step(const struct book *b, const char *id)
{
	return map_get(b->index->steps, id);
}

/* ---- tables of the book: name: … */

/* Entries of a table; 0 when it is none. */
static size_t
table_size(struct decode *d, const struct node *table, const char *key)
{
	if (table == NULL)
		return 0;
	if (table->type == NODE_MAP)
		return table->count;
	errs_add(d->errs, table->mark, "`%s` is a map, not %s", key,
	    node_type_name(table));
	return 0;
}

static void
name_hosts(struct decode *d, const struct node *table)
{
	struct book *b = d->book;
	size_t n = table_size(d, table, "hosts"), i;

	b->hosts.v = arena_array(d->arena, n + 1, sizeof *b->hosts.v);
	b->hosts.v[0].name = "local";
	b->hosts.v[0].local = true;
	b->hosts.n = n + 1;
	map_put(b->index->hosts, "local", &b->hosts.v[0]);
	for (i = 0; i < n; i++) {
		const struct node_entry *e = &table->entries[i];
		struct host *h = &b->hosts.v[i + 1];

		h->name = e->key->text;
		h->mark = e->key->mark;
		h->node = e->value;
		if (name_check(d, e->key) == 0 && strcmp(h->name, "local") == 0)
			errs_add(d->errs, h->mark, "'local' is this machine, "
			    "in every book: take another name");
		else
			map_put(b->index->hosts, h->name, h);
	}
}

static void
name_environments(struct decode *d, const struct node *table)
{
	struct book *b = d->book;
	size_t n = table_size(d, table, "environments"), i;

	b->environments.v = arena_array(d->arena, n,
	    sizeof *b->environments.v);
	b->environments.n = n;
	for (i = 0; i < n; i++) {
		const struct node_entry *e = &table->entries[i];
		struct environment *env = &b->environments.v[i];
		const struct host *h = map_get(b->index->hosts, e->key->text);

		env->name = e->key->text;
		env->mark = e->key->mark;
		env->node = e->value;
		name_check(d, e->key);
		if (h != NULL)
			errs_add(d->errs, h->mark.source == NULL ? env->mark :
			    h->mark, "'%s' is a host and an environment: they "
			    "share one space of names", env->name);
		map_put(b->index->environments, env->name, env);
	}
}

static void
name_checks(struct decode *d, const struct node *table)
{
	struct book *b = d->book;
	size_t n = table_size(d, table, "checks"), i;

	b->checks.v = arena_array(d->arena, n, sizeof *b->checks.v);
	b->checks.n = n;
	for (i = 0; i < n; i++) {
		const struct node_entry *e = &table->entries[i];
		struct check *c = &b->checks.v[i];

		c->name = e->key->text;
		c->mark = e->key->mark;
		c->node = e->value;
		name_check(d, e->key);
		map_put(b->index->checks, c->name, c);
	}
}

static void
decode_hosts(struct decode *d)
{
	struct book *b = d->book;
	size_t i;

	for (i = 1; i < b->hosts.n; i++) {
		struct host *h = &b->hosts.v[i];
		size_t before = d->errs->list.n;

		shape_decode(d, &host_shape, h->node, h);
		if (d->errs->list.n == before && !h->local) {
			errs_add(d->errs, h->mark, "how is '%s' reached?",
			    h->name);
			errs_hint(d->errs, "`local: true` is this machine");
		}
		if (h->environment_name == NULL)
			continue;
		h->environment = book_environment(b, h->environment_name);
		if (h->environment != NULL)
			continue;
		errs_add(d->errs, node_get(h->node, "environment")->mark,
		    "there is no environment '%s'", h->environment_name);
		hint_near_key(d->errs, h->environment_name,
		    b->index->environments);
	}
}

static void
decode_environments(struct decode *d)
{
	struct book *b = d->book;
	size_t i;

	for (i = 0; i < b->environments.n; i++) {
		struct environment *env = &b->environments.v[i];

		shape_decode(d, &environment_shape, env->node, env);
		env->has_may_destroy = node_get(env->node, "may_destroy") !=
		    NULL;
	}
}

/* `inputs` is the check's own, the rest is a condition. */
static void
decode_check(struct decode *d, struct check *c)
{
	const struct node *inputs = node_get(c->node, "inputs");
	struct check_written w = { 0 };
	struct node rest;
	size_t i;

	if (inputs == NULL) {
		cond_decode(d, c->node, &c->cond);
		return;
	}
	rest = *c->node;
	rest.entries = arena_array(d->arena, rest.count,
	    sizeof *rest.entries);
	rest.count = 0;
	for (i = 0; i < c->node->count; i++)
		if (c->node->entries[i].value != inputs)
			rest.entries[rest.count++] = c->node->entries[i];
	cond_decode(d, arena_memdup(d->arena, &rest, sizeof rest), &c->cond);
	rest.entries = &(struct node_entry){ NULL, NULL };
	for (i = 0; i < c->node->count; i++)
		if (c->node->entries[i].value == inputs)
			rest.entries[0] = c->node->entries[i];
	rest.count = 1;
	shape_decode(d, &check_shape, &rest, &w);
	c->inputs = w.inputs;
}

static void
decode_checks(struct decode *d)
{
	size_t i;

	for (i = 0; i < d->book->checks.n; i++)
		decode_check(d, &d->book->checks.v[i]);
}

static void
decode_secret(struct decode *d, const struct node_entry *e,
    struct secret *out)
{
	int sources;

	out->name = e->key->text;
	out->mark = e->key->mark;
	name_check(d, e->key);
	map_put(d->book->index->secrets, out->name, out);
	if (shape_decode(d, &secret_shape, e->value, out) != 0)
		return;
	sources = (out->file != NULL) + (out->env != NULL) +
	    (out->command.n > 0);
	if (sources != 1) {
		errs_add(d->errs, out->mark, sources == 0 ? "where does the "
		    "secret '%s' come from?" : "the secret '%s' comes from "
		    "one place only", out->name);
		errs_hint(d->errs, "it has one of `file`, `env` and "
		    "`command`");
	}
}

static void
decode_secrets(struct decode *d, const struct node *table)
{
	struct book *b = d->book;
	size_t n = table_size(d, table, "secrets"), i;

	b->secrets.v = arena_array(d->arena, n, sizeof *b->secrets.v);
	b->secrets.n = n;
	for (i = 0; i < n; i++)
		decode_secret(d, &table->entries[i], &b->secrets.v[i]);
}

/* ---- the work */

static const struct defaults no_defaults;

static void
include_phase(struct decode *d, struct phase *p, struct mark mark)
{
	struct file_written w = { 0 };
	const struct node *node, *inputs, *outputs;
	struct defaults defaults;

	if (map_get(d->files, p->include_path) != NULL) {
		errs_add(d->errs, mark, "'%s' is part of the book already: a "
		    "phase has a file of its own", p->include_path);
		return;
	}
	node = files_load(d, p->include_path, mark);
	if (node == NULL)
		return;
	shape_decode(d, &file_shape, node, &w);
	if (w.steps == NULL)
		return;
	inputs = node_get(node, "inputs");
	outputs = node_get(node, "outputs");
	if (inputs != NULL)
		errs_add(d->errs, inputs->mark, "the file of a phase has no "
		    "inputs: it sees what the book sees");
	if (outputs != NULL)
		errs_add(d->errs, outputs->mark, "the file of a phase has no "
		    "outputs: its steps are seen by the whole book");
	defaults = layers_defaults(d, w.defaults);
	vec_push(&d->including, p->include_path);
	steps_decode(d, w.steps, &defaults, NULL, d->book->index->steps,
	    &p->steps);
	d->including.n--;
}

static void
decode_phase_steps(struct decode *d, const struct node *node,
    const struct phase_written *w, struct phase *p)
{
	const struct node *include = node_get(node, "include");

	if (w->steps != NULL && include != NULL)
		errs_add(d->errs, include->mark, "a phase has `steps` or "
		    "`include`, not both");
	else if (p->include_path != NULL)
		include_phase(d, p, include->mark);
	else if (w->steps != NULL)
		steps_decode(d, w->steps, &no_defaults, NULL,
		    d->book->index->steps, &p->steps);
	else if (include == NULL)
		errs_add(d->errs, node->mark, "a phase wants `steps` or "
		    "`include`");
}

static void
name_phase(struct decode *d, const struct node *node, struct phase *p)
{
	const struct node *id = node->type == NODE_MAP ?
	    node_get(node, "id") : NULL;
	struct phase *other;

	if (id == NULL || id->type != NODE_SCALAR)
		return;
	p->mark = id->mark;
	other = map_get(d->book->index->phases, id->text);
	if (other != NULL)
		errs_add(d->errs, id->mark, "the id '%s' stands in line %u "
		    "already", id->text, other->mark.line);
	else
		map_put(d->book->index->phases, id->text, p);
}

static void
decode_phases(struct decode *d, const struct node *list)
{
	struct book *b = d->book;
	size_t i;

	if (list->type != NODE_LIST || list->count == 0) {
		errs_add(d->errs, list->mark, "`phases` is a list of phases");
		return;
	}
	b->has_phases = true;
	b->phases.n = list->count;
	b->phases.v = arena_array(d->arena, list->count, sizeof *b->phases.v);
	for (i = 0; i < list->count; i++)
		name_phase(d, list->items[i], &b->phases.v[i]);
	for (i = 0; i < list->count; i++) {
		struct phase_written w = { .phase = b->phases.v[i] };

		if (w.phase.mark.source == NULL)
			w.phase.mark = list->items[i]->mark;
		shape_decode(d, &phase_shape, list->items[i], &w);
		if (list->items[i]->type == NODE_MAP)
			decode_phase_steps(d, list->items[i], &w, &w.phase);
		b->phases.v[i] = w.phase;
	}
}

static void
decode_work(struct decode *d, const struct node *root,
    const struct book_written *w)
{
	struct book *b = d->book;

	if (w->phases != NULL && w->steps != NULL) {
		errs_add(d->errs, w->steps->mark, "a runbook has `phases` or "
		    "`steps`, not both");
	} else if (w->phases != NULL) {
		decode_phases(d, w->phases);
	} else if (w->steps != NULL) {
		b->phases.n = 1;
		b->phases.v = arena_array(d->arena, 1, sizeof *b->phases.v);
		b->phases.v[0].mark = w->steps->mark;
		steps_decode(d, w->steps, &no_defaults, NULL, b->index->steps,
		    &b->phases.v[0].steps);
	} else {
		errs_add(d->errs, root->mark, "a runbook wants `steps` or "
		    "`phases`");
	}
}

static void
decode_root(struct decode *d, const struct node *root)
{
	struct book_written w = { 0 };
	struct book *b = d->book;

	shape_decode(d, &book_shape, root, &w);
	b->name = w.name;
	b->title = w.title;
	b->description = w.description;
	b->params = w.params;
	b->vars = w.vars;
	name_hosts(d, w.hosts);
	name_environments(d, w.environments);
	name_checks(d, w.checks);
	decode_secrets(d, w.secrets);
	decode_hosts(d);
	decode_checks(d);
	decode_environments(d);
	layers_templates(d, w.templates);
	decode_work(d, root, &w);
}

/* ---- the whole */

static struct book *
book_new(const struct book_kinds *kinds)
{
	struct arena *a = arena_new();
	struct book *b = arena_alloc(a, sizeof *b);

	b->arena = a;
	b->kinds = kinds->shapes;
	b->index = arena_alloc(a, sizeof *b->index);
	b->index->hosts = map_new();
	b->index->environments = map_new();
	b->index->checks = map_new();
	b->index->secrets = map_new();
	b->index->steps = map_new();
	b->index->phases = map_new();
	b->index->step_files = map_new();
	return b;
}

void
book_free(struct book *b)
{
	struct book_index *x;
	size_t i;

	if (b == NULL)
		return;
	x = b->index;
	for (i = 0; i < x->step_file_list.n; i++)
		map_free(x->step_file_list.v[i]->by_id);
	for (i = 0; i < x->patterns.n; i++)
		rx_free(x->patterns.v[i]);
	for (i = 0; i < x->sources.n; i++)
		source_free(x->sources.v[i]);
	vec_free(&x->step_file_list);
	vec_free(&x->patterns);
	vec_free(&x->sources);
	map_free(x->hosts);
	map_free(x->environments);
	map_free(x->checks);
	map_free(x->secrets);
	map_free(x->steps);
	map_free(x->phases);
	map_free(x->step_files);
	arena_free(b->arena);
}

static void
load(struct decode *d)
{
	const struct mark nowhere = { 0 };
	const struct node *root = files_load(d, d->place->file, nowhere);

	if (root == NULL)
		return;
	vec_push(&d->including, d->place->file);
	decode_root(d, root);
	book_check_all(d);
}

/* The errors point into them. */
static void
keep_sources(struct book *b, struct errs *errs)
{
	size_t i;

	for (i = 0; i < b->index->sources.n; i++)
		errs_keep(errs, b->index->sources.v[i]);
	b->index->sources.n = 0;
}

struct book *
book_load(const struct book_place *place, const struct book_kinds *kinds,
    struct errs *errs, struct errs *warnings)
{
	size_t before = errs->list.n;
	struct decode d = { .errs = errs, .warnings = warnings,
	    .kinds = kinds, .place = place };

	d.book = book_new(kinds);
	d.arena = d.book->arena;
	d.templates = map_new();
	d.files = map_new();
	load(&d);
	decode_free_rows(&d);
	map_free(d.templates);
	map_free(d.files);
	vec_free(&d.including);
	if (errs->list.n == before) {
		if (!place->only_lint)
			book_fingerprints(d.book);
		return d.book;
	}
	errs_sort(errs);
	keep_sources(d.book, errs);
	book_free(d.book);
	return NULL;
}
