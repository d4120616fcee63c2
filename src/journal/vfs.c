#include "journal/vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"

static int real_open(void *ctx, int dirfd, const char *name, int flags,
    mode_t mode)
{
	(void)ctx;
	return openat(dirfd, name, flags | O_CLOEXEC | O_NOFOLLOW, mode);
}

static int real_append(void *ctx, int fd, const void *p, size_t n)
{
	(void)ctx;
	return write_all(fd, p, n);
}

static int real_rewrite(void *ctx, int fd, const void *p, size_t n, off_t at)
{
	const char *s = p;
	ssize_t got;

	(void)ctx;
	while (n) {
		got = pwrite(fd, s, n, at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		s += got;
		n -= (size_t)got;
		at += got;
	}
	return 0;
}

static int real_sync(void *ctx, int fd)
{
	(void)ctx;
	return fdatasync(fd);
}

/* Where blocks cannot be reserved, a look at the free space has to do. */
static int enough_space(int fd, off_t n)
{
	struct statvfs st;

	if (fstatvfs(fd, &st) < 0)
		return -1;
	if ((unsigned long long)st.f_bavail * st.f_frsize >=
	    (unsigned long long)n)
		return 0;
	errno = ENOSPC;
	return -1;
}

static int real_reserve(void *ctx, int fd, off_t from, off_t n)
{
	int result;

	(void)ctx;
	do
		result = fallocate(fd, FALLOC_FL_KEEP_SIZE, from, n);
	while (result < 0 && errno == EINTR);
	if (result < 0 && (errno == EOPNOTSUPP || errno == ENOSYS))
		return enough_space(fd, n);
	return result;
}

static int real_truncate(void *ctx, int fd, off_t size)
{
	(void)ctx;
	return ftruncate(fd, size);
}

static int real_rename(void *ctx, int dirfd, const char *from, const char *to)
{
	(void)ctx;
	return renameat(dirfd, from, dirfd, to);
}

static int real_remove(void *ctx, int dirfd, const char *name)
{
	(void)ctx;
	return unlinkat(dirfd, name, 0);
}

static int real_sync_dir(void *ctx, int dirfd)
{
	(void)ctx;
	return fsync(dirfd);
}

static void real_close(void *ctx, int fd)
{
	(void)ctx;
	close(fd);
}

const struct vfs *vfs_real(void)
{
	static const struct vfs real = {
		.open = real_open, .append = real_append,
		.rewrite = real_rewrite, .sync = real_sync,
		.reserve = real_reserve, .truncate = real_truncate,
		.rename = real_rename, .remove = real_remove,
		.sync_dir = real_sync_dir, .close = real_close,
	};

	return &real;
}
