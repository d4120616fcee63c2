/* The process that holds one running job. See slot.h. */
#ifndef CAIRN_JOB_SUPERVISOR_H
#define CAIRN_JOB_SUPERVISOR_H

#include <stddef.h>
#include <sys/resource.h>

#include "job/slot.h"

/* Descriptors that a supervisor keeps, in this order. */
enum {
	FD_SOCKET,               /* to the driver */
	FD_LOCK,                 /* flock is held */
	FD_META, FD_RC,
	FD_OUT, FD_ERR,          /* O_WRONLY | O_APPEND: the job's own */
	FD_COUNT
};

struct supervisor_setup {
	int fds[FD_COUNT];
	const struct worker *workers;
	struct rlimit core;      /* of the jobs */
};

/* What the driver says. A START is followed by `size` bytes of a packed spec;
 * one that is cut short was never said. The answer to a START is one struct
 * job_result. */
enum message_kind { MESSAGE_START, MESSAGE_STOP };
struct message {
	enum message_kind kind;
	size_t size;
	nsec grace;                  /* MESSAGE_STOP */
	char nonce[NONCE_HEX + 1];   /* MESSAGE_START */
};

/* Never returns. Own session, child subreaper, all other descriptors closed,
 * no core file, not dumpable. SIGTERM stops its job, with the grace of
 * SUPERVISOR_GRACE. */
#define SUPERVISOR_GRACE (10 * NSEC_PER_SEC)
_Noreturn void supervisor_main(const struct supervisor_setup *setup);

#endif
