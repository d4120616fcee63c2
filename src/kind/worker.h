/* Requests and results of workers: maps, as JSON on one line. */
#ifndef CAIRN_KIND_WORKER_H
#define CAIRN_KIND_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "book/value.h"

struct arena;
struct err;
struct job_spec;

/* ---- in the driver */

/* Makes `map` the request; no flags may be left in it. */
void worker_send(struct arena *a, struct value map, struct job_spec *spec);

/* ---- in the worker */

/* Reads a request; the driver reads results the same way: it is a map, or it
 * is an error. */
int worker_request(struct arena *a, const char *s, size_t n,
    struct value *out, struct err *err);
/* Prints the result line. The exit status, with err when it is not 0. */
int worker_done(struct value map, struct err *err);
/* Prints the error as result. The exit status. */
int worker_failed(const struct err *err);

/* ---- in both */

void worker_put(struct value_map *m, const char *key, struct value v);
/* What is not there, or is of another type, is null, "", NULL, 0, false. */
struct value worker_member(struct value map, const char *key);
const char *worker_text(struct value map, const char *key);
const char *worker_maybe(struct value map, const char *key);
int64_t worker_int(struct value map, const char *key);
bool worker_flag(struct value map, const char *key);

#endif
