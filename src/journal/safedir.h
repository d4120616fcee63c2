/* Directories that nobody else can change under us (security.md F3). */
#ifndef CAIRN_JOURNAL_SAFEDIR_H
#define CAIRN_JOURNAL_SAFEDIR_H

struct err;

/* Opens a directory after looking at it and at each parent up to "/": all
 * belong to root or to us and are not writable by others (as root: nor by
 * group); a sticky parent is fine. -1 with err. */
int safedir_open(const char *path, struct err *err);
/* A subdirectory of a verified one: no link, ours or root's, not writable by
 * group or others. */
int safedir_open_at(int dirfd, const char *name, struct err *err);

#endif
