/* The states of steps and runs, and the moves between them:
 *
 *   pending ──▶ waiting ◀──▶ running ──▶ done · failed · unknown
 *                  │            │
 *                  └──▶ stopping ◀┘ ──▶ stopped · done · failed · unknown
 *
 *   failed stopped unknown ──▶ pending (retry, redo) done skipped undone
 *   done ──▶ pending (redo) undone unknown (the machine was restarted right
 *   after it, and its effect may be lost)      skipped undone ──▶ pending
 *   running ──▶ skipped undone (an include whose steps were decided about)
 *
 * A step that waits may also become pending (a redo from a step before it) and
 * unknown (it waited at a prompt, and its job was lost). */
#include "journal/fold.h"

#include <string.h>

#define TO(state) (1u << STEP_##state)

static const unsigned moves[STEP_STATES] = {
	[STEP_PENDING] = TO(WAITING) | TO(RUNNING) | TO(DONE) | TO(FAILED) |
	    TO(SKIPPED),
	[STEP_WAITING] = TO(PENDING) | TO(RUNNING) | TO(DONE) | TO(FAILED) |
	    TO(SKIPPED) | TO(STOPPING) | TO(UNKNOWN),
	[STEP_RUNNING] = TO(WAITING) | TO(DONE) | TO(FAILED) | TO(UNKNOWN) |
	    TO(STOPPING) | TO(SKIPPED) | TO(UNDONE),
	[STEP_STOPPING] = TO(STOPPED) | TO(DONE) | TO(FAILED) | TO(UNKNOWN),
	[STEP_FAILED] = TO(PENDING) | TO(DONE) | TO(SKIPPED) | TO(UNDONE),
	[STEP_STOPPED] = TO(PENDING) | TO(DONE) | TO(SKIPPED) | TO(UNDONE),
	[STEP_UNKNOWN] = TO(PENDING) | TO(DONE) | TO(SKIPPED) | TO(UNDONE),
	[STEP_DONE] = TO(PENDING) | TO(UNDONE) | TO(UNKNOWN),
	[STEP_SKIPPED] = TO(PENDING),
	[STEP_UNDONE] = TO(PENDING),
};

static const char *const step_names[STEP_STATES] = {
	[STEP_PENDING] = "pending",
	[STEP_WAITING] = "waiting",
	[STEP_RUNNING] = "running",
	[STEP_STOPPING] = "stopping",
	[STEP_DONE] = "done",
	[STEP_FAILED] = "failed",
	[STEP_SKIPPED] = "skipped",
	[STEP_UNKNOWN] = "unknown",
	[STEP_STOPPED] = "stopped",
	[STEP_UNDONE] = "undone",
};

static const char *const run_names[RUN_STATES] = {
	[RUN_RUNNING] = "running",
	[RUN_WAITING] = "waiting",
	[RUN_PAUSED] = "paused",
	[RUN_STOPPED] = "stopped",
	[RUN_FAILED] = "failed",
	[RUN_UNKNOWN] = "unknown",
	[RUN_DONE] = "done",
	[RUN_UNDONE] = "undone",
	[RUN_CLOSED] = "closed",
};

const char *step_state_name(enum step_state s)
{
	return step_names[s];
}

const char *run_state_name(enum run_state s)
{
	return run_names[s];
}

static int parse(const char *const *names, int count, const char *s, size_t n)
{
	int i;

	for (i = 0; i < count; i++)
		if (strlen(names[i]) == n && memcmp(names[i], s, n) == 0)
			return i;
	return -1;
}

int step_state_parse(const char *s, size_t n)
{
	return parse(step_names, STEP_STATES, s, n);
}

int run_state_parse(const char *s, size_t n)
{
	return parse(run_names, RUN_STATES, s, n);
}

bool run_state_ended(enum run_state s)
{
	return s == RUN_DONE || s == RUN_UNDONE || s == RUN_CLOSED;
}

bool step_move_legal(enum step_state from, enum step_state to)
{
	return moves[from] >> to & 1;
}

bool step_state_ended(enum step_state s)
{
	return (TO(DONE) | TO(FAILED) | TO(SKIPPED) | TO(UNKNOWN) |
	    TO(STOPPED) | TO(UNDONE)) >> s & 1;
}
