#include "plan/print.h"

#include <string.h>

#include "base/buf.h"
#include "base/escape.h"

static const char *const effects[] = { "", "reads", "changes", "DESTROYS" };

static const char *
kind_name(const struct step *s)
{
	if (s->include != NULL)
		return "include";
	return s->body.kind == NULL ? "checks" : s->body.kind->name;
}

/* How an interrupted attempt is taken up again. */
static const char *
resume_rule(const struct step *s)
{
	if (s->include != NULL)
		return "goes on inside";
	if (s->effect == EFFECT_READS)
		return "read again";
	if (s->done_when.n > 0)
		return s->repeatable ? "done_when decides, else run again" :
		    "done_when decides, else asked";
	if (s->effect == EFFECT_DEFAULT)
		return "the answer stays";
	return s->repeatable ? "run again" : "asked";
}

static void
detail(struct buf *out, unsigned depth, const char *label, const char *text)
{
	buf_addf(out, "%*s%-8s ", (int)depth * 2 + 6, "", label);
	escape_line(out, text, strlen(text));
	buf_addc(out, '\n');
}

static void
undo_line(struct buf *out, const struct step *s, unsigned depth)
{
	if (s->undo == NULL)
		return;
	if (s->undo->none != NULL)
		detail(out, depth, "undo", text_source(s->undo->none));
	else
		detail(out, depth, "undo", text_source(s->undo->step->title));
}

static void
each_lines(struct buf *out, const struct step *s, unsigned depth)
{
	struct buf line = BUF_INIT(64 * 1024);

	buf_adds(&line, expr_source(s->each.in));
	if (s->each.key != NULL)
		buf_addf(&line, ", called %s", expr_source(s->each.key));
	if (s->each.parallel > 1)
		buf_addf(&line, ", %lld at a time",
		    (long long)s->each.parallel);
	buf_adds(&line, s->each.on_failure == EACH_COLLECT ?
	    ", all of them also after a failure" :
	    ", no new one after a failure");
	detail(out, depth, "for each", line.data);
	buf_free(&line);
}

static void step_text(const struct plan_step *p, unsigned depth,
    struct buf *out);

/* What is done to an item that is not known yet. */
static void
each_inside(const struct plan_step *p, unsigned depth, struct buf *out)
{
	const struct steps *list = &p->step->include->steps;
	size_t i;

	for (i = 0; i < list->n; i++) {
		struct buf address = BUF_INIT(64 * 1024);
		struct plan_step inside = { .step = list->v[i],
		    .phase = p->phase };

		buf_addf(&address, "%s[…].%s", p->address, list->v[i]->id);
		inside.address = address.data;
		inside.each = list->v[i]->each.in != NULL;
		step_text(&inside, depth, out);
		buf_free(&address);
	}
}

static void
step_text(const struct plan_step *p, unsigned depth, struct buf *out)
{
	const struct step *s = p->step;
	struct buf place = BUF_INIT(4096);
	size_t i;

	buf_addf(out, "%*s%s  ", (int)depth * 2 + 2, "", p->address);
	escape_line(out, text_source(s->title), strlen(text_source(s->title)));
	plan_place(p, &place);
	buf_addf(out, "\n%*s%-8s %s%s%s%s%s, after an interruption: %s (%s)\n",
	    (int)depth * 2 + 6, "", "does", kind_name(s),
	    effects[s->effect][0] != '\0' ? " " : "", effects[s->effect],
	    s->body.host != NULL && !s->body.host->local ? " on " : "",
	    s->body.host != NULL && !s->body.host->local ?
	    s->body.host->name : "", resume_rule(s), place.data);
	if (s->when != NULL)
		detail(out, depth, "when", expr_source(s->when));
	if (p->each)
		each_lines(out, s, depth);
	if (s->allowed_by != NULL)
		detail(out, depth, "allowed", s->allowed_by);
	undo_line(out, s, depth);
	buf_free(&place);
	if (p->each && !p->known && s->include != NULL)
		each_inside(p, depth + 1, out);
	for (i = 0; i < p->n; i++)
		step_text(p->children[i], depth + 1, out);
}

void
plan_text(const struct plan *p, const struct book *b, struct buf *out)
{
	const struct plan_phase *phases;
	size_t n = plan_phases(p, &phases), i, k;

	buf_addf(out, "%s  ", b->name);
	if (b->title != NULL)
		escape_line(out, text_source(b->title),
		    strlen(text_source(b->title)));
	buf_addc(out, '\n');
	for (i = 0; i < n; i++) {
		const struct phase *phase = phases[i].phase;

		if (phase->id != NULL) {
			buf_addf(out, "\n%s  ", phase->id);
			escape_line(out, text_source(phase->title),
			    strlen(text_source(phase->title)));
			buf_addc(out, '\n');
		}
		if (phase->when != NULL)
			detail(out, 0, "when", expr_source(phase->when));
		for (k = 0; k < phases[i].n; k++)
			step_text(phases[i].steps[k], 0, out);
	}
}

/* ---- JSON */

static json_t *
undo_json(const struct step *s)
{
	if (s->undo == NULL)
		return json_null();
	if (s->undo->none != NULL)
		return json_pack("{s:s}", "none", text_source(s->undo->none));
	return json_pack("{s:s}", "title", text_source(s->undo->step->title));
}

static json_t *
step_json(const struct plan_step *p)
{
	static const char *const words[] = { NULL, "reads", "changes",
	    "destroys" };
	const struct step *s = p->step;
	struct buf place = BUF_INIT(4096);
	json_t *out;

	plan_place(p, &place);
	out = json_pack("{s:s, s:s, s:s, s:s, s:s*, s:s*, s:b, s:s, s:s*, "
	    "s:o, s:s}", "address", p->address, "title", text_source(s->title),
	    "kind", kind_name(s), "where", place.data,
	    "host", s->body.host == NULL ? NULL : s->body.host->name,
	    "effect", words[s->effect], "repeatable", s->repeatable,
	    "after_interruption", resume_rule(s),
	    "when", s->when == NULL ? NULL : expr_source(s->when),
	    "undo", undo_json(s), "fingerprint", s->fingerprint);
	if (p->each)
		json_object_set_new(out, "for_each", json_pack(
		    "{s:s, s:s*, s:I, s:s}", "in", expr_source(s->each.in),
		    "key", s->each.key == NULL ? NULL :
		    expr_source(s->each.key), "parallel",
		    (json_int_t)s->each.parallel, "on_failure",
		    s->each.on_failure == EACH_COLLECT ? "collect" : "stop"));
	if (p->phase->id != NULL)
		json_object_set_new(out, "phase", json_string(p->phase->id));
	if (s->allowed_by != NULL)
		json_object_set_new(out, "allowed_by",
		    json_string(s->allowed_by));
	buf_free(&place);
	return out;
}

json_t *
plan_json(const struct plan *p, const struct book *b)
{
	struct plan_step *const *steps;
	size_t n = plan_steps(p, &steps), i;
	json_t *list = json_array();

	for (i = 0; i < n; i++)
		json_array_append_new(list, step_json(steps[i]));
	return json_pack("{s:s, s:s*, s:o}", "name", b->name, "title",
	    b->title == NULL ? NULL : text_source(b->title), "steps", list);
}
