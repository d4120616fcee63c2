/* One running command or worker, and what stays of it on disk.
 *
 * A job runs in a slot, a directory `job/<n>/` with
 *   lock   held (flock) by the supervisor as long as it lives
 *   meta   who: "boot=B sup=PID supstart=T pid=PID start=T begin=NS nonce=N\n",
 *          blanks to META_WIDTH; overwritten in place by one write. pid=0 is
 *          the claim. The job's own process puts its pid in before it executes
 *          anything and holds the lock until then: a claim without a pid under
 *          a free lock has not begun and never will. A slot without a job says
 *          JOB_NO_NONCE: so the boot in which it was empty is known.
 *   out err what it printed
 *   rc     how it ended: blanks to RC_WIDTH, overwritten in place by one write
 *          "rc=R out=BYTES err=BYTES begin=NS end=NS left=0|1 nonce=N\n", R
 *          being an exit status, "signal:9", "exec:2" (could not be executed:
 *          errno) or "stopped". It exists before the spawn, so that a full
 *          disk loses no exit status.
 * Nothing in it is ever sourced or evaluated: exact grammar, own nonce, all
 * else is "no valid record" (security.md J1). */
#ifndef CAIRN_JOB_JOB_H
#define CAIRN_JOB_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/digest.h"
#include "base/process.h"
#include "base/str.h"

struct buf;
struct err;

#define META_WIDTH 256
#define RC_WIDTH 160
#define JOB_NO_NONCE "00000000000000000000000000000000"

/* What shall run. Pointers are borrowed for the duration of the call that
 * takes it. */
struct job_spec {
	const char *worker;          /* a worker's name, or NULL: a command */
	const char *request;         /* worker: its request, JSON */
	size_t request_len;
	const char *const *argv;     /* command: NULL-terminated; argv[0] is
	                                looked up in PATH of `env` if it has
	                                no "/" */
	const char *const *env;      /* "NAME=value", NULL-ended, complete */
	const char *cwd;             /* absolute; NULL: "/" */
	const char *script;          /* NULL, or text behind descriptor
	                                JOB_SCRIPT_FD (a memfd) */
	size_t script_len;
	const char *input;           /* stdin; NULL: /dev/null */
	size_t input_len;
	bool input_secret;           /* by a pipe, up to JOB_SECRET_MAX */
};
#define JOB_SECRET_MAX (64 * 1024)
#define JOB_SCRIPT_FD 9

enum job_outcome {
	JOB_EXITED,                  /* status = exit status */
	JOB_SIGNALED,                /* status = signal */
	JOB_NOT_EXECUTED,            /* status = errno of exec, chdir, … */
	JOB_STOPPED,                 /* we stopped it and nothing is left */
};

struct job_result {
	enum job_outcome outcome;
	int status;
	off_t out, err;              /* bytes that count */
	nsec begin, end;             /* wall, where the work was done */
	bool left_behind;            /* descendants live on: the slot is not
	                                used again */
};

struct job_meta {
	char boot[40];
	struct process supervisor;
	struct process command;      /* pid 0: claimed, not yet spawned */
	nsec begin;
	char nonce[NONCE_HEX + 1];
};

/* Text of the files and back; -1: no valid record. Only what the writing
 * function writes, in its full width, is one. */
void job_meta_write(const struct job_meta *m, char out[META_WIDTH]);
int job_meta_read(const char *s, size_t n, struct job_meta *out);
void job_rc_write(const struct job_result *r, const char *nonce,
    char out[RC_WIDTH]);
int job_rc_read(const char *s, size_t n, const char *nonce,
    struct job_result *out);

/* A spec as bytes for the supervisor, and back (the result points into the
 * bytes, pointer arrays are malloced as one block that the caller frees). The
 * bytes may be secret: `out` is never moved, so that wiping it wipes all. */
void job_spec_pack(const struct job_spec *spec, struct buf *out);
int job_spec_unpack(char *bytes, size_t n, struct job_spec *out,
    void **block);

#endif
