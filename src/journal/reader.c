/* Reading a journal from its beginning, also while somebody writes it.
 *
 * What stands behind the last good record is one of three things:
 *  - nothing, or a line without newline: the writer is at it, or was cut off;
 *  - a commit that a power cut tore: its length reached the disk before its
 *    bytes did, which leaves NUL bytes where they should be (no record holds
 *    one), perhaps followed by more lines of that same commit;
 *  - anything else: the file is damaged, and nothing reads on.
 * The first two are "nothing more" for a reader, and are cut at opening by the
 * writer (journal.c). */
#include "journal/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/xalloc.h"

#define CHUNK MIB
/* No commit is larger (journal.c); a tear is within one commit. */
#define LIMIT_TEAR (4 * LIMIT_RECORD + CHUNK)

struct journal_reader {
	int fd;
	struct digest *digest;   /* kept: making one is not cheap */
	char *data;              /* bytes of the file from `offset` on */
	size_t cap, start, len;  /* data[start..len) is not read yet */
	uint64_t offset;         /* in the file, of data[start] */
	uint64_t count;          /* number of the last record */
	uint64_t last;           /* its offset */
	uint64_t commit;         /* offset of the first record of its commit */
	char head[DIGEST_HEX + 1];
	char *cairn;             /* version of who wrote it last, or NULL */
};

int journal_check_file(int fd, const char *name, struct stat *st,
    struct err *err)
{
	if (fstat(fd, st) < 0)
		return err_errno(err, "cannot look at %s", name);
	if (!S_ISREG(st->st_mode))
		return err_set(err, "%s is not a regular file", name);
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return err_set(err, "%s belongs to uid %u, not to you", name,
		    (unsigned)st->st_uid);
	if (st->st_mode & 022)
		return err_set(err, "%s may be written by others (mode %04o)",
		    name, (unsigned)st->st_mode & 07777);
	return 0;
}

struct journal_reader *journal_reader_open(int dirfd, struct err *err)
{
	struct journal_reader *r;
	struct stat st;
	int fd;

	fd = openat(dirfd, "journal", O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
	    O_NONBLOCK);
	if (fd < 0) {
		if (errno == ELOOP)
			err_set(err, "the journal is a symbolic link");
		else
			err_errno(err, "cannot open the journal");
		return NULL;
	}
	if (journal_check_file(fd, "the journal", &st, err) < 0) {
		close(fd);
		return NULL;
	}
	r = xcalloc(1, sizeof *r);
	r->fd = fd;
	r->digest = digest_new();
	r->cap = CHUNK;
	r->data = xmalloc(r->cap);
	memset(r->head, '0', DIGEST_HEX);
	return r;
}

void journal_reader_close(struct journal_reader *r)
{
	if (!r)
		return;
	close(r->fd);
	digest_free(r->digest);
	free(r->data);
	free(r->cairn);
	free(r);
}

off_t journal_reader_end(const struct journal_reader *r)
{
	return (off_t)r->offset;
}

off_t journal_reader_commit(const struct journal_reader *r)
{
	return (off_t)r->commit;
}

uint64_t journal_reader_count(const struct journal_reader *r)
{
	return r->count;
}

int journal_reader_fd(const struct journal_reader *r)
{
	return r->fd;
}

const char *journal_reader_head(const struct journal_reader *r)
{
	return r->head;
}

/* Reads behind what is there: bytes read, 0 at the end of the file. */
static ssize_t fill(struct journal_reader *r, struct err *err)
{
	size_t unread = r->len - r->start;
	ssize_t got;

	if (r->start) {
		memmove(r->data, r->data + r->start, unread);
		r->start = 0;
		r->len = unread;
	}
	if (r->len == r->cap) {
		r->cap *= 2;
		r->data = xrealloc(r->data, r->cap);
	}
	got = pread_all(r->fd, r->data + r->len, r->cap - r->len,
	    (off_t)(r->offset + unread));
	if (got < 0)
		return err_errno(err, "cannot read the journal");
	r->len += (size_t)got;
	return got;
}

/* 1: the next line is at data[start], *n bytes without its newline. */
static int next_line(struct journal_reader *r, size_t *n, struct err *err)
{
	const char *nl = NULL, *line;
	size_t seen = 0;
	ssize_t got;

	for (;;) {
		line = r->data + r->start;
		nl = memchr(line + seen, '\n', r->len - r->start - seen);
		*n = nl ? (size_t)(nl - line) : r->len - r->start;
		if (*n > LIMIT_RECORD)
			return err_set(err, "it is longer than %zu bytes",
			    LIMIT_RECORD);
		if (nl)
			return 1;
		seen = *n;
		got = fill(r, err);
		if (got <= 0)
			return (int)got;
	}
}

static void note_version(struct journal_reader *r, const struct record *rec)
{
	const char *version;
	size_t n;

	if ((rec->type != RECORD_RUN && rec->type != RECORD_DRIVER) ||
	    !record_member_word(rec, "cairn", &version, &n))
		return;
	free(r->cairn);
	r->cairn = xstrndup(version, n);
}

static int check_chain(const struct journal_reader *r, const struct record *rec,
    struct err *err)
{
	if (memcmp(rec->prev, r->head, DIGEST_HEX) != 0)
		return r->count == 0 ?
		    err_set(err, "something stood before it") :
		    err_set(err, "it does not follow record %llu at byte %llu "
		    "as that is now: one of the two was changed, or records "
		    "between them are gone", (unsigned long long)r->count,
		    (unsigned long long)r->last);
	if (rec->n != r->count + 1)
		return err_set(err, "it says that it is number %llu",
		    (unsigned long long)rec->n);
	return 0;
}

static int next_record(struct journal_reader *r, struct record *out,
    struct err *err)
{
	struct record rec;
	const char *line;
	size_t n;
	int got;

	got = next_line(r, &n, err);
	if (got <= 0)
		return got;
	line = r->data + r->start;
	if (memchr(line, '\0', n))
		return err_set(err, "it holds a NUL byte");
	if (record_scan(line, n, &rec, err) < 0 ||
	    check_chain(r, &rec, err) < 0)
		return -1;
	rec.offset = r->offset;
	digest_add(r->digest, line, n + 1);
	digest_hex(r->digest, r->head);
	note_version(r, &rec);
	r->count++;
	r->last = r->offset;
	if (!rec.more)
		r->commit = r->offset;
	r->start += n + 1;
	r->offset += n + 1;
	*out = rec;
	return 1;
}

/* A driver may cut and continue what stands behind the last record, so it is
 * read anew each time. */
static void forget_rest(struct journal_reader *r)
{
	r->start = r->len = 0;
}

/* Is this what a torn commit leaves? (See the head of this file.) */
static bool looks_torn(const char *p, size_t n)
{
	const char *end = p + n, *nl = memchr(p, '\n', n);

	if (!nl)
		return true;
	if (!memchr(p, '\0', (size_t)(nl - p)))
		return false;
	for (p = nl + 1; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl)
			return true;
		if (nl[-1] != ' ' && !memchr(p, '\0', (size_t)(nl - p)))
			return false;
	}
	return true;
}

static bool rest_is_torn(const struct journal_reader *r)
{
	struct stat st;
	size_t n;
	char *rest;
	bool torn;

	if (fstat(r->fd, &st) < 0 || (uint64_t)st.st_size <= r->offset ||
	    (uint64_t)st.st_size - r->offset > LIMIT_TEAR)
		return false;
	n = (size_t)((uint64_t)st.st_size - r->offset);
	rest = xmalloc(n);
	torn = pread_all(r->fd, rest, n, (off_t)r->offset) == (ssize_t)n &&
	    looks_torn(rest, n);
	free(rest);
	return torn;
}

static int check_length(const struct journal_reader *r, struct err *err)
{
	struct stat st;

	if (fstat(r->fd, &st) == 0 && (uint64_t)st.st_size >= r->offset)
		return 0;
	return err_set(err, "the journal became shorter while it was read: "
	    "it ended at byte %llu", (unsigned long long)r->offset);
}

static int broken(const struct journal_reader *r, struct err *err)
{
	err_wrap(err, "the journal is damaged: record %llu at byte %llu",
	    (unsigned long long)r->count + 1, (unsigned long long)r->offset);
	if (r->cairn)
		err_hint(err, "it was written by cairn %s", r->cairn);
	return -1;
}

int journal_reader_next(struct journal_reader *r, struct record *out,
    struct err *err)
{
	struct err first = ERR_INIT, second = ERR_INIT;
	int got;

	got = next_record(r, out, &first);
	if (got < 0) {
		err_free(&first);
		forget_rest(r);
		got = next_record(r, out, &second);
	}
	if (got == 1)
		return 1;
	forget_rest(r);
	if (got < 0 && !rest_is_torn(r)) {
		err_move(err, &second);
		return broken(r, err);
	}
	err_free(&second);
	return check_length(r, err);
}

json_t *journal_reader_payload(const struct journal_reader *r,
    uint64_t offset, struct err *err)
{
	struct record rec = { .offset = offset };
	size_t cap = 4 * KIB, n = 0;
	json_t *json = NULL;
	char *line = NULL, *nl = NULL;
	ssize_t got = 1;

	while (!nl && got > 0 && n <= LIMIT_RECORD) {
		line = xrealloc(line, cap);
		got = pread_all(r->fd, line + n, cap - n,
		    (off_t)(offset + n));
		if (got > 0)
			nl = memchr(line + n, '\n', (size_t)got);
		n += got > 0 ? (size_t)got : 0;
		cap *= 4;
	}
	if (!nl)
		err_set(err, "no record of the journal is at byte %llu",
		    (unsigned long long)offset);
	else if (record_scan(line, (size_t)(nl - line), &rec, err) < 0)
		err_wrap(err, "the journal at byte %llu",
		    (unsigned long long)offset);
	else
		json = record_parse(&rec, err);
	free(line);
	return json;
}

int journal_reader_check_last(const struct journal_reader *r, struct err *err)
{
	json_t *json;

	if (r->count == 0)
		return 0;
	json = journal_reader_payload(r, r->last, err);
	if (!json)
		return err_wrap(err, "the journal is damaged");
	json_decref(json);
	return 0;
}
