#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/process.h"
#include "cli/cli.h"
#include "cli/commands.h"

static int
no_command(void)
{
	struct buf out = BUF_INIT(64 * 1024);

	cmd_list_all(&out);
	cli_talk(&out);
	buf_free(&out);
	return EXIT_USAGE;
}

int
main(int argc, char **argv)
{
	const struct cmd *cmd;

	process_prepare();
	signal(SIGPIPE, SIG_IGN);
	setlocale(LC_CTYPE, "C.UTF-8");
	if (getuid() != geteuid() || getgid() != getegid()) {
		fputs("cairn: refuses to run setuid or setgid\n", stderr);
		return EXIT_USAGE;
	}
	if (argc < 2)
		return no_command();
	if (strcmp(argv[1], "--version") == 0) {
		puts("cairn " PACKAGE_VERSION);
		return EXIT_DONE;
	}
	cmd = strcmp(argv[1], "--help") == 0 ? &cmd_help : cmd_find(argv[1]);
	return cmd == NULL ? cmd_unknown(argv[1]) :
	    cmd->run(cmd, argc - 1, argv + 1);
}
