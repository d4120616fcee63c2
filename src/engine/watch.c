#include "engine/watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "book/decode.h"
#include "book/json.h"

#define CHECK_DEPTH 16

struct watch {
	struct names names;
	const char *role;
	const struct conds *lists[2];
	size_t n;                    /* conditions in both */
	struct patience patience;
	nsec began;                  /* mono */
	nsec again;                  /* mono: when the next round begins */
	bool resting;                /* between two rounds */
	size_t index;                /* of the condition being asked */
	struct look *look;
	struct value inputs;         /* of the check being asked */
	const struct cond *inner;    /* the check's own condition */
	struct arena *round;         /* dies with the round */
	struct answered answered;    /* of the last condition asked */
	enum watched worst;
	signed char *last;           /* last recorded answer of each, or -1 */
	json_t *account;
};

struct watch *
watch_new(const struct names *names, const char *role,
    const struct conds *first, const struct conds *second,
    struct patience patience)
{
	struct watch *w = xcalloc(1, sizeof *w);

	w->names = *names;
	w->names.scope.ctx = &w->names;
	w->role = role;
	w->lists[0] = first;
	w->lists[1] = second;
	w->n = first->n + (second == NULL ? 0 : second->n);
	w->patience = patience;
	w->began = clock_mono(names->e->clock);
	w->round = arena_new();
	w->last = xcalloc(w->n + 1, 1);
	memset(w->last, -1, w->n + 1);
	w->account = json_array();
	return w;
}

void
watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	look_drop(w->look);
	arena_free(w->round);
	free(w->last);
	json_decref(w->account);
	free(w);
}

static const struct cond *
cond_at(const struct watch *w, size_t i)
{
	return i < w->lists[0]->n ? &w->lists[0]->v[i] :
	    &w->lists[1]->v[i - w->lists[0]->n];
}

/* ---- one condition */

static char *
cond_title(struct watch *w, const struct cond *c)
{
	struct err err = ERR_INIT;
	struct value v;
	char *title;

	if (c->title != NULL && text_eval(c->title, &w->names.scope, w->round,
	    &v, &err) == 0)
		title = arena_strdup(w->round, v.u.string.p);
	else if (c->how == COND_EXPR)
		title = arena_strdup(w->round, expr_source(c->expr));
	else if (c->how == COND_CHECK && c->check->cond.title == NULL)
		title = arena_strdup(w->round, c->check_name);
	else if (c->how == COND_CHECK)
		title = arena_strdup(w->round, text_source(c->check->cond.title));
	else
		title = arena_printf(w->round, "a look by %s",
		    c->body.kind->name);
	err_free(&err);
	return title;
}

static void
cannot(struct watch *w, struct err *err)
{
	w->answered.answer = ANSWER_CANNOT;
	w->answered.why = arena_strdup(w->round, err->text);
	w->answered.evidence = arena_strdup(w->round, "");
	err_free(err);
}

/* The inputs of a check: `with` in the names of the caller, then defaults. */
static int
bind_inputs(struct watch *w, const struct cond *c, struct err *err)
{
	struct value_map m = { .arena = w->round };
	const struct decls *d = &c->check->inputs;
	size_t i;

	for (i = 0; i < d->n; i++)
		if (d->v[i].has_default)
			value_map_put(&m, d->v[i].name, strlen(d->v[i].name),
			    d->v[i].def);
	for (i = 0; i < c->with.n; i++) {
		const struct assign *as = &c->with.v[i];
		struct decl *decl = decls_find(d, as->name);
		struct value v;

		if (text_eval_typed(as->text, &w->names.scope, w->round, &v,
		    err) != 0 || decl_value_check(decl, v, &v, err) != 0)
			return err_place(err, as->mark);
		value_map_put(&m, as->name, strlen(as->name), v);
	}
	w->inputs = value_map_done(&m);
	return 0;
}

/* Begins to ask; true: the answer is there already. */
static bool
ask(struct watch *w, const struct cond *c, unsigned depth)
{
	struct names names = w->names;
	struct err err = ERR_INIT;

	names.scope.ctx = &names;
	if (w->inner != NULL) {
		names.inputs = &w->inputs;
		names.book_level = true;
	}
	if (c->when != NULL) {
		answer_expr(c->when, &names, w->round, &w->answered);
		if (w->answered.answer == ANSWER_CANNOT)
			return true;
		if (w->answered.answer == ANSWER_NO) {
			w->answered.answer = ANSWER_YES;
			w->answered.why = arena_printf(w->round, "not asked: "
			    "%s", w->answered.why);
			return true;
		}
		memset(&w->answered, 0, sizeof w->answered);
	}
	if (c->how == COND_EXPR) {
		answer_expr(c->expr, &names, w->round, &w->answered);
		return true;
	}
	if (c->how == COND_CHECK) {
		if (depth > CHECK_DEPTH)
			err_set(&err, "checks call each other too deep");
		else if (bind_inputs(w, c, &err) == 0) {
			w->inner = &c->check->cond;
			return ask(w, w->inner, depth + 1);
		}
		cannot(w, &err);
		return true;
	}
	w->look = look_start(c, &names, &err);
	if (w->look != NULL)
		return false;
	cannot(w, &err);
	return true;
}

static void
record(struct watch *w, const struct cond *c)
{
	const struct answered *a = &w->answered;
	struct value evidence;

	if (w->last[w->index] == (signed char)a->answer)
		return;
	w->last[w->index] = (signed char)a->answer;
	evidence = value_static(a->evidence == NULL ? "" : a->evidence);
	engine_record(w->names.e, RECORD_LOOK, w->names.at->address,
	    json_pack("{s:s, s:i, s:s, s:s, s:s, s:o}", "role", w->role,
	    "index", (int)w->index, "title", cond_title(w, c),
	    "answer", answer_names[a->answer], "why", a->why,
	    "evidence", value_to_record(evidence)));
}

static void
add_account(struct watch *w, const struct cond *c)
{
	struct value v = w->answered.captures;
	json_t *captures = v.type != VALUE_MAP || value_is_secret(v) ||
	    value_is_unknown(v) ? json_object() : value_to_record(v);

	json_array_append_new(w->account, json_pack("{s:s, s:o}", "title",
	    cond_title(w, c), "captures", captures));
}

/* ---- rounds */

static void
begin_round(struct watch *w)
{
	arena_free(w->round);
	w->round = arena_new();
	memset(&w->answered, 0, sizeof w->answered);
	w->index = 0;
	w->inner = NULL;
	w->resting = false;
	json_array_clear(w->account);
}

/* A round is over with `worst`: final, or another one later? */
static enum watched
end_round(struct watch *w, enum watched worst)
{
	nsec now = clock_mono(w->names.e->clock);
	nsec limit = worst == WATCH_NO ? w->patience.no : w->patience.cannot;

	if (worst == WATCH_YES || limit == 0 ||
	    (limit != PATIENCE_FOREVER && now - w->began >= limit))
		return worst;
	w->worst = worst;
	w->resting = true;
	w->again = now + w->patience.every;
	engine_wake(w->names.e, w->again);
	return WATCH_BUSY;
}

/* The answer to the current condition is there. */
static enum watched
answered(struct watch *w)
{
	const struct cond *c = cond_at(w, w->index);

	record(w, c);
	if (w->answered.answer == ANSWER_NO)
		return end_round(w, WATCH_NO);
	if (w->answered.answer == ANSWER_CANNOT)
		return end_round(w, WATCH_CANNOT);
	add_account(w, c);
	w->index++;
	w->inner = NULL;
	return WATCH_BUSY;
}

static bool
step_on(struct watch *w, enum watched *result)
{
	if (w->look != NULL) {
		if (!look_advance(w->look, w->round, &w->answered))
			return false;
		w->look = NULL;
	} else if (w->index == w->n) {
		*result = WATCH_YES;
		return false;
	} else {
		memset(&w->answered, 0, sizeof w->answered);
		if (!ask(w, cond_at(w, w->index), 0))
			return false;
	}
	*result = answered(w);
	return *result == WATCH_BUSY && !w->resting;
}

enum watched
watch_advance(struct watch *w)
{
	enum watched result = WATCH_BUSY;

	if (w->resting) {
		if (clock_mono(w->names.e->clock) < w->again) {
			engine_wake(w->names.e, w->again);
			return WATCH_BUSY;
		}
		begin_round(w);
	}
	while (step_on(w, &result))
		continue;
	return result;
}

const struct cond *
watch_cond(const struct watch *w)
{
	return w->index < w->n ? cond_at(w, w->index) : NULL;
}

const char *
watch_why(const struct watch *w)
{
	return w->answered.why == NULL ? "" : w->answered.why;
}

const char *
watch_evidence(const struct watch *w)
{
	return w->answered.evidence == NULL ? "" : w->answered.evidence;
}

json_t *
watch_account(const struct watch *w)
{
	return json_incref(w->account);
}
