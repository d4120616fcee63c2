/* What targets for expressions and texts share: a scalar of a source, names
 * that have values, and everything printed. */
#ifndef CAIRN_TESTS_FUZZ_SCALAR_H
#define CAIRN_TESTS_FUZZ_SCALAR_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/source.h"
#include "base/str.h"
#include "book/value.h"
#include "yaml/node.h"

#define FUZZ_VALUE "'; touch /tmp/x #\"`$(id)"

struct scalar {
	struct arena *arena;
	struct source *source;
	struct node node;
};

/* False: not what a YAML file can hold. */
static inline bool scalar_init(struct scalar *s, const uint8_t *p, size_t n)
{
	memset(s, 0, sizeof *s);
	s->arena = arena_new();
	s->source = source_new("book.yaml", (const char *)p, n);
	s->node.type = NODE_SCALAR;
	s->node.style = STYLE_FOLDED;   /* errors point to its beginning */
	s->node.text = arena_strndup(s->arena, (const char *)p, n);
	s->node.len = n;
	s->node.mark.source = s->source;
	s->node.mark.line = 1;
	s->node.mark.col = 1;
	return utf8_valid((const char *)p, n) && memchr(p, '\0', n) == NULL;
}

static inline void scalar_free(struct scalar *s)
{
	arena_free(s->arena);
	source_free(s->source);
}

static inline int fuzz_get(void *ctx, const char *root, const char *name,
    struct arena *a, struct value *out, struct err *err)
{
	(void)ctx;
	(void)a;
	if (strcmp(root, "params") != 0 || name == NULL)
		return err_set(err, "no such name");
	if (name[0] < 'd')
		*out = value_static(FUZZ_VALUE);
	else if (name[0] < 'j')
		*out = value_int(-7);
	else if (name[0] < 'p')
		*out = (struct value){ .type = VALUE_LIST };
	else
		*out = value_null();
	return 0;
}

static inline void fuzz_show(struct value v)
{
	struct buf out = BUF_INIT(MIB);

	value_show(&out, v, 1000);
	buf_free(&out);
}

static inline void fuzz_print(const struct err *err)
{
	struct buf out = BUF_INIT(MIB);

	if (err->set) {
		err_print(err, &out);
		if (!out.cut && !utf8_valid(out.data, out.len))
			abort();
	}
	buf_free(&out);
}

#endif
