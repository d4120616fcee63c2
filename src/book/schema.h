/* JSON Schema of a runbook, from the same rows as the decoder. */
#ifndef CAIRN_BOOK_SCHEMA_H
#define CAIRN_BOOK_SCHEMA_H

#include <jansson.h>

#include "book/decode.h"

/* Draft 2020-12. What the rows say about shape: keys, their types, words,
 * what must be there. What takes more than one key to see is left to lint.
 * Rows that are not built yet are left out. `$defs/step_file` is the schema of
 * a file that `include` names. The caller owns the reference. */
json_t *book_schema(const struct book_kinds *kinds);

/* The shapes of a book in the order of the manual, and those inside them. Row
 * i, from 0; NULL behind the last. */
const struct shape *book_shape_at(size_t i);

#endif
