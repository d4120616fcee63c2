/* schema: the JSON Schema of a runbook. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "book/schema.h"
#include "cli/cli.h"
#include "kind/kind.h"

static int
schema(const struct cmd *cmd, int argc, char **argv)
{
	struct given g;
	json_t *json;
	char *text;
	int status = EXIT_USAGE;

	if (!cli_given(cmd, argc, argv, &g, &status))
		return status;
	json = book_schema(kinds_for_book());
	text = json_dumps(json, JSON_INDENT(1));
	puts(text);
	free(text);
	json_decref(json);
	given_free(&g);
	return EXIT_DONE;
}

const struct cmd cmd_schema = {
	.name = "schema", .args = "",
	.help = "Prints the JSON Schema of a runbook, for editors",
	.run = schema,
};
