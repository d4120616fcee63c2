/* copy: paths that are refused, and the worker under every fault: at each of
 * its system calls it is killed; at every other one its source changes, or
 * its disk fills up. */
#include "tests/unit/kind_help.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/ptrace.h>

#include "base/digest.h"
#include "kind/copy.h"

#define STEP(s) "    " s "\n"
#define COPY(from, to) "    copy: {from: '" from "', to: '" to "'}\n"
#define SIZE (1024 * 1024 + 4321)     /* more than one chunk */

static const struct { const char *body, *words; } rows[] = {
	{ COPY("/a", "/b"), NULL },
	{ COPY("a", "b c/d"), NULL },
	{ STEP("copy: {from: {path: /a}, to: {path: /b, mode: '0640'}}"),
	  NULL },
	{ COPY("/a", "/b/"), "empty" },
	{ COPY("/a", "//b"), "empty" },
	{ COPY("", "/b"), "empty" },
	{ COPY("/", "/b"), "empty" },
	{ COPY("/a/../b", "/c"), "\"..\"" },
	{ COPY("/a", "./c"), "\"..\"" },
	{ COPY("/a", "/${{ params.dots }}"), "\"..\"" },
	{ COPY("/a", "/x/${{ params.y }}"), "control character" },
	{ COPY("/a", "/x/${{ steps.seen.path }}"), "path_join" },
	{ STEP("copy: {from: /a, to: \"${{ path_join('/x', steps.seen.path) }}\"}")
	  , NULL },
	{ COPY("/a", "${{ secrets.pw }}"), "secret" },
	{ STEP("copy: {from: {path: /a, host: local}, to: /b}"),
	  "not built yet" },
	{ STEP("copy: {from: /a, to: /b, streams: 4}"), "not built yet" },
	{ STEP("copy: {from: /a}"), "to" },
	{ STEP("copy: {from: /a, to: {path: /b, mode: '4755'}}"),
	  "somebody else" },
	{ STEP("copy: {from: /a, to: {path: /b, mode: 'rw'}}"), "octal" },
	{ STEP("copy: {from: /a, to: {path: /b, mode: '00640'}}"), "octal" },
	{ STEP("copy: {from: /a, to: /b, sha256: abc}"), "hexadecimal" },
	{ STEP("copy: {from: /a, to: /b}") STEP("effect: destroys")
	  STEP("targets: [here]"), NULL },
	{ STEP("copy: {from: /a, to: '/${{ params.v }}'}")
	  STEP("effect: destroys") STEP("targets: [here]"), "" },
};

static void
test_paths(void **state)
{
	struct value_map m;
	struct kit k;
	size_t i;

	(void)state;
	kit_open(&k);
	kit_params(&k, "{\"dots\":\"..\",\"y\":\"b\\n\",\"v\":\"\"}");
	kit_set(&k, 2, "pw", value_static("hunter22"));
	m = (struct value_map){ .arena = k.arena };
	value_map_put(&m, "path", 4, value_static("name"));
	kit_set(&k, 1, "seen", value_map_done(&m));
	for (i = 0; i < COUNT(rows); i++)
		kit_expect(&k, rows[i].body, rows[i].words);
	kit_close(&k);
}

/* ---- the worker */

struct files {
	struct kit k;
	char *old, *new;             /* what the source may hold, SIZE bytes */
	char from[NAME_MAX], to[NAME_MAX];
	char request[8192];
};

static void
write_file(int dirfd, const char *name, const char *p, size_t n)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC, 0640);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, p, n), 0);
	close(fd);
}

static void
make_request(struct files *f, const char *mode, const char *sha256)
{
	struct value_map m = { .arena = f->k.arena };
	struct value v;
	json_t *json;
	char *text;

#define PUT(key, val) value_map_put(&m, key, strlen(key), val)
	PUT("from", value_cstring(f->k.arena, arena_printf(f->k.arena,
	    "%s/%s", f->k.dir, f->from)));
	PUT("to", value_cstring(f->k.arena, arena_printf(f->k.arena, "%s/%s",
	    f->k.dir, f->to)));
	PUT("mode", mode == NULL ? value_null() :
	    value_int(strtol(mode, NULL, 8)));
	PUT("sha256", sha256 == NULL ? value_null() : value_static(sha256));
	PUT("part", value_static(COPY_PART "0123456789abcdef-"));
	v = value_map_done(&m);
	json = value_to_record(v);
	text = json_dumps(json, 0);
	assert_true(strlen(text) < sizeof f->request);
	strcpy(f->request, text);
	free(text);
	json_decref(json);
}

static void
files_open(struct files *f)
{
	size_t i;

	memset(f, 0, sizeof *f);
	kit_open(&f->k);
	f->old = malloc(SIZE);
	f->new = malloc(SIZE);
	for (i = 0; i < SIZE; i++) {
		f->old[i] = (char)(i * 31 + i / 257);
		f->new[i] = (char)(i * 17 + i / 263 + 1);
	}
	strcpy(f->from, "from");
	strcpy(f->to, "to");
	write_file(f->k.fd, f->from, f->old, SIZE);
	make_request(f, NULL, NULL);
}

static void
files_close(struct files *f)
{
	kit_close(&f->k);
	free(f->old);
	free(f->new);
}

/* Temporary names that are left, and removes nothing. */
static int
leftovers(const struct files *f)
{
	DIR *dir = opendir(f->k.dir);
	const struct dirent *d;
	int n = 0;

	while ((d = readdir(dir)) != NULL)
		n += strncmp(d->d_name, COPY_PART, strlen(COPY_PART)) == 0;
	closedir(dir);
	return n;
}

/* 0: it is not there. */
static bool
holds(const struct files *f, const char *name, const char *what, size_t n)
{
	struct buf b = BUF_INIT(64 << 20);
	struct err err = ERR_INIT;
	int fd = openat(f->k.fd, name, O_RDONLY);
	bool same = false;

	if (fd >= 0) {
		assert_int_equal(file_read_fd(fd, name, &b, &err), 0);
		same = b.len == n && memcmp(b.data, what, n) == 0;
		close(fd);
	}
	buf_free(&b);
	return same;
}

static bool
exists(const struct files *f, const char *name)
{
	struct stat st;

	return fstatat(f->k.fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Runs the worker; at its stop number `at` (0: never) calls `interfere`.
 * Returns what it printed; *reached: it had so many. */
static char *
run(const struct files *f, int at, void (*interfere)(const struct files *f,
    pid_t pid), int *status, bool *reached)
{
	int out = memfd_create("out", 0), stops = 0;
	pid_t pid = fork();
	char *text;

	*reached = at == 0;
	if (pid == 0) {
		dup2(out, 1);
		if (at > 0) {
			ptrace(PTRACE_TRACEME, 0, NULL, NULL);
			raise(SIGSTOP);
		}
		_exit(copy_worker(f->request, strlen(f->request)));
	}
	assert_int_equal(waitpid(pid, status, 0), pid);
	while (WIFSTOPPED(*status)) {
		if (++stops == at) {
			*reached = true;
			interfere(f, pid);
		}
		ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
		assert_int_equal(waitpid(pid, status, 0), pid);
	}
	text = kit_slurp(out, NULL);
	close(out);
	return text;
}

static bool
can_trace(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 ? 0 : 1);
	waitpid(pid, &status, 0);
	return status == 0;
}

/* Once, without interference. */
static char *
once(const struct files *f, int *status)
{
	bool reached;
	char *out = run(f, 0, NULL, status, &reached);

	*status = WEXITSTATUS(*status);
	return out;
}

static void
succeeds(const struct files *f, const char *holding)
{
	char hash[DIGEST_HEX + 1], *out;
	int status;

	out = once(f, &status);
	sha256_hex(holding, SIZE, hash);
	if (status != 0 || strstr(out, hash) == NULL)
		fail_msg("%d: %s", status, out);
	assert_true(holds(f, f->to, holding, SIZE));
	assert_int_equal(leftovers(f), 0);
	free(out);
}

static void
fails(const struct files *f, const char *words)
{
	int status;
	char *out = once(f, &status);

	if (status == 0 || strstr(out, words) == NULL)
		fail_msg("wanted %s, got %d: %s", words, status, out);
	assert_int_equal(leftovers(f), 0);
	free(out);
}

static void
test_plain(void **state)
{
	static const char *const names[] = { "to", "a b", "-rf", "a\nb", "'$(x)",
	    "\xff\xfe", "*", ".hidden" };
	struct stat st, src;
	struct files f;
	size_t i;

	(void)state;
	files_open(&f);
	for (i = 0; i < COUNT(names); i++) {
		strcpy(f.to, names[i]);
		make_request(&f, NULL, NULL);
		succeeds(&f, f.old);
	}
	/* mode and times are kept, or the mode is given */
	assert_int_equal(fstatat(f.k.fd, "to", &st, 0), 0);
	assert_int_equal(fstatat(f.k.fd, "from", &src, 0), 0);
	assert_int_equal(st.st_mode & 07777, src.st_mode & 07777);
	assert_int_equal(st.st_mtim.tv_nsec, src.st_mtim.tv_nsec);
	strcpy(f.to, "moded");
	make_request(&f, "0604", NULL);
	succeeds(&f, f.old);
	assert_int_equal(fstatat(f.k.fd, "moded", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0604);
	/* an empty one */
	write_file(f.k.fd, "from", "", 0);
	strcpy(f.to, "none");
	make_request(&f, NULL, NULL);
	free(once(&f, (int[1]){ 0 }));
	assert_true(holds(&f, "none", "", 0));
	files_close(&f);
}

static void
test_again(void **state)
{
	char hash[DIGEST_HEX + 1];
	struct stat before, after;
	struct files f;

	(void)state;
	files_open(&f);
	succeeds(&f, f.old);
	assert_int_equal(fstatat(f.k.fd, "to", &before, 0), 0);
	succeeds(&f, f.old);
	assert_int_equal(fstatat(f.k.fd, "to", &after, 0), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	/* other content is replaced */
	write_file(f.k.fd, "from", f.new, SIZE);
	succeeds(&f, f.new);
	/* with the hash given the source is not needed any more */
	sha256_hex(f.new, SIZE, hash);
	unlinkat(f.k.fd, "from", 0);
	make_request(&f, NULL, hash);
	succeeds(&f, f.new);
	make_request(&f, NULL, NULL);
	fails(&f, "No such file");
	files_close(&f);
}

static void
test_refuses(void **state)
{
	char hash[DIGEST_HEX + 1];
	struct files f;

	(void)state;
	files_open(&f);
	sha256_hex("x", 1, hash);
	make_request(&f, NULL, hash);
	fails(&f, "was wanted");
	assert_false(exists(&f, "to"));
	write_file(f.k.fd, "to", "kept", 4);
	fails(&f, "was wanted");
	assert_true(holds(&f, "to", "kept", 4));
	unlinkat(f.k.fd, "to", 0);
	make_request(&f, NULL, NULL);
	/* what is no file, at either end */
	assert_int_equal(mkdirat(f.k.fd, "to", 0700), 0);
	fails(&f, "is a directory");
	unlinkat(f.k.fd, "to", AT_REMOVEDIR);
	assert_int_equal(symlinkat("victim", f.k.fd, "to"), 0);
	write_file(f.k.fd, "victim", "kept", 4);
	fails(&f, "is a symbolic link");
	assert_true(holds(&f, "victim", "kept", 4));
	unlinkat(f.k.fd, "to", 0);
	assert_int_equal(mkfifoat(f.k.fd, "to", 0600), 0);
	fails(&f, "no regular file");
	unlinkat(f.k.fd, "to", 0);
	unlinkat(f.k.fd, "from", 0);
	assert_int_equal(mkfifoat(f.k.fd, "from", 0600), 0);
	fails(&f, "no regular file");
	unlinkat(f.k.fd, "from", 0);
	assert_int_equal(mkdirat(f.k.fd, "from", 0700), 0);
	fails(&f, "not built yet");
	unlinkat(f.k.fd, "from", AT_REMOVEDIR);
	write_file(f.k.fd, "from", f.old, SIZE);
	assert_int_equal(fchmodat(f.k.fd, "from", 04755, 0), 0);
	fails(&f, "somebody else");
	assert_int_equal(fchmodat(f.k.fd, "from", 0644, 0), 0);
	strcpy(f.to, "no/such");
	make_request(&f, NULL, NULL);
	fails(&f, "makes no directories");
	files_close(&f);
}

/* What looks like ours is removed, as itself: nothing is followed. */
static void
test_planted(void **state)
{
	struct files f;

	(void)state;
	files_open(&f);
	write_file(f.k.fd, "victim", "kept", 4);
	write_file(f.k.fd, COPY_PART "fedcba9876543210-x", "other", 5);
	assert_int_equal(symlinkat("victim", f.k.fd,
	    COPY_PART "0123456789abcdef-0"), 0);
	free(once(&f, (int[1]){ 0 }));
	assert_true(holds(&f, "to", f.old, SIZE));
	assert_true(holds(&f, "victim", "kept", 4));
	assert_false(exists(&f, COPY_PART "0123456789abcdef-0"));
	/* another step's, or another run's, is not ours */
	assert_true(exists(&f, COPY_PART "fedcba9876543210-x"));
	files_close(&f);
}

static void
test_directory_of_others(void **state)
{
	struct files f;

	(void)state;
	files_open(&f);
	if (geteuid() == 0) {
		assert_int_equal(fchmod(f.k.fd, 0777), 0);
		fails(&f, "can be written by others");
		assert_int_equal(fchmod(f.k.fd, 0700), 0);
		assert_int_equal(fchown(f.k.fd, 65534, 65534), 0);
		fails(&f, "can be written by others");
		assert_int_equal(fchown(f.k.fd, 0, 0), 0);
	}
	succeeds(&f, f.old);
	files_close(&f);
}

/* ---- at every system call */

static void
kill_it(const struct files *f, pid_t pid)
{
	(void)f;
	kill(pid, SIGKILL);
}

static void
killed(bool replaces, int every)
{
	struct files f;
	bool reached = true;
	int at, status;

	for (at = 2; reached; at += every) {
		files_open(&f);
		if (replaces)
			write_file(f.k.fd, "to", f.new, SIZE);
		free(run(&f, at, kill_it, &status, &reached));
		if (reached && !WIFSIGNALED(status))
			fail_msg("not killed at %d", at);
		if (exists(&f, "to") && !holds(&f, "to", f.old, SIZE) &&
		    !(replaces && holds(&f, "to", f.new, SIZE)))
			fail_msg("half a file after a kill at %d", at);
		if (replaces)
			assert_true(exists(&f, "to"));
		succeeds(&f, f.old);
		files_close(&f);
	}
	assert_true(at > 40);
}

static void
test_killed(void **state)
{
	(void)state;
	if (!can_trace())
		skip();
	killed(false, 1);
	killed(true, 3);
}

static void
change_source(const struct files *f, pid_t pid)
{
	(void)pid;
	write_file(f->k.fd, "from", f->new, SIZE);
}

static void
grow_source(const struct files *f, pid_t pid)
{
	int fd = openat(f->k.fd, "from", O_WRONLY | O_APPEND);

	(void)pid;
	write_all(fd, "more", 4);
	close(fd);
}

static void
cut_source(const struct files *f, pid_t pid)
{
	int fd = openat(f->k.fd, "from", O_WRONLY);

	(void)pid;
	assert_int_equal(ftruncate(fd, SIZE / 2), 0);
	close(fd);
}

/* Whatever happens to the source: the target is one of its states, whole, or
 * is not there. */
static void
test_source_changes(void **state)
{
	void (*const ways[])(const struct files *, pid_t) = { change_source,
	    grow_source, cut_source };
	size_t way, detected = 0;
	struct files f;

	(void)state;
	if (!can_trace())
		skip();
	for (way = 0; way < COUNT(ways); way++) {
		bool reached = true;
		int at, status;

		for (at = 2; reached; at += 2) {
			char *out;

			files_open(&f);
			out = run(&f, at, ways[way], &status, &reached);
			if (status == 0 && !holds(&f, "to", f.old, SIZE) &&
			    !holds(&f, "to", f.new, SIZE) &&
			    !holds(&f, "to", f.old, SIZE / 2) && way != 1)
				fail_msg("a mixture at %d: %s", at, out);
			if (status != 0 && strstr(out, "changed") == NULL)
				fail_msg("at %d: %s", at, out);
			if (status != 0)
				assert_false(exists(&f, "to"));
			detected += status != 0;
			assert_int_equal(leftovers(&f), 0);
			free(out);
			files_close(&f);
		}
	}
	assert_true(detected > 10);
}

/* ---- a full disk, when we may make a small one */

static void
fill_disk(const struct files *f, pid_t pid)
{
	int fd = openat(f->k.fd, "filler", O_WRONLY | O_CREAT, 0600);

	(void)pid;
	while (write(fd, f->new, SIZE) > 0)
		;
	close(fd);
}

static void
full_disk(void)
{
	struct files f;
	bool reached = true;
	int at, status;

	for (at = 2; reached; at += 3) {
		char *out;

		files_open(&f);
		if (mount("tmpfs", f.k.dir, "tmpfs", 0, "size=4m") != 0)
			_exit(77);
		close(f.k.fd);
		f.k.fd = open(f.k.dir, O_RDONLY | O_DIRECTORY);
		fchmod(f.k.fd, 0700);
		write_file(f.k.fd, "from", f.old, SIZE);
		out = run(&f, at, fill_disk, &status, &reached);
		if (status == 0 ? !holds(&f, "to", f.old, SIZE) :
		    exists(&f, "to") || (strstr(out, "No space") == NULL &&
		    strstr(out, "no room") == NULL))
			fail_msg("at %d: %s", at, out);
		assert_int_equal(leftovers(&f), 0);
		unlinkat(f.k.fd, "filler", 0);
		succeeds(&f, f.old);
		free(out);
		umount2(f.k.dir, MNT_DETACH);
		files_close(&f);
	}
}

static void
test_full_disk(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0 || !can_trace())
		skip();
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL,
		    MS_REC | MS_PRIVATE, NULL) != 0)
			_exit(77);
		full_disk();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

/* ---- through the kind */

static void
test_kind(void **state)
{
	struct err err = ERR_INIT;
	struct value self;
	struct files f;
	char *out;
	int status;

	(void)state;
	files_open(&f);
	assert_int_equal(kit_make(&f.k, STEP("copy: {from: from, to: {path:"
	    " 'to it', mode: '0600'}}"), &err), 0);
	assert_true(f.k.kind->again);
	assert_string_equal(kit_shown(&f.k), arena_printf(f.k.arena,
	    "cp -p -- %s/from '%s/to it' && chmod 0600 -- '%s/to it'",
	    f.k.dir, f.k.dir, f.k.dir));
	out = kit_run(&f.k, &status);
	assert_int_equal(kit_read(&f.k, out, status, &self, &err), 0);
	assert_int_equal(kit_member(self, "bytes").u.integer, SIZE);
	assert_int_equal(kit_member(self, "files").u.integer, 1);
	free(out);
	unlinkat(f.k.fd, "from", 0);
	unlinkat(f.k.fd, "to it", 0);
	out = kit_run(&f.k, &status);
	assert_int_equal(kit_read(&f.k, out, status, &self, &err), -1);
	assert_non_null(strstr(err.text, "No such file"));
	err_free(&err);
	free(out);
	files_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_planted),
		cmocka_unit_test(test_directory_of_others),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_source_changes),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
