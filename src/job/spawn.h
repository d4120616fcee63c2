/* Starts a job's own process: a command or a worker. */
#ifndef CAIRN_JOB_SPAWN_H
#define CAIRN_JOB_SPAWN_H

#include "job/supervisor.h"

struct spawn {
	const struct supervisor_setup *setup;
	const struct job_spec *spec;
	/* The claim. The new process writes it with its own pid before it
	 * executes anything. */
	const struct job_meta *meta;
	/* Shared with the new process, 0. When that fails before it executes
	 * anything it puts the errno here and exits. */
	volatile int *failed;
};

/* The pid, which is also its session, or -1 with errno: nothing was begun.
 * Descriptors 3 to JOB_SCRIPT_FD are free when this is called. What it does
 * not set is as the supervisor has it: umask, limits, dispositions. */
pid_t spawn_job(const struct spawn *spawn);

#endif
