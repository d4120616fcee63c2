/* Finds many texts at once (Wu and Manber, 1994). Private to the mask. */
#ifndef CAIRN_BASE_MASK_MATCH_H
#define CAIRN_BASE_MASK_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MATCH_MIN 4         /* shorter texts are not looked for */

struct safe;

struct form {
	const char *p;
	size_t n;
	size_t secret;          /* whose form it is */
	uint32_t next;          /* in its bucket: number + 1, longest first */
	uint32_t next_first;    /* likewise, among those of one first byte */
};

/* Everything zero finds nothing: so it is in a forked child. */
struct matcher {
	struct form *forms;     /* longest first once built */
	size_t n, cap;
	size_t window;          /* bytes of each form that the tables know */
	size_t longest;
	uint32_t bucket[1024];  /* by the last two bytes of the window */
	uint32_t first[256];
	uint8_t shift[65536];   /* how far no form can end its window */
};

struct hit {
	size_t start, end;
	size_t secret;
};

/* Copies p into the safe, unless it is too short or there already. */
void matcher_add(struct matcher *m, struct safe *safe, const char *p, size_t n,
    size_t secret);
/* Makes the tables. After the last matcher_add. */
void matcher_build(struct matcher *m);
/* The first form at or behind `from`; of several there the longest. */
bool matcher_find(const struct matcher *m, const char *s, size_t n,
    size_t from, struct hit *hit);
/* Where the first form begins that s may be cut in, or n. */
size_t matcher_unfinished(const struct matcher *m, const char *s, size_t n);

#endif
