#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/source.h"

struct plan {
	const struct book *book;
	struct arena *arena;
	struct plan_phase *phases;
	size_t n_phases;
	struct map *by_address;
	VEC(struct plan_step *) steps;
};

static struct plan_step *
lay_out(struct plan *p, const struct step *step, const char *address,
    const struct phase *phase, struct plan_step *parent);

static struct plan_step *
lay_out_undo(struct plan *p, struct plan_step *of)
{
	struct plan_step *undo;

	undo = lay_out(p, of->step->undo->step,
	    arena_printf(p->arena, "%s!undo", of->address), of->phase,
	    of->parent);
	undo->undo_of = of;
	return undo;
}

static void
lay_out_children(struct plan *p, struct plan_step *s)
{
	const struct steps *list = &s->step->include->steps;
	size_t i;

	s->children = arena_array(p->arena, list->n, sizeof *s->children);
	s->n = list->n;
	for (i = 0; i < list->n; i++) {
		const struct step *child = list->v[i];

		s->children[i] = lay_out(p, child,
		    arena_printf(p->arena, "%s.%s", s->address, child->id),
		    s->phase, s);
	}
}

static struct plan_step *
lay_out(struct plan *p, const struct step *step, const char *address,
    const struct phase *phase, struct plan_step *parent)
{
	struct plan_step *s = arena_alloc(p->arena, sizeof *s);

	s->address = address;
	s->step = step;
	s->phase = phase;
	s->parent = parent;
	s->order = p->steps.n;
	map_put(p->by_address, address, s);
	if (strchr(address, '!') == NULL)
		vec_push(&p->steps, s);
	if (step->include != NULL)
		lay_out_children(p, s);
	if (step->undo != NULL && step->undo->step != NULL)
		s->undo = lay_out_undo(p, s);
	return s;
}

struct plan *
plan_new(const struct book *book)
{
	struct plan *p = xcalloc(1, sizeof *p);
	size_t i, k;

	p->book = book;
	p->arena = arena_new();
	p->by_address = map_new();
	p->n_phases = book->phases.n;
	p->phases = arena_array(p->arena, p->n_phases, sizeof *p->phases);
	for (i = 0; i < p->n_phases; i++) {
		const struct phase *phase = &book->phases.v[i];
		struct plan_phase *out = &p->phases[i];

		out->phase = phase;
		out->n = phase->steps.n;
		out->steps = arena_array(p->arena, out->n, sizeof *out->steps);
		for (k = 0; k < out->n; k++)
			out->steps[k] = lay_out(p, phase->steps.v[k],
			    phase->steps.v[k]->id, phase, NULL);
	}
	return p;
}

void
plan_free(struct plan *p)
{
	if (p == NULL)
		return;
	map_free(p->by_address);
	vec_free(&p->steps);
	arena_free(p->arena);
	free(p);
}

size_t
plan_phases(const struct plan *p, const struct plan_phase **phases)
{
	*phases = p->phases;
	return p->n_phases;
}

struct plan_step *
plan_find(const struct plan *p, const char *address)
{
	return map_get(p->by_address, address);
}

struct plan_step *
plan_sibling(const struct plan *p, const struct plan_step *from,
    const char *id)
{
	const struct plan_step *caller = from == NULL ? NULL : from->parent;
	size_t i;

	if (caller == NULL)
		return map_get(p->by_address, id);
	for (i = 0; i < caller->n; i++)
		if (strcmp(caller->children[i]->step->id, id) == 0)
			return caller->children[i];
	return NULL;
}

size_t
plan_steps(const struct plan *p, struct plan_step *const **steps)
{
	*steps = p->steps.v;
	return p->steps.n;
}

void
plan_place(const struct plan_step *s, struct buf *out)
{
	const struct mark *m = &s->step->mark;

	if (m->source != NULL)
		buf_addf(out, "%s:%u", m->source->name, m->line);
}
