/* The append-only file of what was decided.
 *
 * Promises (design.md 1 and 4):
 *  J1 What journal_commit returned 0 for is on disk.
 *  J2 After any error of write or sync nothing is ever written again by this
 *     process (the sticky failure), since what a failed fsync left behind
 *     cannot be known.
 *  J3 A reader sees a prefix of whole records whose chain is right, or the
 *     position of the first byte that is not.
 *  J4 A torn last line is cut at opening by the holder of the run's lock, kept
 *     in journal.torn, and reported; nothing else ever edits the file.
 *  J5 JOURNAL_RESERVE bytes are kept allocated behind the end, so that a full
 *     disk cannot stop the end of what was started. */
#ifndef CAIRN_JOURNAL_JOURNAL_H
#define CAIRN_JOURNAL_JOURNAL_H

#include <stdbool.h>

#include "journal/record.h"

struct clock;
struct vfs;
struct journal;
struct journal_reader;

/* Opens `journal` below dirfd for writing and reads it to its end, calling
 * `each` for every record. The caller holds the run's lock. *torn gets the
 * number of bytes that were cut (0: none). NULL with err. */
struct journal *journal_open(int dirfd, const struct vfs *vfs,
    const struct clock *clock, int (*each)(const struct record *r, void *ctx),
    void *ctx, size_t *torn, struct err *err);
/* Makes a new, empty one; fails if there is one. */
struct journal *journal_create(int dirfd, const struct vfs *vfs,
    const struct clock *clock, struct err *err);
void journal_close(struct journal *j);

/* Adds a record to what the next commit writes. Takes the reference of
 * `payload` (NULL: none). Returns its number. */
uint64_t journal_add(struct journal *j, enum record_type type,
    const char *step, json_t *payload);
bool journal_pending(const struct journal *j);
/* One write, one fdatasync for all that was added, then `each` of
 * journal_on_commit for every record. 0, or -1 and the journal is failed. */
int journal_commit(struct journal *j, struct err *err);
/* Called for every record that a commit put on disk: the fold follows. */
void journal_on_commit(struct journal *j,
    int (*each)(const struct record *r, void *ctx), void *ctx);
/* False when the reserve could not be renewed: start nothing more. */
bool journal_has_room(const struct journal *j);
bool journal_failed(const struct journal *j);
/* SHA-256 of the last committed line, 64 hex characters: the head (T7). */
const char *journal_head(const struct journal *j);
/* The record at an offset that `each` saw, read again and parsed. */
json_t *journal_payload(const struct journal *j, uint64_t offset,
    struct err *err);

/* A reader follows a journal that somebody else may be writing. */
struct journal_reader *journal_reader_open(int dirfd, struct err *err);
void journal_reader_close(struct journal_reader *r);
/* 1: *out is the next record, valid until the next call; 0: nothing more now
 * (a last line without newline is left alone); -1: broken, err says where. */
int journal_reader_next(struct journal_reader *r, struct record *out,
    struct err *err);
json_t *journal_reader_payload(const struct journal_reader *r,
    uint64_t offset, struct err *err);
const char *journal_reader_head(const struct journal_reader *r);

#endif
