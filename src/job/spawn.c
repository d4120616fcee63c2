#include "job/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/xalloc.h"


/* Bytes behind a descriptor that is read from its beginning. */
static int
memory_file(const char *s, size_t n)
{
	int fd = memfd_create("cairn", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && (write_all(fd, s, n) != 0 ||
	    lseek(fd, 0, SEEK_SET) != 0)) {
		close(fd);
		return -1;
	}
	if (fd >= 0)
		fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW |
		    F_SEAL_SHRINK | F_SEAL_SEAL);
	return fd;
}

/* A secret goes through a pipe that holds all of it already. */
static int
secret_pipe(const char *s, size_t n)
{
	int fds[2];

	if (n > LIMIT_SECRET) {
		errno = EMSGSIZE;
		return -1;
	}
	if (pipe2(fds, O_CLOEXEC) != 0)
		return -1;
	if (write_all(fds[1], s, n) != 0) {
		close(fds[0]);
		fds[0] = -1;
	}
	close(fds[1]);
	return fds[0];
}

static int
input_fd(const struct job_spec *spec)
{
	if (spec->input == NULL)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (spec->input_secret)
		return secret_pipe(spec->input, spec->input_len);
	return memory_file(spec->input, spec->input_len);
}

/* argv[0] in the PATH that the job will have. NULL: not found. */
static char *
find_program(const struct job_spec *spec)
{
	const char *name = spec->argv[0], *path = "/usr/bin:/bin";
	const char *const *env;

	if (strchr(name, '/') != NULL)
		return xstrdup(name);
	for (env = spec->env; env != NULL && *env != NULL; env++)
		if (strncmp(*env, "PATH=", 5) == 0)
			path = *env + 5;
	while (*path != '\0') {
		size_t n = strcspn(path, ":");
		char *full = xasprintf("%.*s/%s", (int)n, path, name);

		if (path[0] == '/' && access(full, X_OK) == 0)
			return full;
		free(full);
		path += n + (path[n] == ':');
	}
	return NULL;
}

/* ---- in the child; after vfork only what is async-signal-safe */

static void
reset_signals(void)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;
	int sig;

	for (sig = 1; sig < NSIG; sig++)
		sigaction(sig, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int
place_fds(int in, int script, const struct spawn_setting *set)
{
	if (dup2(in, 0) < 0 || dup2(set->out, 1) < 0 || dup2(set->err, 2) < 0)
		return -1;
	if (script >= 0 && dup2(script, JOB_SCRIPT_FD) < 0)
		return -1;
	if (script >= 0)
		close_range(3, JOB_SCRIPT_FD - 1, 0);
	close_range(script >= 0 ? JOB_SCRIPT_FD + 1 : 3, ~0U, 0);
	return 0;
}

static int
prepare_child(const struct job_spec *spec, int in, int script,
    const struct spawn_setting *set)
{
	setsid();
	umask(022);
	setrlimit(RLIMIT_CORE, &set->core);
	reset_signals();
	if (spec->cwd != NULL && chdir(spec->cwd) != 0)
		return -1;
	return place_fds(in, script, set);
}

static pid_t
spawn_command(const struct job_spec *spec, int in, int script,
    const struct spawn_setting *set, int *failed)
{
	char *program = find_program(spec);
	/* shared with the child until it execs */
	volatile int error = 0;
	pid_t pid;

	if (program == NULL) {
		*failed = ENOENT;
		return -1;
	}
	pid = vfork();
	if (pid == 0) {
		if (prepare_child(spec, in, script, set) == 0)
			execve(program, (char *const *)spec->argv,
			    (char *const *)spec->env);
		error = errno;
		_exit(127);
	}
	free(program);
	if (pid > 0 && error == 0)
		return pid;
	*failed = pid < 0 ? errno : error;
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return -1;
}

static const struct worker *
find_worker(const struct worker *w, const char *name)
{
	for (; w->name != NULL; w++)
		if (strcmp(w->name, name) == 0)
			return w;
	return NULL;
}

static pid_t
spawn_worker(const struct job_spec *spec, int in,
    const struct spawn_setting *set, int *failed)
{
	const struct worker *w = find_worker(set->workers, spec->worker);
	pid_t pid;

	if (w == NULL)
		BUG("there is no worker '%s'", spec->worker);
	pid = fork();
	if (pid == 0) {
		if (prepare_child(spec, in, -1, set) != 0)
			_exit(126);
		signal(SIGPIPE, SIG_IGN);
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		_exit(w->run(spec->request, spec->request_len));
	}
	if (pid < 0)
		*failed = errno;
	return pid;
}

pid_t
spawn_job(const struct job_spec *spec, const struct spawn_setting *set,
    int *failed)
{
	int in = input_fd(spec), script = -1;
	pid_t pid = -1;

	if (in < 0) {
		*failed = errno;
		return -1;
	}
	if (spec->script != NULL)
		script = memory_file(spec->script, spec->script_len);
	if (spec->script != NULL && script < 0)
		*failed = errno;
	else if (spec->worker != NULL)
		pid = spawn_worker(spec, in, set, failed);
	else
		pid = spawn_command(spec, in, script, set, failed);
	close(in);
	if (script >= 0)
		close(script);
	return pid;
}
