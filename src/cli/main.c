#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/process.h"
#include "base/str.h"
#include "cli/cli.h"

static const struct cmd *const cmds[] = {
	&cmd_run, &cmd_resume, &cmd_attach, &cmd_status, &cmd_log, &cmd_list,
	&cmd_answer, &cmd_pause, &cmd_stop, &cmd_close, &cmd_retry, &cmd_done,
	&cmd_skip, &cmd_undo, &cmd_lint, &cmd_plan, &cmd_kinds, &cmd_schema,
	&cmd_journal,
};
#define N_CMDS (sizeof cmds / sizeof *cmds)

static void
usage(struct buf *out)
{
	size_t i;

	buf_adds(out, "usage: cairn COMMAND …\n\n"
	    "Executes runbooks: ordered, checkpointed steps that survive any "
	    "crash.\n\n");
	for (i = 0; i < N_CMDS; i++)
		buf_addf(out, "  %-8s %-22s %s\n", cmds[i]->name,
		    cmds[i]->args, cmds[i]->help);
	buf_adds(out, "\ncairn COMMAND --help says more. cairn(1) and "
	    "cairn-runbook(5) are the manuals.\n");
}

static int
unknown_command(const char *word)
{
	const char *names[N_CMDS], *near;
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; i < N_CMDS; i++)
		names[i] = cmds[i]->name;
	near = str_nearest(word, names, N_CMDS);
	err_set(&err, "cairn has no command '%s'", word);
	if (near != NULL)
		err_hint(&err, "did you mean '%s'?", near);
	else
		err_hint(&err, "cairn --help lists them");
	return cli_fail(&err);
}

static int
print_usage(int status)
{
	struct buf out = BUF_INIT(64 * 1024);

	usage(&out);
	if (status == EXIT_DONE)
		cli_out(&out);
	else
		cli_talk(&out);
	buf_free(&out);
	return status;
}

int
main(int argc, char **argv)
{
	size_t i;

	process_prepare();
	signal(SIGPIPE, SIG_IGN);
	setlocale(LC_CTYPE, "C.UTF-8");
	if (getuid() != geteuid() || getgid() != getegid()) {
		fputs("cairn: refuses to run setuid or setgid\n", stderr);
		return EXIT_USAGE;
	}
	if (argc < 2)
		return print_usage(EXIT_USAGE);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
		return print_usage(EXIT_DONE);
	if (strcmp(argv[1], "--version") == 0) {
		puts("cairn " PACKAGE_VERSION);
		return EXIT_DONE;
	}
	for (i = 0; i < N_CMDS; i++)
		if (strcmp(cmds[i]->name, argv[1]) == 0)
			return cmds[i]->run(cmds[i], argc - 1, argv + 1);
	return unknown_command(argv[1]);
}
