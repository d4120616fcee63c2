/* Exit statuses (design.md 6): one list for the program and the manual. */
#ifndef CAIRN_CLI_EXIT_H
#define CAIRN_CLI_EXIT_H

#define EXIT_STATUSES(X) \
	X(EXIT_DONE, 0, "Done.") \
	X(EXIT_FAILED, 1, "A step failed.") \
	X(EXIT_USAGE, 2, "Wrong usage, or an invalid runbook.") \
	X(EXIT_WAITING, 3, "Waiting for a person or a time, or paused.") \
	X(EXIT_STOPPED, 4, "Stopped.") \
	X(EXIT_UNKNOWN, 5, "Unknown: a decision is needed.") \
	X(EXIT_HELD, 6, "Another driver holds the run.")

#define EXIT_NAME(name, status, help) name = status,
enum { EXIT_STATUSES(EXIT_NAME) };
#undef EXIT_NAME

#endif
