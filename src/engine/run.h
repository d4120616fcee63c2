/* A run from its first record to its last: what cli/ calls. */
#ifndef CAIRN_ENGINE_RUN_H
#define CAIRN_ENGINE_RUN_H

#include <stdbool.h>

#include "book/decode.h"
#include "book/value.h"

struct clock;
struct rundir;
struct vfs;

/* Writes the snapshot of the book and the first record. `path` is the PATH
 * that jobs will have: absolute entries only are kept. */
int run_begin(struct rundir *dir, const struct book *book,
    const struct book_place *place, struct value params, const char *path,
    const struct vfs *vfs, const struct clock *clock, struct err *err);

/* What the first record says, for whoever takes the run up again. */
struct run_facts {
	char *book_file;               /* "runbook.yaml", below book/ */
	char *book_dir;                /* the folder it came from, or NULL */
	char *path;                    /* PATH of the jobs */
	char *title;
	struct value params;           /* in the arena that was given */
};
/* Reads the first record and compares every file of the snapshot with its
 * digest. */
int run_facts_read(const struct rundir *dir, struct arena *a,
    struct run_facts *out, struct err *err);
void run_facts_free(struct run_facts *f);

struct drive {
	struct rundir *dir;            /* its lock is held */
	const struct book *book;       /* of the snapshot */
	const struct run_facts *facts;
	const struct vfs *vfs;
	const struct clock *clock;
	const char *until;             /* --until STEP, or NULL */
	bool resume;                   /* a person resumed: failed steps that may
	                                  be tried again are */
};

/* How a driver left the run; also the exit status (design.md 6). */
enum drive_end {
	DRIVE_DONE = 0, DRIVE_FAILED = 1, DRIVE_WAITING = 3, DRIVE_STOPPED = 4,
	DRIVE_UNKNOWN = 5, DRIVE_ERROR = 5, DRIVE_PAUSED = 3,
};
/* Executes until nothing more can be done now. */
enum drive_end run_drive(const struct drive *drive, struct err *err);

#endif
