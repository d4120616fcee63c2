/* Which words can come out of an expression, when all of them are written in
 * the book: "${{ if(x, 'a', 'b') }}", an input that is an enum. */
#ifndef CAIRN_BOOK_OUTCOMES_H
#define CAIRN_BOOK_OUTCOMES_H

#include <stdbool.h>

#include "book/book.h"

/* Calls `fn` for each. false: something else may come out. `inputs` and
 * `params` say what these names mean; NULL: nothing. */
bool text_outcomes(const struct text *t, const struct decls *inputs,
    const struct decls *params, void (*fn)(const char *word, void *ctx),
    void *ctx);

#endif
