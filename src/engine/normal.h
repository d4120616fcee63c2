/* Output as patterns and expressions see it (language.md 3): escape sequences
 * removed, CRLF to LF, what a lone CR overwrote removed. */
#ifndef CAIRN_ENGINE_NORMAL_H
#define CAIRN_ENGINE_NORMAL_H

#include <stddef.h>

struct buf;

void normal_text(struct buf *out, const char *s, size_t n);

#endif
