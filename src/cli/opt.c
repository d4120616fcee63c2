#include "cli/opt.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/xalloc.h"

static const struct opt *
find_opt(const struct cmd *cmd, const char *s, size_t n)
{
	const struct opt *o;

	for (o = cmd->opts; o != NULL && o->name != NULL; o++)
		if (strlen(o->name) == n && strncmp(o->name, s, n) == 0)
			return o;
	return NULL;
}

static int
unknown_opt(const struct cmd *cmd, const char *s, struct err *err)
{
	const char *names[64];
	const char *near;
	const struct opt *o;
	size_t n = 0;

	for (o = cmd->opts; o != NULL && o->name != NULL && n < 64; o++)
		names[n++] = o->name;
	near = str_nearest(s, names, n);
	err_set(err, "cairn %s has no option %s", cmd->name, s);
	if (near != NULL)
		err_hint(err, "did you mean %s?", near);
	else
		err_hint(err, "cairn %s --help lists them", cmd->name);
	return -1;
}

static int
take_opt(const struct cmd *cmd, char **argv, int argc, int *i,
    struct given *out, struct err *err)
{
	const char *s = argv[*i], *eq = strchr(s, '=');
	size_t n = eq == NULL ? strlen(s) : (size_t)(eq - s);
	const struct opt *o = find_opt(cmd, s, n);
	const char *value = NULL;

	if (o == NULL)
		return unknown_opt(cmd, s, err);
	if (o->arg == NULL && eq != NULL)
		return err_set(err, "%s takes no value", o->name);
	if (o->arg != NULL) {
		value = eq != NULL ? eq + 1 : *i + 1 < argc ? argv[++*i] : NULL;
		if (value == NULL)
			return err_set(err, "%s wants %s", o->name, o->arg);
	}
	out->v[out->n].name = o->name;
	out->v[out->n++].value = value;
	return 0;
}

int
given_parse(const struct cmd *cmd, int argc, char **argv, struct given *out,
    struct err *err)
{
	bool options = true;
	int i;

	memset(out, 0, sizeof *out);
	out->words = xcalloc((size_t)argc + 1, sizeof *out->words);
	out->v = xcalloc((size_t)argc + 1, sizeof *out->v);
	for (i = 1; i < argc; i++) {
		if (options && strcmp(argv[i], "--") == 0)
			options = false;
		else if (!options || argv[i][0] != '-' || argv[i][1] == '\0')
			out->words[out->n_words++] = argv[i];
		else if (take_opt(cmd, argv, argc, &i, out, err) != 0)
			return -1;
	}
	if ((int)out->n_words < cmd->min || (int)out->n_words > cmd->max) {
		err_set(err, "usage: cairn %s%s%s", cmd->name,
		    cmd->args[0] != '\0' ? " " : "", cmd->args);
		err_hint(err, "cairn %s --help says more", cmd->name);
		return -1;
	}
	return 0;
}

void
given_free(struct given *g)
{
	free(g->words);
	free(g->v);
	memset(g, 0, sizeof *g);
}

bool
given_has(const struct given *g, const char *name)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (strcmp(g->v[i].name, name) == 0)
			return true;
	return false;
}

const char *
given_value(const struct given *g, const char *name)
{
	const char *value = NULL;
	size_t i;

	for (i = 0; i < g->n; i++)
		if (strcmp(g->v[i].name, name) == 0)
			value = g->v[i].value;
	return value;
}

const char **
given_values(const struct given *g, const char *name, size_t *n)
{
	const char **out = xcalloc(g->n + 1, sizeof *out);
	size_t i;

	*n = 0;
	for (i = 0; i < g->n; i++)
		if (strcmp(g->v[i].name, name) == 0)
			out[(*n)++] = g->v[i].value;
	return out;
}

const char *
given_word(const struct given *g, size_t i)
{
	return i < g->n_words ? g->words[i] : NULL;
}

void
cmd_usage(const struct cmd *cmd, struct buf *out)
{
	const struct opt *o;

	buf_addf(out, "usage: cairn %s%s%s\n\n%s.\n", cmd->name,
	    cmd->args[0] != '\0' ? " " : "", cmd->args, cmd->help);
	for (o = cmd->opts; o != NULL && o->name != NULL; o++) {
		struct buf left = BUF_INIT(256);

		if (o == cmd->opts)
			buf_addc(out, '\n');
		buf_addf(&left, "%s%s%s", o->name, o->arg != NULL ? " " : "",
		    o->arg != NULL ? o->arg : "");
		buf_addf(out, "  %-24s %s\n", left.data, o->help);
		buf_free(&left);
	}
}
