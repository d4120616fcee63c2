/* The files of a slot. Private to job/. */
#ifndef CAIRN_JOB_SLOT_FILES_H
#define CAIRN_JOB_SLOT_FILES_H

#include "job/supervisor.h"

/* Everything is opened without following links, close-on-exec, and only when
 * it is what it should be and ours (security.md F5). -1 with errno. */
int slot_dir(int job_dirfd, int number);
int slot_file(int dirfd, const char *name, int flags);
/* slot_dir and slot_file in one. */
int slot_path(int job_dirfd, int number, const char *name, int flags);
/* `which`: 1 out, 2 err. */
const char *slot_output(int which);
/* Cuts to nothing, if there is something. */
int slot_empty(int fd);
/* The same for out and err of a slot that is not open. */
void slot_empty_files(int job_dirfd, int number);
/* Takes the lock and opens everything but FD_SOCKET for a supervisor; meta and
 * rc say that there is no job. Without `adopted` the slot must be new. -1 with
 * errno; EEXIST and EWOULDBLOCK: another number may do. */
int slot_make(int job_dirfd, int number, bool adopted, int fds[FD_COUNT]);
void slot_close(int fds[FD_COUNT]);

/* What the files of a slot say. */
struct slot_look {
	bool held;                   /* a supervisor holds the lock */
	bool valid;                  /* meta is a record */
	struct job_meta meta;
	bool ended;                  /* rc is of meta's job and complete */
	struct job_result result;
};
/* The lock is asked first: what is read under a free lock cannot change. -1:
 * there is no such slot. */
int slot_look(int job_dirfd, int number, struct slot_look *out);

#endif
