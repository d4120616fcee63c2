#include "job/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process.h"
#include "base/xalloc.h"
#include "job/slot_files.h"
#include "job/spawn.h"
#include "job/tree.h"

/* Descriptors below are the jobs' own, while they are being made. */
#define FIRST_FD (JOB_SCRIPT_FD + 1)
#define KILL_EVERY (NSEC_PER_SEC / 50)
/* How long we wait for stragglers of a job that has ended, before they count
 * as left behind: the other end of a `> >(tee log)`. */
#define LINGER (NSEC_PER_SEC / 50)

struct supervisor {
	struct supervisor_setup setup;
	int signals;             /* signalfd: CHLD and TERM */
	volatile int *failed;    /* see spawn.h */

	/* the job */
	struct job_meta meta;
	struct job_result result;
	pid_t leader;
	bool ended;              /* the leader */
	bool childless;          /* nobody is left */
	bool stopping;
	struct tree told;        /* who got the TERM */
	nsec deadline;           /* mono: of the grace, or of lingering */
};

/* ---- becoming one */

/* To FIRST_FD and the following, so that the job's are free; whatever else the
 * driver had open goes. */
static void keep_descriptors(struct supervisor_setup *setup)
{
	int i;

	for (i = 0; i < FD_COUNT; i++)
		setup->fds[i] = fcntl(setup->fds[i], F_DUPFD,
		    FIRST_FD + FD_COUNT);
	for (i = 0; i < FD_COUNT; i++)
		setup->fds[i] = dup3(setup->fds[i], FIRST_FD + i, O_CLOEXEC);
	close_range(0, FIRST_FD - 1, 0);
	close_range(FIRST_FD + FD_COUNT, ~0U, 0);
	if (open("/dev/null", O_RDWR) != 0 || dup(0) != 1 || dup(0) != 2)
		_exit(1);
}

/* All blocked and none ignored: what arrives changes nothing, and a job that
 * is spawned has to set back its mask only. */
static int take_signals(void)
{
	sigset_t set;
	int sig, fd, high;

	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	for (sig = 1; sig <= SIGRTMAX; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	high = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD);
	close(fd);
	return high;
}

static void become(struct supervisor *s)
{
	pid_t self = getpid();

	setsid();
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	prctl(PR_SET_NAME, "cairn-slot", 0, 0, 0);
	/* the jobs inherit these; we make no files and cannot be dumped */
	umask(022);
	setrlimit(RLIMIT_CORE, &s->setup.core);
	keep_descriptors(&s->setup);
	s->signals = take_signals();
	s->failed = mmap(NULL, sizeof *s->failed, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->signals < 0 || s->failed == MAP_FAILED || chdir("/") < 0)
		_exit(1);
	s->meta.supervisor.pid = self;
	s->meta.supervisor.start = process_start(self);
	strcpy(s->meta.boot, clock_boot(clock_real()));
}

/* ---- stopping */

static void stop(struct supervisor *s, nsec grace)
{
	nsec deadline = clock_mono(clock_real()) + grace;

	if (s->stopping && deadline >= s->deadline)
		return;
	s->deadline = deadline;
	if (s->stopping)
		return;
	s->stopping = true;
	tree_signal(SIGTERM, &s->told);
	/* who is suspended cannot obey */
	tree_signal(SIGCONT, NULL);
}

/* What the leader starts when it is told to stop is its way to clean up. What
 * is there when it is gone was born while the others were told. */
static void tell_the_rest(struct supervisor *s)
{
	if (s->stopping && s->ended)
		tree_signal(SIGTERM, &s->told);
}

static void deadline_passed(struct supervisor *s)
{
	if (!s->stopping)
		return;
	/* again and again: between the look and the signal some may fork */
	tree_signal(SIGKILL, NULL);
	s->deadline = clock_mono(clock_real()) + KILL_EVERY;
}

/* ---- while the job runs */

static void leader_ended(struct supervisor *s, int status)
{
	struct job_result *r = &s->result;

	s->ended = true;
	r->end = clock_wall(clock_real());
	if (*s->failed) {
		r->outcome = JOB_NOT_EXECUTED;
		r->status = *s->failed;
	} else if (s->stopping) {
		r->outcome = JOB_STOPPED;
	} else if (WIFSIGNALED(status)) {
		r->outcome = JOB_SIGNALED;
		r->status = WTERMSIG(status);
	} else {
		r->outcome = JOB_EXITED;
		r->status = WEXITSTATUS(status);
	}
}

static void reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == s->leader)
			leader_ended(s, status);
	}
	s->childless = pid < 0 && errno == ECHILD;
	if (s->ended && !s->childless && !s->stopping && s->deadline < 0)
		s->deadline = clock_mono(clock_real()) + LINGER;
}

/* Returns whether somebody wants the job to be stopped. */
static bool read_signals(const struct supervisor *s)
{
	struct signalfd_siginfo info[2];
	ssize_t n = read(s->signals, info, sizeof info), i;

	for (i = 0; i < n / (ssize_t)sizeof *info; i++) {
		if (info[i].ssi_signo == SIGTERM)
			return true;
	}
	return false;
}

/* -1: the driver is gone, which is no business of a job that runs. */
static int read_stop(struct supervisor *s)
{
	struct message m;
	ssize_t n = recv(s->setup.fds[FD_SOCKET], &m, sizeof m, MSG_WAITALL);

	if (n != (ssize_t)sizeof m)
		return -1;
	if (m.kind == MESSAGE_STOP && !s->ended)
		stop(s, m.grace);
	return 0;
}

static bool is_over(const struct supervisor *s)
{
	if (s->childless)
		return s->ended;
	return s->ended && !s->stopping &&
	    clock_mono(clock_real()) >= s->deadline;
}

static int poll_timeout(const struct supervisor *s)
{
	nsec left;

	if (s->deadline < 0)
		return -1;
	left = s->deadline - clock_mono(clock_real());
	return left <= 0 ? 0 : left > 1000 * NSEC_PER_SEC ? 1000000 :
	    (int)(left / 1000000) + 1;
}

static void wait_job(struct supervisor *s)
{
	struct pollfd p[2] = {
		{ s->signals, POLLIN, 0 },
		{ s->setup.fds[FD_SOCKET], POLLIN, 0 },
	};
	bool told = false;

	for (;;) {
		poll(p, 2, poll_timeout(s));
		if (p[0].revents)
			told = read_signals(s);
		/* an end that came before the wish to stop is the truth */
		reap(s);
		if (is_over(s))
			return;
		if (p[1].revents && read_stop(s) < 0)
			p[1].fd = -1;
		if (told && !s->ended)
			stop(s, SUPERVISOR_GRACE);
		told = false;
		tell_the_rest(s);
		if (poll_timeout(s) == 0)
			deadline_passed(s);
	}
}

/* ---- one job */

static int write_record(int fd, const char *text, size_t n)
{
	return pwrite(fd, text, n, 0) == (ssize_t)n ? 0 : -1;
}

static int claim(struct supervisor *s)
{
	char blanks[RC_WIDTH], text[META_WIDTH];

	memset(blanks, ' ', sizeof blanks);
	job_meta_write(&s->meta, text);
	if (write_record(s->setup.fds[FD_RC], blanks, sizeof blanks) < 0 ||
	    slot_empty(s->setup.fds[FD_OUT]) < 0 ||
	    slot_empty(s->setup.fds[FD_ERR]) < 0)
		return -1;
	return write_record(s->setup.fds[FD_META], text, sizeof text);
}

static off_t size_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 ? 0 : st.st_size;
}

static void finish(struct supervisor *s)
{
	struct job_result *r = &s->result;
	char text[RC_WIDTH];

	r->out = size_of(s->setup.fds[FD_OUT]);
	r->err = size_of(s->setup.fds[FD_ERR]);
	r->left_behind = s->leader > 0 && !s->childless;
	job_rc_write(r, s->meta.nonce, text);
	write_record(s->setup.fds[FD_RC], text, sizeof text);
	send(s->setup.fds[FD_SOCKET], r, sizeof *r, MSG_NOSIGNAL);
	vec_free(&s->told.members);
}

static void begin(struct supervisor *s, const char *nonce)
{
	memset(&s->result, 0, sizeof s->result);
	s->meta.command = (struct process){ 0 };
	s->meta.begin = s->result.begin = clock_wall(clock_real());
	memcpy(s->meta.nonce, nonce, sizeof s->meta.nonce);
	s->leader = -1;
	s->ended = s->childless = s->stopping = false;
	s->deadline = -1;
	*s->failed = 0;
	/* a wish to stop the job before this one is not about this one */
	read_signals(s);
}

static void start(struct supervisor *s, char *bytes, size_t n)
{
	struct job_spec spec;
	void *block = NULL;
	struct spawn sp = { &s->setup, &spec, &s->meta, s->failed };

	errno = EINVAL;
	if (job_spec_unpack(bytes, n, &spec, &block) == 0 && claim(s) == 0)
		s->leader = spawn_job(&sp);
	if (s->leader < 0) {
		s->result.outcome = JOB_NOT_EXECUTED;
		s->result.status = errno ? errno : EIO;
		s->result.end = clock_wall(clock_real());
	}
	free(block);
}

static bool receive(const struct supervisor *s, void *p, size_t n)
{
	return recv(s->setup.fds[FD_SOCKET], p, n, MSG_WAITALL) == (ssize_t)n;
}

_Noreturn void supervisor_main(const struct supervisor_setup *setup)
{
	struct supervisor s = { .setup = *setup };
	struct message m;
	char *bytes;

	become(&s);
	/* A driver that died may have left a START: it is read before the end
	 * of the stream is. */
	while (receive(&s, &m, sizeof m)) {
		if (m.kind != MESSAGE_START)
			continue;
		bytes = xmalloc(m.size + 1);
		if (!receive(&s, bytes, m.size))
			break;
		begin(&s, m.nonce);
		start(&s, bytes, m.size);
		/* commands have their copy, and so has a worker */
		explicit_bzero(bytes, m.size);
		free(bytes);
		if (s.leader > 0)
			wait_job(&s);
		finish(&s);
	}
	_exit(0);
}
