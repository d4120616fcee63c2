#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/source.h"
#include "book/json.h"

struct plan {
	const struct book *book;
	struct arena *arena;
	struct plan_phase *phases;
	size_t n_phases;
	struct map *by_address;
	VEC(struct plan_step *) steps;
};

static struct plan_step *lay_out(struct plan *p, struct plan_step like);

static struct plan_step *
lay_out_undo(struct plan *p, struct plan_step *of)
{
	struct plan_step like = { .phase = of->phase, .parent = of->parent,
	    .step = of->step->undo->step, .undo_of = of };

	like.address = arena_printf(p->arena, "%s!undo", of->address);
	return lay_out(p, like);
}

static void
lay_out_children(struct plan *p, struct plan_step *s)
{
	const struct steps *list = &s->step->include->steps;
	size_t i;

	s->children = arena_array(p->arena, list->n, sizeof *s->children);
	s->n = list->n;
	for (i = 0; i < list->n; i++) {
		struct plan_step like = { .phase = s->phase, .parent = s,
		    .step = list->v[i] };

		like.address = arena_printf(p->arena, "%s.%s", s->address,
		    list->v[i]->id);
		s->children[i] = lay_out(p, like);
	}
}

static struct plan_step *
lay_out(struct plan *p, struct plan_step like)
{
	struct plan_step *s = arena_memdup(p->arena, &like, sizeof like);

	s->each = s->step->each.in != NULL && s->each_of == NULL;
	s->back = s->undo_of != NULL || (s->parent != NULL && s->parent->back);
	s->order = p->steps.n;
	map_put(p->by_address, s->address, s);
	if (!s->back)
		vec_push(&p->steps, s);
	/* what a for_each does is done, and taken back, by its items */
	if (s->each)
		return s;
	if (s->step->include != NULL)
		lay_out_children(p, s);
	if (s->step->undo != NULL && s->step->undo->step != NULL)
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
		for (k = 0; k < out->n; k++) {
			const struct step *step = phase->steps.v[k];
			struct plan_step like = { .address = step->id,
			    .step = step, .phase = phase };

			out->steps[k] = lay_out(p, like);
		}
	}
	return p;
}

/* ---- items */

static bool
is_simple(const char *key, size_t n)
{
	static const char simple[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_.-:/@+";

	return n > 0 && memchr(key, '\0', n) == NULL &&
	    strspn(key, simple) >= n && strchr(".-:/@+", key[0]) == NULL;
}

void
plan_item_address(const char *step, const char *key, size_t n,
    struct buf *out)
{
	json_t *text;
	char *quoted, *c;

	buf_addf(out, "%s[", step);
	if (is_simple(key, n)) {
		buf_add(out, key, n);
	} else {
		text = json_stringn_nocheck(key, n);
		quoted = json_dumps(text, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
		for (c = quoted; *c != '\0'; c++)
			if (*c == 0x7f)
				buf_adds(out, "\\u007f");
			else
				buf_addc(out, *c);
		free(quoted);
		json_decref(text);
	}
	buf_addc(out, ']');
}

static bool
stands_in(const struct plan_step *s, const struct plan_step *each)
{
	while (s != NULL && s != each)
		s = s->each_of != NULL ? s->each_of : s->parent;
	return s == each;
}

static void
renumber(struct plan *p, size_t from)
{
	for (; from < p->steps.n; from++)
		p->steps.v[from]->order = from;
}

/* Everything below a for_each stands directly behind it. */
static void
remove_items(struct plan *p, const struct plan_step *each)
{
	size_t from = each->order + 1, to = from, i;

	while (to < p->steps.n && stands_in(p->steps.v[to], each))
		to++;
	for (i = from; i < to; i++) {
		map_put(p->by_address, p->steps.v[i]->address, NULL);
		if (p->steps.v[i]->undo != NULL)
			map_put(p->by_address, p->steps.v[i]->undo->address,
			    NULL);
	}
	memmove(p->steps.v + from, p->steps.v + to,
	    (p->steps.n - to) * sizeof *p->steps.v);
	p->steps.n -= to - from;
	renumber(p, from);
}

/* The steps that were laid out last move to where they belong. */
static void
move_behind(struct plan *p, const struct plan_step *each, size_t first)
{
	size_t at = each->order + 1, n = p->steps.n - first;
	struct plan_step **moved = xcalloc(n + 1, sizeof *moved);

	memcpy(moved, p->steps.v + first, n * sizeof *moved);
	memmove(p->steps.v + at + n, p->steps.v + at,
	    (first - at) * sizeof *moved);
	memcpy(p->steps.v + at, moved, n * sizeof *moved);
	free(moved);
	renumber(p, at);
}

static struct plan_step *
lay_out_item(struct plan *p, struct plan_step *each, const json_t *entry)
{
	struct plan_step like = { .step = each->step, .phase = each->phase,
	    .parent = each->parent, .each_of = each };
	const json_t *key = json_object_get(entry, "key");
	struct value *item = arena_alloc(p->arena, sizeof *item);
	struct buf address = BUF_INIT(LIMIT_RECORD);

	plan_item_address(each->address, json_string_value(key),
	    json_string_length(key), &address);
	*item = value_from_record(p->arena, json_object_get(entry, "item"));
	item->flags |= VALUE_FOREIGN;
	like.key = arena_strndup(p->arena, json_string_value(key),
	    json_string_length(key));
	like.key_len = json_string_length(key);
	like.item = item;
	like.address = arena_strdup(p->arena, address.data);
	buf_free(&address);
	return lay_out(p, like);
}

int
plan_take_items(struct plan *p, const char *address, const json_t *payload,
    struct err *err)
{
	struct plan_step *each = map_get(p->by_address, address);
	const json_t *list = json_object_get(payload, "items"), *entry;
	size_t i, first;

	if (each == NULL || !each->each || !json_is_array(list))
		return err_set(err, "the items of '%s' are no items of a step "
		    "of this book", address);
	json_array_foreach(list, i, entry)
		if (!json_is_string(json_object_get(entry, "key")) ||
		    json_object_get(entry, "item") == NULL)
			return err_set(err, "item %zu of '%s' has no key",
			    i + 1, address);
	if (!each->back)
		remove_items(p, each);
	first = p->steps.n;
	each->children = arena_array(p->arena, json_array_size(list),
	    sizeof *each->children);
	each->n = json_array_size(list);
	json_array_foreach(list, i, entry)
		each->children[i] = lay_out_item(p, each, entry);
	if (!each->back)
		move_behind(p, each, first);
	each->known = true;
	return 0;
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
