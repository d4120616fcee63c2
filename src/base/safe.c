#include "base/safe.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/vec.h"
#include "base/xalloc.h"

#define CHUNK ((size_t)64 * 1024)

struct chunk {
	char *data;
	size_t size, used;
};

struct safe {
	VEC(struct chunk) chunks;
};

struct safe *safe_new(void)
{
	return xcalloc(1, sizeof(struct safe));
}

void safe_free(struct safe *s)
{
	size_t i;

	if (!s)
		return;
	for (i = 0; i < s->chunks.n; i++) {
		explicit_bzero(s->chunks.v[i].data, s->chunks.v[i].used);
		munmap(s->chunks.v[i].data, s->chunks.v[i].size);
	}
	vec_free(&s->chunks);
	free(s);
}

static size_t rounded(size_t size, size_t to)
{
	if (size > SIZE_MAX / 2)
		BUG("safe: %zu bytes asked for", size);
	return (size + to - 1) / to * to;
}

static struct chunk *add_chunk(struct safe *s, size_t size)
{
	struct chunk c = { .size = rounded(size, CHUNK) };

	c.data = mmap(NULL, c.size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (c.data == MAP_FAILED)
		BUG("no memory for secrets");
	/* Each of these may be refused: by a limit, or by an old kernel. */
	(void)!mlock(c.data, c.size);
	(void)!madvise(c.data, c.size, MADV_WIPEONFORK);
	(void)!madvise(c.data, c.size, MADV_DONTDUMP);
	vec_push(&s->chunks, c);
	return &s->chunks.v[s->chunks.n - 1];
}

void *safe_alloc(struct safe *s, size_t size)
{
	struct chunk *c = s->chunks.n ? &s->chunks.v[s->chunks.n - 1] : NULL;
	char *p;

	size = rounded(size ? size : 1, _Alignof(max_align_t));
	if (!c || c->size - c->used < size)
		c = add_chunk(s, size);
	p = c->data + c->used;
	c->used += size;
	return p;
}
