/* Starting the process that executes a run. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "cli/cli.h"
#include "journal/rundir.h"
#include "journal/vfs.h"

static int
drive(const struct cli_run *r, const struct driver_wish *wish,
    struct err *err)
{
	struct drive d = {
		.dir = r->dir, .book = r->book, .facts = &r->facts,
		.vfs = vfs_real(), .clock = clock_real(),
		.until = wish->until, .resume = wish->resume,
	};

	return run_drive(&d, err);
}

/* What only a driver in trouble says goes into the run's directory: it has no
 * terminal. */
static void
leave_terminal(const struct rundir *dir)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int out = openat(dir->fd, "driver.log", O_WRONLY | O_CREAT | O_APPEND |
	    O_NOFOLLOW | O_CLOEXEC, 0600);

	setsid();
	dup2(null, 0);
	dup2(out >= 0 ? out : null, 1);
	dup2(out >= 0 ? out : null, 2);
	if (null > 2)
		close(null);
	if (out > 2)
		close(out);
}

static _Noreturn void
driver_process(const struct cli_run *r, const struct driver_wish *wish,
    int ready)
{
	struct err err = ERR_INIT;
	int holder, locked, status;

	leave_terminal(r->dir);
	locked = rundir_lock(r->dir, &holder, &err);
	if (locked == 1) {
		/* only now may whoever started us look for a driver */
		if (write(ready, "1", 1) != 1)
			_exit(EXIT_UNKNOWN);
		close(ready);
		status = drive(r, wish, &err);
	} else {
		status = EXIT_HELD;
		if (write(ready, locked == 0 ? "0" : "e", 1) != 1)
			_exit(EXIT_UNKNOWN);
	}
	if (err.set)
		cli_fail(&err);
	_exit(status);
}

int
cli_driver_start(const struct cli_run *r, const struct driver_wish *wish,
    struct err *err)
{
	char answer = 'e';
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return err_errno(err, "a pipe to the driver");
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		driver_process(r, wish, fds[1]);
	}
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return err_errno(err, "the driver's process");
	}
	while (read(fds[0], &answer, 1) < 0 && errno == EINTR)
		continue;
	close(fds[0]);
	if (answer == 'e')
		return err_set(err, "the driver could not start; %s/driver.log "
		    "may say why", r->dir->path);
	return answer == '1';
}

/* The lines come from a viewer beside it; the driver is this process. */
int
cli_driver_here(const struct cli_run *r, const struct driver_wish *wish,
    struct err *err)
{
	int holder, locked = rundir_lock(r->dir, &holder, err), status;
	pid_t viewer;

	if (locked < 0)
		return -1;
	if (locked == 0) {
		err_set(err, "the run is held by another driver (%d)", holder);
		return EXIT_HELD;
	}
	fflush(NULL);
	viewer = fork();
	if (viewer == 0) {
		struct view view = { true, false, 0, NULL };

		signal(SIGINT, SIG_IGN);
		_exit(cli_view(r->dir, &view));
	}
	status = drive(r, wish, err);
	close(r->dir->lock_fd);
	r->dir->lock_fd = -1;
	if (viewer > 0)
		waitpid(viewer, NULL, 0);
	return status;
}
