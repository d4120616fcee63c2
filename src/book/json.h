/* Values to JSON and back, by jansson. */
#ifndef CAIRN_BOOK_JSON_H
#define CAIRN_BOOK_JSON_H

#include <jansson.h>
#include <stddef.h>

#include "book/value.h"

struct arena;
struct err;

/* As it stands in a record: types survive. A duration is {"~duration": ns},
 * a size {"~size": bytes}, a time {"~time": ns}; a string that is no UTF-8 is
 * {"~bytes": base64}; a map with such a key is {"~map": [[key, value], ...]};
 * a key that begins with "~" gets one more "~" before it. The caller owns the
 * reference. Secret or unknown inside: BUG, the caller looks first. */
json_t *value_to_record(struct value v);
struct value value_from_record(struct arena *a, const json_t *json);

/* As other programs want it (string(x), --json, reconcile): durations, sizes
 * and times as value_text writes them. */
json_t *value_to_json(struct value v);
/* Parses JSON text within LIMIT_JSON and LIMIT_JSON_DEPTH; duplicate keys and
 * NUL are refused, and more values than fit into LIMIT_JSON bytes. Integers
 * beyond 64 bits and all other errors: -1. Messages quote nothing of s. */
int value_from_json(struct arena *a, const char *s, size_t n,
    struct value *out, struct err *err);
/* Plain JSON values, as jansson has them (an int stays an int). */
struct value value_of_json(struct arena *a, const json_t *json);

#endif
