#include "job/slot_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

static int check(int fd, mode_t type)
{
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type &&
	    st.st_uid == geteuid() && (st.st_mode & 022) == 0)
		return fd;
	close(fd);
	errno = EPERM;
	return -1;
}

int slot_dir(int job_dirfd, int number)
{
	char name[16];

	snprintf(name, sizeof name, "%d", number);
	return check(openat(job_dirfd, name, O_RDONLY | O_DIRECTORY |
	    O_NOFOLLOW | O_CLOEXEC), S_IFDIR);
}

int slot_file(int dirfd, const char *name, int flags)
{
	/* O_NONBLOCK: a FIFO must not hold us before it is refused */
	return check(openat(dirfd, name, flags | O_NOFOLLOW | O_CLOEXEC |
	    O_NONBLOCK | O_NOCTTY, 0600), S_IFREG);
}

int slot_path(int job_dirfd, int number, const char *name, int flags)
{
	int dir = slot_dir(job_dirfd, number), fd, saved;

	if (dir < 0)
		return -1;
	fd = slot_file(dir, name, flags);
	saved = errno;
	close(dir);
	errno = saved;
	return fd;
}

const char *slot_output(int which)
{
	return which == 2 ? "err" : "out";
}

int slot_empty(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	return st.st_size == 0 ? 0 : ftruncate(fd, 0);
}

/* ---- making a slot */

static int write_blank(int fd, const char *text, size_t n)
{
	/* longer only if somebody wrote into it */
	if (ftruncate(fd, (off_t)n) < 0)
		return -1;
	return pwrite(fd, text, n, 0) == (ssize_t)n ? 0 : -1;
}

/* The records have their full size before any job: a disk that fills up later
 * loses no exit status. The boot stands in meta before a record of the journal
 * can name the slot: see SLOT_NOT_STARTED. */
static int write_idle(const int fds[FD_COUNT])
{
	struct job_meta idle = { .nonce = JOB_NO_NONCE };
	char meta[META_WIDTH], rc[RC_WIDTH];

	strcpy(idle.boot, clock_boot(clock_real()));
	job_meta_write(&idle, meta);
	memset(rc, ' ', sizeof rc);
	return write_blank(fds[FD_META], meta, sizeof meta) < 0 ||
	    write_blank(fds[FD_RC], rc, sizeof rc) < 0 ||
	    ftruncate(fds[FD_OUT], 0) < 0 ||
	    ftruncate(fds[FD_ERR], 0) < 0 ? -1 : 0;
}

static const struct {
	const char *name;
	int flags;
} files[FD_COUNT] = {
	[FD_LOCK] = { "lock", O_RDWR | O_CREAT },
	[FD_META] = { "meta", O_WRONLY | O_CREAT },
	[FD_RC] = { "rc", O_WRONLY | O_CREAT },
	[FD_OUT] = { "out", O_WRONLY | O_APPEND | O_CREAT },
	[FD_ERR] = { "err", O_WRONLY | O_APPEND | O_CREAT },
};

void slot_close(int fds[FD_COUNT])
{
	int i, saved = errno;

	for (i = 0; i < FD_COUNT; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	errno = saved;
}

static int open_files(int dir, int fds[FD_COUNT])
{
	int i;

	for (i = 0; i < FD_COUNT; i++) {
		if (!files[i].name)
			continue;
		fds[i] = slot_file(dir, files[i].name, files[i].flags);
		if (fds[i] < 0)
			return -1;
		/* before all else: nothing is changed without it */
		if (i == FD_LOCK && flock(fds[i], LOCK_EX | LOCK_NB) < 0)
			return -1;
	}
	return write_idle(fds);
}

int slot_make(int job_dirfd, int number, bool adopted, int fds[FD_COUNT])
{
	char name[16];
	int dir, result, i;

	for (i = 0; i < FD_COUNT; i++)
		fds[i] = -1;
	snprintf(name, sizeof name, "%d", number);
	if (!adopted && mkdirat(job_dirfd, name, 0700) < 0)
		return -1;
	dir = slot_dir(job_dirfd, number);
	if (dir < 0)
		return -1;
	result = open_files(dir, fds);
	if (result < 0)
		slot_close(fds);
	close(dir);
	return result;
}

void slot_empty_files(int job_dirfd, int number)
{
	int which, fd;

	for (which = 1; which <= 2; which++) {
		fd = slot_path(job_dirfd, number, slot_output(which), O_RDWR);
		if (fd < 0)
			continue;
		slot_empty(fd);
		close(fd);
	}
}

/* ---- looking */

/* A record has its width exactly: one byte more is asked for. */
static ssize_t read_record(int dir, const char *name, char *out, size_t width)
{
	int fd = slot_file(dir, name, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return 0;
	n = pread_all(fd, out, width + 1, 0);
	close(fd);
	return n < 0 ? 0 : n;
}

static off_t size_of(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? 0 :
	    st.st_size;
}

/* Shared, so that those who ask do not see each other. */
static bool is_held(int lock)
{
	return lock >= 0 && flock(lock, LOCK_SH | LOCK_NB) < 0;
}

static void look(int dir, struct slot_look *l)
{
	char meta[META_WIDTH + 1], rc[RC_WIDTH + 1];
	size_t n = (size_t)read_record(dir, "meta", meta, META_WIDTH);
	size_t rc_n = (size_t)read_record(dir, "rc", rc, RC_WIDTH);

	l->valid = job_meta_read(meta, n, &l->meta) == 0;
	l->ended = l->valid && strcmp(l->meta.nonce, JOB_NO_NONCE) != 0 &&
	    job_rc_read(rc, rc_n, l->meta.nonce, &l->result) == 0 &&
	    size_of(dir, "out") >= l->result.out &&
	    size_of(dir, "err") >= l->result.err;
}

int slot_look(int job_dirfd, int number, struct slot_look *out)
{
	int dir = slot_dir(job_dirfd, number), lock;

	memset(out, 0, sizeof *out);
	if (dir < 0)
		return -1;
	lock = slot_file(dir, "lock", O_RDWR);
	out->held = is_held(lock);
	look(dir, out);
	if (lock >= 0)
		close(lock);
	close(dir);
	return 0;
}
