/* What a later driver finds: each verdict, with real processes and with files
 * that somebody prepared. No signal ever goes to a stranger. */
#include "job_help.h"

#include <sys/file.h>
#include <sys/prctl.h>

#define BOOT clock_boot(clock_real())
#define OTHER_BOOT "00000000-0000-0000-0000-000000000000"
#define NONCE "0123456789abcdef0123456789abcdef"

static struct place place;

/* ---- a driver that is gone */

/* Starts the job in a process of its own that is dead when this returns. */
static void orphaned_start(struct ran *ran, const char *text, bool start)
{
	const char *argv[4];
	struct job_spec spec = shell(argv, text);
	struct err err = ERR_INIT;
	int pipe_fds[2];
	pid_t pid;

	memset(ran, 0, sizeof *ran);
	buf_init(&ran->out, 1 << 20);
	buf_init(&ran->err, 1 << 20);
	nonce_make(ran->nonce);
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		struct slot *slot;

		place_again(&place, NULL);
		slot = slots_take(place.slots, ran_done, ran, &err);
		if (!slot || (start && slot_start(slot, &spec, ran->nonce,
		    &err) != 0))
			_exit(1);
		ran->number = slot_number(slot);
		write_all(pipe_fds[1], &ran->number, sizeof ran->number);
		kill(getpid(), SIGKILL);
	}
	close(pipe_fds[1]);
	assert_int_equal(read(pipe_fds[0], &ran->number,
	    sizeof ran->number), sizeof ran->number);
	close(pipe_fds[0]);
	waitpid(pid, NULL, 0);
}

static struct job_result ended(struct ran *ran)
{
	struct err err = ERR_INIT;
	struct job_result r = { 0 };

	WAIT_FOR(&place, verdict(&place, ran, &r) == SLOT_ENDED);
	buf_reset(&ran->out);
	assert_int_equal(slot_read(place.slots, ran->number, 1, 0, r.out,
	    &ran->out, &err), 0);
	return r;
}

static void the_driver_dies(void **state)
{
	struct job_result r;
	struct ran ran;
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		/* nobody may have read the START yet */
		orphaned_start(&ran, "sleep 0.02; echo done; exit 9", true);
		r = ended(&ran);
		assert_int_equal(r.outcome, JOB_EXITED);
		assert_int_equal(r.status, 9);
		assert_string_equal(ran.out.data, "done\n");
		WAIT_FOR(&place, slot_is_free(place.fd, ran.number));
		assert_int_equal(verdict(&place, &ran, &r), SLOT_ENDED);
		ran_free(&ran);
	}
}

static void the_driver_dies_before(void **state)
{
	struct job_result r;
	struct ran ran;
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		orphaned_start(&ran, "exit 9", false);
		WAIT_FOR(&place, verdict(&place, &ran, &r) != SLOT_PENDING);
		assert_int_equal(verdict(&place, &ran, &r), SLOT_NOT_STARTED);
		ran_free(&ran);
	}
}

/* Nobody stays when nothing is left to do. */
static void supervisors_end(void **state)
{
	const char *argv[4];
	struct job_spec spec = shell(argv, "exit 0");
	struct process sup;
	struct ran ran;

	(void)state;
	ran_all(&place, &ran, &spec);
	sup = meta_of(&place, ran.number).supervisor;
	assert_true(process_alive(sup));
	place_again(&place, NULL);
	WAIT_FOR(&place, !process_alive(sup));
	assert_true(slot_is_free(place.fd, ran.number));
	ran_free(&ran);
}

static void stopping_what_is_left(void **state)
{
	struct job_result r;
	struct ran ran;

	(void)state;
	orphaned_start(&ran, "trap 'exit 4' TERM; echo; sleep 600 & wait",
	    true);
	WAIT_FOR(&place, has_lines(&place, &ran, 1));
	assert_int_equal(slot_stop_left(place.fd, ran.number, NO_SUCH_NONCE,
	    BOOT), -1);
	assert_int_equal(slot_stop_left(place.fd, ran.number, ran.nonce,
	    OTHER_BOOT), -1);
	assert_int_equal(slot_stop_left(place.fd, 4711, ran.nonce, BOOT), -1);
	assert_int_equal(verdict(&place, &ran, &r), SLOT_RUNNING);
	assert_int_equal(slot_stop_left(place.fd, ran.number, ran.nonce,
	    BOOT), 0);
	r = ended(&ran);
	assert_int_equal(r.outcome, JOB_STOPPED);
	WAIT_FOR(&place, slot_is_free(place.fd, ran.number));
	assert_int_equal(slot_stop_left(place.fd, ran.number, ran.nonce,
	    BOOT), -1);
	ran_free(&ran);
}

/* ---- a supervisor that is gone */

static void kill_supervisor(const struct ran *ran)
{
	struct process sup = meta_of(&place, ran->number).supervisor;

	assert_int_equal(process_signal(sup, SIGKILL), 0);
	WAIT_FOR(&place, !process_alive(sup));
}

static void orphans(void **state)
{
	const char *argv[4];
	struct job_spec spec = shell(argv,
	    "echo $$; sleep 600 & echo $!; wait");
	struct job_result r;
	struct ran ran;
	pid_t pids[2] = { 0 };

	(void)state;
	ran_start(&place, &ran, &spec);
	WAIT_FOR(&place, has_lines(&place, &ran, 2));
	assert_int_equal(pids_in(&ran.out, pids, 2), 2);
	kill_supervisor(&ran);
	WAIT_FOR(&place, ran.over);
	assert_int_equal(ran.r.outcome, JOB_LOST);
	assert_int_equal(verdict(&place, &ran, &r), SLOT_ORPHAN);
	kill(pids[0], SIGKILL);
	WAIT_FOR(&place, process_start(pids[0]) == 0);
	/* a member of its session is still it */
	assert_int_equal(verdict(&place, &ran, &r), SLOT_ORPHAN);
	kill(pids[1], SIGKILL);
	WAIT_FOR(&place, process_start(pids[1]) == 0);
	assert_int_equal(verdict(&place, &ran, &r), SLOT_LOST);
	assert_int_equal(slot_inspect(place.fd, ran.number, ran.nonce,
	    OTHER_BOOT, &r, &(struct job_meta){ 0 }), SLOT_OTHER_BOOT);
	/* nobody knows what else it left: the slot is not used again */
	slots_adopt_empty(place.slots, ran.number);
	ran_free(&ran);
	spec = shell(argv, "exit 0");
	int lost = ran.number;
	ran_all(&place, &ran, &spec);
	assert_int_not_equal(ran.number, lost);
	ran_free(&ran);
}

/* ---- prepared files */

struct made {
	const char *boot;
	pid_t pid;               /* -1: ours, alive; -2: ours, other start */
	const char *nonce;
	const char *rc;          /* nonce in rc, or NULL: blank */
	off_t out;               /* the size that rc claims; out has 4 bytes */
	bool held;
	enum slot_verdict verdict;
	bool reused;
};

static void put(int dir, const char *name, const void *p, size_t n)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0600);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, p, n), 0);
	close(fd);
}

/* Returns the descriptor of the lock. */
static int make_slot(int number, const struct made *m)
{
	struct job_meta meta = { .supervisor = { 999999, 1 }, .begin = 5 };
	struct job_result r = { .out = m->out, .begin = 5, .end = 6 };
	char name[16], text[META_WIDTH], rc[RC_WIDTH];
	int dir, lock;

	snprintf(name, sizeof name, "%d", number);
	assert_int_equal(mkdirat(place.fd, name, 0700), 0);
	dir = openat(place.fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	strcpy(meta.boot, m->boot);
	strcpy(meta.nonce, m->nonce);
	meta.command.pid = m->pid < 0 ? getpid() : m->pid;
	meta.command.start = process_start(getpid()) + (m->pid == -2);
	job_meta_write(&meta, text);
	memset(rc, ' ', sizeof rc);
	if (m->rc)
		job_rc_write(&r, m->rc, rc);
	put(dir, "meta", text, sizeof text);
	put(dir, "rc", rc, sizeof rc);
	put(dir, "out", "out\n", 4);
	put(dir, "err", "", 0);
	lock = openat(dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (m->held)
		assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), 0);
	close(dir);
	return lock;
}

static void verdicts(void **state)
{
	const char *boot = BOOT, *other = OTHER_BOOT, *none = JOB_NO_NONCE;
	const char *strange = NO_SUCH_NONCE;
	const struct made rows[] = {
		{ boot, 0, none, NULL, 0, false, SLOT_NOT_STARTED, true },
		{ boot, 0, none, NULL, 0, true, SLOT_PENDING, false },
		{ other, 0, none, NULL, 0, false, SLOT_OTHER_BOOT, true },
		{ boot, 0, NONCE, NULL, 0, false, SLOT_NOT_STARTED, true },
		{ boot, 0, NONCE, NULL, 0, true, SLOT_RUNNING, false },
		{ other, 0, NONCE, NULL, 0, false, SLOT_OTHER_BOOT, true },
		{ boot, -1, NONCE, NULL, 0, true, SLOT_RUNNING, false },
		{ boot, -1, NONCE, NULL, 0, false, SLOT_ORPHAN, false },
		{ boot, -2, NONCE, NULL, 0, false, SLOT_LOST, false },
		{ boot, 4194303, NONCE, NULL, 0, false, SLOT_LOST, false },
		{ other, -1, NONCE, NULL, 0, false, SLOT_OTHER_BOOT, true },
		{ boot, -1, NONCE, NONCE, 4, false, SLOT_ENDED, true },
		{ boot, -1, NONCE, NONCE, 3, true, SLOT_ENDED, false },
		{ other, 9, NONCE, NONCE, 4, false, SLOT_ENDED, true },
		{ boot, -2, NONCE, NONCE, 5, false, SLOT_LOST, false },
		{ boot, -1, NONCE, NONCE, 5, true, SLOT_RUNNING, false },
		{ other, 9, NONCE, NONCE, 5, false, SLOT_OTHER_BOOT, true },
		{ boot, -2, NONCE, strange, 4, false, SLOT_LOST, false },
		{ boot, -2, strange, strange, 4, false, SLOT_NOT_STARTED,
		  true },
		{ boot, -2, strange, NONCE, 4, false, SLOT_NOT_STARTED,
		  false },
		{ boot, -2, strange, strange, 4, true, SLOT_PENDING, false },
		{ other, 9, strange, strange, 4, false, SLOT_OTHER_BOOT,
		  true },
	};
	const char *argv[4];
	struct job_spec spec = shell(argv, "exit 0");
	struct job_result r;
	struct job_meta m;
	struct ran ran;
	size_t i;
	int lock;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		lock = make_slot(100 + (int)i, &rows[i]);
		if (slot_inspect(place.fd, 100 + (int)i, NONCE, BOOT, &r,
		    &m) != rows[i].verdict)
			fail_msg("row %zu", i);
		assert_int_equal(slot_is_free(place.fd, 100 + (int)i),
		    !rows[i].held);
		slots_adopt_empty(place.slots, 100 + (int)i);
		slots_adopt_empty(place.slots, 100 + (int)i);
		close(lock);
		ran_all(&place, &ran, &spec);
		if ((ran.number == 100 + (int)i) != rows[i].reused)
			fail_msg("row %zu: slot %d", i, ran.number);
		ran_free(&ran);
		place_again(&place, NULL);
	}
}

/* Damaged, planted, huge: never "not started", nothing hangs, nothing runs. */
static void damaged_slots(void **state)
{
	static const struct made good = { NULL, -2, NONCE, NONCE, 4, false,
		SLOT_ENDED, false };
	struct made m = good;
	char *large = calloc(1, 2 << 20);
	struct job_result r;
	struct job_meta meta;
	char nonce[NONCE_HEX + 1];
	int i, dir;

	(void)state;
	m.boot = BOOT;
	for (i = 0; i < 9; i++) {
		char name[16];

		snprintf(name, sizeof name, "%d", i + 1);
		close(make_slot(i + 1, &m));
		dir = openat(place.fd, name, O_RDONLY | O_DIRECTORY);
		switch (i) {
		case 0: put(dir, "meta", large, 2 << 20); break;
		case 1: put(dir, "meta", "", 0); break;
		case 2: put(dir, "meta", "$(touch x)", 10); break;
		case 3: unlinkat(dir, "meta", 0);
			mkfifoat(dir, "meta", 0600); break;
		case 4: unlinkat(dir, "meta", 0);
			assert_int_equal(symlinkat("rc", dir, "meta"), 0);
			break;
		case 5: put(dir, "rc", large, 2 << 20); break;
		case 6: unlinkat(dir, "rc", 0); break;
		case 7: unlinkat(dir, "out", 0); break;
		case 8: unlinkat(dir, "meta", 0); break;
		}
		close(dir);
		assert_int_equal(slot_inspect(place.fd, i + 1, NONCE, BOOT,
		    &r, &meta), SLOT_LOST);
		assert_int_equal(slot_stop_left(place.fd, i + 1, NONCE, BOOT),
		    -1);
		assert_int_equal(slot_nonce(place.fd, i + 1, nonce), 0);
		assert_string_equal(nonce, i < 5 || i == 8 ? "" : NONCE);
		slots_adopt_empty(place.slots, i + 1);
	}
	assert_int_equal(slot_inspect(place.fd, 4711, NONCE, BOOT, &r, &meta),
	    SLOT_LOST);
	assert_int_equal(slot_nonce(place.fd, 4711, nonce), -1);
	assert_int_equal(slot_is_free(place.fd, 4711), 0);
	slots_adopt_empty(place.slots, 4711);
	free(large);
}

/* meta names a living process that is not the one it was. */
static void strangers_get_no_signal(void **state)
{
	struct made m = { BOOT, 0, NONCE, NULL, 0, true, SLOT_RUNNING, false };
	struct job_meta meta = { .nonce = NONCE };
	char text[META_WIDTH];
	int lock = make_slot(1, &m), dir, status;
	pid_t stranger;

	(void)state;
	fflush(NULL);
	stranger = fork();
	if (stranger == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	dir = openat(place.fd, "1", O_RDONLY | O_DIRECTORY);
	strcpy(meta.boot, BOOT);
	meta.supervisor.pid = stranger;
	meta.supervisor.start = process_start(stranger) - 1;
	job_meta_write(&meta, text);
	put(dir, "meta", text, sizeof text);
	assert_int_equal(slot_stop_left(place.fd, 1, NONCE, BOOT), -1);
	assert_int_equal(waitpid(stranger, &status, WNOHANG), 0);
	/* the same with its start time, but the lock is free: nobody's */
	meta.supervisor.start++;
	job_meta_write(&meta, text);
	put(dir, "meta", text, sizeof text);
	flock(lock, LOCK_UN);
	assert_int_equal(slot_stop_left(place.fd, 1, NONCE, BOOT), -1);
	assert_int_equal(waitpid(stranger, &status, WNOHANG), 0);
	/* all is well: it is the one */
	flock(lock, LOCK_EX);
	assert_int_equal(slot_stop_left(place.fd, 1, NONCE, BOOT), 0);
	assert_int_equal(waitpid(stranger, &status, 0), stranger);
	assert_int_equal(WTERMSIG(status), SIGTERM);
	close(lock);
	close(dir);
}

static void existing(void **state)
{
	static const char *const names[] = { "3", "10", "1", "007", "x", "-2",
		"2x", "99999999999999999999", "0", "2147483647" };
	int numbers[16];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(names); i++)
		mkdirat(place.fd, names[i], 0700);
	assert_int_equal(slots_existing(place.fd, numbers, 16), 4);
	assert_int_equal(numbers[0], 1);
	assert_int_equal(numbers[1], 3);
	assert_int_equal(numbers[2], 10);
	assert_int_equal(numbers[3], 2147483647);
	assert_int_equal(slots_existing(place.fd, numbers, 2), 2);
}

/* Slots that nobody adopted are left alone. */
static void no_slot_is_taken_away(void **state)
{
	const char *argv[4];
	struct job_spec spec = shell(argv, "exit 0");
	struct err err = ERR_INIT;
	struct stat st;
	struct ran ran;

	(void)state;
	mkdirat(place.fd, "1", 0700);
	mkdirat(place.fd, "2", 0700);
	ran_all(&place, &ran, &spec);
	assert_int_equal(ran.number, 3);
	assert_int_equal(fstatat(place.fd, "1/lock", &st, 0), -1);
	ran_free(&ran);
	/* a directory that cannot be written: an error, and no job */
	place_again(&place, NULL);
	WAIT_FOR(&place, slot_is_free(place.fd, 3));
	file_remove_tree(AT_FDCWD, place.path, &err);
	assert_null(slots_take(place.slots, ran_done, &ran, &err));
	assert_non_null(strstr(err.text, "job/"));
	err_free(&err);
}

static int open_place(void **state)
{
	(void)state;
	place_open(&place, NULL);
	return 0;
}

static int close_place(void **state)
{
	(void)state;
	place_close(&place);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_place, close_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_driver_dies),
		TEST(the_driver_dies_before),
		TEST(supervisors_end),
		TEST(stopping_what_is_left),
		TEST(orphans),
		TEST(verdicts),
		TEST(damaged_slots),
		TEST(strangers_get_no_signal),
		TEST(existing),
		TEST(no_slot_is_taken_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
