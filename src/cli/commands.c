#include "cli/commands.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "cli/cli.h"

static const struct cmd *const cmds[] = {
	&cmd_run, &cmd_resume, &cmd_attach, &cmd_status, &cmd_log, &cmd_list,
	&cmd_answer, &cmd_pause, &cmd_stop, &cmd_close, &cmd_retry, &cmd_done,
	&cmd_skip, &cmd_undo, &cmd_lint, &cmd_plan, &cmd_kinds, &cmd_schema,
	&cmd_journal, &cmd_help, &cmd_manual,
};
#define CMDS (sizeof cmds / sizeof *cmds)

const struct cmd *
cmd_at(size_t i)
{
	return i < CMDS ? cmds[i] : NULL;
}

const struct cmd *
cmd_find(const char *name)
{
	size_t i;

	for (i = 0; i < CMDS; i++)
		if (strcmp(cmds[i]->name, name) == 0)
			return cmds[i];
	return NULL;
}

int
cmd_unknown(const char *word)
{
	const char *names[CMDS], *near;
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; i < CMDS; i++)
		names[i] = cmds[i]->name;
	near = str_nearest(word, names, CMDS);
	err_set(&err, "cairn has no command '%s'", word);
	if (near != NULL)
		err_hint(&err, "did you mean '%s'?", near);
	else
		err_hint(&err, "cairn --help lists them");
	return cli_fail(&err);
}

void
cmd_list_all(struct buf *out)
{
	size_t i;

	buf_adds(out, "usage: cairn COMMAND …\n\n"
	    "Executes runbooks: ordered, checkpointed steps that survive any "
	    "crash.\n\n");
	for (i = 0; i < CMDS; i++)
		buf_addf(out, "  %-8s %-22s %s\n", cmds[i]->name,
		    cmds[i]->args, cmds[i]->help);
	buf_adds(out, "\ncairn COMMAND --help says more. cairn(1) and "
	    "cairn-runbook(5) are the manuals.\n");
}
