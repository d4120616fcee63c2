/* Memory that is always there, and the way to die when the program itself is
 * wrong. Running out of memory ends the process like any other crash: the
 * journal is made for that. */
#ifndef CAIRN_BASE_XALLOC_H
#define CAIRN_BASE_XALLOC_H

#include <stdarg.h>
#include <stddef.h>

/* As malloc, calloc, realloc, strdup, strndup, asprintf; never NULL. */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *format, va_list args)
    __attribute__((format(printf, 1, 0)));

/* A broken invariant of cairn itself: prints where, and aborts. */
#define BUG(...) bug(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void bug(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
