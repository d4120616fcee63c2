#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/xalloc.h"

#define CHUNK_FIRST ((size_t)4096)
#define CHUNK_LARGEST ((size_t)4096 * 1024)

/* Chunks of at least so many bytes are huge pages where the system has them:
 * the first touch of each page is most of the time of loading a large book. A
 * leak checker follows only what malloc gave. */
#define HUGE_PAGE ((size_t)2048 * 1024)
#if defined(__SANITIZE_ADDRESS__)
#define MAPPED SIZE_MAX
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MAPPED SIZE_MAX
#endif
#endif
#ifndef MAPPED
#define MAPPED HUGE_PAGE
#endif

struct chunk {
	struct chunk *next;
	size_t mapped;        /* bytes from mmap; 0: from malloc */
	_Alignas(max_align_t) char data[];
};
#define HEAD offsetof(struct chunk, data)

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
		if (c->mapped)
			munmap(c, c->mapped);
		else
			free(c);
	}
	free(a);
}

static struct chunk *map_chunk(size_t size)
{
	size_t whole = (size + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1), before;
	char *p = mmap(NULL, whole + HUGE_PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct chunk *c;

	if (p == MAP_FAILED)
		return xcalloc(1, size);
	before = -(uintptr_t)p & (HUGE_PAGE - 1);
	if (before)
		munmap(p, before);
	munmap(p + before + whole, HUGE_PAGE - before);
	(void)!madvise(p + before, whole, MADV_HUGEPAGE);
	c = (struct chunk *)(p + before);
	c->mapped = whole;
	return c;
}

static struct chunk *add_chunk(struct arena *a, size_t size)
{
	struct chunk *c;

	if (size > SIZE_MAX / 2)
		BUG("arena: %zu bytes asked for", size);
	size += HEAD;
	c = size < MAPPED ? xcalloc(1, size) : map_chunk(size);
	c->next = a->chunks;
	a->chunks = c;
	return c;
}

static void *from_new_chunk(struct arena *a, size_t size)
{
	struct chunk *c;

	if (size >= a->next_size / 4)
		return add_chunk(a, size)->data;
	c = add_chunk(a, a->next_size - HEAD);
	a->at = c->data + size;
	a->end = (char *)c + a->next_size;
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
