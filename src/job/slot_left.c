/* What an earlier driver left in its slots. */
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "job/slot.h"

static int
open_in(int job_dirfd, int number, const char *file)
{
	char name[32];

	snprintf(name, sizeof name, "%d/%s", number, file);
	return openat(job_dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC |
	    O_NONBLOCK);
}

static ssize_t
read_file(int job_dirfd, int number, const char *file, char *out, size_t n)
{
	int fd = open_in(job_dirfd, number, file);
	ssize_t got;

	if (fd < 0)
		return -1;
	got = pread_all(fd, out, n, 0);
	close(fd);
	return got;
}

static int
read_meta(int job_dirfd, int number, struct job_meta *meta)
{
	char line[META_WIDTH];
	ssize_t n = read_file(job_dirfd, number, "meta", line, sizeof line);

	return n < 0 ? -1 : job_meta_read(line, (size_t)n, meta);
}

static bool
has_size(int job_dirfd, int number, const char *file, off_t size)
{
	int fd = open_in(job_dirfd, number, file);
	off_t n = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);

	if (fd >= 0)
		close(fd);
	return n >= size;
}

/* The rc counts when it is complete, of this nonce, and its output is there. */
static bool
read_rc(int job_dirfd, int number, const char *nonce,
    struct job_result *result)
{
	char line[RC_WIDTH];
	ssize_t n = read_file(job_dirfd, number, "rc", line, sizeof line);

	return n > 0 && job_rc_read(line, (size_t)n, nonce, result) == 0 &&
	    has_size(job_dirfd, number, "out", result->out) &&
	    has_size(job_dirfd, number, "err", result->err);
}

int
slot_is_free(int job_dirfd, int number)
{
	int fd = open_in(job_dirfd, number, "lock"), result;

	if (fd < 0)
		return 1;
	result = flock(fd, LOCK_EX | LOCK_NB) == 0;
	close(fd);
	return result;
}

static enum slot_verdict
verdict_of_lost(const struct job_meta *meta, const char *boot)
{
	if (strcmp(meta->boot, boot) != 0)
		return SLOT_OTHER_BOOT;
	if (meta->command.pid != 0 && process_alive(meta->command))
		return SLOT_ORPHAN;
	return SLOT_LOST;
}

enum slot_verdict
slot_inspect(int job_dirfd, int number, const char *nonce, const char *boot,
    struct job_result *result, struct job_meta *meta)
{
	/* the lock first: what is read after it was free is final */
	int free_now = slot_is_free(job_dirfd, number);

	memset(meta, 0, sizeof *meta);
	if (read_meta(job_dirfd, number, meta) != 0 ||
	    strcmp(meta->nonce, nonce) != 0)
		return free_now ? SLOT_NOT_STARTED : SLOT_PENDING;
	if (read_rc(job_dirfd, number, nonce, result))
		return SLOT_ENDED;
	if (!free_now)
		return SLOT_RUNNING;
	return verdict_of_lost(meta, boot);
}

int
slot_stop_left(int job_dirfd, int number, const char *nonce,
    const char *boot)
{
	struct job_meta meta;

	if (slot_is_free(job_dirfd, number) ||
	    read_meta(job_dirfd, number, &meta) != 0 ||
	    strcmp(meta.nonce, nonce) != 0 || strcmp(meta.boot, boot) != 0)
		return -1;
	return process_signal(meta.supervisor, SIGTERM);
}

int
slot_nonce(int job_dirfd, int number, char nonce[NONCE_HEX + 1])
{
	struct job_meta meta;

	nonce[0] = '\0';
	if (read_meta(job_dirfd, number, &meta) != 0)
		return -1;
	memcpy(nonce, meta.nonce, sizeof meta.nonce);
	return 0;
}

static int
by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

size_t
slots_existing(int job_dirfd, int *numbers, size_t max)
{
	int fd = openat(job_dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;
	size_t n = 0;

	while (dir != NULL && n < max && (d = readdir(dir)) != NULL) {
		char *end;
		long number = strtol(d->d_name, &end, 10);

		if (*end == '\0' && d->d_name[0] >= '0' && d->d_name[0] <= '9' &&
		    number < 1000000)
			numbers[n++] = (int)number;
	}
	if (dir != NULL)
		closedir(dir);
	qsort(numbers, n, sizeof *numbers, by_number);
	return n;
}
