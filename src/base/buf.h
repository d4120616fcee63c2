/* Growable bytes with a ceiling; the only string builder.
 *
 * `data` is never NULL and always has a NUL behind its `len` bytes. What would
 * go over `max` is dropped and `cut` is set: a limit is never silent. */
#ifndef CAIRN_BASE_BUF_H
#define CAIRN_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data;   /* BUF_EMPTY or allocated */
	size_t len;   /* bytes in use, without the NUL */
	size_t cap;   /* bytes allocated; 0 while data is BUF_EMPTY */
	size_t max;   /* the ceiling for len */
	bool cut;     /* something was dropped */
};

extern char buf_empty[1];
#define BUF_INIT(ceiling) { buf_empty, 0, 0, (ceiling), false }

void buf_init(struct buf *b, size_t max);
/* Frees, and leaves an empty buffer with the same ceiling. */
void buf_free(struct buf *b);
/* Keeps the memory, forgets content and `cut`. */
void buf_reset(struct buf *b);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_addc(struct buf *b, char c);
void buf_adds(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
/* Removes the first n bytes. */
void buf_drop(struct buf *b, size_t n);
/* Cuts to n bytes; n <= len. */
void buf_truncate(struct buf *b, size_t n);
/* Hands the allocated, NUL-terminated bytes to the caller; b is empty after.
 * `len` may be NULL. */
char *buf_detach(struct buf *b, size_t *len);

#endif
