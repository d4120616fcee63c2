/* Slots: where local jobs run, one at a time, under a supervisor that outlives
 * the driver (design.md 3).
 *
 * The driver's side. A supervisor is forked without exec, holds its slot's
 * lock, runs one job after the other, and ends when the driver is gone and its
 * job has ended. Its socketpair is never reconnected: a later driver reads the
 * slot and waits for `rc` or for the lock. A slot whose lock is free cannot
 * change any more. */
#ifndef CAIRN_JOB_SLOT_H
#define CAIRN_JOB_SLOT_H

#include "job/job.h"

struct loop;
struct slot;
struct slots;

/* A supervised function of cairn. It runs in a process of its own, may block,
 * crash and be killed; writes JSON lines to fd 1, the last one its result, and
 * talk to fd 2; returns the exit status. */
struct worker {
	const char *name;
	int (*run)(const char *request, size_t n);
};

/* `workers` ends with a row whose name is NULL. `forked` (or NULL) runs in
 * each new supervisor first (wipe secrets, close what is the driver's own). */
struct slots *slots_new(int job_dirfd, struct loop *loop,
    const struct worker *workers, void (*forked)(void *ctx), void *ctx);
/* Leaves running jobs alone: their supervisors go on without a driver. */
void slots_free(struct slots *s);

/* An idle slot with a live supervisor, made if need be. `done` is called from
 * loop_turn when the job has ended; the slot stays taken until slot_release.
 * NULL with err. */
struct slot *slots_take(struct slots *s,
    void (*done)(struct slot *slot, const struct job_result *r, void *ctx),
    void *ctx, struct err *err);
int slot_number(const struct slot *slot);
/* Hands the job over; the caller has its start record on disk. -1 with err:
 * the supervisor is gone, and the job will not begin. */
int slot_start(struct slot *slot, const struct job_spec *spec,
    const char nonce[NONCE_HEX + 1], struct err *err);
/* TERM, grace, KILL, until no member is left; then `done` is called with
 * JOB_STOPPED, or with the job's own end if that came first. */
void slot_stop(struct slot *slot, nsec grace);
/* The supervisor died (killed): `done` is called with this outcome after the
 * loop has seen it; what is left is for slot_inspect. Then slot_release or
 * slots_adopt_empty. */
#define JOB_LOST ((enum job_outcome)-1)
/* The end record is on disk, or the slot was never started: empties the files
 * and makes the slot idle, or retires it when descendants are left. May be
 * called from `done`. */
void slot_release(struct slot *slot);
/* Appends bytes [from, to) of a job's output, as far as they are there and fit
 * into `out`; which: 1 out, 2 err. */
int slot_read(const struct slots *s, int number, int which, off_t from,
    off_t to, struct buf *out, struct err *err);
/* Descriptor of out or err, for streaming; the caller closes it. */
int slot_open(const struct slots *s, int number, int which, struct err *err);

/* ---- what an earlier driver left */

enum slot_verdict {
	SLOT_NOT_STARTED,    /* lock free, and our nonce is not there, or is
	                        but without a pid: it has not begun and never
	                        will */
	SLOT_PENDING,        /* lock held, our nonce not there yet: ask again */
	SLOT_RUNNING,        /* lock held, our nonce, no rc yet: ask again */
	SLOT_ENDED,          /* *result is valid */
	SLOT_ORPHAN,         /* supervisor gone, command or a member of its
	                        session alive: its exit status will not be
	                        known */
	SLOT_LOST,           /* it may have begun, everything gone, no valid
	                        rc; or the slot's files are damaged */
	SLOT_OTHER_BOOT,     /* the machine was restarted, no valid rc; also
	                        when our nonce is not there: the restart may
	                        have swallowed it */
};
enum slot_verdict slot_inspect(int job_dirfd, int number, const char *nonce,
    const char *boot, struct job_result *result, struct job_meta *meta);
/* Asks the supervisor that holds the slot to stop its job (SIGTERM through a
 * pidfd after comparing start time, boot and nonce). 0: asked; -1: nobody is
 * there or it is not provably ours. */
int slot_stop_left(int job_dirfd, int number, const char *nonce,
    const char *boot);
/* Numbers of all slots that exist, ascending. Returns how many, at most max. */
size_t slots_existing(int job_dirfd, int *numbers, size_t max);
/* Nonce in the slot's meta ("" if none): jobs nobody claims are looks. */
int slot_nonce(int job_dirfd, int number, char nonce[NONCE_HEX + 1]);
/* Is the lock of the slot free? */
int slot_is_free(int job_dirfd, int number);
/* A left job's end record is on disk: empties the slot's files. slots_take may
 * use it again if its lock is free and its files prove that no descendant is
 * left. Does nothing to a slot that is in use. */
void slots_adopt_empty(struct slots *s, int number);

#endif
