/* Layers: the step over its template over the defaults of the file, merged as
 * nodes, so that every key keeps the place where it is written. */
#include "book/decode_private.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"

/* Nodes that templates and defaults may put under all steps together: each is
 * decoded once for each step. */
#define LIMIT_LAYERED ((size_t)1000000)
#define TEMPLATE_DEPTH 16

/* What can stand in the lowest layer depends on what the step does. */
enum work {
	WORK_NONE,           /* conditions and captures */
	WORK_INCLUDE,
	WORK_PROGRAM,
	WORK_ACTS,           /* another kind with an effect */
	WORK_WAITS,          /* a person or time */
};

const struct node_entry *
layers_kind(struct decode *d, const struct node *node)
{
	size_t i;

	for (i = 0; i < node->count; i++) {
		const struct node *key = node->entries[i].key;

		if (decode_row(d, &step_shape, key->text, key->len).kind !=
		    NULL || strcmp(key->text, "include") == 0)
			return &node->entries[i];
	}
	return NULL;
}

bool
layers_captures_path(const struct node *node)
{
	const struct node *captures = node_get(node, "capture");
	size_t i;

	if (captures == NULL || captures->type != NODE_MAP)
		return false;
	for (i = 0; i < captures->count; i++)
		if (node_get(captures->entries[i].value, "path") != NULL)
			return true;
	return false;
}

static enum work
work_of(struct decode *d, const struct node_entry *kind)
{
	const struct kind_shape *shape;

	if (kind == NULL)
		return WORK_NONE;
	shape = decode_row(d, &step_shape, kind->key->text,
	    kind->key->len).kind;
	if (shape == NULL)
		return WORK_INCLUDE;
	if (d->kinds->runs_program(shape))
		return WORK_PROGRAM;
	return d->kinds->is_gate(shape) || shape->value.type == &field_expr ?
	    WORK_WAITS : WORK_ACTS;
}

static bool
is_key(const struct node *key, const char *word)
{
	return strcmp(key->text, word) == 0;
}

/* Defaults are for all steps of a file: what does not concern this one falls
 * away. In a step or template it is an error. */
static bool
concerns(enum work work, const struct node *step, const struct node *key,
    const struct field *f)
{
	if (work == WORK_PROGRAM || f == NULL)
		return true;
	if (f->flags & FIELD_PROGRAM)
		return false;
	if (work == WORK_INCLUDE)
		return f->flags & FIELD_CALLER;
	if (is_key(key, "host"))
		return work == WORK_NONE && layers_captures_path(step);
	if (work == WORK_ACTS)
		return true;
	return !is_key(key, "effect") && !is_key(key, "repeatable") &&
	    !is_key(key, "targets") && !is_key(key, "timeout");
}

/* ---- merging two nodes */

static const struct node *
merge_maps(struct decode *d, const struct node *high, const struct node *low)
{
	struct node *out = arena_memdup(d->arena, high, sizeof *high);
	size_t i;

	out->entries = arena_array(d->arena, high->count + low->count,
	    sizeof *out->entries);
	memcpy(out->entries, high->entries,
	    high->count * sizeof *high->entries);
	for (i = 0; i < low->count; i++)
		if (node_get(high, low->entries[i].key->text) == NULL)
			out->entries[out->count++] = low->entries[i];
	return out;
}

static size_t
items(const struct node *n, struct node ***v, struct node **one)
{
	if (n->type == NODE_LIST) {
		*v = n->items;
		return n->count;
	}
	*one = (struct node *)n;
	*v = one;
	return 1;
}

static const struct node *
add_lists(struct decode *d, const struct node *high, const struct node *low)
{
	struct node *out = arena_memdup(d->arena, high, sizeof *high);
	struct node **a, **b, *one_a, *one_b;
	size_t n = items(high, &a, &one_a), m = items(low, &b, &one_b);

	out->type = NODE_LIST;
	out->items = arena_array(d->arena, n + m, sizeof *out->items);
	memcpy(out->items, a, n * sizeof *a);
	memcpy(out->items + n, b, m * sizeof *b);
	out->count = n + m;
	return out;
}

static const struct node *
merge_value(struct decode *d, const struct field *f, const struct node *high,
    const struct node *low)
{
	if (f->flags & FIELD_ADDS_UP)
		return add_lists(d, high, low);
	if (f->flags & FIELD_BY_KEY && high->type == NODE_MAP &&
	    low->type == NODE_MAP)
		return merge_maps(d, high, low);
	return high;
}

static size_t
weight_of(const struct node *n)
{
	size_t sum = 1, i;

	if (n->type == NODE_LIST)
		for (i = 0; i < n->count; i++)
			sum += weight_of(n->items[i]);
	if (n->type == NODE_MAP)
		for (i = 0; i < n->count; i++)
			sum += weight_of(n->entries[i].value);
	return sum;
}

/* Is there room for one more copy? Complains once. */
static bool
may_add(struct decode *d, size_t weight, struct mark mark)
{
	bool before = d->layered <= LIMIT_LAYERED;

	d->layered += weight;
	if (d->layered <= LIMIT_LAYERED)
		return true;
	if (before)
		errs_add(d->errs, mark, "templates and defaults put more than "
		    "%zu nodes under the steps of the book", LIMIT_LAYERED);
	return false;
}

static struct node_entry *
find(struct node *map, const char *key)
{
	size_t i;

	for (i = 0; i < map->count; i++)
		if (strcmp(map->entries[i].key->text, key) == 0)
			return &map->entries[i];
	return NULL;
}

/* A kind of one's own hides the one below, and the `with` that belongs to
 * it. */
static bool
is_hidden(const struct node_entry *own,
    const struct node_entry *below, const struct node_entry *e)
{
	if (own == NULL || below == NULL)
		return false;
	if (e == below)
		return true;
	return is_key(e->key, "with") && is_key(below->key, "include") &&
	    !is_key(own->key, "include");
}

static const struct node *
merge(struct decode *d, const struct node *high, const struct node *low,
    bool low_is_defaults)
{
	const struct node_entry *own = layers_kind(d, high);
	const struct node_entry *below = layers_kind(d, low);
	struct node *out = arena_memdup(d->arena, high, sizeof *high);
	enum work work = work_of(d, own != NULL ? own : below);
	size_t i;

	out->entries = arena_array(d->arena, high->count + low->count,
	    sizeof *out->entries);
	memcpy(out->entries, high->entries,
	    high->count * sizeof *high->entries);
	for (i = 0; i < low->count; i++) {
		const struct node_entry *e = &low->entries[i];
		const struct field *f = decode_row(d, &step_shape,
		    e->key->text, e->key->len).field;
		struct node_entry *present = find(out, e->key->text);

		if (is_hidden(own, below, e) ||
		    (low_is_defaults && !concerns(work, high, e->key, f)))
			continue;
		if (present == NULL)
			out->entries[out->count++] = *e;
		else if (f != NULL && !is_key(e->key, "template"))
			present->value = (struct node *)merge_value(d, f,
			    present->value, e->value);
	}
	return out;
}

/* ---- templates */

static struct template *merged_template(struct decode *d,
    const struct node *name);

static const struct node *
merge_template(struct decode *d, struct template *t)
{
	const struct node *name = node_get(t->node, "template");
	const struct template *below;

	if (name == NULL)
		return t->node;
	if (d->template_depth == TEMPLATE_DEPTH) {
		errs_add(d->errs, name->mark, "more than %d templates lie "
		    "under each other", TEMPLATE_DEPTH);
		return t->node;
	}
	t->merging = true;
	d->template_depth++;
	below = merged_template(d, name);
	d->template_depth--;
	t->merging = false;
	if (below == NULL || !may_add(d, below->weight, t->mark))
		return t->node;
	return merge(d, t->node, below->merged, false);
}

static struct template *
merged_template(struct decode *d, const struct node *name)
{
	struct template *t;

	if (name->type != NODE_SCALAR) {
		errs_add(d->errs, name->mark, "`template` is one name, not %s",
		    node_type_name(name));
		return NULL;
	}
	t = map_get(d->templates, name->text);
	if (t == NULL) {
		errs_add(d->errs, name->mark, "there is no template '%s'",
		    name->text);
		hint_near_key(d->errs, name->text, d->templates);
		return NULL;
	}
	if (t->merging) {
		errs_add(d->errs, name->mark, "templates name each other "
		    "without end: '%s' comes back to itself", t->name);
		return NULL;
	}
	if (t->node->type != NODE_MAP)
		return NULL;
	if (t->merged == NULL) {
		t->merged = merge_template(d, t);
		t->weight = weight_of(t->merged);
	}
	return t;
}

/* ---- what may stand in a layer */

static void
check_layer(struct decode *d, const struct node *node, const char *what)
{
	size_t i;

	for (i = 0; i < node->count; i++) {
		const struct node *key = node->entries[i].key;
		struct row row = decode_row(d, &step_shape, key->text,
		    key->len);

		if (row.field != NULL && row.kind == NULL &&
		    row.field->flags & FIELD_OWN)
			errs_add(d->errs, key->mark, "`%s` stands at the step "
			    "itself, never in %s", key->text, what);
	}
}

/* Everything that is wrong in it, even when no step uses it. */
static void
try_layer(struct decode *d, const struct node *node)
{
	struct step *scratch = arena_alloc(d->arena, sizeof *scratch);

	d->partial = true;
	shape_decode(d, &step_shape, node, scratch);
	d->partial = false;
}

static void
add_template(struct decode *d, const struct node_entry *e)
{
	struct template *t = arena_alloc(d->arena, sizeof *t);

	name_check(d, e->key);
	t->name = e->key->text;
	t->mark = e->key->mark;
	t->node = e->value;
	map_put(d->templates, t->name, t);
	if (e->value->type != NODE_MAP)
		errs_add(d->errs, e->value->mark, "the template '%s' is a map "
		    "of a step's keys, not %s", t->name,
		    node_type_name(e->value));
}

void
layers_templates(struct decode *d, const struct node *templates)
{
	size_t i;

	if (templates == NULL)
		return;
	if (templates->type != NODE_MAP) {
		errs_add(d->errs, templates->mark, "`templates` is a map, "
		    "name: keys of a step");
		return;
	}
	for (i = 0; i < templates->count; i++)
		add_template(d, &templates->entries[i]);
	for (i = 0; i < templates->count; i++) {
		const struct node_entry *e = &templates->entries[i];

		if (e->value->type != NODE_MAP)
			continue;
		check_layer(d, e->value, "a template");
		merged_template(d, e->key);
		try_layer(d, e->value);
	}
}

struct defaults
layers_defaults(struct decode *d, const struct node *defaults)
{
	struct defaults out = { NULL, 0 };
	const struct node_entry *kind;
	const struct node *template;

	if (defaults == NULL)
		return out;
	if (defaults->type != NODE_MAP) {
		errs_add(d->errs, defaults->mark, "`defaults` is a map of a "
		    "step's keys, not %s", node_type_name(defaults));
		return out;
	}
	check_layer(d, defaults, "`defaults`");
	kind = layers_kind(d, defaults);
	if (kind != NULL)
		errs_add(d->errs, kind->key->mark, "`%s`: what is done stands "
		    "at the step or in a template, never in `defaults`",
		    kind->key->text);
	template = node_get(defaults, "template");
	if (template != NULL)
		errs_add(d->errs, template->mark, "`template` stands at the "
		    "step itself, never in `defaults`");
	try_layer(d, defaults);
	out.node = defaults;
	out.weight = weight_of(defaults);
	return out;
}

const struct node *
layers_step(struct decode *d, const struct node *own,
    const struct defaults *defaults)
{
	const struct node *name, *node = own;
	const struct template *below;

	if (own->type != NODE_MAP) {
		errs_add(d->errs, own->mark, "a step is a map, not %s",
		    node_type_name(own));
		return NULL;
	}
	name = node_get(own, "template");
	below = name == NULL ? NULL : merged_template(d, name);
	if (below != NULL && may_add(d, below->weight, own->mark))
		node = merge(d, node, below->merged, false);
	if (defaults->node != NULL && may_add(d, defaults->weight, own->mark))
		node = merge(d, node, defaults->node, true);
	return node;
}
