/* manual: the parts of cairn(1) and cairn-runbook(5) that tables know. */
#include <string.h>

#include "base/buf.h"
#include "base/vec.h"
#include "book/schema.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/roff.h"
#include "cli/rows.h"
#include "kind/kind.h"

/* A paragraph with a tag before it; `help` may be NULL. */
static void
tagged(struct buf *out, const char *tag, const char *help)
{
	buf_adds(out, ".TP\n");
	roff_text(out, tag);
	if (help != NULL)
		roff_text(out, help);
}

static void
paragraph(struct buf *out, const char *text)
{
	buf_adds(out, ".PP\n");
	roff_text(out, text);
}

/* ---- cairn(1) */

static void
one_command(struct buf *out, const struct cmd *cmd)
{
	struct buf line = BUF_INIT(4096);
	const struct opt *o;

	buf_addf(&line, "cairn %s%s%s", cmd->name,
	    cmd->args[0] != '\0' ? " " : "", cmd->args);
	roff_macro(out, ".SS", line.data);
	buf_reset(&line);
	buf_addf(&line, "%s.", cmd->help);
	roff_text(out, line.data);
	for (o = cmd->opts; o != NULL && o->name != NULL; o++) {
		buf_reset(&line);
		buf_addf(&line, "`%s`%s%s", o->name, o->arg != NULL ? " " : "",
		    o->arg != NULL ? o->arg : "");
		tagged(out, line.data, o->help);
	}
	buf_free(&line);
}

static void
commands(struct buf *out)
{
	size_t i;

	for (i = 0; cmd_at(i) != NULL; i++)
		one_command(out, cmd_at(i));
}

static void
statuses(struct buf *out)
{
	static const struct { const char *status, *help; } rows[] = {
#define ROW(name, status, help) { "`" #status "`", help },
		EXIT_STATUSES(ROW)
#undef ROW
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		tagged(out, rows[i].status, rows[i].help);
}

/* ---- cairn-runbook(5) */

/* Each shape is described once, in the order in which it was met. */
struct shapes_met { const struct shape **v; size_t n, cap; };

static void
meet(struct shapes_met *met, const struct shape *shape)
{
	size_t i;

	for (i = 0; i < met->n; i++)
		if (met->v[i] == shape)
			return;
	if (shape != NULL)
		vec_push(met, shape);
}

static void
rows_of(struct buf *out, const struct shape *shape, struct shapes_met *met)
{
	struct buf line = BUF_INIT(4096);
	const struct field *f;

	for (f = shape->fields; f->key != NULL; f++) {
		if (f->flags & FIELD_LATER)
			continue;
		buf_reset(&line);
		if (f->type == &field_kind) {
			buf_adds(&line, "`a kind`  (see KINDS)");
		} else {
			buf_addf(&line, "`%s`  (", f->key);
			row_wants(f, &line);
			buf_addc(&line, ')');
		}
		tagged(out, line.data, f->help);
		meet(met, row_shape(f));
	}
	buf_free(&line);
}

/* "a step" becomes "Step". */
static void
shape_title(struct buf *out, const struct shape *shape)
{
	const char *s = shape->name;
	struct buf title = BUF_INIT(256);

	s += strncmp(s, "a ", 2) == 0 ? 2 : strncmp(s, "an ", 3) == 0 ? 3 : 0;
	buf_adds(&title, s);
	if (s[0] >= 'a' && s[0] <= 'z')
		title.data[0] = (char)(s[0] - 'a' + 'A');
	roff_macro(out, ".SS", title.data);
	roff_text(out, shape->help);
	buf_free(&title);
}

static void
keys(struct buf *out)
{
	struct shapes_met met = { 0 };
	size_t i;

	for (i = 0; book_shape_at(i) != NULL; i++)
		meet(&met, book_shape_at(i));
	for (i = 0; i < met.n; i++) {
		shape_title(out, met.v[i]);
		rows_of(out, met.v[i], &met);
	}
	vec_free(&met);
}

static void
kind_value(struct buf *out, const struct kind *k)
{
	const struct shape *shape = row_shape(&k->shape.value);
	struct shapes_met met = { 0 };
	struct buf line = BUF_INIT(4096);
	size_t i;

	meet(&met, shape);
	buf_adds(&line, "It stands ");
	row_places(k, &line);
	buf_adds(&line, ". Its value is ");
	row_wants(&k->shape.value, &line);
	buf_adds(&line, shape != NULL ? ", with these keys:" : ".");
	paragraph(out, line.data);
	for (i = 0; i < met.n; i++) {
		if (i > 0) {
			buf_reset(&line);
			buf_addf(&line, "In %s: %s", met.v[i]->name,
			    met.v[i]->help);
			paragraph(out, line.data);
		}
		rows_of(out, met.v[i], &met);
	}
	buf_free(&line);
	vec_free(&met);
}

static void
kind_leaves(struct buf *out, const struct kind *k)
{
	struct buf line = BUF_INIT(1024);
	const char *const *name;

	for (name = k->leaves; name != NULL && *name != NULL; name++)
		buf_addf(&line, "%s `self.%s`", name == k->leaves ?
		    "It leaves" : ",", *name);
	if (line.len > 0) {
		buf_addc(&line, '.');
		paragraph(out, line.data);
	}
	buf_free(&line);
}

static void
all_kinds(struct buf *out)
{
	size_t i;

	for (i = 0; kinds[i] != NULL; i++) {
		roff_macro(out, ".SS", kinds[i]->shape.name);
		roff_text(out, kinds[i]->shape.help);
		kind_value(out, kinds[i]);
		kind_leaves(out, kinds[i]);
	}
}

static void
functions(struct buf *out)
{
	const struct expr_function_doc *f;
	struct buf line = BUF_INIT(1024);
	size_t i;

	for (i = 0; (f = expr_function_doc(i)) != NULL; i++) {
		buf_reset(&line);
		buf_addf(&line, "`%s`", f->signature);
		tagged(out, line.data, f->help);
	}
	buf_free(&line);
}

/* ---- the command */

static const struct part {
	const char *name;
	void (*print)(struct buf *out);
} parts[] = {
	{ "commands", commands }, { "statuses", statuses }, { "keys", keys },
	{ "kinds", all_kinds }, { "functions", functions },
};
#define PARTS (sizeof parts / sizeof *parts)

static int
unknown_part(const char *word)
{
	struct buf all = BUF_INIT(1024);
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; i < PARTS; i++)
		buf_addf(&all, "%s%s", i > 0 ? ", " : "", parts[i].name);
	err_set(&err, "the manual has no part '%s'", word);
	err_hint(&err, "its parts: %s; the whole is in cairn(1) and "
	    "cairn-runbook(5)", all.data);
	buf_free(&all);
	return cli_fail(&err);
}

static int
manual(const struct cmd *cmd, int argc, char **argv)
{
	struct buf out = BUF_INIT(4 * 1024 * 1024);
	struct given g;
	int status = EXIT_USAGE;
	size_t i;

	if (!cli_given(cmd, argc, argv, &g, &status))
		return status;
	for (i = 0; i < PARTS; i++)
		if (strcmp(parts[i].name, given_word(&g, 0)) == 0)
			break;
	if (i == PARTS) {
		status = unknown_part(given_word(&g, 0));
	} else {
		parts[i].print(&out);
		cli_out(&out);
		status = EXIT_DONE;
	}
	buf_free(&out);
	given_free(&g);
	return status;
}

const struct cmd cmd_manual = {
	.name = "manual", .args = "PART",
	.help = "Prints a table of the manual as roff, for the pages' source",
	.run = manual, .min = 1, .max = 1,
};
