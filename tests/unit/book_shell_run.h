/* Scripts that are really run, in every shell that is installed, in a
 * directory of their own. */
#ifndef CAIRN_TESTS_BOOK_SHELL_RUN_H
#define CAIRN_TESTS_BOOK_SHELL_RUN_H

#include "book_shell_help.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>


#define RUN_SECONDS 20

struct shell {
	const char *name;
	const char *argv[4];
	bool bash;
	size_t every;             /* which contexts it takes of those of dash */
};
static const struct shell shells[] = {
	{ "dash", { "dash" }, false, 1 },
	{ "bash", { "bash" }, true, 1 },
	{ "bash --posix", { "bash", "--posix" }, true, 4 },
	{ "busybox sh", { "busybox", "sh" }, false, 1 },
};
#define SHELLS (sizeof shells / sizeof *shells)

static inline bool is_installed(const struct shell *s)
{
	char path[128];

	snprintf(path, sizeof path, "/bin/%s", s->argv[0]);
	if (access(path, X_OK) == 0)
		return true;
	snprintf(path, sizeof path, "/usr/bin/%s", s->argv[0]);
	return access(path, X_OK) == 0;
}

static char home[] = "/tmp/cairn-shell.XXXXXX";

static inline int enter_directory(void **state)
{
	(void)state;
	if (!mkdtemp(home) || chdir(home) == -1)
		return -1;
	signal(SIGPIPE, SIG_IGN);
	setenv("HOME", home, 1);
	return unsetenv("none");
}

static inline int leave_directory(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", home);
	return chdir("/") == -1 || system(command) != 0;
}

static inline void clear_directory(void)
{
	struct dirent *entry;
	DIR *dir = opendir(".");

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
}

static inline _Noreturn void child(const struct shell *s, const char *script,
    int out)
{
	char *argv[6] = { 0 };
	int null = open("/dev/null", O_RDWR), i;

	for (i = 0; s->argv[i]; i++)
		argv[i] = (char *)s->argv[i];
	argv[i] = (char *)script;
	dup2(null, 0);
	dup2(out, 1);
	dup2(null, 2);
	alarm(RUN_SECONDS);
	execvp(argv[0], argv);
	_exit(127);
}

/* Runs a script from a file outside of the directory. */
static inline void run(const struct shell *s, const struct buf *script,
    struct buf *out)
{
	char name[] = "/tmp/cairn-script.XXXXXX", chunk[4096];
	int file = mkstemp(name), fds[2];
	struct pollfd p = { .events = POLLIN };
	ssize_t n;
	pid_t pid;

	if (file == -1 || pipe2(fds, O_CLOEXEC) == -1 || write(file,
	    script->data, script->len) != (ssize_t)script->len)
		fail_msg("cannot write %s", name);
	close(file);
	pid = fork();
	if (pid == 0)
		child(s, name, fds[1]);
	close(fds[1]);
	p.fd = fds[0];
	/* What a script left in the background may hold the pipe open. */
	while (poll(&p, 1, RUN_SECONDS * 1000) > 0 &&
	    (n = read(fds[0], chunk, sizeof chunk)) > 0)
		buf_add(out, chunk, (size_t)n);
	close(fds[0]);
	waitpid(pid, NULL, 0);
	unlink(name);
}

#endif
