/* What the writer needs to know about what it read at opening; the rest of the
 * reader is in journal.h. */
#ifndef CAIRN_JOURNAL_READER_H
#define CAIRN_JOURNAL_READER_H

#include <sys/types.h>

#include "journal/journal.h"

/* Behind the last record that was read. */
off_t journal_reader_end(const struct journal_reader *r);
/* Where the last commit begins; 0 when nothing was read. */
off_t journal_reader_commit(const struct journal_reader *r);
/* Is the last record JSON? Only the next one would hold its digest. */
int journal_reader_check_last(const struct journal_reader *r, struct err *err);
uint64_t journal_reader_count(const struct journal_reader *r);
int journal_reader_fd(const struct journal_reader *r);

/* A regular file of root's or ours that nobody else may write, else -1. */
struct stat;
int journal_check_file(int fd, const char *name, struct stat *st,
    struct err *err);

#endif
