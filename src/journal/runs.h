/* The ids of runs, and the directory that holds them. */
#ifndef CAIRN_JOURNAL_RUNS_H
#define CAIRN_JOURNAL_RUNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct err;

/* [a-z0-9][a-z0-9-]*, at most LIMIT_NAME bytes */
bool run_name_valid(const char *name);
/* <name>-<YYYYMMDD>-<HHMM>-<4 hex>; the time is UTC. */
bool run_id_valid(const char *id);
/* The caller frees. `random` are at least four hex characters. */
char *run_id_make(const char *name, nsec wall, const char *random);

/* The directory <state>/runs, verified down from "/". -1 with err. */
int runs_open(const char *state, struct err *err);
/* The id that is `run` or begins with it; the caller frees. NULL with err. */
char *runs_find(const char *state, const char *run, struct err *err);

#endif
