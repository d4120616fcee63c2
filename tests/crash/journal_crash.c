/* The world stops, or an operation fails, at every operation of a known life
 * of a journal. After each: what is left is a prefix, holds all that a commit
 * said is on disk, and can be continued (journal.h J1-J5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/xalloc.h"
#include "crash/vfs_faulty.h"
#include "journal/fold.h"
#include "journal/journal.h"

#define SEEDS 12
#define COMMITS 9

struct fixture {
	char path[64];
	int dir;
	volatile uint64_t *acked;      /* shared with the children */
	uint64_t seed;
	pid_t pid;                     /* of the test, not of a child */
};

/* Record n: what it holds follows from n alone. */
static size_t pad_length(uint64_t n)
{
	return n % 7 == 6 ? 9000 : (size_t)(n * 977 % 700);
}

static json_t *payload_of(uint64_t n)
{
	char *pad = xmalloc(pad_length(n) + 1);
	json_t *payload;

	memset(pad, (int)('a' + n % 26), pad_length(n));
	pad[pad_length(n)] = '\0';
	payload = json_pack("{s:I,s:s}", "i", (json_int_t)n, "pad", pad);
	free(pad);
	return payload;
}

static void add_record(struct journal *j, uint64_t n)
{
	json_t *payload = payload_of(n);
	char step[32];

	snprintf(step, sizeof step, "s%llu", (unsigned long long)(n / 2));
	if (n == 1)
		journal_add(j, RECORD_RUN, "", payload);
	else if (n % 2 == 0) {
		json_object_set_new(payload, "attempt", json_integer(1));
		journal_add(j, RECORD_STEP_START, step, payload);
	} else {
		json_object_set_new(payload, "state", json_string("done"));
		journal_add(j, RECORD_STEP_END, step, payload);
	}
}

struct check {
	struct fold *fold;
	uint64_t count;
};

static int check_record(const struct record *r, void *ctx)
{
	struct check *c = ctx;
	struct err err = ERR_INIT;
	json_t *payload = record_parse(r, &err), *wanted = payload_of(r->n);
	bool good = payload && r->n == ++c->count &&
	    json_equal(json_object_get(payload, "i"),
	    json_object_get(wanted, "i")) &&
	    json_equal(json_object_get(payload, "pad"),
	    json_object_get(wanted, "pad")) &&
	    fold_apply(c->fold, r, &err) == 0;

	json_decref(payload);
	json_decref(wanted);
	err_free(&err);
	return good ? 0 : -1;
}

static void fail_with(const struct fixture *x, const char *what, unsigned n)
{
	if (getpid() != x->pid) {
		fprintf(stderr, "%s\n", what);
		_exit(1);
	}
	fail_msg("%s at operation %u with seed %llu", what, n,
	    (unsigned long long)x->seed);
}

/* Opens as the next driver would; what it reads counts as on disk from then
 * on. NULL: there is no journal. */
static struct journal *reopen(struct fixture *x, const struct vfs *vfs,
    uint64_t *count, size_t *torn, unsigned n)
{
	struct check c = { fold_new(), 0 };
	struct err err = ERR_INIT;
	struct journal *j;

	*torn = 0;
	j = journal_open(x->dir, vfs, clock_real(), check_record, &c, torn,
	    &err);
	if (!j && faccessat(x->dir, "journal", F_OK, 0) == 0) {
		fprintf(stderr, "%s\n", err.text);
		fail_with(x, "the journal cannot be opened", n);
	}
	if (c.count < *x->acked)
		fail_with(x, "an acknowledged record is gone", n);
	*count = c.count;
	fold_free(c.fold);
	err_free(&err);
	return j;
}

/* A driver's life: commits of one, two and three records. */
static int live(struct fixture *x, struct journal *j, uint64_t from,
    int commits)
{
	struct err err = ERR_INIT;
	int i, k, result = 0;

	for (i = 0; i < commits && result == 0; i++) {
		for (k = 0; k <= i % 3; k++)
			add_record(j, ++from);
		result = journal_commit(j, &err);
		if (result == 0)
			*x->acked = from;
	}
	err_free(&err);
	return result;
}

/* Begins or goes on. */
static int drive(struct fixture *x, const struct vfs *vfs, int commits)
{
	struct err err = ERR_INIT;
	struct journal *j;
	uint64_t count = 0;
	size_t torn;
	int result;

	if (faccessat(x->dir, "journal", F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		j = journal_create(x->dir, vfs, clock_real(), &err);
	else
		j = reopen(x, vfs, &count, &torn, 0);
	if (j && count > *x->acked)
		*x->acked = count;
	result = j ? live(x, j, count, commits) : -1;
	journal_close(j);
	err_free(&err);
	return result;
}

static int setup(void **state)
{
	struct fixture *x = xcalloc(1, sizeof *x);

	strcpy(x->path, "/tmp/journal_crash.XXXXXX");
	assert_non_null(mkdtemp(x->path));
	x->pid = getpid();
	x->dir = open(x->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	x->acked = mmap(NULL, sizeof *x->acked, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(x->acked, MAP_FAILED);
	*state = x;
	return 0;
}

static void clear(struct fixture *x)
{
	unlinkat(x->dir, "journal", 0);
	unlinkat(x->dir, "journal.torn", 0);
	*x->acked = 0;
}

static int teardown(void **state)
{
	struct fixture *x = *state;

	clear(x);
	rmdir(x->path);
	close(x->dir);
	munmap((void *)x->acked, sizeof *x->acked);
	free(x);
	return 0;
}

static uint64_t first_seed(void)
{
	const char *seed = getenv("SEED");

	return seed ? strtoull(seed, NULL, 10) : 1;
}

/* Runs fn in a child that may not survive it; true when the world stopped. */
static bool child(struct fixture *x,
    int (*fn)(struct fixture *x, struct faulty *f), unsigned crash_at)
{
	struct faulty *f;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		f = faulty_new(x->seed * 1000003 + crash_at);
		if (crash_at)
			faulty_crash(f, crash_at);
		_exit(fn(x, f) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 1)
		fail_with(x, "the driver fell", crash_at);
	return WEXITSTATUS(status) == FAULTY_EXIT;
}

static int whole_life(struct fixture *x, struct faulty *f)
{
	return drive(x, faulty_vfs(f), COMMITS);
}

static off_t size_of(const struct fixture *x, const char *name)
{
	struct stat st;

	return fstatat(x->dir, name, &st, 0) == 0 ? st.st_size : -1;
}

/* What is left is right, and can be continued. */
static void check_rest(struct fixture *x, unsigned n)
{
	off_t size = size_of(x, "journal");
	uint64_t count, again;
	size_t torn;
	struct journal *j = reopen(x, vfs_real(), &count, &torn, n);

	if (!j) {
		assert_int_equal(*x->acked, 0);
		return;
	}
	assert_int_equal(size - (off_t)torn, size_of(x, "journal"));
	assert_true(torn == 0 || size_of(x, "journal.torn") > (off_t)torn);
	assert_int_equal(live(x, j, count, 3), 0);
	journal_close(j);
	j = reopen(x, vfs_real(), &again, &torn, n);
	assert_non_null(j);
	assert_int_equal(torn, 0);
	assert_int_equal(again, count + 6);
	journal_close(j);
}

static void power_cut(void **state)
{
	struct fixture *x = *state;
	bool stopped;
	unsigned n;

	for (x->seed = first_seed(); x->seed < first_seed() + SEEDS; x->seed++)
		for (n = 1, stopped = true; stopped; n++) {
			clear(x);
			stopped = child(x, whole_life, n);
			check_rest(x, n);
		}
	assert_true(n > 20);
}

/* One crash after another, each in a driver that found the last one's. */
static void power_cuts(void **state)
{
	struct fixture *x = *state;
	uint64_t random;
	unsigned i, n;

	for (x->seed = first_seed(); x->seed < first_seed() + 40; x->seed++) {
		random = x->seed;
		clear(x);
		for (i = 0; i < 12; i++) {
			n = 1 + (unsigned)(faulty_random(&random) % 16);
			child(x, whole_life, n);
		}
		check_rest(x, 0);
	}
}

/* The n-th sync fails; nothing more is written by that journal. The next one,
 * in the same boot, reads what the page cache shows, says that it is on disk,
 * and then the power goes. */
static int failing_sync(struct fixture *x, struct faulty *f)
{
	uint64_t random = x->seed;
	struct err err = ERR_INIT;
	struct journal *j;
	unsigned before;

	faulty_count_syncs(f);
	faulty_fail(f, 2 + (unsigned)(faulty_random(&random) % COMMITS), EIO,
	    false);
	j = journal_create(x->dir, faulty_vfs(f), clock_real(), &err);
	if (!j || live(x, j, 0, COMMITS) == 0 || !journal_failed(j))
		return -1;
	before = faulty_count(f);
	add_record(j, 1);
	if (journal_commit(j, &err) == 0 || faulty_count(f) != before)
		return -1;
	journal_close(j);
	err_free(&err);
	if (drive(x, faulty_vfs(f), (int)(faulty_random(&random) % 4)) < 0)
		return -1;
	faulty_stop_world(f);
}

static void sync_fails_once(void **state)
{
	struct fixture *x = *state;

	for (x->seed = first_seed(); x->seed < first_seed() + 150; x->seed++) {
		clear(x);
		assert_true(child(x, failing_sync, 0));
		check_rest(x, 0);
	}
}

/* One life with an error at operation n; how many records were acknowledged
 * is in *acked. */
static bool life_with_error(struct fixture *x, unsigned n, int error, bool on)
{
	struct faulty *f = faulty_new(x->seed + n);
	bool over;

	faulty_fail(f, n, error, on);
	drive(x, faulty_vfs(f), COMMITS);
	over = faulty_count(f) < n;
	faulty_free(f);
	return over;
}

static void errors(void **state)
{
	static const int list[] = { ENOSPC, EIO };
	struct fixture *x = *state;
	unsigned n, i, on;
	bool over;

	x->seed = first_seed();
	for (i = 0; i < 2; i++)
		for (on = 0; on < 2; on++)
			for (n = 1, over = false; !over; n++) {
				clear(x);
				over = life_with_error(x, n, list[i], on);
				check_rest(x, n);
			}
}

/* Without a reserve commits go on, and nothing new may be started. */
static void no_reserve(void **state)
{
	struct fixture *x = *state;
	struct faulty *f = faulty_new(1);
	struct err err = ERR_INIT;
	struct journal *j;

	clear(x);
	faulty_fail(f, 2, ENOSPC, false);
	j = journal_create(x->dir, faulty_vfs(f), clock_real(), &err);
	assert_non_null(j);
	assert_false(journal_has_room(j));
	assert_int_equal(live(x, j, 0, 1), 0);
	assert_true(journal_has_room(j));
	journal_close(j);
	faulty_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(power_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(power_cuts, setup, teardown),
		cmocka_unit_test_setup_teardown(sync_fails_once, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(errors, setup, teardown),
		cmocka_unit_test_setup_teardown(no_reserve, setup, teardown),
	};

	return cmocka_run_group_tests_name("journal_crash", tests, NULL, NULL);
}
