#include "engine/look.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/limits.h"
#include "engine/capture.h"
#include "engine/work.h"

#define GRACE (2 * NSEC_PER_SEC)

const char *const answer_names[] = { "yes", "no", "cannot tell" };

struct look {
	const struct cond *cond;
	struct engine *e;
	struct names names;
	struct arena *arena;
	struct body body;            /* with its host */
	struct kind_call call;
	struct kind_job job;
	struct slot *slot;
	char nonce[NONCE_HEX + 1];
	nsec deadline;               /* mono */
	bool late;                   /* it is being stopped */
	bool dropped;                /* nobody waits for it any more */
	bool over;
	struct job_result result;
};

static void
look_free(struct look *l)
{
	if (l->slot != NULL)
		slot_release(l->slot);
	arena_free(l->arena);
	free(l);
}

static void
look_done(struct slot *slot, const struct job_result *r, void *ctx)
{
	struct look *l = ctx;

	(void)slot;
	l->over = true;
	l->result = *r;
	if (l->dropped)
		look_free(l);
}

struct look *
look_start(const struct cond *c, const struct names *names, struct err *err)
{
	struct look *l = xcalloc(1, sizeof *l);
	const struct kind *kind = kind_of(c->body.kind);

	l->cond = c;
	l->e = names->e;
	l->names = *names;
	l->names.step = names->self;
	l->names.self = NULL;
	l->names.scope.ctx = &l->names;
	l->arena = arena_new();
	nonce_make(l->nonce);
	work_call(&l->call, &l->names, &l->body, l->arena, l->nonce,
	    EFFECT_READS, true);
	if (work_body(&c->body, &l->names, l->arena, &l->body, err) == 0 &&
	    kind->make(&l->call, &l->job, err) == 0)
		l->slot = slots_take(l->e->slots, look_done, l, err);
	if (l->slot == NULL ||
	    slot_start(l->slot, &l->job.spec, l->nonce, err) != 0) {
		look_free(l);
		return NULL;
	}
	l->deadline = clock_mono(l->e->clock) + c->timeout;
	engine_wake(l->e, l->deadline);
	return l;
}

void
look_drop(struct look *l)
{
	if (l == NULL)
		return;
	if (l->over) {
		look_free(l);
		return;
	}
	l->dropped = true;
	slot_stop(l->slot, GRACE);
}

/* ---- the answer */

static int
show_ref(const struct expr_ref *ref, void *ctx)
{
	void **args = ctx;
	struct names *names = args[0];
	struct arena *a = args[1];
	struct buf *out = args[2];
	struct err err = ERR_INIT;
	struct value v;

	if (ref->name != NULL && strcmp(ref->root, "secrets") != 0 &&
	    names->scope.get(names, ref->root, ref->name, a, &v, &err) == 0) {
		const struct value *m = ref->member == NULL ? NULL :
		    value_member(v, ref->member, strlen(ref->member));

		if (ref->member == NULL || m != NULL) {
			buf_addf(out, "%s%s.%s", out->len > 0 ? "\n" : "",
			    ref->root, ref->name);
			if (ref->member != NULL)
				buf_addf(out, ".%s", ref->member);
			buf_adds(out, " = ");
			value_show(out, m != NULL ? *m : v, 200);
		}
	}
	err_free(&err);
	return out->len > LIMIT_EVIDENCE;
}

/* What the expression looked at, as evidence. */
static char *
expr_evidence(const struct expr *x, struct names *names, struct arena *a)
{
	struct buf out = BUF_INIT(LIMIT_EVIDENCE);
	void *args[] = { names, a, &out };
	char *text;

	expr_refs(x, show_ref, args);
	text = arena_strndup(a, out.data, out.len);
	buf_free(&out);
	return text;
}

void
answer_expr(const struct expr *x, struct names *names, struct arena *a,
    struct answered *out)
{
	struct err err = ERR_INIT;
	struct value v;

	if (expr_test(x, &names->scope, a, &v, &err) != 0) {
		out->answer = ANSWER_CANNOT;
		out->why = arena_strdup(a, err.text);
	} else if (v.type == VALUE_UNKNOWN) {
		out->answer = ANSWER_CANNOT;
		out->why = arena_strdup(a, v.u.why);
	} else {
		out->answer = v.u.boolean ? ANSWER_YES : ANSWER_NO;
		out->why = arena_printf(a, "%s is %s", expr_source(x),
		    v.u.boolean ? "true" : "false");
	}
	if (out->evidence == NULL || out->evidence[0] == '\0')
		out->evidence = expr_evidence(x, names, a);
	err_free(&err);
}

static void
answer_error(struct answered *out, struct arena *a, struct err *err)
{
	out->answer = ANSWER_CANNOT;
	out->why = arena_strdup(a, err->text);
}

static void
set_evidence(struct answered *out, struct arena *a,
    const struct work_result *w)
{
	const struct buf *b = w->out.text.len > 0 ? &w->out.text :
	    &w->err.text;

	out->evidence = arena_strndup(a, b->data,
	    b->len < LIMIT_EVIDENCE ? b->len : LIMIT_EVIDENCE);
}

static void
look_judge(struct look *l, struct arena *a, struct work_result *w,
    struct answered *out)
{
	const struct cond *c = l->cond;
	struct value_map taken = { .arena = l->arena };
	struct err err = ERR_INIT;
	struct value self = value_map_done(&w->self);

	set_evidence(out, a, w);
	if (work_check_status(&c->ok_exit, &self, &err) != 0 ||
	    captures_take(&c->capture, &l->names, &w->out, l->arena, &w->self,
	    &taken, &err) != 0) {
		answer_error(out, a, &err);
	} else {
		self = value_map_done(&w->self);
		l->names.self = &self;
		out->captures = value_copy(a, value_map_done(&taken));
		if (c->holds != NULL) {
			answer_expr(c->holds, &l->names, a, out);
		} else {
			out->answer = ANSWER_YES;
			out->why = arena_strdup(a, "it ended well");
		}
	}
	l->names.self = NULL;
	err_free(&err);
}

static void
look_read(struct look *l, struct arena *a, struct answered *out)
{
	struct err err = ERR_INIT;
	struct work_result w;

	out->captures = value_null();
	out->evidence = arena_strdup(a, "");
	if (l->late) {
		out->answer = ANSWER_CANNOT;
		out->why = arena_strdup(a, "the look took longer than its "
		    "time limit and was stopped");
		return;
	}
	if (l->result.outcome == JOB_LOST) {
		out->answer = ANSWER_CANNOT;
		out->why = arena_strdup(a, "the look was killed");
		return;
	}
	if (work_read(l->e, &l->call, slot_number(l->slot), &l->result, &w,
	    &err) != 0) {
		set_evidence(out, a, &w);
		answer_error(out, a, &err);
	} else {
		look_judge(l, a, &w, out);
	}
	work_free(&w);
	err_free(&err);
}

bool
look_advance(struct look *l, struct arena *a, struct answered *out)
{
	if (!l->over) {
		if (!l->late && clock_mono(l->e->clock) >= l->deadline) {
			l->late = true;
			slot_stop(l->slot, GRACE);
		}
		if (!l->late)
			engine_wake(l->e, l->deadline);
		return false;
	}
	memset(out, 0, sizeof *out);
	look_read(l, a, out);
	look_free(l);
	return true;
}
