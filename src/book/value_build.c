#include "book/value.h"

#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/xalloc.h"
#include "base/xalloc.h"

#define SMALL_MAP 8        /* up to here looking at every key is quicker */

/* Open addressing; what the slots hold is the number of an entry + 1. */
struct value_index {
	uint64_t seed[2];
	size_t mask;
	uint32_t slots[];
};

static unsigned marks_of_member(struct value v)
{
	unsigned marks = v.flags & (VALUE_HOLDS_SECRET |
	    VALUE_HOLDS_FOREIGN | VALUE_HOLDS_UNKNOWN);

	if (v.flags & VALUE_SECRET)
		marks |= VALUE_HOLDS_SECRET;
	if (v.flags & VALUE_FOREIGN)
		marks |= VALUE_HOLDS_FOREIGN;
	if (v.type == VALUE_UNKNOWN)
		marks |= VALUE_HOLDS_UNKNOWN;
	return marks;
}

static void *grow(struct arena *a, const void *old, size_t n, size_t *cap,
    size_t size)
{
	void *items;

	*cap = *cap ? *cap * 2 : 4;
	items = arena_array(a, *cap, size);
	if (n)
		memcpy(items, old, n * size);
	return items;
}

void value_list_add(struct value_list *l, struct value v)
{
	if (l->n == l->cap)
		l->items = grow(l->arena, l->items, l->n, &l->cap,
		    sizeof *l->items);
	l->items[l->n++] = v;
	l->flags |= marks_of_member(v);
}

struct value value_list_done(const struct value_list *l)
{
	return (struct value){ .type = VALUE_LIST, .flags = l->flags,
		.u.list = { l->items, l->n } };
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = a;

	product *= b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Keys come from other people's programs: without a seed they could be chosen
 * so that all of them collide. */
static uint64_t hash(const struct value_index *x, const char *key, size_t n)
{
	uint64_t h = x->seed[0] ^ n, word;

	for (; n >= sizeof word; key += sizeof word, n -= sizeof word) {
		memcpy(&word, key, sizeof word);
		h = mix(h ^ word, x->seed[1]);
	}
	word = 0;
	memcpy(&word, key, n);
	return mix(h ^ word, x->seed[1] ^ 0x9e3779b97f4a7c15);
}

/* The slot that holds the key, or the free one where it would go. */
static size_t find_slot(const struct value_index *x,
    const struct value_entry *entries, const char *key, size_t n)
{
	size_t at = hash(x, key, n) & x->mask;
	const struct value_entry *e;

	for (; x->slots[at]; at = (at + 1) & x->mask) {
		e = &entries[x->slots[at] - 1];
		if (e->key_len == n && memcmp(e->key, key, n) == 0)
			break;
	}
	return at;
}

static struct value_index *index_new(struct arena *a, size_t slots)
{
	struct value_index *x = arena_alloc(a,
	    sizeof *x + slots * sizeof x->slots[0]);

	if (getrandom(x->seed, sizeof x->seed, GRND_NONBLOCK) < 0)
		x->seed[0] = (uintptr_t)x;
	x->seed[1] |= 1;
	x->mask = slots - 1;
	return x;
}

static void index_all(struct value_map *m)
{
	size_t i;

	if (m->cap >= UINT32_MAX / 4)
		BUG("a map of %zu keys", m->n);
	m->index = index_new(m->arena, m->cap * 2);
	for (i = 0; i < m->n; i++)
		m->index->slots[find_slot(m->index, m->entries,
		    m->entries[i].key, m->entries[i].key_len)] =
		    (uint32_t)i + 1;
}

/* Number of the entry, or n when there is none. */
static size_t find(const struct value_entry *entries, size_t count,
    const struct value_index *x, const char *key, size_t n)
{
	size_t i, slot;

	if (x) {
		slot = x->slots[find_slot(x, entries, key, n)];
		return slot ? slot - 1 : count;
	}
	for (i = 0; i < count; i++) {
		if (entries[i].key_len == n &&
		    memcmp(entries[i].key, key, n) == 0)
			break;
	}
	return i;
}

void value_map_put(struct value_map *m, const char *key, size_t n,
    struct value v)
{
	size_t i = find(m->entries, m->n, m->index, key, n);

	m->flags |= marks_of_member(v);
	if (i < m->n) {
		m->entries[i].value = v;
		return;
	}
	if (m->n == m->cap) {
		m->entries = grow(m->arena, m->entries, m->n, &m->cap,
		    sizeof *m->entries);
		if (m->cap > SMALL_MAP)
			index_all(m);
	}
	m->entries[m->n++] = (struct value_entry){
		arena_strndup(m->arena, key, n), n, v };
	if (m->index)
		m->index->slots[find_slot(m->index, m->entries, key, n)] =
		    (uint32_t)m->n;
}

struct value value_map_done(const struct value_map *m)
{
	return (struct value){ .type = VALUE_MAP, .flags = m->flags,
		.u.map = { m->entries, m->n, m->index } };
}

const struct value *value_member(struct value map, const char *key, size_t n)
{
	size_t i;

	if (map.type != VALUE_MAP)
		return NULL;
	i = find(map.u.map.entries, map.u.map.n, map.u.map.index, key, n);
	return i < map.u.map.n ? &map.u.map.entries[i].value : NULL;
}
