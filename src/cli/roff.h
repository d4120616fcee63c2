/* Text for manual pages (man macros). */
#ifndef CAIRN_CLI_ROFF_H
#define CAIRN_CLI_ROFF_H

struct buf;

/* Running text, on a line of its own: nothing in it is a command of roff;
 * what stands between backticks becomes bold. */
void roff_text(struct buf *out, const char *text);
/* A line of a macro: .SS "a title". */
void roff_macro(struct buf *out, const char *macro, const char *text);

#endif
