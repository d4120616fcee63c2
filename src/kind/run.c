#include "kind/run.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "book/shell.h"
#include "kind/call.h"
#include "yaml/node.h"

/* The shell must not hand its own script on to what it starts. */
#define SCRIPT_HEAD "exec 9<&-\n"

static const char *const run_leaves[] = { "out", "err", "rc", NULL };

/* ---- where: directory, environment, input */

static int
make_cwd(const struct kind_call *call, const char **out, struct err *err)
{
	const struct text *t = call->body->cwd;
	struct value v;

	*out = call->work_dir;
	if (t == NULL)
		return 0;
	if (call_text(call, t, &v, err) != 0)
		return -1;
	if (v.u.string.n == 0)
		return err_at(err, text_mark(t), "the directory is empty");
	*out = v.u.string.p[0] == '/' ? v.u.string.p : arena_printf(
	    call->arena, "%s/%s", call->work_dir, v.u.string.p);
	return 0;
}

struct environ {
	const char **v;
	size_t n;
	struct arena *arena;
};

/* One NAME=value a name: the last one counts. */
static void
put_env(struct environ *env, const char *entry)
{
	size_t name = strcspn(entry, "=") + 1, i;

	for (i = 0; i < env->n; i++)
		if (strncmp(env->v[i], entry, name) == 0)
			break;
	env->v[i] = entry;
	if (i == env->n)
		env->n++;
}

static int
put_assigns(const struct kind_call *call, struct environ *env,
    const struct assigns *list, struct err *err)
{
	struct value v;
	size_t i;

	for (i = 0; i < list->n; i++) {
		const struct assign *as = &list->v[i];

		if (text_eval(as->text, call->scope, call->arena, &v,
		    err) != 0 || call_wild(call, as->text, false, err) != 0)
			return -1;
		put_env(env, arena_printf(call->arena, "%s=%s", as->name,
		    v.u.string.p));
	}
	return 0;
}

static int
make_env(const struct kind_call *call, const char *const **out,
    struct err *err)
{
	static const struct assigns none;
	const struct assigns *of_host = call->body->host == NULL ? &none :
	    &call->body->host->env;
	struct environ env = { .arena = call->arena };
	size_t n = 0, i;

	while (call->base_env != NULL && call->base_env[n] != NULL)
		n++;
	env.v = arena_array(call->arena, n + of_host->n +
	    call->body->env.n + 2, sizeof *env.v);
	for (i = 0; i < n; i++)
		put_env(&env, call->base_env[i]);
	if (put_assigns(call, &env, of_host, err) != 0 ||
	    put_assigns(call, &env, &call->body->env, err) != 0)
		return -1;
	put_env(&env, arena_printf(call->arena, "CAIRN_JOB=%s", call->nonce));
	*out = env.v;
	return 0;
}

static int
make_input(const struct kind_call *call, struct job_spec *spec,
    struct err *err)
{
	const struct input *in = &call->body->input;
	struct value v;

	if (in->text == NULL) {
		spec->input = in->bytes;
		spec->input_len = in->len;
		return 0;
	}
	if (text_eval(in->text, call->scope, call->arena, &v, err) != 0 ||
	    call_wild(call, in->text, false, err) != 0)
		return -1;
	spec->input = v.u.string.p;
	spec->input_len = v.u.string.n;
	spec->input_secret = value_is_secret(v);
	if (spec->input_secret && v.u.string.n > LIMIT_SECRET)
		return err_at(err, text_mark(in->text), "an input with a "
		    "secret may have at most %zu KiB", LIMIT_SECRET / KIB);
	if (v.u.string.n > LIMIT_STDIN)
		return err_at(err, text_mark(in->text), "the input is larger "
		    "than %zu MiB", LIMIT_STDIN / MIB);
	return 0;
}

/* ---- what: shell text or a list */

int
run_compile(const struct text *t, struct arena *a, struct shell_text *out,
    struct err *err)
{
	struct errs errs = { 0 };
	int result = shell_compile(a, t, out, &errs);

	if (errs.list.n > 0)
		err_move(err, &errs.list.v[0]);
	errs_free(&errs);
	return result;
}

static int
make_script(const struct kind_call *call, const struct text *t,
    struct job_spec *spec, struct err *err)
{
	static const char *const argv[] = { "/bin/sh", "/dev/fd/9", NULL };
	struct shell_text shell;
	struct value script;
	char *whole;

	if (call_wild(call, t, false, err) != 0 ||
	    run_compile(t, call->arena, &shell, err) != 0 ||
	    shell_script(&shell, call->scope, call->arena, &script, err) != 0)
		return -1;
	spec->script_len = strlen(SCRIPT_HEAD) + script.u.string.n;
	whole = arena_alloc(call->arena, spec->script_len + 1);
	memcpy(whole, SCRIPT_HEAD, strlen(SCRIPT_HEAD));
	memcpy(whole + strlen(SCRIPT_HEAD), script.u.string.p,
	    script.u.string.n);
	spec->script = whole;
	spec->argv = argv;
	return 0;
}

static int
make_argv(const struct kind_call *call, const struct text_or_list *c,
    struct job_spec *spec, struct err *err)
{
	const char **argv;
	struct value list;
	size_t i;

	for (i = 0; i < c->n; i++)
		if (call_wild(call, c->list[i], false, err) != 0)
			return -1;
	if (argv_eval(c->list, c->n, call->scope, call->arena, &list,
	    err) != 0)
		return -1;
	if (list.u.list.n == 0 || list.u.list.items[0].u.string.n == 0)
		return err_at(err, c->mark, "no program is left to be run");
	argv = arena_array(call->arena, list.u.list.n + 1, sizeof *argv);
	for (i = 0; i < list.u.list.n; i++)
		argv[i] = list.u.list.items[i].u.string.p;
	spec->argv = argv;
	return 0;
}

/* ---- the kind */

/* The first word that destroys and is not excused where it stands. */
static void
check_words(const struct text *t, enum effect effect, struct errs *errs)
{
	const char *s = t->node->text, *word;
	size_t at = 0;

	while ((word = destroying_word_from(s, t->node->len, &at)) != NULL) {
		struct mark mark = node_mark_at(t->node, at);

		if (!lint_ok_comment(mark) && !lint_ok_comment(text_mark(t))) {
			check_destroying(word, mark, effect, errs);
			return;
		}
		at++;
	}
}

static void
run_check(const void *spec, const struct body *body, enum effect effect,
    struct errs *errs)
{
	const struct text_or_list *c = &((const struct run *)spec)->command;
	struct arena *a = arena_new();
	struct shell_text shell;

	(void)body;
	if (c->text != NULL) {
		shell_compile(a, c->text, &shell, errs);
		if (effect != EFFECT_DESTROYS)
			check_words(c->text, effect, errs);
	} else {
		argv_check(c->list, c->n, errs);
		check_destroying(destroying_word_argv(c->list, c->n), c->mark,
		    effect, errs);
	}
	arena_free(a);
}

static int
run_make(const struct kind_call *call, struct kind_job *job, struct err *err)
{
	const struct text_or_list *c = &((const struct run *)
	    call->body->spec)->command;
	struct kind_job made = { 0 };

	if (make_cwd(call, &made.spec.cwd, err) != 0 ||
	    make_env(call, &made.spec.env, err) != 0 ||
	    make_input(call, &made.spec, err) != 0)
		return -1;
	if ((c->text != NULL ? make_script(call, c->text, &made.spec, err) :
	    make_argv(call, c, &made.spec, err)) != 0)
		return -1;
	run_show(call, &made);
	*job = made;
	return 0;
}

/* The first word of the command, for a message. */
static const char *
program(const struct kind_call *call)
{
	const struct text_or_list *c = &((const struct run *)
	    call->body->spec)->command;
	struct buf b = BUF_INIT(LIMIT_EVIDENCE);
	const char *name = "/bin/sh";

	if (c->text == NULL) {
		call_show(call, c->list[0], &b);
		name = arena_strdup(call->arena, b.data);
	}
	buf_free(&b);
	return name;
}

static int
not_executed(const struct kind_call *call, int error, struct err *err)
{
	struct err ignored = ERR_INIT;
	const char *dir = NULL;

	if (call->body->cwd == NULL || make_cwd(call, &dir, &ignored) != 0) {
		err_free(&ignored);
		return err_set(err, "could not be executed: %s: %s",
		    program(call), strerror(error));
	}
	return err_set(err, "could not be executed: %s in %s: %s",
	    program(call), dir, strerror(error));
}

static int
run_read(const struct kind_call *call, const struct kind_outcome *o,
    struct value *self, struct err *err)
{
	struct value_map m = { .arena = call->arena };

	if (o->job->outcome == JOB_NOT_EXECUTED)
		return not_executed(call, o->job->status, err);
	if (job_died(o->job, err) != 0)
		return -1;
	value_map_put(&m, "rc", 2, value_int(o->job->status));
	value_map_put(&m, "out", 3, o->out_cut ?
	    value_unknown("it printed more than 1 MiB") :
	    value_string(call->arena, o->out, o->out_len));
	value_map_put(&m, "err", 3,
	    value_string(call->arena, o->err_out, o->err_len));
	*self = value_map_done(&m);
	return 0;
}

const struct kind kind_run = {
	.shape = {
		"run",
		"Runs a command. Text is run by /bin/sh after `set -e`; an "
		"expression in it becomes a shell variable that is not "
		"exported, so that no value is ever code. A list is run "
		"without a shell: an expression that yields a list is spliced, "
		"null vanishes, and a value that begins with \"-\" needs "
		"opt(). The environment is HOME USER LOGNAME SHELL LANG TZ "
		"PATH CAIRN_JOB and what `env` says. It leaves `out`, `err` "
		"and `rc`, the exit status.",
		{ "run", &field_text_or_list, offsetof(struct run, command),
		  FIELD_NO_SECRET, NULL,
		  "Shell text, or a program with its arguments." },
		sizeof(struct run),
	},
	.flow = FLOW_JOB,
	.effect = EFFECT_CHANGES,
	.in_look = true,
	.in_undo = true,
	.runs_program = true,
	.leaves = run_leaves,
	.check = run_check,
	.make = run_make,
	.read = run_read,
};
