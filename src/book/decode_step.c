/* Steps: merged with their layers, decoded, with their defaults filled in. */
#include "book/decode_private.h"

#include <string.h>

#include "base/arena.h"
#include "base/limits.h"

#define EVERY (5 * NSEC_PER_SEC)
#define RETRY_DELAY (10 * NSEC_PER_SEC)
#define EVERY_GATE (30 * NSEC_PER_SEC)

static struct mark
mark_of(const struct step *s, const char *key)
{
	const struct node *n = node_get(s->node, key);

	return n == NULL ? s->mark : n->mark;
}

/* ---- ids */

static void
add_id(struct decode *d, struct step *s, struct map *ids)
{
	const struct node *id = node_get(s->node, "id");
	struct step *other;

	if (s->id == NULL)
		return;
	s->mark = id->mark;
	other = map_get(ids, s->id);
	if (other != NULL && other->mark.source == s->mark.source)
		errs_add(d->errs, s->mark, "the id '%s' stands in line %u "
		    "already", s->id, other->mark.line);
	else if (other != NULL)
		errs_add(d->errs, s->mark, "the id '%s' stands in another "
		    "file of the book already", s->id);
	else
		map_put(ids, s->id, s);
	if (ids == d->book->index->steps &&
	    map_get(d->book->index->phases, s->id) != NULL)
		errs_add(d->errs, s->mark, "'%s' is the id of a phase: steps "
		    "and phases share one space of names", s->id);
}

/* ---- what a step is when it does not say */

static bool
is_gate(struct decode *d, const struct step *s)
{
	return s->body.kind != NULL && d->kinds->is_gate(s->body.kind);
}

static void
fill_defaults(struct decode *d, struct step *s)
{
	if (s->effect == EFFECT_DEFAULT && s->body.kind != NULL)
		s->effect = d->kinds->effect(s->body.kind, s->body.spec);
	else if (s->effect == EFFECT_DEFAULT && s->include_path == NULL)
		s->effect = EFFECT_READS;
	if (node_get(s->node, "repeatable") == NULL)
		s->repeatable = s->effect == EFFECT_READS;
	if (s->retry.times > 0 && s->retry.delay == 0)
		s->retry.delay = RETRY_DELAY;
	if (s->every == 0)
		s->every = is_gate(d, s) ? EVERY_GATE : EVERY;
}

#define MAX_PARALLEL 256

static void
finish_each(struct decode *d, struct step *s)
{
	const struct node *each = node_get(s->node, "for_each");
	const struct node *n = each == NULL || each->type != NODE_MAP ? NULL :
	    node_get(each, "parallel");

	if (n == NULL)
		s->each.parallel = 1;
	else if (s->each.parallel < 1 || s->each.parallel > MAX_PARALLEL)
		errs_add(d->errs, n->mark, "`parallel` is a number from 1 to "
		    "%d", MAX_PARALLEL);
}

static void
finish(struct decode *d, struct step *s)
{
	const struct node *include = node_get(s->node, "include");

	body_finish(d, s->node, &s->body);
	if (s->include_path != NULL) {
		if (s->body.kind != NULL)
			errs_add(d->errs, include->mark, "a step does one "
			    "thing: `%s` stands in line %u already",
			    s->body.kind->name, s->body.mark.line);
		s->include = files_include(d, s->include_path, include->mark);
		s->whole = s->whole && s->include != NULL;
	} else if (s->with.n > 0) {
		errs_add(d->errs, mark_of(s, "with"), "`with` gives a file its "
		    "inputs, and there is no `include` here");
	}
	if (s->whole || s->body.spec != NULL)
		fill_defaults(d, s);
	finish_each(d, s);
}

/* ---- undo */

/* "Undo: " and the title of the step. */
static struct text *
undo_title(struct decode *d, const struct text *of)
{
	static const char before[] = "Undo: ";
	struct text *t = arena_memdup(d->arena, of, sizeof *of);
	struct node *node = arena_memdup(d->arena, of->node,
	    sizeof *of->node);

	node->text = arena_printf(d->arena, "%s%s", before, of->node->text);
	node->len = strlen(node->text);
	t->node = node;
	t->n = of->n + 1;
	t->parts = arena_array(d->arena, t->n, sizeof *t->parts);
	t->parts[0].literal = before;
	t->parts[0].len = strlen(before);
	memcpy(t->parts + 1, of->parts, of->n * sizeof *of->parts);
	return t;
}

static int
undo_decode(struct decode *d, const struct node *node, const struct field *f,
    void *dst)
{
	size_t before = d->errs->list.n;
	struct undo_written *w = arena_alloc(d->arena, sizeof *w);
	struct undo *out = arena_alloc(d->arena, sizeof *out);

	if (node->type != NODE_MAP)
		return decode_wants(d, node, f);
	*(struct undo **)dst = out;
	shape_decode(d, &undo_shape, node, w);
	out->none = w->none;
	if (w->none != NULL && node->count > 1)
		errs_add(d->errs, node->mark, "{none: why} stands alone in an "
		    "undo");
	if (node_get(node, "none") != NULL)
		return decode_result(d, before);
	out->step = &w->step;
	w->step.node = node;
	w->step.mark = node->mark;
	w->step.whole = d->errs->list.n == before;
	if (d->partial)
		return decode_result(d, before);
	finish(d, &w->step);
	if (w->step.body.kind == NULL && w->step.include_path == NULL &&
	    w->step.whole) {
		errs_add(d->errs, node->mark, "this undo does nothing");
		errs_hint(d->errs, "say what is run, or {none: why there is "
		    "nothing to take back}");
	}
	return decode_result(d, before);
}

const struct field_type field_undo = {
	"a map: what takes the step back, or {none: why}", undo_decode, NULL,
	"{\"$ref\": \"@undo\"}",
};

static void
finish_undo(struct decode *d, struct step *s)
{
	struct step *undo = s->undo == NULL ? NULL : s->undo->step;

	if (undo == NULL)
		return;
	undo->id = s->id;
	undo->file = s->file;
	undo->order = s->order;
	if (undo->title == NULL && s->title != NULL)
		undo->title = undo_title(d, s->title);
	undo->whole = undo->whole && undo->title != NULL;
}

/* ---- one step, all steps */

static struct step *
step_decode(struct decode *d, const struct node *own,
    const struct defaults *defaults, struct step_file *file, struct map *ids)
{
	const struct node *merged = layers_step(d, own, defaults);
	size_t before = d->errs->list.n;
	struct step *s;

	if (merged == NULL)
		return NULL;
	s = arena_alloc(d->arena, sizeof *s);
	shape_decode(d, &step_shape, merged, s);
	s->node = merged;
	s->mark = own->mark;
	s->file = file;
	s->order = map_count(ids);
	s->whole = d->errs->list.n == before;
	add_id(d, s, ids);
	finish(d, s);
	finish_undo(d, s);
	return s;
}

void
steps_decode(struct decode *d, const struct node *list,
    const struct defaults *defaults, struct step_file *file, struct map *ids,
    struct steps *out)
{
	struct step *s;
	size_t i;

	if (list->type != NODE_LIST) {
		errs_add(d->errs, list->mark, "`steps` is a list of steps, "
		    "not %s", node_type_name(list));
		return;
	}
	if (list->count == 0)
		errs_add(d->errs, list->mark, "there is no step in `steps`");
	out->v = arena_array(d->arena, list->count, sizeof *out->v);
	for (i = 0; i < list->count; i++) {
		s = step_decode(d, list->items[i], defaults, file, ids);
		if (s != NULL)
			out->v[out->n++] = s;
	}
}
