/* Memory for secrets: not swapped and not dumped where the system allows it,
 * zeroed in forked children, wiped at the end (security.md S5). */
#ifndef CAIRN_BASE_SAFE_H
#define CAIRN_BASE_SAFE_H

#include <stddef.h>

struct safe;

struct safe *safe_new(void);
/* Wipes and frees all of it. NULL is fine. */
void safe_free(struct safe *s);
/* Zeroed bytes, aligned for any type. */
void *safe_alloc(struct safe *s, size_t size);

#endif
