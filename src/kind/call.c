#include "kind/call.h"

#include <signal.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "book/shell.h"
#include "kind/worker.h"

/* ---- values */

static int
wild_item(struct value v, bool url, struct mark mark, struct err *err)
{
	size_t i;

	if (wild_check(v, url, mark, err) != 0)
		return -1;
	for (i = 0; v.type == VALUE_LIST && !(v.flags & VALUE_WILD) &&
	    i < v.u.list.n; i++)
		if (wild_item(v.u.list.items[i], url, mark, err) != 0)
			return -1;
	return 0;
}

int
call_wild(const struct kind_call *call, const struct text *t, bool url,
    struct err *err)
{
	size_t i;

	if (call->effect != EFFECT_DESTROYS || t == NULL)
		return 0;
	for (i = 0; i < t->n; i++) {
		const struct expr *e = t->parts[i].expr;
		struct value v;

		if (e == NULL)
			continue;
		if (expr_eval(e, call->scope, call->arena, &v, err) != 0 ||
		    wild_item(v, url, expr_mark(e), err) != 0)
			return -1;
	}
	return 0;
}

int
call_text(const struct kind_call *call, const struct text *t,
    struct value *out, struct err *err)
{
	if (text_eval(t, call->scope, call->arena, out, err) != 0)
		return -1;
	if (value_is_secret(*out))
		return err_at(err, text_mark(t),
		    "a secret may not stand here");
	return call_wild(call, t, false, err);
}

/* ---- showing */

static int
name_secret(const struct expr_ref *ref, void *ctx)
{
	const char **name = ctx;

	if (strcmp(ref->root, "secrets") != 0 || ref->name == NULL)
		return 0;
	*name = ref->name;
	return 1;
}

void
call_show_secret(const struct expr *e, struct buf *out)
{
	const char *name = NULL;

	expr_refs(e, name_secret, &name);
	if (name != NULL)
		buf_addf(out, "[secret:%s]", name);
	else
		buf_adds(out, "[secret]");
}

static void
show_part(const struct kind_call *call, const struct text_part *part,
    struct buf *out)
{
	struct err err = ERR_INIT;
	size_t before = out->len;
	struct value v;

	if (part->literal != NULL)
		buf_add(out, part->literal, part->len);
	else if (expr_eval(part->expr, call->scope, call->arena, &v,
	    &err) != 0)
		buf_addf(out, "${{ %s }}", expr_source(part->expr));
	else if (value_is_secret(v))
		call_show_secret(part->expr, out);
	else if (value_text(out, v, &err) != 0) {
		buf_truncate(out, before);
		value_show(out, v, LIMIT_EVIDENCE);
	}
	err_free(&err);
}

void
call_show(const struct kind_call *call, const struct text *t, struct buf *out)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		show_part(call, &t->parts[i], out);
}

/* ---- checks when the book is read */

struct roots {
	const char *const *names;
	bool inside;                 /* look for one that is in `names`, or not */
};

static int
is_sought(const struct expr_ref *ref, void *ctx)
{
	const struct roots *roots = ctx;
	const char *const *name = roots->names;

	while (*name != NULL && strcmp(ref->root, *name) != 0)
		name++;
	return (*name != NULL) == roots->inside;
}

bool
expr_uses(const struct expr *e, const char *const *names)
{
	struct roots roots = { names, true };

	return expr_refs(e, is_sought, &roots) != 0;
}

bool
expr_uses_only(const struct expr *e, const char *const *names)
{
	struct roots roots = { names, false };

	return expr_refs(e, is_sought, &roots) == 0;
}

void
check_joined(const struct text *t, struct errs *errs)
{
	static const char *const foreign[] = { "steps", "item", "self", "step",
	    NULL };
	size_t i;

	for (i = 1; t != NULL && i < t->n; i++) {
		const struct text_part *before = &t->parts[i - 1];
		const struct expr *e = t->parts[i].expr;

		if (e == NULL || before->literal == NULL || before->len == 0 ||
		    before->literal[before->len - 1] != '/' ||
		    strncmp(expr_source(e), "path_join(", 10) == 0 ||
		    !expr_uses(e, foreign))
			continue;
		errs_add(errs, expr_mark(e), "%s comes from outside and "
		    "stands after \"/\": it could lead anywhere",
		    expr_source(e));
		errs_hint(errs, "put the path together with "
		    "${{ path_join('%.*s', %s) }}", (int)(before->len > 1 ?
		    before->len - 1 : 1), before->literal, expr_source(e));
	}
}

void
check_destroying(const char *word, struct mark mark, enum effect effect,
    struct errs *errs)
{
	if (word == NULL || effect == EFFECT_DESTROYS || lint_ok_comment(mark))
		return;
	errs_add(errs, mark, "`%s` destroys something, and this does not say "
	    "`effect: destroys`", word);
	errs_hint(errs, "say so, or write \"# lint: ok\" and the reason at the "
	    "end of this line");
}

/* ---- results */

int
job_died(const struct job_result *r, struct err *err)
{
	if (r->outcome == JOB_SIGNALED)
		return err_set(err, "it was ended by signal %d (%s)",
		    r->status, strsignal(r->status));
	if (r->outcome == JOB_STOPPED)
		return err_set(err, "it was stopped");
	if (r->outcome == JOB_NOT_EXECUTED)
		return err_set(err, "it could not be executed: %s",
		    strerror(r->status));
	return 0;
}

/* The last line that is not empty. */
static const char *
last_line(const char *s, size_t n, size_t *len)
{
	const char *nl;

	while (n > 0 && s[n - 1] == '\n')
		n--;
	nl = memrchr(s, '\n', n);
	*len = nl == NULL ? n : n - (size_t)(nl + 1 - s);
	return nl == NULL ? s : nl + 1;
}

int
worker_result(const struct kind_call *call, const struct kind_outcome *o,
    struct value *out, struct err *err)
{
	size_t len;
	const char *line = last_line(o->out, o->out_len, &len), *why;
	struct err ignored = ERR_INIT;

	if (job_died(o->job, err) != 0)
		return -1;
	if (o->out_cut)
		return err_set(err, "the result is too large to be looked at");
	if (worker_request(call->arena, line, len, out, &ignored) != 0) {
		err_free(&ignored);
		return err_set(err, "the worker ended with status %d and "
		    "without a result", o->job->status);
	}
	why = worker_maybe(*out, "error");
	if (why != NULL) {
		err_set(err, "%s", why);
		why = worker_maybe(*out, "hint");
		return why == NULL ? -1 : err_hint(err, "%s", why);
	}
	if (o->job->status != 0)
		return err_set(err, "the worker ended with status %d",
		    o->job->status);
	return 0;
}
