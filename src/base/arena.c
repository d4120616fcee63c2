#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/xalloc.h"

#define CHUNK_FIRST ((size_t)4096)
#define CHUNK_LARGEST ((size_t)1024 * 1024)
#define PAGE ((uintptr_t)4096)

struct chunk {
	struct chunk *next;
	_Alignas(max_align_t) char data[];
};

struct arena {
	struct chunk *chunks;
	char *at, *end;       /* what is free in the newest chunk */
	size_t next_size;
	size_t used;
};

struct arena *arena_new(void)
{
	struct arena *a = xcalloc(1, sizeof *a);

	a->next_size = CHUNK_FIRST;
	return a;
}

void arena_free(struct arena *a)
{
	struct chunk *c, *next;

	if (!a)
		return;
	for (c = a->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	free(a);
}

/* One call into the kernel for all pages of a large chunk instead of a fault
 * for each: most of the time of loading a large book. It may be refused. */
static void touch(char *p, size_t size)
{
	char *first = p + (-(uintptr_t)p & (PAGE - 1));

	if (size >= CHUNK_LARGEST / 4)
		(void)!madvise(first, (size_t)(p + size - first) & ~(PAGE - 1),
		    MADV_POPULATE_WRITE);
}

static struct chunk *add_chunk(struct arena *a, size_t size)
{
	struct chunk *c;

	if (size > SIZE_MAX - sizeof *c)
		BUG("arena: %zu bytes asked for", size);
	c = xcalloc(1, sizeof *c + size);
	c->next = a->chunks;
	a->chunks = c;
	touch(c->data, size);
	return c;
}

static void *from_new_chunk(struct arena *a, size_t size)
{
	struct chunk *c;

	if (size >= a->next_size / 4)
		return add_chunk(a, size)->data;
	c = add_chunk(a, a->next_size);
	a->at = c->data + size;
	a->end = c->data + a->next_size;
	if (a->next_size < CHUNK_LARGEST)
		a->next_size *= 2;
	return c->data;
}

static void *take(struct arena *a, size_t size, size_t align)
{
	size_t pad = -(uintptr_t)a->at & (align - 1);
	char *p;

	a->used += size;
	if ((size_t)(a->end - a->at) < pad ||
	    (size_t)(a->end - a->at) - pad < size)
		return from_new_chunk(a, size);
	p = a->at + pad;
	a->at = p + size;
	return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
	return take(a, size ? size : 1, _Alignof(max_align_t));
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		BUG("arena: %zu items of %zu bytes asked for", n, size);
	return arena_alloc(a, total);
}

void *arena_memdup(struct arena *a, const void *p, size_t size)
{
	void *copy = arena_alloc(a, size);

	if (size)
		memcpy(copy, p, size);
	return copy;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *copy;

	if (n == SIZE_MAX)
		BUG("arena: a string without end");
	copy = take(a, n + 1, 1);
	if (n)
		memcpy(copy, s, n);
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	char *s, *copy;

	va_start(args, format);
	s = xvasprintf(format, args);
	va_end(args);
	copy = arena_strdup(a, s);
	free(s);
	return copy;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}
