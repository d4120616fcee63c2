#include "base_test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "base/xalloc.h"

/* A directory of each test's own. */
struct place {
	char path[64];
	int fd;
};

static int make_place(void **state)
{
	struct place *p = xcalloc(1, sizeof *p);

	strcpy(p->path, "/tmp/cairn-file-XXXXXX");
	if (!mkdtemp(p->path))
		return -1;
	p->fd = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = p;
	return p->fd < 0 ? -1 : 0;
}

static int remove_place(void **state)
{
	struct place *p = *state;
	struct err err = ERR_INIT;
	int result = file_remove_tree(AT_FDCWD, p->path, &err);

	err_free(&err);
	close(p->fd);
	free(p);
	return result;
}

static void put(int dirfd, const char *name, const char *text)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0600);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, text, strlen(text)), 0);
	close(fd);
}

static void reads_only_beneath(void **state)
{
	const struct place *p = *state;
	static const struct { const char *path, *error; } rows[] = {
		{ "good", NULL }, { "dir/good", NULL },
		{ "missing", "cannot open 'missing': No such file" },
		{ "dir/missing", "No such file" },
		{ "good/x", "Not a directory" },
		{ "dir", "is not a regular file" },
		{ "/etc/passwd", "is absolute" },
		{ "../x", "has a '..'" }, { "dir/../good", "has a '..'" },
		{ "dir/..", "has a '..'" }, { "..", "has a '..'" },
		{ ".", "begins with '.'" }, { "./good", "begins with '.'" },
		{ ".hidden", "begins with '.'" },
		{ "dir/.hidden", "begins with '.'" },
		{ ".git/config", "begins with '.'" },
		{ "", "empty component" }, { "dir//good", "empty component" },
		{ "dir/", "empty component" },
		{ "link", "symbolic link" }, { "link_out", "symbolic link" },
		{ "linked_dir/good", "" }, { "fifo", "is not a regular file" },
		{ "zero", "symbolic link" },
		{ "large", "larger than 10 bytes" },
	};
	struct buf b = BUF_INIT(10);
	struct err err = ERR_INIT;
	size_t i;
	int result;

	assert_int_equal(mkdirat(p->fd, "dir", 0700), 0);
	put(p->fd, "good", "good");
	put(p->fd, "dir/good", "good");
	put(p->fd, ".hidden", "x");
	put(p->fd, "dir/.hidden", "x");
	put(p->fd, "large", "12345678901");
	assert_int_equal(symlinkat("good", p->fd, "link"), 0);
	assert_int_equal(symlinkat("/etc/passwd", p->fd, "link_out"), 0);
	assert_int_equal(symlinkat("dir", p->fd, "linked_dir"), 0);
	assert_int_equal(symlinkat("/dev/zero", p->fd, "zero"), 0);
	assert_int_equal(mkfifoat(p->fd, "fifo", 0600), 0);
	for (i = 0; i < COUNT(rows); i++) {
		buf_reset(&b);
		result = file_read_beneath(p->fd, rows[i].path, &b, &err);
		if (!rows[i].error) {
			assert_int_equal(result, 0);
			assert_string_equal(b.data, "good");
		} else if (result != -1 || !strstr(err.text, rows[i].error)) {
			fail_msg("'%s': %s", rows[i].path,
			    err.set ? err.text : "was read");
		}
		err_free(&err);
	}
	buf_free(&b);
}

static void devices_are_no_files(void **state)
{
	struct err err = ERR_INIT;
	int dev = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(file_open_beneath(dev, "zero", 100, &err), -1);
	assert_non_null(strstr(err.text, "not a regular file"));
	err_free(&err);
	close(dev);
}

static void very_long_names_are_refused(void **state)
{
	const struct place *p = *state;
	struct err err = ERR_INIT;
	char name[5000];

	memset(name, 'a', sizeof name);
	name[sizeof name - 1] = '\0';
	assert_int_equal(file_open_beneath(p->fd, name, 100, &err), -1);
	assert_non_null(strstr(err.text, "too long"));
	err_free(&err);
}

static void descriptors_close_on_exec(void **state)
{
	const struct place *p = *state;
	struct err err = ERR_INIT;
	int fd;

	put(p->fd, "f", "x");
	fd = file_open_beneath(p->fd, "f", 100, &err);
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

static void more_than_the_ceiling_is_an_error(void **state)
{
	struct buf b = BUF_INIT(100000);
	struct err err = ERR_INIT;
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(file_read_fd(fd, "zeros", &b, &err), -1);
	assert_string_equal(err.text, "zeros is larger than 100000 bytes");
	err_free(&err);
	close(fd);
	buf_free(&b);
}

static size_t count_names(const struct place *p)
{
	char command[100];
	FILE *f;
	unsigned n = 0;

	snprintf(command, sizeof command, "ls -A %s | wc -l", p->path);
	f = popen(command, "r");
	assert_int_equal(fscanf(f, "%u", &n), 1);
	pclose(f);
	return n;
}

static void writes_all_or_nothing(void **state)
{
	const struct place *p = *state;
	struct buf b = BUF_INIT(100);
	struct err err = ERR_INIT;
	struct stat st;

	assert_int_equal(file_write_atomic(p->fd, "f", "one", 3, &err), 0);
	assert_int_equal(file_write_atomic(p->fd, "f", "two!", 4, &err), 0);
	assert_int_equal(file_write_atomic(p->fd, "empty", "", 0, &err), 0);
	assert_int_equal(file_read_beneath(p->fd, "f", &b, &err), 0);
	assert_string_equal(b.data, "two!");
	assert_int_equal(fstatat(p->fd, "f", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(count_names(p), 2);
	assert_int_equal(mkdirat(p->fd, "d", 0700), 0);
	assert_int_equal(file_write_atomic(p->fd, "d", "x", 1, &err), -1);
	assert_int_equal(count_names(p), 3);
	err_free(&err);
	assert_int_equal(file_write_atomic(p->fd, "no/f", "x", 1, &err), -1);
	err_free(&err);
	buf_free(&b);
}

static void a_link_is_replaced_not_followed(void **state)
{
	const struct place *p = *state;
	struct buf b = BUF_INIT(100);
	struct err err = ERR_INIT;

	put(p->fd, "target", "old");
	assert_int_equal(symlinkat("target", p->fd, "f"), 0);
	assert_int_equal(file_write_atomic(p->fd, "f", "new", 3, &err), 0);
	assert_int_equal(file_read_beneath(p->fd, "target", &b, &err), 0);
	assert_string_equal(b.data, "old");
	buf_free(&b);
}

static void makes_directories(void **state)
{
	const struct place *p = *state;
	struct err err = ERR_INIT;
	struct stat st;
	char path[200];

	snprintf(path, sizeof path, "%s/a/b/c", p->path);
	assert_int_equal(file_make_dirs(path, &err), 0);
	assert_int_equal(file_make_dirs(path, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	snprintf(path, sizeof path, "%s/a//b/d/", p->path);
	assert_int_equal(file_make_dirs(path, &err), 0);
	put(p->fd, "f", "x");
	snprintf(path, sizeof path, "%s/f/x", p->path);
	assert_int_equal(file_make_dirs(path, &err), -1);
	err_free(&err);
	assert_int_equal(file_make_dirs("/", &err), 0);
}

static void removes_a_tree_and_no_more(void **state)
{
	const struct place *p = *state;
	struct err err = ERR_INIT;
	char path[200];
	struct stat st;

	snprintf(path, sizeof path, "%s/t/a/b/c", p->path);
	assert_int_equal(file_make_dirs(path, &err), 0);
	assert_int_equal(mkdirat(p->fd, "kept", 0700), 0);
	put(p->fd, "kept/f", "x");
	put(p->fd, "t/a/f", "x");
	assert_int_equal(symlinkat("../../kept", p->fd, "t/a/link"), 0);
	assert_int_equal(mkfifoat(p->fd, "t/fifo", 0600), 0);
	assert_int_equal(file_remove_tree(p->fd, "t", &err), 0);
	assert_int_equal(fstatat(p->fd, "t", &st, 0), -1);
	assert_int_equal(fstatat(p->fd, "kept/f", &st, 0), 0);
	assert_int_equal(file_remove_tree(p->fd, "t", &err), 0);
	assert_int_equal(symlinkat("kept", p->fd, "link"), 0);
	assert_int_equal(file_remove_tree(p->fd, "link", &err), 0);
	assert_int_equal(fstatat(p->fd, "kept/f", &st, 0), 0);
}

static void reads_at_an_offset(void **state)
{
	const struct place *p = *state;
	char text[20] = { 0 };
	int fd;

	put(p->fd, "f", "0123456789");
	fd = openat(p->fd, "f", O_RDONLY | O_CLOEXEC);
	assert_int_equal(pread_all(fd, text, 4, 3), 4);
	assert_string_equal(text, "3456");
	assert_int_equal(pread_all(fd, text, 10, 8), 2);
	assert_int_equal(pread_all(fd, text, 10, 100), 0);
	close(fd);
	assert_int_equal(pread_all(fd, text, 1, 0), -1);
}

#define IN_PLACE(test) \
	cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(reads_only_beneath),
		cmocka_unit_test(devices_are_no_files),
		IN_PLACE(very_long_names_are_refused),
		IN_PLACE(descriptors_close_on_exec),
		cmocka_unit_test(more_than_the_ceiling_is_an_error),
		IN_PLACE(writes_all_or_nothing),
		IN_PLACE(a_link_is_replaced_not_followed),
		IN_PLACE(makes_directories),
		IN_PLACE(removes_a_tree_and_no_more),
		IN_PLACE(reads_at_an_offset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
