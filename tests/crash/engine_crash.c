/* A whole run, and the world stops, or a file operation fails, at every
 * operation of its driver; also with another boot id afterwards. What others
 * then resume: no effect twice that was not declared repeatable, nothing
 * called done that is not, P1, captures whole, the chain whole, the end
 * reached. SEED=n repeats a failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "book/decode.h"
#include "crash/vfs_faulty.h"
#include "engine/run.h"
#include "journal/fold.h"
#include "journal/inbox.h"
#include "journal/journal.h"
#include "journal/rundir.h"
#include "kind/kind.h"

#define NEVER_BEGAN 77
#define MOST_RESUMES 30

static const char runbook[] =
    "version: 1\n"
    "name: crash\n"
    "title: A run that is interrupted everywhere\n"
    "params: {fx: {type: string, required: true}}\n"
    "steps:\n"
    "  - {id: facts, title: Facts, run: 'echo n=42', effect: reads,\n"
    "     capture: {n: {match: 'n=(\\d+)', type: int}}}\n"
    "  - id: once\n"
    "    title: Once\n"
    "    run: 'echo once >> \"${{ params.fx }}\"; echo token=abc'\n"
    "    capture: {token: {match: 'token=(\\w+)'}}\n"
    "  - {id: again, title: Again, repeatable: true,\n"
    "     run: 'echo again >> \"${{ params.fx }}\"'}\n"
    "  - id: made\n"
    "    title: Proves itself\n"
    "    run: 'echo made >> \"${{ params.fx }}\"'\n"
    "    done_when: {run: 'grep -qx made \"${{ params.fx }}\"',\n"
    "      ok_exit: [0, 1, 2], holds: self.rc == 0}\n"
    "  - {id: sum, title: Pure, capture: {n: steps.facts.n + 1}}\n"
    "  - {id: inner, title: Included, include: inner.yaml,\n"
    "     with: {word: '${{ steps.once.token }}', fx: '${{ params.fx }}'}}\n"
    "  - {id: go, title: Go on?, gate: {ask: Go on?, checklist: [Looked],\n"
    "     fields: {who: {type: string, required: true}}}}\n"
    "  - id: long\n"
    "    title: A log file of its own\n"
    "    run: 'i=0; while [ $i -lt 600 ]; do echo 0123456789; i=$((i+1));\n"
    "      done; echo long >> \"${{ params.fx }}\"; echo last=line'\n"
    "    capture: {last: {match: 'last=(\\w+)'}}\n"
    "  - id: use\n"
    "    title: Uses\n"
    "    run: 'echo \"use ${{ steps.once.token }} ${{ steps.sum.n }}\n"
    "      ${{ steps.inner.x }} ${{ steps.go.who }}\n"
    "      ${{ steps.long.last }}\" | tr -s \" \\n\" \" \" >>\n"
    "      \"${{ params.fx }}\"; echo >> \"${{ params.fx }}\"'\n"
    "    verify: {run: 'cat \"${{ params.fx }}\"',\n"
    "      holds: \"contains(self.out, 'use ')\"}\n";

static const char inner_file[] =
    "inputs: {word: {type: string, required: true},\n"
    "  fx: {type: string, required: true}}\n"
    "steps:\n"
    "  - id: act\n"
    "    title: Act\n"
    "    run: 'echo act >> \"${{ inputs.fx }}\";\n"
    "      echo \"x=${{ inputs.word }}y\"'\n"
    "    capture: {x: {match: 'x=(\\w+)'}}\n"
    "outputs: {x: steps.act.x}\n";

/* Steps whose effect is a line of this name. */
static const struct effect_step {
	const char *line, *address;
	bool repeatable;
	const char *set, *value;       /* its capture, for `done` */
} effects[] = {
	{ "once", "once", false, "token", "abc" },
	{ "again", "again", true, NULL, NULL },
	{ "made", "made", false, NULL, NULL },
	{ "act", "inner.act", false, "x", "abcy" },
	{ "long", "long", false, "last", "line" },
	{ "use abc 43 abcy alice line", "use", false, NULL, NULL },
};
#define N_EFFECTS (sizeof effects / sizeof *effects)

struct shared {
	volatile bool begun;           /* run_begin returned 0 */
	volatile unsigned count;       /* operations of the last driver */
};

struct fixture {
	char dir[64], state[96], book[96], fx[96];
	char *id;
	struct shared *shared;
	uint64_t seed;
	const struct clock *clock;
	char nonce[NONCE_HEX + 1];
	bool sent;
};

/* What goes wrong for one driver. */
struct fault {
	enum { WORLD_STOPS, FAILS_ONCE, FAILS_ON, SYNC_FAILS_ONCE } how;
	unsigned at;
	int error;
};

/* ---- files */

static void
write_file(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static unsigned
lines_of(const struct fixture *f, const char *wanted)
{
	FILE *in = fopen(f->fx, "r");
	char line[512];
	unsigned n = 0;

	while (in != NULL && fgets(line, sizeof line, in) != NULL) {
		size_t len = strcspn(line, "\n");

		while (len > 0 && line[len - 1] == ' ')
			len--;
		line[len] = '\0';
		n += strcmp(line, wanted) == 0;
	}
	if (in != NULL)
		fclose(in);
	return n;
}

static void
setup(struct fixture *f, uint64_t seed)
{
	struct err err = ERR_INIT;
	struct rundir *dir;

	memset(f, 0, sizeof *f);
	f->seed = seed;
	f->clock = clock_real();
	strcpy(f->dir, "/tmp/cairn-engine-crash.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->state, sizeof f->state, "%s/state", f->dir);
	snprintf(f->book, sizeof f->book, "%s/book", f->dir);
	snprintf(f->fx, sizeof f->fx, "%s/fx", f->dir);
	assert_int_equal(mkdir(f->book, 0700), 0);
	write_file(f->book, "runbook.yaml", runbook);
	write_file(f->book, "inner.yaml", inner_file);
	assert_int_equal(file_make_dirs(f->state, &err), 0);
	dir = rundir_create(f->state, "crash", f->clock, &err);
	assert_non_null(dir);
	f->id = xstrdup(dir->id);
	rundir_close(dir);
	f->shared = mmap(NULL, sizeof *f->shared, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(f->shared != MAP_FAILED);
}

static void
remove_tree(const char *path)
{
	char rm[] = "rm", force[] = "-rf", end[] = "--";
	char *const argv[] = { rm, force, end, (char *)path, NULL };
	pid_t pid = fork();

	if (pid == 0) {
		execvp("rm", argv);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
}

/* ---- processes: all that we started, by their ids */

static pid_t
parent_of(pid_t pid)
{
	char path[64], text[512], *p;
	FILE *f;
	int parent = 0;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (f == NULL)
		return 0;
	if (fgets(text, sizeof text, f) != NULL &&
	    (p = strrchr(text, ')')) != NULL)
		sscanf(p + 1, " %*c %d", &parent);
	fclose(f);
	return parent;
}

static bool
descends(pid_t pid)
{
	pid_t p;

	for (p = parent_of(pid); p > 1; p = parent_of(p))
		if (p == getpid())
			return true;
	return false;
}

/* As a restart of the machine: nothing lives on. */
static void
kill_descendants(void)
{
	struct dirent *entry;
	bool any = true;

	while (any) {
		DIR *dir = opendir("/proc");

		any = false;
		while ((entry = readdir(dir)) != NULL) {
			pid_t pid = atoi(entry->d_name);

			if (pid > 1 && descends(pid)) {
				kill(pid, SIGKILL);
				any = true;
			}
		}
		closedir(dir);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			continue;
	}
}

static void
teardown(struct fixture *f)
{
	kill_descendants();
	remove_tree(f->dir);
	munmap(f->shared, sizeof *f->shared);
	free(f->id);
}

/* ---- a driver, in a process of its own */

static struct book *
load(int dirfd, const char *file)
{
	struct book_place place = { .dirfd = dirfd, .file = file,
	    .shown = "" };
	struct errs errs = { 0 }, warnings = { 0 };
	struct book *book = book_load(&place, kinds_for_book(), &errs,
	    &warnings);

	if (book == NULL) {
		struct buf b = BUF_INIT(1 << 20);

		errs_print(&errs, &b);
		fprintf(stderr, "%s", b.data);
		_exit(99);
	}
	return book;
}

static void
begin_run(struct fixture *f, struct rundir *dir, const struct vfs *vfs)
{
	struct err err = ERR_INIT;
	struct errs errs = { 0 };
	struct arena *a = arena_new();
	int dirfd = open(f->book, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct book_place place = { .dirfd = dirfd,
	    .file = "runbook.yaml", .shown = "" };
	struct book *book = load(dirfd, "runbook.yaml");
	char set[128];
	const char *sets[1] = { set };
	struct value params;

	snprintf(set, sizeof set, "fx=%s", f->fx);
	if (book_params(book, a, sets, 1, NULL, &params, &errs) != 0)
		_exit(99);
	if (run_begin(dir, book, &place, params, "/usr/bin:/bin", vfs,
	    f->clock, &err) != 0)
		_exit(NEVER_BEGAN);
	f->shared->begun = true;
}

static _Noreturn void
driver(struct fixture *f, bool begins, const struct fault *fault)
{
	struct err err = ERR_INIT;
	struct faulty *faulty = faulty_new(f->seed);
	struct rundir *dir = rundir_open(f->state, f->id, &err);
	struct run_facts facts;
	struct arena *a = arena_new();
	struct drive d;
	int holder, status;

	if (fault != NULL && fault->how == WORLD_STOPS)
		faulty_crash(faulty, fault->at);
	if (fault != NULL && fault->how == SYNC_FAILS_ONCE)
		faulty_count_syncs(faulty);
	if (fault != NULL && fault->how != WORLD_STOPS)
		faulty_fail(faulty, fault->at, fault->error,
		    fault->how == FAILS_ON);
	if (dir == NULL || rundir_lock(dir, &holder, &err) != 1)
		_exit(98);
	if (begins)
		begin_run(f, dir, faulty_vfs(faulty));
	if (run_facts_read(dir, a, &facts, &err) != 0)
		_exit(NEVER_BEGAN);
	d = (struct drive){ .dir = dir, .facts = &facts,
	    .book = load(dir->book_fd, facts.book_file),
	    .vfs = faulty_vfs(faulty), .clock = f->clock, .resume = !begins };
	status = (int)run_drive(&d, &err);
	f->shared->count = faulty_count(faulty);
	if (err.set && fault == NULL)
		fprintf(stderr, "driver: %s\n", err.text);
	_exit(status);
}

static int
run_driver(struct fixture *f, bool begins, const struct fault *fault)
{
	int status;
	pid_t pid;

	f->shared->count = 0;
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		driver(f, begins, fault);
	assert_true(waitpid(pid, &status, 0) == pid);
	if (!WIFEXITED(status))
		fail_msg("a driver died of signal %d (SEED=%llu)",
		    WTERMSIG(status), (unsigned long long)f->seed);
	return WEXITSTATUS(status);
}

/* ---- what the journal says */

struct seen {
	struct fold *fold;
	unsigned answers;              /* records of our answer */
};

static void
look(struct fixture *f, struct seen *s)
{
	struct err err = ERR_INIT;
	struct rundir *dir = rundir_open(f->state, f->id, &err);
	struct journal_reader *r = journal_reader_open(dir->fd, &err);
	struct record record;
	int got;

	assert_non_null(r);
	s->fold = fold_new();
	s->answers = 0;
	while ((got = journal_reader_next(r, &record, &err)) == 1) {
		if (record.type == RECORD_DECIDE && f->nonce[0] != '\0') {
			json_t *p = record_parse(&record, &err);

			s->answers += str_eq(f->nonce, json_string_value(
			    json_object_get(p, "nonce")));
			json_decref(p);
		}
		if (fold_apply(s->fold, &record, &err) != 0)
			break;
	}
	if (err.set)
		fail_msg("the journal is not whole: %s (SEED=%llu)", err.text,
		    (unsigned long long)f->seed);
	journal_reader_close(r);
	rundir_close(dir);
}

static enum step_state
state_of(const struct seen *s, const char *address)
{
	const struct fold_step *step = fold_find(s->fold, address);

	return step == NULL ? STEP_PENDING : step->state;
}

/* At any moment. */
static void
check_effects(struct fixture *f)
{
	struct seen s;
	size_t i;

	look(f, &s);
	for (i = 0; i < N_EFFECTS; i++) {
		const struct effect_step *e = &effects[i];
		const struct fold_step *step = fold_find(s.fold, e->address);
		unsigned n = lines_of(f, e->line);

		if (n > 1 && !e->repeatable)
			fail_msg("'%s' happened %u times (SEED=%llu)", e->line,
			    n, (unsigned long long)f->seed);
		if (n > 0 && (step == NULL || step->attempt == 0))
			fail_msg("P1: '%s' happened without a start record "
			    "(SEED=%llu)", e->line,
			    (unsigned long long)f->seed);
		if (n == 0 && state_of(&s, e->address) == STEP_DONE)
			fail_msg("'%s' is done without its effect (SEED=%llu)",
			    e->address, (unsigned long long)f->seed);
	}
	if (s.answers > 1)
		fail_msg("an answer was taken twice (SEED=%llu)",
		    (unsigned long long)f->seed);
	fold_free(s.fold);
}

/* ---- a person */

static void
tell(struct fixture *f, json_t *command, char nonce[NONCE_HEX + 1])
{
	struct err err = ERR_INIT;
	struct rundir *dir = rundir_open(f->state, f->id, &err);

	assert_non_null(dir);
	assert_int_equal(inbox_send(dir->inbox_fd, command, nonce, &err), 0);
	json_decref(command);
	rundir_close(dir);
}

static void
answer_gate(struct fixture *f)
{
	if (f->sent)
		return;
	f->sent = true;
	tell(f, json_pack("{s:s, s:s, s:[i], s:{s:s}}", "verb", "answer",
	    "step", "go", "ticks", 1, "values", "who", "alice"), f->nonce);
}

/* Looks at the world, as the runbook's operator would. */
static unsigned
resolve_unknown(struct fixture *f, const struct seen *s)
{
	char nonce[NONCE_HEX + 1];
	unsigned n = 0;
	size_t i;

	for (i = 0; i < N_EFFECTS; i++) {
		const struct effect_step *e = &effects[i];
		bool happened = lines_of(f, e->line) > 0;
		json_t *command;

		if (state_of(s, e->address) != STEP_UNKNOWN)
			continue;
		command = json_pack("{s:s, s:s, s:s}", "verb", happened ?
		    "done" : "retry", "step", e->address, "reason", "seen");
		if (happened && e->set != NULL)
			json_object_set_new(command, "values", json_pack(
			    "{s:s}", e->set, e->value));
		tell(f, command, nonce);
		n++;
	}
	return n;
}

/* Resumes until nothing more can be done. `asks`: unknown steps may occur. */
static void
finish(struct fixture *f, bool asks)
{
	struct seen s;
	int i, status = -1;
	enum run_state state;

	for (i = 0; i < MOST_RESUMES; i++) {
		status = run_driver(f, false, NULL);
		if (status == NEVER_BEGAN && !f->shared->begun)
			return;
		check_effects(f);
		look(f, &s);
		state = fold_state(s.fold);
		if (state_of(&s, "go") == STEP_WAITING)
			answer_gate(f);
		if (resolve_unknown(f, &s) > 0 && !asks)
			fail_msg("a step became unknown (SEED=%llu)",
			    (unsigned long long)f->seed);
		fold_free(s.fold);
		if (state == RUN_DONE)
			break;
	}
	if (i == MOST_RESUMES)
		fail_msg("the run never ends: status %d, %s (SEED=%llu)",
		    status, run_state_name(state),
		    (unsigned long long)f->seed);
	for (i = 0; i < (int)N_EFFECTS; i++) {
		unsigned n = lines_of(f, effects[i].line);

		if (n == 0 || (n > 1 && !effects[i].repeatable))
			fail_msg("'%s': %u times at the end (SEED=%llu)",
			    effects[i].line, n, (unsigned long long)f->seed);
	}
}

/* ---- the tests */

static uint64_t
seed_given(void)
{
	const char *s = getenv("SEED");
	static uint64_t seed;

	if (seed == 0) {
		seed = s != NULL ? strtoull(s, NULL, 10) :
		    (uint64_t)time(NULL) % 1000000 * 1000;
		printf("SEED=%llu\n", (unsigned long long)seed);
		fflush(stdout);
	}
	return seed;
}

/* One run in which a fault hits the first driver, or the one that takes the
 * answer. Returns whether the fault was reached. */
static bool
one(unsigned n, bool later, struct fault fault, const struct clock *after)
{
	struct fixture f;
	bool reached;
	int status;

	setup(&f, seed_given() + n);
	fault.at = n;
	if (later) {
		assert_int_equal(run_driver(&f, true, NULL), DRIVE_WAITING);
		answer_gate(&f);
		status = run_driver(&f, false, &fault);
	} else {
		status = run_driver(&f, true, &fault);
	}
	/* a driver that stopped in its middle counted no further */
	reached = f.shared->count == 0 || f.shared->count >= n;
	if (status != FAULTY_EXIT && status != NEVER_BEGAN &&
	    status != DRIVE_ERROR && status != DRIVE_WAITING &&
	    status != DRIVE_DONE && status != DRIVE_PAUSED)
		fail_msg("a driver in trouble ended with %d (SEED=%llu)",
		    status, (unsigned long long)f.seed);
	if (after != NULL) {
		kill_descendants();
		f.clock = after;
	}
	if (f.shared->begun)
		check_effects(&f);
	finish(&f, after != NULL);
	teardown(&f);
	return reached;
}

static void
everywhere(struct fault fault, const struct clock *after, unsigned step)
{
	bool later = false;
	unsigned n;

	do {
		for (n = 1 + (unsigned)(seed_given() % step); one(n, later,
		    fault, after); n += step)
			assert_true(n < 2000);
		/* a life with fewer operations than that was none */
		printf("  %s driver: up to operation %u\n", later ? "second" :
		    "first", n);
		assert_true(fault.how == SYNC_FAILS_ONCE || n > 16);
		later = !later;
	} while (later);
}

static void
test_world_stops(void **state)
{
	(void)state;
	everywhere((struct fault){ WORLD_STOPS, 0, 0 }, NULL, 1);
}

static void
test_sync_fails_once(void **state)
{
	(void)state;
	everywhere((struct fault){ SYNC_FAILS_ONCE, 0, EIO }, NULL, 1);
}

static void
test_fails_once(void **state)
{
	(void)state;
	everywhere((struct fault){ FAILS_ONCE, 0, EIO }, NULL, 3);
}

static void
test_disk_full(void **state)
{
	(void)state;
	everywhere((struct fault){ FAILS_ON, 0, ENOSPC }, NULL, 2);
}

/* ---- another boot */

static nsec
real_mono(void *ctx)
{
	(void)ctx;
	return clock_mono(clock_real());
}

static nsec
real_wall(void *ctx)
{
	(void)ctx;
	return clock_wall(clock_real());
}

static const char *
other_boot(void *ctx)
{
	(void)ctx;
	return "11111111-2222-3333-4444-555555555555";
}

static const struct clock rebooted = {
	real_mono, real_wall, other_boot, NULL,
};

static void
test_machine_restarts(void **state)
{
	(void)state;
	everywhere((struct fault){ WORLD_STOPS, 0, 0 }, &rebooted, 3);
}

/* What ended right before the restart: done only where the step proves it. */
static void
test_asked_again_after_restart(void **state)
{
	struct fixture f;
	struct seen s;

	(void)state;
	setup(&f, seed_given());
	assert_int_equal(run_driver(&f, true, NULL), DRIVE_WAITING);
	kill_descendants();
	f.clock = &rebooted;
	assert_int_equal(run_driver(&f, false, NULL), DRIVE_UNKNOWN);
	check_effects(&f);
	look(&f, &s);
	assert_int_equal(state_of(&s, "once"), STEP_UNKNOWN);
	assert_int_equal(state_of(&s, "facts"), STEP_DONE);
	fold_free(s.fold);
	finish(&f, true);
	look(&f, &s);
	assert_int_equal(state_of(&s, "made"), STEP_DONE);
	assert_int_equal(fold_find(s.fold, "made")->attempt, 1);
	fold_free(s.fold);
	teardown(&f);
}

/* The sync that fails is the last thing that a driver does. */
static void
test_nothing_after_a_failed_sync(void **state)
{
	struct fault fault = { SYNC_FAILS_ONCE, 0, EIO };
	struct fixture f;
	struct seen s;
	int status;
	bool any = false;

	(void)state;
	for (fault.at = 1;; fault.at++) {
		unsigned long before;
		unsigned i, running = 0;

		setup(&f, seed_given() + fault.at);
		status = run_driver(&f, true, &fault);
		if (f.shared->begun && f.shared->count != 0 &&
		    f.shared->count < fault.at) {
			teardown(&f);
			break;
		}
		if (f.shared->begun) {
			any = true;
			assert_int_equal(status, DRIVE_ERROR);
			look(&f, &s);
			before = fold_records(s.fold);
			for (i = 0; i < fold_count(s.fold); i++)
				running += fold_at(s.fold, i)->slot >= 0 &&
				    fold_at(s.fold, i)->state == STEP_RUNNING;
			assert_true(running <= 1);
			fold_free(s.fold);
			look(&f, &s);
			assert_int_equal(fold_records(s.fold), before);
			fold_free(s.fold);
		}
		teardown(&f);
	}
	assert_true(any);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_world_stops),
		cmocka_unit_test(test_sync_fails_once),
		cmocka_unit_test(test_nothing_after_a_failed_sync),
		cmocka_unit_test(test_fails_once),
		cmocka_unit_test(test_disk_full),
		cmocka_unit_test(test_machine_restarts),
		cmocka_unit_test(test_asked_again_after_restart),
	};

	/* supervisors of a driver that is gone come to us */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	seed_given();
	return cmocka_run_group_tests_name("engine_crash", tests, NULL, NULL);
}
