/* The first record of a run and the snapshot of its book, and both back. */
#include "engine/run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/source.h"
#include "book/json.h"
#include "engine/environ.h"
#include "journal/journal.h"
#include "journal/rundir.h"
#include "journal/vfs.h"

/* ---- the snapshot */

/* "phases/2-pull.yaml": the folder below book/, made if need be. */
static int
make_parents(int book_fd, const char *path, struct err *err)
{
	const char *slash = path;
	char dir[PATH_MAX];

	while ((slash = strchr(slash, '/')) != NULL) {
		memcpy(dir, path, (size_t)(slash - path));
		dir[slash - path] = '\0';
		if (mkdirat(book_fd, dir, 0700) != 0 && errno != EEXIST)
			return err_errno(err, "the snapshot's folder %s", dir);
		slash++;
	}
	return 0;
}

static int
write_file(const struct rundir *dir, const struct book_file *f,
    const struct vfs *vfs, struct err *err)
{
	int fd, result = 0;

	if (make_parents(dir->book_fd, f->path, err) != 0)
		return -1;
	fd = vfs->open(vfs->ctx, dir->book_fd, f->path,
	    O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0600);
	if (fd < 0)
		return err_errno(err, "the snapshot of %s", f->path);
	if (vfs->append(vfs->ctx, fd, f->source->text, f->source->len) != 0 ||
	    vfs->sync(vfs->ctx, fd) != 0)
		result = err_errno(err, "the snapshot of %s", f->path);
	vfs->close(vfs->ctx, fd);
	return result;
}

static int
write_snapshot(const struct rundir *dir, const struct book *book,
    const struct vfs *vfs, json_t *digests, struct err *err)
{
	size_t i;

	for (i = 0; i < book->files.n; i++) {
		const struct book_file *f = &book->files.v[i];

		if (write_file(dir, f, vfs, err) != 0)
			return -1;
		json_object_set_new(digests, f->path, json_string(f->digest));
	}
	return vfs->sync_dir(vfs->ctx, dir->book_fd) == 0 ? 0 :
	    err_errno(err, "the snapshot of the book");
}

int
run_begin(struct rundir *dir, const struct book *book,
    const struct book_place *place, struct value params, const char *path,
    const struct vfs *vfs, const struct clock *clock, struct err *err)
{
	json_t *files = json_object();
	struct buf kept = BUF_INIT(64 * KIB);
	struct journal *j = NULL;
	char *folder = realpath(place->shown[0] == '\0' ? "." : place->shown,
	    NULL);
	int result = -1;

	environ_path(path, &kept);
	if (write_snapshot(dir, book, vfs, files, err) == 0 &&
	    (j = journal_create(dir->fd, vfs, clock, err)) != NULL) {
		journal_add(j, RECORD_RUN, "", json_pack(
		    "{s:i, s:s, s:s, s:s, s:s, s:s*, s:o, s:O, s:s, s:I}",
		    "format", 1, "cairn", PACKAGE_VERSION, "name", book->name,
		    "title", book->title == NULL ? book->name :
		    text_source(book->title), "book", place->file,
		    "book_dir", folder, "params", value_to_record(params),
		    "files", files, "path", kept.data, "uid",
		    (json_int_t)geteuid()));
		result = journal_commit(j, err);
	}
	journal_close(j);
	json_decref(files);
	buf_free(&kept);
	free(folder);
	return result;
}

/* ---- and back */

static int
check_file(const struct rundir *dir, const char *path, const char *digest,
    struct err *err)
{
	struct buf b = BUF_INIT(LIMIT_BOOK_FILE);
	char hex[DIGEST_HEX + 1];
	int result = file_read_beneath(dir->book_fd, path, &b, err);

	if (result == 0) {
		sha256_hex(b.data, b.len, hex);
		if (!str_eq(hex, digest))
			result = err_set(err, "the snapshot of %s in %s/book "
			    "was changed after the run began", path,
			    dir->path);
	}
	buf_free(&b);
	return result;
}

static char *
dup_member(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s == NULL ? NULL : xstrdup(s);
}

static int
read_facts(const struct rundir *dir, const json_t *first, struct arena *a,
    struct run_facts *out, struct err *err)
{
	const char *path;
	json_t *digest;

	json_object_foreach(json_object_get(first, "files"), path, digest)
		if (check_file(dir, path, json_string_value(digest), err) != 0)
			return -1;
	out->book_file = dup_member(first, "book");
	out->book_dir = dup_member(first, "book_dir");
	out->path = dup_member(first, "path");
	out->title = dup_member(first, "title");
	out->params = value_from_record(a, json_object_get(first, "params"));
	if (out->book_file == NULL || out->path == NULL)
		return err_set(err, "the first record of %s is not complete",
		    dir->id);
	return 0;
}

int
run_facts_read(const struct rundir *dir, struct arena *a,
    struct run_facts *out, struct err *err)
{
	struct journal_reader *r = journal_reader_open(dir->fd, err);
	struct record record;
	json_t *first = NULL;
	int got, result = -1;

	memset(out, 0, sizeof *out);
	if (r == NULL)
		return -1;
	got = journal_reader_next(r, &record, err);
	if (got == 1)
		first = record_parse(&record, err);
	else if (got == 0)
		err_set(err, "the journal of %s is empty: the run never began",
		    dir->id);
	if (first != NULL)
		result = read_facts(dir, first, a, out, err);
	json_decref(first);
	journal_reader_close(r);
	return result;
}

void
run_facts_free(struct run_facts *f)
{
	free(f->book_file);
	free(f->book_dir);
	free(f->path);
	free(f->title);
	memset(f, 0, sizeof *f);
}
