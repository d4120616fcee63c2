#include "journal_tmp.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/wait.h>

#include "journal/rundir.h"
#include "journal/runs.h"
#include "journal/safedir.h"

static struct rundir *create(struct tmp *t, const char *name)
{
	struct err err = ERR_INIT;
	struct rundir *r = rundir_create(t->path, name, &t->clock, &err);

	if (!r)
		fail_msg("%s", err.text);
	return r;
}

static void refuse_open(const struct tmp *t, const char *run, const char *why)
{
	struct err err = ERR_INIT;

	assert_null(rundir_open(t->path, run, &err));
	assert_error(&err, why);
}

static void creates_and_opens(void **state)
{
	struct tmp *t = *state;
	struct err err = ERR_INIT;
	struct rundir *r = create(t, "move-x"), *again;
	struct stat st;

	assert_int_equal(strncmp(r->id, "move-x-20261124-0102-", 21), 0);
	assert_true(run_id_valid(r->id));
	assert_int_equal(stat(r->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(fstat(r->log_fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(fstatat(r->fd, "lock", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	again = rundir_open(t->path, r->id, &err);
	assert_non_null(again);
	assert_string_equal(again->id, r->id);
	assert_string_equal(again->path, r->path);
	rundir_close(again);
	again = rundir_open(t->path, "move", &err);
	assert_non_null(again);
	rundir_close(again);
	assert_false(rundir_is_network(r));
	rundir_close(r);
}

/* Among 800 of one minute two get the same four digits, all but surely. */
static void many_in_a_minute(void **state)
{
	struct tmp *t = *state;
	nsec now = t->now;
	int i;

	for (i = 0; i < 800; i++) {
		t->now = now;
		rundir_close(create(t, "busy"));
	}
}

static void names(void **state)
{
	static const char *const bad[] = {
		"", "-x", "A", "a_b", "a.b", "../x", "a/b", "a b", "\xc3\xa9",
		("01234567890123456789012345678901234567890123456789"
		"012345678901234"),
	};
	static const char *const bad_ids[] = {
		"", "x", "-20261124-0102-abcd", "a-20261124-0102-abcg",
		"a-2026112x-0102-abcd", "a-20261124-0102-abcde",
		".a-20261124-0102-abcd", "a/-20261124-0102-abcd",
	};
	struct tmp *t = *state;
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_null(rundir_create(t->path, bad[i], &t->clock, &err));
		assert_error(&err, "not a name for a run");
	}
	for (i = 0; i < sizeof bad_ids / sizeof *bad_ids; i++)
		assert_false(run_id_valid(bad_ids[i]));
	assert_true(run_id_valid("a-20261124-0102-abcd"));
	assert_true(run_id_valid("a-b-20261124-0102-0000"));
}

static void words(void **state)
{
	static const char *const bad[] = {
		"", ".", "..", "/", "../x", "m/../m", "nope", "m\n", "\x1b[2J",
		"move-x/", "%", "*",
	};
	struct tmp *t = *state;
	struct rundir *a = create(t, "move-x"), *b = create(t, "move-y");
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		refuse_open(t, bad[i], "no run begins with");
	refuse_open(t, "move", "2 runs begin with 'move'");
	rundir_close(a);
	rundir_close(b);
}

static void free_ids(char **ids, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(ids[i]);
	free(ids);
}

static void lists(void **state)
{
	struct tmp *t = *state;
	struct err err = ERR_INIT;
	struct rundir *r[6];
	char **ids, junk[200];
	size_t n, i;

	assert_int_equal(rundir_list(t->path, &ids, &n, &err), 0);
	assert_int_equal(n, 0);
	free_ids(ids, n);
	for (i = 0; i < 6; i++) {
		/* a name that sorts last is made first; three in a minute */
		r[i] = create(t, i % 2 ? "b" : "c");
		t->now += i == 2 ? 3600 * NSEC_PER_SEC : 0;
		usleep(20000);
	}
	snprintf(junk, sizeof junk, "%s/runs/junk", t->path);
	assert_int_equal(mkdir(junk, 0700), 0);
	snprintf(junk, sizeof junk, "%s/runs/.a-20261124-0102-abcd", t->path);
	assert_int_equal(mkdir(junk, 0700), 0);
	assert_int_equal(rundir_list(t->path, &ids, &n, &err), 0);
	assert_int_equal(n, 6);
	for (i = 0; i < 6; i++) {
		assert_string_equal(ids[i], r[i]->id);
		rundir_close(r[i]);
	}
	free_ids(ids, n);
}

/* A process that asks about the lock and tries to take it. */
static int other_process(const struct tmp *t, const char *id)
{
	struct err err = ERR_INIT;
	struct rundir *r;
	int holder = 0, got, status;
	pid_t pid = fork();

	if (pid == 0) {
		r = rundir_open(t->path, id, &err);
		if (!r)
			_exit(9);
		holder = rundir_lock_holder(r);
		got = rundir_lock(r, &holder, &err);
		if (got == 0 && holder != getppid())
			_exit(8);
		if (got == 1 && rundir_lock_holder(r) != getpid())
			_exit(7);
		_exit(got);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void locks(void **state)
{
	struct tmp *t = *state;
	struct rundir *r = create(t, "x");
	struct err err = ERR_INIT;
	char *id = xstrdup(r->id);
	int holder = 0, status;
	pid_t pid;

	assert_int_equal(rundir_lock_holder(r), 0);
	assert_int_equal(other_process(t, id), 1);
	assert_int_equal(rundir_lock(r, &holder, &err), 1);
	assert_int_equal(rundir_lock_holder(r), getpid());
	assert_int_equal(other_process(t, id), 0);
	/* A fork has the descriptor and not the lock. */
	pid = fork();
	if (pid == 0)
		_exit(rundir_lock_holder(r) == getppid() ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(other_process(t, id), 0);
	rundir_close(r);
	assert_int_equal(other_process(t, id), 1);
	free(id);
}

static void planted(void **state)
{
	struct tmp *t = *state;
	struct rundir *r = create(t, "x");
	char *id = xstrdup(r->id);
	int fd = dup(r->fd);

	rundir_close(r);
	unlinkat(fd, "lock", 0);
	refuse_open(t, id, "cannot open the lock");
	assert_int_equal(symlinkat("/etc/passwd", fd, "lock"), 0);
	refuse_open(t, id, "symbolic link");
	unlinkat(fd, "lock", 0);
	assert_int_equal(mkfifoat(fd, "lock", 0600), 0);
	refuse_open(t, id, "not a regular file");
	unlinkat(fd, "lock", 0);
	tmp_write(fd, "lock", "", 0);
	assert_int_equal(fchmodat(fd, "inbox", 0730, 0), 0);
	refuse_open(t, id, "inbox can be written by others");
	assert_int_equal(fchmodat(fd, "inbox", 0700, 0), 0);
	unlinkat(fd, "log", AT_REMOVEDIR);
	assert_int_equal(symlinkat("/tmp", fd, "log"), 0);
	refuse_open(t, id, "log is not a directory");
	unlinkat(fd, "log", 0);
	refuse_open(t, id, "cannot open log");
	assert_int_equal(mkdirat(fd, "log", 0700), 0);
	assert_int_equal(fchmod(fd, 0707), 0);
	refuse_open(t, id, "can be written by others");
	assert_int_equal(fchmod(fd, 0700), 0);
	if (geteuid() == 0) {
		assert_int_equal(fchown(fd, 12345, 0), 0);
		refuse_open(t, id, "belongs to uid 12345");
	}
	close(fd);
	free(id);
}

static void runs_is_a_link(void **state)
{
	struct tmp *t = *state;
	struct err err = ERR_INIT;
	struct rundir *r = create(t, "x");
	char **ids;
	size_t n;

	rundir_close(r);
	assert_int_equal(renameat(t->fd, "runs", t->fd, "away"), 0);
	assert_int_equal(symlinkat("away", t->fd, "runs"), 0);
	assert_int_equal(rundir_list(t->path, &ids, &n, &err), -1);
	assert_error(&err, "runs is not a directory");
	assert_null(rundir_create(t->path, "x", &t->clock, &err));
	err_free(&err);
}

/* Modes of a directory and of the one above, for us: 0 taken, -1 refused.
 * F3 asks more of root. */
static void safe_directories(void **state)
{
	static const struct {
		mode_t parent, dir;
		int root, user;
	} rows[] = {
		{ 0755, 0700, 0, 0 }, { 0755, 0755, 0, 0 },
		{ 0711, 0700, 0, 0 }, { 01777, 0700, 0, 0 },
		{ 01777, 0755, 0, 0 }, { 0777, 0700, -1, -1 },
		{ 0755, 0777, -1, -1 }, { 0755, 01777, -1, -1 },
		{ 0775, 0700, -1, 0 }, { 0755, 0770, -1, 0 },
	};
	struct tmp *t = *state;
	struct err err = ERR_INIT;
	char path[100];
	size_t i;
	int fd;

	snprintf(path, sizeof path, "%s/p/d", t->path);
	assert_int_equal(mkdirat(t->fd, "p", 0700), 0);
	assert_int_equal(mkdirat(t->fd, "p/d", 0700), 0);
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(fchmodat(t->fd, "p", rows[i].parent, 0), 0);
		assert_int_equal(fchmodat(t->fd, "p/d", rows[i].dir, 0), 0);
		fd = safedir_open(path, &err);
		if ((fd < 0 ? -1 : 0) !=
		    (geteuid() ? rows[i].user : rows[i].root))
			fail_msg("row %zu", i);
		if (fd >= 0)
			close(fd);
		else
			assert_error(&err, "can be written by others");
	}
	assert_int_equal(fchmodat(t->fd, "p", 0700, 0), 0);
	assert_int_equal(fchmodat(t->fd, "p/d", 0700, 0), 0);
	if (geteuid() == 0) {
		assert_int_equal(fchownat(t->fd, "p", 12345, 0, 0), 0);
		assert_int_equal(safedir_open(path, &err), -1);
		assert_error(&err, "belongs to uid 12345");
	}
	assert_int_equal(safedir_open("/nowhere/at/all", &err), -1);
	assert_error(&err, "cannot open");
	fd = safedir_open("/", &err);
	assert_true(fd >= 0);
	close(fd);
}

static void expect_state(const char *wanted)
{
	struct err err = ERR_INIT;
	char *got = state_dir(&err);

	assert_string_equal(got, wanted);
	free(got);
}

static void state_directory(void **state)
{
	const struct passwd *pw = getpwuid(geteuid());
	struct err err = ERR_INIT;
	char ours[300];

	(void)state;
	snprintf(ours, sizeof ours, "%s/.local/state/cairn", pw->pw_dir);
	unsetenv("SUDO_UID");
	setenv("CAIRN_STATE", "/a", 1);
	setenv("XDG_STATE_HOME", "/b", 1);
	setenv("HOME", "/c", 1);
	expect_state("/a");
	setenv("SUDO_UID", "1000", 1);
	expect_state(ours);
	unsetenv("SUDO_UID");
	setenv("CAIRN_STATE", "relative", 1);
	assert_null(state_dir(&err));
	assert_error(&err, "not absolute");
	setenv("CAIRN_STATE", "", 1);
	expect_state("/b/cairn");
	setenv("XDG_STATE_HOME", "b", 1);
	expect_state("/c/.local/state/cairn");
	unsetenv("HOME");
	expect_state(ours);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TMP_TEST(creates_and_opens), TMP_TEST(many_in_a_minute),
		TMP_TEST(names), TMP_TEST(words),
		TMP_TEST(lists), TMP_TEST(locks), TMP_TEST(planted),
		TMP_TEST(runs_is_a_link), TMP_TEST(safe_directories),
		cmocka_unit_test(state_directory),
	};

	return cmocka_run_group_tests_name("journal_rundir", tests, NULL,
	    NULL);
}
