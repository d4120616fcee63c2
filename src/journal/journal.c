/* Writing: J1-J5 of journal.h, and how.
 *
 *  open    read all; the tail behind the last good record goes to
 *          journal.torn and is cut; the last commit is written once more in
 *          place, then synced. Its writer may have died before its sync, or
 *          that sync failed: then the page cache says it is there and the disk
 *          may not, and only writing makes the pages dirty again.
 *  add     a line into memory, chained to the one before.
 *  commit  append, fdatasync. An error of either is for ever (J2).
 *  reserve in steps ahead, so that most commits do without. */
#include "journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/xalloc.h"
#include "journal/reader.h"
#include "journal/vfs.h"

#define LIMIT_COMMIT (4 * LIMIT_RECORD)

struct journal {
	const struct vfs *vfs;
	const struct clock *clock;
	struct journal_reader *reader;     /* for payloads */
	int fd;
	off_t end;                         /* of what is committed */
	off_t reserved;                    /* blocks are kept up to here */
	uint64_t count;                    /* number of the last added record */
	char head[DIGEST_HEX + 1];         /* of what is committed */
	char tip[DIGEST_HEX + 1];          /* of the last added line */
	struct buf lines;                  /* added, not committed */
	struct buf spare;                  /* its memory, for the next commit */
	bool failed, room;
	int (*each)(const struct record *r, void *ctx);
	void *ctx;
};

static struct journal *journal_new(const struct vfs *vfs,
    const struct clock *clock)
{
	struct journal *j = xcalloc(1, sizeof *j);

	j->vfs = vfs;
	j->clock = clock;
	j->fd = -1;
	buf_init(&j->lines, LIMIT_COMMIT);
	buf_init(&j->spare, LIMIT_COMMIT);
	return j;
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	if (j->fd >= 0)
		j->vfs->close(j->vfs->ctx, j->fd);
	journal_reader_close(j->reader);
	buf_free(&j->lines);
	buf_free(&j->spare);
	free(j);
}

/* At least JOURNAL_RESERVE bytes are kept behind the end; a second portion is
 * taken with them, so that this happens once in a MiB. */
static void renew_reserve(struct journal *j)
{
	off_t from = j->reserved > j->end ? j->reserved : j->end;
	off_t upto = j->end + 2 * (off_t)JOURNAL_RESERVE;

	if (j->room && j->reserved - j->end >= (off_t)JOURNAL_RESERVE)
		return;
	j->room = j->vfs->reserve(j->vfs->ctx, j->fd, from, upto - from) == 0;
	if (j->room)
		j->reserved = upto;
}

static int write_synced(const struct vfs *vfs, int fd, const void *p,
    size_t n)
{
	if (vfs->append(vfs->ctx, fd, p, n) < 0)
		return -1;
	return vfs->sync(vfs->ctx, fd);
}

/* Appends the bytes behind the last good record to journal.torn. */
static int keep_torn(const struct journal *j, int dirfd, off_t at, size_t n,
    struct err *err)
{
	const struct vfs *vfs = j->vfs;
	char *torn = xmalloc(n + 1);
	struct stat st;
	int result = -1, fd;

	fd = vfs->open(vfs->ctx, dirfd, "journal.torn",
	    O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0600);
	torn[n] = '\n';
	if (fd < 0)
		err_errno(err, "cannot open journal.torn");
	else if (journal_check_file(fd, "journal.torn", &st, err) == 0) {
		if (pread_all(journal_reader_fd(j->reader), torn, n, at) !=
		    (ssize_t)n || write_synced(vfs, fd, torn, n + 1) < 0 ||
		    vfs->sync_dir(vfs->ctx, dirfd) < 0)
			err_errno(err, "cannot keep the torn end of the "
			    "journal in journal.torn");
		else
			result = 0;
	}
	if (fd >= 0)
		vfs->close(vfs->ctx, fd);
	free(torn);
	return result;
}

static int cut_torn(struct journal *j, int dirfd, off_t size, struct err *err)
{
	if (keep_torn(j, dirfd, j->end, (size_t)(size - j->end), err) < 0)
		return -1;
	if (j->vfs->truncate(j->vfs->ctx, j->fd, j->end) < 0)
		return err_errno(err, "cannot cut the torn end of the journal");
	return 0;
}

static int rewrite_range(const struct journal *j, int fd, struct err *err)
{
	off_t at = journal_reader_commit(j->reader);
	char *chunk = xmalloc(MIB);
	ssize_t n;
	int result = 0;

	for (; at < j->end && result == 0; at += n) {
		n = j->end - at < (off_t)MIB ? (ssize_t)(j->end - at) :
		    (ssize_t)MIB;
		if (pread_all(journal_reader_fd(j->reader), chunk, (size_t)n,
		    at) != n || j->vfs->rewrite(j->vfs->ctx, fd, chunk,
		    (size_t)n, at) < 0)
			result = err_errno(err,
			    "cannot write the journal's last commit again");
	}
	free(chunk);
	return result;
}

/* Makes sure of everything that was read (see the head of this file). */
static int make_durable(struct journal *j, int dirfd, struct err *err)
{
	const struct vfs *vfs = j->vfs;
	int result, fd;

	fd = vfs->open(vfs->ctx, dirfd, "journal", O_WRONLY | O_NONBLOCK, 0);
	if (fd < 0)
		return err_errno(err, "cannot open the journal");
	result = rewrite_range(j, fd, err);
	if (result == 0 && (vfs->sync(vfs->ctx, fd) < 0 ||
	    vfs->sync_dir(vfs->ctx, dirfd) < 0))
		result = err_errno(err, "cannot sync the journal");
	vfs->close(vfs->ctx, fd);
	return result;
}

static int read_all(struct journal *j,
    int (*each)(const struct record *r, void *ctx), void *ctx,
    struct err *err)
{
	struct record rec;
	int got;

	while ((got = journal_reader_next(j->reader, &rec, err)) == 1)
		if (each && each(&rec, ctx) != 0)
			return err_set(err, "record %llu at byte %llu of the "
			    "journal does not fit those before it",
			    (unsigned long long)rec.n,
			    (unsigned long long)rec.offset);
	if (got < 0 || journal_reader_check_last(j->reader, err) < 0)
		return -1;
	j->end = journal_reader_end(j->reader);
	j->count = journal_reader_count(j->reader);
	memcpy(j->head, journal_reader_head(j->reader), sizeof j->head);
	memcpy(j->tip, j->head, sizeof j->tip);
	return 0;
}

static int open_for_writing(struct journal *j, int dirfd, int flags,
    struct stat *st, struct err *err)
{
	j->fd = j->vfs->open(j->vfs->ctx, dirfd, "journal",
	    O_WRONLY | O_APPEND | O_NONBLOCK | flags, 0600);
	if (j->fd < 0)
		return err_errno(err, "cannot %s the journal",
		    flags ? "make" : "open");
	return journal_check_file(j->fd, "the journal", st, err);
}

struct journal *journal_open(int dirfd, const struct vfs *vfs,
    const struct clock *clock, int (*each)(const struct record *r, void *ctx),
    void *ctx, size_t *torn, struct err *err)
{
	struct journal *j = journal_new(vfs, clock);
	struct stat st;
	size_t cut;

	j->reader = journal_reader_open(dirfd, err);
	if (!j->reader || read_all(j, each, ctx, err) < 0 ||
	    open_for_writing(j, dirfd, 0, &st, err) < 0)
		goto fail;
	cut = (size_t)(st.st_size - j->end);
	if ((cut && cut_torn(j, dirfd, st.st_size, err) < 0) ||
	    make_durable(j, dirfd, err) < 0)
		goto fail;
	renew_reserve(j);
	*torn = cut;
	return j;
fail:
	journal_close(j);
	return NULL;
}

struct journal *journal_create(int dirfd, const struct vfs *vfs,
    const struct clock *clock, struct err *err)
{
	struct journal *j = journal_new(vfs, clock);
	struct stat st;

	if (open_for_writing(j, dirfd, O_CREAT | O_EXCL, &st, err) < 0)
		goto fail;
	renew_reserve(j);
	if (vfs->sync_dir(vfs->ctx, dirfd) < 0) {
		err_errno(err, "cannot sync the run's directory");
		goto fail;
	}
	j->reader = journal_reader_open(dirfd, err);
	if (!j->reader || read_all(j, NULL, NULL, err) < 0)
		goto fail;
	return j;
fail:
	journal_close(j);
	return NULL;
}

uint64_t journal_add(struct journal *j, enum record_type type,
    const char *step, json_t *payload)
{
	struct buf *lines = &j->lines;
	size_t at = lines->len;

	j->count++;
	if (j->failed) {
		json_decref(payload);
		return j->count;
	}
	record_write(lines, j->count, j->tip, clock_wall(j->clock), type, step,
	    payload);
	json_decref(payload);
	if (at)
		record_mark_more(lines);
	if (lines->len - at > LIMIT_RECORD)
		lines->cut = true;
	sha256_hex(lines->data + at, lines->len - at, j->tip);
	return j->count;
}

bool journal_pending(const struct journal *j)
{
	return j->lines.len > 0;
}

static int fail(struct journal *j, struct err *err)
{
	j->failed = true;
	err_hint(err, "this process writes nothing more; what runs goes on, "
	    "and 'cairn resume' takes it up again");
	return -1;
}

static int put_on_disk(struct journal *j, struct err *err)
{
	const struct vfs *vfs = j->vfs;
	struct stat st;

	if (j->lines.cut)
		return err_set(err, "a record is larger than the journal takes "
		    "(%zu bytes, a commit %zu)", LIMIT_RECORD, LIMIT_COMMIT);
	if (fstat(j->fd, &st) < 0 || st.st_size != j->end)
		return err_set(err, "somebody else writes to the journal: it "
		    "should end at byte %lld", (long long)j->end);
	if (vfs->append(vfs->ctx, j->fd, j->lines.data, j->lines.len) < 0)
		return err_errno(err, "cannot write the journal");
	if (vfs->sync(vfs->ctx, j->fd) < 0)
		return err_errno(err, "cannot sync the journal");
	return 0;
}

/* Gives what is on disk to the fold; `lines` may get new records meanwhile. */
static int deliver(struct journal *j, const struct buf *lines, off_t from,
    struct err *err)
{
	const char *p = lines->data, *end = p + lines->len, *nl;
	struct record rec;

	for (; j->each && p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (record_scan(p, (size_t)(nl - p), &rec, err) < 0)
			BUG("journal: wrote what cannot be read");
		rec.offset = (uint64_t)(from + (p - lines->data));
		if (j->each(&rec, j->ctx) != 0)
			return err_set(err, "record %llu does not fit those "
			    "before it", (unsigned long long)rec.n);
	}
	return 0;
}

int journal_commit(struct journal *j, struct err *err)
{
	off_t from = j->end;
	struct buf lines;
	int result;

	if (j->failed) {
		err_set(err, "the journal could not be written before");
		return fail(j, err);
	}
	if (j->lines.len == 0)
		return 0;
	if (put_on_disk(j, err) < 0)
		return fail(j, err);
	j->end += (off_t)j->lines.len;
	memcpy(j->head, j->tip, sizeof j->head);
	renew_reserve(j);
	lines = j->lines;
	j->lines = j->spare;
	result = deliver(j, &lines, from, err);
	buf_reset(&lines);
	j->spare = lines;
	return result < 0 ? fail(j, err) : 0;
}

void journal_on_commit(struct journal *j,
    int (*each)(const struct record *r, void *ctx), void *ctx)
{
	j->each = each;
	j->ctx = ctx;
}

bool journal_has_room(const struct journal *j)
{
	return j->room && !j->failed;
}

bool journal_failed(const struct journal *j)
{
	return j->failed;
}

const char *journal_head(const struct journal *j)
{
	return j->head;
}

json_t *journal_payload(const struct journal *j, uint64_t offset,
    struct err *err)
{
	return journal_reader_payload(j->reader, offset, err);
}
