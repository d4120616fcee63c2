/* What driver and supervisor say to each other over their socketpair: a head
 * of fixed size, then `len` bytes. */
#ifndef CAIRN_JOB_MESSAGE_H
#define CAIRN_JOB_MESSAGE_H

#include "job/job.h"

enum message_type { MESSAGE_START = 1, MESSAGE_STOP, MESSAGE_DONE };

struct message {
	uint32_t type;
	uint32_t len;                /* START: of the packed spec that follows */
	nsec grace;                  /* STOP */
	char nonce[NONCE_HEX + 1];   /* START */
	struct job_result result;    /* DONE */
};

#endif
