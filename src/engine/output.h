/* What a job printed: read from its slot, normalised, searched, kept. */
#ifndef CAIRN_ENGINE_OUTPUT_H
#define CAIRN_ENGINE_OUTPUT_H

#include <stdbool.h>

#include "base/buf.h"
#include "book/field.h"
#include "engine/engine.h"

struct output {
	struct buf raw;              /* the first bytes, up to a limit */
	struct buf text;             /* the same, normalised */
	bool cut;                    /* there is more than that */
	off_t size;                  /* of all of it */
	int slot, which;             /* where the rest is */
};

/* Reads `size` bytes (at most `limit` of them) of a slot's out (1) or err (2).
 * A file that is shorter than its rc said is an error: what stood there is
 * gone (security.md J4). */
int output_read(struct engine *e, struct output *o, int slot, int which,
    off_t size, size_t limit, struct err *err);
void output_free(struct output *o);

enum found { FOUND_NO, FOUND_YES, FOUND_CANNOT };
/* Searches all of it: as one text when it is small, else line by line. */
enum found output_search(struct engine *e, const struct output *o,
    const struct rx *rx);
/* Calls `each` for every match, with its first group, or the whole. Returns
 * FOUND_CANNOT when a limit was hit. */
enum found output_each(struct engine *e, const struct output *o,
    const struct rx *rx, void (*each)(const char *s, size_t n, void *ctx),
    void *ctx);
/* Puts it into the end record under `key`: up to LIMIT_OUT_IN_RECORD masked in
 * place, else in a synced file of log/ under `key`_file. */
int output_keep(struct engine *e, const struct output *o, json_t *payload,
    const char *key, const char *address, unsigned attempt, struct err *err);

#endif
