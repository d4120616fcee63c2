/* The process that holds one running job. See slot.h. */
#ifndef CAIRN_JOB_SUPERVISOR_H
#define CAIRN_JOB_SUPERVISOR_H

#include <sys/resource.h>

#include "job/slot.h"

struct supervisor_setup {
	int slot_fd;             /* the slot's directory */
	int lock_fd;             /* flock is held */
	int socket_fd;           /* to the driver */
	const struct worker *workers;
	struct rlimit core;      /* limit on core files for the jobs */
};

/* Never returns. Own session, child subreaper, all other descriptors closed,
 * no core file, not dumpable. */
_Noreturn void supervisor_main(const struct supervisor_setup *setup);

#endif
