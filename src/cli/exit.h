/* Exit statuses (design.md 6). */
#ifndef CAIRN_CLI_EXIT_H
#define CAIRN_CLI_EXIT_H

enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,         /* a step failed */
	EXIT_USAGE = 2,          /* wrong usage, or an invalid runbook */
	EXIT_WAITING = 3,        /* waiting for a person or a time, or paused */
	EXIT_STOPPED = 4,
	EXIT_UNKNOWN = 5,        /* unknown: a decision is needed */
	EXIT_HELD = 6,           /* another driver holds the run */
	EXIT_DIFFERENT = 7,      /* numbers do not agree (cairn reconcile) */
};

#endif
