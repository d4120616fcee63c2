#include "kind/kind.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/escape.h"
#include "base/limits.h"
#include "book/shell.h"
#include "kind/call.h"

/* The shell must not hand its own script on to what it starts. */
#define SCRIPT_HEAD "exec 9<&-\n"

struct run {
	struct text_or_list command;
};

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

static int
compile(const struct text *t, struct arena *a, struct shell_text *out,
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
	    compile(t, call->arena, &shell, err) != 0 ||
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

/* ---- shown */

static void
show_env(const struct kind_call *call, const char *before, const char *after,
    struct buf *out)
{
	const struct assigns *env = &call->body->env;
	size_t i;

	for (i = 0; i < env->n; i++) {
		struct buf value = BUF_INIT(LIMIT_STDIN);

		call_show(call, env->v[i].text, &value);
		buf_addf(out, "%s%s=", before, env->v[i].name);
		escape_shell(out, value.data, value.len);
		buf_adds(out, after);
		buf_free(&value);
	}
}

/* Inside double quotes, where every reference stands, it means itself. */
static bool
means_itself(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((unsigned char)s[i] < ' ' || strchr("\"\\$`!}", s[i]))
			return false;
	return true;
}

/* The text with the values that mean themselves put in; the others stand
 * before it, as the shell gets them. */
static void
show_script(const struct kind_call *call, const struct text *t,
    struct buf *out)
{
	struct buf script = BUF_INIT(LIMIT_STDIN);
	struct err err = ERR_INIT;
	struct shell_text shell;
	const char *p, *at;
	size_t i;

	if (compile(t, call->arena, &shell, &err) != 0) {
		err_free(&err);
		return;
	}
	buf_add(&script, shell.script, shell.len);
	for (i = 0; i < shell.n; i++) {
		char *name = arena_printf(call->arena, "${CAIRN_%zu}", i + 1);
		struct buf value = BUF_INIT(LIMIT_STDIN);
		struct buf done = BUF_INIT(LIMIT_STDIN);
		struct value v;

		if (expr_eval(shell.values[i], call->scope, call->arena, &v,
		    &err) != 0 || value_text(&value, v, &err) != 0)
			err_free(&err);
		p = script.data;
		if (!means_itself(value.data, value.len)) {
			buf_addf(out, "CAIRN_%zu=", i + 1);
			quote_shell(out, value.data, value.len);
			buf_addc(out, '\n');
		} else {
			for (; (at = strstr(p, name)) != NULL;
			    p = at + strlen(name)) {
				buf_add(&done, p, (size_t)(at - p));
				buf_add(&done, value.data, value.len);
			}
		}
		buf_adds(&done, p);
		buf_free(&script);
		buf_free(&value);
		script = done;
	}
	buf_add(out, script.data, script.len);
	buf_free(&script);
}

static void
show_argv(const struct job_spec *spec, struct buf *out)
{
	size_t i;

	for (i = 0; spec->argv[i] != NULL; i++) {
		if (i > 0)
			buf_addc(out, ' ');
		escape_shell(out, spec->argv[i], strlen(spec->argv[i]));
	}
}

/* As comments: the whole can be pasted. */
static void
show_input(const struct kind_call *call, struct buf *out)
{
	const struct input *in = &call->body->input;
	struct buf text = BUF_INIT(LIMIT_OUT_IN_RECORD);
	size_t at = 0;

	if (!in->set)
		return;
	if (out->len > 0 && out->data[out->len - 1] != '\n')
		buf_addc(out, '\n');
	if (in->text == NULL) {
		buf_addf(out, "# stdin: the file %s", in->file);
		return;
	}
	buf_adds(out, "# stdin:");
	call_show(call, in->text, &text);
	while (at < text.len) {
		size_t n = strcspn(text.data + at, "\n");

		buf_adds(out, "\n# ");
		buf_add(out, text.data + at, n);
		at += n + 1;
	}
	if (text.cut)
		buf_adds(out, "\n# (there is more)");
	buf_free(&text);
}

static void
show(const struct kind_call *call, struct kind_job *job)
{
	const struct run *r = call->body->spec;
	struct buf out = BUF_INIT(LIMIT_STDIN);

	if (r->command.text != NULL) {
		show_env(call, "export ", "\n", &out);
		show_script(call, r->command.text, &out);
	} else {
		show_env(call, "", " ", &out);
		show_argv(&job->spec, &out);
	}
	show_input(call, &out);
	job->shown = value_string(call->arena, out.data, out.len);
	buf_free(&out);
}

/* ---- the kind */

static void
run_check(const void *spec, const struct body *body, enum effect effect,
    struct errs *errs)
{
	const struct text_or_list *c = &((const struct run *)spec)->command;
	struct arena *a = arena_new();
	struct shell_text shell;

	(void)body;
	if (c->text != NULL) {
		const char *source = text_source(c->text);

		shell_compile(a, c->text, &shell, errs);
		check_destroying(destroying_word(source, strlen(source)),
		    text_mark(c->text), effect, errs);
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
	show(call, &made);
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
