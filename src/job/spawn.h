/* Starting the process of a job: fds, environment, limits, exec. */
#ifndef CAIRN_JOB_SPAWN_H
#define CAIRN_JOB_SPAWN_H

#include <signal.h>
#include <sys/resource.h>

#include "job/slot.h"

/* What a job inherits from the driver's beginning. */
struct spawn_setting {
	struct rlimit core;
	const struct worker *workers;
	int out, err;                /* O_APPEND */
};

/* Starts it. The pid, or -1 with *failed = errno of what could not be done
 * (exec, chdir, a pipe): nothing runs then. */
pid_t spawn_job(const struct job_spec *spec, const struct spawn_setting *set,
    int *failed);

#endif
