/* lint plan kinds: about books, without a run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/cli.h"
#include "cli/rows.h"
#include "kind/kind.h"
#include "plan/plan.h"
#include "plan/print.h"

static int
lint(const struct cmd *cmd, int argc, char **argv)
{
	struct given g;
	struct cli_book b;
	int status = EXIT_USAGE;

	if (!cli_given(cmd, argc, argv, &g, &status))
		return status;
	if (cli_book_load(given_word(&g, 0), true, &b) == 0) {
		printf("%s is valid\n", given_word(&g, 0));
		status = EXIT_DONE;
	}
	cli_book_free(&b);
	given_free(&g);
	return status;
}

static int
plan(const struct cmd *cmd, int argc, char **argv)
{
	struct given g;
	struct cli_book b;
	struct buf out = BUF_INIT(64 * 1024 * 1024);
	int status = EXIT_USAGE;

	if (!cli_given(cmd, argc, argv, &g, &status))
		return status;
	if (cli_book_load(given_word(&g, 0), false, &b) == 0) {
		struct plan *p = plan_new(b.book);

		if (given_has(&g, "--json"))
			cli_json(plan_json(p, b.book));
		else
			plan_text(p, b.book, &out);
		cli_out(&out);
		plan_free(p);
		status = EXIT_DONE;
	}
	buf_free(&out);
	cli_book_free(&b);
	given_free(&g);
	return status;
}

/* ---- kinds */

/* Deeper rows stand further to the right. */
static void
print_rows(const struct field *f, int indent, struct buf *out)
{
	for (; f->key != NULL; f++) {
		const struct shape *inner = row_shape(f);

		if (f->flags & FIELD_LATER)
			continue;
		buf_addf(out, "%*s%-12s ", indent, "", f->key);
		row_wants(f, out);
		buf_addf(out, "%s%s\n", f->help != NULL ? ": " : "",
		    f->help != NULL ? f->help : "");
		if (inner != NULL)
			print_rows(inner->fields, indent + 4, out);
	}
}

static void
print_kind(const struct kind *k, struct buf *out)
{
	const struct shape *shape = row_shape(&k->shape.value);
	const char *const *name;

	buf_addf(out, "%s  %s\n  stands ", k->shape.name, k->shape.help);
	row_places(k, out);
	buf_adds(out, "\n  value: ");
	row_wants(&k->shape.value, out);
	buf_addc(out, '\n');
	if (shape != NULL)
		print_rows(shape->fields, 2, out);
	if (k->leaves != NULL && k->leaves[0] != NULL) {
		buf_adds(out, "  leaves in self:");
		for (name = k->leaves; *name != NULL; name++)
			buf_addf(out, " %s", *name);
		buf_addc(out, '\n');
	}
}

static int
list_kinds(const struct cmd *cmd, int argc, char **argv)
{
	struct given g;
	struct buf out = BUF_INIT(1024 * 1024);
	const char *word;
	int status = EXIT_USAGE;
	size_t i;

	if (!cli_given(cmd, argc, argv, &g, &status))
		return status;
	word = given_word(&g, 0);
	for (i = 0; kinds[i] != NULL; i++) {
		if (word == NULL)
			buf_addf(&out, "%-10s %s\n", kinds[i]->shape.name,
			    kinds[i]->shape.help);
		else if (strcmp(word, kinds[i]->shape.name) == 0)
			print_kind(kinds[i], &out);
	}
	if (out.len == 0)
		fprintf(stderr, "cairn: there is no kind '%s'; cairn kinds "
		    "lists them\n", word);
	cli_out(&out);
	status = out.len == 0 ? EXIT_USAGE : EXIT_DONE;
	buf_free(&out);
	given_free(&g);
	return status;
}

static const struct opt plan_opts[] = {
	{ "--json", NULL, "for machines" },
	{ NULL, NULL, NULL },
};

const struct cmd cmd_lint = {
	.name = "lint", .args = "BOOK",
	.help = "Checks a runbook; starts nothing, connects to nothing",
	.run = lint, .min = 1, .max = 1,
};
const struct cmd cmd_plan = {
	.name = "plan", .args = "BOOK [--json]",
	.help = "Shows what a run of the book would do, step by step",
	.opts = plan_opts, .run = plan, .min = 1, .max = 1,
};
const struct cmd cmd_kinds = {
	.name = "kinds", .args = "[KIND]",
	.help = "Lists what a step can do, or the keys of one kind",
	.run = list_kinds, .max = 1,
};
