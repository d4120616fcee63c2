/* Strict parsing and canonical printing of small things. */
#ifndef CAIRN_BASE_STR_H
#define CAIRN_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* Times and durations are nanoseconds everywhere in the program. */
typedef int64_t nsec;
#define NSEC_PER_SEC ((nsec)1000000000)

/* Each takes the whole text (n bytes) or fails with -1 and leaves *out. */
int parse_int(const char *s, size_t n, int64_t *out);
int parse_real(const char *s, size_t n, double *out);
/* "90s", "1h30m", "14d", "300ms": units ms s m h d w, largest first. */
int parse_duration(const char *s, size_t n, nsec *out);
/* "20 GiB", "5 MB", "512": bytes; units B kB MB GB TB KiB MiB GiB TiB. */
int parse_size(const char *s, size_t n, int64_t *out);
/* ISO 8601: date, "T" or blank, time, fraction, "Z" or an offset. A time
 * without offset is refused. */
int parse_time(const char *s, size_t n, nsec *out);

/* "1h30m", "250ms", "0s". */
void format_duration(struct buf *out, nsec d);
/* For people: "1h 30m", "12.3s". */
void format_elapsed(struct buf *out, nsec d);
/* "2026-11-24T01:02:03Z" and, with a fraction, "…03.123456Z". */
void format_time(struct buf *out, nsec wall);
void format_time_us(struct buf *out, nsec wall);
/* "1.5 GiB" */
void format_size(struct buf *out, int64_t bytes);
/* Shortest text that reads back as the same double. */
void format_real(struct buf *out, double d);

bool str_eq(const char *a, const char *b);     /* NULL equals NULL only */
bool str_has_prefix(const char *s, const char *prefix);
bool str_has_suffix(const char *s, const char *suffix);
/* The candidate that is nearest to `word` (edit distance at most 2 and less
 * than half its length), or NULL. A swap of neighbours counts as one. */
const char *str_nearest(const char *word, const char *const *candidates,
    size_t n);
/* Bytes of the UTF-8 character at s, 1 to 4; 0 when it is none (n > 0). */
size_t utf8_char_len(const char *s, size_t n);
/* Characters in s; a byte that belongs to none counts as one. */
size_t utf8_count(const char *s, size_t n);
/* The byte where character number `chars` (from 0) begins, or n. */
size_t utf8_skip(const char *s, size_t n, size_t chars);
/* Length of the valid UTF-8 prefix of s. */
size_t utf8_valid_prefix(const char *s, size_t n);
static inline bool utf8_valid(const char *s, size_t n)
{
	return utf8_valid_prefix(s, n) == n;
}

#endif
