/* Memory that dies together: a book, a plan, an attempt of a step. */
#ifndef CAIRN_BASE_ARENA_H
#define CAIRN_BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
/* Frees everything that was allocated from `a`. NULL is fine. */
void arena_free(struct arena *a);
/* Zeroed bytes, aligned for any type. Never NULL, never freed one by one. */
void *arena_alloc(struct arena *a, size_t size);
void *arena_array(struct arena *a, size_t n, size_t size);
void *arena_memdup(struct arena *a, const void *p, size_t size);
char *arena_strdup(struct arena *a, const char *s);
/* Copies n bytes and adds a NUL. */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Bytes handed out so far, for limits and tests. */
size_t arena_used(const struct arena *a);

#endif
