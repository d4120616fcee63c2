/* What YAML says, before anybody knows what it means. Every node keeps its
 * place to the end. Nodes live in the arena that they were loaded into. */
#ifndef CAIRN_YAML_NODE_H
#define CAIRN_YAML_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum node_type { NODE_SCALAR, NODE_LIST, NODE_MAP };

enum node_style { STYLE_PLAIN, STYLE_SINGLE, STYLE_DOUBLE, STYLE_LITERAL,
	STYLE_FOLDED };

struct node;

struct node_entry {
	struct node *key;         /* a scalar */
	struct node *value;
};

/* Small, because a large book has some hundred thousand of them. */
struct node {
	enum node_type type : 8;
	enum node_style style : 8;  /* of a scalar */
	bool flow;                /* a list or map written with brackets */
	unsigned indent;          /* block scalars: columns that were removed */
	struct mark mark;         /* of its first character, quote or bracket */
	unsigned end_line;        /* just behind its last character */
	unsigned end_col;
	union {
		const char *text;         /* scalar: NUL-terminated */
		struct node **items;      /* list */
		struct node_entry *entries;  /* map, in order */
	};
	union {
		size_t len;               /* scalar: bytes */
		size_t count;             /* of items or entries */
	};
};

/* The value of `key` in a map, or NULL. */
struct node *node_get(const struct node *map, const char *key);
/* "text", "nothing" (of null), "a list", "a map", for messages. */
const char *node_type_name(const struct node *n);
/* The place of byte `offset` of a scalar's value, as exactly as the style
 * allows: plain and quoted on one line, literal blocks; else the beginning. */
struct mark node_mark_at(const struct node *scalar, size_t offset);
/* A plain scalar that reads null, ~ or nothing. */
bool node_is_null(const struct node *n);
/* A plain scalar that is followed by " #": did YAML cut the rest off? */
bool node_is_cut(const struct node *scalar);

#endif
