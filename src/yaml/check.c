#include "yaml/check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/source.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "yaml/node.h"
#include "yaml/spot.h"
#include "yaml/trap.h"

#define FEW_KEYS 24      /* comparing each with each is fastest up to here */

void check_key(const struct node *key, struct errs *errs)
{
	if (key->type != NODE_SCALAR) {
		trap_key(key, errs);
	} else if (key->len == 2 && memcmp(key->text, "<<", 2) == 0) {
		errs_add(errs, key->mark, "'<<' is not supported");
		errs_hint(errs, "write the keys out, or put them into "
		    "a template");
	} else if (key->len == 0 && key->style == STYLE_PLAIN) {
		errs_add(errs, key->mark, "a key is missing before ':'");
	} else if (strstr(key->text, "${{")) {
		errs_add(errs, key->mark,
		    "an expression cannot stand in a key");
	}
}

static void report(const struct node *first, const struct node *second,
    struct errs *errs)
{
	errs_add(errs, second->mark, "duplicate key '%s'", second->text);
	errs_hint(errs, "it stands in line %u already", first->mark.line);
}

static int compare_keys(const void *pa, const void *pb)
{
	const struct node *a = *(struct node *const *)pa;
	const struct node *b = *(struct node *const *)pb;
	size_t n = a->len < b->len ? a->len : b->len;
	int order = memcmp(a->text, b->text, n);

	if (order)
		return order;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	if (a->mark.line != b->mark.line)
		return a->mark.line < b->mark.line ? -1 : 1;
	return a->mark.col < b->mark.col ? -1 : a->mark.col > b->mark.col;
}

static bool same_key(const struct node *a, const struct node *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

static void check_many(const struct node *map, struct errs *errs)
{
	struct node **keys = xcalloc(map->count, sizeof *keys);
	size_t n = 0, i, first = 0;

	for (i = 0; i < map->count; i++) {
		if (map->entries[i].key->type == NODE_SCALAR)
			keys[n++] = map->entries[i].key;
	}
	qsort(keys, n, sizeof *keys, compare_keys);
	for (i = 1; i < n; i++) {
		if (same_key(keys[first], keys[i]))
			report(keys[first], keys[i], errs);
		else
			first = i;
	}
	free(keys);
}

static void check_few(const struct node *map, struct errs *errs)
{
	const struct node *key, *before;
	size_t i, j;

	for (i = 1; i < map->count; i++) {
		key = map->entries[i].key;
		for (j = 0; j < i && key->type == NODE_SCALAR; j++) {
			before = map->entries[j].key;
			if (before->type != NODE_SCALAR ||
			    !same_key(before, key))
				continue;
			report(before, key, errs);
			break;
		}
	}
}

void check_duplicates(const struct node *map, struct errs *errs)
{
	if (map->count > FEW_KEYS)
		check_many(map, errs);
	else
		check_few(map, errs);
}

static bool is_yaml_break(const char *s, size_t n)
{
	return (n >= 2 && memcmp(s, "\xc2\x85", 2) == 0) ||
	    (n >= 3 && memcmp(s, "\xe2\x80\xa8", 3) == 0) ||
	    (n >= 3 && memcmp(s, "\xe2\x80\xa9", 3) == 0);
}

/* Finds what is a line break to YAML and to no editor: lines would be counted
 * differently. */
static size_t find_break(const char *s, size_t n, char first)
{
	const char *p = s;

	while ((p = memchr(p, first, n - (size_t)(p - s)))) {
		if (is_yaml_break(p, n - (size_t)(p - s)))
			return (size_t)(p - s);
		p++;
	}
	return n;
}

int check_bytes(const struct source *s, struct errs *errs)
{
	size_t good = utf8_valid_prefix(s->text, s->len), at;

	if (good < s->len) {
		errs_add(errs, spot_mark_of_byte(s, good),
		    "byte \\x%02x is not UTF-8", (unsigned char)s->text[good]);
		return -1;
	}
	at = find_break(s->text, s->len, '\xc2');
	if (at == s->len)
		at = find_break(s->text, s->len, '\xe2');
	if (at == s->len)
		return 0;
	errs_add(errs, spot_mark_of_byte(s, at), "an invisible line break");
	errs_hint(errs, "write \"\\N\", \"\\L\" or \"\\P\" in double quotes if "
	    "U+0085, U+2028 or U+2029 is meant");
	return -1;
}
