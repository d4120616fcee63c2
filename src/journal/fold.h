/* What the records add up to. Pure: screen, status, resume, history are this
 * same fold over the same records.
 *
 * Nothing is parsed but the fixed heads and, for the few types that carry a
 * state, the member that says so; `start` and `end` are offsets for whoever
 * needs the rest (journal_payload). 100,000 records take well under 0.3 s. */
#ifndef CAIRN_JOURNAL_FOLD_H
#define CAIRN_JOURNAL_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journal/record.h"

/* state.c has the table of legal moves. */
enum step_state {
	STEP_PENDING, STEP_WAITING, STEP_RUNNING, STEP_STOPPING,
	STEP_DONE, STEP_FAILED, STEP_SKIPPED, STEP_UNKNOWN, STEP_STOPPED,
	STEP_UNDONE, STEP_STATES
};
enum run_state {
	RUN_RUNNING,         /* a driver is or was at work */
	RUN_WAITING,         /* asleep: a person or a time */
	RUN_PAUSED, RUN_STOPPED, RUN_FAILED, RUN_UNKNOWN,
	RUN_DONE, RUN_UNDONE, RUN_CLOSED, RUN_STATES
};

const char *step_state_name(enum step_state s);
const char *run_state_name(enum run_state s);
/* -1 when there is no such state. */
int step_state_parse(const char *s, size_t n);
int run_state_parse(const char *s, size_t n);
/* done, undone, closed: there is nothing to take up again */
bool run_state_ended(enum run_state s);
bool step_move_legal(enum step_state from, enum step_state to);
/* done, failed, skipped, unknown, stopped, undone */
bool step_state_ended(enum step_state s);

struct fold_step {
	const char *address;
	enum step_state state;
	unsigned attempt;            /* of the last start; 0: never */
	int slot;                    /* of the last start; -1: none */
	nsec started, ended;         /* wall, of the last attempt; 0: not */
	uint64_t start, end;         /* offsets + 1 of the last step.start and
	                                of the last step.end or step.skip */
	uint64_t ask, decide;        /* and of ask and decide; 0: none */
	uint64_t items;              /* and of items; 0: none, or void */
	bool void_;                  /* nothing of before counts any more (and
	                                ask and decide are 0), until the next
	                                start, end, skip, ask or decide */
};

struct fold;
struct fold *fold_new(void);
void fold_free(struct fold *f);
/* Takes the next record. -1: a record that contradicts those before (illegal
 * move, wrong order), with what and where. */
int fold_apply(struct fold *f, const struct record *r, struct err *err);

enum run_state fold_state(const struct fold *f);
uint64_t fold_records(const struct fold *f);
nsec fold_first_at(const struct fold *f);
nsec fold_last_at(const struct fold *f);
unsigned fold_epoch(const struct fold *f);
/* Offset + 1 of the last record of a type, 0: none. */
uint64_t fold_last(const struct fold *f, enum record_type type);
/* A step that some record was about, or NULL. */
const struct fold_step *fold_find(const struct fold *f, const char *address);
size_t fold_count(const struct fold *f);
/* In order of first appearance. */
const struct fold_step *fold_at(const struct fold *f, size_t i);
/* Was this nonce of the inbox taken already? (From `decide`, `pause`,
 * `refused`, `void`, `note` records that carry "nonce".) */
bool fold_nonce_taken(const struct fold *f, const char *nonce);

#endif
