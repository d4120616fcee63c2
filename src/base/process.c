#include "base/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* Field `which` of /proc/PID/stat, counted from 1 as proc(5) does, for fields
 * behind the name. The name may hold blanks and brackets: its end is the last
 * ')'. */
static unsigned long long field(const char *stat, int which)
{
	const char *p = strrchr(stat, ')');
	int i;

	for (i = 2; p && i < which; i++) {
		p = strchr(p, ' ');
		if (p)
			p++;
	}
	return p ? strtoull(p, NULL, 10) : 0;
}

static int read_stat(pid_t pid, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	do
		n = read(fd, text, size - 1);
	while (n < 0 && errno == EINTR);
	close(fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	return 0;
}

static char state(const char *stat)
{
	const char *p = strrchr(stat, ')');

	return p && p[1] == ' ' ? p[2] : '\0';
}

unsigned long long process_start(pid_t pid)
{
	char stat[1024], c;

	if (pid <= 0 || read_stat(pid, stat, sizeof stat) < 0)
		return 0;
	c = state(stat);
	return c == 'Z' || c == 'X' || c == '\0' ? 0 : field(stat, 22);
}

bool process_alive(struct process p)
{
	return p.start != 0 && process_start(p.pid) == p.start;
}

int process_signal(struct process p, int sig)
{
	int fd, result = -1;

	if (p.pid <= 1)
		return -1;
	/* first the descriptor, then the question who it is: what it holds
	 * cannot become another process in between */
	fd = pidfd_open(p.pid, 0);
	if (fd < 0)
		return -1;
	if (process_alive(p))
		result = pidfd_send_signal(fd, sig, NULL, 0);
	close(fd);
	return result;
}

static pid_t pid_of_name(const char *name)
{
	char *end;
	long pid = strtol(name, &end, 10);

	return *name >= '1' && *name <= '9' && *end == '\0' && pid <= INT_MAX ?
	    (pid_t)pid : 0;
}

void process_children(pid_t parent, void (*each)(pid_t pid, void *ctx),
    void *ctx)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	char stat[1024];
	pid_t pid;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		pid = pid_of_name(entry->d_name);
		if (pid && read_stat(pid, stat, sizeof stat) == 0 &&
		    field(stat, 4) == (unsigned long long)parent)
			each(pid, ctx);
	}
	closedir(dir);
}

void process_prepare(void)
{
	int fd;

	umask(077);
	/* open(2) gives the lowest free number, so a hole is filled first */
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
}
