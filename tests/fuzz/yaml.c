/* Any bytes are a book or errors that can be printed. */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/source.h"
#include "base/str.h"
#include "yaml/load.h"
#include "yaml/node.h"

static void walk(const struct node *n, unsigned depth)
{
	size_t i;

	if (depth > LIMIT_YAML_DEPTH)
		abort();
	if (n->type == NODE_SCALAR) {
		for (i = 0; i <= n->len; i += 1 + n->len / 16)
			node_mark_at(n, i);
		node_is_cut(n);
		return;
	}
	for (i = 0; i < n->count; i++) {
		if (n->type == NODE_LIST) {
			walk(n->items[i], depth + 1);
		} else {
			walk(n->entries[i].key, depth + 1);
			walk(n->entries[i].value, depth + 1);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct source *source = source_new("book.yaml", (const char *)p, n);
	struct arena *arena = arena_new();
	struct errs errs = { 0 };
	struct buf printed = BUF_INIT(MIB);
	struct node *root = yaml_load(arena, source, &errs);

	if ((root == NULL) != (errs.list.n > 0))
		abort();
	if (root)
		walk(root, 0);
	errs_sort(&errs);
	errs_print(&errs, &printed);
	if (!printed.cut && !utf8_valid(printed.data, printed.len))
		abort();
	buf_free(&printed);
	errs_free(&errs);
	arena_free(arena);
	source_free(source);
	return 0;
}
