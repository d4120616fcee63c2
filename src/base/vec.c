#include "base/vec.h"

void *vec_grow(void *items, size_t *cap, size_t item_size)
{
	size_t wanted = *cap ? *cap : 8;

	if (*cap && __builtin_mul_overflow(*cap, (size_t)2, &wanted))
		BUG("vec: %zu items are too many", *cap);
	items = xreallocarray(items, wanted, item_size);
	*cap = wanted;
	return items;
}
