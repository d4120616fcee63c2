#include "job/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/process.h"

#define DEFAULT_PATH "/usr/bin:/bin"

/* The descriptors that are made for one job; -1: none. */
struct given {
	int input, script;
};

/* ---- stdin and script */

static int pwrite_all(int fd, const char *p, size_t n)
{
	off_t at = 0;
	ssize_t written;

	while (n > 0) {
		written = pwrite(fd, p + at, n, at);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -1;
		at += written;
		n -= (size_t)written;
	}
	return 0;
}

/* A file in memory that nobody can change any more. */
static int sealed(const char *name, const char *p, size_t n)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	/* pwrite: the job finds the offset at 0 */
	if (pwrite_all(fd, p, n) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL |
	    F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0)
		return fd;
	close(fd);
	return -1;
}

/* A pipe that holds all of it already, so that nobody has to stay and write.
 * A user with very many pipes gets small ones: then the job is not begun. */
static int filled_pipe(const char *p, size_t n)
{
	int ends[2], saved;
	ssize_t written = 0;

	if (n > JOB_SECRET_MAX) {
		errno = EFBIG;
		return -1;
	}
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	if (n > 0)
		written = write(ends[1], p, n);
	saved = written < 0 ? errno : ENOBUFS;
	close(ends[1]);
	if (written == (ssize_t)n && fcntl(ends[0], F_SETFL, 0) == 0)
		return ends[0];
	close(ends[0]);
	errno = saved;
	return -1;
}

static void give_back(const struct given *g)
{
	int saved = errno;

	if (g->input >= 0)
		close(g->input);
	if (g->script >= 0)
		close(g->script);
	errno = saved;
}

static int make_given(const struct job_spec *spec, struct given *g)
{
	g->input = g->script = -1;
	if (spec->input)
		g->input = spec->input_secret ?
		    filled_pipe(spec->input, spec->input_len) :
		    sealed("stdin", spec->input, spec->input_len);
	if (spec->script)
		g->script = sealed("script", spec->script, spec->script_len);
	if ((!spec->input || g->input >= 0) &&
	    (!spec->script || g->script >= 0))
		return 0;
	give_back(g);
	return -1;
}

/* ---- in the new process. A command's shares the supervisor's memory until it
 * executes: what is called here changes nothing in it but errno. */

static _Noreturn void give_up(const struct spawn *sp)
{
	*sp->failed = errno ? errno : EINVAL;
	_exit(127);
}

static int write_pid(const struct spawn *sp)
{
	struct job_meta m = *sp->meta;
	char text[META_WIDTH];

	m.command.pid = getpid();
	m.command.start = process_start(m.command.pid);
	job_meta_write(&m, text);
	return pwrite(sp->setup->fds[FD_META], text, sizeof text, 0) ==
	    (ssize_t)sizeof text ? 0 : -1;
}

static int set_descriptors(const struct spawn *sp, const struct given *g)
{
	/* without an input 0 stays the supervisor's own, /dev/null */
	if (g->input >= 0 && dup2(g->input, STDIN_FILENO) < 0)
		return -1;
	if (g->script >= 0 && dup2(g->script, JOB_SCRIPT_FD) < 0)
		return -1;
	return dup2(sp->setup->fds[FD_OUT], STDOUT_FILENO) < 0 ||
	    dup2(sp->setup->fds[FD_ERR], STDERR_FILENO) < 0 ? -1 : 0;
}

static void enter(const struct spawn *sp, const struct given *g)
{
	const char *cwd = sp->spec->cwd;
	sigset_t none;

	setsid();
	sigemptyset(&none);
	if (write_pid(sp) < 0 || set_descriptors(sp, g) < 0 ||
	    (cwd && chdir(cwd) < 0))
		give_up(sp);
	/* no handler is left in the supervisor, and none of its dispositions
	 * is anything but the default */
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static const char *path_of(const char *const *env)
{
	for (; *env; env++) {
		if (strncmp(*env, "PATH=", 5) == 0)
			return *env + 5;
	}
	return DEFAULT_PATH;
}

/* As execvp(3), but relative entries do not count, and a file without an
 * interpreter is not given to a shell. */
static void search(char *const *argv, char *const *env)
{
	const char *p = path_of((const char *const *)env);
	char file[PATH_MAX];
	int worst = ENOENT, n;
	size_t len;

	for (;; p += len + 1) {
		len = strcspn(p, ":");
		n = snprintf(file, sizeof file, "%.*s/%s", (int)len, p,
		    argv[0]);
		if (*p == '/' && n < (int)sizeof file) {
			execve(file, argv, env);
			if (errno != ENOENT && errno != ENOTDIR)
				worst = errno;
			if (worst != ENOENT && worst != EACCES)
				break;
		}
		if (p[len] == '\0')
			break;
	}
	errno = worst;
}

static _Noreturn void command(const struct spawn *sp, const struct given *g)
{
	/* execve(2) changes neither; its type is older than const */
	char *const *argv = (char *const *)sp->spec->argv;
	char *const *env = (char *const *)sp->spec->env;

	enter(sp, g);
	/* all other descriptors are close-on-exec, the lock too: it is held
	 * until the pid is in meta */
	if (strchr(argv[0], '/'))
		execve(argv[0], argv, env);
	else if (*argv[0])
		search(argv, env);
	else
		errno = ENOENT;
	give_up(sp);
}

static _Noreturn void work(const struct spawn *sp, const struct given *g,
    const struct worker *w)
{
	int status;

	enter(sp, g);
	/* a worker reads what strangers send: it keeps nothing of ours */
	close_range(STDERR_FILENO + 1, JOB_SCRIPT_FD - 1, 0);
	close_range(JOB_SCRIPT_FD + (g->script >= 0), ~0U, 0);
	munmap((void *)(uintptr_t)sp->failed, sizeof *sp->failed);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	/* a server that hangs up is an error to be told, not the end */
	signal(SIGPIPE, SIG_IGN);
	environ = (char **)(uintptr_t)sp->spec->env;
	__fpurge(stdout);
	__fpurge(stderr);
	status = w->run(sp->spec->request, sp->spec->request_len);
	fflush(stdout);
	_exit(status);
}

/* ---- in the supervisor */

static const struct worker *find_worker(const struct worker *w,
    const char *name)
{
	while (w->name && strcmp(w->name, name) != 0)
		w++;
	return w->name ? w : NULL;
}

static pid_t start_command(const struct spawn *sp, const struct given *g)
{
	pid_t pid = vfork();

	if (pid == 0)
		command(sp, g);
	return pid;
}

static pid_t start_worker(const struct spawn *sp, const struct given *g,
    const struct worker *w)
{
	pid_t pid = fork();

	if (pid == 0)
		work(sp, g, w);
	return pid;
}

pid_t spawn_job(const struct spawn *sp)
{
	const struct job_spec *spec = sp->spec;
	const struct worker *w = NULL;
	struct given given;
	pid_t pid;

	if (spec->worker)
		w = find_worker(sp->setup->workers, spec->worker);
	if (!spec->env || (spec->worker ? !w : !spec->argv || !spec->argv[0])) {
		errno = EINVAL;
		return -1;
	}
	if (make_given(spec, &given) < 0)
		return -1;
	pid = w ? start_worker(sp, &given, w) : start_command(sp, &given);
	give_back(&given);
	return pid;
}
