/* PCRE2, with the options that the language promises (language.md 3). */
#ifndef CAIRN_BASE_RX_H
#define CAIRN_BASE_RX_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct rx;

enum rx_mode {
	RX_WHOLE,      /* anchored at both ends by options, not by text (V1) */
	RX_LINES,      /* ^ and $ are per line: expect refuse match */
};

enum rx_answer { RX_NO, RX_YES, RX_LIMIT };     /* LIMIT: cannot tell (L1) */

/* Compiles n bytes. On failure err names the offset. Free with rx_free. */
struct rx *rx_compile(const char *pattern, size_t n, enum rx_mode mode,
    struct err *err);
void rx_free(struct rx *rx);
unsigned rx_groups(const struct rx *rx);
/* Looks from `start` on. groups[2*i], groups[2*i+1] are the offsets of group
 * i, (size_t)-1 when it did not take part; `groups` has 2 * n_groups places,
 * NULL allowed. Match, depth and heap limits always hold. Of a text that is no
 * UTF-8 RX_WHOLE cannot tell; to RX_LINES each such byte is the character
 * U+001A. */
enum rx_answer rx_match(const struct rx *rx, const char *s, size_t n,
    size_t start, size_t *groups, size_t n_groups);
/* Adds `s` so that it matches only itself: every character that is no letter
 * or digit is escaped (V2). */
struct buf;
void rx_quote(struct buf *out, const char *s, size_t n);

#endif
