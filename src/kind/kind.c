#include "kind/kind.h"

#include <string.h>

#include "kind/copy.h"
#include "kind/http.h"

extern const struct kind kind_run, kind_http, kind_copy, kind_gate, kind_wait,
    kind_reconcile;

const struct kind *const kinds[] = {
	&kind_run, &kind_http, &kind_copy, &kind_gate, &kind_wait,
	&kind_reconcile, NULL
};

static const struct kind_shape *const shapes[] = {
	&kind_run.shape, &kind_http.shape, &kind_copy.shape, &kind_gate.shape,
	&kind_wait.shape, &kind_reconcile.shape, NULL
};

static const struct worker workers[] = {
	{ "http", http_worker }, { "copy", copy_worker }, { NULL, NULL }
};

const struct kind *
kind_of(const struct kind_shape *shape)
{
	size_t i;

	for (i = 0; kinds[i] != NULL; i++)
		if (&kinds[i]->shape == shape)
			return kinds[i];
	return NULL;
}

const struct worker *
kinds_workers(void)
{
	return workers;
}

/* ---- what book asks of a kind */

static enum effect
effect_of(const struct kind_shape *shape, const void *spec)
{
	const struct kind *k = kind_of(shape);

	return k->effect_of != NULL ? k->effect_of(spec) : k->effect;
}

static const char *const *
leaves_of(const struct kind_shape *shape, const void *spec, struct arena *a)
{
	const struct kind *k = kind_of(shape);

	return k->leaves_of != NULL ? k->leaves_of(spec, a) : k->leaves;
}

static void
check(const struct kind_shape *shape, const void *spec,
    const struct body *body, enum effect effect, struct errs *errs)
{
	const struct kind *k = kind_of(shape);

	if (k->check != NULL)
		k->check(spec, body, effect, errs);
}

static bool
allowed(const struct kind_shape *shape, const char *place)
{
	const struct kind *k = kind_of(shape);

	if (strcmp(place, "look") == 0)
		return k->in_look;
	return strcmp(place, "undo") == 0 ? k->in_undo : true;
}

static bool
runs_program(const struct kind_shape *shape)
{
	return kind_of(shape)->runs_program;
}

static bool
is_gate(const struct kind_shape *shape)
{
	return kind_of(shape)->flow == FLOW_QUESTION;
}

const struct book_kinds *
kinds_for_book(void)
{
	static const struct book_kinds view = {
		shapes, effect_of, leaves_of, check, allowed, runs_program,
		is_gate,
	};

	return &view;
}
