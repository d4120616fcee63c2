/* tests/servers/httpd.py, started and stopped. */
#ifndef CAIRN_TESTS_HTTPD_HELP_H
#define CAIRN_TESTS_HTTPD_HELP_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"

#define SKIPPED 77

struct httpd {
	char dir[32];
	int dirfd, stdin_fd;
	pid_t pid;
	char *ports, *ca;
};

static inline char *
httpd_file(const struct httpd *h, const char *name)
{
	struct buf b = BUF_INIT(64 << 20);
	struct err err = ERR_INIT;
	int fd = openat(h->dirfd, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	if (file_read_fd(fd, name, &b, &err) != 0)
		fail_msg("%s", err.text);
	close(fd);
	return buf_detach(&b, NULL);
}

/* Ends the program as skipped when there is no python3 or openssl. */
static inline void
httpd_start(struct httpd *h)
{
	const char *source = getenv("srcdir");
	char script[4096];
	int in[2], i;

	if (system("python3 -c 'import ssl' 2>/dev/null && "
	    "openssl version >/dev/null 2>&1") != 0) {
		fputs("python3 and openssl are needed\n", stderr);
		exit(SKIPPED);
	}
	memset(h, 0, sizeof *h);
	snprintf(script, sizeof script, "%s/tests/servers/httpd.py",
	    source == NULL ? "." : source);
	strcpy(h->dir, "/tmp/cairn-httpd-XXXXXX");
	assert_non_null(mkdtemp(h->dir));
	h->dirfd = open(h->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	h->pid = fork();
	if (h->pid == 0) {
		dup2(in[0], 0);
		execlp("python3", "python3", script, h->dir, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	h->stdin_fd = in[1];
	for (i = 0; (h->ports = httpd_file(h, "ports")) == NULL; i++) {
		const struct timespec moment = { 0, 20 * 1000 * 1000 };

		if (i == 6000 || waitpid(h->pid, NULL, WNOHANG) != 0) {
			fputs("httpd.py does not start\n", stderr);
			exit(1);
		}
		nanosleep(&moment, NULL);
	}
	h->ca = httpd_file(h, "ca.pem");
}

static inline void
httpd_stop(struct httpd *h)
{
	struct err err = ERR_INIT;

	close(h->stdin_fd);
	waitpid(h->pid, NULL, 0);
	free(h->ports);
	free(h->ca);
	close(h->dirfd);
	file_remove_tree(AT_FDCWD, h->dir, &err);
	err_free(&err);
}

static inline int
httpd_port(const struct httpd *h, const char *name)
{
	const char *line = h->ports;
	size_t n = strlen(name);

	while (strncmp(line, name, n) != 0 || line[n] != ' ')
		line = strchr(line, '\n') + 1;
	return atoi(line + n + 1);
}

/* "{http}" and the like become ports. To be freed. */
static inline char *
httpd_expand(const struct httpd *h, const char *s)
{
	struct buf b = BUF_INIT(1 << 20);
	char name[32];

	while (*s != '\0') {
		size_t n = s[0] == '{' ? strcspn(s, "}") : 0;

		if (n > 1 && n < sizeof name && s[n] == '}' &&
		    s[1] >= 'a' && strspn(s + 1, "abcdefghijklmnopqrstuvwxyz")
		    == n - 1) {
			snprintf(name, n, "%s", s + 1);
			buf_addf(&b, "%d", httpd_port(h, name));
			s += n + 1;
		} else {
			buf_addc(&b, *s++);
		}
	}
	return buf_detach(&b, NULL);
}

/* What the servers were asked since the last time, one JSON a line. To be
 * freed. */
static inline char *
httpd_log(const struct httpd *h)
{
	char *log = httpd_file(h, "log");
	int fd = openat(h->dirfd, "log", O_WRONLY | O_TRUNC | O_CLOEXEC);

	close(fd);
	return log;
}

#endif
