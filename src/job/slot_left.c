/* What earlier drivers left in their slots. */
#include "job/slot.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "job/slot_files.h"

/* Names of entries that are numbers as we write them. */
static int number_of(const char *name)
{
	int64_t n;

	if (name[0] < '1' || name[0] > '9' ||
	    parse_int(name, strlen(name), &n) != 0 || n > INT_MAX)
		return -1;
	return (int)n;
}

/* A leader that is gone may have left members in its session; as long as there
 * are some, the kernel gives its pid to nobody else. */
static bool session_alive(struct process leader)
{
	const struct dirent *entry;
	bool alive = false;
	DIR *dir;
	pid_t pid;

	if (leader.pid <= 1 || process_start(leader.pid) != 0)
		return process_alive(leader);
	dir = opendir("/proc");
	while (dir && !alive && (entry = readdir(dir))) {
		pid = (pid_t)number_of(entry->d_name);
		alive = pid > 1 && getsid(pid) == leader.pid &&
		    process_start(pid) != 0;
	}
	if (dir)
		closedir(dir);
	return alive;
}

static enum slot_verdict judge(const struct slot_look *l, const char *nonce,
    const char *boot)
{
	bool ours = l->valid && strcmp(l->meta.nonce, nonce) == 0;
	bool this_boot = l->valid && strcmp(l->meta.boot, boot) == 0;

	if (ours && l->ended)
		return SLOT_ENDED;
	if (l->held)
		return ours ? SLOT_RUNNING : SLOT_PENDING;
	if (!l->valid)
		return SLOT_LOST;
	if (!this_boot)
		return SLOT_OTHER_BOOT;
	if (!ours || l->meta.command.pid == 0)
		return SLOT_NOT_STARTED;
	return session_alive(l->meta.command) ? SLOT_ORPHAN : SLOT_LOST;
}

enum slot_verdict slot_inspect(int job_dirfd, int number, const char *nonce,
    const char *boot, struct job_result *result, struct job_meta *meta)
{
	enum slot_verdict verdict;
	struct slot_look l;

	/* Every slot was made before a record named it. One that is not there
	 * was lost with its machine, or by somebody's hand. */
	if (slot_look(job_dirfd, number, &l) < 0)
		return SLOT_LOST;
	verdict = judge(&l, nonce, boot);
	*meta = l.meta;
	if (verdict == SLOT_ENDED)
		*result = l.result;
	return verdict;
}

int slot_stop_left(int job_dirfd, int number, const char *nonce,
    const char *boot)
{
	struct slot_look l;

	if (slot_look(job_dirfd, number, &l) < 0 || !l.held || !l.valid ||
	    strcmp(l.meta.nonce, nonce) != 0 || strcmp(l.meta.boot, boot) != 0)
		return -1;
	return process_signal(l.meta.supervisor, SIGTERM);
}

static int ascending(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

size_t slots_existing(int job_dirfd, int *numbers, size_t max)
{
	int fd = openat(job_dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	size_t n = 0;
	int number;

	while (dir && n < max && (entry = readdir(dir))) {
		number = number_of(entry->d_name);
		if (number > 0)
			numbers[n++] = number;
	}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	qsort(numbers, n, sizeof *numbers, ascending);
	return n;
}

int slot_nonce(int job_dirfd, int number, char nonce[NONCE_HEX + 1])
{
	struct slot_look l;

	if (slot_look(job_dirfd, number, &l) < 0)
		return -1;
	if (!l.valid || strcmp(l.meta.nonce, JOB_NO_NONCE) == 0)
		nonce[0] = '\0';
	else
		memcpy(nonce, l.meta.nonce, NONCE_HEX + 1);
	return 0;
}

int slot_is_free(int job_dirfd, int number)
{
	struct slot_look l;

	return slot_look(job_dirfd, number, &l) == 0 && !l.held;
}
