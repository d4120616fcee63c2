#include "base/map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/xalloc.h"

struct entry {
	const char *key;
	size_t len;
	uint64_t hash;
	void *value;
};

struct map {
	struct arena *keys;
	struct entry *entries;     /* in order of insertion */
	size_t count, cap;
	uint32_t *slots;           /* number of an entry + 1; 0 is free */
	size_t slot_count;         /* a power of two, 0 before the first key */
	uint64_t seed[2];
};

struct map *map_new(void)
{
	struct map *m = xcalloc(1, sizeof *m);

	m->keys = arena_new();
	/* Without randomness the map is only easier to slow down. */
	if (getrandom(m->seed, sizeof m->seed, GRND_NONBLOCK) < 0)
		m->seed[0] = (uintptr_t)m;
	return m;
}

void map_free(struct map *m)
{
	if (!m)
		return;
	arena_free(m->keys);
	free(m->entries);
	free(m->slots);
	free(m);
}

static uint64_t rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

/* SipHash-1-3: keys come from books nobody has read, and a hash without a
 * seed could be made to collide for all of them. */
static uint64_t hash_key(const struct map *m, const char *key, size_t n)
{
	uint64_t v[4] = {
		m->seed[0] ^ 0x736f6d6570736575,
		m->seed[1] ^ 0x646f72616e646f6d,
		m->seed[0] ^ 0x6c7967656e657261,
		m->seed[1] ^ 0x7465646279746573,
	};
	uint64_t word;
	size_t i;

	for (i = 0; i + 8 <= n; i += 8) {
		memcpy(&word, key + i, 8);
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	word = (uint64_t)n << 56;
	memcpy(&word, key + i, n - i);
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
	v[2] ^= 0xff;
	for (i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* The slot that holds the key, or the free one where it would go. */
static uint32_t *find_slot(const struct map *m, const char *key, size_t n,
    uint64_t hash)
{
	size_t mask = m->slot_count - 1, i;
	const struct entry *e;

	for (i = hash & mask; m->slots[i]; i = (i + 1) & mask) {
		e = &m->entries[m->slots[i] - 1];
		if (e->hash == hash && e->len == n &&
		    memcmp(e->key, key, n) == 0)
			break;
	}
	return &m->slots[i];
}

static void grow(struct map *m)
{
	size_t i, at, mask;

	if (m->count >= UINT32_MAX / 4)
		BUG("map: %zu keys are too many", m->count);
	m->cap = m->cap ? m->cap * 2 : 8;
	m->entries = xreallocarray(m->entries, m->cap, sizeof *m->entries);
	free(m->slots);
	m->slot_count = m->cap * 2;
	m->slots = xcalloc(m->slot_count, sizeof *m->slots);
	mask = m->slot_count - 1;
	for (i = 0; i < m->count; i++) {
		at = m->entries[i].hash & mask;
		while (m->slots[at])
			at = (at + 1) & mask;
		m->slots[at] = (uint32_t)i + 1;
	}
}

void *map_getn(const struct map *m, const char *key, size_t n)
{
	uint32_t slot;

	if (m->count == 0)
		return NULL;
	slot = *find_slot(m, key, n, hash_key(m, key, n));
	return slot ? m->entries[slot - 1].value : NULL;
}

void *map_get(const struct map *m, const char *key)
{
	return map_getn(m, key, strlen(key));
}

void map_put(struct map *m, const char *key, void *value)
{
	size_t n = strlen(key);
	uint64_t hash = hash_key(m, key, n);
	uint32_t *slot;

	if (m->count == m->cap)
		grow(m);
	slot = find_slot(m, key, n, hash);
	if (*slot) {
		m->entries[*slot - 1].value = value;
		return;
	}
	m->entries[m->count++] = (struct entry){
		arena_strndup(m->keys, key, n), n, hash, value };
	*slot = (uint32_t)m->count;
}

size_t map_count(const struct map *m)
{
	return m->count;
}

const char *map_key(const struct map *m, size_t i)
{
	return m->entries[i].key;
}

void *map_value(const struct map *m, size_t i)
{
	return m->entries[i].value;
}
