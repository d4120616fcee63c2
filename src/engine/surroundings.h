/* Will something take this driver along when it ends? (design.md 3) */
#ifndef CAIRN_ENGINE_SURROUNDINGS_H
#define CAIRN_ENGINE_SURROUNDINGS_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* Reads /proc/self/cgroup (cgroups(7), version 2). True: the unit that `unit`
 * then names kills its processes when it is stopped, or at log-out. */
bool surroundings_take_along(struct buf *unit);
/* The same for the text of such a file, and whether log-out kills. */
bool cgroup_takes_along(const char *text, size_t n, bool logout_kills,
    struct buf *unit);

#endif
