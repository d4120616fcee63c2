#include "engine/back.h"

#include <stdlib.h>
#include <string.h>

#include "engine/task.h"

struct undo_run {      /* what engine.h calls e->undo */
	const struct plan_step **steps;
	size_t n, i;
};

/* ---- which, in which order */

/* Did this step begin something that may have to be taken back? */
static bool
started(const struct fold *f, const struct plan_step *s)
{
	const struct fold_step *st = fold_find(f, s->address);

	if (st == NULL || s->step->effect == EFFECT_READS)
		return false;
	return st->state == STEP_DONE || st->state == STEP_FAILED ||
	    st->state == STEP_UNKNOWN || st->state == STEP_STOPPED ||
	    st->state == STEP_RUNNING;
}

/* The caller's undo replaces those of the steps inside. */
static bool
covered(const struct plan_step *s)
{
	for (s = s->parent; s != NULL; s = s->parent)
		if (s->step->undo != NULL)
			return true;
	return false;
}

static bool
changes(const struct plan_step *s)
{
	/* its items do */
	if (s->each)
		return false;
	/* an include and a question change nothing themselves */
	return s->step->undo != NULL ||
	    (s->step->include == NULL && s->step->body.kind != NULL &&
	    s->step->effect != EFFECT_DEFAULT);
}

struct ended { const struct plan_step *s; nsec at; size_t order; };

static int
latest_first(const void *a, const void *b)
{
	const struct ended *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? 1 : -1;
	return x->order < y->order ? 1 : -1;
}

size_t
back_list(const struct plan *p, const struct fold *f,
    const struct plan_step *to, const struct plan_step **out)
{
	struct plan_step *const *steps;
	size_t n = plan_steps(p, &steps), i, k = 0;
	struct ended *all = xcalloc(n + 1, sizeof *all);

	for (i = 0; i < n; i++) {
		const struct fold_step *st = fold_find(f, steps[i]->address);

		if (!started(f, steps[i]) || !changes(steps[i]) ||
		    covered(steps[i]) ||
		    (to != NULL && steps[i]->order < to->order))
			continue;
		all[k].s = steps[i];
		all[k].at = st->ended != 0 ? st->ended : INT64_MAX;
		all[k++].order = steps[i]->order;
	}
	qsort(all, k, sizeof *all, latest_first);
	for (i = 0; i < k; i++)
		out[i] = all[i].s;
	free(all);
	return k;
}

const char *
back_what(const struct plan_step *s)
{
	const struct undo *undo = s->step->undo;

	if (undo == NULL)
		return NULL;
	return undo->none != NULL ? text_source(undo->none) :
	    text_source(undo->step->title);
}

/* ---- doing it */

int
back_begin(struct engine *e, struct plan_step *to, struct err *err)
{
	struct plan_step *const *steps;
	size_t n = plan_steps(e->plan, &steps), i;
	struct undo_run *u;

	if (e->undo != NULL)
		return err_set(err, "it is being taken back already");
	u = xcalloc(1, sizeof *u);
	u->steps = xcalloc(n + 1, sizeof *u->steps);
	u->n = back_list(e->plan, e->fold, to, u->steps);
	for (i = 0; i < u->n && !err->set; i++)
		if (back_what(u->steps[i]) == NULL) {
			err_set(err, "'%s' changed something and the book "
			    "does not say how to take that back",
			    u->steps[i]->address);
			err_hint(err, "take it back by hand, then: cairn skip "
			    "%s %s --reason …; or undo only --to a later step",
			    "RUN", u->steps[i]->address);
		}
	if (err->set) {
		free(u->steps);
		free(u);
		return -1;
	}
	e->undo = u;
	return 0;
}

/* X is taken back when X!undo is done. */
static void
mark_undone(struct engine *e, const struct plan_step *s, const char *why)
{
	nsec now = engine_now(e);
	json_t *payload = json_pack("{s:i, s:s, s:s, s:I, s:I}", "attempt",
	    (int)task_of(e, s)->attempt, "state", "undone", "why", why,
	    "begin", (json_int_t)now, "end", (json_int_t)now);

	engine_record(e, RECORD_STEP_END, s->address, payload);
	task_of(e, s)->state = STEP_UNDONE;
}

bool
back_advance(struct engine *e)
{
	struct undo_run *u = e->undo;

	while (u->i < u->n) {
		const struct plan_step *s = u->steps[u->i];
		enum progress p = PROGRESS_DONE;

		if (s->undo != NULL)
			p = task_advance(task_of(e, s->undo));
		if (p == PROGRESS_BUSY)
			return false;
		if (p == PROGRESS_BAD) {
			engine_end(e, RUN_FAILED, "'%s' could not be taken "
			    "back", s->address);
			return false;
		}
		mark_undone(e, s, s->undo != NULL ? "taken back" :
		    back_what(s));
		u->i++;
	}
	return true;
}

void
back_free(struct engine *e)
{
	if (e->undo == NULL)
		return;
	free(e->undo->steps);
	free(e->undo);
	e->undo = NULL;
}
