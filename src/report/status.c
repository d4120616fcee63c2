#include "report/status.h"

#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "journal/journal.h"
#include "report/line.h"

void
status_word(const struct fold *f, int driver, struct buf *out)
{
	enum run_state s = fold_state(f);

	if (s == RUN_RUNNING && driver == 0)
		buf_adds(out, "left by its driver (cairn resume takes it up)");
	else
		buf_adds(out, run_state_name(s));
	if (driver != 0)
		buf_addf(out, " (driver %d)", driver);
}

static json_t *
payload_at(const struct status *s, uint64_t offset)
{
	struct err err = ERR_INIT;
	json_t *p = offset == 0 ? NULL :
	    journal_reader_payload(s->reader, offset - 1, &err);

	err_free(&err);
	return p;
}

/* ---- text */

static void
step_times(const struct status *s, const struct fold_step *f,
    struct buf *out)
{
	if (f->state == STEP_RUNNING) {
		buf_adds(out, "  for ");
		format_elapsed(out, s->now - f->started);
	} else if (f->ended > f->started && f->started != 0) {
		buf_adds(out, "  ");
		format_elapsed(out, f->ended - f->started);
	}
	if (f->attempt > 1)
		buf_addf(out, "  attempt %u", f->attempt);
}

static void
step_line(const struct status *s, const struct plan_step *p, unsigned depth,
    struct buf *out)
{
	const struct fold_step *f = fold_find(s->fold, p->address);
	enum step_state state = f == NULL ? STEP_PENDING : f->state;
	const char *title = text_source(p->step->title);
	size_t i;

	buf_addf(out, "  %-9s %*s%s  ", step_state_name(state), (int)depth * 2,
	    "", p->address);
	escape_line(out, title, strlen(title));
	if (f != NULL)
		step_times(s, f, out);
	buf_addc(out, '\n');
	for (i = 0; i < p->n; i++)
		step_line(s, p->children[i], depth + 1, out);
}

static bool
phase_over(const struct status *s, const struct plan_phase *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct fold_step *f = fold_find(s->fold,
		    p->steps[i]->address);

		if (f == NULL || (f->state != STEP_DONE &&
		    f->state != STEP_SKIPPED))
			return false;
	}
	return true;
}

static void
phase_lines(const struct status *s, const struct plan_phase *p,
    struct buf *out)
{
	size_t i;

	if (p->phase->id != NULL) {
		buf_addf(out, "%s  ", p->phase->id);
		escape_line(out, text_source(p->phase->title),
		    strlen(text_source(p->phase->title)));
		buf_addc(out, '\n');
	}
	if (p->phase->id != NULL && phase_over(s, p)) {
		buf_addf(out, "  all %zu steps are done or skipped\n", p->n);
		return;
	}
	for (i = 0; i < p->n; i++)
		step_line(s, p->steps[i], 0, out);
}

static void
open_matters(const struct status *s, struct buf *out)
{
	size_t i;

	for (i = 0; i < fold_count(s->fold); i++) {
		const struct fold_step *f = fold_at(s->fold, i);
		json_t *p = NULL;

		if (f->state == STEP_WAITING && (p = payload_at(s, f->ask)) !=
		    NULL && json_object_get(p, "question") != NULL) {
			buf_addf(out, "\n%s waits for a person:\n", f->address);
			line_question(out, s->run, f->address, p);
		} else if (f->state == STEP_FAILED ||
		    f->state == STEP_UNKNOWN || f->state == STEP_STOPPED) {
			p = payload_at(s, f->end);
			buf_addf(out, "\n%s is %s:\n", f->address,
			    step_state_name(f->state));
			line_failure(out, s->run, f->address, p);
		}
		json_decref(p);
	}
}

void
status_text(const struct status *s, struct buf *out)
{
	const struct plan_phase *phases;
	size_t n = plan_phases(s->plan, &phases), i;

	buf_addf(out, "%s  ", s->run);
	escape_line(out, s->title, strlen(s->title));
	buf_addc(out, '\n');
	status_word(s->fold, s->driver, out);
	buf_adds(out, ", begun ");
	format_time(out, fold_first_at(s->fold));
	buf_adds(out, "\n\n");
	for (i = 0; i < n; i++)
		phase_lines(s, &phases[i], out);
	open_matters(s, out);
	buf_addf(out, "\njournal: %llu records, head %s\n",
	    (unsigned long long)fold_records(s->fold),
	    journal_reader_head(s->reader));
}

/* ---- JSON */

static json_t *
time_json(nsec t)
{
	struct buf b = BUF_INIT(64);
	json_t *json;

	if (t == 0)
		return json_null();
	format_time_us(&b, t);
	json = json_string(b.data);
	buf_free(&b);
	return json;
}

static json_t *
step_json(const struct status *s, const struct plan_step *p)
{
	const struct fold_step *f = fold_find(s->fold, p->address);
	json_t *out = json_pack("{s:s, s:s, s:s}", "address", p->address,
	    "title", text_source(p->step->title), "state",
	    step_state_name(f == NULL ? STEP_PENDING : f->state));
	json_t *last;

	if (f == NULL)
		return out;
	json_object_set_new(out, "attempt", json_integer(f->attempt));
	json_object_set_new(out, "started", time_json(f->started));
	json_object_set_new(out, "ended", time_json(f->ended));
	last = f->state == STEP_WAITING ? payload_at(s, f->ask) :
	    payload_at(s, f->end);
	if (last != NULL && f->state == STEP_WAITING)
		json_object_set(out, "question", last);
	else if (last != NULL && json_object_get(last, "why") != NULL)
		json_object_set(out, "why", json_object_get(last, "why"));
	json_decref(last);
	return out;
}

json_t *
status_json(const struct status *s)
{
	struct plan_step *const *steps;
	size_t n = plan_steps(s->plan, &steps), i;
	json_t *list = json_array();

	for (i = 0; i < n; i++)
		json_array_append_new(list, step_json(s, steps[i]));
	return json_pack("{s:s, s:s, s:s, s:o, s:i, s:o, s:I, s:s, s:o}",
	    "run", s->run, "title", s->title, "state",
	    run_state_name(fold_state(s->fold)),
	    "driver_gone", json_boolean(s->driver == 0 &&
	    fold_state(s->fold) == RUN_RUNNING), "driver", s->driver,
	    "begun", time_json(fold_first_at(s->fold)), "records",
	    (json_int_t)fold_records(s->fold), "head",
	    journal_reader_head(s->reader), "steps", list);
}
