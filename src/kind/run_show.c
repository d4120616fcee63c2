/* A command as it is shown: it can be copied into a shell. */
#include "kind/run.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/escape.h"
#include "base/limits.h"
#include "book/shell.h"
#include "kind/call.h"

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

/* Does it mean itself inside double quotes? */
static bool
means_itself(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((unsigned char)s[i] < ' ' || strchr("\"\\$`!}", s[i]))
			return false;
	return true;
}

static void
replace(struct buf *script, const char *what, const struct buf *by)
{
	struct buf out = BUF_INIT(LIMIT_STDIN);
	const char *p = script->data, *at;

	for (; (at = strstr(p, what)) != NULL; p = at + strlen(what)) {
		buf_add(&out, p, (size_t)(at - p));
		buf_add(&out, by->data, by->len);
	}
	buf_adds(&out, p);
	buf_free(script);
	*script = out;
}

/* Puts a value where the three kinds of reference to it stand: inside single
 * quotes, outside quotes, inside double quotes. A value that cannot stand
 * there, or that looks like a reference itself, stays a variable. */
static void
put_value(struct buf *script, const char *name, const struct buf *value,
    struct buf *variables)
{
	struct buf by = BUF_INIT(LIMIT_STDIN), what = BUF_INIT(64);

	if (strstr(value->data, "CAIRN_") == NULL) {
		buf_addf(&what, "'\"${%s}\"'", name);
		quote_shell(&by, value->data, value->len);
		buf_drop(&by, 1);
		buf_truncate(&by, by.len - 1);
		replace(script, what.data, &by);
		buf_reset(&what);
		buf_reset(&by);
		buf_addf(&what, "\"$%s\"", name);
		escape_shell(&by, value->data, value->len);
		replace(script, what.data, &by);
		buf_reset(&what);
		buf_addf(&what, "${%s}", name);
		if (means_itself(value->data, value->len))
			replace(script, what.data, value);
	}
	buf_reset(&what);
	buf_addf(&what, "%s=", name);
	if (strstr(script->data, name) != NULL) {
		buf_adds(variables, what.data);
		quote_shell(variables, value->data, value->len);
		buf_addc(variables, '\n');
	}
	buf_free(&by);
	buf_free(&what);
}

/* The text with its values; those that cannot stand inside it stand before
 * it, as the shell gets them. */
static void
show_script(const struct kind_call *call, const struct text *t,
    struct buf *out)
{
	struct buf script = BUF_INIT(LIMIT_STDIN), value = BUF_INIT(LIMIT_STDIN);
	struct err ignored = ERR_INIT;
	struct shell_text shell = { 0 };
	struct value v;
	size_t i;

	if (run_compile(t, call->arena, &shell, &ignored) == 0)
		buf_add(&script, shell.script, shell.len);
	for (i = shell.n; i-- > 0; ) {
		buf_reset(&value);
		if (expr_eval(shell.values[i], call->scope, call->arena, &v,
		    &ignored) != 0 || value_text(&value, v, &ignored) != 0)
			break;
		put_value(&script, arena_printf(call->arena, "CAIRN_%zu",
		    i + 1), &value, out);
	}
	err_free(&ignored);
	buf_add(out, script.data, script.len);
	buf_free(&script);
	buf_free(&value);
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

void
run_show(const struct kind_call *call, struct kind_job *job)
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
