#include "engine/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mask.h"
#include "engine/scope.h"
#include "journal/rundir.h"

#define COMMAND_SECONDS 60

/* "~/x" is below the home of the account, nothing else is special. */
static void
expand_home(const struct engine *e, const char *path, struct buf *out)
{
	const char *const *env = e->base_env;

	if (path[0] == '~' && path[1] == '/') {
		for (; *env != NULL; env++)
			if (str_has_prefix(*env, "HOME="))
				buf_adds(out, *env + 5);
		path++;
	}
	buf_adds(out, path);
}

/* Is the file below the folder of the book? A secret there would go into the
 * snapshot of whoever copies the book. */
static bool
inside_book(const struct engine *e, const char *path)
{
	char real[PATH_MAX], folder[PATH_MAX];
	size_t n;

	if (e->drive->facts->book_dir == NULL ||
	    realpath(path, real) == NULL ||
	    realpath(e->drive->facts->book_dir, folder) == NULL)
		return false;
	n = strlen(folder);
	return strncmp(real, folder, n) == 0 && real[n] == '/';
}

static int
check_file(const struct engine *e, int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_errno(err, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, "%s is not a regular file", path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(err, "%s belongs to another user", path);
	if ((st.st_mode & 077) != 0) {
		err_set(err, "%s can be read by others (mode %04o)", path,
		    (unsigned)st.st_mode & 07777);
		return err_hint(err, "chmod 600 %s", path);
	}
	if (st.st_size > (off_t)LIMIT_SECRET)
		return err_set(err, "%s is larger than 64 KiB", path);
	if (inside_book(e, path))
		return err_set(err, "%s lies in the folder of the book", path);
	return 0;
}

static int
fetch_file(struct engine *e, const struct secret *s, const char *text,
    struct buf *out, struct err *err)
{
	struct buf path = BUF_INIT(PATH_MAX);
	int fd, result = -1;

	(void)s;
	expand_home(e, text, &path);
	fd = open(path.data, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		err_errno(err, "%s", path.data);
	else if (check_file(e, fd, path.data, err) == 0)
		result = file_read_fd(fd, path.data, out, err);
	if (fd >= 0)
		close(fd);
	buf_free(&path);
	return result;
}

static int
fetch_env(const char *name, struct buf *out, struct err *err)
{
	const char *value = getenv(name);

	if (value == NULL)
		return err_set(err, "the environment variable %s is not set "
		    "where this run was started or resumed", name);
	buf_adds(out, value);
	return 0;
}

/* Reads what the command prints, for at most COMMAND_SECONDS. */
static int
read_command(int fd, pid_t pid, const char *program, struct buf *out,
    struct err *err)
{
	char chunk[4096];
	ssize_t n = 0;
	int status;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (poll(&p, 1, COMMAND_SECONDS * 1000) == 1 &&
	    (n = read(fd, chunk, sizeof chunk)) > 0)
		buf_add(out, chunk, (size_t)n);
	explicit_bzero(chunk, sizeof chunk);
	if (n != 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (n != 0)
		return err_set(err, "%s did not end within %d s", program,
		    COMMAND_SECONDS);
	if (status != 0)
		return err_set(err, "%s ended with status %d", program,
		    WIFEXITED(status) ? WEXITSTATUS(status) :
		    128 + WTERMSIG(status));
	return 0;
}

static int
spawn_command(struct engine *e, char *const *argv, int out_fd, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none;
	int error;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out_fd, 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
	    POSIX_SPAWN_SETSID);
	error = posix_spawnp(pid, argv[0], &actions, &attr, argv,
	    (char *const *)e->base_env);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return error;
}

static int
fetch_command(struct engine *e, const struct secret *s,
    const struct scope *scope, struct arena *a, struct buf *out,
    struct err *err)
{
	char **argv = arena_array(a, s->command.n + 1, sizeof *argv);
	struct value v;
	int fds[2], error, result;
	pid_t pid;
	size_t i;

	for (i = 0; i < s->command.n; i++) {
		if (text_eval(s->command.v[i], scope, a, &v, err) != 0)
			return -1;
		argv[i] = arena_strndup(a, v.u.string.p, v.u.string.n);
	}
	if (pipe2(fds, O_CLOEXEC) != 0)
		return err_errno(err, "a pipe for %s", argv[0]);
	error = spawn_command(e, argv, fds[1], &pid);
	close(fds[1]);
	if (error != 0)
		result = err_set(err, "%s: %s", argv[0], strerror(error));
	else
		result = read_command(fds[0], pid, argv[0], out, err);
	close(fds[0]);
	return result;
}

static int
fetch_bytes(struct engine *e, const struct secret *s, struct arena *a,
    struct buf *out, struct err *err)
{
	struct names names;
	struct value v;

	names_init(&names, e, NULL);
	if (s->command.n > 0)
		return fetch_command(e, s, &names.scope, a, out, err);
	if (text_eval(s->file != NULL ? s->file : s->env, &names.scope, a, &v,
	    err) != 0)
		return -1;
	if (s->file != NULL)
		return fetch_file(e, s, v.u.string.p, out, err);
	return fetch_env(v.u.string.p, out, err);
}

static int
check_value(const struct secret *s, const struct buf *b, struct err *err)
{
	if (b->cut)
		return err_set(err, "it is larger than 64 KiB");
	if (b->len == 0)
		return err_set(err, "it is empty");
	if (memchr(b->data, '\0', b->len) != NULL)
		return err_set(err, "it holds a NUL byte");
	if (b->len < SECRET_MIN && !s->weak) {
		err_set(err, "it is shorter than %d bytes, too short to be "
		    "recognised in output", SECRET_MIN);
		return err_hint(err, "write `weak: true` to take it all the "
		    "same; it is then not masked in running text");
	}
	return 0;
}

static int
fetch(struct engine *e, const struct secret *s, struct arena *a,
    struct err *err)
{
	struct buf bytes = BUF_INIT(LIMIT_SECRET);
	int result = fetch_bytes(e, s, a, &bytes, err);

	if (result == 0) {
		if (bytes.len > 0 && bytes.data[bytes.len - 1] == '\n')
			buf_truncate(&bytes, bytes.len - 1);
		result = check_value(s, &bytes, err);
	}
	if (result == 0)
		mask_add(e->mask, s->name, bytes.data, bytes.len, s->weak);
	if (bytes.cap > 0)
		explicit_bzero(bytes.data, bytes.cap);
	buf_free(&bytes);
	if (result != 0) {
		err_wrap(err, "secret '%s'", s->name);
		err_place(err, s->mark);
	}
	return result;
}

int
secret_get(struct engine *e, const char *name, struct arena *a,
    struct value *out, struct err *err)
{
	const struct secret *s = book_secret(e->book, name);
	const char *p;
	size_t n;

	if (s == NULL)
		return err_set(err, "there is no secret '%s'", name);
	if (!mask_has(e->mask, name) && fetch(e, s, a, err) != 0)
		return -1;
	p = mask_value(e->mask, name, &n);
	*out = value_string(a, p, n);
	out->flags |= VALUE_SECRET;
	return 0;
}

int
secret_get_all(struct engine *e, const json_t *names, struct err *err)
{
	struct arena *a = arena_new();
	struct value v;
	size_t i;
	int result = 0;

	for (i = 0; i < json_array_size(names) && result == 0; i++)
		result = secret_get(e, json_string_value(
		    json_array_get(names, i)), a, &v, err);
	arena_free(a);
	return result;
}

json_t *
secret_names(const struct engine *e)
{
	json_t *names = json_array();
	size_t i;

	for (i = 0; i < e->book->secrets.n; i++)
		if (mask_has(e->mask, e->book->secrets.v[i].name))
			json_array_append_new(names,
			    json_string(e->book->secrets.v[i].name));
	return names;
}
