/* What a job gets, and how it ends. This program is also a command: with an
 * argument it says what it finds. */
#include "job_help.h"

#include <errno.h>
#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static struct place place;

/* ---- commands and workers */

static int print_fds(void)
{
	int fd;

	for (fd = 0; fd < 4096; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			printf("%d ", fd);
	}
	return 0;
}

static int print_setting(void)
{
	char line[256];
	FILE *f = fopen("/proc/self/status", "r");
	struct rlimit core;
	mode_t mask = umask(0);

	while (f && fgets(line, sizeof line, f)) {
		if (strncmp(line, "SigBlk", 6) == 0 ||
		    strncmp(line, "SigIgn", 6) == 0)
			printf("%s", line);
	}
	if (f)
		fclose(f);
	getrlimit(RLIMIT_CORE, &core);
	printf("umask %o session %d core %llu dumpable %d\n", (unsigned)mask,
	    getsid(0) == getpid(), (unsigned long long)core.rlim_cur,
	    prctl(PR_GET_DUMPABLE));
	return 0;
}

static int command(const char *what)
{
	return strcmp(what, "fds") == 0 ? print_fds() : print_setting();
}

static int echo(const char *request, size_t n)
{
	printf("%.*s", (int)n, request);
	fprintf(stderr, "talk");
	return 3;
}

static int crash(const char *request, size_t n)
{
	(void)request;
	(void)n;
	abort();
}

static int fds(const char *request, size_t n)
{
	(void)request;
	(void)n;
	return print_fds();
}

static int setting(const char *request, size_t n)
{
	char **e;

	(void)request;
	(void)n;
	for (e = environ; *e; e++)
		printf("%s\n", *e);
	printf("privs %d session %d dumpable %d\n",
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), getsid(0) == getpid(),
	    prctl(PR_GET_DUMPABLE));
	return 0;
}

static int reads(const char *request, size_t n)
{
	char c;

	(void)request;
	(void)n;
	while (read(0, &c, 1) == 1)
		putchar(c);
	return 0;
}

static const struct worker workers[] = {
	{ "echo", echo }, { "crash", crash }, { "fds", fds },
	{ "setting", setting }, { "reads", reads }, { NULL, NULL },
};

/* ---- what ran, in one line */

static void expect(const struct job_spec *spec, enum job_outcome outcome,
    int status, const char *out)
{
	struct ran ran;

	ran_all(&place, &ran, spec);
	if (ran.r.outcome != outcome || ran.r.status != status)
		fail_msg("%s: %d/%d, not %d/%d: %s", spec->argv ?
		    spec->argv[0] : spec->worker, ran.r.outcome, ran.r.status,
		    outcome, status, ran.err.data);
	if (out)
		assert_string_equal(ran.out.data, out);
	assert_false(ran.r.left_behind);
	assert_true(ran.r.begin <= ran.r.end && ran.r.begin > 0);
	ran_free(&ran);
}

static void expect_shell(const char *text, enum job_outcome outcome,
    int status, const char *out)
{
	const char *argv[4];
	struct job_spec spec = shell(argv, text);

	expect(&spec, outcome, status, out);
}

static char *own_path(void)
{
	static char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

	assert_true(n > 0);
	path[n] = '\0';
	return path;
}

/* ---- ends */

static void exit_statuses(void **state)
{
	char text[32];
	int i;

	(void)state;
	for (i = 0; i <= 255; i++) {
		snprintf(text, sizeof text, "exit %d", i);
		expect_shell(text, JOB_EXITED, i, "");
	}
}

static void signals(void **state)
{
	char text[64];
	int sig;

	(void)state;
	for (sig = 1; sig <= 64; sig++) {
		/* those that do not end a process, and libc's own */
		if (sig == SIGCHLD || sig == SIGCONT || sig == SIGSTOP ||
		    sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU ||
		    sig == SIGURG || sig == SIGWINCH || sig == 32 || sig == 33)
			continue;
		snprintf(text, sizeof text, "ulimit -c 0; kill -%d $$", sig);
		expect_shell(text, JOB_SIGNALED, sig, "");
	}
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	int fd = openat(place.fd, name, O_WRONLY | O_CREAT, 0600);

	assert_int_equal(write_all(fd, text, strlen(text)), 0);
	fchmod(fd, mode);
	close(fd);
}

static void cannot_be_executed(void **state)
{
	static const struct { const char *name; int error; } rows[] = {
		{ "/no/such", ENOENT }, { "no-such-program", ENOENT },
		{ "", ENOENT }, { "plain", EACCES }, { "./plain", EACCES },
		{ "/", EACCES }, { "bad", ENOENT }, { "./bad", ENOENT },
		{ "text", ENOEXEC }, { "./text", ENOEXEC },
		{ "./plain/x", ENOTDIR },
	};
	char path[128];
	const char *env[] = { path, NULL };
	const char *argv[] = { NULL, NULL };
	struct job_spec spec = { .argv = argv, .env = env,
	    .cwd = place.path };
	size_t i;

	(void)state;
	snprintf(path, sizeof path, "PATH=:relative:/no/such:/etc/passwd:%s",
	    place.path);
	write_file("plain", "#!/bin/sh\n", 0600);
	write_file("bad", "#!/no/such/interpreter\n", 0700);
	write_file("text", "no program\n", 0700);
	for (i = 0; i < COUNT(rows); i++) {
		argv[0] = rows[i].name;
		expect(&spec, JOB_NOT_EXECUTED, rows[i].error, "");
	}
	/* relative entries of PATH do not count */
	snprintf(path, sizeof path, "PATH=.::");
	argv[0] = "bad";
	expect(&spec, JOB_NOT_EXECUTED, ENOENT, "");
	expect_shell("exit 127", JOB_EXITED, 127, "");
	expect_shell("/no/such 2>&-", JOB_EXITED, 127, "");
}

static void bad_specs(void **state)
{
	const char *argv[4], *none[] = { NULL };
	struct job_spec s = shell(argv, "pwd"), bad;

	(void)state;
	bad = s;
	bad.cwd = "/no/such";
	expect(&bad, JOB_NOT_EXECUTED, ENOENT, "");
	bad.cwd = "/etc/passwd";
	expect(&bad, JOB_NOT_EXECUTED, ENOTDIR, "");
	bad = s;
	bad.argv = none;
	expect(&bad, JOB_NOT_EXECUTED, EINVAL, "");
	bad = s;
	bad.env = NULL;
	expect(&bad, JOB_NOT_EXECUTED, EINVAL, "");
	bad = (struct job_spec){ .worker = "nobody", .env = none };
	expect(&bad, JOB_NOT_EXECUTED, EINVAL, "");
	expect(&s, JOB_EXITED, 0, "/\n");
	s.cwd = "/tmp";
	expect(&s, JOB_EXITED, 0, "/tmp\n");
}

/* ---- what it is given */

static void environment(void **state)
{
	const char *argv[] = { "env", NULL }, *none[] = { NULL };
	const char *env[] = { "A=1", "PATH=/no/such:/usr/bin:/bin",
	    "B=two words", "C=", NULL };
	struct job_spec spec = { .argv = argv, .env = env };

	(void)state;
	setenv("LEAK", "x", 1);
	expect(&spec, JOB_EXITED, 0,
	    "A=1\nPATH=/no/such:/usr/bin:/bin\nB=two words\nC=\n");
	spec.env = none;
	expect(&spec, JOB_EXITED, 0, "");
}

static void descriptors(void **state)
{
	const char *argv[] = { own_path(), "fds", NULL };
	struct job_spec spec = { .argv = argv, .env = job_env };

	(void)state;
	expect(&spec, JOB_EXITED, 0, "0 1 2 ");
	spec.script = "x";
	spec.script_len = 1;
	expect(&spec, JOB_EXITED, 0, "0 1 2 9 ");
	spec.input = "x";
	spec.input_len = 1;
	expect(&spec, JOB_EXITED, 0, "0 1 2 9 ");
	spec.input_secret = true;
	expect(&spec, JOB_EXITED, 0, "0 1 2 9 ");
	spec.script = NULL;
	expect(&spec, JOB_EXITED, 0, "0 1 2 ");
	expect_shell("readlink /proc/self/fd/0; cat", JOB_EXITED, 0,
	    "/dev/null\n");
}

/* Whatever the driver ignores, blocks or limits for itself. */
/* The two signals that glibc keeps for itself (32 and 33) cannot be reset by
 * anybody: they are as whoever started the test left them. */
static unsigned long long kept_by_libc(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	unsigned long long ignored = 0;
	char line[256];

	while (f && fgets(line, sizeof line, f))
		sscanf(line, "SigIgn: %llx", &ignored);
	if (f)
		fclose(f);
	return ignored & 0x180000000;
}

static void process_setting(void **state)
{
	const char *argv[] = { own_path(), "setting", NULL };
	struct job_spec spec = { .argv = argv, .env = job_env };
	struct rlimit core, mine;
	sigset_t set, old;
	char want[256];
	mode_t mask = umask(077);

	(void)state;
	getrlimit(RLIMIT_CORE, &core);
	place_again(&place, workers);
	mine = core;
	mine.rlim_cur = core.rlim_cur ? 0 : core.rlim_cur;
	setrlimit(RLIMIT_CORE, &mine);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &old);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	snprintf(want, sizeof want, "SigBlk:\t0000000000000000\n"
	    "SigIgn:\t%016llx\n"
	    "umask 22 session 1 core %llu dumpable 1\n", kept_by_libc(),
	    (unsigned long long)core.rlim_cur);
	expect(&spec, JOB_EXITED, 0, want);
	signal(SIGHUP, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &old, NULL);
	setrlimit(RLIMIT_CORE, &core);
	umask(mask);
}

/* A mebibyte of everything. */
#define LARGE (1 << 20)
static void large_input(void **state)
{
	char *large = malloc(LARGE);
	const char *argv[4];
	struct job_spec spec = shell(argv, "cat");
	struct ran ran;
	size_t i;

	(void)state;
	for (i = 0; i < LARGE; i++)
		large[i] = (char)(i * 7 + i / 256);
	spec.input = large;
	spec.input_len = LARGE;
	ran_all(&place, &ran, &spec);
	assert_int_equal(ran.r.out, LARGE);
	assert_memory_equal(ran.out.data, large, LARGE);
	ran_free(&ran);
	/* nobody can change it, and a second reader sees it from its start */
	spec.input = "abc\n";
	spec.input_len = 4;
	argv[2] = "(echo x >/proc/self/fd/0) 2>/dev/null && echo wrote; "
	    "read a; echo $a; cat /proc/self/fd/0";
	expect(&spec, JOB_EXITED, 0, "abc\nabc\n");
	free(large);
}

static void large_script(void **state)
{
	static const char line[] = "x=$((${x:-0}+1))\n";
	static const char *const argv[] = { "/bin/sh", "/dev/fd/9", NULL };
	struct job_spec spec = { .argv = argv, .env = job_env };
	struct buf text = BUF_INIT(2 * LARGE);
	char want[32];
	int n = 0;

	(void)state;
	for (; text.len < LARGE; n++)
		buf_adds(&text, line);
	buf_adds(&text, "echo $x; cat\n");
	spec.script = text.data;
	spec.script_len = text.len;
	snprintf(want, sizeof want, "%d\n", n);
	expect(&spec, JOB_EXITED, 0, want);
	buf_free(&text);
}

static void large_argv(void **state)
{
	const char *argv[20] = { "/bin/sh", "-c", "echo $# ${#16}", "sh" };
	struct job_spec spec = { .argv = argv, .env = job_env };
	char *word = malloc(65537), *huge = malloc(200001);
	int i;

	(void)state;
	memset(word, 'w', 65536);
	word[65536] = '\0';
	for (i = 4; i < 20; i++)
		argv[i] = word;
	argv[19] = NULL;
	argv[2] = "echo $# ${#15}";
	expect(&spec, JOB_EXITED, 0, "15 65536\n");
	memset(huge, 'h', 200000);
	huge[200000] = '\0';
	argv[5] = huge;
	expect(&spec, JOB_NOT_EXECUTED, E2BIG, "");
	free(word);
	free(huge);
}

/* ---- secrets */

#define SECRET "correct-horse-battery-staple"

static bool file_has(const char *path, const char *text)
{
	struct buf b = BUF_INIT(16 << 20);
	struct err err = ERR_INIT;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	bool found;

	if (fd >= 0) {
		file_read_fd(fd, path, &b, &err);
		close(fd);
	}
	found = memmem(b.data, b.len, text, strlen(text)) != NULL;
	buf_free(&b);
	err_free(&err);
	return found;
}

static const char *wanted;

static int look(const char *path, const struct stat *st, int type,
    struct FTW *f)
{
	(void)st;
	(void)f;
	if (type == FTW_F && file_has(path, wanted))
		fail_msg("it stands in %s", path);
	return 0;
}

static void no_file_has(const char *text)
{
	glob_t g;
	size_t i;

	wanted = text;
	assert_int_equal(nftw(place.path, look, 16, FTW_PHYS), 0);
	assert_int_equal(glob("/proc/[0-9]*/cmdline", 0, NULL, &g), 0);
	assert_int_equal(glob("/proc/[0-9]*/environ", GLOB_APPEND, NULL, &g),
	    0);
	for (i = 0; i < g.gl_pathc; i++)
		assert_false(file_has(g.gl_pathv[i], text));
	globfree(&g);
}

static void secret_input(void **state)
{
	const char *argv[4];
	struct job_spec spec = shell(argv,
	    "read -r x; echo got; sleep 600 & wait; echo ${#x}");
	struct ran ran;
	char *most = malloc(JOB_SECRET_MAX + 1);

	(void)state;
	spec.input = SECRET "\n";
	spec.input_len = strlen(spec.input);
	spec.input_secret = true;
	ran_start(&place, &ran, &spec);
	WAIT_FOR(&place, has_lines(&place, &ran, 1));
	no_file_has(SECRET);
	slot_stop(ran.slot, 0);
	WAIT_FOR(&place, ran.over);
	no_file_has(SECRET);
	slot_release(ran.slot);
	ran_free(&ran);

	memset(most, 'm', JOB_SECRET_MAX + 1);
	argv[2] = "wc -c";
	spec.input = most;
	spec.input_len = JOB_SECRET_MAX;
	expect(&spec, JOB_EXITED, 0, "65536\n");
	spec.input_len++;
	expect(&spec, JOB_NOT_EXECUTED, EFBIG, "");
	spec.input_len = 0;
	expect(&spec, JOB_EXITED, 0, "0\n");
	free(most);
}

/* ---- workers */

static void run_workers(void **state)
{
	static const char *const env[] = { "A=1", "TZ=UTC", NULL };
	struct job_spec spec = { .worker = "echo", .request = "{\"a\":1}",
	    .request_len = 7, .env = env };
	struct ran ran;

	(void)state;
	/* what the driver has not printed yet is not printed by a worker */
	printf("unprinted, ");
	ran_all(&place, &ran, &spec);
	assert_int_equal(ran.r.outcome, JOB_EXITED);
	assert_int_equal(ran.r.status, 3);
	assert_string_equal(ran.out.data, "{\"a\":1}");
	assert_string_equal(ran.err.data, "talk");
	ran_free(&ran);
	spec.worker = "crash";
	expect(&spec, JOB_SIGNALED, SIGABRT, "");
	spec.worker = "fds";
	expect(&spec, JOB_EXITED, 0, "0 1 2 ");
	spec.worker = "setting";
	expect(&spec, JOB_EXITED, 0,
	    "A=1\nTZ=UTC\nprivs 1 session 1 dumpable 0\n");
	spec.worker = "reads";
	expect(&spec, JOB_EXITED, 0, "");
	spec.input = "secret";
	spec.input_len = 6;
	spec.input_secret = true;
	expect(&spec, JOB_EXITED, 0, "secret");
	spec.cwd = "/no/such";
	expect(&spec, JOB_NOT_EXECUTED, ENOENT, "");
}

static int open_place(void **state)
{
	(void)state;
	place_open(&place, workers);
	return 0;
}

static int close_place(void **state)
{
	(void)state;
	place_close(&place);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exit_statuses),
		cmocka_unit_test(signals),
		cmocka_unit_test(cannot_be_executed),
		cmocka_unit_test(bad_specs),
		cmocka_unit_test(environment),
		cmocka_unit_test(descriptors),
		cmocka_unit_test(process_setting),
		cmocka_unit_test(large_input),
		cmocka_unit_test(large_script),
		cmocka_unit_test(large_argv),
		cmocka_unit_test(secret_input),
		cmocka_unit_test(run_workers),
	};

	if (argc > 1)
		return command(argv[1]);
	return cmocka_run_group_tests(tests, open_place, close_place);
}
