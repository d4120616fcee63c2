/* The file operations of everything that must survive a crash, behind
 * pointers: tests die at operation n, for every n, and drop what was not
 * synced. */
#ifndef CAIRN_JOURNAL_VFS_H
#define CAIRN_JOURNAL_VFS_H

#include <stddef.h>
#include <sys/types.h>

struct vfs {
	/* As openat(2), always close-on-exec and without following links. */
	int (*open)(void *ctx, int dirfd, const char *name, int flags,
	    mode_t mode);
	/* Writes all n bytes at the end or fails with errno; 0 or -1. */
	int (*append)(void *ctx, int fd, const void *p, size_t n);
	/* Writes bytes that stand at `at` already once more, so that a sync
	 * takes them to the disk; fd is not O_APPEND. */
	int (*rewrite)(void *ctx, int fd, const void *p, size_t n, off_t at);
	int (*sync)(void *ctx, int fd);                 /* fdatasync(2) */
	int (*reserve)(void *ctx, int fd, off_t from, off_t n);
	                          /* blocks behind the end, size is kept */
	int (*truncate)(void *ctx, int fd, off_t size);
	int (*rename)(void *ctx, int dirfd, const char *from, const char *to);
	int (*remove)(void *ctx, int dirfd, const char *name);
	int (*sync_dir)(void *ctx, int dirfd);
	void (*close)(void *ctx, int fd);
	void *ctx;
};

const struct vfs *vfs_real(void);

#endif
