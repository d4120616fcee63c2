/* A directory of slots, and a driver in a few lines, for tests of job/. */
#ifndef CAIRN_TESTS_JOB_HELP_H
#define CAIRN_TESTS_JOB_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/process.h"
#include "job/slot.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))
#define NO_SUCH_NONCE "ffffffffffffffffffffffffffffffff"
#define DEADLINE (120 * NSEC_PER_SEC)

/* Turns the loop until `condition` holds: no test depends on how long
 * something takes. */
#define WAIT_FOR(t, condition) do { \
	nsec until_ = clock_mono(clock_real()) + DEADLINE; \
	while (!(condition)) { \
		if (clock_mono(clock_real()) > until_) \
			fail_msg("never came: %s", #condition); \
		loop_turn((t)->loop, NSEC_PER_SEC / 500); \
	} \
} while (0)

static const char *const job_env[] = { "PATH=/usr/bin:/bin", NULL };

struct place {
	char path[64];
	int fd;
	struct loop *loop;
	struct slots *slots;
};

/* A job on its way, and what came of it. */
struct ran {
	struct slot *slot;
	int number;
	char nonce[NONCE_HEX + 1];
	bool over;
	struct job_result r;
	struct buf out, err;
};

static inline void place_open(struct place *t, const struct worker *workers)
{
	strcpy(t->path, "/tmp/cairn-job.XXXXXX");
	assert_non_null(mkdtemp(t->path));
	t->fd = open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(t->fd >= 0);
	t->loop = loop_new();
	t->slots = slots_new(t->fd, t->loop, workers, NULL, NULL);
}

static inline void place_close(struct place *t)
{
	struct err err = ERR_INIT;

	slots_free(t->slots);
	loop_free(t->loop);
	close(t->fd);
	file_remove_tree(AT_FDCWD, t->path, &err);
	err_free(&err);
}

/* Another driver takes over: the slots are what is on disk. */
static inline void place_again(struct place *t, const struct worker *workers)
{
	slots_free(t->slots);
	t->slots = slots_new(t->fd, t->loop, workers, NULL, NULL);
}

static inline void ran_done(struct slot *slot, const struct job_result *r,
    void *ctx)
{
	struct ran *ran = ctx;

	assert_ptr_equal(slot, ran->slot);
	assert_false(ran->over);
	ran->over = true;
	ran->r = *r;
}

static inline void ran_take(struct place *t, struct ran *ran)
{
	struct err err = ERR_INIT;

	memset(ran, 0, sizeof *ran);
	buf_init(&ran->out, 64 << 20);
	buf_init(&ran->err, 64 << 20);
	nonce_make(ran->nonce);
	ran->slot = slots_take(t->slots, ran_done, ran, &err);
	if (!ran->slot)
		fail_msg("%s", err.text);
	ran->number = slot_number(ran->slot);
}

static inline void ran_start(struct place *t, struct ran *ran,
    const struct job_spec *spec)
{
	struct err err = ERR_INIT;

	ran_take(t, ran);
	if (slot_start(ran->slot, spec, ran->nonce, &err) != 0)
		fail_msg("%s", err.text);
}

static inline void ran_end(struct place *t, struct ran *ran)
{
	struct err err = ERR_INIT;

	WAIT_FOR(t, ran->over);
	assert_int_equal(slot_read(t->slots, ran->number, 1, 0, ran->r.out,
	    &ran->out, &err), 0);
	assert_int_equal(slot_read(t->slots, ran->number, 2, 0, ran->r.err,
	    &ran->err, &err), 0);
	slot_release(ran->slot);
}

static inline void ran_free(struct ran *ran)
{
	buf_free(&ran->out);
	buf_free(&ran->err);
}

static inline void ran_all(struct place *t, struct ran *ran,
    const struct job_spec *spec)
{
	ran_start(t, ran, spec);
	ran_end(t, ran);
}

/* sh -c TEXT; `argv` has 4 places and lives as long as the spec. */
static inline struct job_spec shell(const char *argv[4], const char *text)
{
	argv[0] = "/bin/sh";
	argv[1] = "-c";
	argv[2] = text;
	argv[3] = NULL;
	return (struct job_spec){ .argv = argv, .env = job_env };
}

static inline enum slot_verdict verdict(const struct place *t,
    const struct ran *ran, struct job_result *r)
{
	struct job_meta meta;

	return slot_inspect(t->fd, ran->number, ran->nonce,
	    clock_boot(clock_real()), r, &meta);
}

static inline struct job_meta meta_of(const struct place *t, int number)
{
	struct job_result r;
	struct job_meta meta = { 0 };

	slot_inspect(t->fd, number, NO_SUCH_NONCE, clock_boot(clock_real()),
	    &r, &meta);
	return meta;
}

/* The output so far of a job that still runs. */
static inline bool has_lines(const struct place *t, struct ran *ran, int n)
{
	struct err err = ERR_INIT;
	const char *p;

	buf_reset(&ran->out);
	slot_read(t->slots, ran->number, 1, 0, 1 << 20, &ran->out, &err);
	for (p = ran->out.data; (p = strchr(p, '\n')) != NULL; p++)
		n--;
	return n <= 0;
}

/* Numbers in the output, at most max; returns how many. */
static inline int pids_in(const struct buf *b, pid_t *pids, int max)
{
	const char *p = b->data;
	char *end;
	int n = 0;

	for (; n < max; p = end) {
		pids[n] = (pid_t)strtol(p, &end, 10);
		if (end == p)
			break;
		n++;
	}
	return n;
}

#endif
