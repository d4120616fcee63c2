#include "crash/vfs_faulty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/vec.h"
#include "base/xalloc.h"

#define SECTOR 512

/* What a disk would hold: bytes, and how many. */
struct image {
	char *data;
	size_t len;
};

struct change {
	bool cut;              /* a truncation to `at`, else a write */
	bool lost;             /* a sync failed over it */
	size_t at, n;
	char *data;
};

struct file {
	dev_t dev;
	ino_t ino;
	int dirfd;
	char *name;            /* NULL: removed */
	struct image synced;
	VEC(struct change) changes;
};

enum name_op { NAME_MADE, NAME_MOVED, NAME_REMOVED };

/* A change of a directory that was not synced. */
struct naming {
	enum name_op op;
	int dirfd;
	char *name, *to;
	struct file *file, *replaced;
};

struct faulty {
	struct vfs vfs;
	const struct vfs *real;
	uint64_t random;
	unsigned count, fail_at, crash_at;
	int error;
	bool fail_on, only_syncs;
	VEC(struct file *) files;
	VEC(struct naming) namings;
};

uint64_t faulty_random(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static size_t pick(struct faulty *f, size_t n)
{
	return n ? (size_t)(faulty_random(&f->random) % n) : 0;
}

static void image_resize(struct image *m, size_t len)
{
	if (len > m->len) {
		m->data = xrealloc(m->data, len);
		memset(m->data + m->len, 0, len - m->len);
	}
	m->len = len;
}

static void image_put(struct image *m, size_t at, const char *p, size_t n)
{
	if (n == 0)
		return;
	if (at + n > m->len)
		image_resize(m, at + n);
	memcpy(m->data + at, p, n);
}

static void apply_change(struct image *m, const struct change *c)
{
	if (c->lost)
		return;
	if (c->cut)
		image_resize(m, c->at);
	else
		image_put(m, c->at, c->data, c->n);
}

/* Any prefix, or the full length with only some of its sectors. */
static void apply_torn(struct faulty *f, struct image *m,
    const struct change *c)
{
	size_t from, upto, i;

	if (c->cut || c->lost || c->n == 0)
		return;
	if (pick(f, 2)) {
		image_put(m, c->at, c->data, pick(f, c->n));
		return;
	}
	if (m->len < c->at + c->n)
		image_resize(m, c->at + c->n);
	for (i = c->at / SECTOR; i <= (c->at + c->n - 1) / SECTOR; i++) {
		from = i * SECTOR < c->at ? c->at : i * SECTOR;
		upto = (i + 1) * SECTOR > c->at + c->n ? c->at + c->n :
		    (i + 1) * SECTOR;
		if (pick(f, 2))
			memcpy(m->data + from, c->data + (from - c->at),
			    upto - from);
	}
}

static void forget_changes(struct file *file)
{
	size_t i;

	for (i = 0; i < file->changes.n; i++)
		free(file->changes.v[i].data);
	file->changes.n = 0;
}

static void read_image(int dirfd, const char *name, struct image *m)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		BUG("faulty: %s: %s", name, strerror(errno));
	image_resize(m, (size_t)st.st_size);
	if (m->len && pread_all(fd, m->data, m->len, 0) != (ssize_t)m->len)
		BUG("faulty: read");
	close(fd);
}

static struct file *find_file(struct faulty *f, int fd)
{
	struct stat st;
	size_t i;

	if (fstat(fd, &st) < 0)
		BUG("faulty: no such descriptor");
	for (i = 0; i < f->files.n; i++)
		if (f->files.v[i]->dev == st.st_dev &&
		    f->files.v[i]->ino == st.st_ino)
			return f->files.v[i];
	return NULL;
}

static struct file *add_file(struct faulty *f, int dirfd, const char *name,
    int fd)
{
	struct file *file = xcalloc(1, sizeof *file);
	struct stat st;

	if (fstat(fd, &st) < 0)
		BUG("faulty: fstat");
	file->dev = st.st_dev;
	file->ino = st.st_ino;
	file->dirfd = dirfd;
	file->name = xstrdup(name);
	vec_push(&f->files, file);
	return file;
}

static struct file *file_named(struct faulty *f, int dirfd, const char *name)
{
	size_t i;

	for (i = 0; i < f->files.n; i++)
		if (f->files.v[i]->name && f->files.v[i]->dirfd == dirfd &&
		    strcmp(f->files.v[i]->name, name) == 0)
			return f->files.v[i];
	return NULL;
}

/* A file that is renamed or removed without having been opened here. */
static struct file *need_file(struct faulty *f, int dirfd, const char *name)
{
	struct file *file = file_named(f, dirfd, name);
	int fd;

	if (file)
		return file;
	fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return NULL;
	file = add_file(f, dirfd, name, fd);
	read_image(dirfd, name, &file->synced);
	close(fd);
	return file;
}

/* What of the file a power cut leaves. */
static void cut_power(struct faulty *f, struct file *file)
{
	size_t n = file->changes.n, kept, i;

	switch (pick(f, 4)) {
	case 0:
		kept = 0;
		break;
	case 1:
		kept = n;
		break;
	default:
		kept = pick(f, n + 1);
	}
	for (i = 0; i < kept; i++)
		apply_change(&file->synced, &file->changes.v[i]);
	if (kept < n && pick(f, 2))
		apply_torn(f, &file->synced, &file->changes.v[kept]);
}

static void write_image(int dirfd, const char *name, const struct image *m)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0600);

	if (fd < 0 || (m->len && write_all(fd, m->data, m->len) < 0))
		BUG("faulty: cannot write %s: %s", name, strerror(errno));
	close(fd);
}

static void undo_naming(const struct naming *n)
{
	if (n->op == NAME_MADE) {
		unlinkat(n->dirfd, n->name, 0);
		return;
	}
	if (n->op == NAME_MOVED) {
		renameat(n->dirfd, n->to, n->dirfd, n->name);
		if (n->replaced)
			write_image(n->dirfd, n->to, &n->replaced->synced);
		return;
	}
	if (n->file)
		write_image(n->dirfd, n->name, &n->file->synced);
}

_Noreturn void faulty_stop_world(struct faulty *f)
{
	struct file *file;
	size_t kept, i;

	for (i = 0; i < f->files.n; i++) {
		file = f->files.v[i];
		cut_power(f, file);
		if (file->name)
			write_image(file->dirfd, file->name, &file->synced);
	}
	kept = pick(f, f->namings.n + 1);
	for (i = f->namings.n; i > kept; i--)
		undo_naming(&f->namings.v[i - 1]);
	_exit(FAULTY_EXIT);
}

/* Counts. True: fail now, with errno. */
static bool fails(struct faulty *f, bool sync)
{
	if (f->only_syncs && !sync)
		return false;
	f->count++;
	if (f->fail_at == 0 || f->count < f->fail_at ||
	    (f->count > f->fail_at && !f->fail_on))
		return false;
	errno = f->error;
	return true;
}

/* The effect of an operation is there or not when the world stops in it. */
static void maybe_stop(struct faulty *f, bool before)
{
	if (f->crash_at && f->count == f->crash_at &&
	    (!before || pick(f, 2)))
		faulty_stop_world(f);
}

static int faulty_open(void *ctx, int dirfd, const char *name, int flags,
    mode_t mode)
{
	struct faulty *f = ctx;
	struct naming made = { NAME_MADE, dirfd, NULL, NULL, NULL, NULL };
	bool existed = faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	struct file *file;
	int fd;

	if (flags & O_CREAT) {
		if (fails(f, false))
			return -1;
		maybe_stop(f, true);
	}
	fd = f->real->open(f->real->ctx, dirfd, name, flags & ~O_TRUNC, mode);
	if (fd < 0)
		return -1;
	file = find_file(f, fd);
	if (!file) {
		file = add_file(f, dirfd, name, fd);
		read_image(dirfd, name, &file->synced);
	}
	if (!existed) {
		made.name = xstrdup(name);
		made.file = file;
		vec_push(&f->namings, made);
	}
	if ((flags & O_TRUNC) &&
	    f->vfs.truncate(f, fd, 0) < 0) {
		close(fd);
		return -1;
	}
	if (flags & O_CREAT)
		maybe_stop(f, false);
	return fd;
}

static void note_write(struct faulty *f, int fd, size_t at, const void *p,
    size_t n)
{
	struct change c = { .at = at, .n = n, .data = xmalloc(n) };

	memcpy(c.data, p, n);
	vec_push(&find_file(f, fd)->changes, c);
}

static int write_at(struct faulty *f, int fd, const void *p, size_t n,
    size_t at)
{
	bool failing = fails(f, false);
	int error = errno;

	maybe_stop(f, true);
	if (failing)
		n = pick(f, n);
	note_write(f, fd, at, p, n);
	if (n && pwrite(fd, p, n, (off_t)at) != (ssize_t)n)
		BUG("faulty: write: %s", strerror(errno));
	maybe_stop(f, false);
	errno = error;
	return failing ? -1 : 0;
}

/* pwrite(2) on Linux ignores the place when the descriptor appends. */
static int faulty_append(void *ctx, int fd, const void *p, size_t n)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	return write_at(ctx, fd, p, n, (size_t)st.st_size);
}

static int faulty_rewrite(void *ctx, int fd, const void *p, size_t n, off_t at)
{
	return write_at(ctx, fd, p, n, (size_t)at);
}

static int faulty_sync(void *ctx, int fd)
{
	struct faulty *f = ctx;
	struct file *file = find_file(f, fd);
	bool failing = fails(f, true);
	int error = errno;
	size_t i;

	maybe_stop(f, true);
	for (i = 0; i < file->changes.n; i++) {
		if (failing)
			file->changes.v[i].lost = true;
		else
			apply_change(&file->synced, &file->changes.v[i]);
	}
	if (!failing)
		forget_changes(file);
	maybe_stop(f, false);
	errno = error;
	return failing ? -1 : 0;
}

static int faulty_reserve(void *ctx, int fd, off_t from, off_t n)
{
	struct faulty *f = ctx;
	int result;

	if (fails(f, false))
		return -1;
	result = f->real->reserve(f->real->ctx, fd, from, n);
	maybe_stop(f, false);
	return result;
}

static int faulty_truncate(void *ctx, int fd, off_t size)
{
	struct change c = { .cut = true, .at = (size_t)size };
	struct faulty *f = ctx;

	if (fails(f, false))
		return -1;
	maybe_stop(f, true);
	vec_push(&find_file(f, fd)->changes, c);
	if (ftruncate(fd, size) < 0)
		return -1;
	maybe_stop(f, false);
	return 0;
}

static int faulty_rename(void *ctx, int dirfd, const char *from,
    const char *to)
{
	struct faulty *f = ctx;
	struct naming n = { NAME_MOVED, dirfd, NULL, NULL, NULL, NULL };

	if (fails(f, false))
		return -1;
	maybe_stop(f, true);
	n.file = need_file(f, dirfd, from);
	n.replaced = need_file(f, dirfd, to);
	if (renameat(dirfd, from, dirfd, to) < 0)
		return -1;
	n.name = xstrdup(from);
	n.to = xstrdup(to);
	if (n.replaced) {
		free(n.replaced->name);
		n.replaced->name = NULL;
	}
	if (n.file) {
		free(n.file->name);
		n.file->name = xstrdup(to);
	}
	vec_push(&f->namings, n);
	maybe_stop(f, false);
	return 0;
}

static int faulty_remove(void *ctx, int dirfd, const char *name)
{
	struct faulty *f = ctx;
	struct naming n = { NAME_REMOVED, dirfd, NULL, NULL, NULL, NULL };

	if (fails(f, false))
		return -1;
	maybe_stop(f, true);
	n.file = need_file(f, dirfd, name);
	if (unlinkat(dirfd, name, 0) < 0)
		return -1;
	n.name = xstrdup(name);
	if (n.file) {
		free(n.file->name);
		n.file->name = NULL;
	}
	vec_push(&f->namings, n);
	maybe_stop(f, false);
	return 0;
}

static void free_naming(struct naming *n)
{
	free(n->name);
	free(n->to);
}

static int faulty_sync_dir(void *ctx, int dirfd)
{
	struct faulty *f = ctx;
	size_t i, kept = 0;

	if (fails(f, true))
		return -1;
	maybe_stop(f, true);
	for (i = 0; i < f->namings.n; i++) {
		if (f->namings.v[i].dirfd == dirfd)
			free_naming(&f->namings.v[i]);
		else
			f->namings.v[kept++] = f->namings.v[i];
	}
	f->namings.n = kept;
	maybe_stop(f, false);
	return 0;
}

static void faulty_close(void *ctx, int fd)
{
	(void)ctx;
	close(fd);
}

struct faulty *faulty_new(uint64_t seed)
{
	struct faulty *f = xcalloc(1, sizeof *f);

	f->real = vfs_real();
	f->random = seed;
	f->vfs = (struct vfs){
		.open = faulty_open, .append = faulty_append,
		.rewrite = faulty_rewrite, .sync = faulty_sync,
		.reserve = faulty_reserve, .truncate = faulty_truncate,
		.rename = faulty_rename, .remove = faulty_remove,
		.sync_dir = faulty_sync_dir, .close = faulty_close, .ctx = f,
	};
	return f;
}

void faulty_free(struct faulty *f)
{
	size_t i;

	for (i = 0; i < f->files.n; i++) {
		forget_changes(f->files.v[i]);
		vec_free(&f->files.v[i]->changes);
		free(f->files.v[i]->synced.data);
		free(f->files.v[i]->name);
		free(f->files.v[i]);
	}
	for (i = 0; i < f->namings.n; i++)
		free_naming(&f->namings.v[i]);
	vec_free(&f->files);
	vec_free(&f->namings);
	free(f);
}

const struct vfs *faulty_vfs(struct faulty *f)
{
	return &f->vfs;
}

void faulty_fail(struct faulty *f, unsigned n, int error, bool on)
{
	f->count = 0;
	f->fail_at = n;
	f->error = error;
	f->fail_on = on;
}

void faulty_crash(struct faulty *f, unsigned n)
{
	f->count = 0;
	f->crash_at = n;
}

void faulty_count_syncs(struct faulty *f)
{
	f->only_syncs = true;
}

unsigned faulty_count(const struct faulty *f)
{
	return f->count;
}
