/* What a slot costs above the floor: {append 200 bytes, fdatasync, start
 * /bin/true in a slot, wait for its end} against the same with a bare
 * posix_spawn, interleaved, medians. Arguments: jobs, rounds. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"
#include "base/loop.h"
#include "job/slot.h"

#define MOST_ROUNDS 99

static const char *const argv_true[] = { "/bin/true", NULL };
static const char *const no_env[] = { "PATH=/usr/bin:/bin", NULL };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void append(int fd)
{
	char record[200];

	memset(record, 'x', sizeof record);
	record[sizeof record - 1] = '\n';
	if (write(fd, record, sizeof record) != (ssize_t)sizeof record ||
	    fdatasync(fd) < 0)
		die("append");
}

static void bare(int fd)
{
	pid_t pid;
	int status;

	append(fd);
	if (posix_spawn(&pid, argv_true[0], NULL, NULL,
	    (char *const *)argv_true, (char *const *)no_env) != 0 ||
	    waitpid(pid, &status, 0) != pid || status != 0)
		die("posix_spawn");
}

static void done(struct slot *slot, const struct job_result *r, void *ctx)
{
	(void)slot;
	*(int *)ctx = r->outcome == JOB_EXITED && r->status == 0 ? 1 : -1;
}

static void in_slot(int fd, struct slots *s, struct loop *loop)
{
	struct job_spec spec = { .argv = argv_true, .env = no_env };
	char nonce[NONCE_HEX + 1];
	struct err err = ERR_INIT;
	struct slot *slot;
	int over = 0;

	nonce_make(nonce);
	slot = slots_take(s, done, &over, &err);
	append(fd);
	if (!slot || slot_start(slot, &spec, nonce, &err) != 0)
		die("slot");
	while (!over)
		loop_turn(loop, -1);
	if (over < 0)
		die("job");
	slot_release(slot);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof *v, by_value);
	return v[n / 2];
}

int main(int argc, char **argv)
{
	int jobs = argc > 1 ? atoi(argv[1]) : 1000, i, k, dir, fd;
	int rounds = argc > 2 ? atoi(argv[2]) : 5;
	double a[MOST_ROUNDS], b[MOST_ROUNDS], ratio[MOST_ROUNDS];
	char path[] = "slot_bench.XXXXXX";
	struct loop *loop = loop_new();
	struct err err = ERR_INIT;
	struct slots *s;
	nsec t0, t1, t2;

	if (jobs < 1 || rounds < 1 || rounds > MOST_ROUNDS || !mkdtemp(path))
		die("slot_bench");
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = openat(dir, "journal", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
	    0600);
	s = slots_new(dir, loop, NULL, NULL, NULL);
	for (i = 0; i < rounds; i++) {
		t0 = clock_mono(clock_real());
		for (k = 0; k < jobs; k++)
			bare(fd);
		t1 = clock_mono(clock_real());
		for (k = 0; k < jobs; k++)
			in_slot(fd, s, loop);
		t2 = clock_mono(clock_real());
		a[i] = (double)(t1 - t0) / jobs / 1e3;
		b[i] = (double)(t2 - t1) / jobs / 1e3;
		ratio[i] = b[i] / a[i];
	}
	printf("bare %.0f us, slot %.0f us a job, ratio %.2f (median of %d "
	    "rounds of %d)\n", median(a, rounds), median(b, rounds),
	    median(ratio, rounds), rounds, jobs);
	slots_free(s);
	loop_free(loop);
	close(fd);
	close(dir);
	return file_remove_tree(AT_FDCWD, path, &err) == 0 ? 0 : 1;
}
