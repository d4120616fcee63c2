/* The directory of a run (design.md 4): journal, book/, log/, job/, inbox/,
 * files/, work/, lock. Everything is opened relative to its verified
 * descriptor, without following links (security.md F3-F5). */
#ifndef CAIRN_JOURNAL_RUNDIR_H
#define CAIRN_JOURNAL_RUNDIR_H

#include <stdbool.h>
#include <stddef.h>

struct clock;
struct err;

struct rundir {
	char *id;            /* <name>-<YYYYMMDD>-<HHMM>-<4 hex> */
	char *path;          /* absolute */
	int fd;
	int log_fd, job_fd, inbox_fd, files_fd, book_fd, work_fd;
	int lock_fd;         /* open from the start, see rundir_lock */
	int locked_by;       /* the pid that took it through this struct */
};

/* ${CAIRN_STATE:-${XDG_STATE_HOME:-~/.local/state}/cairn}; with euid != uid or
 * SUDO_UID set it comes from the passwd entry of the euid alone (F4). The
 * caller frees. NULL with err. */
char *state_dir(struct err *err);
/* Makes the run's directory and all below it; synced. NULL with err. */
struct rundir *rundir_create(const char *state, const char *name,
    const struct clock *clock, struct err *err);
/* `run` is an id or a unique beginning of one. Refuses "..", "/", directories
 * that others may write. NULL with err. */
struct rundir *rundir_open(const char *state, const char *run,
    struct err *err);
void rundir_close(struct rundir *r);
/* Ids of all runs, sorted oldest first by the time in the id. The caller frees
 * each and the array. */
int rundir_list(const char *state, char ***ids, size_t *n, struct err *err);

/* POSIX record lock, not inherited by forks. A second rundir of the same run
 * in this process would release it when closed: open a run once.
 * 1: taken; 0: another process holds it (its pid in *holder); -1: err. */
int rundir_lock(struct rundir *r, int *holder, struct err *err);
/* Who holds the lock, without taking it: 0 nobody; -1 somebody whose pid cannot
 * be seen from here (another container). */
int rundir_lock_holder(const struct rundir *r);
/* Is the state directory on a network file system? For a warning. */
bool rundir_is_network(const struct rundir *r);

#endif
