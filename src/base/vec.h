/* A typed growable array: `VEC(struct step *) steps;`, all-zero is empty. */
#ifndef CAIRN_BASE_VEC_H
#define CAIRN_BASE_VEC_H

#include <stddef.h>
#include <stdlib.h>

#include "base/xalloc.h"

#define VEC(type) struct { type *v; size_t n, cap; }

#define vec_push(vec, item) do { \
	if ((vec)->n == (vec)->cap) \
		(vec)->v = vec_grow((vec)->v, &(vec)->cap, sizeof *(vec)->v); \
	(vec)->v[(vec)->n++] = (item); \
} while (0)

#define vec_free(vec) do { \
	free((vec)->v); \
	(vec)->v = NULL; \
	(vec)->n = (vec)->cap = 0; \
} while (0)

/* Doubles the room; returns the new array. */
void *vec_grow(void *items, size_t *cap, size_t item_size);

#endif
