/* The floor: what a loop without any promise but durability costs a step.
 * {posix_spawn /bin/true, waitpid, append 200 bytes, fdatasync}, n times. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int
main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 1000;
	int fd = open(argc > 2 ? argv[2] : "bare.log",
	    O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	char record[200], name[] = "true";
	char *const args[] = { name, NULL };

	memset(record, 'x', sizeof record);
	record[sizeof record - 1] = '\n';
	for (int i = 0; i < n; i++) {
		pid_t pid;
		int status;

		if (posix_spawn(&pid, "/bin/true", NULL, NULL, args,
		    environ) != 0 || waitpid(pid, &status, 0) != pid ||
		    write(fd, record, sizeof record) != sizeof record ||
		    fdatasync(fd) != 0) {
			perror("bare_loop");
			return 1;
		}
	}
	return 0;
}
