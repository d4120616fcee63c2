#include "journal/safedir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/xalloc.h"

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
/* A parent need not be readable to us. */
#define OPEN_PARENT (O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)

static int check(int fd, const char *path, bool parent, struct err *err)
{
	mode_t forbidden = geteuid() == 0 ? 022 : 002;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(err, "cannot look at %s", path);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return err_set(err, "%s belongs to uid %u, who could change "
		    "what is below it", path, (unsigned)st.st_uid);
	if (!(st.st_mode & forbidden) || (parent && (st.st_mode & S_ISVTX)))
		return 0;
	err_set(err, "%s can be written by others (mode %04o)", path,
	    (unsigned)st.st_mode & 07777);
	return err_hint(err, "chmod %s it", forbidden & 020 ? "go-w" : "o-w");
}

/* Opens and checks `path[0..upto)`, whose last component is `name`. */
static int step_down(int fd, const char *path, size_t upto, const char *name,
    struct err *err)
{
	char *whole = xstrndup(path, upto), *last = xstrndup(name,
	    (size_t)(path + upto - name));
	int next = openat(fd, last, OPEN_PARENT);

	if (next < 0)
		err_errno(err, "cannot open %s", whole);
	else if (check(next, whole, path[upto] != '\0', err) < 0) {
		close(next);
		next = -1;
	}
	free(whole);
	free(last);
	close(fd);
	return next;
}

/* `path` has no links: each component is opened from the one before, so that
 * what was looked at is what is used. */
static int walk(const char *path, struct err *err)
{
	const char *name = path + 1;
	size_t n;
	int fd = open("/", OPEN_PARENT), dir;

	if (fd < 0)
		return err_errno(err, "cannot open /");
	if (check(fd, "/", *name != '\0', err) < 0) {
		close(fd);
		return -1;
	}
	for (; fd >= 0 && *name; name += n + (name[n] == '/')) {
		n = strcspn(name, "/");
		fd = step_down(fd, path, (size_t)(name + n - path), name, err);
	}
	if (fd < 0)
		return -1;
	dir = openat(fd, ".", OPEN_DIR);
	if (dir < 0)
		err_errno(err, "cannot open %s", path);
	close(fd);
	return dir;
}

int safedir_open(const char *path, struct err *err)
{
	char *real = realpath(path, NULL);
	int fd;

	if (!real)
		return err_errno(err, "cannot open %s", path);
	fd = walk(real, err);
	free(real);
	return fd;
}

int safedir_open_at(int dirfd, const char *name, struct err *err)
{
	struct stat st;
	int fd = openat(dirfd, name, OPEN_DIR);

	if (fd < 0) {
		if (errno == ELOOP || errno == ENOTDIR)
			return err_set(err, "%s is not a directory", name);
		return err_errno(err, "cannot open %s", name);
	}
	if (fstat(fd, &st) < 0)
		err_errno(err, "cannot look at %s", name);
	else if (st.st_uid != geteuid() && st.st_uid != 0)
		err_set(err, "%s belongs to uid %u, not to you", name,
		    (unsigned)st.st_uid);
	else if (st.st_mode & 022)
		err_set(err, "%s can be written by others (mode %04o)", name,
		    (unsigned)st.st_mode & 07777);
	else
		return fd;
	close(fd);
	return -1;
}
