/* Params: what the command line says, over a file, over defaults. */
#include "book/decode.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"
#include "book/decode_private.h"

struct params {
	const struct book *book;
	struct arena *arena;
	struct value *values;
	bool *given;
	struct errs *errs;
};

static size_t
find(const struct params *p, const char *name, size_t n)
{
	const struct decls *d = &p->book->params;
	size_t i;

	for (i = 0; i < d->n; i++)
		if (strlen(d->v[i].name) == n &&
		    memcmp(d->v[i].name, name, n) == 0)
			break;
	return i;
}

static void
no_param(const struct params *p, struct mark mark, const char *name, size_t n)
{
	char *word = arena_strndup(p->arena, name, n);
	VEC(const char *) names = { 0 };
	size_t i;

	errs_add(p->errs, mark, "the book has no param '%s'", word);
	for (i = 0; i < p->book->params.n; i++)
		vec_push(&names, p->book->params.v[i].name);
	hint_near(p->errs, word, names.v, names.n);
	vec_free(&names);
}

static void
from_file(struct params *p, const struct node *file)
{
	size_t i, at;

	if (file == NULL)
		return;
	if (file->type != NODE_MAP) {
		errs_add(p->errs, file->mark, "a file of params is a map, "
		    "name: value, not %s", node_type_name(file));
		return;
	}
	for (i = 0; i < file->count; i++) {
		const struct node_entry *e = &file->entries[i];
		struct err err = ERR_INIT;

		at = find(p, e->key->text, e->key->len);
		if (at == p->book->params.n) {
			no_param(p, e->key->mark, e->key->text, e->key->len);
			continue;
		}
		p->given[at] = true;
		if (decl_value_of_node(p->arena, &p->book->params.v[at],
		    e->value, &p->values[at], &err) != 0)
			errs_take(p->errs, &err);
	}
}

static void
from_set(struct params *p, const char *set)
{
	const struct mark nowhere = { 0 };
	const char *equals = strchr(set, '=');
	struct err err = ERR_INIT;
	size_t at;

	if (equals == NULL) {
		errs_add(p->errs, nowhere, "--set wants NAME=VALUE, not '%s'",
		    set);
		return;
	}
	at = find(p, set, (size_t)(equals - set));
	if (at == p->book->params.n) {
		no_param(p, nowhere, set, (size_t)(equals - set));
		return;
	}
	p->given[at] = true;
	if (decl_value_of_text(p->arena, &p->book->params.v[at], equals + 1,
	    strlen(equals + 1), &p->values[at], &err) != 0)
		errs_take(p->errs, &err);
}

static void
from_defaults(struct params *p)
{
	const struct mark nowhere = { 0 };
	struct buf missing = BUF_INIT(64 * 1024);
	size_t n = 0, i;

	for (i = 0; i < p->book->params.n; i++) {
		const struct decl *d = &p->book->params.v[i];

		if (p->given[i])
			continue;
		if (d->required)
			buf_addf(&missing, "%s%s%s%s", n++ > 0 ? "\n" : "",
			    d->name, d->help != NULL ? ": " : "",
			    d->help != NULL ? d->help : "");
		p->values[i] = d->has_default ? d->def : value_null();
	}
	if (n > 0) {
		errs_add(p->errs, nowhere, n == 1 ? "a param is missing; give "
		    "it by --set or --params" : "%zu params are missing; give "
		    "them by --set or --params", n);
		errs_hint(p->errs, "%s", missing.data);
	}
	buf_free(&missing);
}

int
book_params(const struct book *b, struct arena *a, const char *const *sets,
    size_t n_sets, const struct node *file, struct value *out,
    struct errs *errs)
{
	struct params p = { b, a, NULL, NULL, errs };
	struct value_map m = { .arena = a };
	size_t before = errs->list.n, i;

	p.values = arena_array(a, b->params.n, sizeof *p.values);
	p.given = arena_array(a, b->params.n, sizeof *p.given);
	from_file(&p, file);
	for (i = 0; i < n_sets; i++)
		from_set(&p, sets[i]);
	from_defaults(&p);
	if (errs->list.n > before)
		return -1;
	for (i = 0; i < b->params.n; i++)
		value_map_put(&m, b->params.v[i].name,
		    strlen(b->params.v[i].name), p.values[i]);
	*out = value_map_done(&m);
	return 0;
}
