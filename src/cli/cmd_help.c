/* help: what the commands are, or what one of them takes. */
#include "base/buf.h"
#include "cli/cli.h"
#include "cli/commands.h"

static int
help(const struct cmd *cmd, int argc, char **argv)
{
	const struct cmd *about = NULL;
	struct buf out = BUF_INIT(64 * 1024);
	const char *word;
	struct given g;
	int status = EXIT_DONE;

	if (!cli_given(cmd, argc, argv, &g, &status))
		return status;
	word = given_word(&g, 0);
	about = word == NULL ? NULL : cmd_find(word);
	if (word != NULL && about == NULL)
		status = cmd_unknown(word);
	else if (about != NULL)
		cmd_usage(about, &out);
	else
		cmd_list_all(&out);
	cli_out(&out);
	buf_free(&out);
	given_free(&g);
	return status;
}

const struct cmd cmd_help = {
	.name = "help", .args = "[COMMAND]",
	.help = "Lists the commands, or says what one of them takes",
	.run = help, .max = 1,
};
