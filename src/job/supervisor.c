/* Holds one running job at a time. Order of writes for a job: rc to blanks,
 * out and err emptied, the claim in meta, spawn, the pid in meta, and at the
 * end rc by one write before anybody is told. */
#include "job/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "job/message.h"
#include "job/spawn.h"

#define DEFAULT_GRACE (10 * NSEC_PER_SEC)
#define KILL_EVERY (NSEC_PER_SEC / 5)

struct supervisor {
	int socket, signals, meta, rc;
	struct spawn_setting set;
	struct job_meta who;
	struct job_result result;    /* of the job that runs or ran last */
	pid_t leader;                /* 0: none runs, or it has ended */
	bool busy;                   /* a job has not been reported yet */
	bool alone;                  /* the driver is gone */
	bool stopping;
	nsec kill_at;                /* mono */
};

static nsec
mono(void)
{
	return clock_mono(clock_real());
}

static nsec
wall(void)
{
	return clock_wall(clock_real());
}

/* ---- files of the slot */

static void
write_meta(struct supervisor *s)
{
	char line[META_WIDTH];

	job_meta_write(&s->who, line);
	if (pwrite(s->meta, line, sizeof line, 0) != (ssize_t)sizeof line)
		_exit(1);
}

static void
blank_rc(struct supervisor *s)
{
	char line[RC_WIDTH];

	memset(line, ' ', sizeof line);
	/* a slot that cannot be written starts nothing */
	if (pwrite(s->rc, line, sizeof line, 0) != (ssize_t)sizeof line)
		_exit(1);
}

static off_t
size_of(int fd)
{
	off_t n = lseek(fd, 0, SEEK_END);

	return n < 0 ? 0 : n;
}

static void
tell_driver(struct supervisor *s)
{
	struct message m = { .type = MESSAGE_DONE };

	m.result = s->result;
	if (!s->alone && send(s->socket, &m, sizeof m, MSG_NOSIGNAL) !=
	    (ssize_t)sizeof m)
		s->alone = true;
}

/* The job is over: on disk first, then the news of it. */
static void
finish(struct supervisor *s)
{
	char line[RC_WIDTH];

	s->result.out = size_of(s->set.out);
	s->result.err = size_of(s->set.err);
	if (s->result.end == 0)
		s->result.end = wall();
	job_rc_write(&s->result, s->who.nonce, line);
	if (pwrite(s->rc, line, sizeof line, 0) != (ssize_t)sizeof line)
		_exit(1);
	s->busy = false;
	s->stopping = false;
	tell_driver(s);
}

/* ---- starting */

static void
start(struct supervisor *s, const struct message *m, char *bytes)
{
	struct job_spec spec;
	void *block;
	int failed = 0;
	pid_t pid;

	if (s->busy || job_spec_unpack(bytes, m->len, &spec, &block) != 0)
		BUG("a driver sent what is no job");
	blank_rc(s);
	if (s->result.out != 0)
		s->result.out = ftruncate(s->set.out, 0);
	if (s->result.err != 0)
		s->result.err = ftruncate(s->set.err, 0);
	memset(&s->result, 0, sizeof s->result);
	memcpy(s->who.nonce, m->nonce, sizeof s->who.nonce);
	memset(&s->who.command, 0, sizeof s->who.command);
	s->who.begin = s->result.begin = wall();
	write_meta(s);
	s->busy = true;
	pid = spawn_job(&spec, &s->set, &failed);
	free(block);
	if (pid < 0) {
		s->result.outcome = JOB_NOT_EXECUTED;
		s->result.status = failed;
		finish(s);
		return;
	}
	s->leader = pid;
	s->who.command.pid = pid;
	s->who.command.start = process_start(pid);
	write_meta(s);
}

static int
receive(int fd, void *p, size_t n)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = recv(fd, (char *)p + got, n - got, 0);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return -1;
		got += (size_t)r;
	}
	return 0;
}

static void
begin_stop(struct supervisor *s, nsec grace);

static void
read_message(struct supervisor *s)
{
	struct message m;
	char *bytes;

	if (receive(s->socket, &m, sizeof m) != 0) {
		s->alone = true;
		return;
	}
	if (m.type == MESSAGE_STOP) {
		begin_stop(s, m.grace);
		return;
	}
	bytes = xmalloc((size_t)m.len + 1);
	/* half a job is no job: its driver died while it sent it */
	if (receive(s->socket, bytes, m.len) != 0)
		s->alone = true;
	else
		start(s, &m, bytes);
	explicit_bzero(bytes, m.len);
	free(bytes);
}

/* ---- stopping: everything below us, until nothing is left */

struct killing { int sig; };

static void
kill_tree(pid_t pid, void *ctx)
{
	struct killing *k = ctx;
	struct process p = { pid, process_start(pid) };

	process_children(pid, kill_tree, ctx);
	if (p.start != 0)
		process_signal(p, k->sig);
}

static void
signal_all(int sig)
{
	struct killing k = { sig };

	process_children(getpid(), kill_tree, &k);
}

static void
begin_stop(struct supervisor *s, nsec grace)
{
	if (!s->busy || s->stopping)
		return;
	s->stopping = true;
	s->kill_at = mono() + grace;
	signal_all(SIGTERM);
}

/* ---- ends */

static void
leader_ended(struct supervisor *s, int status)
{
	s->leader = 0;
	s->result.end = wall();
	if (s->stopping) {
		s->result.outcome = JOB_STOPPED;
	} else if (WIFSIGNALED(status)) {
		s->result.outcome = JOB_SIGNALED;
		s->result.status = WTERMSIG(status);
	} else {
		s->result.outcome = JOB_EXITED;
		s->result.status = WEXITSTATUS(status);
	}
}

/* Takes every child that has ended. Are there living ones left? */
static bool
reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == s->leader)
			leader_ended(s, status);
	return pid == 0;
}

static void
look_after(struct supervisor *s)
{
	bool left = reap(s);

	if (!s->busy || s->leader != 0 || (s->stopping && left))
		return;
	s->result.left_behind = left;
	finish(s);
}

/* ---- the loop */

static int
next_timeout(const struct supervisor *s)
{
	nsec left = s->kill_at - mono();

	if (!s->stopping)
		return -1;
	return left <= 0 ? 0 : (int)(left / 1000000) + 1;
}

static void
go_on_stopping(struct supervisor *s)
{
	if (!s->stopping || mono() < s->kill_at)
		return;
	signal_all(SIGKILL);
	s->kill_at = mono() + KILL_EVERY;
}

static void
read_signals(struct supervisor *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof info) == sizeof info)
		if (info.ssi_signo == SIGTERM)
			begin_stop(s, DEFAULT_GRACE);
}

static void
turn(struct supervisor *s)
{
	struct pollfd p[] = {
		{ .fd = s->alone ? -1 : s->socket, .events = POLLIN },
		{ .fd = s->signals, .events = POLLIN },
	};

	if (poll(p, 2, next_timeout(s)) < 0 && errno != EINTR)
		_exit(1);
	if (p[1].revents != 0)
		read_signals(s);
	if (p[0].revents != 0)
		read_message(s);
	look_after(s);
	go_on_stopping(s);
}

/* Only our own descriptors stay; 0-2 are /dev/null. */
static void
close_others(const struct supervisor_setup *setup)
{
	long max = sysconf(_SC_OPEN_MAX);
	int fd, null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (fd = 0; fd < 3; fd++)
		dup2(null, fd);
	/* few are open, and they are low: the fork was of a small program */
	for (fd = 3; fd < (max < 1024 ? (int)max : 1024); fd++)
		if (fd != setup->slot_fd && fd != setup->lock_fd &&
		    fd != setup->socket_fd)
			close(fd);
	close_range(1024, ~0U, 0);
}

static int
open_file(const struct supervisor_setup *setup, const char *name, int flags)
{
	int fd = openat(setup->slot_fd, name, flags | O_CREAT | O_CLOEXEC |
	    O_NOFOLLOW, 0600);

	if (fd < 0)
		_exit(1);
	return fd;
}

static void
setup_signals(struct supervisor *s)
{
	static const int ignored[] = { SIGHUP, SIGPIPE, SIGINT, SIGQUIT };
	sigset_t set;
	size_t i;

	for (i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_SETMASK, &set, NULL);
	s->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

_Noreturn void
supervisor_main(const struct supervisor_setup *setup)
{
	struct supervisor s = { .socket = setup->socket_fd };

	setsid();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
#ifndef CAIRN_SANITIZED
	prctl(PR_SET_DUMPABLE, 0);
#endif
	prctl(PR_SET_NAME, "cairn-job");
	close_others(setup);
	setup_signals(&s);
	s.set.workers = setup->workers;
	s.set.core = setup->core;
	s.meta = open_file(setup, "meta", O_RDWR);
	s.rc = open_file(setup, "rc", O_RDWR);
	s.set.out = open_file(setup, "out", O_RDWR | O_APPEND);
	s.set.err = open_file(setup, "err", O_RDWR | O_APPEND);
	/* whatever stands there is of an earlier job */
	s.result.out = s.result.err = 1;
	snprintf(s.who.boot, sizeof s.who.boot, "%s",
	    clock_boot(clock_real()));
	s.who.supervisor.pid = getpid();
	s.who.supervisor.start = process_start(getpid());
	while (!s.alone || s.busy)
		turn(&s);
	_exit(0);
}
