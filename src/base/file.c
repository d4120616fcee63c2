#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/str.h"
#include "base/xalloc.h"

int file_read_fd(int fd, const char *name, struct buf *out, struct err *err)
{
	char chunk[64 * 1024];
	ssize_t n;

	for (;;) {
		n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "cannot read %s", name);
		if (n == 0)
			return 0;
		buf_add(out, chunk, (size_t)n);
		if (out->cut)
			return err_set(err, "%s is larger than %zu bytes",
			    name, out->max);
	}
}

/* Why this component of a path may not be followed, or NULL. */
static const char *component_fault(const char *s, size_t n)
{
	if (n == 0)
		return "has an empty component";
	if (n == 2 && s[0] == '.' && s[1] == '.')
		return "has a '..'";
	if (s[0] == '.')
		return "has a component that begins with '.'";
	if (n > NAME_MAX)
		return "has a component that is too long";
	return NULL;
}

static int check_path(const char *path, struct err *err)
{
	const char *p = path, *fault;
	size_t n;

	if (*path == '/')
		return err_set(err, "path '%s' is absolute", path);
	for (;; p += n + 1) {
		n = strcspn(p, "/");
		fault = component_fault(p, n);
		if (fault)
			return err_set(err, "path '%s' %s", path, fault);
		if (p[n] == '\0')
			return 0;
	}
}

/* Walks component by component: no link is ever followed, whatever changes on
 * the disk in between. */
static int open_components(int dirfd, const char *path)
{
	char name[NAME_MAX + 1];
	int fd = dirfd, next, saved;
	size_t n;
	bool last;

	for (;; path += n + 1) {
		n = strcspn(path, "/");
		memcpy(name, path, n);
		name[n] = '\0';
		last = path[n] == '\0';
		/* O_NONBLOCK: a FIFO must not hold us before it is refused */
		next = openat(fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC |
		    O_NOCTTY | (last ? O_NONBLOCK : O_DIRECTORY));
		saved = errno;
		if (fd != dirfd)
			close(fd);
		errno = saved;
		if (next < 0 || last)
			return next;
		fd = next;
	}
}

static int check_regular(int fd, const char *path, size_t max, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(err, "cannot look at '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, "'%s' is not a regular file", path);
	if ((uintmax_t)st.st_size > max)
		return err_set(err, "'%s' is larger than %zu bytes", path, max);
	return 0;
}

int file_open_beneath(int dirfd, const char *path, size_t max, struct err *err)
{
	int fd;

	if (check_path(path, err) < 0)
		return -1;
	fd = open_components(dirfd, path);
	if (fd < 0 && errno == ELOOP)
		return err_set(err, "'%s' is a symbolic link", path);
	if (fd < 0)
		return err_errno(err, "cannot open '%s'", path);
	if (check_regular(fd, path, max, err) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int file_read_beneath(int dirfd, const char *path, struct buf *out,
    struct err *err)
{
	int fd = file_open_beneath(dirfd, path, out->max, err), result;

	if (fd < 0)
		return -1;
	result = file_read_fd(fd, path, out, err);
	close(fd);
	return result;
}

int write_all(int fd, const void *p, size_t n)
{
	const char *at = p;
	ssize_t written;

	while (n) {
		written = write(fd, at, n);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -1;
		at += written;
		n -= (size_t)written;
	}
	return 0;
}

ssize_t pread_all(int fd, void *p, size_t n, off_t offset)
{
	size_t done = 0;
	ssize_t got;

	while (done < n) {
		got = pread(fd, (char *)p + done, n - done,
		    offset + (off_t)done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

static int write_and_sync(int fd, const void *p, size_t n)
{
	if (write_all(fd, p, n) < 0)
		return -1;
	return fsync(fd);
}

static int sync_directory(int dirfd)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result;

	if (fd < 0)
		return -1;
	result = fsync(fd);
	close(fd);
	return result;
}

int file_write_atomic(int dirfd, const char *name, const void *p, size_t n,
    struct err *err)
{
	char nonce[NONCE_HEX + 1], *temporary;
	int fd, result = 0;

	nonce_make(nonce);
	temporary = xasprintf("%s.%s", name, nonce);
	fd = openat(dirfd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (fd < 0) {
		result = err_errno(err, "cannot create '%s'", temporary);
		goto out;
	}
	if (write_and_sync(fd, p, n) < 0 ||
	    renameat(dirfd, temporary, dirfd, name) < 0 ||
	    sync_directory(dirfd) < 0) {
		result = err_errno(err, "cannot write '%s'", name);
		unlinkat(dirfd, temporary, 0);
	}
	close(fd);
out:
	free(temporary);
	return result;
}

int file_make_dirs(const char *path, struct err *err)
{
	char *copy = xstrdup(path), *p = copy;
	struct stat st;
	int result = 0;

	do {
		p = strchrnul(p + (*p == '/'), '/');
		char saved = *p;
		*p = '\0';
		if (*copy && mkdir(copy, 0700) < 0 && (errno != EEXIST ||
		    stat(copy, &st) < 0 || !S_ISDIR(st.st_mode)))
			result = err_errno(err, "cannot make directory '%s'",
			    copy);
		*p = saved;
	} while (*p && result == 0);
	free(copy);
	return result;
}

static int remove_content(int dirfd);

static int remove_entry(int dirfd, const char *name)
{
	int fd, result;

	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (fd < 0)
		return -1;
	result = remove_content(fd);
	if (result == 0)
		result = unlinkat(dirfd, name, AT_REMOVEDIR);
	return result;
}

/* Takes the descriptor over. */
static int remove_content(int fd)
{
	DIR *dir = fdopendir(fd);
	const struct dirent *entry;
	int result = 0, saved;

	if (!dir) {
		close(fd);
		return -1;
	}
	while (result == 0 && (entry = readdir(dir))) {
		if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, ".."))
			result = remove_entry(dirfd(dir), entry->d_name);
	}
	saved = errno;
	closedir(dir);
	errno = saved;
	return result;
}

int file_remove_tree(int dirfd, const char *name, struct err *err)
{
	if (remove_entry(dirfd, name) < 0)
		return err_errno(err, "cannot remove '%s'", name);
	return 0;
}
