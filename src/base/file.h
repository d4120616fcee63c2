/* Files: whole reads, atomic writes, reads that cannot leave a directory. */
#ifndef CAIRN_BASE_FILE_H
#define CAIRN_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"

struct err;

/* All descriptors that these make are close-on-exec. */

/* Reads all of fd into out; more than out->max is an error. */
int file_read_fd(int fd, const char *name, struct buf *out, struct err *err);
/* Opens `path` below dirfd for reading: no symbolic link in any component, no
 * "..", no component that begins with ".", a regular file of at most `max`
 * bytes (security.md F1). Returns the descriptor or -1. */
int file_open_beneath(int dirfd, const char *path, size_t max,
    struct err *err);
int file_read_beneath(int dirfd, const char *path, struct buf *out,
    struct err *err);
/* Writes under a temporary name, syncs, renames over `name`, syncs the
 * directory. Mode 0600. */
int file_write_atomic(int dirfd, const char *name, const void *p, size_t n,
    struct err *err);
/* write(2) until all is written; -1 with errno. EINTR is taken care of. */
int write_all(int fd, const void *p, size_t n);
/* pread(2) until n bytes or end of file; bytes read or -1. */
ssize_t pread_all(int fd, void *p, size_t n, off_t offset);
/* mkdir -p with mode 0700 for what is made. */
int file_make_dirs(const char *path, struct err *err);
/* Removes a directory below dirfd with all in it; follows no link. */
int file_remove_tree(int dirfd, const char *name, struct err *err);

#endif
