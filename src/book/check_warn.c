/* What is allowed and unwise: warnings. */
#include "book/check_private.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "book/shell.h"

/* ---- "|" in shell text */

static size_t
skip_quoted(const char *s, size_t n, size_t at)
{
	const char *end;

	if (s[at] == '\\')
		return at + 2;
	end = memchr(s + at + 1, s[at], n - at - 1);
	return end == NULL ? n : (size_t)(end - s) + 1;
}

/* Of a pipeline only the last status counts. */
static bool
has_pipe(const char *s, size_t n)
{
	size_t at = 0;

	while (at < n) {
		if (strchr("'\"\\", s[at]) != NULL && s[at] != '\0') {
			at = skip_quoted(s, n, at);
		} else if (s[at] == '#' && (at == 0 ||
		    isspace((unsigned char)s[at - 1]))) {
			at += strcspn(s + at, "\n");
		} else if (s[at] != '|') {
			at++;
		} else if (at + 1 < n && s[at + 1] == '|') {
			at += 2;
		} else {
			return true;
		}
	}
	return false;
}

static void
warn_pipe(struct checker *c, const struct step *s)
{
	const struct kind_shape *kind = s->body.kind;
	const struct text_or_list *t;

	if (kind == NULL || kind->value.type != &field_text_or_list ||
	    s->verify.n > 0 || s->done_when.n > 0 || s->expect.n > 0 ||
	    s->capture.n > 0)
		return;
	t = (const void *)((const char *)s->body.spec + kind->value.offset);
	if (t->text == NULL || !has_pipe(text_source(t->text),
	    t->text->node->len) || lint_ok_comment(text_mark(t->text)))
		return;
	errs_add(c->warnings, text_mark(t->text), "only the last command "
	    "behind \"|\" says whether this went well, and nothing else looks");
	errs_hint(c->warnings, "add `verify`, `done_when`, `expect` or "
	    "`capture`");
}

/* ---- steps that cannot be taken back */

/* A caller's undo replaces those inside. */
static void
note_undo(struct checker *c, const struct step *s)
{
	if (s->undo != NULL || s->include_path != NULL ||
	    s->effect == EFFECT_READS || s->effect == EFFECT_DEFAULT)
		return;
	if (s->file != NULL && file_use(c, s->file)->covered)
		return;
	vec_push(&c->without_undo, s);
}

#define SHOWN 20

void
warn_undo(struct checker *c)
{
	struct buf ids = BUF_INIT(4096);
	size_t n = c->without_undo.n, i;

	for (i = 0; i < n && i < SHOWN; i++) {
		const struct step *s = c->without_undo.v[i];

		buf_addf(&ids, "%s%s", i > 0 ? ", " : "", s->id);
		if (s->file != NULL)
			buf_addf(&ids, " (%s)", s->file->path);
	}
	if (n > SHOWN)
		buf_addf(&ids, " and %zu more", n - SHOWN);
	if (n > 0) {
		errs_add(c->warnings, c->without_undo.v[0]->mark,
		    "cairn undo will have to ask: no `undo` at %s", ids.data);
		errs_hint(c->warnings, "say how each is taken back, or "
		    "`undo: {none: why}`, which may stand in `defaults`");
	}
	buf_free(&ids);
}

void
warn_step(struct checker *c, const struct step *s)
{
	note_undo(c, s);
	warn_pipe(c, s);
}

/* ---- a look that says yes of nothing */

static int
of_nothing(void *ctx, const char *root, const char *name, struct arena *a,
    struct value *out, struct err *err)
{
	const long *status = ctx;

	(void)a;
	(void)err;
	*out = value_unknown("it is not known here");
	if (strcmp(root, "self") != 0 || name == NULL)
		return 0;
	if (strcmp(name, "out") == 0 || strcmp(name, "err") == 0)
		*out = value_static("");
	else if (strcmp(name, "rc") == 0)
		*out = value_int(*status);
	return 0;
}

static bool
says_yes(const struct cond *look, struct arena *a, long status)
{
	const struct scope scope = { of_nothing, &status, 0 };
	struct err err = ERR_INIT;
	struct value v;
	bool yes = expr_test(look->holds, &scope, a, &v, &err) == 0 &&
	    v.type == VALUE_BOOL && v.u.boolean;

	err_free(&err);
	return yes;
}

static int
asks_status(const struct expr_ref *ref, void *ctx)
{
	(void)ctx;
	return str_eq(ref->root, "self") && str_eq(ref->name, "rc");
}

void
warn_look(const struct names *n, const struct cond *look)
{
	size_t i;

	if (look->holds == NULL || !look->ok_exit.set || look->capture.n > 0 ||
	    expr_refs(look->holds, asks_status, NULL) != 0)
		return;
	for (i = 0; i < look->ok_exit.n; i++) {
		long status = look->ok_exit.v[i];

		if (status == 0 || !says_yes(look, n->c->d->arena, status))
			continue;
		errs_add(n->c->warnings, expr_mark(look->holds), "this says "
		    "yes when nothing is printed, and status %ld counts: a "
		    "program that fails could be taken for a yes", status);
		errs_hint(n->c->warnings, "ask for self.rc, or for something "
		    "that must be printed");
		return;
	}
}

/* ---- values that look like secrets (S11) */

static bool
names_a_secret(const char *name)
{
	static const char *const parts[] = { "pass", "secret", "token",
	    "credential", NULL };
	size_t n = strlen(name), i;

	for (i = 0; parts[i] != NULL; i++)
		if (strcasestr(name, parts[i]) != NULL)
			return n < 3 || strcasecmp(name + n - 3, "_id") != 0;
	return strcasecmp(name, "key") == 0 ||
	    (n > 4 && strcasecmp(name + n - 4, "_key") == 0);
}

static void
warn_env(struct checker *c, const struct assigns *env)
{
	size_t i;

	for (i = 0; i < env->n; i++) {
		const struct assign *e = &env->v[i];

		if (e->text == NULL || !text_is_literal(e->text) ||
		    e->text->node->len == 0 || !names_a_secret(e->name) ||
		    lint_ok_comment(e->mark))
			continue;
		errs_add(c->warnings, e->mark, "'%s' looks like a secret, and "
		    "its value stands in the book", e->name);
		errs_hint(c->warnings, "declare it in `secrets` and write "
		    "${{ secrets.X }}");
	}
}

static int
warn_conds(struct checker *c, const struct conds *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		warn_env(c, &list->v[i].body.env);
	return 0;
}

static void
warn_steps(struct checker *c, const struct steps *steps)
{
	size_t i;

	for (i = 0; i < steps->n; i++) {
		const struct step *s = steps->v[i];

		warn_env(c, &s->body.env);
		warn_conds(c, &s->require);
		warn_conds(c, &s->done_when);
		warn_conds(c, &s->verify);
		if (s->undo != NULL && s->undo->step != NULL)
			warn_env(c, &s->undo->step->body.env);
	}
}

void
warn_names(struct checker *c)
{
	const struct book *b = c->book;
	size_t i;

	for (i = 0; i < b->params.n; i++) {
		const struct decl *d = &b->params.v[i];

		if (d->type != DECL_STRING || !names_a_secret(d->name) ||
		    lint_ok_comment(d->mark))
			continue;
		errs_add(c->warnings, d->mark, "the param '%s' looks like a "
		    "secret: params are shown and recorded", d->name);
		errs_hint(c->warnings, "declare it in `secrets`");
	}
	for (i = 0; i < b->hosts.n; i++)
		warn_env(c, &b->hosts.v[i].env);
	for (i = 0; i < b->checks.n; i++)
		warn_env(c, &b->checks.v[i].cond.body.env);
	for (i = 0; i < b->environments.n; i++)
		warn_conds(c, &b->environments.v[i].identity);
	for (i = 0; i < b->phases.n; i++)
		warn_steps(c, &b->phases.v[i].steps);
	for (i = 0; i < b->index->step_file_list.n; i++)
		warn_steps(c, &b->index->step_file_list.v[i]->steps);
}
