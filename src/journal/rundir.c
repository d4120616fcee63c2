#include "journal/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/xalloc.h"
#include "journal/reader.h"
#include "journal/runs.h"
#include "journal/safedir.h"

static const char *const subdirs[] = {
	"log", "job", "inbox", "files", "book", "work"
};
#define SUBDIRS (sizeof subdirs / sizeof *subdirs)

static const char *passwd_home(struct err *err)
{
	const struct passwd *pw = getpwuid(geteuid());

	if (pw && pw->pw_dir && pw->pw_dir[0] == '/')
		return pw->pw_dir;
	err_set(err, "uid %u has no home directory: set CAIRN_STATE",
	    (unsigned)geteuid());
	return NULL;
}

/* The environment of somebody else may not say where our state is (F4). */
static bool environment_is_ours(void)
{
	return geteuid() == getuid() && !getenv("SUDO_UID");
}

char *state_dir(struct err *err)
{
	bool ours = environment_is_ours();
	const char *state = ours ? getenv("CAIRN_STATE") : NULL;
	const char *xdg = ours ? getenv("XDG_STATE_HOME") : NULL;
	const char *home = ours ? getenv("HOME") : NULL;

	if (state && *state == '/')
		return xstrdup(state);
	if (state && *state) {
		err_set(err, "CAIRN_STATE '%s' is not absolute", state);
		return NULL;
	}
	if (xdg && *xdg == '/')
		return xasprintf("%s/cairn", xdg);
	if (!home || *home != '/')
		home = passwd_home(err);
	return home ? xasprintf("%s/.local/state/cairn", home) : NULL;
}

static int *subdir_fd(struct rundir *r, size_t i)
{
	int *const fds[] = { &r->log_fd, &r->job_fd, &r->inbox_fd,
		&r->files_fd, &r->book_fd, &r->work_fd };

	return fds[i];
}

static struct rundir *rundir_new(const char *state, const char *id)
{
	struct rundir *r = xcalloc(1, sizeof *r);
	size_t i;

	r->id = xstrdup(id);
	r->path = xasprintf("%s/runs/%s", state, id);
	r->fd = r->lock_fd = -1;
	for (i = 0; i < SUBDIRS; i++)
		*subdir_fd(r, i) = -1;
	return r;
}

void rundir_close(struct rundir *r)
{
	size_t i;

	if (!r)
		return;
	for (i = 0; i < SUBDIRS; i++)
		if (*subdir_fd(r, i) >= 0)
			close(*subdir_fd(r, i));
	if (r->lock_fd >= 0)
		close(r->lock_fd);
	if (r->fd >= 0)
		close(r->fd);
	free(r->id);
	free(r->path);
	free(r);
}

/* On a file system that is read-only the lock can still be asked about. */
static int open_lock(struct rundir *r, int flags, struct err *err)
{
	struct stat st;

	flags |= O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	r->lock_fd = openat(r->fd, "lock", O_RDWR | flags, 0600);
	if (r->lock_fd < 0 && errno == EROFS)
		r->lock_fd = openat(r->fd, "lock", O_RDONLY | flags, 0600);
	if (r->lock_fd < 0 && errno == ELOOP)
		return err_set(err, "the lock is a symbolic link");
	if (r->lock_fd < 0)
		return err_errno(err, "cannot open the lock");
	return journal_check_file(r->lock_fd, "the lock", &st, err);
}

static int open_inside(struct rundir *r, struct err *err)
{
	size_t i;
	int fd;

	for (i = 0; i < SUBDIRS; i++) {
		fd = safedir_open_at(r->fd, subdirs[i], err);
		if (fd < 0)
			return -1;
		*subdir_fd(r, i) = fd;
	}
	return 0;
}

static int check_owner(const struct rundir *r, struct err *err)
{
	struct stat st;

	if (fstat(r->fd, &st) < 0)
		return err_errno(err, "cannot look at %s", r->path);
	if (st.st_uid == geteuid())
		return 0;
	err_set(err, "the run belongs to uid %u", (unsigned)st.st_uid);
	return err_hint(err, "another user goes on with 'cairn pack' and "
	    "'cairn adopt'");
}

static int make_runs(const char *state, struct err *err)
{
	char *path = xasprintf("%s/runs", state);
	int result = file_make_dirs(path, err);

	free(path);
	return result < 0 ? -1 : runs_open(state, err);
}

static int make_inside(struct rundir *r, struct err *err)
{
	size_t i;

	for (i = 0; i < SUBDIRS; i++)
		if (mkdirat(r->fd, subdirs[i], 0700) < 0)
			return err_errno(err, "cannot make %s", subdirs[i]);
	if (open_lock(r, O_CREAT | O_EXCL, err) < 0 ||
	    open_inside(r, err) < 0)
		return -1;
	if (fsync(r->fd) < 0)
		return err_errno(err, "cannot sync the run's directory");
	return 0;
}

static void discard(int runs, const char *hidden)
{
	struct err ignored = ERR_INIT;

	file_remove_tree(runs, hidden, &ignored);
	err_free(&ignored);
}

/* Under a hidden name first, so that nobody meets half a run. 1: another run
 * has this id. */
static int make_run(struct rundir *r, int runs, struct err *err)
{
	char *hidden = xasprintf(".%s", r->id);
	int result = -1;

	if (mkdirat(runs, hidden, 0700) < 0) {
		result = errno == EEXIST ? 1 :
		    err_errno(err, "cannot make %s", r->path);
	} else {
		r->fd = safedir_open_at(runs, hidden, err);
		if (r->fd >= 0 && make_inside(r, err) == 0) {
			result = renameat2(runs, hidden, runs, r->id,
			    RENAME_NOREPLACE);
			if (result < 0)
				result = errno == EEXIST ? 1 :
				    err_errno(err, "cannot make %s", r->path);
		}
		if (result != 0)
			discard(runs, hidden);
		else if (fsync(runs) < 0)
			result = err_errno(err, "cannot sync %s/..", r->path);
	}
	free(hidden);
	return result;
}

struct rundir *rundir_create(const char *state, const char *name,
    const struct clock *clock, struct err *err)
{
	char nonce[NONCE_HEX + 1], *id;
	struct rundir *r = NULL;
	int runs, made = 1;

	if (!run_name_valid(name)) {
		err_set(err, "'%s' is not a name for a run", name);
		return NULL;
	}
	runs = make_runs(state, err);
	/* four digits are few among the runs of one minute: others then */
	while (runs >= 0 && made == 1) {
		nonce_make(nonce);
		id = run_id_make(name, clock_wall(clock), nonce);
		r = rundir_new(state, id);
		free(id);
		made = make_run(r, runs, err);
		if (made != 0) {
			rundir_close(r);
			r = NULL;
		}
	}
	if (runs >= 0)
		close(runs);
	return r;
}

struct rundir *rundir_open(const char *state, const char *run,
    struct err *err)
{
	struct rundir *r = NULL;
	char *id = runs_find(state, run, err);
	int runs = id ? runs_open(state, err) : -1;

	if (runs >= 0) {
		r = rundir_new(state, id);
		r->fd = safedir_open_at(runs, id, err);
		if (r->fd < 0 || check_owner(r, err) < 0 ||
		    open_lock(r, 0, err) < 0 || open_inside(r, err) < 0) {
			err_wrap(err, "run %s", id);
			rundir_close(r);
			r = NULL;
		}
		close(runs);
	}
	free(id);
	return r;
}

static struct flock whole_file(void)
{
	return (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
}

int rundir_lock_holder(const struct rundir *r)
{
	struct flock lock = whole_file();

	if (r->locked_by == getpid())
		return r->locked_by;
	if (fcntl(r->lock_fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
		return 0;
	return lock.l_pid > 0 ? lock.l_pid : -1;
}

int rundir_lock(struct rundir *r, int *holder, struct err *err)
{
	struct flock lock = whole_file();

	while (fcntl(r->lock_fd, F_SETLK, &lock) < 0) {
		if (errno != EACCES && errno != EAGAIN)
			return err_errno(err, "cannot lock the run");
		*holder = rundir_lock_holder(r);
		if (*holder)
			return 0;
	}
	r->locked_by = getpid();
	return 1;
}

bool rundir_is_network(const struct rundir *r)
{
	/* NFS, SMB, CIFS, SMB2, 9P, Ceph, FUSE (sshfs), AFS, Lustre, OCFS2 */
	static const unsigned long types[] = {
		0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997,
		0x00c36400, 0x65735546, 0x5346414f, 0x0bd00bd0, 0x7461636f
	};
	struct statfs st;
	size_t i;

	if (fstatfs(r->fd, &st) < 0)
		return false;
	for (i = 0; i < sizeof types / sizeof *types; i++)
		if (((unsigned long)st.f_type & 0xffffffff) == types[i])
			return true;
	return false;
}
