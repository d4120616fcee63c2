/* One file, whole or not at all. What is under the target's name is always
 * either what was there before or all of the new file, on disk:
 *
 *   remove what an interrupted attempt left -> is it there already? -> room ->
 *   temporary file (O_EXCL) -> stream with SHA-256 -> mode, times, fsync ->
 *   read back -> rename -> sync the directory
 */
#include "kind/copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "kind/worker.h"

#define CHUNK (1 * MIB)

struct transfer {
	const char *from, *to;
	const char *part;            /* begins our temporary names */
	const char *sha256;          /* wanted, or NULL */
	bool has_mode;
	mode_t mode;
	int source, dir;             /* descriptors, or -1 */
	const char *name;            /* last component of `to` */
	struct stat st;              /* of the source, as it was opened */
	char temp[NAME_MAX + 1];
	char hash[DIGEST_HEX + 1];
	off_t bytes;
	char *chunk;
};

/* ---- opening both ends */

static int
open_source(struct transfer *t, struct err *err)
{
	/* a FIFO must not make us wait for a writer */
	t->source = open(t->from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (t->source < 0 || fstat(t->source, &t->st) != 0)
		return err_errno(err, "the source %s", t->from);
	if (S_ISDIR(t->st.st_mode))
		return err_set(err, "the source %s is a directory; copying "
		    "whole trees is not built yet", t->from);
	if (!S_ISREG(t->st.st_mode))
		return err_set(err, "the source %s is no regular file",
		    t->from);
	if (!t->has_mode && (t->st.st_mode & 07000) != 0) {
		err_set(err, "the source %s has a mode that makes programs "
		    "run as somebody else", t->from);
		return err_hint(err, "say which `mode` the copy shall have");
	}
	return 0;
}

static int
check_dir(const struct transfer *t, struct err *err)
{
	struct stat st;

	if (fstat(t->dir, &st) != 0)
		return err_errno(err, "the directory of %s", t->to);
	if (geteuid() == 0 && (st.st_uid != 0 || (st.st_mode & 022) != 0)) {
		err_set(err, "the directory of %s can be written by others "
		    "than root", t->to);
		return err_hint(err, "copying as another user is not built "
		    "yet; run cairn as that user");
	}
	return 0;
}

static int
open_dir(struct transfer *t, struct arena *a, struct err *err)
{
	const char *slash = strrchr(t->to, '/');
	const char *dir = slash == NULL ? "." : slash == t->to ? "/" :
	    arena_strndup(a, t->to, (size_t)(slash - t->to));

	t->name = slash == NULL ? t->to : slash + 1;
	if (t->name[0] == '\0' || strcmp(t->name, ".") == 0 ||
	    strcmp(t->name, "..") == 0)
		return err_set(err, "the target %s names no file", t->to);
	t->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->dir < 0) {
		bool missing = errno == ENOENT;

		err_errno(err, "the directory of the target, %s", dir);
		return !missing ? -1 : err_hint(err, "a copy makes no "
		    "directories");
	}
	return check_dir(t, err);
}

/* What an interrupted attempt of this very step left. */
static int
remove_parts(struct transfer *t, struct err *err)
{
	int fd = openat(t->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;
	int result = 0;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return err_errno(err, "the directory of %s", t->to);
	}
	while ((d = readdir(dir)) != NULL)
		if (strncmp(d->d_name, t->part, strlen(t->part)) == 0 &&
		    unlinkat(t->dir, d->d_name, 0) != 0 && errno != ENOENT)
			result = err_errno(err, "%s, which an earlier attempt "
			    "left beside %s", d->d_name, t->to);
	closedir(dir);
	return result;
}

/* ---- hashing and moving */

/* Hashes a file from its beginning, and writes it to `to` if that is not -1.
 * Returns the bytes, or -1 with errno. Stops behind `most` bytes. */
static off_t
stream(struct transfer *t, int from, int to, off_t most,
    char hash[DIGEST_HEX + 1])
{
	struct digest *d = digest_new();
	off_t at = 0;
	ssize_t n;

	while ((n = pread_all(from, t->chunk, CHUNK, at)) > 0) {
		digest_add(d, t->chunk, (size_t)n);
		if (to >= 0 && write_all(to, t->chunk, (size_t)n) != 0) {
			n = -1;
			break;
		}
		at += n;
		if (at > most)
			break;
	}
	digest_hex(d, hash);
	digest_free(d);
	return n < 0 ? -1 : at;
}

static bool
source_changed(const struct transfer *t)
{
	struct stat now;

	return fstat(t->source, &now) != 0 || t->bytes != t->st.st_size ||
	    now.st_size != t->st.st_size ||
	    now.st_mtim.tv_sec != t->st.st_mtim.tv_sec ||
	    now.st_mtim.tv_nsec != t->st.st_mtim.tv_nsec;
}

static int
changed(const struct transfer *t, struct err *err)
{
	return err_set(err, "the source %s changed while it was copied",
	    t->from);
}

/* ---- is it there already? */

/* Opens what has the target's name. *fd is -1 when there is nothing that can
 * be compared; neither links nor devices are replaced. */
static int
open_target(struct transfer *t, int *fd, struct stat *st, struct err *err)
{
	*fd = -1;
	if (fstatat(t->dir, t->name, st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 : err_errno(err, "%s", t->to);
	if (!S_ISREG(st->st_mode))
		return err_set(err, "the target %s is %s; a copy neither "
		    "follows nor replaces that", t->to,
		    S_ISLNK(st->st_mode) ? "a symbolic link" :
		    S_ISDIR(st->st_mode) ? "a directory" : "no regular file");
	*fd = openat(t->dir, t->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_CLOEXEC);
	return 0;
}

/* The hash that counts: the one that is wanted, else that of the source; ""
 * when the sizes tell already. */
static int
hash_wanted(struct transfer *t, off_t size, struct err *err)
{
	if (t->sha256 != NULL) {
		strcpy(t->hash, t->sha256);
		return 0;
	}
	if (open_source(t, err) != 0)
		return -1;
	if (t->st.st_size != size)
		return 0;
	t->bytes = stream(t, t->source, -1, t->st.st_size, t->hash);
	if (t->bytes < 0)
		return err_errno(err, "the source %s", t->from);
	return source_changed(t) ? changed(t, err) : 0;
}

/* Makes sure that what is there stays there, with the mode that is wanted. */
static int
adopt(struct transfer *t, int fd, struct err *err)
{
	if (t->has_mode && fchmod(fd, t->mode) != 0)
		return err_errno(err, "the mode of %s", t->to);
	if (fsync(fd) != 0 || fsync(t->dir) != 0)
		return err_errno(err, "%s", t->to);
	return 0;
}

static int
is_there(struct transfer *t, bool *there, struct err *err)
{
	char here[DIGEST_HEX + 1];
	struct stat st;
	int fd, result;

	*there = false;
	if (open_target(t, &fd, &st, err) != 0)
		return -1;
	if (fd < 0)
		return 0;
	result = hash_wanted(t, st.st_size, err);
	if (result == 0 && t->hash[0] != '\0') {
		t->bytes = stream(t, fd, -1, st.st_size, here);
		*there = t->bytes == st.st_size && strcmp(here, t->hash) == 0;
		if (*there)
			result = adopt(t, fd, err);
	}
	close(fd);
	return result;
}

/* ---- writing it */

static int
check_room(const struct transfer *t, struct err *err)
{
	struct buf need = BUF_INIT(64), have = BUF_INIT(64);
	struct statvfs fs;
	int result = 0;

	if (fstatvfs(t->dir, &fs) != 0)
		return err_errno(err, "the file system of %s", t->to);
	if ((unsigned long long)t->st.st_size / fs.f_frsize + 1 >
	    fs.f_bavail) {
		format_size(&need, t->st.st_size);
		format_size(&have, (int64_t)(fs.f_bavail * fs.f_frsize));
		result = err_set(err, "there is no room for %s: it needs %s, "
		    "and %s are free", t->to, need.data, have.data);
	}
	buf_free(&need);
	buf_free(&have);
	return result;
}

static int
make_temp(struct transfer *t, struct err *err)
{
	char nonce[NONCE_HEX + 1];
	int fd;

	nonce_make(nonce);
	snprintf(t->temp, sizeof t->temp, "%.200s%s", t->part, nonce);
	fd = openat(t->dir, t->temp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (fd < 0)
		t->temp[0] = '\0';
	return fd >= 0 ? fd : err_errno(err, "a file beside %s", t->to);
}

static int
fill(struct transfer *t, int fd, struct err *err)
{
	struct timespec times[2] = { t->st.st_atim, t->st.st_mtim };

	t->bytes = stream(t, t->source, fd, t->st.st_size, t->hash);
	if (t->bytes < 0)
		return err_errno(err, "copying %s to %s", t->from, t->to);
	if (source_changed(t))
		return changed(t, err);
	if (t->sha256 != NULL && strcmp(t->sha256, t->hash) != 0)
		return err_set(err, "the source %s has the SHA-256 %s, and %s "
		    "was wanted", t->from, t->hash, t->sha256);
	if (fchmod(fd, t->has_mode ? t->mode : t->st.st_mode & 0777) != 0 ||
	    futimens(fd, times) != 0 || fsync(fd) != 0)
		return err_errno(err, "%s", t->to);
	return 0;
}

/* From the disk, not from memory, as far as the system lets us. */
static int
read_back(struct transfer *t, int fd, struct err *err)
{
	char hash[DIGEST_HEX + 1];

	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (stream(t, fd, -1, t->bytes, hash) != t->bytes ||
	    strcmp(hash, t->hash) != 0)
		return err_set(err, "what was written for %s reads back "
		    "differently", t->to);
	return 0;
}

static int
write_it(struct transfer *t, struct err *err)
{
	int fd, result = -1;

	if (check_room(t, err) != 0 || (fd = make_temp(t, err)) < 0)
		return -1;
	if (fill(t, fd, err) == 0 && read_back(t, fd, err) == 0) {
		if (renameat(t->dir, t->temp, t->dir, t->name) != 0)
			err_errno(err, "%s", t->to);
		else if (fsync(t->dir) != 0)
			err_errno(err, "the directory of %s", t->to);
		else
			result = 0;
	}
	if (result != 0)
		unlinkat(t->dir, t->temp, 0);
	close(fd);
	return result;
}

/* ---- the worker */

static int
transfer(struct transfer *t, struct arena *a, struct err *err)
{
	bool there;

	if (open_dir(t, a, err) != 0 || remove_parts(t, err) != 0 ||
	    is_there(t, &there, err) != 0)
		return -1;
	if (there)
		return 0;
	if (t->source < 0 && open_source(t, err) != 0)
		return -1;
	return write_it(t, err);
}

static struct value
result(struct arena *a, const struct transfer *t)
{
	struct value_map m = { .arena = a };

	worker_put(&m, "bytes", value_int(t->bytes));
	worker_put(&m, "sha256", value_cstring(a, t->hash));
	worker_put(&m, "files", value_int(1));
	return value_map_done(&m);
}

int
copy_worker(const char *request, size_t n)
{
	struct arena *a = arena_new();
	struct err err = ERR_INIT;
	struct value rq;
	int status = 1;

	if (worker_request(a, request, n, &rq, &err) == 0) {
		struct transfer t = {
			.from = worker_text(rq, "from"),
			.to = worker_text(rq, "to"),
			.part = worker_text(rq, "part"),
			.sha256 = worker_maybe(rq, "sha256"),
			.has_mode = worker_member(rq, "mode").type ==
			    VALUE_INT,
			.mode = (mode_t)worker_int(rq, "mode") & 0777,
			.source = -1, .dir = -1,
			.chunk = xmalloc(CHUNK),
		};

		if (strncmp(t.part, COPY_PART, strlen(COPY_PART)) != 0)
			BUG("a copy without a temporary name");
		if (transfer(&t, a, &err) == 0)
			status = worker_done(result(a, &t), &err);
		free(t.chunk);
		if (t.source >= 0)
			close(t.source);
		if (t.dir >= 0)
			close(t.dir);
	}
	if (err.set)
		status = worker_failed(&err);
	err_free(&err);
	arena_free(a);
	return status;
}
