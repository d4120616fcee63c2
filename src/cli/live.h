/* What the block at the foot of the screen says about a run. */
#ifndef CAIRN_CLI_LIVE_H
#define CAIRN_CLI_LIVE_H

#include "base/str.h"

struct buf;
struct cli_run;
struct fold;

/* Phase, what runs with its last line of output, what waits; as lines,
 * escaped. `f` is the fold as it is now. A last line is shown only where the
 * book has no secrets: the files of a slot are not masked, and what a secret
 * is only the driver knows. */
void live_block(const struct cli_run *r, const struct fold *f, nsec now,
    struct buf *out);

#endif
