/* Fetching secrets when they are first needed (security.md S4, S7). */
#ifndef CAIRN_ENGINE_SECRET_H
#define CAIRN_ENGINE_SECRET_H

#include "engine/engine.h"

/* The value of secrets.NAME, fetched now if need be and registered for
 * masking. -1 with err: not to be had, with what to do. */
int secret_get(struct engine *e, const char *name, struct arena *a,
    struct value *out, struct err *err);
/* Fetches the secrets that a record names, before output of that attempt is
 * read (S7). */
int secret_get_all(struct engine *e, const json_t *names, struct err *err);
/* Names of the secrets that the engine has fetched, for a start record. */
json_t *secret_names(const struct engine *e);

#endif
