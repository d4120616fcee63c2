/* The declared environment of local jobs (design.md 3, security.md E1). */
#ifndef CAIRN_ENGINE_ENVIRON_H
#define CAIRN_ENGINE_ENVIRON_H

struct arena;
struct buf;

/* HOME USER LOGNAME SHELL of the account, LANG, TZ, and `path`. "NAME=value",
 * NULL-terminated, in the arena. Nothing else of the caller's. */
const char *const *environ_declared(struct arena *a, const char *path);
/* The absolute entries of a PATH; a sane one when none is left. */
void environ_path(const char *path, struct buf *out);

#endif
