/* What the tests of shell text and argument lists share: texts made from
 * strings, and a scope with a few params. */
#ifndef CAIRN_TESTS_BOOK_SHELL_HELP_H
#define CAIRN_TESTS_BOOK_SHELL_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/source.h"
#include "book/shell.h"
#include "yaml/node.h"

#define X "${{ params.x }}"
#define P "printf %s "

struct fixture {
	struct arena *arena;
	struct source *source;
	struct value x, y, list, nothing, none;
};

static inline int fixture_get(void *ctx, const char *root, const char *name,
    struct arena *a, struct value *out, struct err *err)
{
	struct fixture *f = ctx;

	(void)a;
	if (strcmp(root, "params") != 0 || !name)
		return err_set(err, "no such name");
	if (strcmp(name, "x") == 0)
		*out = f->x;
	else if (strcmp(name, "y") == 0)
		*out = f->y;
	else if (strcmp(name, "list") == 0)
		*out = f->list;
	else if (strcmp(name, "none") == 0)
		*out = f->none;
	else
		*out = f->nothing;
	return 0;
}

static inline void fixture_init(struct fixture *f)
{
	memset(f, 0, sizeof *f);
	f->arena = arena_new();
	f->x = f->y = value_static("value");
	f->list = f->none = (struct value) { .type = VALUE_LIST };
	f->nothing = value_null();
}

static inline void fixture_free(struct fixture *f)
{
	source_free(f->source);
	arena_free(f->arena);
}

static inline struct scope fixture_scope(struct fixture *f)
{
	return (struct scope) { .get = fixture_get, .ctx = f };
}

/* A literal block would be found at its own lines; this is close enough. */
static inline struct text *fixture_text(struct fixture *f, const char *s,
    size_t n)
{
	struct node *node = arena_alloc(f->arena, sizeof *node);
	struct err err = ERR_INIT;
	struct text *t;

	if (!f->source)
		f->source = source_new("test", s, n);
	node->type = NODE_SCALAR;
	node->style = STYLE_FOLDED;
	node->mark = (struct mark) { f->source, 1, 1 };
	node->text = arena_strndup(f->arena, s, n);
	node->len = n;
	t = text_parse(f->arena, node, &err);
	if (!t)
		fail_msg("%s: %s", s, err.text);
	return t;
}

/* All errors with their hints, one a line. */
static inline char *fixture_errors(const struct errs *errs)
{
	struct buf b = BUF_INIT(1 << 20);
	size_t i;

	for (i = 0; i < errs->list.n; i++)
		buf_addf(&b, "%s; %s\n", errs->list.v[i].text,
		    errs->list.v[i].hint ? errs->list.v[i].hint : "");
	return buf_detach(&b, NULL);
}

static inline void compile(struct fixture *f, const char *s,
    struct shell_text *out)
{
	struct errs errs = { 0 };
	char *all;

	if (shell_compile(f->arena, fixture_text(f, s, strlen(s)), out,
	    &errs) == -1) {
		all = fixture_errors(&errs);
		fail_msg("%s\nrefused: %s", s, all);
	}
	errs_free(&errs);
}

#endif
