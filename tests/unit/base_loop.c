#include "base_test.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"

/* Two pipes and what their callbacks saw. */
struct seen {
	struct loop *loop;
	int a[2], b[2];
	int calls_a, calls_b;
	int signals[8];
	size_t n_signals;
};

static void on_a(int fd, void *ctx)
{
	struct seen *s = ctx;
	char c;

	assert_int_equal(fd, s->a[0]);
	assert_true(read(fd, &c, 1) >= 0);
	s->calls_a++;
}

static void on_b(int fd, void *ctx)
{
	struct seen *s = ctx;

	(void)fd;
	s->calls_b++;
}

static void remove_the_other(int fd, void *ctx)
{
	struct seen *s = ctx;

	s->calls_a++;
	loop_remove(s->loop, fd == s->a[0] ? s->b[0] : s->a[0]);
}

static void remove_and_add_again(int fd, void *ctx)
{
	struct seen *s = ctx;
	int i;

	s->calls_a++;
	loop_remove(s->loop, fd);
	loop_add(s->loop, fd, on_b, s);
	for (i = 1000; i < 1100; i++)
		loop_add(s->loop, i, on_b, s);
	for (i = 1000; i < 1100; i++)
		loop_remove(s->loop, i);
}

static void on_signal(int sig, void *ctx)
{
	struct seen *s = ctx;

	s->signals[s->n_signals++] = sig;
}

static void begin(struct seen *s)
{
	memset(s, 0, sizeof *s);
	s->loop = loop_new();
	assert_int_equal(pipe(s->a), 0);
	assert_int_equal(pipe(s->b), 0);
}

static void end(struct seen *s)
{
	loop_free(s->loop);
	close(s->a[0]);
	close(s->b[0]);
	close(s->a[1]);
	close(s->b[1]);
}

static void send_byte(int fd)
{
	assert_int_equal(write(fd, "x", 1), 1);
}

static void calls_what_is_ready(void **state)
{
	struct seen s;

	(void)state;
	begin(&s);
	loop_add(s.loop, s.a[0], on_a, &s);
	loop_add(s.loop, s.b[0], on_b, &s);
	loop_turn(s.loop, 0);
	assert_int_equal(s.calls_a + s.calls_b, 0);
	send_byte(s.a[1]);
	loop_turn(s.loop, -1);
	assert_int_equal(s.calls_a, 1);
	assert_int_equal(s.calls_b, 0);
	loop_turn(s.loop, 0);
	assert_int_equal(s.calls_a, 1);
	loop_remove(s.loop, s.a[0]);
	loop_remove(s.loop, 12345);
	send_byte(s.a[1]);
	loop_turn(s.loop, 0);
	assert_int_equal(s.calls_a, 1);
	end(&s);
	loop_free(NULL);
}

static void a_hang_up_is_told(void **state)
{
	struct seen s;

	(void)state;
	begin(&s);
	loop_add(s.loop, s.a[0], on_a, &s);
	close(s.a[1]);
	loop_turn(s.loop, -1);
	assert_int_equal(s.calls_a, 1);
	s.a[1] = dup(s.b[1]);
	end(&s);
}

static void waits_no_longer_than_told(void **state)
{
	const struct clock *c = clock_real();
	struct loop *l = loop_new();
	nsec begin_at = clock_mono(c), took;

	(void)state;
	loop_turn(l, NSEC_PER_SEC / 50);
	took = clock_mono(c) - begin_at;
	assert_true(took >= NSEC_PER_SEC / 50);
	assert_true(took < 10 * NSEC_PER_SEC);
	loop_free(l);
}

static void changes_inside_of_a_callback(void **state)
{
	struct seen s;

	(void)state;
	begin(&s);
	loop_add(s.loop, s.a[0], remove_the_other, &s);
	loop_add(s.loop, s.b[0], remove_the_other, &s);
	send_byte(s.a[1]);
	send_byte(s.b[1]);
	loop_turn(s.loop, 0);
	assert_int_equal(s.calls_a, 1);
	loop_remove(s.loop, s.a[0]);
	loop_add(s.loop, s.b[0], remove_and_add_again, &s);
	loop_turn(s.loop, 0);
	assert_int_equal(s.calls_a, 2);
	assert_int_equal(s.calls_b, 0);
	loop_turn(s.loop, 0);
	assert_int_equal(s.calls_b, 1);
	end(&s);
}

static void signals_come_through_the_loop(void **state)
{
	static const int signals[] = { SIGUSR1, SIGUSR2 };
	sigset_t before, after;
	struct seen s;
	int status;
	pid_t pid;

	(void)state;
	sigprocmask(SIG_SETMASK, NULL, &before);
	begin(&s);
	loop_signals(s.loop, signals, COUNT(signals), on_signal, &s);
	raise(SIGUSR1);
	raise(SIGUSR2);
	loop_turn(s.loop, -1);
	assert_int_equal(s.n_signals, 2);
	assert_int_equal(s.signals[0] + s.signals[1], SIGUSR1 + SIGUSR2);
	pid = fork();
	if (pid == 0) {
		loop_forked(s.loop);
		sigprocmask(SIG_SETMASK, NULL, &after);
		_exit(sigismember(&after, SIGUSR1) ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	raise(SIGUSR1);
	loop_turn(s.loop, -1);
	assert_int_equal(s.n_signals, 3);
	end(&s);
	sigprocmask(SIG_SETMASK, NULL, &after);
	assert_int_equal(sigismember(&after, SIGUSR1),
	    sigismember(&before, SIGUSR1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_what_is_ready),
		cmocka_unit_test(a_hang_up_is_told),
		cmocka_unit_test(waits_no_longer_than_told),
		cmocka_unit_test(changes_inside_of_a_callback),
		cmocka_unit_test(signals_come_through_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
