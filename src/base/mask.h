/* The registry of secrets and the one sink that hides them (security.md S5,
 * S6). Values stay in memory that is not swapped where allowed, and is gone
 * in forked children. */
#ifndef CAIRN_BASE_MASK_H
#define CAIRN_BASE_MASK_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct mask;

struct mask *mask_new(void);
/* Wipes and frees. */
void mask_free(struct mask *m);
/* From now on `value`, and its forms raw, each line of at least SECRET_MIN
 * bytes, base64 in three alignments (also url-safe, also broken into lines),
 * hex, URL, JSON, shell and HTML, are replaced by "[secret:NAME]". `weak` ones
 * are not searched for, nor are forms of fewer than 4 bytes. A new value of a
 * known name comes in addition: the old one stays hidden. */
void mask_add(struct mask *m, const char *name, const char *value, size_t n,
    bool weak);
bool mask_has(const struct mask *m, const char *name);
/* The value of a registered secret, valid until mask_free; NULL if unknown. */
const char *mask_value(const struct mask *m, const char *name, size_t *n);
/* Appends s with every secret replaced, the longest form first. Returns
 * whether something was hidden. */
bool mask_text(const struct mask *m, struct buf *out, const char *s, size_t n);
/* Does a registered secret stand in s, in any form? *name says which. */
bool mask_finds(const struct mask *m, const char *s, size_t n,
    const char **name);

/* For a stream: what could be the beginning of a secret is held back until
 * the next chunk, or until mask_stream_end, after which it may go on: so a
 * line that nothing follows can be shown. */
struct mask_stream;
struct mask_stream *mask_stream_new(const struct mask *m);
bool mask_stream_add(struct mask_stream *st, struct buf *out, const char *s,
    size_t n);
bool mask_stream_end(struct mask_stream *st, struct buf *out);
void mask_stream_free(struct mask_stream *st);

#endif
