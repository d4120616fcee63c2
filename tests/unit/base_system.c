/* clock, digest, process */
#include "base_test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/process.h"

static void clocks_go_on(void **state)
{
	const struct clock *c = clock_real();
	nsec before = clock_mono(c);

	(void)state;
	assert_true(before > 0);
	assert_true(clock_mono(c) >= before);
	assert_true(clock_wall(c) > 1700000000 * NSEC_PER_SEC);
	assert_true(strlen(clock_boot(c)) > 6);
	assert_ptr_equal(clock_boot(c), clock_boot(c));
}

static void digests(void **state)
{
	static const struct { const char *text, *hex; } rows[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb924"
		    "27ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223"
		    "b00361a396177a9cb410ff61f20015ad" },
	};
	struct digest *d = digest_new();
	char hex[DIGEST_HEX + 1];
	size_t i, j, n;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		n = strlen(rows[i].text);
		sha256_hex(rows[i].text, n, hex);
		assert_string_equal(hex, rows[i].hex);
		for (j = 0; j < n; j++)
			digest_add(d, rows[i].text + j, 1);
		digest_hex(d, hex);
		assert_string_equal(hex, rows[i].hex);
	}
	digest_free(d);
	digest_free(NULL);
	sha256_hex(NULL, 0, hex);
	assert_string_equal(hex, rows[0].hex);
}

static void nonces_differ(void **state)
{
	char a[NONCE_HEX + 1], b[NONCE_HEX + 1];

	(void)state;
	nonce_make(a);
	nonce_make(b);
	assert_int_equal(strspn(a, "0123456789abcdef"), NONCE_HEX);
	assert_int_equal(strlen(a), NONCE_HEX);
	assert_string_not_equal(a, b);
}

static pid_t start_child(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		for (;;)
			pause();
	}
	return pid;
}

static void find(pid_t pid, void *ctx)
{
	pid_t *wanted = ctx;

	if (pid == *wanted)
		*wanted = 0;
}

static void a_process_is_pid_and_start(void **state)
{
	pid_t pid = start_child(), wanted = pid;
	struct process p = { pid, process_start(pid) };
	struct process other = { pid, p.start + 1 }, none = { pid, 0 };
	int status;

	(void)state;
	assert_true(p.start > 0);
	assert_true(process_alive(p));
	assert_false(process_alive(other));
	assert_false(process_alive(none));
	process_children(getpid(), find, &wanted);
	assert_int_equal(wanted, 0);
	assert_int_equal(process_signal(other, SIGKILL), -1);
	assert_int_equal(process_signal(none, SIGKILL), -1);
	assert_true(process_alive(p));
	assert_int_equal(process_signal(p, SIGKILL), 0);
	/* a zombie is nobody any more, before and after it is collected */
	assert_int_equal(waitid(P_PID, (id_t)pid, &(siginfo_t){ 0 },
	    WEXITED | WNOWAIT), 0);
	assert_false(process_alive(p));
	assert_int_equal(process_signal(p, SIGTERM), -1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WTERMSIG(status), SIGKILL);
	assert_int_equal(process_start(pid), 0);
	assert_int_equal(process_signal(p, SIGTERM), -1);
}

static void no_signal_to_a_group_or_to_all(void **state)
{
	static const pid_t pids[] = { 0, 1, -1, -2, INT32_MAX, INT32_MIN };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(pids); i++) {
		struct process p = { pids[i], process_start(pids[i]) };

		if (pids[i] <= 0)
			assert_int_equal(p.start, 0);
		assert_int_equal(process_signal(p, 0), -1);
		p.start = process_start(getpid());
		assert_int_equal(process_signal(p, 0), -1);
	}
}

static void names_with_brackets_do_not_confuse(void **state)
{
	unsigned long long start = process_start(getpid());

	(void)state;
	assert_true(start > 0);
	assert_int_equal(prctl(PR_SET_NAME, ") R 1 (x) ", 0, 0, 0), 0);
	assert_int_equal(process_start(getpid()), start);
}

static void descriptors_0_to_2_are_filled(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		close(0);
		close(2);
		process_prepare();
		_exit(fcntl(0, F_GETFD) < 0 || fcntl(1, F_GETFD) < 0 ||
		    fcntl(2, F_GETFD) < 0 || umask(0) != 077);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks_go_on),
		cmocka_unit_test(digests),
		cmocka_unit_test(nonces_differ),
		cmocka_unit_test(a_process_is_pid_and_start),
		cmocka_unit_test(no_signal_to_a_group_or_to_all),
		cmocka_unit_test(names_with_brackets_do_not_confuse),
		cmocka_unit_test(descriptors_0_to_2_are_filled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
