/* A terminal with finished lines above and a small block below that is drawn
 * again and again. Nothing is set on the terminal, neither modes nor a cursor
 * nor another screen: so there is nothing to give back, however we end. */
#ifndef CAIRN_CLI_SCREEN_H
#define CAIRN_CLI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct screen;

/* NULL when `fd` is no terminal, or one on which nothing can be drawn again
 * (TERM unset or dumb). */
struct screen *screen_new(int fd);
/* Takes the block away and frees. NULL is fine. */
void screen_free(struct screen *s);
/* Appends finished lines above the block. They must be escaped already. */
void screen_lines(struct screen *s, const struct buf *lines);
/* The block from now on: lines, escaped, each cut to the width of the window,
 * and no more than leave two lines of it free. Empty: none. */
void screen_block(struct screen *s, const struct buf *block);
/* Columns that a character of a line takes; -1 and `*len` 1 for a byte that is
 * none. *len: its bytes. */
int screen_width(const char *p, size_t n, size_t *len);
/* Bytes of the first line of `s` that fit into `columns`. */
size_t screen_fit(const char *s, size_t n, size_t columns);

#endif
