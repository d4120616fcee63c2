/* Everything that is looked at, once or again and again: the conditions of a
 * step in one of their roles. Records an answer when it changes. */
#ifndef CAIRN_ENGINE_WATCH_H
#define CAIRN_ENGINE_WATCH_H

#include "engine/look.h"

/* How patient to be. Durations from the beginning of the watch. */
struct patience {
	nsec no;                     /* look again after a "no" for so long */
	nsec cannot;                 /* after a "cannot tell" */
	nsec every;
};
#define PATIENCE_FOREVER INT64_MAX
/* A "cannot tell" before the work is looked at again for so long. */
#define CANNOT_TELL_PATIENCE (300 * NSEC_PER_SEC)

enum watched { WATCH_BUSY, WATCH_YES, WATCH_NO, WATCH_CANNOT };

struct watch;

/* Watches up to two lists of conditions (done_when and verify). `names` is
 * copied, what it points to must outlive the watch. `role` is for records. */
struct watch *watch_new(const struct names *names, const char *role,
    const struct conds *first, const struct conds *second,
    struct patience patience);
void watch_free(struct watch *w);
/* Goes on as far as it can. Anything but BUSY is final. */
enum watched watch_advance(struct watch *w);
/* After NO or CANNOT (also between looks): which condition, and why; in the
 * watch's memory. After YES: what convinced, of the last condition. */
const char *watch_why(const struct watch *w);
const char *watch_evidence(const struct watch *w);
const struct cond *watch_cond(const struct watch *w);
/* After YES: a digestible account of all answers: [{title, captures}], for
 * what a permission covers. The caller owns it. */
json_t *watch_account(const struct watch *w);

#endif
