/* From output to values: expect, refuse, capture. */
#ifndef CAIRN_ENGINE_CAPTURE_H
#define CAIRN_ENGINE_CAPTURE_H

#include "book/book.h"
#include "engine/output.h"
#include "engine/scope.h"

/* Takes the captures in order and adds each to `self`, where later ones see
 * it, and to `taken`. `out` NULL: only expressions and paths can be taken, a
 * match is null. -1 with err: one failed. */
int captures_take(const struct captures *c, struct names *names,
    const struct output *out, struct arena *a, struct value_map *self,
    struct value_map *taken, struct err *err);

/* expect: all must be there; refuse: none may. FOUND_YES: as they want it;
 * FOUND_NO: not, with err; FOUND_CANNOT: cannot tell, with err. */
enum found patterns_check(const struct patterns *expect,
    const struct patterns *refuse, struct names *names,
    const struct output *out, const struct output *err_out, struct arena *a,
    struct err *err);

#endif
