/* Drivers, and supervisors with them, are killed at random moments while they
 * go through a sequence of jobs, each of which appends its number to a file.
 * What slot_inspect says afterwards is held against that file. The journal is
 * two lines a job in a file: processes die here, not the machine, so nothing
 * has to be synced. */
#include "../unit/job_help.h"

#include <sys/prctl.h>
#include <time.h>

#define JOBS_MAX 20000
#define KILLS 200

enum ending { NEVER, STARTED, KNOWN, UNKNOWN };

/* What the journal says of a job: of its last start. */
struct line {
	enum ending ending;
	int slot, status, starts;
	char nonce[NONCE_HEX + 1];
};

struct history {
	struct line *jobs;
	int n;                   /* jobs 0 to n - 1 have begun */
};

static struct place place;

static int status_of(int job)
{
	return job % 251;
}

/* ---- the journal: "start JOB SLOT NONCE", "end JOB STATUS", "again JOB",
 * "unknown JOB" */

static void record(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
static void record(const char *format, ...)
{
	char text[128];
	va_list args;
	int fd, n;

	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	fd = openat(place.fd, "journal", O_WRONLY | O_APPEND | O_CREAT |
	    O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, (size_t)n) != n)
		_exit(9);
	close(fd);
}

static void read_line(struct history *h, const char *text)
{
	char nonce[NONCE_HEX + 1];
	int job, slot, status;

	if (sscanf(text, "start %d %d %32s", &job, &slot, nonce) == 3) {
		h->jobs[job].ending = STARTED;
		h->jobs[job].slot = slot;
		h->jobs[job].starts++;
		strcpy(h->jobs[job].nonce, nonce);
		if (job >= h->n)
			h->n = job + 1;
	} else if (sscanf(text, "end %d %d", &job, &status) == 2) {
		h->jobs[job].ending = KNOWN;
		h->jobs[job].status = status;
	} else if (sscanf(text, "again %d", &job) == 1) {
		h->jobs[job].ending = NEVER;
	} else if (sscanf(text, "unknown %d", &job) == 1) {
		h->jobs[job].ending = UNKNOWN;
	}
}

static void read_history(struct history *h)
{
	char path[128], text[128];
	FILE *f;

	h->n = 0;
	h->jobs = calloc(JOBS_MAX, sizeof *h->jobs);
	snprintf(path, sizeof path, "%s/journal", place.path);
	f = fopen(path, "r");
	while (f && fgets(text, sizeof text, f))
		read_line(h, text);
	if (f)
		fclose(f);
}

/* ---- the driver, a process that does not know when it will die */

static void done(struct slot *slot, const struct job_result *r, void *ctx)
{
	struct ran *ran = ctx;

	(void)slot;
	ran->over = true;
	ran->r = *r;
}

static void make_spec(int job, char text[128], const char *argv[4],
    struct job_spec *spec)
{
	/* some are over at once, some live long enough to be found */
	snprintf(text, 128, "%secho %d >>%s/effects; exit %d",
	    job % 3 ? "" : "sleep 0.005; ", job, place.path, status_of(job));
	*spec = shell(argv, text);
}

static void run_job(int job)
{
	struct err err = ERR_INIT;
	const char *argv[4];
	struct job_spec spec;
	struct ran ran = { 0 };
	char text[128];

	make_spec(job, text, argv, &spec);
	nonce_make(ran.nonce);
	ran.slot = slots_take(place.slots, done, &ran, &err);
	if (!ran.slot)
		_exit(8);
	record("start %d %d %s\n", job, slot_number(ran.slot), ran.nonce);
	if (slot_start(ran.slot, &spec, ran.nonce, &err) != 0)
		_exit(7);
	while (!ran.over)
		loop_turn(place.loop, -1);
	/* its supervisor was killed: let the next driver find out */
	if (ran.r.outcome == JOB_LOST)
		_exit(6);
	record("end %d %d\n", job, ran.r.status);
	slot_release(ran.slot);
}

/* true: the verdict is recorded. */
static bool settle(int job, const struct line *l)
{
	struct job_result r;
	struct job_meta meta;

	switch (slot_inspect(place.fd, l->slot, l->nonce,
	    clock_boot(clock_real()), &r, &meta)) {
	case SLOT_ENDED:
		record("end %d %d\n", job, r.outcome == JOB_EXITED ?
		    r.status : -1);
		return true;
	case SLOT_NOT_STARTED:
		record("again %d\n", job);
		return true;
	case SLOT_LOST:
		record("unknown %d\n", job);
		return true;
	case SLOT_OTHER_BOOT:
		_exit(5);
	default:
		return false;
	}
}

static _Noreturn void drive(void)
{
	int numbers[1024], job;
	size_t n, i;
	struct history h;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	place_again(&place, NULL);
	read_history(&h);
	for (job = 0; job < h.n; job++) {
		while (h.jobs[job].ending == STARTED &&
		    !settle(job, &h.jobs[job]))
			usleep(500);
	}
	free(h.jobs);
	read_history(&h);
	n = slots_existing(place.fd, numbers, COUNT(numbers));
	for (i = 0; i < n; i++)
		slots_adopt_empty(place.slots, numbers[i]);
	for (job = 0; job < JOBS_MAX; job++) {
		if (h.jobs[job].ending == NEVER)
			run_job(job);
	}
	_exit(0);
}

/* ---- killing */

static void kill_child(pid_t pid, void *ctx)
{
	(void)ctx;
	kill(pid, SIGKILL);
}

/* The supervisors are the driver's children; they go first or last. */
static void kill_driver(pid_t pid, bool all, bool supervisors_first)
{
	int status;

	if (all && supervisors_first)
		process_children(pid, kill_child, NULL);
	if (all && !supervisors_first) {
		kill(pid, SIGSTOP);
		process_children(pid, kill_child, NULL);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && !(all && (WEXITSTATUS(status) == 6 ||
	    WEXITSTATUS(status) == 7)))
		fail_msg("a driver ended by itself: %d", WEXITSTATUS(status));
}

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void lives_and_deaths(bool supervisors_too)
{
	uint64_t seed = (uint64_t)clock_wall(clock_real()) | 1;
	struct timespec life = { 0 };
	pid_t pid;
	int i;

	print_message("seed %llu\n", (unsigned long long)seed);
	for (i = 0; i < KILLS; i++) {
		fflush(NULL);
		pid = fork();
		if (pid == 0)
			drive();
		life.tv_nsec = (long)(next_random(&seed) % 40000000);
		nanosleep(&life, NULL);
		kill_driver(pid, supervisors_too && next_random(&seed) % 2,
		    next_random(&seed) % 2);
	}
}

/* Settles what the last driver left. */
static void settle_all(void)
{
	struct history h;
	int job;

	read_history(&h);
	for (job = 0; job < h.n; job++) {
		if (h.jobs[job].ending == STARTED)
			WAIT_FOR(&place, settle(job, &h.jobs[job]));
	}
	free(h.jobs);
}

/* How often each job did what it does. */
static int *read_effects(void)
{
	int *counts = calloc(JOBS_MAX, sizeof *counts), job;
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/effects", place.path);
	f = fopen(path, "r");
	while (f && fscanf(f, "%d\n", &job) == 1)
		counts[job]++;
	if (f)
		fclose(f);
	return counts;
}

static void compare(bool supervisors_too)
{
	struct history h;
	int *effects = read_effects(), job, unknown = 0, again = 0;

	read_history(&h);
	for (job = 0; job < JOBS_MAX; job++) {
		const struct line *l = &h.jobs[job];

		if (effects[job] > 1)
			fail_msg("job %d was executed %d times", job,
			    effects[job]);
		if (l->ending == NEVER && effects[job] != 0)
			fail_msg("job %d is said not to have begun", job);
		if (l->ending == KNOWN && (effects[job] != 1 ||
		    l->status != status_of(job)))
			fail_msg("job %d: %d effects, status %d", job,
			    effects[job], l->status);
		unknown += l->ending == UNKNOWN;
		again += l->starts > 1;
	}
	print_message("%d jobs, %d of them begun anew, %d unknown\n", h.n,
	    again, unknown);
	assert_true(h.n > 0);
	if (!supervisors_too)
		assert_int_equal(unknown, 0);
	free(h.jobs);
	free(effects);
}

static void killed_drivers(void **state)
{
	(void)state;
	lives_and_deaths(false);
	settle_all();
	compare(false);
}

/* Then some results cannot be known, but nothing runs twice, and what is said
 * to be known or not begun is so. */
static void killed_supervisors(void **state)
{
	(void)state;
	lives_and_deaths(true);
	settle_all();
	compare(true);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(killed_drivers, open_place,
		    close_place),
		cmocka_unit_test_setup_teardown(killed_supervisors,
		    open_place, close_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
