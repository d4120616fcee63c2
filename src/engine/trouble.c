#include "engine/trouble.h"

#include "base/arena.h"
#include "base/clock.h"
#include "engine/capture.h"
#include "journal/journal.h"

/* ---- what is known of it */

static bool
is_event(int event, enum step_state state)
{
	static const enum step_state of[] = {
		[TROUBLE_FAILED] = STEP_FAILED,
		[TROUBLE_UNKNOWN] = STEP_UNKNOWN,
		[TROUBLE_STOPPED] = STEP_STOPPED,
	};

	return event == TROUBLE_ANY || of[event] == state;
}

/* Searched as `expect` is: the output, then the error output. */
static bool
matches(struct task *t, const struct pattern *p)
{
	struct patterns one = { (struct pattern *)p, 1 }, none = { NULL, 0 };
	struct err err = ERR_INIT;
	enum found f;

	if (p->text == NULL)
		return true;
	if (!t->read)
		return false;
	f = patterns_check(&one, &none, &t->names, &t->work.out, &t->work.err,
	    t->arena, &err);
	err_free(&err);
	return f == FOUND_YES;
}

static const struct trouble *
first_that_fits(struct task *t, enum step_state state)
{
	const struct trouble *rows = t->step->trouble.v;
	size_t i;

	for (i = 0; i < t->step->trouble.n; i++)
		if (is_event(rows[i].event, state) &&
		    matches(t, &rows[i].match))
			return &rows[i];
	return NULL;
}

/* With its values, or as it is written: a failure is never hidden by one. */
static json_t *
said(struct task *t, const struct text *say)
{
	struct err err = ERR_INIT;
	struct value v;
	json_t *json;

	if (text_eval(say, &t->names.scope, t->arena, &v, &err) == 0)
		json = json_stringn(v.u.string.p, v.u.string.n);
	else
		json = json_string(text_source(say));
	err_free(&err);
	return json;
}

static void
put_place(struct task *t, json_t *payload)
{
	struct buf b = BUF_INIT(4096);

	plan_place(t->plan, &b);
	json_object_set_new(payload, "where", json_string(b.data));
	json_object_set_new(payload, "title", json_string(task_title(t,
	    t->arena)));
	buf_free(&b);
}

void
trouble_record(struct task *t, enum step_state state, json_t *payload)
{
	const struct trouble *row;
	size_t i;

	if (state != STEP_FAILED && state != STEP_UNKNOWN &&
	    state != STEP_STOPPED)
		return;
	task_names(t);
	put_place(t, payload);
	row = first_that_fits(t, state);
	if (row == NULL)
		return;
	json_object_set_new(payload, "say", said(t, row->say));
	if (row->offer.n > 0)
		json_object_set_new(payload, "offer", json_array());
	for (i = 0; i < row->offer.n; i++)
		json_array_append_new(json_object_get(payload, "offer"),
		    json_string(row->offer.v[i]));
}

/* ---- another attempt */

static json_t *
last_end(struct engine *e, const struct fold_step *f)
{
	struct err err = ERR_INIT;
	json_t *end = f == NULL || f->end == 0 ? NULL :
	    journal_payload(e->journal, f->end - 1, &err);

	err_free(&err);
	return end;
}

bool
retry_record(struct task *t, enum step_state state, json_t *payload)
{
	struct engine *e = t->e;
	json_int_t used;
	json_t *before;

	/* the items of a for_each are tried again, not the whole of it */
	if (state != STEP_FAILED || t->step->retry.times == 0 ||
	    t->plan->each || e->stopping)
		return false;
	/* counted in the records, so that a crash does not begin anew */
	before = last_end(e, fold_find(e->fold, t->plan->address));
	used = json_integer_value(json_object_get(before, "retry"));
	json_decref(before);
	if (used >= t->step->retry.times)
		return false;
	json_object_set_new(payload, "retry", json_integer(used + 1));
	json_object_set_new(payload, "retry_of", json_integer(
	    t->step->retry.times));
	json_object_set_new(payload, "retry_at", json_integer((json_int_t)(
	    engine_now(e) + t->step->retry.delay)));
	return true;
}

bool
retry_is_due(struct engine *e, const struct fold_step *f)
{
	json_t *end = last_end(e, f);
	bool due = json_object_get(end, "retry_at") != NULL;

	json_decref(end);
	return due;
}

static nsec
rest_left(struct task *t, json_int_t *number)
{
	json_t *end = last_end(t->e, fold_find(t->e->fold, t->plan->address));
	nsec left = json_integer_value(json_object_get(end, "retry_at")) -
	    engine_now(t->e);

	*number = json_integer_value(json_object_get(end, "retry"));
	json_decref(end);
	/* wall time may jump: never longer than the book says */
	return left > t->step->retry.delay ? t->step->retry.delay : left;
}

bool
retry_phase(struct task *t)
{
	struct engine *e = t->e;
	json_int_t number;
	nsec left;

	/* its end record is read back from the journal */
	if (journal_pending(e->journal)) {
		engine_wake(e, clock_mono(e->clock));
		return false;
	}
	if (e->pausing || e->stopping)
		return false;
	left = rest_left(t, &number);
	if (left > 0) {
		engine_wake(e, clock_mono(e->clock) + left);
		return false;
	}
	engine_record(e, RECORD_VOID, "", json_pack("{s:[s], s:o}",
	    "addresses", t->plan->address, "reason", json_sprintf(
	    "`retry`: %lld of %lld further attempts", (long long)number,
	    (long long)t->step->retry.times)));
	engine_forget(e, t);
	return false;
}
