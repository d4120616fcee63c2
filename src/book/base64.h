/* Base64 (RFC 4648, with padding). Private to book/. */
#ifndef CAIRN_BOOK_BASE64_H
#define CAIRN_BOOK_BASE64_H

#include <stddef.h>

struct buf;

void base64_add(struct buf *out, const char *s, size_t n);
/* Appends what s stands for; -1 when it is no base64. */
int base64_read(struct buf *out, const char *s, size_t n);

#endif
