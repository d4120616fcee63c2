/* What this machine says about processes (proc(5)). */
#ifndef CAIRN_BASE_PROCESS_H
#define CAIRN_BASE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Who a process is: a pid alone is used again. */
struct process {
	pid_t pid;
	unsigned long long start;     /* field 22 of /proc/PID/stat, in ticks */
};

/* Start time of `pid`, or 0 when there is no such process (or a zombie). */
unsigned long long process_start(pid_t pid);
/* Is exactly this process alive? */
bool process_alive(struct process p);
/* Sends `sig` only if pid > 1 and the start time agrees, through a pidfd so
 * that no other process can be hit (security.md J2). 0, or -1: not sent. */
int process_signal(struct process p, int sig);
/* Calls `each` for every process whose parent is `parent`. */
void process_children(pid_t parent, void (*each)(pid_t pid, void *ctx),
    void *ctx);

/* Before all else: closed descriptors of 0-2 become /dev/null, umask 077. */
void process_prepare(void);

#endif
