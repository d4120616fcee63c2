/* String keys to pointers, in the order of insertion. */
#ifndef CAIRN_BASE_MAP_H
#define CAIRN_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct map;

struct map *map_new(void);
/* Frees the map and its copies of the keys, not what the values point to. */
void map_free(struct map *m);
/* NULL when absent (a NULL value cannot be told from absence). */
void *map_get(const struct map *m, const char *key);
void *map_getn(const struct map *m, const char *key, size_t n);
/* Copies the key. Replaces the value of a present key and keeps its place. */
void map_put(struct map *m, const char *key, void *value);
size_t map_count(const struct map *m);
/* Key and value number i, 0 <= i < map_count(m), in order of insertion. */
const char *map_key(const struct map *m, size_t i);
void *map_value(const struct map *m, size_t i);

#endif
