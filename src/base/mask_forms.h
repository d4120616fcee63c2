/* The forms in which a secret may turn up. Private to the mask. */
#ifndef CAIRN_BASE_MASK_FORMS_H
#define CAIRN_BASE_MASK_FORMS_H

#include <stddef.h>

/* Calls `add` with each form of the value: raw, without the newlines at its
 * end, each of its lines, base64 and base64url in three alignments, hex, URL,
 * JSON, shell and HTML. The same text may come twice. They are made in
 * `scratch`, which has room for MASK_SCRATCH(n) bytes. */
#define MASK_SCRATCH(n) (8 * (n) + 8)
void mask_forms(const char *value, size_t n, char *scratch,
    void (*add)(void *ctx, const char *form, size_t n), void *ctx);

#endif
