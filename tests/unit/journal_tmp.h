/* What the tests of the journal share: a fresh directory, a clock that goes
 * on by a second a look, and a small run. */
#ifndef CAIRN_TESTS_JOURNAL_TMP_H
#define CAIRN_TESTS_JOURNAL_TMP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "journal/journal.h"
#include "journal/vfs.h"

struct tmp {
	char path[64];
	int fd;
	nsec now;
	struct clock clock;
};

static inline nsec tmp_wall(void *ctx)
{
	struct tmp *t = ctx;

	t->now += NSEC_PER_SEC;
	return t->now;
}

static inline int tmp_setup(void **state)
{
	struct tmp *t = xcalloc(1, sizeof *t);

	umask(022);
	strcpy(t->path, "/tmp/cairn_journal.XXXXXX");
	assert_non_null(mkdtemp(t->path));
	t->fd = open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(t->fd >= 0);
	t->now = 1795482123 * NSEC_PER_SEC;     /* 2026-11-24T01:02:03Z */
	t->clock = (struct clock){ .wall = tmp_wall, .ctx = t };
	*state = t;
	return 0;
}

static inline int tmp_teardown(void **state)
{
	struct tmp *t = *state;
	struct err err = ERR_INIT;
	int top = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	close(t->fd);
	assert_int_equal(file_remove_tree(top, t->path + 5, &err), 0);
	close(top);
	free(t);
	return 0;
}

#define TMP_TEST(f) cmocka_unit_test_setup_teardown(f, tmp_setup, tmp_teardown)

/* A text that must be in an error, which is freed. */
static inline void assert_error(struct err *err, const char *part)
{
	assert_true(err->set);
	if (!strstr(err->text, part))
		fail_msg("'%s' is not in '%s'", part, err->text);
	err_free(err);
}

static inline void tmp_write(int dirfd, const char *name, const void *p,
    size_t n)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, p, n), 0);
	close(fd);
}

static inline char *tmp_read(int dirfd, const char *name, size_t *n)
{
	struct stat st;
	int fd = openat(dirfd, name, O_RDONLY);
	char *p;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	p = xmalloc((size_t)st.st_size + 1);
	assert_int_equal(pread_all(fd, p, (size_t)st.st_size, 0), st.st_size);
	p[st.st_size] = '\0';
	close(fd);
	*n = (size_t)st.st_size;
	return p;
}

#endif
