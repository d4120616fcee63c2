/* Slots used again and again; jobs that leave something behind, that do not
 * want to stop, that end just then. */
#include "job_help.h"

#include <time.h>

static struct place place;

static bool is_gone(pid_t pid)
{
	return process_start(pid) == 0;
}

/* ---- reuse */

static void a_thousand_in_one_slot(void **state)
{
	char text[64], want[32];
	const char *argv[4];
	struct job_spec spec = shell(argv, text);
	struct ran ran;
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		snprintf(text, sizeof text, "echo %d; echo e%d >&2; exit %d",
		    i % 7 ? i : i * 1000000, i, i % 256);
		snprintf(want, sizeof want, "%d\n", i % 7 ? i : i * 1000000);
		ran_all(&place, &ran, &spec);
		assert_int_equal(ran.number, 1);
		assert_int_equal(ran.r.outcome, JOB_EXITED);
		assert_int_equal(ran.r.status, i % 256);
		assert_string_equal(ran.out.data, want);
		assert_int_equal(ran.err.data[0], 'e');
		ran_free(&ran);
	}
}

static off_t file_size(int number, const char *name)
{
	struct stat st;
	char path[32];

	snprintf(path, sizeof path, "%d/%s", number, name);
	assert_int_equal(fstatat(place.fd, path, &st, 0), 0);
	return st.st_size;
}

static void emptied_when_given_back(void **state)
{
	const char *argv[4];
	struct job_spec spec = shell(argv, "echo out; echo err >&2");
	struct err err = ERR_INIT;
	struct ran ran;
	int fd;

	(void)state;
	ran_start(&place, &ran, &spec);
	WAIT_FOR(&place, ran.over);
	assert_int_equal(file_size(ran.number, "out"), 4);
	fd = slot_open(place.slots, ran.number, 2, &err);
	assert_true(fd >= 0);
	close(fd);
	/* a range, and a buffer that is too small */
	assert_int_equal(slot_read(place.slots, ran.number, 1, 1, 3, &ran.out,
	    &err), 0);
	assert_string_equal(ran.out.data, "ut");
	buf_free(&ran.out);
	ran.out.max = 2;
	assert_int_equal(slot_read(place.slots, ran.number, 1, 0, 4, &ran.out,
	    &err), 0);
	assert_string_equal(ran.out.data, "ou");
	assert_int_equal(slot_read(place.slots, 4711, 1, 0, 4, &ran.out,
	    &err), -1);
	err_free(&err);
	slot_release(ran.slot);
	assert_int_equal(file_size(ran.number, "out"), 0);
	assert_int_equal(file_size(ran.number, "err"), 0);
	ran_free(&ran);
}

static void at_the_same_time(void **state)
{
	const char *argv[4], *quick[4];
	struct job_spec spec = shell(argv, "read x; sleep 600");
	struct job_spec other = shell(quick, "echo $$");
	struct ran ran[20], one;
	int i, k;

	(void)state;
	for (i = 0; i < 20; i++) {
		ran_start(&place, &ran[i], &spec);
		for (k = 0; k < i; k++)
			assert_int_not_equal(ran[i].number, ran[k].number);
	}
	ran_all(&place, &one, &other);
	assert_int_equal(one.r.status, 0);
	ran_free(&one);
	for (i = 0; i < 20; i++)
		slot_stop(ran[i].slot, 0);
	for (i = 0; i < 20; i++) {
		ran_end(&place, &ran[i]);
		assert_int_equal(ran[i].r.outcome, JOB_STOPPED);
		ran_free(&ran[i]);
	}
}

/* It shortens its own output: what is there counts. */
static void truncated_by_itself(void **state)
{
	const char *argv[4];
	struct job_spec spec = shell(argv, "echo a long line; echo x "
	    ">/dev/stdout; echo y");
	struct ran ran;

	(void)state;
	ran_all(&place, &ran, &spec);
	assert_string_equal(ran.out.data, "x\ny\n");
	ran_free(&ran);
}

static void release_inside(struct slot *slot, const struct job_result *r,
    void *ctx)
{
	*(int *)ctx += r->outcome == JOB_EXITED ? 1 : 1000;
	slot_release(slot);
}

static void given_back_from_done(void **state)
{
	const char *argv[4];
	struct job_spec spec = shell(argv, "exit 1");
	struct err err = ERR_INIT;
	char nonce[NONCE_HEX + 1];
	struct slot *slot;
	int done = 0, i;

	(void)state;
	for (i = 0; i < 3; i++) {
		nonce_make(nonce);
		slot = slots_take(place.slots, release_inside, &done, &err);
		/* the first leaves somebody behind: its slot goes inside */
		argv[2] = i == 0 ? "sleep 20 & exit" : "exit 1";
		assert_int_equal(slot_start(slot, &spec, nonce, &err), 0);
		WAIT_FOR(&place, done == i + 1);
	}
}

/* ---- left behind */

static void left_behind(const char *text)
{
	const char *argv[4];
	struct job_spec spec = shell(argv, text), next;
	struct ran ran, again;
	pid_t pid = 0;

	ran_all(&place, &ran, &spec);
	assert_int_equal(ran.r.outcome, JOB_EXITED);
	assert_int_equal(ran.r.status, 5);
	assert_int_equal(pids_in(&ran.out, &pid, 1), 1);
	assert_true(ran.r.left_behind);
	assert_false(is_gone(pid));
	next = shell(argv, "exit 6");
	ran_all(&place, &again, &next);
	assert_int_not_equal(again.number, ran.number);
	assert_false(again.r.left_behind);
	/* it stays so, also for a later driver */
	place_again(&place, NULL);
	WAIT_FOR(&place, slot_is_free(place.fd, ran.number));
	slots_adopt_empty(place.slots, ran.number);
	ran_all(&place, &again, &next);
	assert_int_not_equal(again.number, ran.number);
	kill(pid, SIGKILL);
	ran_free(&ran);
	ran_free(&again);
}

static void daemons(void **state)
{
	(void)state;
	left_behind("sleep 600 >/dev/null 2>&1 & echo $!; exit 5");
	left_behind("sleep 600 & echo $!; exit 5");
	left_behind("setsid sh -c 'echo $$; exec sleep 600' & "
	    "while ! [ -s /dev/stdout ]; do :; done; exit 5");
	left_behind("(trap '' TERM HUP; (echo $(sh -c 'echo $PPID'); "
	    "exec sleep 600) &) ; while ! [ -s /dev/stdout ]; do :; done; "
	    "exit 5");
}

/* ---- stopping */

/* `lines` pids are printed; they and all others are gone when it is over. */
static void stops(const char *text, int lines, nsec grace)
{
	const char *argv[4];
	struct job_spec spec = shell(argv, text);
	struct job_result r;
	struct ran ran;
	pid_t pids[16];
	int n, i;

	ran_start(&place, &ran, &spec);
	WAIT_FOR(&place, has_lines(&place, &ran, lines));
	n = pids_in(&ran.out, pids, 16);
	assert_int_equal(n, lines);
	for (i = 0; i < n; i++)
		assert_false(is_gone(pids[i]));
	assert_int_equal(verdict(&place, &ran, &r), SLOT_RUNNING);
	slot_stop(ran.slot, grace);
	WAIT_FOR(&place, ran.over);
	assert_int_equal(ran.r.outcome, JOB_STOPPED);
	assert_false(ran.r.left_behind);
	for (i = 0; i < n; i++)
		assert_true(is_gone(pids[i]));
	assert_int_equal(verdict(&place, &ran, &r), SLOT_ENDED);
	assert_int_equal(r.outcome, JOB_STOPPED);
	slot_release(ran.slot);
	ran_free(&ran);
}

static void stopping(void **state)
{
	(void)state;
	stops("echo $$; exec sleep 600", 1, 600 * NSEC_PER_SEC);
	stops("sleep 600 & echo $!; sleep 600 & echo $!; wait", 2,
	    600 * NSEC_PER_SEC);
	stops("echo $$; sleep 600 | sleep 600 | sleep 600", 1,
	    600 * NSEC_PER_SEC);
	/* away from the session, while it may not even be there yet */
	stops("setsid sleep 600 & echo $!; setsid setsid sleep 600 & wait", 1,
	    NSEC_PER_SEC);
	/* its own end, however orderly, was not by itself */
	stops("trap 'exit 0' TERM; echo $$; while :; do sleep 0.01; done", 1,
	    600 * NSEC_PER_SEC);
	/* suspended */
	stops("echo $$; kill -STOP $$; exec sleep 600", 1,
	    600 * NSEC_PER_SEC);
	/* deaf */
	stops("trap '' TERM; echo $$; while :; do sleep 0.01; done", 1, 0);
	stops("trap '' TERM; echo $$; sleep 600 & echo $!; "
	    "setsid sh -c \"trap '' TERM; echo \\$\\$; sleep 600 & wait; "
	    "sleep 600\" & wait; sleep 600", 3, NSEC_PER_SEC / 10);
	/* children while they are killed */
	stops("echo $$; trap '' TERM; f() { while :; do sleep 600 & "
	    "sleep 0.002; done; }; f & f & f", 1, NSEC_PER_SEC / 20);
}

/* The leader goes, and leaves somebody who is deaf. */
static void the_rest_of_a_leader(void **state)
{
	(void)state;
	stops("sh -c 'trap \"\" TERM; echo $$; while :; do sleep 0.01; done' "
	    "& wait; exit 9", 1, NSEC_PER_SEC / 10);
}

static void asked_twice(void **state)
{
	const char *argv[4];
	struct job_spec spec = shell(argv, "trap '' TERM; echo; "
	    "while :; do sleep 0.01; done");
	struct ran ran;

	(void)state;
	ran_start(&place, &ran, &spec);
	WAIT_FOR(&place, has_lines(&place, &ran, 1));
	slot_stop(ran.slot, 3600 * NSEC_PER_SEC);
	slot_stop(ran.slot, 0);
	slot_stop(ran.slot, 3600 * NSEC_PER_SEC);
	ran_end(&place, &ran);
	assert_int_equal(ran.r.outcome, JOB_STOPPED);
	ran_free(&ran);
}

/* Its own end came first, and the wish does not reach the next job. */
static void ended_before_the_stop(void **state)
{
	const char *argv[4];
	struct job_spec spec = shell(argv, "exit 7"), next;
	struct job_result r;
	struct ran ran;
	int i;

	(void)state;
	for (i = 0; i < 50; i++) {
		ran_start(&place, &ran, &spec);
		/* without a turn of the loop: the driver does not know yet */
		while (verdict(&place, &ran, &r) != SLOT_ENDED)
			;
		slot_stop(ran.slot, 0);
		slot_stop(ran.slot, 0);
		ran_end(&place, &ran);
		assert_int_equal(ran.r.outcome, JOB_EXITED);
		assert_int_equal(ran.r.status, 7);
		slot_stop(ran.slot, 0);
		ran_free(&ran);
		next = shell(argv, "sleep 0.01; exit 7");
		ran_all(&place, &ran, &next);
		assert_int_equal(ran.r.outcome, JOB_EXITED);
		assert_int_equal(ran.r.status, 7);
		ran_free(&ran);
	}
}

/* At any moment of its life: one of the two, and never anything else. */
static void stopped_at_random(void **state)
{
	const char *argv[4];
	struct job_spec spec = shell(argv, "sleep 0.002; exit 7");
	struct timespec pause = { 0 };
	struct job_result r;
	struct ran ran;
	int i, stopped = 0;

	(void)state;
	for (i = 0; i < 200; i++) {
		ran_start(&place, &ran, &spec);
		pause.tv_nsec = i * 100000;
		nanosleep(&pause, NULL);
		slot_stop(ran.slot, 0);
		WAIT_FOR(&place, ran.over);
		if (ran.r.outcome == JOB_STOPPED)
			stopped++;
		else
			assert_int_equal(ran.r.status, 7);
		assert_int_equal(verdict(&place, &ran, &r), SLOT_ENDED);
		assert_int_equal(r.outcome, ran.r.outcome);
		slot_release(ran.slot);
		ran_free(&ran);
	}
	print_message("%d of 200 were stopped\n", stopped);
}

/* ---- the supervisor goes */

static void idle_supervisor_killed(void **state)
{
	const char *argv[4];
	struct job_spec spec = shell(argv, "exit 3");
	struct process sup;
	struct ran ran;

	(void)state;
	ran_all(&place, &ran, &spec);
	sup = meta_of(&place, ran.number).supervisor;
	assert_int_equal(process_signal(sup, SIGKILL), 0);
	while (process_alive(sup))
		;
	ran_free(&ran);
	ran_all(&place, &ran, &spec);
	assert_int_equal(ran.r.status, 3);
	ran_free(&ran);
}

static void killed_before_the_start(void **state)
{
	const char *argv[4];
	struct job_spec spec = shell(argv, "exit 3");
	struct err err = ERR_INIT;
	struct job_result r;
	struct process sup;
	struct ran ran;

	(void)state;
	ran_all(&place, &ran, &spec);
	sup = meta_of(&place, ran.number).supervisor;
	ran_free(&ran);
	ran_take(&place, &ran);
	process_signal(sup, SIGKILL);
	while (process_alive(sup))
		;
	assert_int_equal(slot_start(ran.slot, &spec, ran.nonce, &err), -1);
	assert_true(err.set);
	err_free(&err);
	WAIT_FOR(&place, slot_is_free(place.fd, ran.number));
	assert_int_equal(verdict(&place, &ran, &r), SLOT_NOT_STARTED);
	slot_release(ran.slot);
	ran_free(&ran);
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
		TEST(a_thousand_in_one_slot),
		TEST(emptied_when_given_back),
		TEST(at_the_same_time),
		TEST(truncated_by_itself),
		TEST(given_back_from_done),
		TEST(daemons),
		TEST(stopping),
		TEST(the_rest_of_a_leader),
		TEST(asked_twice),
		TEST(ended_before_the_stop),
		TEST(stopped_at_random),
		TEST(idle_supervisor_killed),
		TEST(killed_before_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
